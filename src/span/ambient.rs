//! Whose work this is, for a scope of code: conversation, session, user and run.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task;

use opentelemetry::{Context, ContextGuard};
use pin_project_lite::pin_project;

use crate::rules::FieldId;
use crate::semconv::attr;
use crate::span::inherited::Inherited;

/// Whose work it is that runs in a scope: what is set here, every GenAI span that starts in the scope gets, unless it
/// says otherwise itself or hangs below a GenAI span that does.
///
/// A scope goes along with its future from thread to thread, and with OpenTelemetry's context: into the spans that
/// start in it, and from there into spawned tasks that are instrumented with one of them or wrapped in `with_context`.
/// A task spawned with neither begins without. An inner scope adds to the outer one; what it sets again counts.
/// By default nothing is set; an empty text sets nothing.
///
/// ```
/// use tracing_genai::Identity;
/// # use tracing_genai::activity::Turn;
///
/// # async fn handler() {
/// let identity = Identity::new().conversation("c-17").session("s-3").user("u-8");
/// identity
///     .scope(async {
///         // A library that knows nothing of all this.
///         Turn::chat("openai", "gpt-4o").start().finish();
///     })
///     .await;
/// # }
/// ```
///
/// Where a value comes from, the first that there is:
///
/// | | |
/// |---|---|
/// | the span itself | `Turn::chat(…).session("…")`, a field `session.id` |
/// | the nearest GenAI span above | what it has, or was given so |
/// | `Identity` | the innermost scope, else the current OpenTelemetry context, else that of the parent |
/// | baggage | of the parent, else of the current context; only the keys of [`GenAiTracer::with_baggage`](crate::GenAiTracer::with_baggage) |
/// | the process | [`GenAiTracer::with_session_id`](crate::GenAiTracer::with_session_id) |
#[derive(Clone, Debug, Default)]
#[must_use = "an identity does nothing without scope() or in_scope()"]
pub struct Identity(Inherited);

impl Identity {
    /// One that says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// `gen_ai.conversation.id`: an identifier that the agent or its provider really uses for the conversation.
    pub fn conversation(self, id: impl AsRef<str>) -> Self {
        self.with(const { FieldId::of(attr::GEN_AI_CONVERSATION_ID) }, id.as_ref())
    }

    /// `session.id`; a [`SessionId`](crate::SessionId) or an identifier of your own.
    pub fn session(self, id: impl AsRef<str>) -> Self {
        self.with(const { FieldId::of(attr::SESSION_ID) }, id.as_ref())
    }

    /// `user.id`: an opaque identifier, not a name or an address.
    pub fn user(self, id: impl AsRef<str>) -> Self {
        self.with(const { FieldId::of(attr::USER_ID) }, id.as_ref())
    }

    /// `agentic.run.id`: the application's identifier of the run.
    pub fn run(self, id: impl AsRef<str>) -> Self {
        self.with(const { FieldId::of(attr::AGENTIC_RUN_ID) }, id.as_ref())
    }

    /// Runs `future` as work of this identity.
    pub fn scope<F: Future>(self, future: F) -> IdentityScope<F> {
        IdentityScope { future, identity: self, merged: None }
    }

    /// Runs `work` as work of this identity, on this thread.
    pub fn in_scope<T>(self, work: impl FnOnce() -> T) -> T {
        let merged = merged(self.0);
        let _entered = Entered::new(&merged);
        let _attached = attach(&merged);
        work()
    }

    fn with(mut self, id: FieldId, text: &str) -> Self {
        if !text.is_empty() {
            self.0.put(id, Arc::from(text));
        }
        self
    }
}

pin_project! {
    /// Future of [`Identity::scope`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct IdentityScope<F> {
        #[pin]
        future: F,
        identity: Identity,
        // Known at the first poll: the future may be made outside of the scope that it runs in.
        merged: Option<Arc<Inherited>>,
    }
}

impl<F: Future> Future for IdentityScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> task::Poll<Self::Output> {
        let this = self.project();
        let merged = this.merged.get_or_insert_with(|| merged(this.identity.0.clone()));
        let _entered = Entered::new(merged);
        // Made anew for every poll: it has to hold the span that is current now.
        let _attached = attach(merged);
        this.future.poll(cx)
    }
}

/// The value in an OpenTelemetry context.
struct Ambient(Arc<Inherited>);

/// Whether there ever was a scope: every GenAI span asks, and most programs have none.
static ANY: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The innermost scope of the code that runs on this thread. The context alone does not do: in
    /// `identity.scope(work.instrument(span))` the span was there before the scope, and entering it makes the context
    /// it was made in the current one.
    static INNERMOST: Cell<Option<Arc<Inherited>>> = const { Cell::new(None) };
}

/// The scope is left when this is dropped, in a panic too.
struct Entered(Option<Arc<Inherited>>);

impl Entered {
    fn new(identity: &Arc<Inherited>) -> Self {
        ANY.store(true, Ordering::Relaxed);
        Self(INNERMOST.try_with(|innermost| innermost.replace(Some(Arc::clone(identity)))).ok().flatten())
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let outer = self.0.take();
        // The inner one is dropped after it was taken out: dropping an `Arc` of texts runs no code of others.
        INNERMOST.try_with(|innermost| innermost.set(outer)).ok();
    }
}

fn merged(mut own: Inherited) -> Arc<Inherited> {
    if let Some(outer) = innermost() {
        own.fill(&outer);
    }
    of_current(|outer| own.fill(outer));
    Arc::new(own)
}

fn innermost() -> Option<Arc<Inherited>> {
    let copy = |innermost: &Cell<Option<Arc<Inherited>>>| {
        let held = innermost.take();
        innermost.set(held.clone());
        held
    };
    INNERMOST.try_with(copy).ok().flatten()
}

/// Makes a context with `identity` the current one; `None` on a thread whose thread-locals are gone: it panics there.
fn attach(identity: &Arc<Inherited>) -> Option<ContextGuard> {
    let attach = || Context::current_with_value(Ambient(Arc::clone(identity))).attach();
    catch_unwind(AssertUnwindSafe(attach)).ok()
}

/// Shows `see` the identity in the current OpenTelemetry context.
fn of_current(see: impl FnOnce(&Inherited)) {
    let look = || Context::map_current(|context| context.get::<Ambient>().map(|ambient| see(&ambient.0)));
    // It panics on a thread whose thread-locals are gone.
    let _ = catch_unwind(AssertUnwindSafe(look));
}

/// Whether a span may start in a scope at all.
#[inline]
pub(crate) fn is_used() -> bool {
    ANY.load(Ordering::Relaxed)
}

/// Shows `see` the scopes that a span with the parent `parent` starts in, the one that counts most first.
pub(crate) fn each(parent: &Context, mut see: impl FnMut(&Inherited)) {
    if let Some(innermost) = innermost() {
        see(&innermost);
    }
    of_current(&mut see);
    if let Some(ambient) = parent.get::<Ambient>() {
        see(&ambient.0);
    }
}
