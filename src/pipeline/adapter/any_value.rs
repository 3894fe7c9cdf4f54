//! Structured values of log records as JSON.

use opentelemetry::logs::AnyValue;
use serde_json::{Map, Number, Value};

/// What stands inside of so many lists and maps is left out: JSON text that deep could not be read again.
const DEEPEST: usize = 100;

/// The JSON of a value.
pub(crate) fn to_json(value: &AnyValue) -> Value {
    json(value, DEEPEST)
}

fn json(value: &AnyValue, left: usize) -> Value {
    let Some(left) = left.checked_sub(1) else { return Value::Null };
    match value {
        AnyValue::Int(number) => (*number).into(),
        AnyValue::Double(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        AnyValue::String(text) => text.as_str().into(),
        AnyValue::Boolean(value) => (*value).into(),
        AnyValue::ListAny(list) => list.iter().map(|item| json(item, left)).collect(),
        AnyValue::Map(map) => {
            let members = map.iter().map(|(key, value)| (key.as_str().to_owned(), json(value, left)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::events::structured;

    #[test]
    fn there_and_back() {
        let value = json!([{"role": "user", "n": 1, "x": 0.5, "ok": true, "parts": [{"type": "text"}, []]}]);
        assert_eq!(to_json(&structured::json(value.clone()).unwrap()), value);
    }

    #[test]
    fn depth_has_an_end() {
        let deep = (0..10_000).fold(AnyValue::Int(1), |inner, _| AnyValue::ListAny(Box::new(vec![inner])));
        assert!(to_json(&deep).to_string().len() < 1000);
        // Its drop is recursive.
        std::mem::forget(deep);
    }
}
