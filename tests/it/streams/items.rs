//! What passes through, and what the turn says of it.

use std::cell::Cell;
use std::marker::PhantomPinned;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::stream::FusedStream;
use tokio_stream::{Stream, StreamExt, iter};
use tracing::info_span;
use tracing_genai::activity::{Operation, Usage};
use tracing_subscriber::layer::SubscriberExt;

use super::{all, chunks, counted, multi_thread, outcome, poll, succeeded, turn};
use crate::support::{Recorder, attribute, record};

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
