//! Metrics and logs on the wire, in all three protocols, and collectors that take some signals only.
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message;
use serde_json::{Value as Json, json};
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tracing_genai::collector::{AttributeValue, Collector, PointValue, Signal};

use crate::measured::{assert_received_metrics, counter, full_metrics, metrics, total};
use crate::recorded::{assert_received_logs, full_logs, logs, record};
use crate::requests::{PATIENCE, export, gzip, gzip_bomb, http_client, protobuf, span};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const LIMIT: usize = 4_096;

/// Sends `body` and gives the status and the body of the answer.
async fn post(collector: &Collector, path: &str, content_type: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
    post_encoded(collector, path, (content_type, None), body).await
}

async fn post_encoded(
    collector: &Collector,
    path: &str,
    (content_type, encoding): (&str, Option<&str>),
    body: Vec<u8>,
) -> (u16, Vec<u8>) {
    let client = http_client().build().unwrap();
    let mut request = client.post(format!("{}{path}", collector.http_endpoint())).header("content-type", content_type);
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], content_type);
    (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
}

/// Path, body as protobuf and as JSON, and what must be held then.
type Row = (&'static str, Vec<u8>, Vec<u8>, fn(&Collector));

fn rows() -> [Row; 2] {
    let (metrics, logs) = (full_metrics(), full_logs());
    [
        ("/v1/metrics", metrics.encode_to_vec(), serde_json::to_vec(&metrics).unwrap(), assert_received_metrics),
        ("/v1/logs", logs.encode_to_vec(), serde_json::to_vec(&logs).unwrap(), assert_received_logs),
    ]
}

#[tokio::test]
async fn http_takes_metrics_and_logs_plain_and_compressed() {
    for (path, protobuf, json, assert_received) in rows() {
        for (content_type, body, empty) in [(PROTOBUF, protobuf, &b""[..]), (JSON, json, b"{}")] {
            for (encoding, body) in [(None, body.clone()), (Some("gzip"), gzip(&body))] {
                let collector = Collector::builder().start().unwrap();
                let answer = post_encoded(&collector, path, (content_type, encoding), body).await;
                assert_eq!(answer, (200, empty.to_vec()), "{path} {content_type} {encoding:?}");
                assert_received(&collector);
                assert!(collector.spans().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn grpc_takes_metrics_and_logs_plain_and_compressed() {
    for encoding in [None, Some(CompressionEncoding::Gzip)] {
        let collector = Collector::builder().start().unwrap();
        let mut client = MetricsServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
        let mut logger = LogsServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
        if let Some(encoding) = encoding {
            (client, logger) = (client.send_compressed(encoding), logger.send_compressed(encoding));
        }
        assert_eq!(client.export(full_metrics()).await.unwrap().into_inner().partial_success, None);
        assert_eq!(logger.export(full_logs()).await.unwrap().into_inner().partial_success, None);
        assert_received_metrics(&collector);
        assert_received_logs(&collector);
    }
}

#[tokio::test]
async fn bad_requests_get_their_status_and_do_no_harm() {
    let collector = Collector::builder().with_max_request_bytes(LIMIT).start().unwrap();
    let mut refused = 0;
    for path in ["/v1/metrics", "/v1/logs"] {
        let too_large = vec![0; LIMIT + 1];
        let cases: [(&str, Option<&str>, Vec<u8>, u16); 7] = [
            (PROTOBUF, None, b"\x0a\xff".to_vec(), 400),
            (PROTOBUF, Some("gzip"), b"no gzip".to_vec(), 400),
            (JSON, None, b"{".to_vec(), 400),
            (JSON, None, br#"{"resourceMetrics":1,"resourceLogs":1}"#.to_vec(), 400),
            (PROTOBUF, None, too_large, 413),
            (PROTOBUF, Some("gzip"), gzip_bomb(1_000_000), 413),
            (JSON, Some("zstd"), b"{}".to_vec(), 415),
        ];
        for (content_type, encoding, body, expected) in cases {
            let (status, answer) = post_encoded(&collector, path, (content_type, encoding), body).await;
            assert_eq!(status, expected, "{path} {content_type} {encoding:?}");
            assert!(!answer.is_empty());
            refused += 1;
        }
    }
    assert_eq!(collector.stats().refused_requests, refused);
    let mut client = MetricsServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
    let large = metrics(vec![counter(&"n".repeat(2 * LIMIT), (1, 2), &[("x", 1)])]);
    assert_eq!(client.export(large).await.unwrap_err().code(), Code::ResourceExhausted);
    assert!(collector.metrics().is_empty() && collector.logs().is_empty());
    client.export(metrics(vec![counter("n", (1, 2), &[("x", 1)])])).await.unwrap();
    assert_eq!(collector.metrics().len(), 1);
}

#[tokio::test]
async fn a_signal_that_is_not_taken_is_refused_as_backends_do() {
    let collector = Collector::builder().with_signals([Signal::Traces]).start().unwrap();
    for (refused, path) in ["/v1/metrics", "/v1/logs"].into_iter().enumerate() {
        let (status, answer) = post(&collector, path, JSON, b"{}".to_vec()).await;
        let answer: Json = serde_json::from_slice(&answer).unwrap();
        assert_eq!((status, &answer["code"]), (404, &json!(5)));
        assert_eq!(answer["message"], "path is not served here: traces go to /v1/traces");
        assert_eq!(collector.stats().refused_requests, refused as u64 + 1);
    }
    let mut client = MetricsServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
    assert_eq!(client.export(full_metrics()).await.unwrap_err().code(), Code::Unimplemented);
    let mut client = LogsServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
    assert_eq!(client.export(full_logs()).await.unwrap_err().code(), Code::Unimplemented);
    assert_eq!(collector.stats().refused_requests, 4);
    let mut client = TraceServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
    client.export(export(vec![span(1, 0)])).await.unwrap();
    assert_eq!(post(&collector, "/v1/traces", PROTOBUF, protobuf(vec![span(2, 1)])).await.0, 200);
    assert_eq!(collector.spans().len(), 2);
}

#[tokio::test]
async fn a_collector_without_traces_refuses_them() {
    let collector = Collector::builder().with_signals([Signal::Logs]).start().unwrap();
    assert_eq!(post(&collector, "/v1/traces", PROTOBUF, protobuf(vec![span(1, 0)])).await.0, 404);
    let mut client = TraceServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
    assert_eq!(client.export(export(vec![span(1, 0)])).await.unwrap_err().code(), Code::Unimplemented);
    assert_eq!(post(&collector, "/v1/logs", JSON, b"{}".to_vec()).await, (200, b"{}".to_vec()));
}

/// A metric in JSON, written by hand, whose data is `data`.
fn by_hand(data: &Json) -> Vec<u8> {
    let mut metric = json!({"name": "tokens", "unit": "{token}", "fieldOfTheFuture": {"deep": [1]}});
    metric.as_object_mut().unwrap().extend(data.as_object().unwrap().clone());
    json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).to_string().into_bytes()
}

#[tokio::test]
async fn numbers_in_json_are_read_as_text_and_as_numbers() {
    let collector = Collector::builder().start().unwrap();
    let point = |field: &str, value: Json| json!({"gauge": {"dataPoints": [{field: value, "timeUnixNano": "7"}]}});
    let cases = [
        (point("asInt", json!("9223372036854775807")), PointValue::Int(i64::MAX)),
        (point("asInt", json!(-5)), PointValue::Int(-5)),
        (point("asDouble", json!(1.5)), PointValue::Double(1.5)),
        (point("asDouble", json!(2)), PointValue::Double(2.0)),
        (point("flags", json!(1)), PointValue::Empty),
    ];
    for (data, expected) in cases {
        let answer = post(&collector, "/v1/metrics", JSON, by_hand(&data)).await;
        assert_eq!(answer, (200, b"{}".to_vec()), "{data}");
        let metrics = collector.take_metrics();
        assert_eq!(metrics[0].points[0].value, expected, "{data}");
        assert_eq!(metrics[0].points[0].time_unix_nanos, 7);
    }
}

#[tokio::test]
async fn invalid_points_are_told_to_the_sender() {
    let collector = Collector::builder().start().unwrap();
    let histogram = |bounds: Json, counts: Json| json!({"histogram": {"dataPoints": [{"explicitBounds": bounds, "bucketCounts": counts}, {"count": "1"}]}});
    let cases = [
        (json!({}), "1"),
        (json!({"gauge": {"dataPoints": [{}, {"asInt": "1"}]}}), "1"),
        (histogram(json!([1, 2]), json!(["1", "1"])), "1"),
        (histogram(json!([2, 1]), json!(["1", "1", "0"])), "1"),
    ];
    let mut rejected = 0;
    for (data, expected) in cases {
        let (status, answer) = post(&collector, "/v1/metrics", JSON, by_hand(&data)).await;
        let answer: Json = serde_json::from_slice(&answer).unwrap();
        assert_eq!((status, &answer["partialSuccess"]["rejectedDataPoints"]), (200, &json!(expected)), "{data}");
        rejected += 1;
        assert_eq!(collector.stats().metric_points.rejected, rejected, "{data}");
    }
    // The same as protobuf.
    let empty = metrics(vec![opentelemetry_proto::tonic::metrics::v1::Metric::default()]).encode_to_vec();
    let (status, answer) = post(&collector, "/v1/metrics", PROTOBUF, empty).await;
    let partial = ExportMetricsServiceResponse::decode(&answer[..]).unwrap().partial_success.unwrap();
    assert_eq!((status, partial.rejected_data_points), (200, 1));
    assert!(partial.error_message.contains("without data"));
}

#[tokio::test]
async fn a_log_record_with_a_wrong_id_belongs_to_no_trace() {
    let collector = Collector::builder().start().unwrap();
    let ids: [(&[u8], &[u8]); 4] = [(&[], &[]), (&[0; 16], &[0; 8]), (&[1; 15], &[1; 9]), (&[1; 16], &[])];
    let records = ids.iter().map(|(trace, span)| {
        let mut record = record("n");
        (record.trace_id, record.span_id) = (trace.to_vec(), span.to_vec());
        record
    });
    let body = logs(records.collect()).encode_to_vec();
    let (status, answer) = post(&collector, "/v1/logs", PROTOBUF, body).await;
    assert_eq!((status, ExportLogsServiceResponse::decode(&answer[..]).unwrap().partial_success), (200, None));
    let held: Vec<_> = collector.logs().into_iter().map(|log| (log.trace_id, log.span_id)).collect();
    assert_eq!(held, [(None, None), (None, None), (None, None), (Some("01".repeat(16)), None)]);
}

#[tokio::test]
async fn series_are_merged_as_their_temporality_says() {
    let collector = Collector::builder().start().unwrap();
    let send = async |request| {
        let mut client = MetricsServiceClient::connect(collector.grpc_endpoint()).await.unwrap();
        client.export(request).await.unwrap();
    };
    for (n, value) in [(1, 10), (2, 5), (2, 5)] {
        let cumulative = total("total", (1, 10 * n), &[("gpt-5", value + 10)]);
        send(metrics(vec![counter("delta", (10 * n - 10, 10 * n), &[("gpt-5", value), ("o3", 1)]), cumulative])).await;
    }
    let held = collector.metrics();
    let of = |metric: usize, model: &str| held[metric].points_with(&[("model", model)]).next().unwrap().clone();
    assert_eq!(held.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(), ["delta", "total"]);
    assert_eq!([of(0, "gpt-5").value, of(0, "o3").value], [PointValue::Int(15), PointValue::Int(2)]);
    assert_eq!((of(0, "gpt-5").time_unix_nanos, of(1, "gpt-5").value), (20, PointValue::Int(15)));
    let counts = collector.stats().metric_points;
    assert_eq!((counts.received, counts.duplicates, counts.evicted), (9, 3, 0));
    assert!(collector.wait_until_metrics(|metrics| metrics.len() == 2, PATIENCE));
}

#[tokio::test]
async fn the_stores_stay_within_their_limits() {
    let collector = Collector::builder().with_max_metric_points(2).with_max_logs(3).start().unwrap();
    let labels: Vec<String> = (0..10).map(|n| format!("m{n}")).collect();
    let points: Vec<(&str, i64)> = labels.iter().map(|label| (label.as_str(), 1)).collect();
    let request = metrics(vec![counter("n", (1, 2), &points)]);
    assert_eq!(post(&collector, "/v1/metrics", PROTOBUF, request.encode_to_vec()).await.0, 200);
    let records = (0..10).map(|n| record(&format!("e{n}"))).collect();
    assert_eq!(post(&collector, "/v1/logs", PROTOBUF, logs(records).encode_to_vec()).await.0, 200);
    assert!(collector.wait_until_logs(|logs| logs.last().is_some_and(|log| log.event_name == "e9"), PATIENCE));
    let stats = collector.stats();
    assert_eq!((stats.metric_points.evicted, stats.logs.evicted, collector.metrics()[0].points.len()), (8, 7, 2));
    assert_eq!(
        stats.to_string(),
        "0 spans received, 0 repeated, 0 evicted, 0 rejected; 10 metric points received, 0 repeated, 8 evicted, \
         0 rejected; 10 log records received, 0 repeated, 7 evicted, 0 rejected; 0 requests refused"
    );
    assert_eq!(collector.take_logs().len(), 3);
    assert!(collector.logs().is_empty());
}

#[tokio::test]
async fn structured_content_in_logs_stays_structured_and_is_found() {
    let collector = Collector::builder().start().unwrap();
    assert_eq!(post(&collector, "/v1/logs", PROTOBUF, full_logs().encode_to_vec()).await.0, 200);
    let logs = collector.logs();
    let Some(AttributeValue::Array(messages)) = logs[0].attribute("gen_ai.input.messages") else { panic!("{logs:?}") };
    assert_eq!(messages[0].get("role").and_then(AttributeValue::as_str), Some("user"));
    let found: Vec<String> = collector.find_text("a line of the prompt").iter().map(ToString::to_string).collect();
    let event = r#"log record "gen_ai.client.inference.operation.details""#;
    assert_eq!(found, [format!("body, {event}"), format!("value of gen_ai.input.messages, {event}")]);
}
