//! Values as log records have them: structured, where a span has JSON text.

use opentelemetry::logs::AnyValue;
use opentelemetry::{Array, Key, KeyValue, Value};
use serde_json::Value as Json;

use crate::semconv::{ValueType, attribute};

/// The attribute of a span, for a log record. `None` if it should be JSON and is none, which nobody writes.
pub(crate) fn attribute_of(pair: &KeyValue) -> Option<(Key, AnyValue)> {
    let structured = attribute(pair.key.as_str()).is_some_and(|known| known.value_type == ValueType::Any);
    let value = match &pair.value {
        Value::String(text) if structured => read(text.as_str())?,
        other => plain(other),
    };
    Some((pair.key.clone(), value))
}

/// What JSON text says. Its depth is limited: by `serde_json` to 128, and by what is let into content to less.
pub(crate) fn read(text: &str) -> Option<AnyValue> {
    json(serde_json::from_str(text).ok()?)
}

/// A JSON value; `None` for `null`, which log records do not have. Absence says the same in an object; in a list a text
/// keeps the place.
pub(crate) fn json(value: Json) -> Option<AnyValue> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(value) => AnyValue::Boolean(value),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => AnyValue::Int(integer),
            (None, double) => AnyValue::Double(double?),
        },
        Json::String(text) => AnyValue::String(text.into()),
        Json::Array(items) => {
            let items = items.into_iter().map(|item| json(item).unwrap_or_else(|| "null".into()));
            AnyValue::ListAny(Box::new(items.collect()))
        }
        Json::Object(members) => {
            let members = members.into_iter().filter_map(|(key, value)| Some((Key::new(key), json(value)?)));
            AnyValue::Map(Box::new(members.collect()))
        }
    })
}

/// The value of a metadata attribute.
pub(crate) fn plain(value: &Value) -> AnyValue {
    match value {
        Value::Bool(value) => AnyValue::Boolean(*value),
        Value::I64(value) => AnyValue::Int(*value),
        Value::F64(value) => AnyValue::Double(*value),
        Value::String(text) => AnyValue::String(text.clone()),
        Value::Array(Array::Bool(items)) => items.iter().copied().collect(),
        Value::Array(Array::I64(items)) => items.iter().copied().collect(),
        Value::Array(Array::F64(items)) => items.iter().copied().collect(),
        Value::Array(Array::String(items)) => items.iter().cloned().collect(),
        other => AnyValue::String(other.as_str().into_owned().into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::semconv::attr;

    #[test]
    fn json_becomes_structure_and_loses_only_null() {
        let value = json!({"a": [1, 2.5, null, true, "x"], "b": null, "big": u64::MAX});
        let Some(AnyValue::Map(map)) = json(value) else { panic!("a map") };
        assert_eq!(map.len(), 2);
        let items = [AnyValue::Int(1), 2.5.into(), "null".into(), AnyValue::Boolean(true), "x".into()];
        assert_eq!(map[&Key::new("a")], AnyValue::ListAny(Box::new(items.to_vec())));
        assert_eq!(map[&Key::new("big")], AnyValue::Double(u64::MAX as f64));
        assert_eq!(read("{"), None);
        assert_eq!(read(&"[".repeat(200)), None);
    }

    #[test]
    fn only_what_the_registry_says_is_structured() {
        let of = |key: &'static str| attribute_of(&KeyValue::new(key, "[1]")).map(|(_, value)| value);
        assert_eq!(of(attr::GEN_AI_INPUT_MESSAGES), Some([1_i64].into_iter().collect()));
        assert_eq!(of(attr::EXCEPTION_MESSAGE), Some("[1]".into()));
        assert_eq!(of("gen_ai.prompt.variable.city"), Some("[1]".into()));
    }
}
