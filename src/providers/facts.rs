//! JSON without what is content for sure: long texts, and embeddings.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Longest text that is kept, in bytes.
pub(crate) const MAX_TEXT_BYTES: usize = 1024;

/// Numbers of a list that is kept.
const MAX_NUMBERS: usize = 64;

/// Only key of the object that stands where something was left out; its value is the length.
const TEXT: &str = "tracing_genai.left_out.text";
const NUMBERS: &str = "tracing_genai.left_out.numbers";

/// What `serde_json` calls a number where some crate in the application's graph switched its `arbitrary_precision` on.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads a [`Value`].
#[derive(Clone, Copy)]
pub(crate) enum Json {
    /// Only the length is left of a long text and of a long list of numbers.
    Facts,
    /// The same of an error's message, of which the start is kept.
    Message,
    /// All of it. Not by `Value` itself: with `raw_value` that reads JSON in texts of a certain key, with a new limit of
    /// depth for each.
    Everything,
}

/// The length of what was left out here.
pub(crate) fn left_out(value: &Value) -> Option<u64> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.get(TEXT).or_else(|| fields.get(NUMBERS))?.as_u64()
}

/// Whether it is text, or was before it was left out.
pub(crate) fn is_text(value: &Value) -> bool {
    value.is_string() || (left_out(value).is_some() && !value[TEXT].is_null())
}

/// As much of a text as is kept.
fn start_of(text: &str) -> &str {
    let end = (0..=MAX_TEXT_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

fn leave_out(key: &str, length: usize) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), length.into())]))
}

impl Json {
    /// How the field `key` of an object is read, or an item of a list.
    fn inside(self, key: &str) -> Self {
        match self {
            Self::Everything => Self::Everything,
            _ if key == "message" => Self::Message,
            _ => Self::Facts,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Json {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Json {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(match self {
            Self::Facts if value.len() > MAX_TEXT_BYTES => leave_out(TEXT, value.len()),
            Self::Message => Value::String(start_of(value).to_owned()),
            _ => Value::String(value.to_owned()),
        })
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        match self {
            Self::Everything => Ok(Value::String(value)),
            Self::Facts | Self::Message => self.visit_str(&value),
        }
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut kept = Vec::new();
        let of_items = self.inside("");
        while let Some(item) = items.next_element_seed(of_items)? {
            kept.push(item);
            if !matches!(self, Self::Everything) && kept.len() == MAX_NUMBERS && kept.iter().all(Value::is_number) {
                // The digits of the rest are not even read as numbers.
                let mut length = MAX_NUMBERS;
                while items.next_element::<IgnoredAny>()?.is_some() {
                    length = length.saturating_add(1);
                }
                return Ok(if length > MAX_NUMBERS { leave_out(NUMBERS, length) } else { Value::Array(kept) });
            }
        }
        Ok(Value::Array(kept))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == NUMBER && fields.is_empty() {
                let digits = entries.next_value::<String>()?;
                return digits.parse::<Number>().map(Value::Number).map_err(|_| A::Error::custom("no number"));
            }
            let value = entries.next_value_seed(self.inside(&key))?;
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::providers::read::{Reading, read};

    fn facts(value: &Value) -> Value {
        read(value.to_string().as_bytes(), Reading::Facts).unwrap()
    }

    #[test]
    fn what_is_short_stays_as_it_is() {
        let value = json!({"a": [1, -2, 2.5, null, true, "é\n"], "b": {"c": [[], {}]}, "d": vec![1; MAX_NUMBERS],
            "e": "x".repeat(MAX_TEXT_BYTES), "f": vec![""; 100], "g": u64::MAX, "h": i64::MIN});
        assert_eq!(facts(&value), value);
    }

    #[test]
    fn of_what_is_long_the_length_stays() {
        let mixed = [vec![json!(1); 64], vec![json!("x")]].concat();
        let value = json!({"text": "é".repeat(600), "embedding": vec![0.25; 3072], "mixed": mixed});
        let facts = facts(&value);
        assert_eq!(facts["text"], json!({"tracing_genai.left_out.text": 1200}));
        assert_eq!(left_out(&facts["embedding"]), Some(3072));
        assert_eq!(left_out(&facts["mixed"]), Some(65));
        assert!(is_text(&facts["text"]) && is_text(&json!("")) && !is_text(&facts["mixed"]) && !is_text(&json!({})));
        assert_eq!(left_out(&json!({"a": 1})), None);
    }

    #[test]
    fn numbers_are_read_also_where_an_application_wants_arbitrary_precision() {
        let value = read(br#"{"n": {"$serde_json::private::Number": "12"}}"#, Reading::Facts).unwrap();
        assert_eq!(value, json!({"n": 12}));
        assert!(read(br#"{"$serde_json::private::Number": "x"}"#, Reading::Facts).is_err());
    }
}
