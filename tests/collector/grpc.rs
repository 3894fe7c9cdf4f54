//! OTLP/gRPC.
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::trace::v1::Span;
use tonic::codec::CompressionEncoding;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tracing_genai::collector::{Collector, Durations, render_with};

use crate::requests::{
    PATIENCE, assert_received_full, export, full_span, gzip, gzip_bomb, http_client, protobuf, span,
};

const LIMIT: usize = 4_096;
const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

async fn client(collector: &Collector) -> TraceServiceClient<Channel> {
    TraceServiceClient::connect(collector.grpc_endpoint()).await.unwrap()
}

async fn send(collector: &Collector, spans: Vec<Span>) -> Result<i64, Status> {
    let response = client(collector).await.export(export(spans)).await?;
    let partial = response.into_inner().partial_success;
    Ok(partial.map_or(0, |partial| partial.rejected_spans))
}

/// A message as gRPC frames it: a flag for compression, four bytes of length, the bytes.
fn framed(compressed: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[compressed][..], &length, message].concat()
}

/// Sends raw bytes over HTTP/2 and returns the gRPC status, wherever the server put it.
async fn send_raw(collector: &Collector, path: &str, encoding: &str, body: Vec<u8>) -> Code {
    let client = http_client().http2_prior_knowledge().build().unwrap();
    let request = client
        .post(format!("{}{path}", collector.grpc_endpoint()))
        .header("content-type", "application/grpc")
        .header("grpc-encoding", encoding)
        .header("te", "trailers");
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    // Errors of unary calls come in the headers; a success comes in trailers, which reqwest does not show.
    let status = response.headers().get("grpc-status").cloned();
    status.map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes()))
}

#[tokio::test]
async fn spans_are_taken_plain_and_compressed() {
    for encoding in [None, Some(CompressionEncoding::Gzip)] {
        let collector = Collector::builder().start().unwrap();
        let mut client = client(&collector).await;
        if let Some(encoding) = encoding {
            client = client.send_compressed(encoding);
        }
        let response = client.export(export(vec![full_span()])).await.unwrap();
        assert_eq!(response.into_inner().partial_success, None);
        assert_received_full(&collector);
    }
}

#[tokio::test]
async fn spans_with_invalid_ids_are_told_to_the_sender() {
    let collector = Collector::builder().start().unwrap();
    let mut short = span(2, 1);
    short.trace_id.pop();
    assert_eq!(send(&collector, vec![span(1, 0), short]).await.unwrap(), 1);
    assert_eq!((collector.spans().len(), collector.stats().rejected), (1, 1));
}

/// Path, compression, body, and the code the answer must have.
type Case = (&'static str, &'static str, Vec<u8>, Code);

fn bad_requests() -> Vec<Case> {
    let valid = protobuf(vec![span(1, 0)]);
    let profiles = "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";
    let other = "/opentelemetry.proto.collector.trace.v1.TraceService/Import";
    #[rustfmt::skip]
    let cases = vec![
        (EXPORT,  "identity", framed(0, b"\x0a\xff"),             Code::InvalidArgument),
        (EXPORT,  "gzip",     framed(1, b"no gzip"),              Code::InvalidArgument),
        (EXPORT,  "identity", framed(7, &valid),                  Code::InvalidArgument),
        (EXPORT,  "identity", framed(0, &valid)[..20].to_vec(),   Code::InvalidArgument),
        (EXPORT,  "identity", vec![],                             Code::InvalidArgument),
        (EXPORT,  "identity", framed(0, &vec![0; LIMIT + 1]),     Code::ResourceExhausted),
        (EXPORT,  "gzip",     framed(1, &gzip_bomb(1_000_000)),   Code::ResourceExhausted),
        (EXPORT,  "zstd",     framed(1, &valid),                  Code::Unimplemented),
        (profiles, "identity", framed(0, b""),                    Code::Unimplemented),
        (other,   "identity", framed(0, b""),                     Code::Unimplemented),
        ("/",     "identity", framed(0, b""),                     Code::Unimplemented),
    ];
    cases
}

#[tokio::test]
async fn bad_requests_get_their_code_and_do_no_harm() {
    let valid = protobuf(vec![span(1, 0)]);
    let collector = Collector::builder().with_max_request_bytes(LIMIT).start().unwrap();
    for (n, (path, encoding, body, expected)) in bad_requests().into_iter().enumerate() {
        let code = send_raw(&collector, path, encoding, body).await;
        assert_eq!(code, expected, "row {n}");
        assert_eq!(collector.stats().refused_requests, n as u64 + 1, "row {n}");
        assert!(collector.spans().is_empty(), "row {n}");
        assert_eq!(send(&collector, vec![span(1, 0)]).await.unwrap(), 0, "after row {n}");
        assert_eq!(collector.take_all().len(), 1, "after row {n}");
    }
    assert_eq!(send_raw(&collector, EXPORT, "gzip", framed(1, &gzip(&valid))).await, Code::Ok);
    assert_eq!(collector.spans().len(), 1);
}

#[tokio::test]
async fn http_on_the_port_of_grpc_is_not_taken_for_received() {
    let collector = Collector::builder().start().unwrap();
    let client = http_client().build().unwrap();
    let request = client.post(format!("{}/v1/traces", collector.grpc_endpoint()));
    let request = request.header("content-type", "application/x-protobuf").body(protobuf(vec![span(1, 0)]));
    assert_eq!(request.send().await.unwrap().status(), 415);
    assert_eq!(collector.stats().refused_requests, 1);
}

#[tokio::test]
async fn an_honest_client_is_told_not_to_retry_what_is_too_large() {
    let collector = Collector::builder().with_max_request_bytes(100).start().unwrap();
    let status = send(&collector, vec![full_span()]).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.message().contains("100 bytes"), "{}", status.message());
}

#[tokio::test]
async fn a_chain_of_ten_thousand_is_held_and_printed() {
    let collector = Collector::builder().start().unwrap();
    let mut client = client(&collector).await;
    let spans: Vec<Span> = (1..=10_000).map(|n| span(n, n - 1)).collect();
    for batch in spans.rchunks(512) {
        client.export(export(batch.to_vec())).await.unwrap();
    }
    assert!(collector.wait_for(10_000, PATIENCE));
    let tree = render_with(&collector.spans(), Durations::Hidden);
    assert_eq!(tree.lines().count(), 10_000);
    assert!(tree.lines().last().unwrap().ends_with("⋯9999 step 10000"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_at_the_same_time_lose_nothing() {
    let collector = Collector::builder().start().unwrap();
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..16_u64 {
        let endpoint = collector.grpc_endpoint();
        senders.spawn(async move {
            let mut client = TraceServiceClient::connect(endpoint).await.unwrap();
            for batch in 0..20 {
                let first = sender * 1_000 + batch * 10;
                let spans = (1..=10).map(|n| span(first + n, 0)).collect();
                client.export(export(spans)).await.unwrap();
            }
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent.unwrap();
    }
    let stats = collector.stats();
    assert_eq!((stats.received, stats.duplicates, collector.spans().len()), (3_200, 0, 3_200));
}
