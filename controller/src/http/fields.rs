//! Reading parameters leniently: "60" where 60 is meant, 1 for true, "a, b" for a list; what is wrong is named with what
//! is allowed. Queries and JSON bodies are read alike.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde_json::{Map, Value};
use shared::account::{Platform, Wrong};

use super::envelope::{ApiError, Code};

/// Rows that are named one by one in one call.
const MOST_IDS: usize = 10_000;

/// The parameters of a request, by name. `null` counts as absent.
#[derive(Debug, Clone, Default)]
pub struct Fields(Map<String, Value>);

/// Read from parameters.
pub trait FromFields: Sized {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError>;
}

/// The query of a request, read as `T`.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<S: Sync, T: FromFields> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        T::from_fields(&Fields::of_query(parts)?).map(Self)
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(map) => map
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

impl Fields {
    /// A name that comes more than once is a list.
    pub fn of_query(parts: &Parts) -> Result<Self, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|error| {
            ApiError::new(Code::BadParameter, format!("the query cannot be read: {error}"))
        })?;
        let mut values = Map::new();
        for (name, text) in pairs {
            let text = Value::String(text);
            match values.get_mut(&name) {
                None => {
                    values.insert(name, text);
                }
                Some(Value::Array(list)) => list.push(text),
                Some(one) => *one = Value::Array(vec![one.take(), text]),
            }
        }
        Self::of_map(values)
    }

    /// No database keeps U+0000 in a text, and nobody types it.
    fn of_map(values: Map<String, Value>) -> Result<Self, ApiError> {
        match values.iter().find(|(_, value)| holds_nul(value)) {
            Some((name, _)) => Err(ApiError::parameter(name, "must not hold the character U+0000")),
            None => Ok(Self(values)),
        }
    }

    pub fn of_body(value: Value) -> Result<Self, ApiError> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::Object(map) => Self::of_map(map),
            other => Err(ApiError::new(
                Code::BadParameter,
                format!("the body must be a JSON object, not {}", kind(&other)),
            )),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value as it came.
    pub fn raw(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }

    /// All names and values, `null` included.
    pub fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    pub fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        match value {
            Value::String(text) => Ok(Some(text.clone())),
            Value::Number(number) => Ok(Some(number.to_string())),
            other => Err(ApiError::parameter(
                name,
                format!("must be text, not {}", kind(other)),
            )),
        }
    }

    /// Text that must be there and not empty.
    pub fn need_text(&self, name: &str) -> Result<String, ApiError> {
        match self.text(name)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            _ => Err(ApiError::parameter(name, "is required")),
        }
    }

    pub fn number(&self, name: &str, allowed: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let (least, most) = (allowed.start(), allowed.end());
        match whole(value) {
            Some(number) if allowed.contains(&number) => Ok(Some(number)),
            _ => Err(ApiError::parameter(
                name,
                format!("must be a whole number from {least} to {most}"),
            )),
        }
    }

    pub fn need_number(&self, name: &str, allowed: RangeInclusive<i64>) -> Result<i64, ApiError> {
        let (least, most) = (*allowed.start(), *allowed.end());
        self.number(name, allowed)?.ok_or_else(|| {
            ApiError::parameter(
                name,
                format!("is required: a whole number from {least} to {most}"),
            )
        })
    }

    /// `platform`; an empty one is absent.
    pub fn platform(&self) -> Result<Option<Platform>, ApiError> {
        let text = self.text("platform")?.filter(|text| !text.trim().is_empty());
        text.map(|text| text.parse())
            .transpose()
            .map_err(|wrong: Wrong| ApiError::parameter("platform", wrong.to_string()))
    }

    /// `sort`: one of these names, with `-` before it for the other way round; an empty one is absent. Answers the key and
    /// whether it is sorted downwards.
    pub fn sort<K: Copy>(&self, keys: &[(K, &str)]) -> Result<Option<(K, bool)>, ApiError> {
        let Some(text) = self.text("sort")?.filter(|text| !text.trim().is_empty()) else {
            return Ok(None);
        };
        let (descending, wanted) = match text.trim().strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text.trim()),
        };
        let key = keys.iter().find(|(_, name)| *name == wanted);
        key.map(|(key, _)| Some((*key, descending))).ok_or_else(|| {
            let known: Vec<&str> = keys.iter().map(|(_, name)| *name).collect();
            let known = known.join(", ");
            ApiError::parameter("sort", format!("must be one of {known}, with - before it or not"))
        })
    }

    pub fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        flag(value)
            .map(Some)
            .ok_or_else(|| ApiError::parameter(name, "must be true or false"))
    }

    /// Several texts: a list, or one text with commas between. Blanks around and empty ones are dropped.
    /// The rows that are named one by one to have the same done to them, each once.
    pub fn ids(&self, name: &str, of: &str) -> Result<Vec<i64>, ApiError> {
        let wrong = || ApiError::parameter(name, format!("must be a list of 1 to {MOST_IDS} ids of {of}"));
        let texts = self.list(name)?.unwrap_or_default();
        let mut ids: Vec<i64> = texts
            .iter()
            .map(|text| text.parse().map_err(|_| wrong()))
            .collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        ids.retain(|id| seen.insert(*id));
        if ids.is_empty() || ids.len() > MOST_IDS {
            return Err(wrong());
        }
        Ok(ids)
    }

    pub fn list(&self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let parts: Vec<String> = match value {
            Value::String(text) => split(text),
            Value::Number(number) => vec![number.to_string()],
            Value::Array(values) => {
                let mut parts = Vec::new();
                for value in values {
                    match value {
                        Value::String(text) => parts.extend(split(text)),
                        Value::Number(number) => parts.push(number.to_string()),
                        other => {
                            let wrong = format!("must be a list of texts, not of {}", kind(other));
                            return Err(ApiError::parameter(name, wrong));
                        }
                    }
                }
                parts
            }
            other => {
                return Err(ApiError::parameter(
                    name,
                    format!("must be a list of texts, not {}", kind(other)),
                ));
            }
        };
        Ok(Some(parts))
    }
}

/// 60, 60.0, "60", " 60 ".
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            (float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// true, 1, "1", "true", "yes", "on", and their opposites.
pub fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn split(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        Fields::of_body(value).unwrap()
    }

    #[test]
    fn numbers_may_come_as_text_and_flags_as_numbers() {
        let fields = fields(json!({"a": "60", "b": 60.0, "c": 1, "d": "off", "e": null, "f": 7}));
        assert_eq!(fields.number("a", 0..=100).unwrap(), Some(60));
        assert_eq!(fields.number("b", 0..=100).unwrap(), Some(60));
        assert_eq!(fields.flag("c").unwrap(), Some(true));
        assert_eq!(fields.flag("d").unwrap(), Some(false));
        assert_eq!(fields.flag("e").unwrap(), None);
        assert_eq!(fields.text("f").unwrap().as_deref(), Some("7"));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_is_allowed() {
        let fields = fields(json!({"level": 300, "half": 1.5, "name": {}, "flag": 2}));
        let told = |error: ApiError| (error.code, error.message);
        let (code, message) = told(fields.number("level", 0..=100).unwrap_err());
        assert_eq!(code, Code::BadParameter);
        assert_eq!(message, "level: must be a whole number from 0 to 100");
        assert!(fields.number("half", 0..=9).is_err());
        assert_eq!(
            told(fields.text("name").unwrap_err()).1,
            "name: must be text, not an object"
        );
        assert_eq!(
            told(fields.flag("flag").unwrap_err()).1,
            "flag: must be true or false"
        );
        assert_eq!(told(fields.need_text("gone").unwrap_err()).1, "gone: is required");
        assert!(Fields::of_body(json!([1])).is_err());
    }

    #[test]
    fn a_list_may_be_one_text_with_commas() {
        let fields = fields(json!({"a": "x, y,,", "b": ["x", 1], "c": [], "d": [{}]}));
        assert_eq!(fields.list("a").unwrap().unwrap(), ["x", "y"]);
        assert_eq!(fields.list("b").unwrap().unwrap(), ["x", "1"]);
        assert_eq!(fields.list("c").unwrap().unwrap(), [] as [String; 0]);
        assert!(fields.list("d").is_err());
    }
}
