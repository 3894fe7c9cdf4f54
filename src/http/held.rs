//! The turn that requests belong to: one that was opened for them, or one that was open around them.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::Value;

use crate::activity::exchange::answer_of_attempt;
use crate::activity::record::record;
use crate::activity::{Guard, Turn};
use crate::providers::Response;
use crate::rules::{Activity, FieldId};
use crate::semconv::{attr, value::gen_ai_operation_name as operation};
use crate::span::{FailedCall, Open, enclosing};

const RESEND_COUNT: FieldId = FieldId::of(attr::AGENTIC_HTTP_RESEND_COUNT);

/// The turn of one call and all its attempts. What was opened for it ends when nobody holds it any more: as failed, if
/// the last attempt failed, else as cancelled; or before, when a reply came to its end.
pub(crate) struct Held {
    whose: Whose,
    /// Where the attempts go to.
    endpoint: String,
    failed: Mutex<Option<FailedCall>>,
}

enum Whose {
    /// Opened for the call.
    Own(Guard<Turn>, Arc<dyn Open>),
    /// Open around it, somebody else's.
    Around(Arc<dyn Open>),
}

impl Held {
    /// A turn that was opened for the call; `None` if it has no span.
    pub(crate) fn own(turn: Guard<Turn>, endpoint: String) -> Option<Self> {
        let open = Arc::clone(turn.opened()?);
        Some(Self { whose: Whose::Own(turn, open), endpoint, failed: Mutex::default() })
    }

    /// The turn of `operation` that is open around the current code.
    pub(crate) fn around(operation: &str) -> Option<Self> {
        let open = enclosing().filter(|open| open.is_open() && is_turn_of(&**open, operation))?;
        Some(Self { whose: Whose::Around(open), endpoint: String::new(), failed: Mutex::default() })
    }

    pub(crate) fn open(&self) -> &dyn Open {
        match &self.whose {
            Whose::Own(_, open) | Whose::Around(open) => &**open,
        }
    }

    /// The guard, if the turn was opened for the call.
    pub(crate) fn guard(&self) -> Option<&Guard<Turn>> {
        match &self.whose {
            Whose::Own(guard, _) => Some(guard),
            Whose::Around(_) => None,
        }
    }

    /// Whether an attempt at `endpoint` goes on with this turn.
    pub(crate) fn is_for(&self, endpoint: &str) -> bool {
        self.endpoint == endpoint && self.open().is_open()
    }

    /// Begins an attempt, and says how many there were before; `None` if one is under way.
    pub(crate) fn begin(&self) -> Option<u32> {
        let before = self.open().about().calls.begin()?;
        *self.failed() = None;
        if before > 0 {
            record(self.open(), RESEND_COUNT, Value::I64(before.into()));
        }
        Some(before)
    }

    /// The attempt with that number failed, as far as none came after it.
    pub(crate) fn set_failed(&self, number: u32, call: FailedCall) {
        if self.is_last(number) {
            self.open().about().calls.set_failed(call.clone());
            *self.failed() = Some(call);
        }
    }

    /// Whether none came after the attempt with that number.
    pub(crate) fn is_last(&self, number: u32) -> bool {
        self.open().about().calls.count() == number.saturating_add(1)
    }

    /// What the reply to the attempt with that number says, as far as none came after it.
    pub(crate) fn answered(&self, number: u32, response: Option<&Response<'_>>) {
        // One that was open around the call may have ended since.
        if let Some(response) = response.filter(|_| self.is_last(number) && self.open().is_watched()) {
            answer_of_attempt(self.open(), response);
        }
    }

    /// The call succeeded.
    pub(crate) fn finish(&self, number: u32) {
        if let (Some(guard), true) = (self.guard(), self.is_last(number)) {
            guard.finish();
        }
    }

    fn failed(&self) -> MutexGuard<'_, Option<FailedCall>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Not while the thread panics: then the guard knows better.
impl Drop for Held {
    fn drop(&mut self) {
        let failed = self.failed().take();
        if let (Some(guard), Some(call), false) = (self.guard(), failed, std::thread::panicking()) {
            guard.fail_with(call.error_type);
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").field("open", &self.open().is_open()).finish_non_exhaustive()
    }
}

/// Whether a call of `operation` is what the span stands for. Clients disagree about which of the operations that
/// generate text theirs is.
fn is_turn_of(open: &dyn Open, operation: &str) -> bool {
    let about = open.about();
    match operation {
        operation::EMBEDDINGS => about.operation.name == Some(operation::EMBEDDINGS),
        _ => about.activity() == Activity::Turn,
    }
}
