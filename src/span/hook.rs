//! Calling the application's hooks.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::span::shared::Shared;
use crate::span::stats::Count;

/// Calls a hook of the application; `None` if it panicked, which is counted.
///
/// The layer holds locks of this span while its tracer runs: a hook that logs or opens spans would wait for them for
/// ever, so it runs without a subscriber.
pub(crate) fn call<R>(shared: &Shared, name: &'static str, hook: impl FnOnce() -> R) -> Option<R> {
    let nobody = tracing::Dispatch::none();
    let answer = tracing::dispatcher::with_default(&nobody, || catch_unwind(AssertUnwindSafe(hook)));
    if answer.is_err() {
        shared.count(Count::HookPanic, name);
    }
    answer.ok()
}
