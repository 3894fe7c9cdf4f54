//! Other sources of chunks: callbacks, iterators, bodies.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use insta::assert_snapshot;
use opentelemetry::trace::Status;
use tokio_stream::StreamExt;
use tracing_genai::activity::{Turn, Usage};

use super::{
    SECRET, cancelled, chunks, counted, current_thread, failed, multi_thread, outcome, succeeded, turn, untimed,
};
use crate::support::attribute;

#[test]
fn a_callback_counts_chunks_from_any_thread() {
    let (recorder, _) = counted(|| {
        let turn = Arc::new(Turn::chat("openai", "m").start());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..250 {
                        turn.chunk();
                    }
                });
            }
        });
        turn.finish();
        turn.chunk();
        turn.finish();
    });
    assert_snapshot!(untimed(&recorder), @r#"
    chat m CLIENT
        agentic.stream.chunks = 1000
        agentic.stream.max_time_per_chunk = [s]
        agentic.stream.time_per_chunk = [s]
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.request.stream = true
        gen_ai.response.time_to_first_chunk = [s]
    "#);
}

#[test]
fn an_iterator_goes_with_its_turn() {
    let (recorder, _) = counted(|| {
        let mut items = turn().iter([1, 2, 3].into_iter()).inspect(|item, turn| {
            turn.usage(Usage::new(*item, 1));
        });
        assert_eq!(items.size_hint(), (3, Some(3)));
        assert_eq!(items.by_ref().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(items.next(), None);
    });
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (succeeded(), Some("3")));
    let (recorder, _) = counted(|| assert_eq!(turn().iter([1, 2].into_iter()).next(), Some(1)));
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (cancelled(), Some("1")));
    let (recorder, _) = counted(|| drop(turn().try_iter([Ok(1), Err(Error::other(SECRET))].into_iter()).last()));
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (failed("std.Error"), Some("1")));
    let (recorder, _) = counted(|| {
        let mut items = turn().iter(std::iter::from_fn(|| -> Option<u8> { resume_unwind(Box::new(SECRET)) }));
        catch_unwind(AssertUnwindSafe(|| items.next())).expect_err("it panics");
    });
    assert_eq!(outcome(&recorder), failed("panic"));
}

/// Gives what it was made of, one a read.
struct Body(Vec<Result<&'static [u8], ErrorKind>>);

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() || buffer.is_empty() {
            return Ok(0);
        }
        let mut bytes = self.0.remove(0).map_err(|kind| Error::new(kind, SECRET))?;
        let read = bytes.read(buffer);
        if !bytes.is_empty() {
            self.0.insert(0, Ok(bytes));
        }
        read
    }
}

#[test]
fn a_body_that_is_read_goes_with_its_turn() {
    let retried = vec![Ok(&b"secret"[..]), Err(ErrorKind::Interrupted), Ok(b" text")];
    let (recorder, _) = counted(|| {
        let mut body = turn().read(Body(retried));
        assert_eq!(body.read(&mut []).expect("nothing asked for"), 0);
        let (mut text, mut buffer) = (Vec::new(), [0; 64]);
        loop {
            match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => text.extend_from_slice(&buffer[..read]),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
            }
        }
        assert_eq!(text, b"secret text");
    });
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (succeeded(), Some("2")));
    let (recorder, _) = counted(|| {
        let body = Body(vec![Ok(b"data: {}\n"), Ok(b"data: [DONE]\n"), Ok(b"\n")]);
        let mut lines = BufReader::new(turn().read(body));
        let mut line = String::new();
        while !line.contains("[DONE]") {
            lines.read_line(&mut line).expect("a line");
        }
        lines.get_ref().turn().finish();
    });
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (succeeded(), Some("2")));
    let (recorder, _) = counted(|| {
        let body = Body(vec![Ok(b"data"), Err(ErrorKind::ConnectionReset)]);
        turn().read(body).read_to_end(&mut Vec::new()).expect_err("reset");
    });
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (failed("connection_reset"), Some("1")));
    let (recorder, _) = counted(|| drop(turn().read(Body(vec![]))));
    assert_eq!(outcome(&recorder), cancelled());
}

/// Serves `events` as server-sent events on loopback, each when the one before has been read, and cuts the connection
/// after the last if `cut`.
fn serve(events: &'static [&'static str], end: End) -> (std::net::SocketAddr, mpsc::Sender<()>) {
    use std::io::Write;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (read, waiting) = mpsc::channel();
    std::thread::spawn(move || -> std::io::Result<()> {
        let (mut client, _) = listener.accept()?;
        let mut request = BufReader::new(client.try_clone()?);
        let mut line = String::new();
        while request.read_line(&mut line)? > 2 {
            line.clear();
        }
        client
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")?;
        for event in events {
            write!(client, "{:x}\r\n{event}\r\n", event.len())?;
            if waiting.recv_timeout(Duration::from_secs(10)).is_err() {
                break;
            }
        }
        match end {
            End::Whole => client.write_all(b"0\r\n\r\n"),
            End::Cut => Ok(()),
        }
    });
    (address, read)
}

#[derive(Clone, Copy)]
enum End {
    Whole,
    Cut,
}

const EVENTS: &[&str] = &["data: {\"text\":\"Hello\"}\n\n", "data: {\"usage\":[5,3]}\n\n", "data: [DONE]\n\n"];

/// Asks a server for a reply and reads `most` pieces of it.
async fn ask(end: End, most: usize) -> usize {
    let (address, read) = serve(EVENTS, end);
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let turn = turn();
    let response = turn.scope(client.get(format!("http://{address}")).send()).await.expect("an answer");
    let body = turn.try_stream(response.bytes_stream()).inspect(|bytes, turn| {
        if let Ok(bytes) = bytes
            && bytes.starts_with(b"data: {\"usage\"")
        {
            turn.usage(Usage::new(5, 3)).finish_reason("stop");
        }
    });
    let mut body = pin!(body.take(most));
    let mut pieces = 0;
    while let Some(bytes) = body.next().await {
        pieces += usize::from(bytes.is_ok());
        let _ = read.send(());
    }
    pieces
}

#[test]
fn a_body_of_server_sent_events_goes_with_its_turn() {
    for runtime in [current_thread(), multi_thread()] {
        let (recorder, _) = counted(|| assert_eq!(runtime.block_on(ask(End::Whole, usize::MAX)), 3));
        assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (succeeded(), Some("3")));
        let (recorder, _) = counted(|| assert_eq!(runtime.block_on(ask(End::Whole, 1)), 1));
        assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (cancelled(), Some("1")));
        let (recorder, _) = counted(|| assert_eq!(runtime.block_on(ask(End::Cut, usize::MAX)), 3));
        assert_eq!(outcome(&recorder).0, Status::error(""));
        let span = recorder.span("chat m");
        assert_eq!(attribute(&span, "gen_ai.usage.output_tokens").as_deref(), Some("3"), "what came is kept");
    }
}
