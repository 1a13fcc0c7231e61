//! Numbers a day that a client sets for an account: read leniently, an act that has none is named.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use shared::account::{CAPPED, Caps, HIGHEST_CAP, capped};

use super::super::envelope::ApiError;
use super::super::fields::{Fields, kind, whole};

/// What is to become of an account's own numbers a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapsEdit {
    /// The settings go for all acts.
    Clear,
    /// For each act that is named its number, or that the settings go for it.
    Set(BTreeMap<&'static str, Option<u32>>),
}

impl CapsEdit {
    pub(super) fn put(&self, to: &mut Caps) {
        match self {
            Self::Clear => *to = Caps::default(),
            Self::Set(given) => {
                for (action, cap) in given {
                    // What cannot be set was refused where it was read.
                    let _ = to.set(action, *cap);
                }
            }
        }
    }
}

/// `caps`: an object of numbers by act; `null` and an empty text take all of them back.
pub(super) fn read(fields: &Fields) -> Result<Option<CapsEdit>, ApiError> {
    match fields.all().get("caps") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(CapsEdit::Clear)),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Some(CapsEdit::Clear)),
        Some(Value::Object(given)) => Ok(Some(CapsEdit::Set(numbers(given)?))),
        Some(other) => Err(ApiError::parameter(
            "caps",
            format!(
                "must be an object such as {{\"follow\": 5, \"post\": null}}, not {}",
                kind(other)
            ),
        )),
    }
}

fn numbers(given: &Map<String, Value>) -> Result<BTreeMap<&'static str, Option<u32>>, ApiError> {
    let mut numbers = BTreeMap::new();
    for (name, value) in given {
        let Some(action) = capped(name.trim()) else {
            let name: String = name.chars().take(40).collect();
            let known = CAPPED.join(", ");
            return Err(ApiError::parameter(
                "caps",
                format!("{name:?} is none of {known}"),
            ));
        };
        numbers.insert(action, number(action, value)?);
    }
    Ok(numbers)
}

fn number(action: &str, value: &Value) -> Result<Option<u32>, ApiError> {
    let cleared = value.as_str().is_some_and(|text| text.trim().is_empty());
    if value.is_null() || cleared {
        return Ok(None);
    }
    let number = whole(value).and_then(|number| u32::try_from(number).ok());
    match number.filter(|number| *number <= HIGHEST_CAP) {
        Some(number) => Ok(Some(number)),
        None => Err(ApiError::parameter(
            &format!("caps.{action}"),
            format!(
                "must be a whole number from 0 to {HIGHEST_CAP} (0: without limit), or null for what the settings say"
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that json! can be written in place"
    )]
    fn edit(caps: Value) -> Result<Option<CapsEdit>, ApiError> {
        read(&Fields::of_body(json!({"caps": caps}))?)
    }

    #[test]
    fn numbers_are_set_and_taken_back_act_by_act() {
        let mut caps = Caps::of([("post", 3), ("like", 7)]).unwrap();
        let given = edit(json!({"follow": "5", "post": null, "comment": 0})).unwrap();
        given.unwrap().put(&mut caps);
        assert_eq!(
            caps.iter().collect::<Vec<_>>(),
            [("comment", 0), ("follow", 5), ("like", 7)]
        );
        edit(json!({})).unwrap().unwrap().put(&mut caps);
        assert_eq!(caps.get("like"), Some(7));
        for all in [Value::Null, json!("")] {
            let mut caps = caps.clone();
            edit(all).unwrap().unwrap().put(&mut caps);
            assert!(caps.is_empty());
        }
        assert_eq!(read(&Fields::of_body(json!({})).unwrap()).unwrap(), None);
    }

    #[test]
    fn what_is_wrong_is_named_with_what_is_allowed() {
        for (given, told) in [
            (
                json!({"dance": 1}),
                "caps: \"dance\" is none of follow, unfollow, like, comment, post",
            ),
            (
                json!({"follow": 10_001}),
                "caps.follow: must be a whole number from 0 to 10000",
            ),
            (json!({"follow": -1}), "caps.follow: must be a whole number"),
            (json!({"post": 1.5}), "caps.post: must be a whole number"),
            (json!({"post": []}), "caps.post: must be a whole number"),
            (json!([5]), "caps: must be an object such as"),
            (json!(5), "caps: must be an object such as"),
        ] {
            let error = edit(given).unwrap_err();
            assert!(error.message.starts_with(told), "{}", error.message);
        }
    }
}
