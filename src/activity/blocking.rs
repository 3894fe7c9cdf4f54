//! Replies in chunks without a runtime: iterators and readers.

use std::fmt;
use std::io::{self, ErrorKind, Read};

use crate::activity::guard::Guard;
use crate::activity::stream::{Watch, error_of, fail_once};
use crate::activity::turn::Turn;
use crate::span::Failure;

impl Guard<Turn> {
    /// [`stream`](Self::stream) for an iterator: each item is a [`chunk`](Self::chunk), the turn ends by the same rules.
    ///
    /// ```
    /// # use tracing_genai::activity::Turn;
    /// # let chunks = vec!["Hel", "lo"].into_iter();
    /// let turn = Turn::chat("openai", "gpt-4o").streaming().start();
    /// for text in turn.iter(chunks) {
    ///     print!("{text}");
    /// }
    /// ```
    pub fn iter<I: Iterator>(self, source: I) -> TurnIter<I> {
        TurnIter { watch: Watch::new(self, |_| None), source }
    }

    /// [`try_stream`](Self::try_stream) for an iterator: an `Err` fails the turn, and is no chunk.
    pub fn try_iter<I, T, E>(self, source: I) -> TurnIter<I>
    where
        I: Iterator<Item = Result<T, E>>,
        E: Failure,
    {
        TurnIter { watch: Watch::new(self, error_of), source }
    }

    /// Goes along with a body that is read: each read that brings bytes is a [`chunk`](Self::chunk), the end of the
    /// body finishes the turn, an error fails it unless it only asks for another try (`Interrupted`, `WouldBlock`).
    ///
    /// Who reads the body as events stops at the last one: call [`finish`](Self::finish) on [`TurnRead::turn`] there,
    /// else the turn was cancelled.
    ///
    /// For an asynchronous reader make a stream of it (`tokio_util::io::ReaderStream`) for
    /// [`try_stream`](Self::try_stream), or call [`chunk`](Self::chunk) where you read.
    ///
    /// ```
    /// use std::io::{BufRead, BufReader};
    /// # use tracing_genai::activity::Turn;
    /// # let body = &b"data: {}\n\ndata: [DONE]\n\n"[..];
    ///
    /// let turn = Turn::chat("openai", "gpt-4o").streaming().start();
    /// let mut events = BufReader::new(turn.read(body));
    /// let mut line = String::new();
    /// while events.read_line(&mut line)? > 0 && !line.contains("[DONE]") {
    ///     line.clear();
    /// }
    /// events.get_ref().turn().finish_reason("stop").finish();
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn read<R: Read>(self, source: R) -> TurnRead<R> {
        self.streamed();
        TurnRead { turn: self, source }
    }
}

/// Iterator of [`Guard::iter`] and [`Guard::try_iter`].
#[must_use = "iterators do nothing unless asked, and the turn is cancelled when this is dropped"]
pub struct TurnIter<I: Iterator, F = fn(&<I as Iterator>::Item, &Guard<Turn>)> {
    watch: Watch<I::Item, F>,
    source: I,
}

impl<I: Iterator, F> TurnIter<I, F> {
    /// Shows each item to `inspector` before it is handed on, as [`TurnStream::inspect`](super::TurnStream::inspect)
    /// does.
    pub fn inspect<G>(self, inspector: G) -> TurnIter<I, G>
    where
        G: FnMut(&I::Item, &Guard<Turn>),
    {
        TurnIter { watch: self.watch.inspected(inspector), source: self.source }
    }

    /// The turn, for what is not told by an item.
    pub fn turn(&self) -> &Guard<Turn> {
        &self.watch.turn
    }
}

impl<I, F> Iterator for TurnIter<I, F>
where
    I: Iterator,
    F: FnMut(&I::Item, &Guard<Turn>),
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.watch.next(|| self.source.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.source.size_hint()
    }
}

impl<I: Iterator, F> fmt::Debug for TurnIter<I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnIter").field("turn", &self.watch.turn).finish_non_exhaustive()
    }
}

/// Reader of [`Guard::read`].
#[must_use = "the turn is cancelled when this is dropped"]
pub struct TurnRead<R> {
    turn: Guard<Turn>,
    source: R,
}

impl<R> TurnRead<R> {
    /// The turn, to record what the body tells and to end it.
    pub fn turn(&self) -> &Guard<Turn> {
        &self.turn
    }
}

impl<R: Read> Read for TurnRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.turn.unless_panic(|| self.source.read(buffer));
        match &result {
            // An empty buffer gets nothing from any body.
            Ok(0) if buffer.is_empty() => {}
            Ok(0) => self.turn.finish(),
            Ok(_) => {
                self.turn.chunk();
            }
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(error) => fail_once(&self.turn, error),
        }
        result
    }
}

impl<R> fmt::Debug for TurnRead<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnRead").field("turn", &self.turn).finish_non_exhaustive()
    }
}
