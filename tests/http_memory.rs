//! What an abusive server costs: in a process of its own, whose memory is measured.

#[allow(dead_code)]
#[path = "http/server.rs"]
mod server;

use std::io::Write;
use std::net::TcpStream;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use reqwest_middleware::ClientBuilder;
use server::{Server, chunk, chunked};
use tracing_genai::http::{Endpoints, GenAiMiddleware};
use tracing_subscriber::layer::SubscriberExt;

const GIGABYTE: usize = 1 << 30;

/// Of what is kept of a body (8 MiB, twice while it grows), of one piece of a stream (8 MiB), and of buffers of the
/// client and of this test's server.
const ROOM: usize = 64 << 20;

/// Forgets the peak so far: a case must not hide below that of the one before.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Most memory that this process had since, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches("kB").trim().parse::<usize>().expect("a number") * 1024
}

#[cfg(not(target_os = "linux"))]
fn peak() -> usize {
    0
}

/// Reads a reply of `content_type`: `piece`, again and again until there were `bytes` of it.
async fn read_all(content_type: &'static str, piece: Vec<u8>, bytes: usize) -> usize {
    let piece = chunk(&piece);
    let server = Server::start(move |_, stream: &mut TcpStream| {
        let _ = stream.write_all(&chunked(content_type));
        for _ in 0..bytes / piece.len() {
            if stream.write_all(&piece).is_err() {
                return;
            }
        }
        let _ = stream.write_all(b"0\r\n\r\n");
    });
    let endpoints = Endpoints::none().with_host("127.0.0.1", "openai");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let client = ClientBuilder::new(client).with(GenAiMiddleware::new().with_endpoints(endpoints)).build();
    let mut response = client.post(server.url("/v1/chat/completions")).body("{}").send().await.expect("sent");
    let mut length = 0;
    while let Some(chunk) = response.chunk().await.expect("a body") {
        length += chunk.len();
    }
    length
}

#[test]
fn a_gigabyte_of_anything_stays_within_the_limits() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let subscriber = tracing_subscriber::registry().with(tracing_genai::layer(provider.tracer("test")));
    let filter: tracing_subscriber::EnvFilter = "tracing_genai=info".parse().expect("a filter");
    let _default = tracing::subscriber::set_default(subscriber.with(filter));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let event = format!(
        "data: {{\"id\":\"chatcmpl-1\",\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
        "x".repeat(60_000)
    );
    // Without optimisation a gigabyte takes its time; a quarter is four times what may be used.
    for (content_type, piece, bytes) in [
        ("application/json", vec![b'['; 1 << 16], GIGABYTE),
        ("text/event-stream", vec![b'x'; 1 << 16], GIGABYTE / 4),
        ("text/event-stream", event.into_bytes(), GIGABYTE / 4),
        ("text/event-stream", b"data: ".repeat(10_000), GIGABYTE / 4),
        ("application/vnd.amazon.eventstream", vec![0xff; 1 << 16], GIGABYTE / 4),
    ] {
        forget_peak();
        let before = peak();
        let length = runtime.block_on(read_all(content_type, piece, bytes));
        assert!(length > bytes / 100 * 99, "{content_type}: {length}");
        let used = peak() - before;
        assert!(used < ROOM, "{content_type}: {used} bytes more");
    }
    assert_eq!(exporter.get_finished_spans().expect("in memory").len(), 5);
}
