//! The middleware of `reqwest-middleware`.

use std::future::poll_fn;
use std::sync::Arc;

use http::Extensions;
use reqwest::{Body, Request, Response, ResponseBuilderExt};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::content::contained;
use crate::http::attempt::{self, Attempt, Sending};
use crate::http::endpoints::Place;
use crate::http::held::Held;
use crate::http::reply::Reply;
use crate::http::response_body::ResponseBody;
use crate::http::settings::{Settings, settable};
use crate::providers::ErrorKind;
use crate::span::{ErrorType, FailedCall};

/// A middleware of `reqwest-middleware` that makes a turn of every model call. See the [module's documentation](super).
#[derive(Clone, Debug, Default)]
#[must_use = "a middleware does nothing until a client has it"]
pub struct GenAiMiddleware {
    settings: Arc<Settings>,
}

settable!(GenAiMiddleware);

/// The turn of earlier attempts of one call: a middleware that tries again hands the same extensions to each.
#[derive(Clone)]
struct Kept(Arc<Held>);

impl GenAiMiddleware {
    fn begin(&self, request: &Request, extensions: &mut Extensions) -> Option<Attempt> {
        let sending = contained(|| self.find(request)).flatten()?;
        let earlier = extensions.get::<Kept>().map(|kept| &kept.0);
        let body = || self.look(request);
        let attempt = Attempt::begin(&self.settings, &sending, earlier, body)?;
        if attempt.held.guard().is_some() {
            extensions.insert(Kept(Arc::clone(&attempt.held)));
        }
        Some(attempt)
    }

    fn find<'a>(&'a self, request: &'a Request) -> Option<Sending<'a>> {
        if request.method() != reqwest::Method::POST {
            return None;
        }
        let url = request.url();
        let place = Place { host: url.host_str()?, port: url.port_or_known_default(), path: url.path() };
        let found = self.settings.endpoints.find(&place)?;
        Some(Sending { place, found, traceparent: request.headers().get("traceparent") })
    }

    fn look<'a>(&self, request: &'a Request) -> attempt::Body<'a> {
        match request.body().map(Body::as_bytes) {
            None => attempt::Body::Whole(&[]),
            // Of a stream nothing is seen: the body of a request cannot be put together again.
            Some(None) => attempt::Body::NotRead,
            Some(Some(bytes)) if bytes.len() > self.settings.max_body_bytes => attempt::Body::NotRead,
            Some(Some(bytes)) => attempt::Body::Whole(bytes),
        }
    }
}

#[async_trait::async_trait]
impl Middleware for GenAiMiddleware {
    async fn handle(&self, mut request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let Some(attempt) = self.begin(&request, extensions) else { return next.run(request, extensions).await };
        if self.settings.propagates {
            attempt.inject(request.headers_mut());
        }
        let mut future = next.run(request, extensions);
        match poll_fn(|cx| attempt.run(|| future.as_mut().poll(cx))).await {
            Ok(response) => {
                let reply = attempt.replied(response.status().as_u16(), response.headers());
                Ok(watched(response, reply))
            }
            Err(error) => {
                let failed = contained(|| failed(&error));
                attempt.failed(failed.unwrap_or_else(|| FailedCall::other(ErrorType::OTHER)));
                Err(error)
            }
        }
    }
}

/// The response with `reply` beside its body. Errors of the body stay what they are: it is the reader who makes an error
/// of `reqwest` of them, with the same questions answered; there are only two sources more in its chain.
fn watched(response: Response, reply: Option<Box<Reply>>) -> Response {
    let Some(reply) = reply else { return response };
    // The only way to give a response its URL, which is lost in the conversion.
    let Ok(mut carrier) = http::Response::builder().url(response.url().clone()).body(()) else { return response };
    let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
    parts.extensions.extend(std::mem::take(carrier.extensions_mut()));
    let body = ResponseBody::new(body, Some(reply), by_reqwest);
    http::Response::from_parts(parts, Body::wrap(body)).into()
}

fn failed(error: &Error) -> FailedCall {
    match error {
        Error::Reqwest(error) => by_reqwest(error),
        // A middleware that gave up after some attempts says what the last one failed with.
        Error::Middleware(error) => {
            let inner = error.chain().find_map(|cause| cause.downcast_ref::<reqwest::Error>());
            inner.map_or_else(|| FailedCall::of_error(&**error), by_reqwest)
        }
    }
}

fn by_reqwest(error: &reqwest::Error) -> FailedCall {
    if error.is_timeout() {
        return FailedCall::of(ErrorKind::Timeout);
    }
    // "Error sending request" is whatever goes wrong on the way, a reply that is no HTTP included.
    if error.is_request() || error.is_body() || error.is_decode() {
        return FailedCall::of(ErrorKind::Connection);
    }
    FailedCall::other(ErrorType::of(error))
}
