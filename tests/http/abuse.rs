//! Servers that misbehave: the caller's result is what they sent, and the turn ends once.

use std::io::Write;

use crate::calls::only;
use crate::server::{Server, chunk, chunked, json, reply};
use crate::support::{Recorder, attribute, record, record_async};
use crate::wire::{CHAT, CHUNKS, REPLY, REQUEST, client, middleware, plain};

async fn text(server: &Server) -> String {
    client().post(server.url(CHAT)).body(REQUEST).send().await.expect("sent").text().await.expect("a body")
}

fn tokens(recorder: &Recorder) -> Option<String> {
    attribute(&only(recorder), "gen_ai.usage.output_tokens")
}

#[test]
fn ten_thousand_deep() {
    for body in ["[".repeat(10_000), "{\"a\":".repeat(10_000), format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))]
    {
        let server = Server::always(json(200, &body));
        let recorder = record_async(async { assert_eq!(text(&server).await, body) });
        assert_eq!(tokens(&recorder), None);
        let server = Server::always(json(400, &body));
        let recorder = record_async(async { assert_eq!(text(&server).await, body) });
        assert!(attribute(&only(&recorder), "error.type").is_some());
        let server = Server::always(crate::server::events(&[&body, "[DONE]"]));
        let recorder =
            record_async(async { assert_eq!(text(&server).await, format!("data: {body}\n\ndata: [DONE]\n\n")) });
        assert_eq!(attribute(&only(&recorder), "agentic.outcome"), None);
    }
}

#[test]
fn a_request_ten_thousand_deep() {
    let server = Server::always(json(200, REPLY));
    let request = "[".repeat(10_000);
    let recorder = record_async(async {
        let response = client().post(server.url(CHAT)).body(request.clone()).send().await.expect("sent");
        assert_eq!(response.text().await.expect("a body"), REPLY);
    });
    assert_eq!(server.received()[0].body, request.as_bytes());
    assert_eq!(tokens(&recorder).as_deref(), Some("3"));
}

#[test]
fn a_slow_drip() {
    let server = Server::start(|_, stream| {
        let _ = stream.set_nodelay(true);
        let _ = stream.write_all(&chunked("text/event-stream"));
        for text in CHUNKS {
            for byte in format!("data: {text}\n\n").bytes() {
                let _ = stream.write_all(&chunk(&[byte]));
            }
        }
        let _ = stream.write_all(b"0\r\n\r\n");
    });
    let expected: String = CHUNKS.iter().map(|text| format!("data: {text}\n\n")).collect();
    let recorder = record_async(async { assert_eq!(text(&server).await, expected) });
    assert_eq!(tokens(&recorder).as_deref(), Some("3"));
}

#[test]
fn bytes_after_the_end_of_a_stream() {
    let mut bytes = chunked("text/event-stream");
    for text in CHUNKS.iter().chain(CHUNKS) {
        bytes.extend(chunk(format!("data: {text}\n\n").as_bytes()));
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let server = Server::always(bytes);
    let recorder = record_async(async { drop(text(&server).await) });
    assert_eq!(tokens(&recorder).as_deref(), Some("3"));
}

#[test]
fn a_reply_over_the_limit_is_passed_on_and_counted() {
    let server = Server::always(json(200, REPLY));
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let client = reqwest_middleware::ClientBuilder::new(plain()).with(middleware().with_max_body_bytes(200)).build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    crate::support::with_tracer(&recorder, &tracer, || {
        runtime.block_on(async {
            let response = client.post(server.url(CHAT)).body(REQUEST).send().await.expect("sent");
            assert_eq!(response.text().await.expect("a body"), REPLY);
        });
    });
    assert_eq!((tokens(&recorder), tracer.stats().bodies_not_read), (None, 1));
}

#[test]
fn headers_that_are_no_numbers_and_no_ids_stay_in() {
    let headers = [
        ("content-type", "application/json"),
        ("x-request-id", "c4nary with blanks"),
        ("request-id", "c4nary/slash"),
        ("x-ratelimit-remaining-tokens", "c4nary"),
        ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT c4nary"),
        ("x-secret", "c4nary"),
    ];
    let server = Server::always(reply(200, &headers, REPLY));
    let recorder = record_async(async { drop(text(&server).await) });
    let turn = only(&recorder);
    assert_eq!(turn.attributes.iter().filter(|pair| pair.key.as_str().contains("rate_limit")).count(), 0);
    assert_eq!(attribute(&turn, "agentic.http.request_id"), None);
}

#[test]
fn a_wrong_content_type() {
    for content_type in ["text/plain", "", "image/png", "application/json; charset=utf-16"] {
        let server = Server::always(reply(200, &[("content-type", content_type)], REPLY));
        let recorder = record_async(async { assert_eq!(text(&server).await, REPLY) });
        assert_eq!(tokens(&recorder).as_deref(), Some("3"), "{content_type}");
    }
}

#[test]
fn a_client_that_panics_fails_its_turn_and_the_panic_goes_on() {
    struct Panics;
    #[async_trait::async_trait]
    impl reqwest_middleware::Middleware for Panics {
        async fn handle(
            &self,
            _: reqwest::Request,
            _: &mut http::Extensions,
            _: reqwest_middleware::Next<'_>,
        ) -> reqwest_middleware::Result<reqwest::Response> {
            panic!("c4nary")
        }
    }
    let client = reqwest_middleware::ClientBuilder::new(plain()).with(middleware()).with(Panics).build();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let recorder = record(|| {
        let call = client.post("http://127.0.0.1:1/v1/chat/completions").body(REQUEST).send();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(call)));
        assert!(caught.is_err());
    });
    assert_eq!(attribute(&only(&recorder), "error.type").as_deref(), Some("\"panic\""));
}
