//! What the middleware costs a request: `cargo bench --bench http`. Each time beside the same without it.

#[allow(dead_code)]
mod scenarios;

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};
use http::{Extensions, Request, Response};
use http_body::{Body, Frame};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use serde_json::Value;
use tower::{Layer, Service};
use tracing::dispatcher;
use tracing_genai::http::{GenAiLayer, GenAiMiddleware};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const CHAT: &str = "https://api.openai.com/v1/chat/completions";
const OTHER: &str = "https://shop.example.com/v1/orders";
const REQUEST: &str = r#"{"model": "gpt-4o", "messages": [{"role": "user", "content": "Where is it warm?"}]}"#;
const CHUNKS: usize = 100_000;

fn main() {
    divan::main();
}

/// All futures here are ready at once.
fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing waits here"),
    }
}

/// A body whose frames are all there.
#[derive(Clone)]
struct Frames {
    frame: Bytes,
    left: usize,
    last: Option<Bytes>,
}

impl Frames {
    fn one(body: Bytes) -> Self {
        Self { frame: Bytes::new(), left: 0, last: Some(body) }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(self.last.take().map(|last| Ok(Frame::data(last))));
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(self.frame.clone()))))
    }
}

fn read<B: Body<Error: std::fmt::Debug>>(body: B) -> usize {
    let mut body = pin!(body);
    let mut context = Context::from_waker(Waker::noop());
    let mut frames = 0;
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut context) {
        divan::black_box(frame.expect("infallible"));
        frames += 1;
    }
    frames
}

/// Answers with `body` as `content_type`.
fn reply(content_type: &'static str, body: &Frames) -> Response<Frames> {
    Response::builder().header("content-type", content_type).body(body.clone()).expect("a response")
}

fn request(url: &str) -> Request<Frames> {
    Request::post(url).body(Frames::one(Bytes::from_static(REQUEST.as_bytes()))).expect("a request")
}

/// Calls `url` through the layer and reads the reply.
fn through_the_layer(bencher: Bencher<'_, '_>, url: &str, content_type: &'static str, body: &Frames) {
    let service = tower::service_fn(|_| std::future::ready(Ok::<_, Infallible>(reply(content_type, body))));
    let mut service = GenAiLayer::new().layer(service);
    dispatcher::with_default(&scenarios::ours(), || {
        let call = |request| read(now(service.call(request)).expect("infallible").into_body());
        bencher.with_inputs(|| request(url)).bench_local_values(call);
    });
}

/// The same without it.
fn bare(bencher: Bencher<'_, '_>, url: &str, content_type: &'static str, body: &Frames) {
    let mut service =
        tower::service_fn(|_: Request<Frames>| std::future::ready(Ok::<_, Infallible>(reply(content_type, body))));
    let call = |request| read(now(service.call(request)).expect("infallible").into_body());
    bencher.with_inputs(|| request(url)).bench_local_values(call);
}

/// Answers in place of the network.
struct Canned;

#[async_trait::async_trait]
impl Middleware for Canned {
    async fn handle(
        &self,
        _: reqwest::Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        Ok(Response::new("").into())
    }
}

#[divan::bench_group]
mod other_request {
    use super::*;

    fn client(set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> ClientWithMiddleware {
        set(ClientBuilder::new(reqwest::Client::new())).with(Canned).build()
    }

    fn execute(bencher: Bencher<'_, '_>, client: &ClientWithMiddleware) {
        let request = || client.post(OTHER).body(REQUEST).build().expect("a request");
        dispatcher::with_default(&scenarios::ours(), || {
            bencher.with_inputs(request).bench_local_values(|request| now(client.execute(request)));
        });
    }

    #[divan::bench]
    fn layer(bencher: Bencher<'_, '_>) {
        through_the_layer(bencher, OTHER, "application/json", &Frames::one(Bytes::from_static(b"{}")));
    }

    #[divan::bench]
    fn layer_bare(bencher: Bencher<'_, '_>) {
        bare(bencher, OTHER, "application/json", &Frames::one(Bytes::from_static(b"{}")));
    }

    #[divan::bench]
    fn middleware(bencher: Bencher<'_, '_>) {
        execute(bencher, &client(|builder| builder.with(GenAiMiddleware::new())));
    }

    #[divan::bench]
    fn middleware_bare(bencher: Bencher<'_, '_>) {
        execute(bencher, &client(|builder| builder));
    }
}

/// A reply of a megabyte: one long text, or many small values.
fn megabyte(of: &str) -> String {
    let text = if of == "text" { "Where is it warm? \\n".repeat(50_000) } else { String::new() };
    let token = r#"{"token": "warm", "logprob": -0.25, "bytes": [119, 97, 114, 109], "top_logprobs": []}"#;
    let tokens = if of == "text" { String::new() } else { vec![token; 11_500].join(",") };
    format!(
        r#"{{"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o", "choices": [{{"index": 0,
        "message": {{"role": "assistant", "content": "{text}"}}, "logprobs": {{"content": [{tokens}]}},
        "finish_reason": "stop"}}], "usage": {{"prompt_tokens": 12, "completion_tokens": 3}}}}"#
    )
}

#[divan::bench_group]
mod reply_of_a_megabyte {
    use super::*;

    #[divan::bench(args = ["text", "values"])]
    fn layer(bencher: Bencher<'_, '_>, of: &str) {
        through_the_layer(bencher, CHAT, "application/json", &Frames::one(megabyte(of).into()));
    }

    #[divan::bench(args = ["text", "values"])]
    fn from_slice(bencher: Bencher<'_, '_>, of: &str) {
        let body = megabyte(of);
        bencher.bench_local(|| serde_json::from_slice::<Value>(body.as_bytes()).expect("JSON"));
    }
}

#[divan::bench_group(sample_count = 10)]
mod stream {
    use super::*;

    fn chunks() -> Frames {
        let chunk = r#"{"id":"chatcmpl-2","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":" warm"},"finish_reason":null}]}"#;
        let last = Bytes::from_static(b"data: [DONE]\n\n");
        Frames { frame: format!("data: {chunk}\n\n").into(), left: CHUNKS, last: Some(last) }
    }

    #[divan::bench]
    fn layer(bencher: Bencher<'_, '_>) {
        through_the_layer(bencher.counter(ItemsCount::new(CHUNKS)), CHAT, "text/event-stream", &chunks());
    }

    #[divan::bench]
    fn layer_bare(bencher: Bencher<'_, '_>) {
        bare(bencher.counter(ItemsCount::new(CHUNKS)), CHAT, "text/event-stream", &chunks());
    }
}
