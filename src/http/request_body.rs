//! The body of a request, looked at before it is sent.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::http::attempt::{self, Later};

/// Frames that are looked at, at most: some may be empty.
const MAX_FRAMES: usize = 1024;

pin_project! {
    /// Body of the requests that [`GenAiService`](super::GenAiService) hands on: frame for frame that of the caller.
    ///
    /// Of a body that tells its length, as those that are in memory do, what it had ready was taken out, without waiting, and comes
    /// first.
    pub struct RequestBody<B: Body> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProjected]
    enum Kind<B: Body> {
        Passed { #[pin] body: B },
        Seen { seen: Seen<B> },
    }
}

type Polled<B> = Poll<Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>>;

/// A body of which some was taken out.
struct Seen<B: Body> {
    body: Pin<Box<B>>,
    ready: VecDeque<Result<Frame<B::Data>, B::Error>>,
    /// `body` said that it has nothing more.
    is_over: bool,
    later: Option<Box<Later>>,
}

/// A body before its request is handed on.
pub(crate) struct Look<B: Body> {
    seen: Seen<B>,
    joined: Vec<u8>,
}

impl<B: Body> Look<B> {
    pub(crate) fn new(body: B) -> Self {
        let seen = Seen { body: Box::pin(body), ready: VecDeque::new(), is_over: false, later: None };
        Self { seen, joined: Vec::new() }
    }

    /// What the body has ready, up to `limit` bytes. It is asked without waiting.
    pub(crate) fn look(&mut self, limit: usize) -> attempt::Body<'_> {
        self.seen.look(&mut self.joined, limit)
    }

    /// The body to send; `later` sees what comes.
    pub(crate) fn into_body(mut self, later: Option<Later>) -> RequestBody<B> {
        // What is here in full was read.
        self.seen.later = later.filter(|_| !self.seen.is_over).map(Box::new);
        RequestBody { kind: Kind::Seen { seen: self.seen } }
    }
}

impl<B: Body> RequestBody<B> {
    /// A body that nobody looks at.
    pub(crate) fn passed(body: B) -> Self {
        Self { kind: Kind::Passed { body } }
    }
}

impl<B: Body> Seen<B> {
    fn look<'a>(&'a mut self, joined: &'a mut Vec<u8>, limit: usize) -> attempt::Body<'a> {
        // Of a body of unknown length nobody knows whether it has trailers, or how long it may be: it stays as it is.
        match self.body.size_hint().exact() {
            Some(length) if length <= limit as u64 => {}
            Some(_) => return attempt::Body::NotRead,
            None => return attempt::Body::Later,
        }
        let mut context = Context::from_waker(Waker::noop());
        let mut length = 0;
        while self.ready.len() < MAX_FRAMES && !self.is_over {
            let frame = match self.body.as_mut().poll_frame(&mut context) {
                // Whoever polls next waits for it.
                Poll::Pending => return attempt::Body::Later,
                Poll::Ready(None) => {
                    self.is_over = true;
                    break;
                }
                Poll::Ready(Some(frame)) => frame,
            };
            length += frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, Buf::remaining);
            let failed = frame.is_err();
            self.ready.push_back(frame);
            if length > limit {
                return attempt::Body::NotRead;
            }
            if failed {
                return attempt::Body::Later;
            }
        }
        if self.is_over { self.whole(joined) } else { attempt::Body::Later }
    }

    fn whole<'a>(&'a self, joined: &'a mut Vec<u8>) -> attempt::Body<'a> {
        let parts = || self.ready.iter().filter_map(|frame| frame.as_ref().ok()?.data_ref());
        if parts().any(|part| part.chunk().len() != part.remaining()) {
            return attempt::Body::Later;
        }
        let mut parts = parts().map(Buf::chunk);
        match (parts.next(), parts.next()) {
            (None, _) => attempt::Body::Whole(&[]),
            (Some(whole), None) => attempt::Body::Whole(whole),
            (Some(first), Some(second)) => {
                joined.extend_from_slice(first);
                joined.extend_from_slice(second);
                parts.for_each(|part| joined.extend_from_slice(part));
                attempt::Body::Whole(joined)
            }
        }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Polled<B> {
        let frame = match self.ready.pop_front() {
            Some(frame) => Some(frame),
            None if self.is_over => None,
            None => ready!(self.body.as_mut().poll_frame(cx)),
        };
        self.note(frame.as_ref());
        Poll::Ready(frame)
    }

    fn note(&mut self, frame: Option<&Result<Frame<B::Data>, B::Error>>) {
        let Some(mut later) = self.later.take() else { return };
        let goes_on = match frame {
            None => false,
            Some(Err(_)) => return,
            Some(Ok(frame)) => match frame.data_ref() {
                Some(data) if data.chunk().len() != data.remaining() || !later.push(data.chunk()) => return,
                Some(_) => !self.is_end_stream(),
                None => false,
            },
        };
        if goes_on {
            self.later = Some(later);
        } else {
            later.end();
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ready.is_empty() && (self.is_over || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let ready = self.ready.iter().filter_map(|frame| frame.as_ref().ok()?.data_ref());
        let ready = ready.map(|data| data.remaining() as u64).fold(0, u64::saturating_add);
        if self.is_over {
            return SizeHint::with_exact(ready);
        }
        let (rest, mut hint) = (self.body.size_hint(), SizeHint::new());
        hint.set_lower(rest.lower().saturating_add(ready));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(ready));
        }
        hint
    }
}

impl<B: Body> Body for RequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.project().kind.project() {
            KindProjected::Passed { body } => body.poll_frame(cx),
            KindProjected::Seen { seen } => seen.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Passed { body } => body.is_end_stream(),
            Kind::Seen { seen } => seen.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Passed { body } => body.size_hint(),
            Kind::Seen { seen } => seen.size_hint(),
        }
    }
}

/// Without what it holds, which is content.
impl<B: Body> fmt::Debug for RequestBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").finish_non_exhaustive()
    }
}
