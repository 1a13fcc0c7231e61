//! Leave is asked for: every condition is looked at in the transaction that gives it.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value as Json;
use shared::account::capped;
use shared::broken::{Part, lacks};
use shared::task::GrantState;
use shared::wire::work::{GrantAnswer, GrantAsk};
use uuid::Uuid;

use super::{GrantRow, account_standing, claim, held_by, kind_name};
use crate::store::attempts::{self, AttemptRow};
use crate::store::error::StoreError;
use crate::store::session::{Session, sql};
use crate::store::tasks::{self, TaskChange, TaskRow};
use crate::store::{Store, accounts, counters, journals, materials, packs};

/// What the settings say of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRules {
    /// How long leave is good, from when it was asked for.
    pub valid: Duration,
    /// Most of this kind for an account in a day.
    pub cap: Option<u32>,
    /// At least so long between two of this kind.
    pub gap: Duration,
    /// The day of the farm's time zone.
    pub day: String,
    /// When the account may begin with the next day's.
    pub next_day: Timestamp,
    /// For times that people read.
    pub zone: TimeZone,
}

impl GrantRules {
    fn told(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    }
}

/// The answer to who asks for leave.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    Answer(GrantAnswer),
    /// The attempt is not this host's, or not alive any more.
    NotYours(String),
    /// It is not known yet what was done before the memory was lost.
    Later(String),
}

impl Store {
    /// Gives leave for an act, or says why not. `rules` knows what goes for a platform and a script.
    pub async fn grant<R>(&self, host: Uuid, ask: GrantAsk, rules: R) -> Result<Asked, StoreError>
    where
        R: FnOnce(&str, &str) -> GrantRules + Send + 'static,
    {
        let now = self.now();
        self.write(move |session| Box::pin(async move { grant(session, now, host, &ask, rules).await }))
            .await
    }

    /// Puts a task off that would get no leave for what it is about, so that no phone begins it in vain. Leave itself is
    /// decided when it is asked for.
    pub async fn put_off_beyond(&self, task: TaskRow, rules: GrantRules) -> Result<bool, StoreError> {
        let may_have_its_own = task.account_id.is_some() && capped(&task.script).is_some();
        if rules.cap.is_none() && rules.gap.is_zero() && !may_have_its_own {
            return Ok(false);
        }
        let now = self.now();
        let id = task.id;
        let beyond = self
            .read(move |session| {
                Box::pin(async move {
                    let own = own_cap(session, &task).await?;
                    beyond(session, now, &task, &rules, own).await
                })
            })
            .await?;
        let Some((until, why)) = beyond else {
            return Ok(false);
        };
        self.put_off(id, until, why).await?;
        Ok(true)
    }

    /// What became of an act before, without asking for leave.
    pub async fn earlier(&self, host: Uuid, ask: GrantAsk) -> Result<Asked, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let attempt = match live(session, host, id(ask.attempt)).await? {
                    Ok(attempt) => attempt,
                    Err(why) => return Ok(Asked::NotYours(why)),
                };
                let known = claimed(session, &claim(attempt.task, &ask.commit, &ask.key)).await?;
                let answer = known.map_or(GrantAnswer::Nothing, |known| of_known(&known, &ask));
                Ok(Asked::Answer(answer))
            })
        })
        .await
    }
}

fn id(bytes: shared::wire::work::Id) -> Uuid {
    Uuid::from_bytes(bytes)
}

async fn grant<R>(
    session: &mut Session,
    now: Timestamp,
    host: Uuid,
    ask: &GrantAsk,
    rules: R,
) -> Result<Asked, StoreError>
where
    R: FnOnce(&str, &str) -> GrantRules,
{
    let attempt = match live(session, host, id(ask.attempt)).await? {
        Ok(attempt) => attempt,
        Err(why) => return Ok(Asked::NotYours(why)),
    };
    let Some(task) = attempts::held_task(session, attempt.task).await? else {
        return Ok(Asked::NotYours("its task was deleted".to_owned()));
    };
    // Again, for it may have been given up before the task was held.
    if let Err(why) = live(session, host, attempt.id).await? {
        return Ok(Asked::NotYours(why));
    }
    if task.attempt != Some(attempt.id) {
        return Ok(Asked::NotYours("its task has another attempt by now".to_owned()));
    }
    let rules = rules(&task.platform, &task.script);
    if let Some(same) = same_request(session, &attempt, ask).await? {
        if (&same.commit, &same.key) != (&ask.commit, &ask.key) {
            // Leave for one act is never leave for another, whoever counts wrong.
            let why = "this request was made before, for another act".to_owned();
            return Ok(Asked::Answer(refused("device", why)));
        }
        return Ok(Asked::Answer(again(&same, &rules)));
    }
    let claims = claim(task.id, &ask.commit, &ask.key);
    if let Some(known) = claimed(session, &claims).await? {
        return Ok(Asked::Answer(of_known(&known, ask)));
    }
    if let Some(why) = journals::recovering(session, host, task.account_id).await? {
        return Ok(Asked::Later(why));
    }
    if let Some(refused) = refusal(session, now, &task, &rules).await? {
        return Ok(Asked::Answer(refused));
    }
    let number = counters::take(session, counters::GRANT, 1).await?;
    let grant = Uuid::new_v4();
    sql(
        "INSERT INTO grants (id, number, task_id, attempt, request, account_id, serial, platform, action, \
         commit_name, kind, act_key, claims, host_id, journal, evidence_json, state, granted_at, day) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(grant)
    .bind(number)
    .bind(task.id)
    .bind(attempt.id)
    .bind(i64::try_from(ask.request).unwrap_or(i64::MAX))
    .bind(task.account_id)
    .bind(&task.serial.0)
    .bind(&task.platform)
    .bind(&task.script)
    .bind(&ask.commit)
    .bind(kind_name(ask.kind))
    .bind(&ask.key)
    .bind((!lacks(Part::Grant)).then_some(claims))
    .bind(host)
    .bind(&ask.journal)
    .bind(json_text(&ask.evidence))
    .bind(GrantState::Open.as_str())
    .bind(now)
    .bind(&rules.day)
    .execute(session)
    .await?;
    Ok(Asked::Answer(granted(grant, number, &rules)))
}

/// The attempt, where this host may act under it; else why not.
async fn live(session: &mut Session, host: Uuid, id: Uuid) -> Result<Result<AttemptRow, String>, StoreError> {
    let Some(attempt) = attempts::find(session, id).await? else {
        return Ok(Err("nobody here knows this attempt".to_owned()));
    };
    if attempt.host != host {
        return Ok(Err("this attempt is another host's".to_owned()));
    }
    if !attempt.is_live() {
        return Ok(Err(format!("this attempt is over: {}", attempt.state.as_str())));
    }
    if attempt.epoch != journals::epoch(session).await? {
        return Ok(Err(
            "the database was taken back since this attempt began".to_owned()
        ));
    }
    Ok(Ok(attempt))
}

async fn same_request(
    session: &mut Session,
    attempt: &AttemptRow,
    ask: &GrantAsk,
) -> Result<Option<GrantRow>, StoreError> {
    let row = sql("SELECT * FROM grants WHERE attempt = $1 AND request = $2")
        .bind(attempt.id)
        .bind(i64::try_from(ask.request).unwrap_or(i64::MAX))
        .row(session)
        .await?;
    row.as_ref().map(GrantRow::read).transpose()
}

async fn claimed(session: &mut Session, claims: &str) -> Result<Option<GrantRow>, StoreError> {
    let row = sql("SELECT * FROM grants WHERE claims = $1")
        .bind(claims)
        .row(session)
        .await?;
    let known = row.as_ref().map(GrantRow::read).transpose()?;
    Ok(known.filter(|known| known.state == GrantState::Done || !lacks(Part::Grant)))
}

fn granted(grant: Uuid, number: i64, rules: &GrantRules) -> GrantAnswer {
    GrantAnswer::Granted {
        grant: grant.into_bytes(),
        number: number.unsigned_abs(),
        valid: u32::try_from(rules.valid.as_millis()).unwrap_or(u32::MAX),
    }
}

/// The answer was lost, and is given once more.
fn again(same: &GrantRow, rules: &GrantRules) -> GrantAnswer {
    match same.state {
        GrantState::Open => granted(same.id, same.number, rules),
        GrantState::Done => done(same),
        GrantState::Unknown => unknown(same),
        GrantState::Void => GrantAnswer::Refused {
            kind: "timeout".to_owned(),
            why: "this leave was taken back before the act".to_owned(),
        },
    }
}

fn of_known(known: &GrantRow, ask: &GrantAsk) -> GrantAnswer {
    match known.state {
        GrantState::Done => done(known),
        _ if known.journal == ask.journal => unknown(known),
        _ => GrantAnswer::Elsewhere {
            grant: known.id.into_bytes(),
            evidence: known.evidence.to_string(),
        },
    }
}

fn done(grant: &GrantRow) -> GrantAnswer {
    GrantAnswer::Done {
        proof: grant.proof.as_ref().unwrap_or(&Json::Null).to_string(),
    }
}

fn unknown(grant: &GrantRow) -> GrantAnswer {
    GrantAnswer::Unknown {
        grant: grant.id.into_bytes(),
        evidence: grant.evidence.to_string(),
    }
}

/// Evidence is kept as it came; what is no JSON is kept as a text.
pub(super) fn json_text(text: &str) -> String {
    match serde_json::from_str::<Json>(text) {
        Ok(_) => text.to_owned(),
        Err(_) => Json::from(text).to_string(),
    }
}

fn refused(kind: &str, why: String) -> GrantAnswer {
    GrantAnswer::Refused {
        kind: kind.to_owned(),
        why,
    }
}

/// Why there is no leave now; a task that is put off learns until when.
async fn refusal(
    session: &mut Session,
    now: Timestamp,
    task: &TaskRow,
    rules: &GrantRules,
) -> Result<Option<GrantAnswer>, StoreError> {
    if task.stop_asked_at.is_some() {
        return Ok(Some(refused("stopped", "the task was told to stop".to_owned())));
    }
    if packs::is_off(session, &task.platform, &task.script).await? {
        let why = packs::off_in_words(&task.platform, &task.script);
        return put_off(session, task, now, why).await;
    }
    let mut set = None;
    if let Some(account) = task.account_id {
        let Some(standing) = account_standing(session, account).await? else {
            return Ok(Some(refused("stopped", "the account was deleted".to_owned())));
        };
        if !standing.enabled {
            let why = "account_disabled: the account was disabled";
            return put_off(session, task, now, why.to_owned()).await;
        }
        if let Some(until) = standing.resting_until.filter(|until| *until > now) {
            let why = format!("account_resting: the account rests until {until}");
            return put_off(session, task, until, why).await;
        }
        set = standing.caps.get(&task.script);
    }
    if lacks(Part::Grant) {
        return Ok(None);
    }
    if !materials::still_given(session, task).await? {
        let why =
            "material_taken: what it was given out of the library is another task's by now, or published";
        return put_off(session, task, now, why.to_owned()).await;
    }
    if let Some(holder) = held_by(session, task).await? {
        let why = format!("account_held: it is not known yet what became of an act of task {holder}");
        return Ok(Some(refused("held", why)));
    }
    let own = sql("SELECT COUNT(*) FROM grants WHERE task_id = $1 AND state IN ('open', 'unknown')")
        .bind(task.id)
        .number(session)
        .await?;
    if own > 0 {
        let why = "account_held: it is not known yet what became of another act of this task";
        return Ok(Some(refused("held", why.to_owned())));
    }
    if let Some((until, why)) = beyond(session, now, task, rules, set).await? {
        return put_off(session, task, until, why).await;
    }
    Ok(None)
}

/// The number a day that is set for the task's account and kind of act.
async fn own_cap(session: &mut Session, task: &TaskRow) -> Result<Option<u32>, StoreError> {
    let Some(account) = task.account_id else {
        return Ok(None);
    };
    let row = sql("SELECT id, caps_json FROM accounts WHERE id = $1 AND caps_json IS NOT NULL")
        .bind(account)
        .row(session)
        .await?;
    let caps = row
        .map(|row| accounts::caps(&row.of("accounts", "id")))
        .transpose()?;
    Ok(caps.and_then(|caps| caps.get(&task.script)))
}

/// Whether the account has done as much as it may for now; until when, and in words. What is set for the account itself
/// goes before what the rules say; 0 is without limit.
async fn beyond(
    session: &mut Session,
    now: Timestamp,
    task: &TaskRow,
    rules: &GrantRules,
    own: Option<u32>,
) -> Result<Option<(Timestamp, String)>, StoreError> {
    let cap = match own {
        Some(own) => Some(own).filter(|own| *own > 0),
        None => rules.cap,
    };
    if let Some(cap) = cap {
        let used = of_kind(session, task, "SELECT COUNT(*)", Some(&rules.day)).await?;
        if used >= i64::from(cap) {
            let why = format!(
                "daily_cap: deferred to {} by the {}: {used} of {cap} times {} today",
                rules.told(rules.next_day),
                if own.is_some() { "account's own cap" } else { "cap" },
                task.script
            );
            return Ok(Some((rules.next_day, why)));
        }
    }
    if !rules.gap.is_zero() {
        let last = of_kind(session, task, "SELECT COALESCE(MAX(granted_at), 0)", None).await?;
        let free = last.saturating_add(i64::try_from(rules.gap.as_millis()).unwrap_or(i64::MAX));
        if last > 0 && free > now.as_millisecond() {
            let until = Timestamp::from_millisecond(free).unwrap_or(now);
            let why = format!(
                "gap: deferred to {}: {} s lie between one {} of this account and the next",
                rules.told(until),
                rules.gap.as_secs(),
                task.script
            );
            return Ok(Some((until, why)));
        }
    }
    Ok(None)
}

/// Looks at what was given for acts of the task's kind to its account, or to its phone where no account is known.
async fn of_kind(
    session: &mut Session,
    task: &TaskRow,
    what: &str,
    day: Option<&str>,
) -> Result<i64, StoreError> {
    let who = if task.account_id.is_some() {
        "account_id = $1 AND $2 = $2"
    } else {
        "account_id IS NULL AND CAST($1 AS BIGINT) IS NULL AND serial = $2"
    };
    let text = format!(
        "{what} FROM grants WHERE {who} AND platform = $3 AND action = $4 AND state <> 'void'{}",
        if day.is_some() { " AND day = $5" } else { "" }
    );
    let mut statement = crate::store::session::made_sql(text)
        .bind(task.account_id)
        .bind(&task.serial.0)
        .bind(&task.platform)
        .bind(&task.script);
    if let Some(day) = day {
        statement = statement.bind(day);
    }
    statement.number(session).await
}

/// Not now: the task learns when to try again.
async fn put_off(
    session: &mut Session,
    task: &TaskRow,
    until: Timestamp,
    why: String,
) -> Result<Option<GrantAnswer>, StoreError> {
    let change = TaskChange::new().due_at(until).waiting_for(Some(&why));
    tasks::alter(session, task.id, change).await?;
    Ok(Some(refused("deferred", why)))
}
