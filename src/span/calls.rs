//! The requests that were sent for one turn, whoever sends them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// Of the last request. Boxed, as every span has the place and few have the thing.
    failed: Mutex<Option<Box<FailedCall>>>,
}

impl Calls {
    /// Begins a request, and says how many there were before; `None` if one is under way already, as with two
    /// middlewares inside of each other.
    pub(crate) fn begin(&self) -> Option<u32> {
        let begun = |state: u32| (state & IN_FLIGHT == 0).then(|| state.saturating_add(1).min(!IN_FLIGHT) | IN_FLIGHT);
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, begun).ok()?;
        *self.failed() = None;
        Some(before)
    }

    /// The reply's head is here, or there will be none.
    pub(crate) fn arrived(&self) {
        self.state.fetch_and(!IN_FLIGHT, Ordering::AcqRel);
    }

    /// How many requests were begun.
    pub(crate) fn count(&self) -> u32 {
        self.state.load(Ordering::Acquire) & !IN_FLIGHT
    }

    /// The last request failed.
    pub(crate) fn set_failed(&self, call: FailedCall) {
        *self.failed() = Some(Box::new(call));
    }

    /// Adds what is known of the request that failed last, to a span that failed.
    pub(crate) fn explain(&self, attributes: &mut Attributes) {
        let Some(call) = self.failed().take() else { return };
        attributes.complete(ERROR_TYPE, call.error_type.into_text());
        if let Some(code) = call.code {
            attributes.complete(CODE, code);
        }
        if let Some(retryable) = call.retryable {
            attributes.complete(RETRYABLE, retryable);
        }
    }

    fn failed(&self) -> MutexGuard<'_, Option<Box<FailedCall>>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
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
        calls.begin();
        calls.explain(&mut attributes);
        assert!(!attributes.has(ERROR_TYPE));
        calls.set_failed(failed);
        calls.explain(&mut attributes);
        assert_eq!(attributes.text(ERROR_TYPE), Some("rate_limit"));
    }
}
