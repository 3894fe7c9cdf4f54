//! From the layer to an OTLP backend.
//!
//! ```no_run
//! fn main() -> Result<(), tracing_genai::pipeline::InitError> {
//!     let _telemetry = tracing_genai::init()?;
//!     tracing::info_span!("chat", gen_ai.operation.name = "chat").in_scope(|| { /* … */ });
//!     Ok(())
//! }
//! ```
//!
//! | you want | call |
//! |---|---|
//! | everything from the environment | [`init`] |
//! | some settings in code | [`Pipeline::builder`] … [`install`](PipelineBuilder::install) |
//! | a subscriber of your own | [`Pipeline::builder`] … [`build`](PipelineBuilder::build), then [`Telemetry::layer`] |
//! | your own OpenTelemetry pipeline | nothing of this module: [`layer`](crate::layer()) with your tracer |
//!
//! # Behaviour
//!
//! - Spans, metrics and log records leave, each to `OTEL_{TRACES,METRICS,LOGS}_EXPORTER`. With
//!   [`backend`](PipelineBuilder::backend) there may be several receivers; each has queues, a thread and counts of its own, and one
//!   that hangs delays no other.
//! - Ended, sampled spans wait in a queue bounded by number and by bytes, log records in another one. Where there is no
//!   room for one, it is queued without its content, then dropped and counted. Nothing in the application waits for the network, except `flush`, `shutdown` and drop of the guard, up to their deadline.
//! - One thread with a runtime of its own sends, with a loop for each signal. It works with any tokio runtime or none, and
//!   reports nothing to `tracing`, so export never traces itself.
//! - A batch is cut at 512 spans or records, or about 3 MiB, because gRPC receivers refuse messages above 4 MiB. A
//!   single span above that loses its largest content until it fits.
//! - Metrics are read and sent at an interval, at a flush and at the end.
//! - Right before it is sent, each span goes once more through the rules of GenAI spans: what the application's sampler
//!   added, and no table knows, does not leave.
//! - A batch that fails is tried again as OTLP demands, within the timeout; then it is counted as failed. With two
//!   exporters it counts as failed if either failed.
//! - A receiver that has no place for metrics or logs (HTTP 404 or 405, gRPC UNIMPLEMENTED) is told once on standard
//!   error and gets no more of them. For spans this is a failure.
//! - `RUST_LOG` filters what is printed, never what is exported.
//! - Spans and events of `rmcp` itself are not exported: they are as long as a connection and print whole messages. Its
//!   requests have spans by the feature `mcp`.
#![doc = include_str!("../../docs/environment.md")]

mod adapter;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
mod answer;
mod backend;
mod batch;
mod builder;
mod cadence;
mod certificates;
mod config;
mod console;
mod content;
mod counts;
mod courier;
mod delivery;
mod ended_span;
mod endpoint;
mod env;
mod error;
mod exporter;
mod filter;
mod gate;
mod headers;
#[cfg(feature = "otlp-http")]
mod http_client;
mod in_parent;
mod item;
mod limits;
mod log_entrance;
mod names;
mod otlp_config;
mod outbox;
mod process;
mod reader;
mod record;
mod report;
mod resource;
mod route;
mod running;
mod sampler;
mod semconv;
mod signal;
mod sink;
mod telemetry;
mod thread;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
mod tls;
mod weight;
mod worker;

pub use backend::{Backend, BackendConfig};
pub use batch::{
    DEFAULT_EXPORT_TIMEOUT, DEFAULT_LOG_SCHEDULE_DELAY, DEFAULT_MAX_EXPORT_BATCH_SIZE, DEFAULT_MAX_QUEUE_BYTES,
    DEFAULT_MAX_QUEUE_SIZE, DEFAULT_SCHEDULE_DELAY,
};
pub use builder::{Pipeline, PipelineBuilder};
pub use cadence::DEFAULT_METRIC_EXPORT_INTERVAL;
pub use config::DEFAULT_SHUTDOWN_TIMEOUT;
pub use env::Env;
pub use error::{FlushError, InitError, InitErrorKind};
pub use limits::DEFAULT_SPAN_LIMIT;
pub use otlp_config::{
    Compression, DEFAULT_GRPC_ENDPOINT, DEFAULT_HTTP_ENDPOINT, DEFAULT_PROTOCOL, DEFAULT_TIMEOUT, Protocol,
};
pub use report::{Report, RouteReport, SignalReport};
pub use signal::Signal;
pub use telemetry::Telemetry;

/// Starts export with everything from the environment and installs a global subscriber: the layer, and `fmt` on
/// standard error filtered by `RUST_LOG` (default `info`).
///
/// # Errors
/// As [`PipelineBuilder::install`]; a second call fails with [`InitErrorKind::AlreadyInitialized`] and leaves the first
/// one working.
pub fn init() -> Result<Telemetry, InitError> {
    Pipeline::builder().install()
}
