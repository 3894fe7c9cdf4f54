//! The requests that were sent for one turn, whoever sends them.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use opentelemetry::Value;

use crate::rules::FieldId;
use crate::semconv::attr;
use crate::span::attributes::Attributes;
use crate::span::error_type::ErrorType;
use crate::span::open::ERROR_TYPE;

const CODE: FieldId = FieldId::of(attr::AGENTIC_ERROR_CODE);
const RETRYABLE: FieldId = FieldId::of(attr::AGENTIC_ERROR_RETRYABLE);

/// Set while a request waits for its reply; the rest is how many were sent.
const IN_FLIGHT: u32 = 1 << 31;

/// What is known of a request that failed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FailedCall {
    pub(crate) error_type: ErrorType,
    /// As the provider says it.
    pub(crate) code: Option<String>,
    /// `None` if nobody knows.
    pub(crate) retryable: Option<bool>,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    state: AtomicU32,
    /// Whether the span holds the output of one of them.
    has_output: AtomicBool,
    /// Boxed, as every span has the place and few have the thing.
    last: Mutex<Option<Box<Last>>>,
}

/// What the last request came to.
#[derive(Debug, Default)]
struct Last {
    said: Attributes,
    failed: Option<FailedCall>,
}

impl Calls {
    /// Begins a request, and says how many there were before; `None` if one is under way already, as with two
    /// middlewares inside of each other.
    pub(crate) fn begin(&self) -> Option<u32> {
        let begun = |state: u32| (state & IN_FLIGHT == 0).then(|| state.saturating_add(1).min(!IN_FLIGHT) | IN_FLIGHT);
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, begun).ok()?;
        *self.last() = None;
        Some(before)
    }

    /// Whether a request waits for its reply.
    pub(crate) fn is_under_way(&self) -> bool {
        self.state.load(Ordering::Acquire) & IN_FLIGHT != 0
    }

    /// The reply's head is here, or there will be none.
    pub(crate) fn arrived(&self) {
        self.state.fetch_and(!IN_FLIGHT, Ordering::AcqRel);
    }

    /// How many requests were begun.
    pub(crate) fn count(&self) -> u32 {
        self.state.load(Ordering::Acquire) & !IN_FLIGHT
    }

    /// What the last request came to is forgotten when the next one begins.
    pub(crate) fn say(&self, id: FieldId, value: Value) {
        self.last().get_or_insert_default().said.set(id, value);
    }

    /// The last request failed.
    pub(crate) fn set_failed(&self, call: FailedCall) {
        self.last().get_or_insert_default().failed = Some(call);
    }

    pub(crate) fn has_output(&self) -> bool {
        self.has_output.load(Ordering::Relaxed)
    }

    pub(crate) fn set_output(&self) {
        self.has_output.store(true, Ordering::Relaxed);
    }

    /// Adds what the last request came to and nobody else has said, at the end of the span: that it failed only where the
    /// span did, `failed`, or where nobody could say so.
    pub(crate) fn tell(&self, attributes: &mut Attributes, failed: bool) {
        let Some(last) = self.last().take() else { return };
        let Last { said, failed: call } = *last;
        attributes.complete_all(said);
        if let Some(call) = call.filter(|_| failed || attributes.has(ERROR_TYPE)) {
            Self::explain(call, attributes);
        }
    }

    fn explain(call: FailedCall, attributes: &mut Attributes) {
        attributes.complete(ERROR_TYPE, call.error_type.into_text());
        if let Some(code) = call.code {
            attributes.complete(CODE, code);
        }
        if let Some(retryable) = call.retryable {
            attributes.complete(RETRYABLE, retryable);
        }
    }

    fn last(&self) -> MutexGuard<'_, Option<Box<Last>>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_at_a_time_and_all_are_counted() {
        let calls = Calls::default();
        assert_eq!((calls.begin(), calls.begin(), calls.count()), (Some(0), None, 1));
        calls.arrived();
        assert_eq!((calls.begin(), calls.begin(), calls.count()), (Some(1), None, 2));
    }

    #[test]
    fn the_last_request_counts() {
        let (calls, mut attributes) = (Calls::default(), Attributes::default());
        let failed = FailedCall { error_type: ErrorType::new("rate_limit"), code: None, retryable: Some(true) };
        calls.begin();
        calls.set_failed(failed.clone());
        calls.arrived();
        calls.say(CODE, "429".into());
        calls.begin();
        calls.tell(&mut attributes, true);
        assert!(attributes.as_slice().is_empty());
        calls.set_failed(failed);
        calls.tell(&mut attributes, true);
        assert_eq!(attributes.text(ERROR_TYPE), Some("rate_limit"));
    }
}
