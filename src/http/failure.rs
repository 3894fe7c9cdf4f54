//! What failed before there was a reply, or in the middle of one: a client's error → a word of the taxonomy.

use std::any::Any;
use std::error::Error;
use std::io;

use crate::providers::ErrorKind;
use crate::span::{ErrorType, FailedCall};

type Boxed = Box<dyn Error + Send + Sync>;

/// Types of errors of well-known clients, as the compiler names them: without a dependency on all those crates.
#[rustfmt::skip]
const TYPES: &[(&str, ErrorKind)] = &[
    ("hyper_util::client::legacy::client::Error", ErrorKind::Connection),
    ("hyper::error::Error",                       ErrorKind::Connection),
    ("tower::timeout::error::Elapsed",            ErrorKind::Timeout),
];

/// What errors say of themselves that a box hides, as they are printed: nothing of it is kept.
const TEXTS: &[(&str, ErrorKind)] = &[
    ("request timed out", ErrorKind::Timeout),    // tower::timeout::error::Elapsed
    ("deadline has elapsed", ErrorKind::Timeout), // tokio::time::error::Elapsed
];

impl FailedCall {
    /// A failure that the taxonomy knows.
    pub(crate) fn of(kind: ErrorKind) -> Self {
        Self { error_type: ErrorType::new(kind.as_str()), code: None, retryable: Some(kind.is_retryable()) }
    }

    /// A failure that it does not know.
    pub(crate) fn other(error_type: ErrorType) -> Self {
        Self { error_type, code: None, retryable: None }
    }

    /// By the error of a client, of whatever type.
    pub(crate) fn of_client<E: 'static>(error: &E) -> Self {
        let any: &dyn Any = error;
        if let Some(error) = any.downcast_ref::<io::Error>() {
            return Self::of_error(error);
        }
        if let Some(error) = any.downcast_ref::<Boxed>() {
            return Self::of_error(&**error);
        }
        let name = std::any::type_name::<E>();
        TYPES.iter().find(|(known, _)| *known == name).map_or(Self::other(ErrorType::OTHER), |row| Self::of(row.1))
    }

    /// By an error and its sources.
    pub(crate) fn of_error(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(io) = error.downcast_ref::<io::Error>() {
                return Self::of(by_io(io.kind()));
            }
            let text = error.to_string();
            if let Some((_, kind)) = TEXTS.iter().find(|(known, _)| *known == text) {
                return Self::of(*kind);
            }
            cause = error.source();
        }
        Self::other(ErrorType::of(error))
    }

    /// A body that broke off.
    pub(crate) fn of_body<E: 'static>(error: &E) -> Self {
        let of_client = Self::of_client(error);
        if of_client.retryable.is_some() { of_client } else { Self::of(ErrorKind::Connection) }
    }
}

fn by_io(kind: io::ErrorKind) -> ErrorKind {
    if kind == io::ErrorKind::TimedOut { ErrorKind::Timeout } else { ErrorKind::Connection }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_cause_or_type_stands_for_the_error() {
        let slow = io::Error::from(io::ErrorKind::TimedOut);
        assert_eq!(FailedCall::of_client(&slow), FailedCall::of(ErrorKind::Timeout));
        let boxed: Boxed = Box::new(io::Error::from(io::ErrorKind::ConnectionReset));
        assert_eq!(FailedCall::of_client(&boxed), FailedCall::of(ErrorKind::Connection));
        let boxed: Boxed = Box::new(tower::timeout::error::Elapsed::new());
        assert_eq!(FailedCall::of_client(&boxed), FailedCall::of(ErrorKind::Timeout));
        let boxed: Boxed = "what the user said".into();
        assert_eq!(FailedCall::of_client(&boxed), FailedCall::other(ErrorType::OTHER));
        assert_eq!(FailedCall::of_client(&std::fmt::Error), FailedCall::other(ErrorType::OTHER));
        assert_eq!(FailedCall::of_body(&std::fmt::Error), FailedCall::of(ErrorKind::Connection));
    }
}
