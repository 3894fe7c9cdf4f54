//! One call is one turn, however often it is sent.

use std::convert::Infallible;
use std::future::{Ready, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use opentelemetry_sdk::trace::SpanData;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_retry::policies::ExponentialBackoff;
use reqwest_retry::{Jitter, RetryTransientMiddleware};
use tower::retry::{Policy, RetryLayer};
use tower::{Layer, ServiceBuilder, ServiceExt};
use tracing::Instrument;
use tracing_genai::activity::Turn;
use tracing_genai::http::{GenAiLayer, OneCallLayer, one_call};

use crate::calls::{only, stable};
use crate::local::URL;
use crate::server::{Server, json};
use crate::support::{Recorder, attribute, record_async};
use crate::wire::{CHAT, RATE_LIMITED, REPLY, REQUEST, client, middleware, plain};

fn retrying() -> RetryTransientMiddleware<ExponentialBackoff> {
    let at_once = std::time::Duration::ZERO;
    let policy = ExponentialBackoff::builder().retry_bounds(at_once, at_once).jitter(Jitter::None);
    RetryTransientMiddleware::new_with_policy(policy.build_with_max_retries(3))
}

/// Fails twice, then answers.
fn flaky() -> Server {
    Server::in_turn(vec![json(503, RATE_LIMITED), json(429, RATE_LIMITED), json(200, REPLY)])
}

fn calling(client: &ClientWithMiddleware, server: &Server) -> impl Future<Output = String> + use<> {
    let request = client.post(server.url(CHAT)).body(REQUEST);
    async { request.send().await.expect("sent").text().await.expect("a body") }
}

#[track_caller]
fn resent(turn: &SpanData, times: Option<&str>) {
    assert_eq!(attribute(turn, "agentic.http.resend_count").as_deref(), times);
    assert_eq!(attribute(turn, "gen_ai.usage.output_tokens").as_deref(), Some("3"));
    assert_eq!((attribute(turn, "error.type"), attribute(turn, "agentic.error.code")), (None, None));
    assert_eq!(attribute(turn, "agentic.http.response.status_code").as_deref(), Some("200"));
}

#[test]
fn attempts_below_are_one_call() {
    let server = flaky();
    let client = ClientBuilder::new(plain()).with(middleware()).with(retrying()).build();
    let recorder = record_async(async { assert_eq!(calling(&client, &server).await, REPLY) });
    resent(&only(&recorder), None);
    assert_eq!(server.received().len(), 3);
}

#[test]
fn attempts_above_are_one_turn() {
    let server = flaky();
    let client = ClientBuilder::new(plain()).with(retrying()).with(middleware()).build();
    let recorder = record_async(async { assert_eq!(calling(&client, &server).await, REPLY) });
    resent(&only(&recorder), Some("2"));
    let parents: Vec<_> =
        server.received().iter().map(|request| request.header("traceparent").map(str::to_owned)).collect();
    assert!(parents.len() == 3 && parents[0].is_some() && parents.iter().all(|parent| *parent == parents[0]));
}

#[test]
fn the_last_of_the_attempts_above_counts() {
    let server = Server::always(json(429, RATE_LIMITED));
    let client = ClientBuilder::new(plain()).with(retrying()).with(middleware()).build();
    let recorder = record_async(async { assert_eq!(calling(&client, &server).await, RATE_LIMITED) });
    only(&recorder);
    insta::assert_snapshot!(stable(&recorder), @r#"
    chat gpt-4o CLIENT ERROR
        agentic.error.code = "rate_limit_exceeded"
        agentic.error.retryable = true
        agentic.http.resend_count = 3
        agentic.http.response.status_code = 429
        error.type = "rate_limit"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.temperature = 0.5
        server.address = "127.0.0.1"
    "#);
}

#[test]
fn two_middlewares_inside_of_each_other_are_one() {
    let server = Server::always(json(200, REPLY));
    let client = ClientBuilder::new(plain()).with(middleware()).with(middleware()).build();
    let recorder = record_async(async { assert_eq!(calling(&client, &server).await, REPLY) });
    resent(&only(&recorder), None);
}

#[test]
fn a_layer_above_the_middleware_is_one_with_it() {
    let server = Server::always(json(200, REPLY));
    let inner = client();
    let recorder = record_async(async {
        let service = tower::service_fn(move |request: Request<_>| {
            let inner = inner.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = BodyExt::collect(body).await.expect("infallible").to_bytes();
                let request = reqwest::Request::try_from(Request::from_parts(parts, body)).expect("a request");
                inner.execute(request).await.map(http::Response::<reqwest::Body>::from)
            }
        });
        let layer = GenAiLayer::new().with_endpoints(crate::wire::endpoints());
        let request = Request::post(server.url(CHAT)).body(Full::<Bytes>::from(REQUEST)).expect("a request");
        let response = layer.layer(service).oneshot(request).await.expect("sent");
        assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), REPLY);
    });
    resent(&only(&recorder), None);
    assert!(server.received()[0].header("traceparent").is_some());
}

#[test]
fn attempts_in_a_typed_guard_are_its_own() {
    let server = flaky();
    let client = ClientBuilder::new(plain()).with(retrying()).with(middleware()).build();
    let recorder = record_async(async {
        let turn = Turn::chat("openai", "gpt-4o").start();
        turn.scope(calling(&client, &server)).await;
        turn.finish();
    });
    resent(&only(&recorder), Some("2"));
}

#[test]
fn attempts_in_the_span_of_another_crate_are_its_own() {
    let server = flaky();
    let client = ClientBuilder::new(plain()).with(retrying()).with(middleware()).build();
    let recorder = record_async(async {
        let span = tracing::info_span!("chat", gen_ai.operation.name = "chat", gen_ai.request.model = "gpt-4o");
        calling(&client, &server).instrument(span).await;
    });
    resent(&only(&recorder), Some("2"));
}

#[test]
fn a_failed_turn_of_somebody_else_says_why() {
    let server = Server::always(json(429, RATE_LIMITED));
    let recorder = record_async(async {
        let turn = Turn::chat("openai", "guard").start();
        turn.scope(calling(&client(), &server)).await;
        turn.fail(&std::fmt::Error);
        let span = tracing::info_span!("chat", gen_ai.operation.name = "chat", gen_ai.request.model = "fields");
        async {
            calling(&client(), &server).await;
            tracing::error!("it failed");
        }
        .instrument(span)
        .await;
    });
    let told = |name: &str| {
        let span = recorder.span(name);
        ["error.type", "agentic.error.code", "agentic.error.retryable"].map(|key| attribute(&span, key))
    };
    let [code, retryable] = [Some("\"rate_limit_exceeded\"".to_owned()), Some("true".to_owned())];
    assert_eq!(told("chat guard"), [Some("\"core.Error\"".into()), code.clone(), retryable.clone()]);
    assert_eq!(told("chat fields"), [Some("\"rate_limit\"".into()), code, retryable]);
}

/// Sends each attempt as a request of its own.
async fn with_own_retries(server: &Server) -> String {
    let client = client();
    loop {
        let response = client.post(server.url(CHAT)).body(REQUEST).send().await.expect("sent");
        if response.status().is_success() {
            return response.text().await.expect("a body");
        }
    }
}

#[test]
fn one_call_holds_the_attempts_of_any_client_together() {
    let server = flaky();
    let recorder = record_async(async { assert_eq!(one_call(with_own_retries(&server)).await, REPLY) });
    resent(&only(&recorder), Some("2"));
    let server = flaky();
    let recorder = record_async(async { drop(with_own_retries(&server).await) });
    assert_eq!(recorder.spans().len(), 3, "without it each is a call");
}

#[test]
fn one_call_that_fails_at_last_is_a_failed_turn() {
    let server = Server::always(json(429, RATE_LIMITED));
    let recorder = record_async(async {
        one_call(async {
            calling(&client(), &server).await;
            calling(&client(), &server).await;
        })
        .await;
    });
    let turn = only(&recorder);
    assert_eq!(attribute(&turn, "error.type").as_deref(), Some("\"rate_limit\""));
    assert_eq!(attribute(&turn, "agentic.http.resend_count").as_deref(), Some("1"));
}

/// Says more than [`REPLY`], and breaks off.
const FIRST: &str = "data: {\"id\":\"first\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\
     \"finish_reason\":null}],\"usage\":{\"prompt_tokens\":99,\"completion_tokens\":98}}\n\n";

#[test]
fn what_an_attempt_said_that_broke_off_is_forgotten() {
    let mut broken = crate::server::chunked("text/event-stream");
    broken.extend(crate::server::chunk(FIRST.as_bytes()));
    let with_headers = crate::server::reply(
        429,
        &[("content-type", "application/json"), ("retry-after", "30"), ("x-request-id", "req_first")],
        RATE_LIMITED,
    );
    let server = Server::in_turn(vec![broken, with_headers, json(200, REPLY)]);
    let recorder = record_async(async {
        let turn = Turn::chat("openai", "gpt-4o").start();
        turn.scope(async {
            for _ in 0..2 {
                let response = client().post(server.url(CHAT)).body(REQUEST).send().await.expect("sent");
                drop(response.text().await);
            }
            assert_eq!(calling(&client(), &server).await, REPLY);
        })
        .await;
        turn.finish();
    });
    let turn = only(&recorder);
    resent(&turn, Some("2"));
    for key in ["agentic.rate_limit.retry_after", "agentic.http.request_id", "agentic.error.retryable"] {
        assert_eq!(attribute(&turn, key), None, "{key}");
    }
    assert!(!format!("{turn:?}").contains("\"first\""));
    assert_eq!(attribute(&turn, "gen_ai.usage.input_tokens").as_deref(), Some("12"));
}

#[test]
fn an_error_that_was_read_before_a_success_is_forgotten() {
    let server = Server::in_turn(vec![json(429, RATE_LIMITED), json(200, REPLY)]);
    let recorder = record_async(async {
        one_call(async {
            calling(&client(), &server).await;
            calling(&client(), &server).await
        })
        .await;
    });
    let turn = only(&recorder);
    resent(&turn, Some("1"));
    assert_eq!(attribute(&turn, "agentic.error.retryable"), None);
}

#[test]
fn calls_to_other_endpoints_and_after_a_success_are_other_calls() {
    let server = Server::always(json(200, REPLY));
    let recorder = record_async(async {
        one_call(async {
            calling(&client(), &server).await;
            calling(&client(), &server).await;
            client().post(server.url("/x/v1/chat/completions")).body(REQUEST).send().await.expect("sent");
        })
        .await;
    });
    assert_eq!(recorder.spans().len(), 3, "{}", recorder.tree());
}

/// Tries again as long as the status says so.
#[derive(Clone)]
struct Again;

impl<R> Policy<Request<Full<Bytes>>, Response<R>, Infallible> for Again {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Full<Bytes>>,
        result: &mut Result<Response<R>, Infallible>,
    ) -> Option<Ready<()>> {
        let again = result.as_ref().is_ok_and(|response| !response.status().is_success());
        again.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

#[test]
fn a_layer_holds_the_attempts_of_a_layer_together() {
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let recorder: Recorder = record_async(async {
        let provider = tower::service_fn(move |_: Request<_>| {
            let is_late = sent.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 2;
            let (status, body) = if is_late { (200, REPLY) } else { (503, RATE_LIMITED) };
            ready(Ok::<_, Infallible>(
                Response::builder().status(status).body(Full::<Bytes>::from(body)).expect("a response"),
            ))
        });
        let layers =
            ServiceBuilder::new().layer(OneCallLayer::new()).layer(RetryLayer::new(Again)).layer(GenAiLayer::new());
        let request = Request::post(URL).body(Full::from(REQUEST)).expect("a request");
        let response = layers.service(provider).oneshot(request).await.expect("infallible");
        assert_eq!(response.into_body().collect().await.expect("infallible").to_bytes(), REPLY);
    });
    resent(&only(&recorder), Some("2"));
}
