//! OTLP/gRPC: one service a signal.
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic::{Code, Request, Status};

use super::server::Intake;
use super::service::{Logs, Metrics, Service, Traces};
use super::signal::Signal;
use super::store::Store;

const GRPC_STATUS: &str = "grpc-status";

/// Codes tonic gives to faults of the message, and the codes OTLP clients know not to retry.
///
/// OUT_OF_RANGE is retryable in OTLP, so an honest client would send a too large message for ever; INTERNAL would
/// blame the collector. The services below return neither of them itself.
const FAULTS_OF_THE_MESSAGE: &[(Code, Code)] =
    &[(Code::OutOfRange, Code::ResourceExhausted), (Code::Internal, Code::InvalidArgument)];

/// The services of the signals that are taken; every other service and method is UNIMPLEMENTED.
pub(super) fn router(intake: Intake) -> Router {
    let store = Arc::clone(&intake.store);
    let routes = intake.signals.iter().fold(Routes::default(), |routes, signal| add(routes, signal, &intake));
    routes
        .into_axum_router()
        .layer(middleware::map_response_with_state(Arc::clone(&store), name_the_fault))
        .layer(middleware::from_fn_with_state(store, refuse_strangers))
}

fn add(routes: Routes, signal: Signal, intake: &Intake) -> Routes {
    let export = Export { store: Arc::clone(&intake.store) };
    let (gzip, limit) = (CompressionEncoding::Gzip, intake.max_request_bytes);
    match signal {
        Signal::Traces => {
            let service = TraceServiceServer::new(export);
            routes.add_service(service.accept_compressed(gzip).max_decoding_message_size(limit))
        }
        Signal::Metrics => {
            let service = MetricsServiceServer::new(export);
            routes.add_service(service.accept_compressed(gzip).max_decoding_message_size(limit))
        }
        Signal::Logs => {
            let service = LogsServiceServer::new(export);
            routes.add_service(service.accept_compressed(gzip).max_decoding_message_size(limit))
        }
    }
}

/// Answers requests that are no gRPC with 415, as gRPC over HTTP/2 asks for. Its own answer to an unknown method is HTTP
/// 200, which an OTLP/HTTP exporter that was given the wrong port takes for "received".
async fn refuse_strangers(State(store): State<Arc<Store>>, request: HttpRequest, next: Next) -> Response {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    if content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/grpc")) {
        return next.run(request).await;
    }
    store.count_refused();
    let message = "content-type is not application/grpc: this port takes OTLP/gRPC, OTLP/HTTP has another\n";
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response()
}

/// Takes the requests of all three services.
struct Export {
    store: Arc<Store>,
}

impl Export {
    fn take<S: Service>(&self, request: Request<S::Request>) -> Result<tonic::Response<S::Response>, Status> {
        let rejected = S::take(request.into_inner(), &self.store);
        Ok(tonic::Response::new(S::answer(rejected)))
    }
}

#[tonic::async_trait]
impl TraceService for Export {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, Status> {
        self.take::<Traces>(request)
    }
}

#[tonic::async_trait]
impl MetricsService for Export {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<tonic::Response<ExportMetricsServiceResponse>, Status> {
        self.take::<Metrics>(request)
    }
}

#[tonic::async_trait]
impl LogsService for Export {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<tonic::Response<ExportLogsServiceResponse>, Status> {
        self.take::<Logs>(request)
    }
}

async fn name_the_fault(State(store): State<Arc<Store>>, mut response: Response) -> Response {
    let Some(code) = response.headers().get(GRPC_STATUS).map(|v| Code::from_bytes(v.as_bytes())) else {
        return response;
    };
    if code != Code::Ok {
        store.count_refused();
    }
    if let Some((_, better)) = FAULTS_OF_THE_MESSAGE.iter().find(|(given, _)| *given == code) {
        response.headers_mut().insert(GRPC_STATUS, (*better as i32).into());
    }
    response
}
