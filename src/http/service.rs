//! The `tower` layer.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::HOST;
use http::{Method, Request, Response, request, uri};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::content::contained;
use crate::http::attempt::{self, Attempt, Sending};
use crate::http::endpoints::Place;
use crate::http::request_body::{Look, RequestBody};
use crate::http::response_body::ResponseBody;
use crate::http::settings::{Settings, settable};
use crate::span::{ErrorType, FailedCall};

/// A `tower` layer that makes a turn of every model call. See the [module's documentation](super).
#[derive(Clone, Debug, Default)]
#[must_use = "a layer does nothing until a service is put under it"]
pub struct GenAiLayer {
    settings: Arc<Settings>,
}

settable!(GenAiLayer);

impl<S> Layer<S> for GenAiLayer {
    type Service = GenAiService<S>;

    fn layer(&self, inner: S) -> GenAiService<S> {
        GenAiService { inner, settings: Arc::clone(&self.settings) }
    }
}

/// Service of [`GenAiLayer`].
#[derive(Clone, Debug)]
pub struct GenAiService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S, B, R> Service<Request<B>> for GenAiService<S>
where
    S: Service<Request<RequestBody<B>>, Response = Response<R>>,
    S::Error: 'static,
    B: Body,
    R: Body,
    R::Data: 'static,
    R::Error: 'static,
{
    type Response = Response<ResponseBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let (attempt, body) = begin(&self.settings, &mut parts, body);
        let request = Request::from_parts(parts, body);
        let inner = match &attempt {
            Some(attempt) => attempt.run(|| self.inner.call(request)),
            None => self.inner.call(request),
        };
        ResponseFuture { inner, attempt }
    }
}

fn begin<B: Body>(settings: &Settings, parts: &mut request::Parts, body: B) -> (Option<Attempt>, RequestBody<B>) {
    let sending = contained(|| find(settings, parts)).flatten();
    let Some(sending) = sending else { return (None, RequestBody::passed(body)) };
    let mut look = Look::new(body);
    let mut comes_later = false;
    let attempt = Attempt::begin(settings, &sending, None, || {
        let body = look.look(settings.max_body_bytes);
        comes_later = matches!(body, attempt::Body::Later);
        body
    });
    let later = attempt.as_ref().filter(|_| comes_later).and_then(Attempt::later);
    if let Some(attempt) = attempt.as_ref().filter(|_| settings.propagates) {
        attempt.inject(&mut parts.headers);
    }
    (attempt, look.into_body(later))
}

fn find<'a>(settings: &'a Settings, parts: &'a request::Parts) -> Option<Sending<'a>> {
    if parts.method != Method::POST {
        return None;
    }
    let place = place(parts)?;
    let found = settings.endpoints.find(&place)?;
    Some(Sending { place, found, traceparent: parts.headers.get("traceparent") })
}

/// A request in origin form says in a header where it goes.
fn place(parts: &request::Parts) -> Option<Place<'_>> {
    let default_port = match parts.uri.scheme() {
        Some(scheme) if *scheme == uri::Scheme::HTTP => Some(80),
        Some(scheme) if *scheme == uri::Scheme::HTTPS => Some(443),
        _ => None,
    };
    let (host, port) = match parts.uri.host() {
        Some(host) => (host, parts.uri.port_u16()),
        None => split(parts.headers.get(HOST)?.to_str().ok()?),
    };
    Some(Place { host, port: port.or(default_port), path: parts.uri.path() })
}

fn split(authority: &str) -> (&str, Option<u16>) {
    let split = authority.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    split.map_or((authority, None), |(host, port)| (host, Some(port)))
}

pin_project! {
    /// Future of [`GenAiService`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        attempt: Option<Attempt>,
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: 'static,
    R: Body,
    R::Data: 'static,
    R::Error: 'static,
{
    type Output = Result<Response<ResponseBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(match this.attempt {
            Some(attempt) => attempt.run(|| this.inner.poll(cx)),
            None => this.inner.poll(cx),
        });
        let attempt = this.attempt.take();
        Poll::Ready(match result {
            Ok(response) => {
                let (status, headers) = (response.status().as_u16(), response.headers());
                let reply = attempt.and_then(|attempt| attempt.replied(status, headers));
                Ok(response.map(|body| ResponseBody::new(body, reply, FailedCall::of_body)))
            }
            Err(error) => {
                if let Some(attempt) = attempt {
                    let failed = contained(|| FailedCall::of_client(&error));
                    attempt.failed(failed.unwrap_or_else(|| FailedCall::other(ErrorType::OTHER)));
                }
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("attempt", &self.attempt).finish_non_exhaustive()
    }
}
