//! OTLP/HTTP with protobuf and JSON.
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue};
use prost::Message;
use reqwest::{Method, Response};
use serde_json::{Value as Json, json};
use tracing_genai::collector::{AttributeValue, Collector};

use crate::requests::{
    assert_received_full, attribute, export, full_span, gzip, gzip_bomb, http_client, protobuf, span, text,
};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const LIMIT: usize = 4_096;

/// `google.rpc.Status`, declared here once more so that the answer is read independently.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// One request and the answer it must get.
#[derive(Clone)]
struct Case {
    method: Method,
    path: &'static str,
    content_type: Option<&'static str>,
    encoding: Option<&'static str>,
    body: Vec<u8>,
    /// HTTP status, and the code in the body.
    expected: (u16, i32),
}

/// A valid request; the rows of the table say what they change.
fn valid() -> Case {
    Case {
        method: Method::POST,
        path: "/v1/traces",
        content_type: Some(PROTOBUF),
        encoding: None,
        body: protobuf(vec![span(1, 0)]),
        expected: (200, 0),
    }
}

async fn send(collector: &Collector, case: &Case) -> Response {
    let url = format!("{}{}", collector.http_endpoint(), case.path);
    let mut request = http_client().build().unwrap().request(case.method.clone(), url).body(case.body.clone());
    if let Some(content_type) = case.content_type {
        request = request.header("content-type", content_type);
    }
    if let Some(encoding) = case.encoding {
        request = request.header("content-encoding", encoding);
    }
    request.send().await.unwrap()
}

async fn send_json(collector: &Collector, body: &Json) -> (u16, Json) {
    let case = Case { content_type: Some(JSON), body: body.to_string().into_bytes(), ..valid() };
    let response = send(collector, &case).await;
    assert_eq!(response.headers()["content-type"], JSON);
    (response.status().as_u16(), response.json().await.unwrap())
}

fn small() -> Collector {
    Collector::builder().with_max_request_bytes(LIMIT).start().unwrap()
}

#[tokio::test]
async fn protobuf_is_taken_plain_and_compressed() {
    let body = protobuf(vec![full_span()]);
    for (encoding, body) in [(None, body.clone()), (Some("identity"), body.clone()), (Some("gzip"), gzip(&body))] {
        let collector = Collector::builder().start().unwrap();
        let response = send(&collector, &Case { encoding, body, ..valid() }).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], PROTOBUF);
        let body = response.bytes().await.unwrap();
        let answer = ExportTraceServiceResponse::decode(body).unwrap();
        assert_eq!(answer.partial_success, None);
        assert_received_full(&collector);
    }
}

#[tokio::test]
async fn json_is_taken_plain_and_compressed() {
    let body = serde_json::to_vec(&export(vec![full_span()])).unwrap();
    for (encoding, body) in [(None, body.clone()), (Some("gzip"), gzip(&body))] {
        let collector = Collector::builder().start().unwrap();
        let content_type = Some("Application/JSON; charset=utf-8");
        let response = send(&collector, &Case { content_type, encoding, body, ..valid() }).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], JSON);
        assert_eq!(response.text().await.unwrap(), "{}");
        assert_received_full(&collector);
    }
}

/// A request with one span that has the one attribute `a`, as JSON written by hand.
fn with_attribute(value: &Json) -> Json {
    json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": "4BF92F3577B34DA6A3CE929D0E0E4736", "spanId": "00f067aa0ba902b7",
        "name": "n", "kind": 3, "startTimeUnixNano": "1", "endTimeUnixNano": 2, "status": {"code": 2},
        "attributes": [{"key": "a", "value": value}],
    }]}]}]})
}

#[tokio::test]
async fn json_values_keep_their_type() {
    use AttributeValue::{Array, Bool, Bytes, Double, Empty, Int, Map, Str};
    let collector = Collector::builder().start().unwrap();
    let cases = [
        (json!({"stringValue": "x"}), Str("x".to_owned())),
        (json!({"boolValue": false}), Bool(false)),
        (json!({"intValue": "9223372036854775807"}), Int(i64::MAX)),
        (json!({"intValue": -5}), Int(-5)),
        (json!({"doubleValue": 1.5}), Double(1.5)),
        (json!({"doubleValue": 2}), Double(2.0)),
        (json!({"bytesValue": "AP8="}), Bytes(vec![0, 255])),
        (json!({"arrayValue": {"values": [{"intValue": "1"}, {}]}}), Array(vec![Int(1), Empty])),
        (
            json!({"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": true}}]}}),
            Map(vec![("k".to_owned(), Bool(true))]),
        ),
        (json!({}), Empty),
        (json!({"valueOfTheFuture": 1}), Empty),
    ];
    for (value, expected) in cases {
        assert_eq!(send_json(&collector, &with_attribute(&value)).await, (200, json!({})), "{value}");
        let spans = collector.take_all().remove(0);
        assert_eq!(spans[0].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(spans[0].attribute("a"), Some(&expected), "{value}");
    }
}

#[tokio::test]
async fn json_fields_of_the_future_are_ignored() {
    let collector = Collector::builder().start().unwrap();
    let mut body = with_attribute(&json!({"stringValue": "x", "more": [1]}));
    for place in ["", "/resourceSpans/0", "/resourceSpans/0/scopeSpans/0", "/resourceSpans/0/scopeSpans/0/spans/0"] {
        body.pointer_mut(place).unwrap()["fieldOfTheFuture"] = json!({"deep": [1, {"a": null}]});
    }
    assert_eq!(send_json(&collector, &body).await, (200, json!({})));
    assert_eq!(collector.spans()[0].str("a"), Some("x"));
}

#[tokio::test]
async fn spans_with_invalid_ids_are_told_to_the_sender() {
    let collector = Collector::builder().start().unwrap();
    let mut nameless = span(2, 1);
    nameless.span_id = vec![0; 8];
    let spans = vec![span(1, 0), nameless];
    let json = serde_json::to_value(export(spans.clone())).unwrap();
    let response = send(&collector, &Case { body: protobuf(spans), ..valid() }).await;
    assert_eq!(response.status(), 200);
    let answer = ExportTraceServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    let partial = answer.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 1);
    assert!(partial.error_message.contains("invalid id"));
    let (status, answer) = send_json(&collector, &json).await;
    assert_eq!((status, &answer["partialSuccess"]["rejectedSpans"]), (200, &json!("1")));
    let stats = collector.stats();
    assert_eq!((stats.received, stats.duplicates, stats.rejected), (2, 1, 2));
    assert_eq!(stats.refused_requests, 0);
}

#[rustfmt::skip]
fn bad_requests() -> Vec<Case> {
    let v = valid;
    let body = v().body;
    let (json, pb, gz) = (Some(JSON), Some(PROTOBUF), Some("gzip"));
    vec![
        Case { body: b"\x0a\xff".to_vec(),                            expected: (400, 3), ..v() },
        Case { body: b"{}".to_vec(),                                  expected: (400, 3), ..v() },
        Case { content_type: json, body: b"{".to_vec(),               expected: (400, 3), ..v() },
        Case { content_type: json, body: vec![],                      expected: (400, 3), ..v() },
        Case { content_type: json, body: b"\xff\xfe".to_vec(),        expected: (400, 3), ..v() },
        Case { content_type: json, body: b"[[[[[[".repeat(600),       expected: (400, 3), ..v() },
        Case { content_type: json, body: br#"{"resourceSpans":1}"#.to_vec(), expected: (400, 3), ..v() },
        Case { content_type: json, body: bad_id().to_string().into(), expected: (400, 3), ..v() },
        Case { encoding: gz,                                          expected: (400, 3), ..v() },
        Case { encoding: gz, body: gzip(&body)[..20].to_vec(),        expected: (400, 3), ..v() },
        Case { path: "/",                                             expected: (404, 5), ..v() },
        Case { path: "/v1/profiles",                                  expected: (404, 5), ..v() },
        Case { path: "/v1development/profiles", content_type: json,   expected: (404, 5), ..v() },
        Case { path: "/v1/traces/",                                   expected: (404, 5), ..v() },
        Case { method: Method::GET, body: vec![],                     expected: (405, 12), ..v() },
        Case { method: Method::PUT, content_type: json,               expected: (405, 12), ..v() },
        Case { method: Method::OPTIONS, content_type: None,           expected: (405, 12), ..v() },
        Case { body: vec![0; LIMIT + 1],                              expected: (413, 8), ..v() },
        Case { body: vec![0; 3 * LIMIT], content_type: json,          expected: (413, 8), ..v() },
        Case { encoding: gz, body: gzip_bomb(1_000_000),              expected: (413, 8), ..v() },
        Case { content_type: Some("text/plain"),                      expected: (415, 3), ..v() },
        Case { content_type: Some("application/x-protobufs"),         expected: (415, 3), ..v() },
        Case { content_type: None,                                    expected: (415, 3), ..v() },
        Case { content_type: pb, encoding: Some("zstd"),              expected: (415, 3), ..v() },
        Case { content_type: json, encoding: Some("gzip, gzip"),      expected: (415, 3), ..v() },
    ]
}

fn bad_id() -> Json {
    json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "not hex"}]}]}]})
}

#[tokio::test]
async fn bad_requests_get_their_status_and_do_no_harm() {
    let collector = small();
    let mut refused = 0;
    for case in bad_requests() {
        let told = format!("{} {} {:?}", case.method, case.path, case.content_type);
        let response = send(&collector, &case).await;
        let headers = response.headers().clone();
        assert_eq!(response.status().as_u16(), case.expected.0, "{told}");
        assert_eq!(headers.contains_key("allow"), case.expected.0 == 405, "{told}");
        let body = response.bytes().await.unwrap();
        let (code, message) = if case.content_type == Some(PROTOBUF) {
            assert_eq!(headers["content-type"], PROTOBUF, "{told}");
            let status = RpcStatus::decode(body).unwrap();
            (status.code, status.message)
        } else {
            assert_eq!(headers["content-type"], JSON, "{told}");
            let status: Json = serde_json::from_slice(&body).unwrap();
            let code = i32::try_from(status["code"].as_i64().unwrap()).unwrap();
            (code, status["message"].as_str().unwrap().to_owned())
        };
        assert_eq!(code, case.expected.1, "{told}: {message}");
        assert!(!message.is_empty(), "{told}");
        refused += 1;
        assert_eq!(collector.stats().refused_requests, refused, "{told}");
        assert!(collector.spans().is_empty(), "{told}");
        assert_eq!(send(&collector, &valid()).await.status(), 200, "after {told}");
        assert_eq!(collector.take_all().len(), 1, "after {told}");
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_taken() {
    let sized = |padding: usize| {
        let mut span = span(1, 0);
        span.trace_state = "x".repeat(padding);
        protobuf(vec![span])
    };
    let padding = LIMIT - (sized(2_000).len() - 2_000);
    let collector = small();
    for (padding, expected) in [(padding, 200), (padding + 1, 413)] {
        let body = sized(padding);
        assert_eq!(body.len() <= LIMIT, expected == 200);
        let plain = send(&collector, &Case { body: body.clone(), ..valid() }).await;
        let encoding = Some("gzip");
        let compressed = send(&collector, &Case { encoding, body: gzip(&body), ..valid() }).await;
        assert_eq!((plain.status().as_u16(), compressed.status().as_u16()), (expected, expected));
    }
}

#[tokio::test]
async fn a_body_far_beyond_the_limit_leaves_the_collector_alive() {
    let collector = small();
    // More than is read and thrown away: the sender may see the answer or a closed connection.
    let url = format!("{}/v1/traces", collector.http_endpoint());
    let request = http_client().build().unwrap().post(url).header("content-type", PROTOBUF);
    if let Ok(response) = request.body(vec![0; 50_000_000]).send().await {
        assert_eq!(response.status(), 413);
    }
    assert_eq!(send(&collector, &valid()).await.status(), 200);
    assert_eq!(collector.stats().refused_requests, 1);
}

#[tokio::test]
async fn deeply_nested_values_are_refused_not_followed() {
    let collector = Collector::builder().start().unwrap();
    for (levels, expected) in [(30, 200), (400, 400)] {
        let value = (0..levels).fold(text("x"), |value, _| {
            let values = vec![AnyValue { value: Some(value) }];
            Value::ArrayValue(ArrayValue { values })
        });
        let mut deep = span(1, 0);
        deep.attributes.push(attribute("deep", value));
        let body = protobuf(vec![deep]);
        let protobuf = send(&collector, &Case { body, ..valid() }).await;
        assert_eq!(protobuf.status(), expected, "{levels}");
    }
    for (levels, expected) in [(30, 200), (50_000, 400)] {
        let (open, close) = (r#"{"arrayValue":{"values":["#.repeat(levels), "]}}".repeat(levels));
        let attribute = format!(r#"{{"key":"a","value":{open}{close}}}"#);
        let body = format!(r#"{{"resourceSpans":[{{"resource":{{"attributes":[{attribute}]}}}}]}}"#);
        let content_type = Some(JSON);
        let json = send(&collector, &Case { content_type, body: body.into_bytes(), ..valid() }).await;
        assert_eq!(json.status(), expected, "{levels}");
    }
    assert_eq!(send(&collector, &valid()).await.status(), 200);
}

/// A page in a browser can make a name of its own resolve to a loopback address, but it cannot hide that name.
#[tokio::test]
async fn a_rebound_name_is_refused() {
    let collector = Collector::builder().start().unwrap();
    let rows = [
        ("evil.example", 403),
        ("localhost.evil.example:4318", 403),
        ("127.0.0.1.evil.example", 403),
        ("10.0.0.1", 403),
        ("", 403),
    ];
    let local = [("localhost", 200), ("LOCALHOST:4318", 200), ("127.0.0.1:1", 200), ("[::1]:4318", 200)];
    for (host, expected) in rows.into_iter().chain(local) {
        let request = http_client().build().unwrap().post(format!("{}/v1/traces", collector.http_endpoint()));
        let request = request.header("host", host).header("content-type", PROTOBUF).body(protobuf(vec![span(1, 0)]));
        assert_eq!(request.send().await.unwrap().status(), expected, "{host:?}");
    }
}
