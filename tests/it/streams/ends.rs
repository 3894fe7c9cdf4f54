//! Every way a stream comes to its end.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use insta::assert_snapshot;
use tokio::runtime::Runtime;
use tokio_stream::{Stream, StreamExt, empty, iter, pending};
use tracing::info_span;
use tracing_genai::activity::{Turn, Usage};
use tracing_subscriber::layer::SubscriberExt;

use super::{
    SECRET, all, cancelled, chunks, counted, current_thread, failed, multi_thread, outcome, poll, succeeded, turn,
    untimed,
};
use crate::support::{Recorder, attribute};

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
