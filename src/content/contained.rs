//! Calling code of others that may panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` returns; `None` if it panicked.
pub(crate) fn contained<R>(work: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => Some(done),
        Err(thrown) => {
            discard(thrown);
            None
        }
    }
}

/// Drops what a panic threw. That is a value of the application's too, whose drop may panic in turn; what that throws is
/// leaked, for it may do the same.
#[cold]
fn discard(thrown: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(thrown))) {
        std::mem::forget(again);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::panic::panic_any;

    use super::*;

    /// Panics when it is dropped.
    pub(crate) struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any(Self);
        }
    }

    #[test]
    fn what_a_panic_throws_may_panic_when_dropped() {
        assert_eq!(contained(|| panic_any(Bomb)), None::<()>);
        assert_eq!(contained(|| 1), Some(1));
    }
}
