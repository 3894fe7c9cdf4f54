//! Settings of a collector and their defaults.
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use super::Collector;
use super::error::{Cause, CollectorError};
use super::server::{Intake, Server};
use super::signal::{Signal, Signals};
use super::store::{Limits, Store};

/// Default of [`with_grpc_address`](CollectorBuilder::with_grpc_address): a free port of 127.0.0.1.
pub const DEFAULT_GRPC_ADDRESS: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// Default of [`with_http_address`](CollectorBuilder::with_http_address): a free port of 127.0.0.1.
pub const DEFAULT_HTTP_ADDRESS: SocketAddr = DEFAULT_GRPC_ADDRESS;

/// Default of [`with_max_spans`](CollectorBuilder::with_max_spans).
pub const DEFAULT_MAX_SPANS: usize = 50_000;

/// Default of [`with_max_metric_points`](CollectorBuilder::with_max_metric_points).
pub const DEFAULT_MAX_METRIC_POINTS: usize = 10_000;

/// Default of [`with_max_logs`](CollectorBuilder::with_max_logs).
pub const DEFAULT_MAX_LOGS: usize = 50_000;

/// Default of [`with_max_request_bytes`](CollectorBuilder::with_max_request_bytes): 16 MiB.
pub const DEFAULT_MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// Settings of a [`Collector`] to be.
#[derive(Clone, Debug)]
#[must_use = "nothing listens before `start`"]
pub struct CollectorBuilder {
    grpc_address: SocketAddr,
    http_address: SocketAddr,
    limits: Limits,
    max_request_bytes: usize,
    signals: Signals,
}

impl Default for CollectorBuilder {
    fn default() -> Self {
        Self {
            grpc_address: DEFAULT_GRPC_ADDRESS,
            http_address: DEFAULT_HTTP_ADDRESS,
            limits: Limits {
                spans: DEFAULT_MAX_SPANS,
                metric_points: DEFAULT_MAX_METRIC_POINTS,
                logs: DEFAULT_MAX_LOGS,
            },
            max_request_bytes: DEFAULT_MAX_REQUEST_BYTES,
            signals: Signals::from_iter(Signal::ALL),
        }
    }
}

impl CollectorBuilder {
    /// Where to listen for OTLP/gRPC; must be loopback, port 0 takes a free one. Default: [`DEFAULT_GRPC_ADDRESS`].
    pub fn with_grpc_address(self, address: SocketAddr) -> Self {
        Self { grpc_address: address, ..self }
    }

    /// Where to listen for OTLP/HTTP; must be loopback, port 0 takes a free one. Default: [`DEFAULT_HTTP_ADDRESS`].
    pub fn with_http_address(self, address: SocketAddr) -> Self {
        Self { http_address: address, ..self }
    }

    /// How many spans are held at most; more push out the oldest. Default: [`DEFAULT_MAX_SPANS`].
    pub fn with_max_spans(self, spans: usize) -> Self {
        Self { limits: Limits { spans, ..self.limits }, ..self }
    }

    /// How many series of metrics are held at most, one point each; more push out the one that has been silent for the longest
    /// time. Default: [`DEFAULT_MAX_METRIC_POINTS`].
    pub fn with_max_metric_points(self, metric_points: usize) -> Self {
        Self { limits: Limits { metric_points, ..self.limits }, ..self }
    }

    /// How many log records are held at most; more push out the oldest. Default: [`DEFAULT_MAX_LOGS`].
    pub fn with_max_logs(self, logs: usize) -> Self {
        Self { limits: Limits { logs, ..self.limits }, ..self }
    }

    /// Which signals are taken; the others are answered as backends without them do: 404 over HTTP, UNIMPLEMENTED over gRPC.
    /// Default: all of them.
    ///
    /// ```
    /// use tracing_genai::collector::{Collector, Signal};
    ///
    /// let traces_only = Collector::builder().with_signals([Signal::Traces]).start()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_signals(self, signals: impl IntoIterator<Item = Signal>) -> Self {
        Self { signals: signals.into_iter().collect(), ..self }
    }

    /// Largest request body in bytes, compressed or not. Default: [`DEFAULT_MAX_REQUEST_BYTES`].
    pub fn with_max_request_bytes(self, bytes: usize) -> Self {
        Self { max_request_bytes: bytes, ..self }
    }

    /// Starts listening; when this returns, both addresses accept connections.
    ///
    /// # Errors
    ///
    /// [`NotLoopback`](super::CollectorErrorKind::NotLoopback) for an address other machines can reach,
    /// [`Bind`](super::CollectorErrorKind::Bind) for one that is taken,
    /// [`Thread`](super::CollectorErrorKind::Thread) if the system gives no thread.
    pub fn start(self) -> Result<Collector, CollectorError> {
        let grpc = loopback(self.grpc_address)?;
        let http = loopback(self.http_address)?;
        let store = Arc::new(Store::new(self.limits));
        let intake =
            Intake { store: Arc::clone(&store), max_request_bytes: self.max_request_bytes, signals: self.signals };
        let server = Server::start(grpc, http, intake)?;
        Ok(Collector { server, store, signals: self.signals })
    }
}

fn loopback(address: SocketAddr) -> Result<SocketAddr, Cause> {
    // Canonical, so that ::ffff:127.0.0.1 counts as what it is.
    if address.ip().to_canonical().is_loopback() { Ok(address) } else { Err(Cause::NotLoopback(address)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::CollectorErrorKind;

    #[test]
    fn only_loopback_addresses_are_listened_on() {
        for address in ["0.0.0.0:0", "[::]:0", "192.168.1.7:4317", "[::ffff:10.0.0.1]:0"] {
            let address: SocketAddr = address.parse().unwrap();
            let builders =
                [Collector::builder().with_grpc_address(address), Collector::builder().with_http_address(address)];
            for builder in builders {
                let error = builder.start().unwrap_err();
                assert_eq!(error.kind(), CollectorErrorKind::NotLoopback);
                assert!(error.to_string().contains(&address.to_string()), "{error}");
            }
        }
    }

    #[test]
    fn every_loopback_address_passes() {
        for address in ["127.0.0.1:0", "127.8.8.8:4317", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
            assert!(loopback(address.parse().unwrap()).is_ok(), "{address}");
        }
    }
}
