//! What is the `tower` layer's own, and the settings that both have.

use std::convert::Infallible;
use std::future::ready;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::{Buf, Bytes};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use tower::{Layer, ServiceExt};
use tracing_genai::GenAiTracer;
use tracing_genai::content::Content;
use tracing_genai::http::{Endpoints, GenAiLayer, RequestBody};

use crate::calls::only;
use crate::local::{Seen, URL, ask};
use crate::support::{Recorder, attribute, record_async, with_tracer};
use crate::wire::{REPLY, REQUEST};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
}

/// Sends a request with `headers` and gives those that the provider got.
async fn sent(layer: GenAiLayer, url: &str, headers: &[(&'static str, &str)]) -> HeaderMap {
    let (got, seen) = std::sync::mpsc::channel();
    let provider = tower::service_fn(move |request: Request<RequestBody<Full<Bytes>>>| {
        got.send(request.headers().clone()).expect("the test waits");
        ready(Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(REPLY))))
    });
    let mut request = Request::post(url).body(Full::from(REQUEST)).expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a value"));
    }
    let response = layer.layer(provider).oneshot(request).await.expect("infallible");
    response.into_body().collect().await.expect("infallible");
    seen.recv().expect("one request")
}

#[test]
fn the_headers_name_the_turn_and_nobody_else() {
    const OTHER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let recorder = record_async(async {
        let headers =
            sent(GenAiLayer::new(), URL, &[("traceparent", OTHER), ("tracestate", "a=b"), ("x-mine", "1")]).await;
        assert!(headers["traceparent"] != OTHER && !headers.contains_key("tracestate"), "{headers:?}");
        let headers = sent(GenAiLayer::new().without_propagation(), URL, &[("traceparent", OTHER)]).await;
        assert_eq!(headers["traceparent"], OTHER);
        let headers = sent(GenAiLayer::new(), "https://example.com/x", &[("traceparent", OTHER)]).await;
        assert_eq!(headers["traceparent"], OTHER);
    });
    assert_eq!(recorder.spans().len(), 2);
}

#[test]
fn a_request_in_origin_form_is_known_by_its_host_header() {
    let recorder = record_async(async {
        sent(GenAiLayer::new(), "/v1/chat/completions", &[("host", "api.openai.com")]).await;
        let own = GenAiLayer::new().with_endpoints(Endpoints::none().with_host("llm.internal:8080", "vllm"));
        sent(own.clone(), "/v1/chat/completions", &[("host", "llm.internal:8080")]).await;
        sent(own, "/v1/chat/completions", &[("host", "llm.internal")]).await;
        sent(GenAiLayer::new(), "/v1/chat/completions", &[]).await;
    });
    let providers: Vec<_> = recorder.spans().iter().map(|span| attribute(span, "gen_ai.provider.name")).collect();
    assert_eq!(providers, [Some("\"openai\"".into()), Some("\"vllm\"".into())]);
}

#[test]
fn content_is_on_the_turn_if_a_policy_wants_it() {
    let recorder = Recorder::default();
    let tracer = GenAiTracer::new(recorder.sdk_tracer()).with_content(Content::all());
    let text = with_tracer(&recorder, &tracer, || {
        assert_eq!(runtime().block_on(ask(&GenAiLayer::new(), URL, &Seen::default())), REPLY);
    });
    assert!(text.contains("c4nary-request") && text.contains("c4nary-reply"), "{text}");
}

/// Data that panics the first time somebody looks at it.
struct Shy(Bytes, AtomicU32);

impl Buf for Shy {
    fn remaining(&self) -> usize {
        self.0.remaining()
    }

    fn chunk(&self) -> &[u8] {
        assert!(self.1.fetch_add(1, Ordering::SeqCst) > 0, "nobody looks at me");
        self.0.chunk()
    }

    fn advance(&mut self, count: usize) {
        self.0.advance(count);
    }
}

#[test]
fn a_panic_while_a_reply_is_read_is_counted_and_nobody_elses() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    with_tracer(&recorder, &tracer, || {
        let provider = tower::service_fn(|_: Request<RequestBody<String>>| {
            let data = Shy(Bytes::from_static(REPLY.as_bytes()), AtomicU32::new(0));
            let frames = tokio_stream::iter([Ok::<_, Infallible>(Frame::data(data))]);
            ready(Ok::<_, Infallible>(Response::new(StreamBody::new(frames))))
        });
        let request = Request::post(URL).body(REQUEST.to_owned()).expect("a request");
        let body = runtime().block_on(async {
            let response = GenAiLayer::new().layer(provider).oneshot(request).await.expect("infallible");
            response.into_body().collect().await.expect("infallible").to_bytes()
        });
        assert_eq!(body, REPLY);
    });
    assert_eq!(tracer.stats().unseen_calls, 1);
    assert_eq!(attribute(&only(&recorder), "agentic.outcome"), None);
}
