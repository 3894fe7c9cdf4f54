//! OTLP/gRPC: the trace service.
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic::{Code, Request, Status};

use super::decode;
use super::server::Intake;
use super::store::Store;

const GRPC_STATUS: &str = "grpc-status";

/// Codes tonic gives to faults of the message, and the codes OTLP clients know not to retry.
///
/// OUT_OF_RANGE is retryable in OTLP, so an honest client would send a too large message for ever; INTERNAL would
/// blame the collector. The trace service below returns neither of them itself.
const FAULTS_OF_THE_MESSAGE: &[(Code, Code)] =
    &[(Code::OutOfRange, Code::ResourceExhausted), (Code::Internal, Code::InvalidArgument)];

/// The trace service; every other service and method is UNIMPLEMENTED.
pub(super) fn router(intake: Intake) -> Router {
    let store = Arc::clone(&intake.store);
    let service = TraceServiceServer::new(Export { store: Arc::clone(&intake.store) })
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(intake.max_request_bytes);
    Routes::new(service)
        .into_axum_router()
        .layer(middleware::map_response_with_state(Arc::clone(&store), name_the_fault))
        .layer(middleware::from_fn_with_state(store, refuse_strangers))
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

struct Export {
    store: Arc<Store>,
}

#[tonic::async_trait]
impl TraceService for Export {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, Status> {
        let batch = decode::batch(request.into_inner());
        let partial_success = (batch.rejected > 0).then(|| partial_success(batch.rejected));
        self.store.insert(batch);
        Ok(tonic::Response::new(ExportTraceServiceResponse { partial_success }))
    }
}

/// What the sender of `rejected` spans is told, in any protocol.
pub(super) fn partial_success(rejected: u64) -> ExportTracePartialSuccess {
    ExportTracePartialSuccess {
        rejected_spans: i64::try_from(rejected).unwrap_or(i64::MAX),
        error_message: "spans with an invalid id: a trace id has 16 bytes, a span id and a parent span id 8, \
                        and none is all zero"
            .to_owned(),
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
