//! The bytes of a streamed reply: the turn reads along, and they pass through as they are.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::activity::guard::Guard;
use crate::activity::stream::{TurnStream, fail_once, hook};
use crate::activity::turn::Turn;
use crate::content::Kind;
use crate::providers::{Response, StreamDecoder};
use crate::span::{Failure, content};

impl<S, B, E> TurnStream<S>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
    E: Failure,
{
    /// Reads the reply out of the bytes of a body, as `decoder` does: identifier, model, finish reasons, tokens, and its
    /// messages if a [content policy](crate::content) wants them. The bytes pass through unchanged and at once; each
    /// item is a [`chunk`](Guard::chunk).
    ///
    /// | what happens | the turn |
    /// |---|---|
    /// | the piece that ends the reply comes, or the end of the body | finishes, with what the reply says |
    /// | the reply says an error, also in its middle | fails, as [`finish_with`](Guard::finish_with) does |
    /// | the body fails | fails, as [`try_stream`](Guard::try_stream) does, with what is known |
    /// | it is dropped before | was cancelled, with what is known; unless every choice had come to its end |
    ///
    /// Tokens are known only if the provider sends them. With OpenAI's chat completions, and most who speak them, it has
    /// to be asked for: `"stream_options": {"include_usage": true}`. All others tell by themselves.
    ///
    /// ```
    /// use futures_core::Stream;
    /// use tracing_genai::activity::Turn;
    /// use tracing_genai::providers::{StreamDecoder, WireFormat};
    ///
    /// fn answer(
    ///     body: impl Stream<Item = std::io::Result<Vec<u8>>>,
    /// ) -> impl Stream<Item = std::io::Result<Vec<u8>>> {
    ///     let turn = Turn::chat("anthropic", "claude-sonnet-4-5").streaming().start();
    ///     turn.try_stream(body).decode(StreamDecoder::new(WireFormat::AnthropicMessages))
    /// }
    /// ```
    pub fn decode(self, decoder: StreamDecoder) -> DecodedStream<S> {
        let (source, turn, is_scoped) = self.into_parts();
        let wants =
            |turn: &Guard<Turn>| turn.opened().is_some_and(|open| content::is_wanted(&**open, Kind::OutputMessages));
        let decoder = if wants(&turn) { decoder.with_content() } else { decoder };
        let is_watched = turn.is_watched();
        DecodedStream { source, reply: Reply { turn, decoder: is_watched.then_some(decoder) }, is_scoped }
    }
}

/// The turn and what reads its reply, until that is over.
struct Reply {
    turn: Guard<Turn>,
    decoder: Option<StreamDecoder>,
}

impl Reply {
    fn piece(&mut self, bytes: &[u8]) {
        self.turn.chunk();
        let Some(decoder) = &mut self.decoder else { return };
        let mut is_over = false;
        hook(&self.turn, "stream_decoder", || {
            decoder.push(bytes);
            is_over = decoder.is_over();
        });
        if is_over {
            self.finish();
        }
    }

    /// What the reply says, once, and only while the turn takes it.
    fn read(&mut self) -> Option<Response<'static>> {
        let mut decoder = self.decoder.take().filter(|_| self.turn.is_watched())?;
        let mut response = None;
        hook(&self.turn, "stream_decoder", || response = Some(decoder.decoded()));
        response
    }

    fn finish(&mut self) {
        if let Some(response) = self.read() {
            self.turn.finish_with(&response);
        }
        self.turn.finish();
    }

    fn fail(&mut self, error: &dyn Failure) {
        if let Some(response) = self.read() {
            self.turn.response(&response);
        }
        fail_once(&self.turn, error);
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        let Some(response) = self.read() else { return };
        // Many a reader stops at the last text and leaves what comes after it.
        let reasons: Vec<&str> = response.finish_reasons().collect();
        let is_ended = !reasons.is_empty() && !reasons.contains(&"error");
        if is_ended && !std::thread::panicking() {
            self.turn.finish_with(&response);
        } else {
            self.turn.response(&response);
        }
    }
}

pin_project! {
    /// Stream of [`TurnStream::decode`].
    #[must_use = "streams do nothing unless polled, and the turn is cancelled when this is dropped"]
    pub struct DecodedStream<S> {
        #[pin]
        source: S,
        reply: Reply,
        is_scoped: bool,
    }
}

impl<S> DecodedStream<S> {
    /// The turn, for what the reply does not tell.
    pub fn turn(&self) -> &Guard<Turn> {
        &self.reply.turn
    }
}

impl<S, B, E> Stream for DecodedStream<S>
where
    S: Stream<Item = Result<B, E>>,
    B: AsRef<[u8]>,
    E: Failure,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let turn = &this.reply.turn;
        let polled = turn.unless_panic(|| {
            let _entered = this.is_scoped.then(|| turn.span().enter());
            this.source.poll_next(cx)
        });
        let item = ready!(polled);
        match &item {
            Some(Ok(bytes)) => this.reply.piece(bytes.as_ref()),
            Some(Err(error)) => this.reply.fail(error),
            None => this.reply.finish(),
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.source.size_hint()
    }
}

impl<S> fmt::Debug for DecodedStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodedStream").field("turn", &self.reply.turn).finish_non_exhaustive()
    }
}
