//! How the flows fared, in numbers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::session::{made_sql, sql};

/// What says nothing of a flow: it was not begun, was put off or stopped, or its host was lost; or it came as far as a
/// person's part.
const NOT_COUNTED: &str = "('refused', 'host_lost', 'stopped', 'deferred', 'held', 'recovering', 'controller_away', \
     'need_person:captcha', 'need_person:code', 'need_person:approve', 'need_person:selfie', 'need_person:id', 'need_person:consent')";
/// Messages that are looked at.
const MOST_MESSAGES: i64 = 500;

/// Attempts of one flow with one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRuns {
    pub platform: String,
    pub script: String,
    pub app_version: Option<String>,
    pub language: Option<String>,
    /// done, or the kind of failure.
    pub outcome: String,
    pub count: u64,
}

/// Attempts of one flow that failed with one message, over an element that was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedElement {
    pub platform: String,
    pub script: String,
    pub message: String,
    pub count: u64,
    /// The last one's.
    pub task: i64,
}

impl Store {
    /// The attempts that were handed out since a time and came to an end. The language is the attempt's own; where it was
    /// not told, as by an agent of before, the one that its phone had last.
    pub async fn flow_runs(
        &self,
        since: Timestamp,
    ) -> Result<(Vec<FlowRuns>, Vec<MissedElement>), StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let mut spoken: BTreeMap<String, (Timestamp, String)> = BTreeMap::new();
                let rows = sql(
                    "SELECT serial, language, MAX(handed_at) AS handed_at FROM attempts WHERE language IS NOT NULL \
                     GROUP BY serial, language",
                )
                .rows(session)
                .await?;
                for row in &rows {
                    let row = row.of("attempts", "serial");
                    let (serial, now) = (row.text("serial")?, (row.time("handed_at")?, row.text("language")?));
                    let known = spoken.entry(serial).or_insert_with(|| now.clone());
                    if known.0 < now.0 {
                        *known = now;
                    }
                }
                let rows = made_sql(format!(
                    "SELECT t.platform, t.script, a.serial, a.app_version, a.language, a.outcome, COUNT(*) AS number \
                     FROM attempts a JOIN tasks t ON t.id = a.task_id WHERE a.handed_at >= $1 \
                     AND a.outcome NOT IN {NOT_COUNTED} \
                     GROUP BY t.platform, t.script, a.serial, a.app_version, a.language, a.outcome"
                ))
                .bind(since)
                .rows(session)
                .await?;
                let mut runs = Vec::new();
                for row in &rows {
                    let row = row.of("attempts", "outcome");
                    let own = row.optional_text("language")?;
                    let serial = row.text("serial")?;
                    runs.push(FlowRuns {
                        platform: row.text("platform")?,
                        script: row.text("script")?,
                        app_version: row.optional_text("app_version")?,
                        language: own.or_else(|| spoken.get(&serial).map(|(_, language)| language.clone())),
                        outcome: row.text("outcome")?,
                        count: row.number("number")?,
                    });
                }
                let rows = sql(
                    "SELECT t.platform, t.script, a.message, COUNT(*) AS number, MAX(a.task_id) AS task_id \
                     FROM attempts a JOIN tasks t ON t.id = a.task_id WHERE a.handed_at >= $1 \
                     AND a.outcome = 'element_missing' AND a.message IS NOT NULL \
                     GROUP BY t.platform, t.script, a.message ORDER BY number DESC LIMIT $2",
                )
                .bind(since)
                .bind(MOST_MESSAGES)
                .rows(session)
                .await?;
                let mut missed = Vec::new();
                for row in &rows {
                    let row = row.of("attempts", "message");
                    missed.push(MissedElement {
                        platform: row.text("platform")?,
                        script: row.text("script")?,
                        message: row.text("message")?,
                        count: row.number("number")?,
                        task: row.integer("task_id")?,
                    });
                }
                Ok((runs, missed))
            })
        })
        .await
    }

    /// An attempt has told its phone's language.
    pub async fn note_language(&self, attempt: Uuid, language: String) -> Result<(), StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                sql("UPDATE attempts SET language = $2 WHERE id = $1")
                    .bind(attempt)
                    .bind(language)
                    .execute(session)
                    .await
                    .map(drop)
            })
        })
        .await
    }
}
