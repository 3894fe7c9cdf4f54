//! Places in somebody else's JSON: names and numbers with dots between them.

use serde_json::Value;

static NOWHERE: Value = Value::Null;

/// What is at `path`, `null` if nothing is: `messages.0.role`.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    let step = |value: &'a Value, name: &str| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    };
    path.split('.').try_fold(value, step).unwrap_or(&NOWHERE)
}

/// Takes what is at `path`, fields of objects only; `null` if nothing is.
pub(crate) fn take(value: &mut Value, path: &str) -> Value {
    path.split('.').try_fold(value, |value, name| value.get_mut(name)).map(Value::take).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_that_is_not_there_is_null() {
        let mut value = json!({"a": [{"b": "c"}], "d": 1});
        assert_eq!(at(&value, "a.0.b"), "c");
        for nowhere in ["a.1.b", "a.b", "d.0", "d.e", "f.g", ""] {
            assert_eq!(at(&value, nowhere), &Value::Null, "{nowhere}");
            assert_eq!(take(&mut value, nowhere), Value::Null, "{nowhere}");
        }
        assert_eq!(take(&mut value, "a"), json!([{"b": "c"}]));
        assert_eq!(value, json!({"a": null, "d": 1}));
    }
}
