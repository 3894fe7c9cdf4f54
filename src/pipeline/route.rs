//! One way out of the pipeline: to whom, which signals, in which form.

use std::time::Duration;

use opentelemetry::KeyValue;

use super::adapter::Adapter;
use super::error::Origin;
use super::otlp_config::{Compression, Protocol};
use super::signal::Signal;

/// What is behind an endpoint over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Paths {
    /// `/v1/{signal}`.
    #[default]
    PerSignal,
    /// Nothing: the endpoint is the whole URL.
    AsItIs,
}

/// How a receiver is reached, as far as it was said in code or by a backend's row; see `from_environment` for the rest.
/// Deliberately without `Debug`: it holds header values.
#[derive(Clone, Default)]
pub(crate) struct Connection {
    pub(crate) endpoint: Option<String>,
    pub(crate) paths: Paths,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) headers: Vec<SetHeader>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) compression: Option<Compression>,
}

/// A header and where it was set. Deliberately without `Debug`: its value may be a secret.
#[derive(Clone)]
pub(crate) struct SetHeader {
    pub(crate) origin: Origin,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// One way out. Each has queues, an export thread and counts of its own.
pub(crate) struct Route {
    /// For notices and reports.
    pub(crate) name: &'static str,
    pub(crate) connection: Connection,
    /// Whether `OTEL_EXPORTER_OTLP_ENDPOINT`, `_PROTOCOL` and `_HEADERS` say what `connection` does not: they are meant
    /// for one receiver, and its headers are nobody else's business.
    pub(crate) from_environment: bool,
    pub(crate) signals: Vec<Signal>,
    /// What its resource has besides.
    pub(crate) resource: Vec<KeyValue>,
    pub(crate) adapter: Adapter,
}

/// The receiver of the `OTEL_EXPORTER_OTLP_*` variables.
impl Default for Route {
    fn default() -> Self {
        Self {
            name: "otlp",
            connection: Connection::default(),
            from_environment: true,
            signals: Signal::ALL.to_vec(),
            resource: Vec::new(),
            adapter: Adapter::default(),
        }
    }
}

impl Connection {
    /// What this one does not say, `other` does.
    pub(crate) fn or(self, other: &Self) -> Self {
        let mut headers = other.headers.clone();
        headers.extend(self.headers);
        Self {
            endpoint: self.endpoint.or_else(|| other.endpoint.clone()),
            paths: self.paths,
            protocol: self.protocol.or(other.protocol),
            headers,
            timeout: self.timeout.or(other.timeout),
            compression: self.compression.or(other.compression),
        }
    }

    /// What this one does not say of sending, `other` does: neither where to nor who sends.
    pub(crate) fn or_sending(self, other: &Self) -> Self {
        let (timeout, compression) = (self.timeout.or(other.timeout), self.compression.or(other.compression));
        Self { timeout, compression, ..self }
    }
}
