//! Futures that run inside an activity.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tracing::instrument::Instrumented;

use crate::activity::guard::{Activity, Guard};
use crate::span::{Failure, Open};

pin_project! {
    /// Future of [`Guard::scope`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Scope<F> {
        #[pin]
        work: Instrumented<F>,
        done: Option<Arc<dyn Open>>,
    }
}

impl<F> Scope<F> {
    pub(crate) fn new(work: Instrumented<F>, done: Option<Arc<dyn Open>>) -> Self {
        Self { work, done }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let output = ready!(this.work.poll(cx));
        if let Some(span) = this.done.take() {
            span.set_scope_done();
        }
        Poll::Ready(output)
    }
}

pin_project! {
    /// Future of [`Guard::run`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Run<F, A: Activity> {
        #[pin]
        scope: Scope<F>,
        guard: Guard<A>,
    }
}

impl<F, A: Activity> Run<F, A> {
    pub(crate) fn new(scope: Scope<F>, guard: Guard<A>) -> Self {
        Self { scope, guard }
    }
}

/// Fails the activity if its work panics, at once: who catches the panic may drop the future at any later time, when
/// it would look like given up. Forgotten once the work has been polled: only unwinding drops it.
struct FailedByPanic<'a, A: Activity>(&'a Guard<A>);

impl<A: Activity> Drop for FailedByPanic<'_, A> {
    fn drop(&mut self) {
        self.0.panicked();
    }
}

impl<A: Activity> Guard<A> {
    pub(crate) fn unless_panic<R>(&self, work: impl FnOnce() -> R) -> R {
        let unwinding = FailedByPanic(self);
        let result = work();
        std::mem::forget(unwinding);
        result
    }
}

impl<F, A, T, E> Future for Run<F, A>
where
    F: Future<Output = Result<T, E>>,
    A: Activity,
    E: Failure,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.guard.unless_panic(|| this.scope.poll(cx)));
        match &result {
            Ok(_) => this.guard.finish(),
            Err(error) => this.guard.fail(error),
        }
        Poll::Ready(result)
    }
}
