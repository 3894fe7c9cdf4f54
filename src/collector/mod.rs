//! A local OTLP receiver: traces, metrics and logs come in over loopback, are held in memory and can be read, awaited and printed.
//!
//! It is made for examples, tests and a look at what a program sends; it is no backend. It reads OTLP like any
//! receiver would, from the bytes alone.
//!
//! ```
//! use std::time::Duration;
//! use tracing_genai::collector::{Collector, render};
//!
//! let collector = Collector::builder().start()?;
//! // … point an OTLP exporter at `collector.grpc_endpoint()` or `collector.http_endpoint()` …
//! # let body = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"chat gpt-5",
//! #   "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7"}]}]}]}"#;
//! # use std::io::{Read, Write};
//! # let mut stream = std::net::TcpStream::connect(collector.http_addr())?;
//! # write!(stream, "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
//! #   content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len())?;
//! # stream.write_all(body)?;
//! # stream.read_to_string(&mut String::new())?;
//! if collector.wait_for(1, Duration::from_secs(5)) {
//!     print!("{}", render(&collector.spans()));
//! }
//! # assert_eq!(collector.spans()[0].name, "chat gpt-5");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`render_metrics`] and [`render_logs`] print the other signals.
//!
//! In a test, [`usage_errors`] tells whether the usage of the spans can be summed, and [`metric_errors`] whether the metrics say
//! the same as the spans:
//!
//! ```
//! # let collector = tracing_genai::collector::Collector::builder().start()?;
//! use tracing_genai::collector::{metric_errors, usage_errors};
//!
//! assert_eq!(usage_errors(&collector.spans()), []);
//! assert_eq!(metric_errors(&collector.spans(), &collector.metrics()), []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`assert_no_content`](Collector::assert_no_content) proves that content stayed in the process.
//!
//! # What it accepts
//!
//! | protocol | where | body | compression |
//! |---|---|---|---|
//! | OTLP/gRPC | [`grpc_endpoint`](Collector::grpc_endpoint) | `TraceService/Export`, `MetricsService/Export`, `LogsService/Export` | none, gzip |
//! | OTLP/HTTP | [`http_endpoint`](Collector::http_endpoint) + `/v1/traces`, `/v1/metrics`, `/v1/logs` | `application/x-protobuf`, `application/json` | none, gzip |
//!
//! [`with_signals`](CollectorBuilder::with_signals) makes it a backend that takes some of them.
//!
//! # What it answers to the rest
//!
//! | request | HTTP | gRPC |
//! |---|---|---|
//! | body or gzip malformed | 400 | `INVALID_ARGUMENT` |
//! | body larger than the limit, before or after decompression | 413 | `RESOURCE_EXHAUSTED` |
//! | `host` that is no loopback address | 403 | – |
//! | unknown compression | 415 | `UNIMPLEMENTED` |
//! | unknown content type | 415 | HTTP 415 |
//! | a signal that is not taken, any other path | 404 | `UNIMPLEMENTED` |
//! | method other than POST | 405 | – |
//! | spans with an invalid trace, span or parent id | 200, `partialSuccess` | `OK`, `partial_success` |
//! | metrics without data, points without a value, histograms whose buckets do not fit their bounds | 200, `partialSuccess` | `OK`, `partial_success` |
//! | log records with an invalid trace or span id | 200, taken without it | `OK`, taken without it |
//!
//! HTTP errors carry a `google.rpc.Status`, as protobuf to a protobuf request and as JSON to everybody else.
//!
//! # What it holds
//!
//! At most [`with_max_spans`](CollectorBuilder::with_max_spans) spans; a full store drops the oldest spans of the
//! oldest trace. A span that comes twice (a retry after a lost answer) is held once, as it came last.
//!
//! Of metrics the latest state: for each series (resource, scope, name, unit, kind and labels) one point. Cumulative points, gauges
//! and summaries replace the one before, deltas are added to it; deltas with the times of the last one came twice and count once. At
//! most [`with_max_metric_points`](CollectorBuilder::with_max_metric_points) series; a full store drops the one that has been
//! silent for the longest time.
//!
//! At most [`with_max_logs`](CollectorBuilder::with_max_logs) log records; a full store drops the oldest.
//!
//! [`stats`](Collector::stats) counts all of it.
mod agreement;
mod body;
mod builder;
mod decode;
mod disguise;
mod error;
mod grpc;
mod http;
mod line;
mod log;
mod metric;
mod origin;
mod quantile;
mod record;
mod search;
mod server;
mod service;
mod signal;
mod span;
mod store;
mod summary;
mod tree;
mod usage;
mod value;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use agreement::{Compared, MetricError, metric_errors};
pub use builder::{
    CollectorBuilder, DEFAULT_GRPC_ADDRESS, DEFAULT_HTTP_ADDRESS, DEFAULT_MAX_LOGS, DEFAULT_MAX_METRIC_POINTS,
    DEFAULT_MAX_REQUEST_BYTES, DEFAULT_MAX_SPANS,
};
pub use error::{CollectorError, CollectorErrorKind};
pub use log::ReceivedLog;
pub use metric::{
    ExponentialHistogramValue, HistogramValue, MetricKind, PointValue, ReceivedExemplar, ReceivedMetric, ReceivedPoint,
    SummaryValue, Temporality,
};
pub use origin::{ReceivedResource, ReceivedScope};
pub use record::render_logs;
pub use search::{Holder, MIN_CANARY_BYTES, Part, Place};
pub use signal::Signal;
pub use span::{ReceivedEvent, ReceivedLink, ReceivedSpan, SpanKind, StatusCode};
pub use store::{Counts, Stats};
pub use summary::render_metrics;
pub use tree::{Durations, Tree, render, render_with};
pub use usage::{UsageError, usage_errors};
pub use value::{AttributeValue, Attributes};

use server::Server;
use signal::Signals;
use store::Store;

/// A running OTLP receiver. See the [module](self) for what it accepts.
///
/// It lives on a thread and event loop of its own, so it starts from any async runtime or none, and nothing on
/// that thread is traced: a collector in the program under test never reports on itself.
///
/// Dropping it [stops](Self::stop) it.
#[derive(Debug)]
#[must_use = "a collector stops when it is dropped"]
pub struct Collector {
    server: Server,
    store: Arc<Store>,
    signals: Signals,
}

impl Collector {
    /// A collector on free ports of 127.0.0.1 unless told otherwise.
    pub fn builder() -> CollectorBuilder {
        CollectorBuilder::default()
    }

    /// The address of OTLP/gRPC, with the port that was taken.
    pub fn grpc_addr(&self) -> SocketAddr {
        self.server.grpc_address
    }

    /// The address of OTLP/HTTP, with the port that was taken.
    pub fn http_addr(&self) -> SocketAddr {
        self.server.http_address
    }

    /// What to give a gRPC exporter as endpoint: `http://127.0.0.1:PORT`.
    pub fn grpc_endpoint(&self) -> String {
        format!("http://{}", self.grpc_addr())
    }

    /// What to give as `OTEL_EXPORTER_OTLP_ENDPOINT` for HTTP: `http://127.0.0.1:PORT`, to which exporters add `/v1/traces`,
    /// `/v1/metrics` and `/v1/logs`.
    pub fn http_endpoint(&self) -> String {
        format!("http://{}", self.http_addr())
    }

    /// A copy of every span held, traces in order of arrival.
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.store.spans()
    }

    /// The latest state of every metric held, metrics and their series in order of arrival. See the [module](self) for how points
    /// go together.
    pub fn metrics(&self) -> Vec<ReceivedMetric> {
        self.store.metrics()
    }

    /// A copy of every log record held, in order of arrival.
    pub fn logs(&self) -> Vec<ReceivedLog> {
        self.store.logs()
    }

    /// What has been received, dropped and refused so far.
    pub fn stats(&self) -> Stats {
        self.store.stats()
    }

    /// Blocks until at least `spans` different spans are held, at most for `timeout`; `false` if time ran out.
    pub fn wait_for(&self, spans: usize, timeout: Duration) -> bool {
        self.store.wait_for(spans, timeout)
    }

    /// Blocks until `predicate` is true of the spans held, at most for `timeout`; `false` if time ran out.
    ///
    /// The predicate is asked once at the start and after every request that arrives.
    pub fn wait_until(&self, predicate: impl FnMut(&[ReceivedSpan]) -> bool, timeout: Duration) -> bool {
        self.store.wait_until_spans(predicate, timeout)
    }

    /// Blocks until `predicate` is true of [`metrics`](Self::metrics), as [`wait_until`](Self::wait_until) does for spans.
    pub fn wait_until_metrics(&self, predicate: impl FnMut(&[ReceivedMetric]) -> bool, timeout: Duration) -> bool {
        self.store.wait_until_metrics(predicate, timeout)
    }

    /// Blocks until `predicate` is true of [`logs`](Self::logs), as [`wait_until`](Self::wait_until) does for spans.
    ///
    /// ```
    /// # let collector = tracing_genai::collector::Collector::builder().start()?;
    /// # let time = std::time::Duration::ZERO;
    /// let failed = collector.wait_until_logs(|logs| logs.iter().any(|log| log.severity_number >= 17), time);
    /// # assert!(!failed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_until_logs(&self, predicate: impl FnMut(&[ReceivedLog]) -> bool, timeout: Duration) -> bool {
        self.store.wait_until_logs(predicate, timeout)
    }

    /// Removes and returns the traces that look complete: a root has arrived, and nothing new came for `quiet`.
    ///
    /// A span that arrives later starts its trace anew. Traces are in order of arrival.
    pub fn take_settled(&self, quiet: Duration) -> Vec<Vec<ReceivedSpan>> {
        self.store.take_settled(quiet)
    }

    /// Removes and returns every trace, complete or not, in order of arrival.
    pub fn take_all(&self) -> Vec<Vec<ReceivedSpan>> {
        self.store.take_all()
    }

    /// Removes and returns every metric. Cumulative ones come back with their next point, deltas start anew.
    pub fn take_metrics(&self) -> Vec<ReceivedMetric> {
        self.store.take_metrics()
    }

    /// Removes and returns every log record, in order of arrival.
    pub fn take_logs(&self) -> Vec<ReceivedLog> {
        self.store.take_logs()
    }

    /// Stops listening: open requests get a moment to end, then every connection is closed. Blocks well under a second.
    ///
    /// What was received stays readable. Stopping twice does nothing.
    pub fn stop(&self) {
        self.server.stop();
    }

    /// Whether it has been [stopped](Self::stop).
    pub fn is_stopped(&self) -> bool {
        self.server.is_stopped()
    }
}
