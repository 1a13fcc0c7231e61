//! When times would run that are no schedule yet: for whoever is about to make one.

use axum::extract::State;
use jiff::Timestamp;
use utoipa::ToSchema;

use super::super::body::Sent;
use super::super::envelope::{Answered, Envelope, Success};
use super::super::fields::{Fields, FromFields as _};
use super::{MomentItem, NextFilter, NextRuns, ScheduleEntry, SlotItem, rule};
use crate::schedules::Moment;
use crate::state::AppState;

/// When, as in `POST /schedules`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read name by name")]
pub struct ScheduleTiming {
    #[schema(required = false, example = json!(["09:00", "18:30"]))]
    times: Vec<String>,
    #[schema(required = false, example = json!(["mon-fri"]))]
    weekdays: Vec<String>,
    #[schema(nullable)]
    slots: Option<Vec<SlotItem>>,
    #[schema(example = "0 9 * * mon-fri")]
    cron: Option<String>,
    #[schema(example = "Europe/Stockholm")]
    time_zone: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_from: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Timestamp>,
    /// How many moments are wanted, 1 to 1000.
    #[schema(required = false, default = 10, minimum = 1, maximum = 1000)]
    count: u32,
}

/// The next runs of times that are no schedule yet; nothing is kept of them
#[utoipa::path(post, path = "/schedules/next", tag = "schedules", request_body = ScheduleTiming,
    responses(
        (status = 200, description = "The next runs; none where none comes any more", body = Envelope<NextRuns>),
        (status = 400, description = "40001: what is wrong with the times; the message names the field"),
    ))]
pub async fn upcoming(State(state): State<AppState>, Sent(fields): Sent<Fields>) -> Answered<NextRuns> {
    let entry = ScheduleEntry::of_timing(&fields)?;
    let count = NextFilter::from_fields(&fields)?.count;
    let rule = rule(&state, &entry.spec, 0)?;
    let first = rule.first_after(state.clock.now());
    // How runs are spread goes by the id, which there is none of yet.
    let due = |moment: Moment| Moment {
        at: moment.due,
        ..moment
    };
    let moments = std::iter::successors(first, |last| rule.first_after(last.due)).map(due);
    let next_runs = moments
        .take(count)
        .map(|moment| MomentItem::of(moment, &rule))
        .collect();
    Ok(Success(NextRuns { next_runs }))
}
