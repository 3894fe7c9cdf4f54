//! Replies in chunks: one span on every way out, and the chunks as they were.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read};
use std::marker::PhantomPinned;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_core::stream::FusedStream;
use insta::assert_snapshot;
use opentelemetry::trace::Status;
use tokio::runtime::{Builder, Runtime};
use tokio_stream::{Stream, StreamExt, empty, iter, pending};
use tracing::info_span;
use tracing_genai::Stats;
use tracing_genai::activity::{Guard, Operation, Turn, Usage};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute, record};

const SECRET: &str = "the customer's secret";

fn turn() -> Guard<Turn> {
    Turn::chat("openai", "m").streaming().start()
}

/// Runs `work` under our tracer, and gives what it recorded and counted.
fn counted(work: impl FnOnce()) -> (Recorder, Stats) {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, work);
    let stats = tracer.stats();
    assert_eq!((stats.after_end, stats.changed_at_start, stats.refused_values, stats.open_spans), (0, 0, 0, 0));
    assert!(!format!("{:?}", recorder.spans()).contains(SECRET));
    (recorder, stats)
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// What `stream` yields until its end.
fn all<S: Stream>(stream: S) -> Vec<S::Item> {
    current_thread().block_on(stream.collect())
}

fn poll<S: Stream>(stream: Pin<&mut S>) -> Poll<Option<S::Item>> {
    stream.poll_next(&mut Context::from_waker(Waker::noop()))
}

/// The tree, with what differs from run to run left out.
fn untimed(recorder: &Recorder) -> String {
    let line = |line: &str| match line.split_once(" = ") {
        Some((key, seconds)) if key.contains("time_") => {
            let seconds: f64 = seconds.parse().expect("seconds");
            assert!((0.0..60.0).contains(&seconds), "{line}");
            format!("{key} = [s]\n")
        }
        _ => format!("{line}\n"),
    };
    recorder.tree().lines().map(line).collect()
}

fn outcome(recorder: &Recorder) -> (Status, Option<String>, Option<String>) {
    let span = recorder.span("chat m");
    (span.status.clone(), attribute(&span, "agentic.outcome"), attribute(&span, "error.type"))
}

fn succeeded() -> (Status, Option<String>, Option<String>) {
    (Status::Unset, None, None)
}

fn cancelled() -> (Status, Option<String>, Option<String>) {
    (Status::Unset, Some("\"cancelled\"".into()), None)
}

fn failed(error_type: &str) -> (Status, Option<String>, Option<String>) {
    (Status::error(""), None, Some(format!("{error_type:?}")))
}

fn chunks(recorder: &Recorder) -> Option<String> {
    attribute(&recorder.span("chat m"), "agentic.stream.chunks")
}

#[test]
fn the_end_of_the_stream_finishes_the_turn() {
    let (recorder, _) = counted(|| {
        let stream = turn().stream(iter([SECRET, SECRET, "last"])).inspect(|chunk, turn| {
            if *chunk == "last" {
                turn.usage(Usage::new(5, 3)).finish_reason("stop").response_id("r-1");
            }
        });
        assert_eq!(all(stream), [SECRET, SECRET, "last"]);
    });
    assert_snapshot!(untimed(&recorder), @r#"
    chat m CLIENT
        agentic.stream.chunks = 3
        agentic.stream.max_time_per_chunk = [s]
        agentic.stream.time_per_chunk = [s]
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.request.stream = true
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.response.id = "r-1"
        gen_ai.response.time_to_first_chunk = [s]
        gen_ai.usage.input_tokens = 5
        gen_ai.usage.output_tokens = 3
    "#);
}

#[test]
fn one_chunk_has_no_time_between_and_an_empty_reply_no_first_one() {
    let (recorder, _) = counted(|| {
        all(turn().stream(iter([1])));
    });
    assert_snapshot!(untimed(&recorder), @r#"
    chat m CLIENT
        agentic.stream.chunks = 1
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.request.stream = true
        gen_ai.response.time_to_first_chunk = [s]
    "#);
    let (recorder, _) = counted(|| {
        all(Turn::chat("openai", "m").start().stream(empty::<u8>()));
    });
    assert_snapshot!(untimed(&recorder), @r#"
    chat m CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.request.stream = true
    "#);
}

#[test]
fn the_chunk_that_ends_the_reply_ends_the_turn_and_the_rest_passes() {
    let (recorder, _) = counted(|| {
        let mut stream = turn().stream(iter(0..5)).inspect(|chunk, turn| {
            if *chunk == 2 {
                turn.usage(Usage::new(5, 3)).finish();
            }
        });
        // The reader goes on as it did before there was a turn.
        let seen = current_thread().block_on(async { [stream.next().await, stream.next().await, stream.next().await] });
        assert_eq!(seen, [Some(0), Some(1), Some(2)]);
        assert_eq!(all(stream), [3, 4]);
    });
    assert_eq!(outcome(&recorder), succeeded());
    assert_eq!(chunks(&recorder).as_deref(), Some("3"));
    assert_eq!(attribute(&recorder.span("chat m"), "gen_ai.usage.output_tokens").as_deref(), Some("3"));
}

#[test]
fn a_stream_dropped_early_is_a_cancelled_turn_with_its_usage_so_far() {
    let (recorder, _) = counted(|| {
        let mut stream = turn().stream(iter(0..5)).inspect(|_, turn| {
            turn.usage(Usage::input_only(7));
        });
        current_thread().block_on(async { stream.next().await });
        drop(stream);
    });
    assert_snapshot!(untimed(&recorder), @r#"
    chat m CLIENT
        agentic.outcome = "cancelled"
        agentic.stream.chunks = 1
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.request.stream = true
        gen_ai.response.time_to_first_chunk = [s]
        gen_ai.usage.input_tokens = 7
    "#);
}

#[test]
fn a_stream_that_was_never_polled_is_a_cancelled_turn() {
    let (recorder, _) = counted(|| drop(turn().stream(pending::<u8>())));
    assert_eq!((outcome(&recorder), chunks(&recorder)), (cancelled(), None));
}

/// Yields 1, then panics at every poll.
struct Panics(bool);

impl Stream for Panics {
    type Item = u8;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        if std::mem::replace(&mut self.0, true) {
            resume_unwind(Box::new(SECRET));
        }
        Poll::Ready(Some(1))
    }
}

#[test]
fn a_panic_of_the_source_passes_and_fails_the_turn_at_once() {
    let recorder = Recorder::default();
    let subscriber = tracing_subscriber::registry().with(tracing_genai::layer(recorder.sdk_tracer()));
    tracing::subscriber::with_default(subscriber, || {
        let mut stream = turn().stream(Panics(false));
        assert_eq!(poll(Pin::new(&mut stream)), Poll::Ready(Some(1)));
        for _ in 0..2 {
            let panic = catch_unwind(AssertUnwindSafe(|| poll(Pin::new(&mut stream)))).expect_err("it panics");
            assert_eq!(panic.downcast_ref::<&str>(), Some(&SECRET), "as it was");
            assert_eq!(recorder.spans().len(), 1, "while the stream is still there");
        }
    });
    assert_eq!(outcome(&recorder), failed("panic"));
    assert_eq!(chunks(&recorder).as_deref(), Some("1"));
}

#[test]
fn a_panicking_inspector_is_counted_and_the_stream_goes_on() {
    let (recorder, stats) = counted(|| {
        let stream = turn().stream(iter(0..3)).inspect(|chunk, turn| {
            turn.usage(Usage::new(1, *chunk));
            resume_unwind(Box::new(SECRET));
        });
        assert_eq!(all(stream), [0, 1, 2]);
    });
    assert_eq!((outcome(&recorder), stats.hook_panics), (succeeded(), 3));
    assert_eq!(attribute(&recorder.span("chat m"), "gen_ai.usage.output_tokens").as_deref(), Some("2"));
}

#[test]
fn an_inspector_may_log_and_open_spans() {
    let (recorder, _) = counted(|| {
        let stream = turn().stream(iter([1])).inspect(|_, turn| {
            tracing::error!("a chunk");
            turn.in_scope(|| info_span!("parse").in_scope(|| ()));
        });
        info_span!("reader").in_scope(|| all(stream));
    });
    let (parse, reader) = (recorder.span("parse"), recorder.span("reader"));
    assert_eq!(parse.parent_span_id, recorder.span("chat m").span_context.span_id());
    assert_eq!(reader.events.len(), 1, "its log is the reader's");
}

#[test]
fn the_first_error_fails_the_turn_and_what_follows_passes() {
    let (recorder, _) = counted(|| {
        let slow = || Error::new(ErrorKind::TimedOut, SECRET);
        let seen = all(turn().try_stream(iter([Ok(1), Err(slow()), Ok(2), Err(Error::other(SECRET))])));
        assert_eq!(seen.iter().map(|item| item.as_ref().ok()).collect::<Vec<_>>(), [Some(&1), None, Some(&2), None]);
    });
    assert_snapshot!(untimed(&recorder), @r#"
    chat m CLIENT ERROR
        agentic.stream.chunks = 1
        error.type = "timeout"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.request.stream = true
        gen_ai.response.time_to_first_chunk = [s]
        * exception exception.type="std::io::error::Error"
    "#);
}

#[test]
fn an_inspector_sees_an_error_first_and_may_name_it() {
    let (recorder, _) = counted(|| {
        let items = [Ok(1), Err(Error::other("rate limited"))];
        all(turn().try_stream(iter(items)).inspect(|item, turn| {
            if item.is_err() {
                turn.fail_with("rate_limit_exceeded");
            }
        }));
    });
    assert_eq!(outcome(&recorder), failed("rate_limit_exceeded"));
}

#[test]
fn errors_that_are_no_errors_are_left_to_the_inspector() {
    let (recorder, _) = counted(|| {
        let items: [Result<u8, Box<dyn std::error::Error + Send + Sync>>; 3] = [Ok(1), Err(SECRET.into()), Ok(2)];
        // This one goes on after errors.
        let stream = turn().stream(iter(items)).inspect(|item, turn| match item {
            Ok(2) => turn.finish(),
            _ => (),
        });
        assert_eq!(all(stream).len(), 3);
    });
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (succeeded(), Some("3")));
}

#[derive(Debug, thiserror::Error)]
#[error("broken")]
struct Broken(#[source] BrokenSource);

#[derive(Debug)]
struct BrokenSource;

impl std::fmt::Display for BrokenSource {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

impl std::error::Error for BrokenSource {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        resume_unwind(Box::new("a source with a bug"));
    }
}

#[test]
fn an_error_that_panics_when_it_is_looked_at_still_fails_the_turn() {
    let (recorder, stats) = counted(|| {
        assert_eq!(all(turn().try_stream(iter([Ok(1), Err(Broken(BrokenSource))]))).len(), 2);
    });
    assert_eq!((outcome(&recorder), stats.hook_panics), (failed("_OTHER"), 1));
}

/// Polls `stream` in a task of `runtime` until it has waited once, and gives the task.
fn started<S>(runtime: &Runtime, stream: S) -> tokio::task::JoinHandle<()>
where
    S: Stream<Item = u8> + Send + 'static,
{
    let (polled, waiting) = tokio::sync::oneshot::channel();
    let task = runtime.spawn(async move {
        let mut stream = pin!(stream);
        stream.next().await;
        let _ = polled.send(());
        stream.next().await;
    });
    runtime.block_on(waiting).expect("the task runs");
    task
}

/// One chunk, then silence.
fn stalls() -> impl Stream<Item = u8> + Send + 'static {
    iter([1]).chain(pending())
}

#[test]
fn an_aborted_task_cancels_its_turn() {
    for runtime in [current_thread(), multi_thread()] {
        let (recorder, _) = counted(|| {
            let task = started(&runtime, turn().stream(stalls()));
            task.abort();
            assert!(runtime.block_on(task).expect_err("it was aborted").is_cancelled());
        });
        assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (cancelled(), Some("1")));
    }
}

#[test]
fn a_runtime_that_shuts_down_cancels_its_turns() {
    for runtime in [current_thread(), multi_thread()] {
        let (recorder, _) = counted(|| {
            let task = started(&runtime, turn().stream(stalls()));
            runtime.shutdown_timeout(Duration::from_secs(10));
            assert!(task.is_finished());
        });
        assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (cancelled(), Some("1")));
    }
}

#[test]
fn a_task_that_panics_fails_its_turn() {
    for runtime in [current_thread(), multi_thread()] {
        let (recorder, _) = counted(|| {
            let stream = turn().stream(stalls());
            let task = runtime.spawn(async move {
                let mut stream = pin!(stream);
                stream.next().await;
                resume_unwind(Box::new(SECRET));
            });
            assert!(runtime.block_on(task).expect_err("it panicked").is_panic());
        });
        assert_eq!(outcome(&recorder), failed("panic"));
    }
}

/// Yields items again after its end, cannot be moved, and says how many there are.
#[derive(Debug)]
struct Odd(Cell<u8>, PhantomPinned);

/// Neither `Clone` nor `Send`.
#[derive(Debug, PartialEq)]
struct Item(*const u8);

impl Stream for Odd {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Item>> {
        let at = self.0.replace(self.0.get() + 1);
        match at {
            0 | 3 => Poll::Pending,
            2 => Poll::Ready(None),
            _ => Poll::Ready(Some(Item(std::ptr::null()))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (7, Some(9))
    }
}

impl FusedStream for Odd {
    fn is_terminated(&self) -> bool {
        self.0.get() > 2
    }
}

#[test]
fn a_stream_is_what_it_was_also_after_its_end() {
    let (recorder, _) = counted(|| {
        let mut stream = pin!(turn().stream(Odd(Cell::new(0), PhantomPinned)));
        assert_eq!(stream.size_hint(), (7, Some(9)));
        let expected = [Poll::Pending, Poll::Ready(Some(())), Poll::Ready(None), Poll::Pending, Poll::Ready(Some(()))];
        for (at, expected) in expected.into_iter().enumerate() {
            let polled = poll(stream.as_mut());
            assert_eq!(polled.map(|item| item.map(drop)), expected);
            assert_eq!(stream.is_terminated(), at >= 2);
        }
        let shown = format!("{stream:?}");
        assert!(shown.starts_with("TurnStream { turn: Guard {"), "{shown}");
    });
    assert_eq!((outcome(&recorder), chunks(&recorder).as_deref()), (succeeded(), Some("1")));
}

#[test]
fn streams_within_streams_end_each_once() {
    const DEPTH: usize = 200;
    let (recorder, _) = counted(|| {
        let mut stream: Pin<Box<dyn Stream<Item = u8> + Send>> = Box::pin(iter([1, 2, 3]));
        for _ in 0..DEPTH {
            stream = Box::pin(turn().stream(stream).scoped());
        }
        let task = multi_thread().block_on(async { tokio::spawn(stream.collect::<Vec<_>>()).await });
        assert_eq!(task.expect("it ends"), [1, 2, 3]);
    });
    assert_eq!(recorder.spans().len(), DEPTH);
    for span in recorder.spans() {
        assert_eq!(attribute(&span, "agentic.stream.chunks").as_deref(), Some("3"));
        assert_eq!(attribute(&span, "agentic.outcome"), None);
    }
}

#[test]
fn only_a_scoped_stream_is_polled_inside_the_turn() {
    let source = || {
        iter([1, 2]).map(|item| {
            info_span!("request").in_scope(|| ());
            item
        })
    };
    let (recorder, _) = counted(|| {
        assert_eq!(all(turn().stream(source()).scoped().inspect(|_, _| ())).len(), 2);
        assert_eq!(all(turn().stream(source())).len(), 2);
    });
    let turns: Vec<_> =
        recorder.spans().iter().filter(|span| span.name == "chat m").map(|s| s.span_context.span_id()).collect();
    let under = |turn| recorder.spans().iter().filter(|span| span.parent_span_id == turn).count();
    assert_eq!((under(turns[0]), under(turns[1])), (2, 0));
}

#[test]
fn what_was_said_before_stays() {
    let (recorder, _) = counted(|| {
        let turn = turn();
        turn.first_chunk_after(Duration::from_millis(250));
        all(turn.stream(iter([1, 2])));
    });
    let span = recorder.span("chat m");
    assert_eq!(attribute(&span, "gen_ai.response.time_to_first_chunk").as_deref(), Some("0.25"));
    assert_eq!(attribute(&span, "gen_ai.request.stream").as_deref(), Some("true"));
}

#[test]
fn without_a_tracer_everything_passes_and_the_inspector_still_looks() {
    let mut seen = 0;
    let stream = turn().stream(iter([1, 2])).inspect(|_, turn| {
        seen += 1;
        turn.finish();
    });
    assert_eq!(all(stream.scoped()), [1, 2]);
    assert_eq!(seen, 2);
}

#[test]
fn a_turn_that_is_not_sampled_keeps_its_stream() {
    let recorder = Recorder::with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOff);
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || assert_eq!(all(turn().stream(iter([1, 2]))), [1, 2]));
    assert_eq!((recorder.spans().len(), tracer.stats().open_spans), (0, 0));
}

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

#[test]
fn a_streamed_turn_adds_to_its_agent() {
    let recorder = record(|| {
        let agent = Operation::prompt("a").start();
        let stream = agent.in_scope(turn).stream(iter([1])).inspect(|_, turn| {
            turn.usage(Usage::new(5, 3));
        });
        all(stream);
        agent.finish();
    });
    assert_eq!(attribute(&recorder.span("invoke_agent a"), "gen_ai.usage.input_tokens").as_deref(), Some("5"));
}
