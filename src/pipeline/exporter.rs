//! The OTLP exporter: the only file that names `opentelemetry_otlp`.
//!
//! What it puts right (opentelemetry-otlp 0.33): https without root certificates, redirects, timeouts that do not cover
//! connecting, a timeout of zero that fails every export, headers read past the configuration, `null` for numbers JSON
//! cannot write, and `Debug` output with header values.

use std::sync::Arc;

use opentelemetry_sdk::Resource;

use super::error::InitError;
use super::otlp_config::{Otlp, Protocol};
use super::sink::Sink;

/// Builds the exporter `otlp` asks for. Call it inside a tokio runtime: a gRPC channel spawns a task.
///
/// # Errors
/// If the protocol's cargo feature is off, or certificates or client cannot be set up.
pub(crate) fn build(otlp: &Otlp, resource: &Resource) -> Result<Arc<dyn Sink>, InitError> {
    match otlp.protocol {
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => Ok(Arc::new(sending::Exporter::grpc(otlp, resource)?)),
        #[cfg(feature = "otlp-http")]
        Protocol::HttpProtobuf | Protocol::HttpJson => Ok(Arc::new(sending::Exporter::http(otlp, resource)?)),
        #[cfg(not(all(feature = "otlp-grpc", feature = "otlp-http")))]
        protocol => Err(missing_feature(protocol, resource)),
    }
}

#[cfg(not(all(feature = "otlp-grpc", feature = "otlp-http")))]
fn missing_feature(protocol: Protocol, _resource: &Resource) -> InitError {
    let (name, feature) = match protocol {
        Protocol::Grpc => ("grpc", "otlp-grpc"),
        Protocol::HttpProtobuf => ("http/protobuf", "otlp-http"),
        Protocol::HttpJson => ("http/json", "otlp-http"),
    };
    let message =
        format!("protocol {name:?} needs the cargo feature {feature:?}: switch it on or set another protocol");
    InitError::new(super::error::InitErrorKind::Exporter, message)
}

#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
mod sending {
    use std::time::Duration;

    use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::error::OTelSdkError;
    use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};

    use super::super::error::{InitError, InitErrorKind};
    #[cfg(feature = "otlp-http")]
    use super::super::http_client::{Cause, Client};
    use super::super::otlp_config::Otlp;
    #[cfg(feature = "otlp-http")]
    use super::super::otlp_config::Protocol;
    use super::super::sink::{Sink, SinkFuture, within};
    use super::super::tls;

    /// Stands for "no limit": the exporter underneath takes zero for "at once".
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

    /// A protocol with its limits. No `Debug`: the exporter underneath prints header values.
    pub(super) struct Exporter {
        inner: SpanExporter,
        timeout: Option<Duration>,
        hint: &'static str,
        #[cfg(feature = "otlp-http")]
        http: Option<Http>,
    }

    /// What only HTTP has.
    #[cfg(feature = "otlp-http")]
    struct Http {
        cause: Cause,
        protocol: Protocol,
    }

    impl Exporter {
        #[cfg(feature = "otlp-grpc")]
        pub(super) fn grpc(otlp: &Otlp, resource: &Resource) -> Result<Self, InitError> {
            use opentelemetry_otlp::WithTonicConfig;
            let mut builder = SpanExporter::builder()
                .with_tonic()
                .with_endpoint(otlp.endpoint.url())
                .with_timeout(otlp.timeout.unwrap_or(YEAR))
                .with_interceptor(super::grpc::replace_metadata(otlp.headers.map()));
            if otlp.compression.is_some() {
                builder = builder.with_compression(opentelemetry_otlp::Compression::Gzip);
            }
            if otlp.endpoint.is_https() {
                tls::client_config(&otlp.certificates)?;
                builder = builder.with_tls_config(super::grpc::tls_config(&otlp.certificates));
            }
            let inner = builder.build().map_err(refused)?;
            Ok(Self::new(inner, otlp, resource))
        }

        #[cfg(feature = "otlp-http")]
        pub(super) fn http(otlp: &Otlp, resource: &Resource) -> Result<Self, InitError> {
            use opentelemetry_otlp::WithHttpConfig;
            let tls = match otlp.endpoint.is_https() {
                true => tls::client_config(&otlp.certificates)?,
                false => tls::unused_config()?,
            };
            let cause = Cause::default();
            let client = Client::new(tls, otlp, cause.clone())?;
            let protocol = match otlp.protocol {
                Protocol::HttpJson => opentelemetry_otlp::Protocol::HttpJson,
                _ => opentelemetry_otlp::Protocol::HttpBinary,
            };
            let mut builder = SpanExporter::builder()
                .with_http()
                .with_http_client(client)
                .with_protocol(protocol)
                .with_endpoint(otlp.endpoint.url())
                .with_timeout(otlp.timeout.unwrap_or(YEAR));
            if otlp.compression.is_some() {
                builder = builder.with_compression(opentelemetry_otlp::Compression::Gzip);
            }
            let inner = builder.build().map_err(refused)?;
            let http = Http { cause, protocol: otlp.protocol };
            Ok(Self { http: Some(http), ..Self::new(inner, otlp, resource) })
        }

        fn new(mut inner: SpanExporter, otlp: &Otlp, resource: &Resource) -> Self {
            inner.set_resource(resource);
            let hint = match otlp.compression {
                Some(_) => " (gzip is on, not every receiver reads it)",
                None => "",
            };
            Self {
                inner,
                timeout: otlp.timeout,
                hint,
                #[cfg(feature = "otlp-http")]
                http: None,
            }
        }

        #[cfg(feature = "otlp-http")]
        fn prepare(&self, batch: &mut [SpanData]) {
            if self.http.as_ref().is_some_and(|http| http.protocol == Protocol::HttpJson) {
                super::super::limits::spell_non_finite(batch);
            }
        }

        #[cfg(not(feature = "otlp-http"))]
        fn prepare(&self, _batch: &mut [SpanData]) {}

        /// The network failure under the last attempt, where the exporter underneath does not tell it.
        #[cfg(feature = "otlp-http")]
        fn cause(&self) -> Option<String> {
            let cause = self.http.as_ref().map(|http| &http.cause)?;
            cause.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
        }

        #[cfg(not(feature = "otlp-http"))]
        fn cause(&self) -> Option<String> {
            None
        }
    }

    impl Sink for Exporter {
        fn export(&self, mut batch: Vec<SpanData>) -> SinkFuture<'_> {
            Box::pin(async move {
                self.prepare(&mut batch);
                let failure = match within(self.timeout, self.inner.export(batch)).await {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(OTelSdkError::InternalFailure(text))) => text,
                    Ok(Err(error)) => error.to_string(),
                    Err(timeout) => timeout,
                };
                let cause = self.cause().map(|cause| format!(": {cause}"));
                Err(format!("{failure}{}{}", cause.unwrap_or_default(), self.hint))
            })
        }
    }

    fn refused(error: ExporterBuildError) -> InitError {
        let message = format!("cannot build the otlp exporter: {error}; check endpoint and certificates");
        InitError::new(InitErrorKind::Exporter, message)
    }
}

#[cfg(feature = "otlp-grpc")]
mod grpc {
    use http::HeaderMap;
    use tonic::metadata::MetadataMap;
    use tonic::transport::{Certificate, ClientTlsConfig, Identity};
    use tonic::{Request, Status};

    use super::super::otlp_config::Certificates;

    /// Replaces the metadata of every request by `headers`. What was there came from the process environment, read by
    /// the exporter on its own; only its user agent is kept.
    pub(super) fn replace_metadata(
        headers: &HeaderMap,
    ) -> impl FnMut(Request<()>) -> Result<Request<()>, Status> + Clone + Send + Sync + 'static {
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

    pub(super) fn tls_config(files: &Certificates) -> ClientTlsConfig {
        let config = match &files.roots {
            Some(file) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&file.bytes)),
            None => ClientTlsConfig::new().with_enabled_roots(),
        };
        match &files.client {
            Some((chain, key)) => config.identity(Identity::from_pem(&chain.bytes, &key.bytes)),
            None => config,
        }
    }
}
