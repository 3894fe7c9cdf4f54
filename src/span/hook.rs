//! Calling the application's hooks.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tracing::dispatcher::{get_default, with_default};
use tracing::subscriber::NoSubscriber;

use crate::span::shared::Shared;
use crate::span::stats::Count;

/// Calls a hook of the application; `None` if it panicked, which is counted.
///
/// The layer holds locks of this span while its tracer runs: a hook that logs or opens spans would wait for them for
/// ever, so it runs without a subscriber.
pub(crate) fn call<R>(shared: &Shared, name: &'static str, hook: impl FnOnce() -> R) -> Option<R> {
    let contained = || catch_unwind(AssertUnwindSafe(hook));
    // Inside of an event there is none already, and `tracing` panics if it is asked to change that (tracing-core 0.1).
    let is_silent = get_default(|subscriber| subscriber.is::<NoSubscriber>());
    let answer = if is_silent { contained() } else { with_default(&tracing::Dispatch::none(), contained) };
    if answer.is_err() {
        shared.count(Count::HookPanic, name);
    }
    answer.ok()
}
