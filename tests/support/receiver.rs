//! A small OTLP receiver on the loopback interface: gRPC, HTTP with protobuf, HTTP with JSON.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::sync::oneshot;
use tonic::codec::CompressionEncoding;
use tonic::{Request, Response, Status};

/// What arrived.
#[derive(Clone, Default)]
pub(crate) struct Store(Arc<Mutex<Arrived>>);

#[derive(Default)]
struct Arrived {
    requests: Vec<ExportTraceServiceRequest>,
    metrics: Vec<ExportMetricsServiceRequest>,
    logs: Vec<ExportLogsServiceRequest>,
    /// Of traces; of metrics; of logs.
    headers: [Vec<BTreeMap<String, String>>; 3],
    bodies: Vec<String>,
}

/// A running receiver; dropping it stops it.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    store: Store,
    _stop: oneshot::Sender<()>,
}

fn readable(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    headers.iter().map(|(k, v)| (k.to_string(), text(v))).collect()
}

impl Store {
    fn add(&self, headers: &HeaderMap, request: ExportTraceServiceRequest) {
        let mut arrived = self.0.lock().unwrap();
        arrived.headers[0].push(readable(headers));
        arrived.requests.push(request);
    }

    fn add_metrics(&self, headers: &HeaderMap, request: ExportMetricsServiceRequest) {
        let mut arrived = self.0.lock().unwrap();
        arrived.headers[1].push(readable(headers));
        arrived.metrics.push(request);
    }

    fn add_logs(&self, headers: &HeaderMap, request: ExportLogsServiceRequest) {
        let mut arrived = self.0.lock().unwrap();
        arrived.headers[2].push(readable(headers));
        arrived.logs.push(request);
    }
}

impl Receiver {
    pub(crate) fn grpc() -> Self {
        Self::start(|listener, store| async move {
            let gzip = CompressionEncoding::Gzip;
            let server = tonic::transport::Server::builder()
                .add_service(TraceServiceServer::new(store.clone()).accept_compressed(gzip))
                .add_service(MetricsServiceServer::new(store.clone()).accept_compressed(gzip))
                .add_service(LogsServiceServer::new(store).accept_compressed(gzip));
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            server.serve_with_incoming(incoming).await.unwrap();
        })
    }

    /// gRPC that has no place for metrics and logs.
    pub(crate) fn grpc_for_traces() -> Self {
        Self::start(|listener, store| async move {
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(store));
            server.serve_with_incoming(incoming).await.unwrap();
        })
    }

    /// HTTP that has no place for metrics (405) and logs (404).
    pub(crate) fn http_for_traces() -> Self {
        Self::start(|listener, store| async move {
            let router = axum::Router::new().route("/v1/traces", post(traces)).route("/v1/metrics", get(|| async {}));
            axum::serve(listener, router.with_state(store)).await.unwrap();
        })
    }

    /// gRPC that takes nothing, and says `why`.
    pub(crate) fn refusing(why: &'static str) -> Self {
        Self::start(move |listener, _| async move {
            let service = TraceServiceServer::new(Refusing(why));
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            tonic::transport::Server::builder().add_service(service).serve_with_incoming(incoming).await.unwrap();
        })
    }

    pub(crate) fn http() -> Self {
        Self::start(|listener, store| async move {
            let router = axum::Router::new()
                .route("/v1/traces", post(traces))
                .route("/v1/metrics", post(metrics))
                .route("/v1/logs", post(logs));
            axum::serve(listener, router.with_state(store)).await.unwrap();
        })
    }

    /// gRPC and HTTP over TLS, told apart by the request.
    pub(crate) fn tls(tls: tonic::transport::ServerTlsConfig) -> Self {
        Self::start(|listener, store| async move {
            let router = axum::Router::new().route("/v1/traces", post(traces)).with_state(store.clone());
            let routes = tonic::service::Routes::from(router);
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            let mut server = tonic::transport::Server::builder().accept_http1(true).tls_config(tls).unwrap();
            let server = server.add_routes(routes.add_service(TraceServiceServer::new(store)));
            server.serve_with_incoming(incoming).await.unwrap();
        })
    }

    fn start<F>(serve: impl FnOnce(tokio::net::TcpListener, Store) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()>,
    {
        let store = Store::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let (started, is_started) = std::sync::mpsc::channel();
        let served = store.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                started.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = serve(listener, served) => {}
                    _ = stopped => {}
                }
            });
        });
        let address = is_started.recv().unwrap();
        Self { address, store, _stop: stop }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every span that arrived, in order.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let arrived = self.store.0.lock().unwrap();
        let resources = arrived.requests.iter().flat_map(|r| &r.resource_spans);
        let scopes = resources.flat_map(|r| &r.scope_spans);
        scopes.flat_map(|s| s.spans.clone()).collect()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.spans().into_iter().map(|span| span.name).collect()
    }

    pub(crate) fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        self.store.0.lock().unwrap().requests.clone()
    }

    /// Every metric of every request, in order.
    pub(crate) fn metrics(&self) -> Vec<Metric> {
        let arrived = self.store.0.lock().unwrap();
        let resources = arrived.metrics.iter().flat_map(|r| &r.resource_metrics);
        resources.flat_map(|r| &r.scope_metrics).flat_map(|s| s.metrics.clone()).collect()
    }

    /// Every log record that arrived, in order.
    pub(crate) fn logs(&self) -> Vec<LogRecord> {
        let arrived = self.store.0.lock().unwrap();
        let resources = arrived.logs.iter().flat_map(|r| &r.resource_logs);
        resources.flat_map(|r| &r.scope_logs).flat_map(|s| s.log_records.clone()).collect()
    }

    /// All that arrived, printed.
    pub(crate) fn everything(&self) -> String {
        let arrived = self.store.0.lock().unwrap();
        format!("{:?} {:?} {:?}", arrived.requests, arrived.metrics, arrived.logs)
    }

    /// Headers or metadata of the first request with spans.
    pub(crate) fn headers(&self) -> BTreeMap<String, String> {
        self.all_headers()[0][0].clone()
    }

    /// Headers or metadata of every request with spans; with metrics; with logs.
    pub(crate) fn all_headers(&self) -> [Vec<BTreeMap<String, String>>; 3] {
        self.store.0.lock().unwrap().headers.clone()
    }

    /// JSON bodies as they came.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.store.0.lock().unwrap().bodies.clone()
    }
}

#[tonic::async_trait]
impl TraceService for Store {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let headers = request.metadata().clone().into_headers();
        self.add(&headers, request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Store {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let headers = request.metadata().clone().into_headers();
        self.add_metrics(&headers, request.into_inner());
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Store {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let headers = request.metadata().clone().into_headers();
        self.add_logs(&headers, request.into_inner());
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}

struct Refusing(&'static str);

#[tonic::async_trait]
impl TraceService for Refusing {
    async fn export(
        &self,
        _: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        Err(Status::with_details(tonic::Code::InvalidArgument, self.0, Bytes::from_static(self.0.as_bytes())))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    headers["content-type"] == "application/json"
}

fn plain(headers: &HeaderMap, body: &Bytes) -> Vec<u8> {
    match headers.get("content-encoding") {
        Some(encoding) if encoding == "gzip" => {
            let mut plain = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(&body[..]);
            std::io::Read::read_to_end(&mut decoder, &mut plain).unwrap();
            plain
        }
        _ => body.to_vec(),
    }
}

async fn traces(State(store): State<Store>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = plain(&headers, &body);
    if is_json(&headers) {
        let text = String::from_utf8(body).unwrap();
        store.0.lock().unwrap().bodies.push(text.clone());
        store.add(&headers, serde_json::from_str(&text).unwrap());
    } else {
        store.add(&headers, ExportTraceServiceRequest::decode(&body[..]).unwrap());
    }
    StatusCode::OK
}

async fn metrics(State(store): State<Store>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = plain(&headers, &body);
    let request = match is_json(&headers) {
        true => serde_json::from_slice(&body).unwrap(),
        false => ExportMetricsServiceRequest::decode(&body[..]).unwrap(),
    };
    store.add_metrics(&headers, request);
    StatusCode::OK
}

async fn logs(State(store): State<Store>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = plain(&headers, &body);
    let request = match is_json(&headers) {
        true => serde_json::from_slice(&body).unwrap(),
        false => ExportLogsServiceRequest::decode(&body[..]).unwrap(),
    };
    store.add_logs(&headers, request);
    StatusCode::OK
}
