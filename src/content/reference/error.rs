//! Why content could not be stored, or a store not be set up.

use std::error::Error;
use std::{fmt, io};

/// Why a [`Store`](super::Store) could not be set up, or did not take an item.
///
/// The message is one line: what, where, and the mend; never content, user names, passwords or queries of URLs. `Debug` is
/// the same line, because that is what a `main` prints that returns the error.
#[derive(thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The class of a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// A path, URL, name or variable means nothing, or a cargo feature is off.
    Setting,
    /// Others than this process could read or change what is stored there.
    NotPrivate,
    /// It could not be written or reached.
    Unavailable,
    /// It took longer than it may.
    Timeout,
}

impl StoreErrorKind {
    /// As shown in the line on standard error.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Setting => "bad setting",
            Self::NotPrivate => "place is not private",
            Self::Unavailable => "store is unavailable",
            Self::Timeout => "store took too long",
        }
    }
}

impl StoreError {
    /// An error of class `kind`. `message` is never shown by this crate, but by whoever prints the error.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Adds what lies under it. This crate shows nothing of it but the [`io::ErrorKind`] of an [`io::Error`].
    #[must_use]
    pub fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Names the variable that asked for the store.
    pub(super) fn of_variable(mut self, name: &str) -> Self {
        self.message = format!("{} (asked for by {name})", self.message);
        self
    }

    /// The class of this error.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// What may be shown without a look at it: no text of a store, which may have answered with what it was sent.
    pub(super) fn class(&self) -> String {
        let source = self.source.as_ref().and_then(|source| source.downcast_ref::<io::Error>());
        let cause = source.map(|source| format!(" ({})", source.kind()));
        format!("{}{}", self.kind.as_str(), cause.unwrap_or_default())
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_shows_no_text() {
        let error = StoreError::new(StoreErrorKind::Unavailable, "canary").with_source(io::Error::other("canary"));
        assert_eq!(error.class(), "store is unavailable (other error)");
        let error = StoreError::new(StoreErrorKind::Timeout, "canary").with_source(fmt::Error);
        assert_eq!(error.class(), "store took too long");
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(error.source().is_some());
    }
}
