//! Replies in chunks: one span on every way out, and the chunks as they were.

mod decoded;
mod ends;
mod errors;
mod items;
mod sources;

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use opentelemetry::trace::Status;
use tokio::runtime::{Builder, Runtime};
use tokio_stream::{Stream, StreamExt};
use tracing_genai::Stats;
use tracing_genai::activity::{Guard, Turn};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute};

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
