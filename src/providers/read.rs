//! Bytes → JSON, as much of it as is wanted, within limits.

use serde::de::DeserializeSeed;
use serde_json::Value;
use thiserror::Error;

use crate::providers::facts::Json;

/// Arrays and objects inside of each other, at most: `serde_json`'s own limit. In what is left out nothing is counted.
pub const MAX_DEPTH: usize = 127;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How much of a body is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// What is no content. Of a text longer than 1 KiB and of a list of more than 64 numbers (an embedding) only the
    /// length stays: `{"tracing_genai.left_out.text": 5000}`, in bytes, `{"tracing_genai.left_out.numbers": 3072}`.
    Facts,
    /// All of it.
    Everything,
}

/// Why a body could not be read. It holds nothing of the body.
#[derive(Debug, Error)]
#[error("the body is no JSON, or deeper than {MAX_DEPTH}: line {line}, column {column}")]
pub struct ReadError {
    line: usize,
    column: usize,
}

/// The JSON in `bytes`, UTF-8 with or without a byte order mark. `serde_json`'s number limits are in force: `1e999` is
/// no number.
///
/// ```
/// use tracing_genai::providers::{Reading, read};
///
/// let reply = read(br#"{"model": "gpt-4o", "choices": []}"#, Reading::Facts).unwrap();
/// assert_eq!(reply["model"], "gpt-4o");
/// assert!(read(b"{} and more", Reading::Facts).is_err());
/// ```
///
/// # Errors
/// It is no JSON, something follows it, or arrays and objects lie deeper in each other than [`MAX_DEPTH`].
pub fn read(bytes: &[u8], reading: Reading) -> Result<Value, ReadError> {
    let mut json = serde_json::Deserializer::from_slice(bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes));
    let value = match reading {
        Reading::Facts => Json::Facts.deserialize(&mut json),
        Reading::Everything => Json::Everything.deserialize(&mut json),
    };
    let whole = value.and_then(|value| json.end().map(|()| value));
    whole.map_err(|error| ReadError { line: error.line(), column: error.column() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Reading; 2] = [Reading::Facts, Reading::Everything];

    #[test]
    fn the_limit_of_the_depth_is_the_one_that_is_told() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let object = |depth: usize| r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
        for reading in BOTH {
            assert!(read(deep(MAX_DEPTH).as_bytes(), reading).is_ok());
            assert!(read(deep(MAX_DEPTH + 1).as_bytes(), reading).is_err());
            assert!(read(object(MAX_DEPTH).as_bytes(), reading).is_ok());
            assert!(read(object(MAX_DEPTH + 1).as_bytes(), reading).is_err());
            assert!(read("[".repeat(1_000_000).as_bytes(), reading).is_err());
        }
    }

    /// `serde_json` reads the text of this key as JSON where `raw_value` is on, each time with a limit of its own.
    #[test]
    fn depth_cannot_hide_in_texts() {
        let mut text = "[]".to_owned();
        for _ in 0..12 {
            text = serde_json::json!({"$serde_json::private::RawValue": text}).to_string();
        }
        for reading in BOTH {
            let value = read(text.as_bytes(), reading).unwrap();
            assert!(value["$serde_json::private::RawValue"].is_string() || reading == Reading::Facts, "{value}");
        }
    }

    #[test]
    fn the_start_of_an_errors_message_is_kept() {
        let body = serde_json::json!({"error": {"message": "é".repeat(600), "other": "é".repeat(600)}}).to_string();
        let read = read(body.as_bytes(), Reading::Facts).unwrap();
        assert_eq!(read["error"]["message"].as_str().unwrap().len(), 1024);
        assert!(read["error"]["other"].is_object());
    }

    #[test]
    fn what_follows_is_an_error_and_a_byte_order_mark_is_not() {
        for reading in BOTH {
            assert_eq!(read(b"\xef\xbb\xbf {\"a\": 1} \n", reading).unwrap()["a"], 1);
            assert!(read(b"{} {}", reading).is_err());
            assert!(read(b"{}\0", reading).is_err());
            assert!(read(b"", reading).is_err());
        }
    }

    #[test]
    fn an_error_holds_nothing_of_the_body() {
        for reading in BOTH {
            let error = read(b"{\n\"secret canary\": canary}", reading).unwrap_err();
            assert_eq!(error.to_string(), "the body is no JSON, or deeper than 127: line 2, column 18");
            assert!(!format!("{error:?}").contains("canary"));
        }
    }
}
