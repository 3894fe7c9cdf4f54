//! The reply to a model call, read beside whoever it is for.

use std::any::Any;
use std::io::IoSlice;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::activity::exchange::failed_call;
use crate::activity::stream;
use crate::content::contained;
use crate::http::attempt::{Asked, read_body};
use crate::http::held::Held;
use crate::providers::{Response, StreamDecoder};
use crate::span::{Count, Entrance, FailedCall, Open, Shared};

/// Types of content that come in pieces.
const STREAMED: &[&str] = &[
    "text/event-stream",
    "application/vnd.amazon.eventstream",
    "application/x-ndjson",
    "application/ndjson",
    "application/x-jsonlines",
    "application/jsonl",
    "application/stream+json",
];

/// Pieces from this size on are kept as they are, in bytes.
const LARGE: usize = 16 * 1024;

/// A piece of data with more parts than this is not read.
const MAX_PARTS: usize = 16;

/// See the module's documentation. Dropped before its end, the call was given up.
pub(crate) struct Reply {
    /// `None` when all is said.
    held: Option<Arc<Held>>,
    asked: Asked,
    number: u32,
    status: u16,
    mode: Mode,
    shared: Arc<Shared>,
}

/// What is done with the body.
enum Mode {
    /// Kept until its end.
    Whole(Kept),
    /// Read as it comes.
    Pieces(Box<StreamDecoder>),
    Unread,
}

/// A body as far as it is here. A piece keeps the whole buffer alive that it was read into: small ones are copied.
#[derive(Default)]
struct Kept {
    pieces: Vec<Bytes>,
    /// What was copied since the last piece.
    small: Vec<u8>,
    length: usize,
}

impl Kept {
    fn push(&mut self, piece: Bytes) {
        self.flush();
        self.pieces.push(piece);
    }

    fn flush(&mut self) {
        if !self.small.is_empty() {
            self.pieces.push(std::mem::take(&mut self.small).into());
        }
    }

    /// All of it; without a copy if it came as one piece.
    fn into_bytes(mut self) -> Bytes {
        self.flush();
        if self.pieces.len() > 1 { self.pieces.concat().into() } else { self.pieces.pop().unwrap_or_default() }
    }
}

impl Reply {
    pub(crate) fn new(held: Arc<Held>, call: (Asked, u32), status: u16, headers: &HeaderMap) -> Self {
        let (asked, number) = call;
        let mode = mode(held.open(), &asked, status, headers);
        let shared = Arc::clone(&held.open().about().shared);
        let mut reply = Self { held: Some(held), asked, number, status, mode, shared };
        // They have no body to wait for.
        if matches!(status, 100..=199 | 204 | 300..=399) {
            reply.mode = Mode::Unread;
            reply.end();
        }
        reply
    }

    /// Whether all is said.
    pub(crate) fn is_over(&self) -> bool {
        self.held.is_none()
    }

    /// Data passes by.
    pub(crate) fn data<D: Buf + 'static>(&mut self, data: &D) {
        self.contained(|reply| reply.take(data));
    }

    /// The body came to its end.
    pub(crate) fn end(&mut self) {
        self.contained(|reply| {
            let response = reply.response();
            reply.settle(response.as_ref());
        });
    }

    /// The body broke off.
    pub(crate) fn broke_off(&mut self, call: FailedCall) {
        self.contained(|reply| {
            let response = reply.partial();
            let Some(held) = reply.held.take() else { return };
            held.answered(reply.number, response.as_ref());
            held.set_failed(reply.number, call);
        });
    }

    /// Runs `work`; a panic in it ends reading, and is counted.
    fn contained(&mut self, work: impl FnOnce(&mut Self)) {
        if self.held.is_some() && contained(|| work(self)).is_none() {
            self.mode = Mode::Unread;
            self.shared.count(Count::CallUnseen, "reply");
        }
    }

    fn take<D: Buf + 'static>(&mut self, data: &D) {
        let Some(held) = &self.held else { return };
        match &mut self.mode {
            Mode::Unread => {}
            Mode::Whole(kept) => {
                kept.length += data.remaining();
                if kept.length > self.asked.limit {
                    self.skip();
                } else if let Some(bytes) =
                    (data as &dyn Any).downcast_ref::<Bytes>().filter(|bytes| bytes.len() >= LARGE)
                {
                    kept.push(bytes.clone());
                } else if !parts(data, |part| kept.small.extend_from_slice(part)) {
                    self.skip();
                }
            }
            Mode::Pieces(decoder) => {
                if data.has_remaining() {
                    chunk(held);
                }
                if !parts(data, |part| decoder.push(part)) {
                    self.skip();
                } else if decoder.is_over() {
                    self.end();
                }
            }
        }
    }

    /// Reads no more.
    fn skip(&mut self) {
        self.mode = Mode::Unread;
        self.shared.count(Count::BodyNotRead, "reply");
    }

    /// What the reply says, at its end.
    fn response(&mut self) -> Option<Response<'static>> {
        let Mode::Whole(kept) = &mut self.mode else { return self.partial() };
        let body = std::mem::take(kept).into_bytes();
        self.mode = Mode::Unread;
        if body.is_empty() {
            return None;
        }
        let value = read_body(&body, &self.shared, "reply");
        Some(Response::from_owned(self.asked.format, &self.asked.provider, value?))
    }

    /// What it says so far, if it comes in pieces.
    fn partial(&mut self) -> Option<Response<'static>> {
        match std::mem::replace(&mut self.mode, Mode::Unread) {
            Mode::Pieces(mut decoder) => {
                if decoder.skipped() > 0 {
                    self.shared.count(Count::BodyNotRead, "piece of a reply");
                }
                Some(decoder.response(&self.asked.provider))
            }
            Mode::Whole(_) | Mode::Unread => None,
        }
    }

    fn settle(&mut self, response: Option<&Response<'_>>) {
        let Some(held) = self.held.take() else { return };
        held.answered(self.number, response);
        if self.status >= 400 || response.is_some_and(Response::is_error) {
            held.set_failed(self.number, failed_call(response, error_status(self.status)));
        } else {
            held.finish(self.number);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // While the thread panics, the guard knows what happened.
        if std::thread::panicking() || self.is_over() {
            return;
        }
        self.contained(|reply| {
            if reply.status >= 400 {
                return reply.settle(None);
            }
            let response = reply.partial();
            if let Some(held) = reply.held.take() {
                held.answered(reply.number, response.as_ref());
                // The client gave up because of it.
                if response.as_ref().is_some_and(Response::is_error) {
                    held.set_failed(reply.number, failed_call(response.as_ref(), error_status(reply.status)));
                }
            }
        });
    }
}

fn mode(open: &dyn Open, asked: &Asked, status: u16, headers: &HeaderMap) -> Mode {
    if !open.is_watched() {
        return Mode::Unread;
    }
    let shared = &open.about().shared;
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        shared.count(Count::BodyNotRead, "reply");
        return Mode::Unread;
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let is_listed = STREAMED.iter().any(|known| essence.eq_ignore_ascii_case(known));
    // Gemini streams an array of JSON unless it is asked for events.
    let is_array = asked.is_streamed && essence.eq_ignore_ascii_case("application/json");
    // An error is one document, whatever was asked for.
    if status >= 400 || !is_listed && !is_array {
        return Mode::Whole(Kept::default());
    }
    let decoder = StreamDecoder::new(asked.format).framed_by(content_type);
    Mode::Pieces(Box::new(if shared.settings.content.is_off() { decoder } else { decoder.with_content() }))
}

/// A chunk of a turn that was opened for the call. Of a typed guard around it the application may count the chunks
/// itself, and only when the first one came is told.
fn chunk(held: &Held) {
    let open = held.open();
    match held.guard() {
        Some(guard) => drop(guard.chunk()),
        None if !open.is_watched() => {}
        None => {
            let since_start = open.about().started.elapsed().unwrap_or_default();
            if open.about().entrance == Entrance::Fields {
                stream::chunk(open, since_start);
            } else {
                stream::first_chunk(open, since_start);
            }
        }
    }
}

/// Shows the parts of `data` to `each`; `false` if they are too many.
fn parts<D: Buf>(data: &D, mut each: impl FnMut(&[u8])) -> bool {
    let first = data.chunk();
    if first.len() == data.remaining() {
        each(first);
        return true;
    }
    let mut slices = [IoSlice::new(&[]); MAX_PARTS];
    let count = data.chunks_vectored(&mut slices);
    let parts = slices.get(..count).unwrap_or_default();
    let is_all = parts.iter().map(|part| part.len()).sum::<usize>() == data.remaining();
    if is_all {
        parts.iter().for_each(|part| each(part));
    }
    is_all
}

/// A status that says that something failed.
fn error_status(status: u16) -> Option<u16> {
    Some(status).filter(|status| *status >= 400)
}
