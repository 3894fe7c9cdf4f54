use super::*;
use crate::collector::metric::{HistogramValue, PointValue};

const TOKENS: &str = "gen_ai.client.inference.usage.input_tokens";

fn text(text: &str) -> AttributeValue {
    AttributeValue::Str(text.to_owned())
}

fn pairs(of: &[(&str, AttributeValue)]) -> Vec<(String, AttributeValue)> {
    of.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

fn turn(model: &str, tokens: i64, millis: u64) -> ReceivedSpan {
    ReceivedSpan {
        start_unix_nanos: 1_000,
        end_unix_nanos: 1_000 + millis * 1_000_000,
        kind: SpanKind::Client,
        attributes: pairs(&[
            (attr::GEN_AI_OPERATION_NAME, text("chat")),
            (attr::GEN_AI_REQUEST_MODEL, text(model)),
            (attr::GEN_AI_USAGE_INPUT_TOKENS, AttributeValue::Int(tokens)),
        ]),
        ..ReceivedSpan::default()
    }
}

fn point(model: &str, value: PointValue) -> ReceivedPoint {
    let labels = [(attr::GEN_AI_REQUEST_MODEL, text(model)), (attr::GEN_AI_TOKEN_MODALITY, text("text"))];
    ReceivedPoint { attributes: pairs(&labels), value, ..ReceivedPoint::default() }
}

fn histogram(count: u64, sum: f64) -> PointValue {
    PointValue::Histogram(HistogramValue { count, sum: Some(sum), ..HistogramValue::default() })
}

fn metric(name: &str, points: Vec<ReceivedPoint>) -> ReceivedMetric {
    ReceivedMetric { name: name.to_owned(), points, ..ReceivedMetric::default() }
}

fn errors(spans: &[ReceivedSpan], metrics: &[ReceivedMetric]) -> Vec<String> {
    metric_errors(spans, metrics).iter().map(ToString::to_string).collect()
}

#[test]
fn metrics_that_say_what_spans_say_are_right() {
    let spans = [turn("gpt-5", 10, 100), turn("gpt-5", 20, 200), turn("o3", 5, 50)];
    let metrics = [
        // Two modalities, and the same metric from two processes.
        metric(TOKENS, vec![point("gpt-5", PointValue::Int(12)), point("o3", PointValue::Int(5))]),
        metric(TOKENS, vec![point("gpt-5", PointValue::Int(18))]),
        metric(
            "gen_ai.client.inference.operation.input_tokens",
            vec![point("gpt-5", histogram(2, 30.0)), point("o3", histogram(1, 5.0))],
        ),
        metric(
            "gen_ai.client.inference.duration",
            vec![point("gpt-5", histogram(2, 0.1 + 0.2)), point("o3", histogram(1, 0.05))],
        ),
        metric("requests", vec![point("gpt-5", PointValue::Int(7))]),
    ];
    assert_eq!(errors(&spans, &metrics), [""; 0]);
}

#[test]
fn what_differs_is_told_by_metric_and_model() {
    let spans = [turn("gpt-5", 10, 100), turn("o3", 5, 50)];
    let metrics = [
        metric(TOKENS, vec![point("gpt-5", PointValue::Int(20)), point("o4", PointValue::Int(1))]),
        metric("gen_ai.client.inference.operation.input_tokens", vec![point("gpt-5", histogram(2, 10.0))]),
        metric(
            "gen_ai.client.inference.duration",
            vec![point("gpt-5", histogram(1, 0.1)), point("o3", histogram(1, 0.06))],
        ),
    ];
    insta::assert_snapshot!(errors(&spans, &metrics).join("\n"), @r#"
    gen_ai.client.inference.duration of "o3": sum 0.06 in metrics, 0.05 in spans
    gen_ai.client.inference.operation.input_tokens of "gpt-5": count 2 in metrics, 1 in spans
    gen_ai.client.inference.operation.input_tokens of "o3": count 0 in metrics, 1 in spans
    gen_ai.client.inference.operation.input_tokens of "o3": sum 0 in metrics, 5 in spans
    gen_ai.client.inference.usage.input_tokens of "gpt-5": sum 20 in metrics, 10 in spans
    gen_ai.client.inference.usage.input_tokens of "o3": sum 0 in metrics, 5 in spans
    gen_ai.client.inference.usage.input_tokens of "o4": sum 1 in metrics, 0 in spans
    "#);
}

#[test]
fn remote_agents_and_other_operations_are_other_metrics() {
    let agent = |kind| ReceivedSpan {
        kind,
        attributes: pairs(&[
            (attr::GEN_AI_OPERATION_NAME, text("invoke_agent")),
            (attr::GEN_AI_AGENT_NAME, text("writer")),
            (attr::GEN_AI_USAGE_INPUT_TOKENS, AttributeValue::Int(9)),
        ]),
        ..turn("", 0, 100)
    };
    assert_eq!(
        errors(&[agent(SpanKind::Client)], &[]),
        [r#"gen_ai.client.operation.duration of "invoke_agent": sum 0 in metrics, 0.1 in spans"#]
    );
    assert_eq!(
        errors(&[agent(SpanKind::Internal)], &[]),
        [r#"gen_ai.invoke_agent.duration of "writer": sum 0 in metrics, 0.1 in spans"#]
    );
}

#[test]
fn a_turn_inside_of_a_turn_is_the_same_call() {
    let at = |id: &str, parent: Option<&str>, span| ReceivedSpan {
        span_id: id.to_owned(),
        parent_span_id: parent.map(str::to_owned),
        ..span
    };
    let mut around = turn("gpt-5", 0, 300);
    around.attributes.retain(|(key, _)| key != attr::GEN_AI_USAGE_INPUT_TOKENS);
    let mut tool = turn("", 0, 100);
    let called = [(attr::MCP_METHOD_NAME, text("tools/call")), (attr::GEN_AI_OPERATION_NAME, text("execute_tool"))];
    tool.attributes = pairs(&called);
    let spans = [
        at("1", None, around),
        at("2", Some("1"), ReceivedSpan::default()),
        at("3", Some("2"), turn("gpt-5-2025", 10, 200)),
        at("4", Some("2"), tool),
        at("5", Some("4"), turn("gpt-5", 7, 100)),
    ];
    let metrics = [
        metric(TOKENS, vec![point("gpt-5", PointValue::Int(17))]),
        metric("gen_ai.client.inference.operation.input_tokens", vec![point("gpt-5", histogram(2, 17.0))]),
        metric("gen_ai.client.inference.duration", vec![point("gpt-5", histogram(2, 0.4))]),
    ];
    assert_eq!(errors(&spans, &metrics), [""; 0]);
}

#[test]
fn where_series_overflowed_only_totals_are_compared() {
    let spans = [turn("gpt-5", 10, 0), turn("o3", 5, 0)];
    let mut beyond = point("", PointValue::Int(5));
    beyond.attributes = pairs(&[("otel.metric.overflow", AttributeValue::Bool(true))]);
    let metrics = [metric(TOKENS, vec![point("gpt-5", PointValue::Int(10)), beyond])];
    let found = errors(&spans, &metrics);
    assert!(!found.iter().any(|error| error.starts_with(TOKENS)), "{found:?}");
    let found = errors(&spans[..1], &metrics);
    assert!(
        found.iter().any(|error| error == &format!("{TOKENS} of \"\": sum 15 in metrics, 10 in spans")),
        "{found:?}"
    );
}

#[test]
fn other_calls_are_compared_by_operation() {
    let call = |operation: &str, kind| ReceivedSpan {
        kind,
        attributes: pairs(&[(attr::GEN_AI_OPERATION_NAME, text(operation))]),
        ..turn("", 0, 100)
    };
    let spans = [call("retrieval", SpanKind::Internal), call("invoke_agent", SpanKind::Client)];
    let of = |operation: &str, count| ReceivedPoint {
        attributes: pairs(&[(attr::GEN_AI_OPERATION_NAME, text(operation))]),
        value: histogram(count, 0.1),
        ..ReceivedPoint::default()
    };
    // Older conventions measure turns by it, too.
    let points = vec![of("retrieval", 1), of("invoke_agent", 1), of("chat", 1)];
    assert_eq!(errors(&spans, &[metric("gen_ai.client.operation.duration", points)]), [""; 0]);
    let points = vec![of("retrieval", 2), of("invoke_agent", 1)];
    assert_eq!(
        errors(&spans, &[metric("gen_ai.client.operation.duration", points)]),
        [r#"gen_ai.client.operation.duration of "retrieval": count 2 in metrics, 1 in spans"#]
    );
}

#[test]
fn rows_are_sorted_and_of_the_registry() {
    assert!(ROWS.is_sorted_by(|a, b| a.metric <= b.metric));
    for row in ROWS {
        let known = crate::semconv::METRICS.iter().find(|metric| metric.name == row.metric).expect(row.metric);
        assert!(known.attributes.iter().any(|attribute| attribute.key == row.by), "{}", row.metric);
    }
}
