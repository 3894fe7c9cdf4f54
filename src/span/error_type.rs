//! What failed, in a word of few possible values: never the error's text.

use std::borrow::Cow;
use std::error::Error;
use std::io::ErrorKind;

use opentelemetry::StringValue;

use crate::semconv::value::error_type;

/// Longest `error.type` that is let through.
const MAX_LEN: usize = 64;

/// A value of `error.type`: a provider's code (`rate_limit_exceeded`), an HTTP status (`429`), a type name.
///
/// Letters, digits, `_`, `.` and `-`, beginning with a letter, at most 64 characters; or a three-digit HTTP status; or a
/// negative error code of JSON-RPC (`-32602`).
/// Anything else, free text above all, becomes `_OTHER`: an error's text may hold what the model was told.
///
/// ```
/// use tracing_genai::ErrorType;
///
/// assert_eq!(ErrorType::new("rate_limit").as_str(), "rate_limit");
/// assert_eq!(ErrorType::new("429").as_str(), "429");
/// assert_eq!(ErrorType::new("-32602").as_str(), "-32602");
/// assert_eq!(ErrorType::new("no such user: alice@example.org").as_str(), "_OTHER");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorType(Cow<'static, str>);

impl ErrorType {
    /// `text` if it is a valid error type, else `_OTHER`.
    pub fn new(text: &str) -> Self {
        if Self::is_valid(text) { Self(Cow::Owned(text.to_owned())) } else { Self::OTHER }
    }

    pub(crate) const PANIC: Self = Self(Cow::Borrowed("panic"));

    /// Ended from outside, see `agentic.forced_close`.
    pub(crate) const INTERRUPTED: Self = Self(Cow::Borrowed("interrupted"));

    /// The fallback of the conventions.
    pub const OTHER: Self = Self(Cow::Borrowed(error_type::OTHER));

    /// The type of an error value: a well-known cause in its chain (`timeout`, `connection_refused` …), else the name
    /// of its Rust type (`reqwest::Error` → `reqwest.Error`, `my::SearchFailed` → `SearchFailed`). Its text is not
    /// read.
    pub fn of<E: Failure + ?Sized>(error: &E) -> Self {
        let mut cause = Some(error.as_error());
        while let Some(error) = cause {
            if let Some(known) = error.downcast_ref::<std::io::Error>().and_then(|io| io_type(io.kind())) {
                return known;
            }
            cause = error.source();
        }
        Self::new(&short_name(error.type_name()))
    }

    /// An error code of JSON-RPC: a number that the application chose holds no text.
    pub(crate) fn of_code(code: i64) -> Self {
        Self(Cow::Owned(code.to_string()))
    }

    pub(crate) fn is_valid(text: &str) -> bool {
        let bytes = text.as_bytes();
        if bytes.len() == 3 && bytes.iter().all(u8::is_ascii_digit) || text == error_type::OTHER {
            return true;
        }
        if let Some(code) = bytes.strip_prefix(b"-") {
            return matches!(code.len(), 1..=6) && code.iter().all(u8::is_ascii_digit);
        }
        let inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        bytes.len() <= MAX_LEN && bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.iter().all(inner)
    }

    /// As it is exported.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_text(self) -> StringValue {
        StringValue::from(self.0)
    }
}

impl From<&str> for ErrorType {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl std::fmt::Display for ErrorType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An error that [`Guard::fail`](crate::activity::Guard::fail) takes: every [`Error`], also behind `dyn`
/// (`turn.fail(&*boxed)`).
pub trait Failure {
    /// The error, to look through its sources.
    fn as_error(&self) -> &(dyn Error + 'static);
    /// Path of the error's Rust type without parameters; empty for a trait object, which has no name of its own.
    fn type_name(&self) -> &'static str {
        ""
    }
}

impl<E: Error + 'static> Failure for E {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }

    fn type_name(&self) -> &'static str {
        let name = std::any::type_name::<E>();
        name.split('<').next().unwrap_or(name)
    }
}

impl Failure for dyn Error + 'static {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl Failure for dyn Error + Send + 'static {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

impl Failure for dyn Error + Send + Sync + 'static {
    fn as_error(&self) -> &(dyn Error + 'static) {
        self
    }
}

/// The last name of a path; every second crate calls its error `Error`, so that one keeps its crate.
fn short_name(path: &str) -> String {
    match (path.split("::").next(), path.rsplit("::").next()) {
        (Some(krate), Some("Error")) if krate != "Error" => format!("{krate}.Error"),
        (_, Some(last)) => last.to_owned(),
        _ => String::new(),
    }
}

fn io_type(kind: ErrorKind) -> Option<ErrorType> {
    #[rustfmt::skip]
    const TYPES: &[(ErrorKind, &str)] = &[
        (ErrorKind::ConnectionAborted, "connection_aborted"),
        (ErrorKind::ConnectionRefused, "connection_refused"),
        (ErrorKind::ConnectionReset,   "connection_reset"),
        (ErrorKind::InvalidData,       "invalid_data"),
        (ErrorKind::NotFound,          "not_found"),
        (ErrorKind::PermissionDenied,  "permission_denied"),
        (ErrorKind::TimedOut,          "timeout"),
        (ErrorKind::UnexpectedEof,     "unexpected_eof"),
    ];
    TYPES.iter().find(|(known, _)| *known == kind).map(|(_, text)| ErrorType(Cow::Borrowed(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the prompt was: {0}")]
    struct Refused<T: std::fmt::Debug>(T, #[source] Option<std::io::Error>);

    #[test]
    fn a_type_name_or_a_known_cause_stands_for_the_error() {
        assert_eq!(ErrorType::of(&Refused("secret", None)).as_str(), "Refused");
        let slow = Refused(1, Some(std::io::Error::from(ErrorKind::TimedOut)));
        assert_eq!(ErrorType::of(&slow).as_str(), "timeout");
        let boxed: Box<dyn Error> = Box::new(slow);
        assert_eq!(ErrorType::of(&*boxed).as_str(), "timeout");
        let boxed: Box<dyn Error + Send + Sync> = "free text".into();
        assert_eq!(ErrorType::of(&*boxed).as_str(), "_OTHER");
        assert_eq!(ErrorType::of(&std::io::Error::from(ErrorKind::TimedOut)).as_str(), "timeout");
        assert_eq!(ErrorType::of(&std::io::Error::other("text")).as_str(), "std.Error");
        assert_eq!(ErrorType::of(&std::fmt::Error).as_str(), "core.Error");
    }

    #[test]
    fn a_code_of_json_rpc_is_an_error_type() {
        assert_eq!(ErrorType::new("-32602").as_str(), "-32602");
        assert_eq!(ErrorType::of_code(42).as_str(), "42");
    }

    #[test]
    fn free_text_is_no_error_type() {
        for text in ["", "a b", "é", "1x", "42", "_x", "-", "-1x", "-1234567", &"a".repeat(65), "x\n", "a/b"] {
            assert_eq!(ErrorType::new(text), ErrorType::OTHER, "{text}");
        }
    }
}
