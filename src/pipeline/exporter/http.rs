//! Over HTTP, with protobuf or JSON.

use std::sync::Arc;

use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::LogExporter as _;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::SpanExporter as _;

use super::super::answer::Last;
use super::super::error::InitError;
use super::super::http_client::Client;
use super::super::otlp_config::{Otlp, Protocol};
use super::super::sink::{MetricSink, RecordSink, SpanSink};
use super::super::tls;
use super::sending::{Exporter, Way, refused, timeout};

pub(super) fn of_spans(otlp: &Otlp, resource: &Resource) -> Result<SpanSink, InitError> {
    let (builder, last) = set(SpanExporter::builder().with_http(), otlp)?;
    let mut inner = builder.build().map_err(refused)?;
    inner.set_resource(resource);
    Ok(Arc::new(Exporter { inner, way: Way::new(otlp, last) }))
}

pub(super) fn of_records(otlp: &Otlp, resource: &Resource) -> Result<RecordSink, InitError> {
    let (builder, last) = set(LogExporter::builder().with_http(), otlp)?;
    let mut inner = builder.build().map_err(refused)?;
    inner.set_resource(resource);
    Ok(Arc::new(Exporter { inner, way: Way::new(otlp, last) }))
}

pub(super) fn of_metrics(otlp: &Otlp, temporality: Temporality) -> Result<MetricSink, InitError> {
    let builder = MetricExporter::builder().with_temporality(temporality).with_http();
    let (builder, last) = set(builder, otlp)?;
    let inner = builder.build().map_err(refused)?;
    Ok(Arc::new(Exporter { inner, way: Way::new(otlp, last) }))
}

/// What all signals have in common.
fn set<B: WithExportConfig + WithHttpConfig>(builder: B, otlp: &Otlp) -> Result<(B, Option<Last>), InitError> {
    let tls = match otlp.endpoint.is_https() {
        true => tls::client_config(&otlp.certificates)?,
        false => tls::unused_config()?,
    };
    let last = Last::default();
    let client = Client::new(tls, otlp, last.clone())?;
    let protocol = match otlp.protocol {
        Protocol::HttpJson => opentelemetry_otlp::Protocol::HttpJson,
        _ => opentelemetry_otlp::Protocol::HttpBinary,
    };
    let mut builder = builder
        .with_http_client(client)
        .with_protocol(protocol)
        .with_endpoint(otlp.endpoint.url())
        .with_timeout(timeout(otlp));
    if otlp.compression.is_some() {
        builder = builder.with_compression(opentelemetry_otlp::Compression::Gzip);
    }
    Ok((builder, Some(last)))
}
