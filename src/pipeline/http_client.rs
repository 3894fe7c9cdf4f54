//! The HTTP client under `http/protobuf` and `http/json`.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, Request, Response};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use rustls::ClientConfig;

use super::answer::{Answer as Outcome, Last};
use super::error::{InitError, InitErrorKind};
use super::otlp_config::Otlp;

/// The headers of the exporter underneath that are kept. The rest are those it read from the process environment on its
/// own, skipping faulty ones, and those must not beat what was set in code.
const KEPT: &[http::HeaderName] = &[CONTENT_TYPE, CONTENT_ENCODING, USER_AGENT];

/// A client without redirects: a redirected export would carry its headers to another host. The proxies of the
/// environment are passed by for receivers on this machine, which they could not reach.
#[derive(Debug)]
pub(crate) struct Client {
    inner: reqwest::Client,
    headers: HeaderMap,
    last: Last,
}

impl Client {
    /// A client for `otlp`.
    ///
    /// # Errors
    /// If reqwest refuses its settings.
    pub(crate) fn new(tls: ClientConfig, otlp: &Otlp, last: Last) -> Result<Self, InitError> {
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let builder = match otlp.endpoint.is_loopback() {
            true => builder.no_proxy(),
            false => builder,
        };
        let inner = builder.tls_backend_preconfigured(tls).build().map_err(|error| {
            let message = format!("cannot build the http client: {}", chain(&error));
            InitError::new(InitErrorKind::Exporter, message).with_source(error)
        })?;
        Ok(Self { inner, headers: otlp.headers.map().clone(), last })
    }

    async fn send(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut headers = self.headers.clone();
        for name in KEPT {
            if let Some(value) = request.headers().get(name) {
                headers.insert(name, value.clone());
            }
        }
        *request.headers_mut() = headers;
        let answer = self.inner.send_bytes(request).await.map(as_http);
        self.last.set(match &answer {
            Ok(answer) => Outcome { status: Some(answer.status().as_u16()), cause: None },
            Err(error) => Outcome { status: None, cause: Some(cause(error.as_ref())) },
        });
        answer
    }
}

/// A receiver that speaks gRPC answers 200 to anything and says in a header that it took nothing.
fn as_http(mut answer: Response<Bytes>) -> Response<Bytes> {
    if answer.headers().get("grpc-status").is_some_and(|status| status != "0") {
        *answer.status_mut() = http::StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    answer
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Client {
    // Written out, because one method is no reason for a dependency on `async-trait`.
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Answer<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.send(request))
    }
}

/// What lies under a failed request: reqwest's own text is left out because it shows the URL with its query.
fn cause(error: &(dyn Error + 'static)) -> String {
    match (error.is::<reqwest::Error>(), error.source()) {
        (true, Some(source)) => chain(source),
        (true, None) => "request failed".to_owned(),
        (false, _) => chain(error),
    }
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}
