//! What a client asks for: read leniently, checked by the rules that need no look at the farm.

use jiff::Timestamp;
use serde_json::Value;
use shared::account::{Platform, Username};
use utoipa::ToSchema;

use super::super::envelope::{ApiError, Code};
use super::super::fields::{Fields, FromFields};
use crate::tasks::{Spacing, time_of_day};

/// The longest pause between two tasks, in minutes: a week.
const LONGEST_PAUSE: i64 = 7 * 24 * 60;
const MOST_RETRIES: i64 = 10;

/// What is wanted of which phones or accounts.
#[derive(Debug, ToSchema)]
pub struct TaskEntry {
    /// Device mode: phones, by serial or any alias. Needed without `usernames`.
    #[schema(example = json!(["SIM0001"]))]
    pub serials: Vec<String>,
    /// Device mode: the phones of these groups, beside `serials` or in their place.
    #[schema(required = false)]
    pub groups: Vec<String>,
    /// Account mode: usernames, a leading `@` is dropped. Needed without `serials`, and wins over them.
    #[schema(value_type = Vec<String>)]
    pub usernames: Vec<Username>,
    /// post, follow, unfollow, comment, like, account_warmup, profile, login, match_accounts, switch_account, sync_data,
    /// or a script of your own packs.
    #[schema(example = "post")]
    pub script_name: String,
    /// The script's parameters; see GET /flows.
    #[schema(value_type = Option<Object>)]
    pub script_config: Value,
    /// Device mode: one task for each enabled account that is bound to the phone.
    #[schema(required = false, default = false)]
    pub enable_multi_account: bool,
    /// HH:MM in the controller's time zone, the next time that it is so late; one that passed less than five minutes ago
    /// is now.
    #[schema(value_type = Option<String>, example = "09:30")]
    pub start_time: Option<jiff::civil::Time>,
    /// An exact time, in the place of `start_time`.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub start_at: Option<Timestamp>,
    /// Minutes: the tasks of this call on one phone follow one another by a random time between both.
    #[schema(inline, value_type = Option<u32>)]
    pub min_interval: Option<u32>,
    #[schema(value_type = Option<u32>)]
    pub max_interval: Option<u32>,
    /// tiktok or instagram: which app, where no account decides it, or a username exists on both.
    #[schema(value_type = Option<String>, example = "tiktok")]
    pub platform: Option<Platform>,
    /// In the place of the setting.
    #[schema(minimum = 0, maximum = 10)]
    pub max_retries: Option<u32>,
    /// Creates nothing: `created_count` tells how many tasks there would be, `skipped` and `warnings` are as they would be.
    #[schema(required = false, default = false)]
    pub dry_run: bool,
}

impl FromFields for TaskEntry {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        // Which script it is comes first: all else depends on it.
        let script_name = fields.text("script_name")?.unwrap_or_default();
        if script_name.trim().is_empty() {
            return Err(ApiError::new(
                Code::NoScript,
                "script_name: is required, such as post or follow",
            ));
        }
        let minutes = |name| {
            let minutes = fields.number(name, 0..=LONGEST_PAUSE)?;
            Ok::<_, ApiError>(minutes.map(|minutes| minutes as u32))
        };
        let entry = Self {
            script_name,
            serials: fields.list("serials")?.unwrap_or_default(),
            groups: groups(fields)?,
            usernames: usernames(fields)?,
            script_config: fields.raw("script_config").cloned().unwrap_or_default(),
            enable_multi_account: fields.flag("enable_multi_account")?.unwrap_or(false),
            start_time: start_time(fields)?,
            start_at: time(fields, "start_at")?,
            min_interval: minutes("min_interval")?,
            max_interval: minutes("max_interval")?,
            platform: fields.platform()?,
            max_retries: fields
                .number("max_retries", 0..=MOST_RETRIES)?
                .map(|most| most as u32),
            dry_run: fields.flag("dry_run")?.unwrap_or(false),
        };
        if entry.serials.is_empty() && entry.usernames.is_empty() && entry.groups.is_empty() {
            return Err(ApiError::parameter(
                "serials",
                "is required: a list of one phone or more; or give groups or usernames",
            ));
        }
        if entry.start_time.is_some() && entry.start_at.is_some() {
            return Err(ApiError::parameter(
                "start_at",
                "cannot be given beside start_time",
            ));
        }
        entry.spacing()?;
        Ok(entry)
    }
}

impl TaskEntry {
    /// One of both alone is the shortest pause, or the longest.
    pub(super) fn spacing(&self) -> Result<Option<Spacing>, ApiError> {
        let (least, most) = match (self.min_interval, self.max_interval) {
            (None, None) => return Ok(None),
            (Some(least), None) => (least, least),
            (None, Some(most)) => (0, most),
            (Some(least), Some(most)) => (least, most),
        };
        if least > most {
            return Err(ApiError::parameter(
                "min_interval",
                format!("must not be greater than max_interval, which is {most}"),
            ));
        }
        Ok((most > 0).then_some(Spacing { least, most }))
    }
}

/// Names may hold commas: only a list has several of them.
pub(crate) fn groups(fields: &Fields) -> Result<Vec<String>, ApiError> {
    let wrong = || ApiError::parameter("groups", "must be a list of names of groups");
    let mut groups = Vec::new();
    match fields.raw("groups") {
        None => {}
        Some(Value::String(name)) => groups.push(name.trim().to_owned()),
        Some(Value::Array(names)) => {
            for name in names {
                groups.push(name.as_str().ok_or_else(wrong)?.trim().to_owned());
            }
        }
        Some(_) => return Err(wrong()),
    }
    groups.retain(|name| !name.is_empty());
    let mut seen = std::collections::HashSet::new();
    groups.retain(|name| seen.insert(name.clone()));
    Ok(groups)
}

fn usernames(fields: &Fields) -> Result<Vec<Username>, ApiError> {
    let names = fields.list("usernames")?.unwrap_or_default();
    let mut usernames: Vec<Username> = Vec::with_capacity(names.len());
    let mut seen = std::collections::HashSet::new();
    for name in names {
        let username = Username::parse(&name).map_err(|wrong| {
            let shown: String = name.chars().take(40).collect();
            ApiError::parameter("usernames", format!("{shown:?} {wrong}"))
        })?;
        if seen.insert(username.clone()) {
            usernames.push(username);
        }
    }
    Ok(usernames)
}

fn start_time(fields: &Fields) -> Result<Option<jiff::civil::Time>, ApiError> {
    let Some(text) = fields.text("start_time")?.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    time_of_day(&text)
        .map(Some)
        .ok_or_else(|| ApiError::parameter("start_time", "must be a time of day HH:MM, such as 09:30"))
}

/// A time, RFC 3339; an empty one is absent.
pub(crate) fn time(fields: &Fields, name: &str) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = fields.text(name)?.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    text.trim().parse().map(Some).map_err(|_| {
        ApiError::parameter(
            name,
            "must be a time such as 2027-01-15T08:00:00Z or 2027-01-15T09:00:00+01:00",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(value: Value) -> Result<TaskEntry, ApiError> {
        TaskEntry::from_fields(&Fields::of_body(value)?)
    }

    #[test]
    fn a_request_is_read_leniently() {
        let read = entry(json!({
            "serials": [], "usernames": "@Jane, jane ,JOE", "script_name": "post", "script_config": null,
            "enable_multi_account": 1, "start_time": "9:30", "min_interval": "2", "max_interval": 5.0,
            "platform": "TikTok", "max_retries": "0", "start_at": "",
        }))
        .unwrap();
        let names: Vec<&str> = read.usernames.iter().map(Username::as_str).collect();
        assert_eq!(names, ["Jane", "JOE"]);
        assert!(read.enable_multi_account && read.serials.is_empty());
        assert_eq!(read.spacing().unwrap(), Some(Spacing { least: 2, most: 5 }));
        assert_eq!(
            (read.max_retries, read.platform),
            (Some(0), Some(Platform::TikTok))
        );
        assert_eq!((read.script_config, read.start_at), (Value::Null, None));
        let alone = |value| entry(value).unwrap().spacing().unwrap();
        let of = |more: Value| {
            let mut all = json!({"serials": "A", "script_name": "post"});
            all.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            all
        };
        assert_eq!(
            alone(of(json!({"min_interval": 3}))),
            Some(Spacing { least: 3, most: 3 })
        );
        assert_eq!(
            alone(of(json!({"max_interval": 3}))),
            Some(Spacing { least: 0, most: 3 })
        );
        assert_eq!(alone(of(json!({"max_interval": 0}))), None);
    }

    #[test]
    fn the_script_is_asked_for_first_and_what_is_wrong_is_named() {
        for body in [
            json!({}),
            json!({"script_name": " "}),
            json!({"script_name": null, "serials": 7}),
        ] {
            assert_eq!(entry(body).unwrap_err().code, Code::NoScript);
        }
        let wrong = |more: Value| {
            let mut all = json!({"serials": ["A"], "script_name": "post"});
            all.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            let error = entry(all).unwrap_err();
            assert_eq!(error.code, Code::BadParameter);
            error.message
        };
        for (more, name) in [
            (json!({"serials": []}), "serials"),
            (json!({"serials": [{}]}), "serials"),
            (json!({"usernames": ["@"]}), "usernames"),
            (json!({"enable_multi_account": "maybe"}), "enable_multi_account"),
            (json!({"start_time": "25:00"}), "start_time"),
            (json!({"start_at": "tomorrow"}), "start_at"),
            (
                json!({"start_time": "10:00", "start_at": "2027-01-15T08:00:00Z"}),
                "start_at",
            ),
            (json!({"min_interval": -1}), "min_interval"),
            (json!({"min_interval": 5, "max_interval": 2}), "min_interval"),
            (json!({"max_retries": 11}), "max_retries"),
            (json!({"platform": "myspace"}), "platform"),
            (json!({"script_name": {}}), "script_name"),
        ] {
            let message = wrong(more);
            assert!(message.starts_with(&format!("{name}: ")), "{message}");
        }
    }
}
