//! What a stream keeps beside its text: fields of a list, each of them small, however many pieces bring them.

use serde_json::{Map, Value};

/// Bytes of one field: texts, keys, and something for each value.
const MAX_BYTES: usize = 16 * 1024;
/// Bytes that a value costs beside its text.
const VALUE_BYTES: usize = 32;

/// Keeps of `given` what `keys` lists and is small; the last value that says something counts.
pub(crate) fn keep(kept: &mut Map<String, Value>, given: Map<String, Value>, keys: &[&str]) {
    for (key, value) in given {
        if keys.contains(&key.as_str()) && !value.is_null() && is_small(&value) {
            kept.insert(key, value);
        }
    }
}

/// Adds the fields of `given` to the object `kept`, as far as all of it stays small.
pub(crate) fn merge(kept: &mut Value, given: Map<String, Value>) {
    let Value::Object(mut merged) = std::mem::take(kept) else { return *kept = Value::Object(given) };
    let before = merged.clone();
    merged.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
    let merged = Value::Object(merged);
    *kept = if is_small(&merged) { merged } else { Value::Object(before) };
}

/// Whether a value is no larger than what a stream keeps of one field.
pub(crate) fn is_small(value: &Value) -> bool {
    fn rest(left: usize, value: &Value) -> Option<usize> {
        let left = left.checked_sub(VALUE_BYTES)?;
        match value {
            Value::String(text) => left.checked_sub(text.len()),
            Value::Array(items) => items.iter().try_fold(left, rest),
            Value::Object(fields) => {
                fields.iter().try_fold(left, |left, (key, value)| rest(left.checked_sub(key.len())?, value))
            }
            _ => Some(left),
        }
    }
    rest(MAX_BYTES, value).is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Map<String, Value> {
        let Value::Object(fields) = value else { panic!("an object") };
        fields
    }

    #[test]
    fn new_keys_and_large_values_are_not_kept() {
        let mut kept = Map::new();
        for at in 0..10_000 {
            keep(
                &mut kept,
                fields(json!({format!("k{at}"): 0, "model": "m", "id": null, "usage": {"a": at}})),
                &["id", "model", "usage"],
            );
        }
        keep(&mut kept, fields(json!({"model": "x".repeat(MAX_BYTES), "id": vec![0; MAX_BYTES]})), &["id", "model"]);
        assert_eq!(Value::Object(kept), json!({"model": "m", "usage": {"a": 9999}}));
    }

    #[test]
    fn what_is_merged_stays_small() {
        let mut kept = json!({"input_tokens": 1});
        for at in 0..10_000 {
            merge(&mut kept, fields(json!({format!("k{at}"): 0, "output_tokens": null})));
        }
        merge(&mut kept, fields(json!({"input_tokens": 2})));
        assert!(is_small(&kept) && kept["k0"] == 0 && kept["input_tokens"] == 2);
        assert!(kept.as_object().unwrap().len() < 1000);
    }
}
