//! The OTLP exporter: the only room that names `opentelemetry_otlp`.
//!
//! What it puts right (opentelemetry-otlp 0.33): https without root certificates, redirects, timeouts that do not cover
//! connecting, a timeout of zero that fails every export, headers read past the configuration, `null` for numbers JSON
//! cannot write, and `Debug` output with header values.

#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-http")]
mod http;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
mod sending;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::Temporality;

use super::error::InitError;
use super::otlp_config::{Otlp, Protocol};
use super::sink::{MetricSink, RecordSink, SpanSink};

/// Builds the exporter of spans that `otlp` asks for. Call it inside a tokio runtime: a gRPC channel spawns a task.
///
/// # Errors
/// If the protocol's cargo feature is off, or certificates or client cannot be set up.
pub(crate) fn of_spans(otlp: &Otlp, resource: &Resource) -> Result<SpanSink, InitError> {
    match otlp.protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => grpc::of_spans(otlp, resource),
        #[cfg(feature = "otlp-http")]
        Protocol::HttpProtobuf | Protocol::HttpJson => http::of_spans(otlp, resource),
        #[cfg(not(all(feature = "otlp-grpc", feature = "otlp-http")))]
        protocol => Err(missing_feature(protocol, resource)),
    }
}

/// As [`of_spans`], for log records.
///
/// # Errors
/// As there.
pub(crate) fn of_records(otlp: &Otlp, resource: &Resource) -> Result<RecordSink, InitError> {
    match otlp.protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => grpc::of_records(otlp, resource),
        #[cfg(feature = "otlp-http")]
        Protocol::HttpProtobuf | Protocol::HttpJson => http::of_records(otlp, resource),
        #[cfg(not(all(feature = "otlp-grpc", feature = "otlp-http")))]
        protocol => Err(missing_feature(protocol, resource)),
    }
}

/// As [`of_spans`], for metrics, which bring their resource along.
///
/// # Errors
/// As there.
pub(crate) fn of_metrics(otlp: &Otlp, temporality: Temporality) -> Result<MetricSink, InitError> {
    match otlp.protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => grpc::of_metrics(otlp, temporality),
        #[cfg(feature = "otlp-http")]
        Protocol::HttpProtobuf | Protocol::HttpJson => http::of_metrics(otlp, temporality),
        #[cfg(not(all(feature = "otlp-grpc", feature = "otlp-http")))]
        protocol => Err(missing_feature(protocol, temporality)),
    }
}

#[cfg(not(all(feature = "otlp-grpc", feature = "otlp-http")))]
fn missing_feature<T>(protocol: Protocol, _unused: T) -> InitError {
    let (name, feature) = match protocol {
        Protocol::Grpc => ("grpc", "otlp-grpc"),
        Protocol::HttpProtobuf => ("http/protobuf", "otlp-http"),
        Protocol::HttpJson => ("http/json", "otlp-http"),
    };
    let message =
        format!("protocol {name:?} needs the cargo feature {feature:?}: switch it on or set another protocol");
    InitError::new(super::error::InitErrorKind::Exporter, message)
}
