//! A small OTLP receiver on the loopback interface: gRPC, HTTP with protobuf, HTTP with JSON.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
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
    headers: Vec<BTreeMap<String, String>>,
    bodies: Vec<String>,
}

/// A running receiver; dropping it stops it.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    store: Store,
    _stop: oneshot::Sender<()>,
}

impl Store {
    fn add(&self, headers: &HeaderMap, request: ExportTraceServiceRequest) {
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = headers.iter().map(|(k, v)| (k.to_string(), text(v))).collect();
        let mut arrived = self.0.lock().unwrap();
        arrived.headers.push(headers);
        arrived.requests.push(request);
    }
}

impl Receiver {
    pub(crate) fn grpc() -> Self {
        Self::start(|listener, store| async move {
            let service = TraceServiceServer::new(store).accept_compressed(CompressionEncoding::Gzip);
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            let server = tonic::transport::Server::builder().add_service(service);
            server.serve_with_incoming(incoming).await.unwrap();
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
            let router = axum::Router::new().route("/v1/traces", post(traces)).with_state(store);
            axum::serve(listener, router).await.unwrap();
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

    /// Headers or metadata of the first request.
    pub(crate) fn headers(&self) -> BTreeMap<String, String> {
        self.store.0.lock().unwrap().headers[0].clone()
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

async fn traces(State(store): State<Store>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let json = headers["content-type"] == "application/json";
    let body = match headers.get("content-encoding") {
        Some(encoding) if encoding == "gzip" => {
            let mut plain = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(&body[..]);
            std::io::Read::read_to_end(&mut decoder, &mut plain).unwrap();
            plain
        }
        _ => body.to_vec(),
    };
    if json {
        let text = String::from_utf8(body).unwrap();
        store.0.lock().unwrap().bodies.push(text.clone());
        store.add(&headers, serde_json::from_str(&text).unwrap());
    } else {
        store.add(&headers, ExportTraceServiceRequest::decode(&body[..]).unwrap());
    }
    StatusCode::OK
}
