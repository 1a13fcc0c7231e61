//! How the flows fare: runs and failures by the app's version and the phone's language, and what they fail over.

use std::collections::BTreeMap;

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::envelope::{Answered, ApiError, Envelope, Success};
use crate::http::fields::{Asked, Fields, FromFields};
use crate::state::AppState;
use crate::store::{FlowRuns, MissedElement};

/// Kinds that are told of a flow.
const MOST_KINDS: usize = 5;

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatsWish {
    /// Of the last so many days.
    #[param(default = 7, minimum = 1, maximum = 90, required = false)]
    pub days: u32,
}

impl FromFields for StatsWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let days = fields.number("days", 1..=90)?.unwrap_or(7);
        Ok(Self { days: days as u32 })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FlowStatList {
    pub days: u32,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Those that were run, by platform and name.
    pub flows: Vec<FlowStat>,
}

/// How a flow fared. An attempt that was refused, put off, stopped by hand or lost with its host, or that came as far as a
/// person's part, says nothing of the flow and is not counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowStat {
    #[schema(example = "tiktok")]
    pub platform: String,
    #[schema(example = "post")]
    pub name: String,
    /// Attempts that came to an end.
    pub runs: u64,
    pub completed: u64,
    pub failed: u64,
    /// From 0 to 1.
    pub success_rate: f64,
    /// The same by version and language, the most runs first.
    pub by: Vec<VersionStat>,
    /// The most frequent kinds of failure.
    pub errors: Vec<ErrorStat>,
    /// Elements that did not come up, the most frequent first.
    pub missing: Vec<MissingStat>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionStat {
    /// The app's; `null` where the app never came up.
    pub app_version: Option<String>,
    /// The phone's; `null` where no failed attempt on that phone has told it yet.
    pub language: Option<String>,
    pub runs: u64,
    pub completed: u64,
    pub failed: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorStat {
    #[schema(example = "element_missing")]
    pub kind: String,
    pub count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MissingStat {
    #[schema(example = "post_button")]
    pub element: String,
    /// The pack that has it.
    pub pack: String,
    pub count: u64,
    /// The last task that missed it.
    pub task: i64,
}

/// Runs, success and failures of each flow, by version and language
#[utoipa::path(get, path = "/flows/stats", tag = "flows", params(StatsWish),
    responses((status = 200, description = "The numbers", body = Envelope<FlowStatList>)))]
pub async fn stats(State(state): State<AppState>, Asked(wish): Asked<StatsWish>) -> Answered<FlowStatList> {
    let ago = SignedDuration::from_hours(24 * i64::from(wish.days));
    let since = state
        .store
        .now()
        .saturating_sub(ago)
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let (runs, missed) = state.store.flow_runs(since).await?;
    let mut flows = told(runs);
    add_missing(&state, &mut flows, missed);
    Ok(Success(FlowStatList {
        days: wish.days,
        since,
        flows,
    }))
}

fn told(runs: Vec<FlowRuns>) -> Vec<FlowStat> {
    let mut flows: BTreeMap<(String, String), Vec<FlowRuns>> = BTreeMap::new();
    for one in runs {
        let key = (one.platform.clone(), one.script.clone());
        flows.entry(key).or_default().push(one);
    }
    let stats = flows.into_iter().map(|((platform, name), runs)| {
        let mut by: BTreeMap<(Option<String>, Option<String>), VersionStat> = BTreeMap::new();
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        for run in runs {
            let key = (run.app_version.clone(), run.language.clone());
            let stat = by.entry(key).or_insert_with(|| VersionStat {
                app_version: run.app_version,
                language: run.language,
                runs: 0,
                completed: 0,
                failed: 0,
            });
            stat.runs += run.count;
            if run.outcome == "done" {
                stat.completed += run.count;
            } else {
                stat.failed += run.count;
                *kinds.entry(run.outcome).or_default() += run.count;
            }
        }
        let mut by: Vec<VersionStat> = by.into_values().collect();
        by.sort_by_key(|stat| std::cmp::Reverse(stat.runs));
        let mut errors: Vec<ErrorStat> = kinds
            .into_iter()
            .map(|(kind, count)| ErrorStat { kind, count })
            .collect();
        errors.sort_by_key(|error| std::cmp::Reverse(error.count));
        errors.truncate(MOST_KINDS);
        let sum = |of: fn(&VersionStat) -> u64| by.iter().map(of).sum::<u64>();
        let (runs, completed, failed) = (
            sum(|stat| stat.runs),
            sum(|stat| stat.completed),
            sum(|stat| stat.failed),
        );
        FlowStat {
            platform,
            name,
            runs,
            completed,
            failed,
            success_rate: if runs == 0 {
                0.0
            } else {
                completed as f64 / runs as f64
            },
            by,
            errors,
            missing: Vec::new(),
        }
    });
    stats.collect()
}

/// Names the elements by the messages of what failed over them.
fn add_missing(state: &AppState, flows: &mut [FlowStat], missed: Vec<MissedElement>) {
    let packs = state.packs.get();
    for one in missed {
        let Some(flow) = flows
            .iter_mut()
            .find(|flow| flow.platform == one.platform && flow.name == one.script)
        else {
            continue;
        };
        let Some(pack) = packs.find(&one.platform, &one.script) else {
            continue;
        };
        let Some(element) = super::element_in(pack, &one.message) else {
            continue;
        };
        match flow.missing.iter_mut().find(|known| known.element == element) {
            Some(known) => {
                known.count += one.count;
                known.task = known.task.max(one.task);
            }
            None => flow.missing.push(MissingStat {
                element: element.to_owned(),
                pack: pack.name.clone(),
                count: one.count,
                task: one.task,
            }),
        }
    }
    for flow in flows {
        flow.missing.sort_by_key(|one| std::cmp::Reverse(one.count));
        flow.missing.truncate(MOST_KINDS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_summed_up_by_flow_and_by_version_and_language() {
        let run =
            |script: &str, version: Option<&str>, language: Option<&str>, outcome: &str, count| FlowRuns {
                platform: "tiktok".to_owned(),
                script: script.to_owned(),
                app_version: version.map(str::to_owned),
                language: language.map(str::to_owned),
                outcome: outcome.to_owned(),
                count,
            };
        let flows = told(vec![
            run("post", Some("43.1"), Some("fr"), "done", 3),
            run("post", Some("43.1"), Some("fr"), "element_missing", 1),
            run("post", Some("44.0"), None, "done", 9),
            run("post", None, None, "app_missing", 2),
            run("like", Some("44.0"), None, "done", 1),
        ]);
        let numbers: Vec<_> = flows
            .iter()
            .map(|flow| (flow.name.as_str(), flow.runs, flow.completed, flow.failed))
            .collect();
        assert_eq!(numbers, [("like", 1, 1, 0), ("post", 15, 12, 3)]);
        let post = &flows[1];
        assert!((post.success_rate - 0.8).abs() < 1e-9);
        let by: Vec<_> = post
            .by
            .iter()
            .map(|stat| {
                (
                    stat.app_version.as_deref(),
                    stat.language.as_deref(),
                    stat.runs,
                    stat.failed,
                )
            })
            .collect();
        assert_eq!(
            by,
            [
                (Some("44.0"), None, 9, 0),
                (Some("43.1"), Some("fr"), 4, 1),
                (None, None, 2, 2)
            ]
        );
        let errors: Vec<_> = post
            .errors
            .iter()
            .map(|one| (one.kind.as_str(), one.count))
            .collect();
        assert_eq!(errors, [("app_missing", 2), ("element_missing", 1)]);
    }
}
