//! Model calls through the middleware: a canary in every text of request and reply, in heads and errors.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Extensions, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use reqwest_middleware::{ClientBuilder, Middleware, Next};
use tower::{Layer, Service};
use tracing_genai::content::Kind;
use tracing_genai::http::{Endpoint, Endpoints, GenAiLayer, GenAiMiddleware, one_call};
use tracing_genai::providers::WireFormat;

use super::exchanges::{self, OF_REPLY};
use super::plant::{Row, row};

const URL: &str = "https://llm.internal/v1/chat/completions";

/// Where a reply's head may have a canary, and where it may leave from there.
const HEADERS: &[&str] = &["x-request-id", "retry-after", "x-ratelimit-limit-tokens", "x-secret"];

/// All futures here are ready at once.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing waits here"),
    }
}

/// A reply with `body`, and with a canary in its head.
fn reply(status: u16, (c, content_type): (&str, &str), body: String) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(status).header("content-type", content_type);
    for name in HEADERS {
        let value = if *name == "x-request-id" { c.to_owned() } else { format!("{c} {c}") };
        // Not every canary is one that a head may have.
        if let Ok(value) = HeaderValue::try_from(value) {
            response = response.header(HeaderName::from_static(name), value);
        }
    }
    response.body(body.into()).expect("a response")
}

fn replies(c: &str) -> Vec<Response<Full<Bytes>>> {
    let chunk =
        format!("event: {c}\ndata: {{\"id\": \"{c}\", \"choices\": [{{\"delta\": {{\"content\": \"{c}\"}}}}]}}\n\n");
    vec![
        reply(200, (c, "application/json"), exchanges::reply(c).to_string()),
        reply(429, (c, "application/json"), exchanges::error(c).to_string()),
        reply(500, (c, "text/html"), format!("<p>{c}</p>")),
        reply(200, (c, "text/event-stream"), chunk),
        reply(200, (c, "text/event-stream"), format!("data: {c}")),
    ]
}

fn asked(layer: &GenAiLayer, url: &str, c: &str) {
    for response in replies(c) {
        let response = std::sync::Mutex::new(Some(response));
        let answer = move |_| ready(Ok::<_, Infallible>(response.lock().expect("no panic").take().expect("one call")));
        let request = Request::post(url)
            .header("authorization", secret(c))
            .body(Full::<Bytes>::from(exchanges::request(c).to_string()));
        let mut client = layer.layer(tower::service_fn(answer));
        let response = now(client.call(request.expect("a request"))).expect("infallible");
        drop(now(response.into_body().collect()));
    }
}

/// The canary as a part of a URL, if it may be one.
fn part(c: &str) -> &str {
    if c.bytes().all(|byte| byte.is_ascii_alphanumeric()) { c } else { "other" }
}

fn secret(c: &str) -> HeaderValue {
    HeaderValue::try_from(c).unwrap_or(HeaderValue::from_static("none"))
}

fn to(endpoint: Endpoint) -> GenAiLayer {
    GenAiLayer::new().with_endpoints(Endpoints::none().with(endpoint))
}

fn endpoint(provider: &str) -> Endpoint {
    Endpoint::new(provider.to_owned(), WireFormat::OpenAiChat)
}

/// Answers in place of the network.
struct Canned(String);

#[async_trait::async_trait]
impl Middleware for Canned {
    async fn handle(
        &self,
        _: reqwest::Request,
        extensions: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let at = extensions.remove::<usize>().unwrap_or_default();
        match replies(&self.0).into_iter().nth(at) {
            Some(response) => Ok(response.map(reqwest::Body::wrap).into()),
            None => Err(reqwest_middleware::Error::middleware(std::io::Error::other(self.0.clone()))),
        }
    }
}

fn by_reqwest(c: &str) {
    let layer = GenAiMiddleware::new().with_endpoints(Endpoints::none().with_host("llm.internal", "custom"));
    let client = ClientBuilder::new(reqwest::Client::new()).with(layer).with(Canned(c.to_owned())).build();
    for at in 0..=replies(c).len() {
        let request = client.post(URL).header("authorization", secret(c)).with_extension(at);
        if let Ok(response) = now(request.body(exchanges::request(c).to_string()).send()) {
            drop(now(response.bytes()));
        }
    }
}

/// What a call in which everything is a canary leaves under.
const OF_CALL: &[&str] = &[
    "agentic.http.request_id",
    "agentic.response.service_tier",
    "gen_ai.request.model",
    "gen_ai.request.stop_sequences",
    "gen_ai.response.finish_reasons",
    "gen_ai.response.id",
    "gen_ai.response.model",
];

#[rustfmt::skip]
const WITH_PROVIDER: &[&str] = &[
    "gen_ai.provider.name", OF_CALL[0], OF_CALL[1], OF_CALL[2], OF_CALL[3], OF_CALL[4], OF_CALL[5], OF_CALL[6],
];

#[rustfmt::skip]
const WITH_SERVER: &[&str] = &[
    "server.address", OF_CALL[0], OF_CALL[1], OF_CALL[2], OF_CALL[3], OF_CALL[4], OF_CALL[5], OF_CALL[6],
];

const SAID: &[Kind] = &[Kind::InputMessages, Kind::OutputMessages, Kind::ToolDefinitions];

#[rustfmt::skip]
pub(super) const CALLS: &[Row] = &[
    row("GenAiService: Service<Request<B>>", OF_CALL, |c| asked(&to(endpoint("custom").host("llm.internal").path("/v1/chat/completions")), URL, c)).tells(SAID),
    row("GenAiMiddleware: Middleware", OF_CALL, by_reqwest).tells(SAID),
    row("Endpoint::new", WITH_PROVIDER, |c| asked(&to(endpoint(c).host("llm.internal").path("**/completions")), URL, c)).tells(SAID),
    row("Endpoint::host", WITH_SERVER, |c| asked(&to(endpoint("custom").host(part(c)).path("/x")), &format!("https://{}/x", part(c)), c)).tells(SAID),
    row("Endpoint::path", OF_CALL, |c| asked(&to(endpoint("custom").host("*").path(format!("/{}", part(c)))), &format!("https://h/{}", part(c)), c)).tells(SAID),
    row("Endpoints::with", WITH_SERVER, |c| asked(&to(endpoint("custom").host(part(c)).path("/x")), &format!("https://{}/x", part(c)), c)).tells(SAID),
    row("Endpoints::with_host", WITH_PROVIDER, |c| {
        asked(&GenAiLayer::new().with_endpoints(Endpoints::none().with_host("llm.internal", c)), URL, c);
    }).tells(SAID),
    row("one_call", OF_CALL, |c| now(one_call(async { by_reqwest(c) }))).tells(SAID),
];

#[rustfmt::skip]
pub(super) const EXEMPT: &[(&str, &str)] = &[
    ("GenAiLayer: Layer<S>",       "`GenAiService: Service<Request<B>>`"),
    ("OneCall: Future",            "`one_call`"),
    ("OneCallLayer: Layer<S>",     "`one_call`"),
    ("OneCallService: Service<R>", "`one_call`"),
    ("RequestBody: Body",          "`GenAiService: Service<Request<B>>`"),
    ("ResponseBody: Body",         "`GenAiService: Service<Request<B>>`"),
    ("ResponseFuture: Future",     "`GenAiService: Service<Request<B>>`"),
];

#[test]
fn what_leaves_of_a_reply_leaves_of_a_call() {
    assert!(OF_REPLY.iter().all(|key| OF_CALL.contains(key)));
}
