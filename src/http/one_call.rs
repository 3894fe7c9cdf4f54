//! Attempts of clients that try again by themselves, as one call.

use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::http::held::Held;

/// Turns that were opened in one scope, the last one last; for the calls a scope makes to several endpoints.
const MAX_TURNS: usize = 8;

#[derive(Debug, Default)]
struct Call(Mutex<Vec<Arc<Held>>>);

thread_local! {
    /// That of the code which runs on this thread; set for every poll.
    static CURRENT: RefCell<Option<Arc<Call>>> = const { RefCell::new(None) };
}

/// Runs `future`, in which all attempts of model calls to the same endpoint are one turn: the first one opens it, the
/// later ones go on with it (`agentic.http.resend_count`), and it ends as the last one did.
///
/// For clients that try again above a middleware of this room, with a request of its own for each attempt, such as
/// async-openai's `OpenAIRetryLayer`. A middleware of `reqwest-middleware` that tries again needs nothing of it. Do not
/// put two calls of an agent into one: they would be taken for attempts of the same.
///
/// A call that succeeded is over: the next one to the same endpoint is another turn.
///
/// ```
/// # async fn call_with_retries() -> Result<(), std::io::Error> { Ok(()) }
/// # async fn example() -> Result<(), std::io::Error> {
/// tracing_genai::http::one_call(call_with_retries()).await
/// # }
/// ```
pub fn one_call<F: Future>(future: F) -> OneCall<F> {
    OneCall { future, call: Arc::default() }
}

pin_project! {
    /// Future of [`one_call`] and [`OneCallService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct OneCall<F> {
        #[pin]
        future: F,
        call: Arc<Call>,
    }
}

impl<F: Future> Future for OneCall<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let entered = Entered::new(this.call);
        let polled = this.future.poll(cx);
        drop(entered);
        if polled.is_ready() {
            // Whoever keeps the future does not keep its turns.
            *this.call = Arc::default();
        }
        polled
    }
}

impl<F> fmt::Debug for OneCall<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneCall").finish_non_exhaustive()
    }
}

/// The scope is left when this is dropped, in a panic too.
struct Entered(Option<Arc<Call>>);

impl Entered {
    fn new(call: &Arc<Call>) -> Self {
        let replace = |current: &RefCell<Option<Arc<Call>>>| current.replace(Some(Arc::clone(call)));
        Self(CURRENT.try_with(replace).ok().flatten())
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let outer = self.0.take();
        // What is taken out may be the last holder of a turn, and its end may come back here.
        drop(CURRENT.try_with(|current| current.replace(outer)));
    }
}

fn current() -> Option<Arc<Call>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// The turn of earlier attempts at `endpoint`.
pub(crate) fn earlier(endpoint: &str) -> Option<Arc<Held>> {
    let call = current()?;
    let turns = call.0.lock().unwrap_or_else(PoisonError::into_inner);
    turns.iter().rev().find(|held| held.is_for(endpoint)).map(Arc::clone)
}

/// Keeps the turn for later attempts.
pub(crate) fn keep(held: &Arc<Held>) {
    let Some(call) = current() else { return };
    let mut turns = call.0.lock().unwrap_or_else(PoisonError::into_inner);
    turns.push(Arc::clone(held));
    let oldest = if turns.len() > MAX_TURNS { Some(turns.remove(0)) } else { None };
    drop(turns);
    // Its end runs span processors: not under the lock.
    drop(oldest);
}

/// A `tower` layer that makes [one call](one_call) of what each request to it sets off, whatever the type of requests: for
/// above a layer that tries again.
///
/// ```
/// use tower_layer::Layer;
/// use tracing_genai::http::OneCallLayer;
///
/// # let retrying_client = ();
/// let client = OneCallLayer::new().layer(retrying_client);
/// # let _ = client;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct OneCallLayer(());

impl OneCallLayer {
    /// The layer.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for OneCallLayer {
    type Service = OneCallService<S>;

    fn layer(&self, inner: S) -> OneCallService<S> {
        OneCallService { inner }
    }
}

/// Service of [`OneCallLayer`].
#[derive(Clone, Copy, Debug)]
pub struct OneCallService<S> {
    inner: S,
}

impl<S, R> Service<R> for OneCallService<S>
where
    S: Service<R>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = OneCall<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let call = Arc::default();
        // A service may begin its work before its future is polled.
        let entered = Entered::new(&call);
        let future = self.inner.call(request);
        drop(entered);
        OneCall { future, call }
    }
}
