//! A phone takes the place of another one, which broke, or which somebody wants to rest.

use axum::extract::State;
use serde::Serialize;
use shared::device::{DeviceState, Serial};
use utoipa::ToSchema;

use super::{DeviceItem, one};
use crate::http::body::Sent;
use crate::http::envelope::{Answered, ApiError, Code, Envelope, Success};
use crate::http::events::{AccountEvent, ScheduleEvent, TOLD_ONE_BY_ONE, TaskEvent};
use crate::http::fields::{Fields, FromFields};
use crate::http::path::Named;
use crate::http::token::Caller;
use crate::state::AppState;
use crate::store::{Replaced, Replacement};

/// Accounts and tasks that a warning names.
const NAMED: usize = 10;

/// Which phone takes the place.
#[derive(Debug, ToSchema)]
pub struct ReplaceWish {
    /// Its serial or any alias; it must have been seen here.
    #[schema(example = "SIM0002")]
    pub by: String,
    /// Do it also where that phone has accounts of its own, which it keeps.
    #[schema(required = false, default = false)]
    pub merge: bool,
}

impl FromFields for ReplaceWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            by: fields.need_text("by")?.trim().to_owned(),
            merge: fields.flag("merge")?.unwrap_or(false),
        })
    }
}

/// What went to the other phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplacedDevice {
    /// The serial of the phone whose place was taken; it stays in the list as `replaced_by` the other.
    #[schema(example = "SIM0001")]
    pub replaced: String,
    /// The phone that has its place now.
    pub device: DeviceItem,
    /// The accounts that came along; none of them counts as logged in.
    pub accounts: Vec<MovedAccount>,
    /// The groups in which the new phone has the old one's place.
    pub groups: Vec<String>,
    /// The schedules that named the old phone and name the new one.
    pub schedules: Vec<NamedSchedule>,
    /// The tasks that wait for the new phone now; those of an account begin when that is logged in there.
    pub task_ids: Vec<i64>,
    /// Tasks that are at work on the old phone, or wait for a person there: they end there first.
    pub ends_first: Vec<i64>,
    /// Tasks that did something on the old phone of which nobody knows yet what became of it.
    pub in_question: Vec<i64>,
    /// What an operator should know.
    pub warnings: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MovedAccount {
    pub id: i64,
    pub username: String,
    #[schema(example = "tiktok")]
    pub platform: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NamedSchedule {
    pub id: i64,
    pub name: String,
}

/// Has another phone take a phone's place, on record
///
/// Index, name, groups, accounts, the schedules that name it and the tasks that wait for it go to the other phone, all or
/// nothing. The accounts count as not logged in there; what is at work on the old phone ends there first.
#[utoipa::path(post, path = "/devices/{serial}/replace", tag = "devices", request_body = ReplaceWish,
    params(("serial" = String, Path, description = "The serial or any alias of the phone whose place is taken")),
    responses(
        (status = 200, description = "What went to the other phone", body = Envelope<ReplacedDevice>),
        (status = 404, description = "40401: there is no such phone; the message says which"),
        (status = 409, description = "40901: the other phone has accounts of its own, which the message names, and merge was \
            not given · one of the two was replaced before · one has no index yet · an import is under way"),
    ))]
pub async fn replace(
    State(state): State<AppState>,
    caller: Caller,
    Named(name): Named,
    Sent(wish): Sent<ReplaceWish>,
) -> Answered<ReplacedDevice> {
    let old = one(&state, &name).await?;
    let new = one(&state, &wish.by).await.map_err(|error| match error.code {
        Code::NotFound => ApiError::not_found(format!(
            "by: no phone answers to {:?}: plug it in first",
            wish.by.chars().take(100).collect::<String>()
        )),
        _ => error,
    })?;
    if old.serial == new.serial {
        return Err(ApiError::parameter(
            "by",
            format!("must be another phone than {}, whose place it takes", old.serial),
        ));
    }
    for device in [&old, &new] {
        if device.device_index.is_none() {
            return Err(ApiError::conflict(format!(
                "{} has no index yet: it has not said who it is",
                device.serial
            )));
        }
    }
    let wanted = Replacement {
        old: Serial(old.serial.clone()),
        aliases: old.aliases.clone(),
        new: Serial(new.serial.clone()),
        new_aliases: new.aliases.clone(),
        merge: wish.merge,
    };
    let done = state.store.replace_device(wanted, &caller.name).await?;
    announce(&state, &done).await;
    let mut device = one(&state, &new.serial).await?;
    // The fleet publishes a moment later; this answer is of the row that was written.
    device.take_row(&done.new);
    let is_here = old.state == DeviceState::Online.as_str();
    Ok(Success(ReplacedDevice {
        replaced: old.serial,
        device,
        groups: old.groups,
        warnings: warnings(&done, is_here),
        ends_first: done.running(),
        in_question: done.in_question(),
        accounts: done
            .accounts
            .iter()
            .map(|account| MovedAccount {
                id: account.id,
                username: account.username.as_str().to_owned(),
                platform: account.platform.as_str().to_owned(),
            })
            .collect(),
        schedules: done
            .schedules
            .into_iter()
            .map(|(id, name)| NamedSchedule { id, name })
            .collect(),
        task_ids: done.tasks,
    }))
}

/// Tells everybody whom it concerns. It is done, whatever comes of telling it.
async fn announce(state: &AppState, done: &Replaced) {
    let now = state.clock.now();
    state.phones.put_row(done.old.clone());
    state.phones.put_row(done.new.clone());
    state
        .events
        .device_replaced(now, &done.old.serial, &done.new.serial);
    state.events.accounts(now, AccountEvent::Changed, &done.accounts);
    if done.tasks.len() > TOLD_ONE_BY_ONE {
        state.events.many_tasks(now, TaskEvent::Changed, done.tasks.len());
    } else {
        match state.store.tasks_of(done.tasks.clone()).await {
            Ok(tasks) => state.events.tasks(now, TaskEvent::Changed, &tasks),
            Err(error) => tracing::warn!(%error, "tasks that went to another phone could not be told of"),
        }
    }
    for (id, _) in &done.schedules {
        if let Ok(Some(schedule)) = state.store.schedule(*id).await {
            state.events.schedule(now, ScheduleEvent::Changed, &schedule);
        }
    }
    state.scheduler.wake_all();
}

fn warnings(done: &Replaced, is_here: bool) -> Vec<String> {
    let (old, new) = (&done.old.serial, &done.new.serial);
    let mut warnings = Vec::new();
    if is_here {
        warnings.push(format!("{old} is still online: it gets no task any more"));
    }
    if !done.logged_in.is_empty() {
        let names = listed(&done.logged_in);
        warnings.push(format!(
            "{old} has a session of {names} still: log out there, or wipe it, before it leaves your hands"
        ));
    }
    if !done.accounts.is_empty() {
        warnings.push(format!(
            "the accounts count as not logged in, and their tasks wait, until login has run on {new}"
        ));
    }
    let running: Vec<String> = done.running().iter().map(i64::to_string).collect();
    if !running.is_empty() {
        warnings.push(format!(
            "on {old} these tasks come to their end first: {}",
            listed(&running)
        ));
    }
    let in_question: Vec<String> = done.in_question().iter().map(i64::to_string).collect();
    if !in_question.is_empty() {
        let how = if is_here {
            format!("{old} is looked at")
        } else {
            "a person is asked at /attention, since the phone is away".to_owned()
        };
        warnings.push(format!(
            "it is not known yet what these tasks did on {old}: {}; {how}",
            listed(&in_question)
        ));
    }
    warnings
}

fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
