//! A local OTLP receiver: traces come in over loopback, are held in memory and can be read, awaited and printed.
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
//! In a test, [`usage_errors`] tells whether the usage of the spans can be summed:
//!
//! ```
//! # let collector = tracing_genai::collector::Collector::builder().start()?;
//! assert_eq!(tracing_genai::collector::usage_errors(&collector.spans()), []);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`assert_no_content`](Collector::assert_no_content) proves that content stayed in the process.
//!
//! # What it accepts
//!
//! | protocol | where | body | compression |
//! |---|---|---|---|
//! | OTLP/gRPC | [`grpc_endpoint`](Collector::grpc_endpoint) | `TraceService/Export` | none, gzip |
//! | OTLP/HTTP | [`http_endpoint`](Collector::http_endpoint) + `/v1/traces` | `application/x-protobuf`, `application/json` | none, gzip |
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
//! | metrics, logs, any other path | 404 | `UNIMPLEMENTED` |
//! | method other than POST | 405 | – |
//! | spans with an invalid trace, span or parent id | 200, `partialSuccess` | `OK`, `partial_success` |
//!
//! HTTP errors carry a `google.rpc.Status`, as protobuf to a protobuf request and as JSON to everybody else.
//!
//! # What it holds
//!
//! At most [`with_max_spans`](CollectorBuilder::with_max_spans) spans; a full store drops the oldest spans of the
//! oldest trace. A span that comes twice (a retry after a lost answer) is held once, as it came last.
//! [`stats`](Collector::stats) counts all of it.
mod body;
mod builder;
mod decode;
mod disguise;
mod error;
mod grpc;
mod http;
mod line;
mod search;
mod server;
mod span;
mod store;
mod tree;
mod usage;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use builder::{
    CollectorBuilder, DEFAULT_GRPC_ADDRESS, DEFAULT_HTTP_ADDRESS, DEFAULT_MAX_REQUEST_BYTES, DEFAULT_MAX_SPANS,
};
pub use error::{CollectorError, CollectorErrorKind};
pub use search::{Holder, MIN_CANARY_BYTES, Part, Place};
pub use span::{
    AttributeValue, Attributes, ReceivedEvent, ReceivedLink, ReceivedResource, ReceivedScope, ReceivedSpan, SpanKind,
    StatusCode,
};
pub use store::Stats;
pub use tree::{Durations, Tree, render, render_with};
pub use usage::{UsageError, usage_errors};

use server::Server;
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

    /// What to give as `OTEL_EXPORTER_OTLP_ENDPOINT` for HTTP: `http://127.0.0.1:PORT`, to which exporters add `/v1/traces`.
    pub fn http_endpoint(&self) -> String {
        format!("http://{}", self.http_addr())
    }

    /// A copy of every span held, traces in order of arrival.
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.store.spans()
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
        self.store.wait_until(predicate, timeout)
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
