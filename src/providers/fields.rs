//! Fields of somebody else's JSON: of the type that is wanted, or left out and counted.

use std::cell::Cell;

use serde_json::Value;

use crate::providers::facts::left_out;

/// Beyond it a float no longer holds every whole number.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// An object of a provider's JSON. A field that is missing or `null` is just not there; one of another type than asked
/// for is not there either, and is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    value: &'a Value,
    skipped: &'a Cell<u32>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value, skipped: &'a Cell<u32>) -> Self {
        Self { value, skipped }
    }

    /// Counts fields of a wrong type that were seen by other means.
    pub(crate) fn skip(&self, fields: u32) {
        self.skipped.set(self.skipped.get().saturating_add(fields));
    }

    /// The value itself.
    pub(crate) fn value(&self) -> &'a Value {
        self.value
    }

    /// Whatever the field holds, `null` excepted.
    pub(crate) fn any(&self, key: &str) -> Option<&'a Value> {
        self.value.get(key).filter(|value| !value.is_null())
    }

    fn typed<T>(&self, key: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.any(key)?;
        let read = read(value);
        // What was too long to be kept was of the right type, for all that is known.
        if read.is_none() && left_out(value).is_none() {
            self.skip(1);
        }
        read
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.typed(key, Value::as_str)
    }

    /// A copy of a text that is not empty.
    pub(crate) fn string(&self, key: &str) -> Option<String> {
        self.text(key).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A whole number from 0, also if it is written as a float: `12.0`.
    pub(crate) fn count(&self, key: &str) -> Option<u64> {
        self.typed(key, count)
    }

    /// [`count`](Self::count) of a field inside of others: `details.cached_tokens`.
    pub(crate) fn count_at(&self, path: &str) -> Option<u64> {
        match path.split_once('.') {
            Some((outer, rest)) => self.object(outer)?.count_at(rest),
            None => self.count(path),
        }
    }

    /// The sum of several counts, of which the first has to be there. No sum if one of them is of a wrong type, so that
    /// a part never stands for the whole.
    pub(crate) fn sum(&self, keys: &[&str]) -> Option<u64> {
        self.any(keys.first()?)?;
        self.total(keys)
    }

    /// [`sum`](Self::sum), whichever are there.
    pub(crate) fn total(&self, keys: &[&str]) -> Option<u64> {
        let count = |key: &&str| if self.any(key).is_some() { self.count(key) } else { Some(0) };
        keys.iter().try_fold(0_u64, |sum, key| sum.checked_add(count(key)?))
    }

    /// Items of a list or bytes of a text, also of one that was not kept.
    pub(crate) fn length(&self, key: &str) -> Option<u64> {
        self.typed(key, length)
    }

    /// [`length`](Self::length) of the first item of a list.
    pub(crate) fn items_length(&self, key: &str) -> Option<u64> {
        self.typed(key, |list| list.as_array().map(|items| items.first().and_then(length))).flatten()
    }

    pub(crate) fn int(&self, key: &str) -> Option<i64> {
        self.typed(key, Value::as_i64)
    }

    pub(crate) fn float(&self, key: &str) -> Option<f64> {
        self.typed(key, Value::as_f64)
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        self.typed(key, Value::as_bool)
    }

    pub(crate) fn object(&self, key: &str) -> Option<Fields<'a>> {
        let value = self.typed(key, |value| value.is_object().then_some(value))?;
        Some(Fields { value, skipped: self.skipped })
    }

    /// An object that is found by other means, for which the same is counted.
    pub(crate) fn nested(&self, value: &'a Value) -> Option<Fields<'a>> {
        value.is_object().then_some(Fields { value, skipped: self.skipped })
    }

    /// The items of a list; none if there is no list.
    pub(crate) fn list(&self, key: &str) -> impl Iterator<Item = Fields<'a>> + use<'a> {
        let skipped = self.skipped;
        self.typed(key, Value::as_array).into_iter().flatten().map(move |value| Fields { value, skipped })
    }

    /// One text or a list of texts.
    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        let read = |value: &Value| match value {
            Value::String(text) => Some(vec![text.clone()]),
            Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        self.typed(key, read).unwrap_or_default()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: whole, and small enough")]
fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let float = value.as_f64().filter(|float| float.fract() == 0.0 && (0.0..=MAX_EXACT).contains(float))?;
        Some(float as u64)
    })
}

fn length(value: &Value) -> Option<u64> {
    match value {
        Value::Array(items) => u64::try_from(items.len()).ok(),
        Value::String(text) => u64::try_from(text.len()).ok(),
        other => left_out(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_of_a_wrong_type_is_left_out_and_counted() {
        let (value, skipped) =
            (json!({"a": "12", "b": -1, "c": 1.5, "d": null, "e": 12.0, "f": [1, "x"]}), Cell::new(0));
        let fields = Fields::of(&value, &skipped);
        assert_eq!(
            (fields.count("a"), fields.count("b"), fields.count("c"), fields.count("d")),
            (None, None, None, None)
        );
        assert_eq!((fields.count("e"), fields.count("nowhere")), (Some(12), None));
        assert_eq!(fields.texts("f"), [""; 0]);
        assert_eq!(skipped.get(), 4);
        assert_eq!((fields.sum(&["e", "d", "nowhere"]), fields.sum(&["nowhere", "e"])), (Some(12), None));
        assert_eq!(fields.sum(&["e", "b"]), None);
    }
}
