//! Over gRPC.

use std::sync::Arc;

use http::HeaderMap;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::LogExporter as _;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::SpanExporter as _;
use tonic::metadata::MetadataMap;
use tonic::transport::{Certificate, ClientTlsConfig, Identity};
use tonic::{Request, Status};

use super::super::certificates::Certificates;
use super::super::error::InitError;
use super::super::otlp_config::Otlp;
use super::super::sink::{MetricSink, RecordSink, SpanSink};
use super::super::tls;
use super::sending::{Exporter, Way, refused, timeout};

pub(super) fn of_spans(otlp: &Otlp, resource: &Resource) -> Result<SpanSink, InitError> {
    let mut inner = set(SpanExporter::builder().with_tonic(), otlp)?.build().map_err(refused)?;
    inner.set_resource(resource);
    Ok(Arc::new(Exporter { inner, way: Way::new(otlp, None) }))
}

pub(super) fn of_records(otlp: &Otlp, resource: &Resource) -> Result<RecordSink, InitError> {
    let mut inner = set(LogExporter::builder().with_tonic(), otlp)?.build().map_err(refused)?;
    inner.set_resource(resource);
    Ok(Arc::new(Exporter { inner, way: Way::new(otlp, None) }))
}

pub(super) fn of_metrics(otlp: &Otlp, temporality: Temporality) -> Result<MetricSink, InitError> {
    let builder = MetricExporter::builder().with_temporality(temporality).with_tonic();
    let inner = set(builder, otlp)?.build().map_err(refused)?;
    Ok(Arc::new(Exporter { inner, way: Way::new(otlp, None) }))
}

/// What all signals have in common.
fn set<B: WithExportConfig + WithTonicConfig>(builder: B, otlp: &Otlp) -> Result<B, InitError> {
    let mut builder = builder
        .with_endpoint(otlp.endpoint.url())
        .with_timeout(timeout(otlp))
        .with_interceptor(replace_metadata(otlp.headers.map()));
    if otlp.compression.is_some() {
        builder = builder.with_compression(opentelemetry_otlp::Compression::Gzip);
    }
    if otlp.endpoint.is_https() {
        tls::client_config(&otlp.certificates)?;
        builder = builder.with_tls_config(tls_config(&otlp.certificates));
    }
    Ok(builder)
}

/// Replaces the metadata of every request by `headers`. What was there came from the process environment, read by
/// the exporter on its own; only its user agent is kept.
fn replace_metadata(
    headers: &HeaderMap,
) -> impl FnMut(Request<()>) -> Result<Request<()>, Status> + Clone + Send + Sync + 'static + use<> {
    const AGENT: &str = "user-agent";
    let metadata = MetadataMap::from_headers(headers.clone());
    move |mut request: Request<()>| {
        let agent = request.metadata().get(AGENT).cloned();
        *request.metadata_mut() = metadata.clone();
        if let Some(agent) = agent {
            request.metadata_mut().insert(AGENT, agent);
        }
        Ok(request)
    }
}

fn tls_config(files: &Certificates) -> ClientTlsConfig {
    let config = match &files.roots {
        Some(file) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&file.bytes)),
        None => ClientTlsConfig::new().with_enabled_roots(),
    };
    match &files.client {
        Some((chain, key)) => config.identity(Identity::from_pem(&chain.bytes, &key.bytes)),
        None => config,
    }
}
