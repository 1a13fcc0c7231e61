//! What a client says of a schedule: read leniently, checked by the rules that need no look at the farm.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::account::{Platform, Username};
use utoipa::ToSchema;

use super::super::envelope::ApiError;
use super::super::fields::{Fields, FromFields as _};
use super::super::tasks::TaskEntry;
use super::view::SlotItem;
use crate::schedules::{Missed, Timing};
use crate::store::ScheduleSpec;

const LONGEST_NAME: usize = 100;
/// A week, in minutes.
const LONGEST_JITTER: i64 = 7 * 24 * 60;
const LONGEST_GRACE: i64 = 7 * 24 * 60;
/// The ways to say when.
const TIMING: [&str; 4] = ["slots", "weekdays", "times", "cron"];

/// A schedule: when, and what then. What is not needed may be left out.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read name by name")]
pub struct ScheduleFields {
    /// Unique.
    #[schema(max_length = 100, example = "morning posts")]
    name: String,
    #[schema(required = false, default = true)]
    enabled: bool,
    /// Times of each day, or of the days that `weekdays` names. These, `slots` or `cron` are needed.
    #[schema(required = false, example = json!(["09:00", "18:30"]))]
    times: Vec<String>,
    /// mon to sun, ranges such as mon-fri; every day where absent.
    #[schema(required = false, example = json!(["mon-fri"]))]
    weekdays: Vec<String>,
    /// Several of both, in their place.
    #[schema(nullable)]
    slots: Option<Vec<SlotItem>>,
    /// Five fields: minute, hour, day, month, weekday; with ranges, lists, steps and names.
    #[schema(example = "0 9 * * mon-fri")]
    cron: Option<String>,
    /// An IANA name; the controller's where absent.
    #[schema(example = "Europe/Stockholm")]
    time_zone: Option<String>,
    /// A run begins by a random time of up to so many minutes later, but before the next one is due.
    #[schema(required = false, default = 0, minimum = 0, maximum = 10080)]
    jitter_minutes: u32,
    /// skip leaves out runs at whose time no controller was there; run_once has one run make up for all of them.
    #[schema(required = false, default = "skip")]
    missed: String,
    /// How late a run still counts as on time; as the setting says where absent.
    #[schema(minimum = 0, maximum = 10080)]
    grace_minutes: Option<u32>,
    /// No run is due before.
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_from: Option<Timestamp>,
    /// No run is due after.
    #[schema(value_type = Option<String>, format = DateTime)]
    valid_until: Option<Timestamp>,
    /// As in `POST /task`.
    #[schema(example = "post")]
    script_name: String,
    /// As in `POST /task`.
    #[schema(value_type = Option<Object>)]
    script_config: Value,
    /// Phones, by serial or any alias. Phones, groups or accounts are needed.
    #[schema(required = false)]
    serials: Vec<String>,
    /// Whoever is in these groups when it runs.
    #[schema(required = false)]
    groups: Vec<String>,
    /// Accounts; neither serials nor groups beside them.
    #[schema(value_type = Vec<String>, required = false)]
    usernames: Vec<Username>,
    /// As in `POST /task`.
    #[schema(required = false, default = false)]
    enable_multi_account: bool,
    /// As in `POST /task`.
    #[schema(value_type = Option<String>)]
    platform: Option<Platform>,
    /// As in `POST /task`: minutes between the tasks of a run on one phone.
    #[schema(inline)]
    min_interval: Option<u32>,
    max_interval: Option<u32>,
    #[schema(minimum = 0, maximum = 10)]
    max_retries: Option<u32>,
}

/// A schedule as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleEntry {
    pub(super) spec: ScheduleSpec,
}

impl ScheduleEntry {
    pub(super) fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let task = task(fields)?;
        let mut entry = Self::of_timing(fields)?;
        entry.spec.name = name(fields)?;
        entry.spec.task = task;
        Ok(entry)
    }

    /// When alone, whatever is to be done then.
    pub(super) fn of_timing(fields: &Fields) -> Result<Self, ApiError> {
        let timing =
            Timing::read(fields.all()).map_err(|wrong| ApiError::parameter(wrong.field, wrong.allowed))?;
        let missed = match fields.text("missed")?.as_deref().map(str::trim) {
            None | Some("") => Missed::default(),
            Some(name) => Missed::named(&name.to_ascii_lowercase())
                .ok_or_else(|| ApiError::parameter("missed", "must be skip or run_once"))?,
        };
        let minutes = |name, most| {
            let minutes = fields.number(name, 0..=most)?;
            Ok::<_, ApiError>(minutes.map(|minutes| minutes as u32))
        };
        let spec = ScheduleSpec {
            name: String::new(),
            enabled: fields.flag("enabled")?.unwrap_or(true),
            timing: timing.told(),
            zone: zone(fields)?,
            jitter_minutes: minutes("jitter_minutes", LONGEST_JITTER)?.unwrap_or(0),
            missed,
            grace_minutes: minutes("grace_minutes", LONGEST_GRACE)?,
            valid_from: super::super::tasks::time(fields, "valid_from")?,
            valid_until: super::super::tasks::time(fields, "valid_until")?,
            task: Map::new(),
        };
        if let (Some(from), Some(until)) = (spec.valid_from, spec.valid_until)
            && from > until
        {
            return Err(ApiError::parameter(
                "valid_until",
                "must not be before valid_from",
            ));
        }
        Ok(Self { spec })
    }

    /// What stands, with what a client wants otherwise; `null` for as if it had not been said.
    pub(super) fn changed(before: &ScheduleSpec, patch: &Fields) -> Result<Self, ApiError> {
        let mut all = match before.told() {
            Value::Object(all) => all,
            _ => Map::new(),
        };
        let gives = |name: &str| patch.has(name);
        if TIMING.iter().any(|name| gives(name)) {
            let slot = only_slot(&all);
            for name in TIMING {
                all.remove(name);
            }
            // Other times for the same days, or other days for the same times.
            if gives("times") != gives("weekdays") && !gives("slots") && !gives("cron") {
                for name in ["times", "weekdays"] {
                    if let Some(value) = slot.get(name).filter(|_| !gives(name)) {
                        all.insert(name.to_owned(), value.clone());
                    }
                }
            }
        }
        all.extend(patch.all().clone());
        Self::from_fields(&Fields::of_body(Value::Object(all))?)
    }
}

fn only_slot(all: &Map<String, Value>) -> Map<String, Value> {
    match all.get("slots").and_then(Value::as_array).map(Vec::as_slice) {
        Some([Value::Object(slot)]) => slot.clone(),
        _ => Map::new(),
    }
}

/// What a call for its tasks says, in the types that are documented.
fn task(fields: &Fields) -> Result<Map<String, Value>, ApiError> {
    let entry = TaskEntry::from_fields(fields)?;
    for name in ["start_time", "start_at"] {
        if fields.has(name) {
            return Err(ApiError::parameter(
                name,
                "is of a single task: give times, slots or cron",
            ));
        }
    }
    let on_phones = !entry.serials.is_empty() || !entry.groups.is_empty();
    if on_phones && !entry.usernames.is_empty() {
        return Err(ApiError::parameter(
            "usernames",
            "cannot be given beside serials or groups: make two schedules",
        ));
    }
    let usernames: Vec<&str> = entry.usernames.iter().map(Username::as_str).collect();
    let told = json!({
        "script_name": entry.script_name, "script_config": entry.script_config, "serials": entry.serials,
        "groups": entry.groups, "usernames": usernames, "enable_multi_account": entry.enable_multi_account,
        "platform": entry.platform.map(Platform::as_str), "min_interval": entry.min_interval,
        "max_interval": entry.max_interval, "max_retries": entry.max_retries,
    });
    match told {
        Value::Object(told) => Ok(told),
        _ => Ok(Map::new()),
    }
}

fn name(fields: &Fields) -> Result<String, ApiError> {
    let name = fields.need_text("name")?.trim().to_owned();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        let allowed = format!("at most {LONGEST_NAME} characters on one line");
        return Err(ApiError::parameter("name", allowed));
    }
    Ok(name)
}

/// A zone that there is, by its right name.
fn zone(fields: &Fields) -> Result<Option<String>, ApiError> {
    let Some(text) = fields.text("time_zone")?.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let zone = jiff::tz::TimeZone::get(text.trim()).ok();
    let name = zone.as_ref().and_then(|zone| zone.iana_name());
    if let Some(name) = name {
        return Ok(Some(name.to_owned()));
    }
    let shown: String = text.chars().take(40).collect();
    let told = format!("{shown:?} is no time zone: give a name such as Europe/Stockholm or America/New_York");
    Err(ApiError::parameter("time_zone", told))
}
