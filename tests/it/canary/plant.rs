//! A row of the tables: an entrance, how a canary gets in by it, and where alone it may come out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};

use opentelemetry_sdk::trace::SdkTracer;
use tracing_genai::GenAiTracer;
use tracing_genai::content::Kind;
use tracing_genai::pipeline::PipelineBuilder;

pub(super) type Tracer = GenAiTracer<SdkTracer>;

/// How a canary gets in.
#[derive(Clone, Copy)]
pub(super) enum Plant {
    /// By work under the layer.
    Work(fn(&str)),
    /// By the OpenTelemetry API.
    Api(fn(&Tracer, &str)),
    /// By a setting of the tracer, under which ordinary work runs.
    Tracer(fn(Tracer, &str) -> Tracer),
    /// By a setting of the pipeline.
    Pipeline(fn(PipelineBuilder, &str) -> PipelineBuilder),
}

/// One entrance.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// As [`super::surface::entrances`] calls it.
    pub(super) entrance: &'static str,
    /// Keys of the attributes it is meant to leave under, or `tracestate`. None: it stays in the process.
    pub(super) leaves: &'static [&'static str],
    pub(super) plant: Plant,
    /// As what it leaves if content is switched on; as nothing else, and as each of these.
    pub(super) content: &'static [Kind],
}

impl Row {
    /// A row of content.
    pub(super) const fn tells(mut self, content: &'static [Kind]) -> Self {
        self.content = content;
        self
    }
}

pub(super) const fn row(entrance: &'static str, leaves: &'static [&'static str], plant: fn(&str)) -> Row {
    Row { entrance, leaves, plant: Plant::Work(plant), content: &[] }
}

pub(super) const fn api(entrance: &'static str, leaves: &'static [&'static str], plant: fn(&Tracer, &str)) -> Row {
    Row { entrance, leaves, plant: Plant::Api(plant), content: &[] }
}

pub(super) const fn tracer(
    entrance: &'static str,
    leaves: &'static [&'static str],
    plant: fn(Tracer, &str) -> Tracer,
) -> Row {
    Row { entrance, leaves, plant: Plant::Tracer(plant), content: &[] }
}

pub(super) const fn pipeline(
    entrance: &'static str,
    leaves: &'static [&'static str],
    plant: fn(PipelineBuilder, &str) -> PipelineBuilder,
) -> Row {
    Row { entrance, leaves, plant: Plant::Pipeline(plant), content: &[] }
}

/// An error whose text, `Debug` and source are the canary.
#[derive(Debug, thiserror::Error)]
#[error("failed on {0}")]
pub(super) struct Broken(String, #[source] std::io::Error);

pub(super) fn broken(canary: &str) -> Broken {
    Broken(canary.to_owned(), std::io::Error::other(canary.to_owned()))
}

/// Runs a future that never waits.
pub(super) fn now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// Runs what may panic with [`std::panic::resume_unwind`], which prints nothing.
pub(super) fn unwinding(work: impl FnOnce()) {
    drop(catch_unwind(AssertUnwindSafe(work)));
}
