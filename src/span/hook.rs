//! Calling the application's hooks.

use tracing::dispatcher::{get_default, with_default};
use tracing::subscriber::NoSubscriber;

use crate::content::contained;
use crate::span::shared::Shared;
use crate::span::stats::Count;

/// Calls a hook of the application; `None` if it panicked, which is counted.
///
/// The layer holds locks of this span while its tracer runs: a hook that logs or opens spans would wait for them for
/// ever, so it runs without a subscriber.
pub(crate) fn call<R>(shared: &Shared, name: &'static str, hook: impl FnOnce() -> R) -> Option<R> {
    let call = || contained(hook);
    // Inside of an event there is none already, and `tracing` panics if it is asked to change that (tracing-core 0.1).
    let is_silent = get_default(|subscriber| subscriber.is::<NoSubscriber>());
    let answer = if is_silent { call() } else { with_default(&tracing::Dispatch::none(), call) };
    if answer.is_none() {
        shared.count(Count::HookPanic, name);
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::*;

    #[test]
    fn a_hook_may_throw_what_panics_when_dropped() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic_any("in the drop");
            }
        }
        let shared = Shared::default();
        assert_eq!(call(&shared, "hook", || panic_any(Bomb)), None::<()>);
        assert_eq!(shared.stats().hook_panics, 1);
    }
}
