//! Replies that come in chunks: the turn goes with them.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project_lite::pin_project;

use crate::activity::guard::Guard;
use crate::activity::record::complete;
use crate::activity::setters::Given;
use crate::activity::turn::Turn;
use crate::content::contained;
use crate::rules::FieldId;
use crate::semconv::attr;
use crate::span::{Count, ErrorType, Failure, Open};

impl Guard<Turn> {
    /// Notes that a chunk of the reply is here, whoever hands it over: a callback, a loop over a body.
    ///
    /// The first one gives `gen_ai.response.time_to_first_chunk` (seconds since the start of the turn) unless
    /// [`first_chunk`](Self::first_chunk) did, and `gen_ai.request.stream = true`. The end of the turn gives
    /// `agentic.stream.chunks` and, in seconds, `agentic.stream.time_per_chunk` (the mean) and
    /// `agentic.stream.max_time_per_chunk`, as the application sees them: its own pauses between two chunks count. A
    /// chunk after the end changes nothing.
    ///
    /// ```
    /// # use tracing_genai::activity::Turn;
    /// # fn on_text(mut callback: impl FnMut(&str)) { callback("Hello") }
    /// let turn = Turn::chat("openai", "gpt-4o").streaming().start();
    /// on_text(|text| {
    ///     turn.chunk();
    ///     print!("{text}");
    /// });
    /// turn.finish();
    /// ```
    pub fn chunk(&self) -> &Self {
        // Neither clock nor counters for nobody.
        if let Some(open) = self.opened().filter(|open| open.is_watched()) {
            chunk(&**open, self.elapsed());
        }
        self
    }

    /// Goes along with `source`, each of whose items is a [`chunk`](Self::chunk) of the reply. The items pass through
    /// as they are.
    ///
    /// The turn ends once:
    ///
    /// | what happens to the stream | the turn |
    /// |---|---|
    /// | it comes to its end | finishes |
    /// | the [inspector](TurnStream::inspect) calls `finish` or `fail`, at the chunk that says so | ends at that moment |
    /// | it is dropped before: the reader had enough, its task was aborted, its runtime is gone | was cancelled, with what was recorded so far |
    /// | `source` panics | failed, with `error.type = panic`; the panic goes on |
    ///
    /// Many a reader stops at the chunk that ends the reply and never sees the end of the stream: let the inspector
    /// finish the turn there. What still comes after it passes through.
    ///
    /// `gen_ai.request.stream = true` is set here; a sampler sees it only if [`Turn::streaming`] said it at the start.
    ///
    /// ```
    /// use futures_core::Stream;
    /// use tracing_genai::activity::{Turn, Usage};
    ///
    /// struct Chunk { text: String, tokens: Option<(u64, u64)>, is_last: bool }
    ///
    /// fn answer(chunks: impl Stream<Item = Chunk>) -> impl Stream<Item = Chunk> {
    ///     let turn = Turn::chat("openai", "gpt-4o").streaming().start();
    ///     turn.stream(chunks).inspect(|chunk, turn| {
    ///         if let Some((input, output)) = chunk.tokens {
    ///             turn.usage(Usage::new(input, output));
    ///         }
    ///         if chunk.is_last {
    ///             turn.finish_reason("stop").finish();
    ///         }
    ///     })
    /// }
    /// ```
    pub fn stream<S: Stream>(self, source: S) -> TurnStream<S> {
        TurnStream::new(Watch::new(self, |_| None), source)
    }

    /// [`stream`](Self::stream) of results: an `Err` fails the turn, and is no chunk.
    ///
    /// The first error ends the turn, as [`fail`](Self::fail) does; what a stream yields after it passes through and
    /// changes nothing. If yours goes on after errors, or its errors are no [`Error`](std::error::Error) themselves
    /// (`anyhow::Error`, `Box<dyn Error>`), use [`stream`](Self::stream) and let the inspector decide:
    /// `turn.fail(&**error)`.
    pub fn try_stream<S, T, E>(self, source: S) -> TurnStream<S>
    where
        S: Stream<Item = Result<T, E>>,
        E: Failure,
    {
        TurnStream::new(Watch::new(self, error_of), source)
    }

    pub(crate) fn streamed(&self) {
        self.complete(const { FieldId::of(attr::GEN_AI_REQUEST_STREAM) }, true);
    }
}

/// Notes a chunk that came `since_start` of the turn.
pub(crate) fn chunk(open: &dyn Open, since_start: Duration) {
    if open.about().chunk(since_start) {
        first_chunk(open, since_start);
    }
}

/// Notes when the first chunk came, unless that was told.
pub(crate) fn first_chunk(open: &dyn Open, since_start: Duration) {
    let since_start = since_start.as_secs_f64().into_value();
    complete(open, const { FieldId::of(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK) }, since_start);
    complete(open, const { FieldId::of(attr::GEN_AI_REQUEST_STREAM) }, true.into_value());
}

pub(crate) fn error_of<T, E: Failure>(result: &Result<T, E>) -> Option<&dyn Failure> {
    match result {
        Ok(_) => None,
        Err(error) => Some(error),
    }
}

/// What an inspector is as long as there is none.
type Nobody<T> = fn(&T, &Guard<Turn>);

/// The turn beside a source of items, and what is done with each of them.
pub(crate) struct Watch<T, F = Nobody<T>> {
    pub(crate) turn: Guard<Turn>,
    error_of: fn(&T) -> Option<&dyn Failure>,
    inspector: Option<F>,
}

impl<T> Watch<T> {
    pub(crate) fn new(turn: Guard<Turn>, error_of: fn(&T) -> Option<&dyn Failure>) -> Self {
        turn.streamed();
        Self { turn, error_of, inspector: None }
    }
}

impl<T, F> Watch<T, F> {
    pub(crate) fn inspected<G>(self, inspector: G) -> Watch<T, G> {
        Watch { turn: self.turn, error_of: self.error_of, inspector: Some(inspector) }
    }
}

impl<T, F: FnMut(&T, &Guard<Turn>)> Watch<T, F> {
    /// Asks the source for its next item, by `next`, and takes note of what comes.
    pub(crate) fn next(&mut self, next: impl FnOnce() -> Option<T>) -> Option<T> {
        let item = self.turn.unless_panic(next);
        self.take_note(item.as_ref());
        item
    }

    fn take_note(&mut self, item: Option<&T>) {
        let Some(item) = item else { return self.turn.finish() };
        let error = (self.error_of)(item);
        if error.is_none() {
            self.turn.chunk();
        }
        if let Some(inspector) = &mut self.inspector {
            hook(&self.turn, "stream_inspector", || inspector(item, &self.turn));
        }
        if let Some(error) = error {
            fail_once(&self.turn, error);
        }
    }
}

/// Fails the turn unless it has ended: a stream may yield many errors.
pub(crate) fn fail_once(turn: &Guard<Turn>, error: &dyn Failure) {
    if turn.is_watched() {
        hook(turn, "stream_error", || turn.fail(error));
    }
    // The error's own code may have panicked.
    turn.fail_with(ErrorType::OTHER);
}

/// Runs the application's code. With its subscriber, unlike hooks that run while a span starts or ends: here we are
/// inside nothing of `tracing`, and it may log like any other code of the reader's.
pub(crate) fn hook(turn: &Guard<Turn>, name: &str, work: impl FnOnce()) {
    if contained(work).is_none() {
        turn.count(Count::HookPanic, name);
    }
}

pin_project! {
    /// Stream of [`Guard::stream`] and [`Guard::try_stream`].
    #[must_use = "streams do nothing unless polled, and the turn is cancelled when this is dropped"]
    pub struct TurnStream<S: Stream, F = fn(&<S as Stream>::Item, &Guard<Turn>)> {
        #[pin]
        source: S,
        watch: Watch<S::Item, F>,
        is_scoped: bool,
    }
}

impl<S: Stream> TurnStream<S> {
    fn new(watch: Watch<S::Item>, source: S) -> Self {
        Self { source, watch, is_scoped: false }
    }

    /// Source, turn, and whether the source is polled inside of the turn.
    pub(crate) fn into_parts(self) -> (S, Guard<Turn>, bool) {
        (self.source, self.watch.turn, self.is_scoped)
    }
}

impl<S: Stream, F> TurnStream<S, F> {
    /// Shows each item to `inspector` before it is handed on, together with the turn, to record what the item tells
    /// (usage, finish reason, identifier of the reply) and to end the turn at the last one. Nobody looks by default;
    /// a second inspector takes the place of the first.
    ///
    /// It is called in the reader's poll: keep it short. If it panics, that is counted
    /// ([`Stats::hook_panics`](crate::Stats::hook_panics)) and the stream goes on.
    pub fn inspect<G>(self, inspector: G) -> TurnStream<S, G>
    where
        G: FnMut(&S::Item, &Guard<Turn>),
    {
        TurnStream { source: self.source, watch: self.watch.inspected(inspector), is_scoped: self.is_scoped }
    }

    /// Polls the source inside the turn: what starts there, such as requests that the source sends by itself, becomes
    /// a child. Not so by default: it costs more than all the rest does for a chunk.
    pub fn scoped(mut self) -> Self {
        self.is_scoped = true;
        self
    }

    /// The turn, for what is not told by an item.
    pub fn turn(&self) -> &Guard<Turn> {
        &self.watch.turn
    }
}

impl<S, F> Stream for TurnStream<S, F>
where
    S: Stream,
    F: FnMut(&S::Item, &Guard<Turn>),
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let turn = &this.watch.turn;
        let polled = turn.unless_panic(|| {
            let _entered = this.is_scoped.then(|| turn.span().enter());
            this.source.poll_next(cx)
        });
        let item = ready!(polled);
        this.watch.take_note(item.as_ref());
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.source.size_hint()
    }
}

impl<S, F> FusedStream for TurnStream<S, F>
where
    S: FusedStream,
    F: FnMut(&S::Item, &Guard<Turn>),
{
    fn is_terminated(&self) -> bool {
        self.source.is_terminated()
    }
}

impl<S: Stream, F> fmt::Debug for TurnStream<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnStream").field("turn", &self.watch.turn).finish_non_exhaustive()
    }
}
