//! The body of a reply, on its way to whoever asked.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::content::contained;
use crate::http::reply::Reply;
use crate::providers::ErrorKind;
use crate::span::FailedCall;

pin_project! {
    /// Body of the replies that a middleware of this room hands back: frame for frame that of the service.
    ///
    /// It asks for a frame only when it is asked for one, and keeps none back.
    pub struct ResponseBody<B: Body> {
        #[pin]
        body: B,
        reply: Option<Box<Reply>>,
        failed: fn(&B::Error) -> FailedCall,
    }
}

impl<B: Body> ResponseBody<B>
where
    B::Data: 'static,
{
    /// A body that `reply` reads beside the caller, if there is one; `failed` says how it broke off.
    pub(crate) fn new(body: B, mut reply: Option<Box<Reply>>, failed: fn(&B::Error) -> FailedCall) -> Self {
        if body.is_end_stream()
            && let Some(mut reply) = reply.take()
        {
            reply.end();
        }
        Self { body, reply: reply.filter(|reply| !reply.is_over()), failed }
    }
}

impl<B: Body> Body for ResponseBody<B>
where
    B::Data: 'static,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        let Some(reply) = this.reply else { return Poll::Ready(frame) };
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    reply.data(data);
                }
                // Many a reader asks no further then.
                if frame.is_trailers() || this.body.is_end_stream() {
                    reply.end();
                }
            }
            Some(Err(error)) => {
                let failed = contained(|| (this.failed)(error));
                reply.broke_off(failed.unwrap_or_else(|| FailedCall::of(ErrorKind::Connection)));
            }
            None => reply.end(),
        }
        if reply.is_over() {
            *this.reply = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Without what it holds, which is content.
impl<B: Body> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").field("is_read", &self.reply.is_some()).finish_non_exhaustive()
    }
}
