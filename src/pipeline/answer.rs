//! What the exporter underneath does not tell of its last attempt over HTTP.

use std::sync::{Arc, Mutex, PoisonError};

/// Written by the client, taken by the exporter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Last(Arc<Mutex<Answer>>);

/// How the last attempt ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The network failure, if there was no answer.
    pub(crate) cause: Option<String>,
    pub(crate) status: Option<u16>,
}

impl Last {
    #[cfg_attr(not(feature = "otlp-http"), expect(dead_code))]
    pub(crate) fn set(&self, answer: Answer) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    pub(crate) fn take(&self) -> Answer {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
