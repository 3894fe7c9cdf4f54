//! The caller gets what it would get without a middleware.

use std::convert::Infallible;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tower::{Layer, ServiceExt};
use tracing_genai::http::{GenAiLayer, RequestBody};

use crate::calls::only;
use crate::local::URL;
use crate::server::{Server, chunk, chunked, events, json, reply};
use crate::support::{Recorder, attribute, record_async};
use crate::wire::{CHAT, CHUNKS, RATE_LIMITED, REPLY, REQUEST, client, middleware, plain};

/// All that a response shows, and what its body comes as.
async fn shown(client: &ClientWithMiddleware, server: &Server, path: &str) -> String {
    let request = client.post(server.url(path)).header("x-mine", "1").body(REQUEST);
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => return failure(&error),
    };
    let mut text = format!(
        "{} {:?} {} {:?} {:?}\n{:?}\n",
        response.status(),
        response.version(),
        response.url(),
        response.remote_addr(),
        response.content_length(),
        response.headers(),
    );
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => text.push_str(&format!("{chunk:?}\n")),
            Ok(None) => return text,
            Err(error) => return format!("{text}{}", body_failure(&error)),
        }
    }
}

fn failure(error: &reqwest_middleware::Error) -> String {
    let reqwest_middleware::Error::Reqwest(error) = error else { return format!("{error:#}") };
    body_failure(error)
}

fn body_failure(error: &reqwest::Error) -> String {
    let answers = [error.is_timeout(), error.is_decode(), error.is_body(), error.is_connect(), error.is_request()];
    format!("{error} {answers:?} {:?} {:?}", error.status(), error.url())
}

/// The same with a middleware as without.
#[track_caller]
fn assert_same(server: &Server) -> Recorder {
    assert_same_of(server, plain)
}

#[track_caller]
fn assert_same_of(server: &Server, client: impl Fn() -> reqwest::Client) -> Recorder {
    let bare = ClientBuilder::new(client()).build();
    let observed = ClientBuilder::new(client()).with(middleware()).build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let without = runtime.block_on(shown(&bare, server, CHAT));
    let mut with = String::new();
    let recorder = record_async(async { with = shown(&observed, server, CHAT).await });
    assert_eq!(with, without);
    let (with, without) = (server.received().pop().expect("two"), server.received().remove(0));
    let lines =
        |head: &str| head.lines().filter(|line| !line.starts_with("traceparent")).map(String::from).collect::<Vec<_>>();
    assert_eq!((lines(&with.head), with.body), (lines(&without.head), without.body));
    recorder
}

fn outcome(recorder: &Recorder) -> (Option<String>, Option<String>) {
    let turn = only(recorder);
    (attribute(&turn, "error.type"), attribute(&turn, "agentic.outcome"))
}

fn failed(word: &str) -> (Option<String>, Option<String>) {
    (Some(format!("{word:?}")), None)
}

#[test]
fn replies_of_all_kinds() {
    let headers =
        [("content-type", "application/json"), ("x-request-id", "r"), ("set-cookie", "a=1"), ("set-cookie", "b=2")];
    for bytes in [
        reply(200, &headers, REPLY),
        reply(200, &headers, ""),
        reply(204, &[], ""),
        reply(304, &[], ""),
        json(400, RATE_LIMITED),
        json(500, "<html>no</html>"),
        reply(200, &[("content-type", "application/json"), ("content-encoding", "gzip")], "no gzip"),
        json(200, "{garbage"),
        reply(200, &[("content-type", "text/event-stream")], "garbage\n\n\u{0}\n\ndata: {\n\n"),
        reply(200, &[("content-type", "application/vnd.amazon.eventstream")], "garbage"),
        reply(200, &[("content-type", "text/html")], REPLY),
        events(CHUNKS),
    ] {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let turn = only(&assert_same(&Server::always(bytes)));
        let status = attribute(&turn, "agentic.http.response.status_code").expect("a status");
        assert_eq!(attribute(&turn, "error.type").is_some(), status.as_str() >= "400", "{text}");
    }
}

#[test]
fn chunks_come_one_by_one_as_they_were_sent() {
    // Each chunk is sent when the one before was read: what is held back never comes.
    let (asked, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = Server::start(move |_, stream| {
        let wait = wait.lock().expect("no panic");
        let _ = stream.write_all(&chunked("text/event-stream"));
        for text in CHUNKS {
            let _ = stream.write_all(&chunk(format!("data: {text}\n\n").as_bytes()));
            if wait.recv_timeout(Duration::from_secs(20)).is_err() {
                return;
            }
        }
        let _ = stream.write_all(b"0\r\n\r\n");
    });
    let recorder = record_async(async {
        let mut response = client().post(server.url(CHAT)).body(REQUEST).send().await.expect("sent");
        for text in CHUNKS {
            let expected = format!("data: {text}\n\n");
            let mut got = Vec::new();
            while got.len() < expected.len() {
                got.extend(response.chunk().await.expect("a body").expect("more"));
            }
            assert_eq!(got, expected.as_bytes());
            asked.send(()).expect("the server waits");
        }
        assert_eq!(response.chunk().await.expect("a body"), None);
    });
    assert_eq!(outcome(&recorder), (None, None));
}

#[test]
fn a_connection_that_is_refused() {
    let server = Server::always("");
    let gone = server.url(CHAT);
    drop(server);
    let recorder = record_async(async {
        let error = client().post(&gone).body(REQUEST).send().await.expect_err("nobody listens");
        assert!(error.is_connect(), "{error:?}");
    });
    assert_eq!(outcome(&recorder), failed("connection"));
}

#[test]
fn bodies_that_break_off() {
    let short = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\ncontent-type: application/json\r\n\r\n{\"id\":".to_vec();
    assert_eq!(outcome(&assert_same(&Server::always(short))), failed("connection"));
    let mut torn = chunked("text/event-stream");
    torn.extend(chunk(format!("data: {}\n\n", CHUNKS[0]).as_bytes()));
    torn.extend_from_slice(b"zz\r\n");
    let recorder = assert_same(&Server::always(torn));
    assert_eq!(outcome(&recorder), failed("connection"));
    assert_eq!(attribute(&only(&recorder), "gen_ai.response.id").as_deref(), Some("\"chatcmpl-2\""));
    assert_eq!(outcome(&assert_same(&Server::always("garbage\r\n\r\n"))), failed("connection"));
    assert_eq!(outcome(&assert_same(&Server::always(""))), failed("connection"));
}

#[test]
fn timeouts() {
    let brief = || {
        let builder = reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(200));
        builder.build().expect("a client")
    };
    let (kept, hold) =
        (std::sync::Mutex::new(Vec::new()), |stream: &std::net::TcpStream| stream.try_clone().expect("a handle"));
    let silent = Server::start(move |_, stream| kept.lock().expect("no panic").push(hold(stream)));
    assert_eq!(outcome(&assert_same_of(&silent, brief)), failed("timeout"));
    let (kept, hold) =
        (std::sync::Mutex::new(Vec::new()), |stream: &std::net::TcpStream| stream.try_clone().expect("a handle"));
    let stuck = Server::start(move |_, stream| {
        let _ = stream.write_all(&chunked("text/event-stream"));
        let _ = stream.write_all(&chunk(format!("data: {}\n\n", CHUNKS[0]).as_bytes()));
        kept.lock().expect("no panic").push(hold(stream));
    });
    let recorder = assert_same_of(&stuck, brief);
    assert_eq!(outcome(&recorder), failed("timeout"));
    assert_eq!(attribute(&only(&recorder), "gen_ai.response.id").as_deref(), Some("\"chatcmpl-2\""));
}

#[test]
fn a_future_that_is_dropped_was_a_cancelled_call() {
    let kept = std::sync::Mutex::new(Vec::new());
    let (arrived, waits) = tokio::sync::oneshot::channel();
    let arrived = std::sync::Mutex::new(Some(arrived));
    let silent = Server::start(move |_, stream| {
        kept.lock().expect("no panic").push(stream.try_clone().expect("a handle"));
        let _ = arrived.lock().expect("no panic").take().expect("one request").send(());
    });
    let recorder = record_async(async {
        let request = client().post(silent.url(CHAT)).body(REQUEST);
        tokio::select! {
            _ = request.send() => panic!("nobody answers"),
            _ = waits => {}
        }
    });
    assert_eq!(outcome(&recorder), (None, Some("\"cancelled\"".into())));
}

#[test]
fn a_stream_that_is_dropped_was_a_cancelled_call_with_what_is_known() {
    let server = Server::start(|_, stream| {
        let _ = stream.write_all(&chunked("text/event-stream"));
        while stream.write_all(&chunk(format!("data: {}\n\n", CHUNKS[0]).as_bytes())).is_ok() {}
    });
    let recorder = record_async(async {
        let mut response = client().post(server.url(CHAT)).body(REQUEST).send().await.expect("sent");
        for _ in 0..100 {
            response.chunk().await.expect("a body").expect("it never ends");
        }
    });
    assert_eq!(outcome(&recorder), (None, Some("\"cancelled\"".into())));
    assert_eq!(attribute(&only(&recorder), "gen_ai.response.id").as_deref(), Some("\"chatcmpl-2\""));
}

/// Frames that come one a poll, after a `Pending` each; counts what it is asked.
struct Frames {
    left: Vec<Result<Frame<Bytes>, io::Error>>,
    waits: bool,
    polls: std::sync::Arc<std::sync::atomic::AtomicU32>,
}

impl Frames {
    fn new(mut frames: Vec<Result<Frame<Bytes>, io::Error>>) -> Self {
        frames.reverse();
        Self { left: frames, waits: true, polls: Default::default() }
    }

    fn ready(mut self) -> Self {
        self.waits = false;
        self
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let polls = self.polls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if self.waits && polls.is_multiple_of(2) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.left.pop())
    }

    fn size_hint(&self) -> SizeHint {
        let data = self.left.iter().filter_map(|frame| frame.as_ref().ok()?.data_ref());
        SizeHint::with_exact(data.map(|data| data.len() as u64).sum())
    }
}

fn data(text: &'static str) -> Result<Frame<Bytes>, io::Error> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

fn trailers() -> Result<Frame<Bytes>, io::Error> {
    let mut map = http::HeaderMap::new();
    map.insert("x-checksum", http::HeaderValue::from_static("1"));
    Ok(Frame::trailers(map))
}

fn halves() -> Vec<Result<Frame<Bytes>, io::Error>> {
    let (first, second) = REPLY.split_at(100);
    vec![data(first), data(""), data(second), trailers()]
}

async fn frames<B: Body<Data = Bytes, Error: std::fmt::Debug>>(body: B) -> Vec<String> {
    let mut body = std::pin::pin!(body);
    let mut seen = vec![format!("{:?}", body.size_hint())];
    while let Some(frame) = body.frame().await {
        seen.push(format!("{frame:?}"));
    }
    seen
}

#[test]
fn frames_and_trailers_of_replies_pass_one_a_poll() {
    let recorder = record_async(async {
        let body = Frames::new(halves());
        let polls = std::sync::Arc::clone(&body.polls);
        let body = std::sync::Mutex::new(Some(body));
        let provider = tower::service_fn(move |_: Request<RequestBody<String>>| {
            let body = body.lock().expect("no panic").take().expect("one request");
            std::future::ready(Ok::<_, Infallible>(Response::new(body)))
        });
        let request = Request::post(URL).body(REQUEST.to_owned()).expect("a request");
        let response = GenAiLayer::new().layer(provider).oneshot(request).await.expect("infallible");
        assert_eq!(polls.load(std::sync::atomic::Ordering::SeqCst), 0, "nobody asked for a frame");
        assert_eq!(frames(response.into_body()).await, frames(Frames::new(halves())).await);
        assert_eq!(polls.load(std::sync::atomic::Ordering::SeqCst), 10);
    });
    assert_eq!(attribute(&only(&recorder), "gen_ai.usage.output_tokens").as_deref(), Some("3"));
}

/// What the provider gets of a request with `body`, and the turn.
fn sent(body: Frames, layer: GenAiLayer) -> (Vec<String>, Recorder) {
    let (got, seen) = std::sync::mpsc::channel();
    let recorder = record_async(async {
        let provider = tower::service_fn(move |request: Request<RequestBody<Frames>>| {
            let got = got.clone();
            async move {
                got.send(frames(request.into_body()).await).expect("the test waits");
                Ok::<_, Infallible>(Response::new(REPLY.to_owned()))
            }
        });
        let request = Request::post(URL).body(body).expect("a request");
        let response = layer.layer(provider).oneshot(request).await.expect("infallible");
        response.into_body().collect().await.expect("infallible");
    });
    (seen.recv().expect("one request"), recorder)
}

fn request() -> Vec<Result<Frame<Bytes>, io::Error>> {
    let (first, second) = REQUEST.split_at(40);
    vec![data(first), data(second), trailers()]
}

#[test]
fn frames_of_requests_pass_whether_they_are_there_or_come_later() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for (body, name) in [(Frames::new(request()).ready(), "chat gpt-4o"), (Frames::new(request()), "chat")] {
        let (got, recorder) = sent(body, GenAiLayer::new());
        assert_eq!(got, runtime.block_on(frames(Frames::new(request()))));
        let turn = only(&recorder);
        assert!(turn.name.starts_with(name), "{}", turn.name);
        for (key, value) in [("gen_ai.request.model", "\"gpt-4o\""), ("gen_ai.request.temperature", "0.5")] {
            assert_eq!(attribute(&turn, key).as_deref(), Some(value), "{name}");
        }
    }
}

#[test]
fn requests_that_are_too_large_or_broken_are_sent_as_they_are() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let broken = || vec![data("{\"model\":"), Err(io::Error::other("c4nary"))];
    for waits in [true, false] {
        let body = |frames| if waits { Frames::new(frames) } else { Frames::new(frames).ready() };
        let (got, recorder) = sent(body(request()), GenAiLayer::new().with_max_body_bytes(50));
        assert_eq!(got, runtime.block_on(frames(Frames::new(request()))));
        assert_eq!(attribute(&only(&recorder), "gen_ai.request.model"), None);
        let (got, recorder) = sent(body(broken()), GenAiLayer::new());
        assert_eq!(got, runtime.block_on(frames(Frames::new(broken()))));
        assert_eq!(attribute(&only(&recorder), "gen_ai.request.model"), None);
    }
}
