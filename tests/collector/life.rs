//! Start, wait, stop: from any runtime or none.
use std::error::Error;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use tracing_genai::collector::{Collector, CollectorErrorKind, DEFAULT_GRPC_ADDRESS, DEFAULT_MAX_SPANS};

use crate::requests::{PATIENCE, export, span};

/// Well above what a stop takes, well below a hang.
const SOON: Duration = Duration::from_secs(2);

async fn send(endpoint: String, spans: u64) {
    let mut client = TraceServiceClient::connect(endpoint).await.unwrap();
    let spans = (1..=spans).map(|n| span(n, n - 1)).collect();
    client.export(export(spans)).await.unwrap();
}

fn refuses_connections(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, SOON).is_err()
}

#[test]
fn it_starts_without_a_runtime_and_stops_when_dropped() {
    let collector = Collector::builder().start().unwrap();
    let (grpc, http) = (collector.grpc_addr(), collector.http_addr());
    assert!(grpc.ip().is_loopback() && http.ip().is_loopback());
    assert_ne!((grpc.port(), http.port()), (0, 0));
    assert_eq!(collector.grpc_endpoint(), format!("http://{grpc}"));
    assert!(TcpStream::connect(grpc).is_ok() && TcpStream::connect(http).is_ok());
    let started = Instant::now();
    drop(collector);
    assert!(started.elapsed() < SOON);
    assert!(refuses_connections(grpc) && refuses_connections(http));
}

#[tokio::test]
async fn what_was_received_outlives_the_stop() {
    let collector = Collector::builder().start().unwrap();
    let mut client = TraceServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
    client.export(export(vec![span(1, 0)])).await.unwrap();
    let started = Instant::now();
    // The client is still connected, and cannot say goodbye while this thread waits.
    assert!(!collector.is_stopped());
    collector.stop();
    collector.stop();
    assert!(collector.is_stopped());
    assert!(started.elapsed() < SOON);
    assert!(refuses_connections(collector.grpc_addr()));
    assert!(client.export(export(vec![span(2, 1)])).await.is_err());
    assert_eq!(collector.spans().len(), 1);
}

#[test]
fn a_stop_does_not_wait_for_half_a_request() {
    use std::io::Write;
    let collector = Collector::builder().start().unwrap();
    let mut stream = TcpStream::connect(collector.http_addr()).unwrap();
    let head = "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 99\r\n\r\n{";
    stream.write_all(head.as_bytes()).unwrap();
    let started = Instant::now();
    drop(collector);
    assert!(started.elapsed() < SOON);
}

#[test]
fn a_client_that_writes_before_it_reads_gets_its_413() {
    use std::io::{Read, Write};
    let limit = 4 << 20;
    let collector = Collector::builder().with_max_request_bytes(limit).start().unwrap();
    let mut stream = TcpStream::connect(collector.http_addr()).unwrap();
    let length = 3 * limit;
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/x-protobuf\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![0; length]).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 413 "));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for builder in [Collector::builder().with_grpc_address(address), Collector::builder().with_http_address(address)] {
        let error = builder.start().unwrap_err();
        assert_eq!(error.kind(), CollectorErrorKind::Bind);
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert!(error.source().is_some());
    }
}

#[test]
fn a_port_is_free_again_after_the_stop() {
    let first = Collector::builder().start().unwrap();
    let (grpc, http) = (first.grpc_addr(), first.http_addr());
    first.stop();
    let second = Collector::builder().with_grpc_address(grpc).with_http_address(http).start();
    assert_eq!(second.unwrap().grpc_addr(), grpc);
}

#[test]
fn ipv6_loopback_makes_a_valid_endpoint() {
    let collector = match Collector::builder().with_http_address(([0, 0, 0, 0, 0, 0, 0, 1], 0).into()).start() {
        Ok(collector) => collector,
        // A machine without IPv6 says so when the address is bound.
        Err(error) => return assert_eq!(error.kind(), CollectorErrorKind::Bind),
    };
    assert_eq!(collector.http_endpoint(), format!("http://[::1]:{}", collector.http_addr().port()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_sees_spans_as_they_arrive() {
    let collector = Arc::new(Collector::builder().start().unwrap());
    let waiter = std::thread::spawn({
        let collector = Arc::clone(&collector);
        move || {
            let third = |spans: &[_]| spans.iter().any(|s: &tracing_genai::collector::ReceivedSpan| s.name == "step 3");
            (collector.wait_for(3, PATIENCE), collector.wait_until(third, PATIENCE))
        }
    });
    send(collector.grpc_endpoint(), 3).await;
    assert_eq!(waiter.join().unwrap(), (true, true));
    assert!(!collector.wait_for(4, Duration::from_millis(10)));
    assert_eq!(collector.take_settled(Duration::ZERO)[0].len(), 3);
}

#[tokio::test]
async fn the_store_stays_within_its_limit() {
    assert!(DEFAULT_MAX_SPANS >= 10_000 && DEFAULT_GRPC_ADDRESS.port() == 0);
    let collector = Collector::builder().with_max_spans(4).start().unwrap();
    send(collector.grpc_endpoint(), 10).await;
    let names: Vec<String> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["step 7", "step 8", "step 9", "step 10"]);
    assert_eq!((collector.stats().received, collector.stats().evicted), (10, 6));
}

/// Counts what the collector's thread reports to the global subscriber; its own name tells it apart.
struct Spy(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Spy {
    fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        self.count();
    }

    fn on_new_span(
        &self,
        _: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        self.count();
    }
}

impl Spy {
    fn count(&self) {
        if std::thread::current().name() == Some("tracing-genai-collector") {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[tokio::test]
async fn it_never_traces_itself() {
    use tracing_subscriber::layer::SubscriberExt;
    let seen = Arc::new(AtomicUsize::new(0));
    let subscriber = tracing_subscriber::registry().with(Spy(Arc::clone(&seen)));
    // The only global subscriber of this binary; the HTTP/2 stack reports a lot to one that listens.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let collector = Collector::builder().start().unwrap();
    send(collector.grpc_endpoint(), 1).await;
    drop(collector);
    assert_eq!(seen.load(Ordering::Relaxed), 0);
}
