//! A process without a tracer of ours: the middleware does nothing. A program of its own, as tracers of other tests would be
//! heard of.

use std::io::{Read, Write};
use std::net::TcpListener;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use reqwest_middleware::ClientBuilder;
use tracing_genai::http::{Endpoints, GenAiMiddleware};
use tracing_subscriber::layer::SubscriberExt;

/// Answers one request.
fn serve(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().expect("a connection");
    let mut request = vec![0; 4096];
    let length = stream.read(&mut request).expect("a request");
    assert!(!String::from_utf8_lossy(&request[..length]).contains("traceparent"));
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").expect("sent");
}

#[test]
fn a_foreign_tracer_alone_sees_no_span_of_ours() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("foreign"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = std::thread::spawn(move || serve(&listener));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let endpoints = Endpoints::default().with_host(address.to_string(), "openai");
        let client = ClientBuilder::new(reqwest::Client::builder().no_proxy().build().expect("a client"))
            .with(GenAiMiddleware::new().with_endpoints(endpoints))
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let sent = client.post(format!("http://{address}/v1/chat/completions")).body("{}").send().await;
            assert_eq!(sent.expect("sent").text().await.expect("a body"), "{}");
        });
    });
    server.join().expect("served");
    let spans = exporter.get_finished_spans().expect("spans");
    assert!(!spans.iter().any(|span| span.name == "turn"), "{spans:?}");
}
