//! Errors of start-up and flush.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::span::is_unprintable;

use super::signal::Signal;

/// Why a [`Telemetry`](super::Telemetry) could not be started.
///
/// The message is one line: the variable or setting, its value, and the mend. Values of headers, user names and
/// passwords in URLs and URL queries never appear in it. `Debug` is the same line, because that is what a `main` prints
/// that returns the error.
#[derive(thiserror::Error)]
#[error("{message}")]
pub struct InitError {
    kind: InitErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The class of an [`InitError`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum InitErrorKind {
    /// A global subscriber is set already, by an earlier `init()` or by another crate; it goes on working.
    AlreadyInitialized,
    /// An environment variable has a value that means nothing.
    Variable,
    /// A value given to the builder means nothing.
    Setting,
    /// A certificate or key cannot be read, parsed or used.
    Tls,
    /// The exporter cannot be built, for example because its cargo feature is off.
    Exporter,
    /// The operating system refused the export thread or its runtime.
    Worker,
}

impl fmt::Debug for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl InitError {
    /// The class of this error.
    pub fn kind(&self) -> InitErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: InitErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }
}

/// Why [`Telemetry::flush`](super::Telemetry::flush) could not report success.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FlushError {
    /// Not everything was sent in the given time; sending goes on in the background.
    #[error("flush did not finish within {0:?}; raise the timeout or check the endpoint")]
    Timeout(Duration),
    /// Sending was tried and this many spans were lost.
    #[error("{spans} spans could not be exported: {reason}")]
    Failed {
        /// Number of spans.
        spans: u64,
        /// The last error of the exporter, one line.
        reason: String,
    },
    /// Spans were all sent, log records or metrics were not. A receiver that has no place for them is no failure.
    #[error("{signal} could not be exported: {reason}")]
    Signal {
        /// Of what.
        signal: Signal,
        /// The last error of the exporter, one line.
        reason: String,
    },
    /// The export thread has ended.
    #[error("the export thread has ended; nothing can be flushed any more")]
    Stopped,
}

/// Where a value came from, so that an error can name it: a variable or a builder method.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// An environment variable.
    Variable(&'static str),
    /// A method of the builder.
    Setter(&'static str),
}

impl Origin {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Variable(name) | Self::Setter(name) => name,
        }
    }

    /// `bad value "<shown>" in <origin>: <mend>`; the caller decides what of the value may be shown.
    pub(crate) fn refuse(self, shown: &str, mend: &str) -> InitError {
        let (shown, rest) = match shown.char_indices().nth(LONGEST_SHOWN) {
            Some((end, _)) => (shown.get(..end).unwrap_or_default(), " …"),
            None => (shown, ""),
        };
        self.refuse_unseen(&format!("bad value {shown:?}{rest}"), mend)
    }

    /// As [`refuse`](Self::refuse) for values that must not be shown: `what` describes the fault.
    pub(crate) fn refuse_unseen(self, what: &str, mend: &str) -> InitError {
        let kind = match self {
            Self::Variable(_) => InitErrorKind::Variable,
            Self::Setter(_) => InitErrorKind::Setting,
        };
        InitError::new(kind, format!("{what} in {}: {mend}", self.name()))
    }
}

/// How much of a bad value an error shows, in characters.
const LONGEST_SHOWN: usize = 100;

/// Longest line, in characters.
const LONGEST_LINE: usize = 300;

/// One line of at most 300 characters without control characters and marks that turn text around, fit for standard
/// error.
///
/// Texts of receivers and operating systems end up there; without this they could forge lines or colours.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::new();
    let mut left = LONGEST_LINE;
    for char in text.chars() {
        let escape = is_unprintable(char).then(|| char.escape_unicode());
        let length = escape.as_ref().map_or(1, ExactSizeIterator::len);
        if length > left {
            break;
        }
        left -= length;
        match escape {
            Some(escape) => line.extend(escape),
            None => line.push(char),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_be_broken_or_coloured() {
        let line = one_line("a\nb\u{1b}[2J\u{202e}c");
        assert_eq!(line, "a\\u{a}b\\u{1b}[2J\\u{202e}c");
        assert_eq!(one_line(&"x".repeat(1000)).len(), 300);
        assert_eq!(one_line(&"\n".repeat(1000)).len(), 300);
    }

    #[test]
    fn a_main_that_returns_the_error_prints_the_message() {
        let error = Origin::Variable("OTEL_X").refuse("a", "write a number");
        assert_eq!(format!("{error:?}"), "bad value \"a\" in OTEL_X: write a number");
    }

    #[test]
    fn an_error_names_origin_value_and_mend() {
        let error = Origin::Variable("OTEL_X").refuse("ab\nc", "write a number");
        assert_eq!(error.kind(), InitErrorKind::Variable);
        assert_eq!(error.to_string(), "bad value \"ab\\nc\" in OTEL_X: write a number");
        let error = Origin::Variable("OTEL_X").refuse(&"ä".repeat(1000), "write a number");
        assert_eq!(error.to_string(), format!("bad value {:?} … in OTEL_X: write a number", "ä".repeat(100)));
        let error = Origin::Setter("with_x").refuse("1", "write 2");
        assert_eq!(error.kind(), InitErrorKind::Setting);
    }
}
