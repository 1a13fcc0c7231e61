//! Between the script's values and JSON.

use rhai::{Array, Dynamic, Map};
use serde_json::Value;

/// Lists and maps deeper than this are cut: a script could build one without end.
const DEEPEST: usize = 32;

pub(super) fn from_json(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(value) => Dynamic::from(*value),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Dynamic::from(whole),
            None => Dynamic::from(number.as_f64().unwrap_or(0.0)),
        },
        Value::String(text) => Dynamic::from(text.clone()),
        Value::Array(array) => Dynamic::from(array.iter().map(from_json).collect::<Array>()),
        Value::Object(map) => {
            let map: Map = map
                .iter()
                .map(|(key, value)| (key.as_str().into(), from_json(value)))
                .collect();
            Dynamic::from(map)
        }
    }
}

/// What JSON has no word for (nodes, closures, secrets) becomes its text; a secret's is "***".
pub(super) fn to_json(value: &Dynamic) -> Value {
    json_at(value, 0)
}

fn json_at(value: &Dynamic, depth: usize) -> Value {
    if depth > DEEPEST || value.is_unit() {
        return Value::Null;
    }
    if let Ok(value) = value.as_bool() {
        return Value::from(value);
    }
    if let Ok(value) = value.as_int() {
        return Value::from(value);
    }
    if let Ok(value) = value.as_float() {
        return Value::from(value);
    }
    if value.is_string() {
        return Value::from(value.clone().into_string().unwrap_or_default());
    }
    if let Some(array) = value.read_lock::<Array>() {
        return array.iter().map(|one| json_at(one, depth + 1)).collect();
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map
            .iter()
            .map(|(key, one)| (key.to_string(), json_at(one, depth + 1)))
            .collect::<serde_json::Map<_, _>>()
            .into();
    }
    Value::from(value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let value = json!({"a": [1, 2.5, "x", true, null], "b": {"c": "ü"}});
        assert_eq!(to_json(&from_json(&value)), value);
    }
}
