//! Tests of the summary of metrics.
use std::sync::Arc;

use super::*;
use crate::collector::metric::{HistogramValue, MetricKind, Temporality};
use crate::collector::origin::ReceivedResource;

const TEMPORALITY: Temporality = Temporality::Cumulative;

fn text(text: &str) -> AttributeValue {
    AttributeValue::Str(text.to_owned())
}

fn point(labels: &[(&str, &str)], value: PointValue) -> ReceivedPoint {
    let attributes = labels.iter().map(|(key, value)| ((*key).to_owned(), text(value))).collect();
    ReceivedPoint { attributes, value, ..ReceivedPoint::default() }
}

fn metric(name: &str, unit: &str, points: Vec<ReceivedPoint>) -> ReceivedMetric {
    let resource = ReceivedResource { attributes: vec![("service.name".into(), text("agent"))], ..Default::default() };
    ReceivedMetric {
        name: name.to_owned(),
        unit: unit.to_owned(),
        kind: MetricKind::Sum { monotonic: true, temporality: TEMPORALITY },
        points,
        resource: Arc::new(resource),
        ..ReceivedMetric::default()
    }
}

fn histogram(bounds: &[f64], counts: &[u64], sum: f64, range: (f64, f64)) -> PointValue {
    PointValue::Histogram(HistogramValue {
        count: counts.iter().sum(),
        sum: Some(sum),
        min: Some(range.0),
        max: Some(range.1),
        bounds: bounds.to_vec(),
        bucket_counts: counts.to_vec(),
    })
}

const TURN: &[(&str, &str)] =
    &[("gen_ai.request.model", "gpt-5"), ("gen_ai.provider.name", "openai"), ("gen_ai.operation.name", "chat")];

fn turn(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [TURN, more].concat()
}

#[test]
fn series_are_lines() {
    let durations = histogram(&[0.5, 1.0, 2.0], &[1, 1, 1, 0], 2.9, (0.4, 1.6));
    let answered = turn(&[("gen_ai.response.model", "o3"), ("error.type", "timeout")]);
    let metrics = [
        metric(
            "gen_ai.client.inference.duration",
            "s",
            vec![point(&answered, histogram(&[0.5], &[1, 0], 0.012, (0.012, 0.012))), point(TURN, durations)],
        ),
        metric(
            "gen_ai.client.inference.usage.input_tokens",
            "{token}",
            vec![point(&turn(&[("gen_ai.token.modality", "text")]), PointValue::Int(1_204))],
        ),
        metric(
            "gen_ai.invoke_agent.tool_calls",
            "{tool_call}",
            vec![point(
                &[("gen_ai.agent.name", "writer")],
                histogram(&[1.0, 2.0, 4.0], &[0, 1, 2, 0], 9.0, (2.0, 4.0)),
            )],
        ),
        metric("agentic.cost", "{USD}", vec![point(TURN, PointValue::Double(0.012_51))]),
        metric(
            "agentic.context.occupancy",
            "1",
            vec![point(&[], PointValue::Double(0.43)), point(TURN, PointValue::Empty)],
        ),
    ];
    insta::assert_snapshot!(render_metrics(&metrics), @"
    metrics of agent · 5 metrics, 7 series
    agentic.context.occupancy                                                        0.43
    agentic.context.occupancy                   chat openai gpt-5                    nothing recorded
    agentic.cost                                chat openai gpt-5                    0.01251 USD
    gen_ai.client.inference.duration            chat openai gpt-5                    count 3  sum 2.90 s        mean 966 ms  p50 750 ms  p95 1.60 s  min 400 ms  max 1.60 s
    gen_ai.client.inference.duration            chat openai gpt-5 →o3 error timeout  count 1  sum 12 ms         mean 12 ms   p50 12 ms   p95 12 ms   min 12 ms   max 12 ms
    gen_ai.client.inference.usage.input_tokens  chat openai gpt-5 text               1204 tokens
    gen_ai.invoke_agent.tool_calls              writer                               count 3  sum 9 tool calls  mean 3       p50 2.5     p95 3.85    min 2       max 4
    ");
}

#[test]
fn only_labels_of_the_registry_show_their_value() {
    let mut point = point(&[("prompt", "c4nary"), ("gen_ai.input.messages", "c4nary")], PointValue::Int(1));
    point.attributes.push(("agentic.compaction.trigger".to_owned(), text("auto")));
    let shown = render_metrics(&[metric("requests", "{request}", vec![point])]);
    assert_eq!(
        shown,
        "metrics of agent · 1 metric, 1 series\nrequests  gen_ai.input.messages=… prompt=… trigger=auto  1 request\n"
    );
}

#[test]
fn where_calls_went_is_shown_where_it_tells_series_apart() {
    let to = |port| {
        let mut point = point(&[("server.address", "localhost")], PointValue::Int(1));
        point.attributes.push(("server.port".to_owned(), AttributeValue::Int(port)));
        point
    };
    let shown = render_metrics(&[metric("a", "", vec![to(80)]), metric("b", "", vec![to(80), to(443)])]);
    assert_eq!(shown, "metrics of agent · 2 metrics, 3 series\na            1\nb  port=443  1\nb  port=80   1\n");
}

#[test]
fn names_cannot_forge_lines_and_long_ones_shift_no_other() {
    let points = || vec![point(&[("error.type", "a\nb\u{202e}")], PointValue::Int(2))];
    let long = metric(&"n".repeat(5_000), "x\ny", points());
    let shown = render_metrics(&[long, metric("a\u{1b}[2J", "", points())]);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with("a\\u{1b}[2J  error a\\u{a}b\\u{202e}  2"), "{shown}");
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn services_are_kept_apart_and_nothing_is_nothing() {
    let nameless = ReceivedMetric { resource: Arc::default(), ..metric("a", "", vec![point(&[], PointValue::Int(1))]) };
    let shown = render_metrics(&[metric("a", "", vec![point(&[], PointValue::Int(2))]), nameless]);
    assert_eq!(
        shown,
        "metrics of (no name) · 1 metric, 1 series\na    1\n\nmetrics of agent · 1 metric, 1 series\na    2\n"
    );
    assert_eq!(render_metrics(&[]), "");
}

#[test]
fn numbers_have_four_digits_that_say_something() {
    let numbers = [0.0, -3.0, 1_204.0, 1_204.56, 0.012_512, 1.704_4, 0.000_000_123, f64::NAN, 1e300, 12.5];
    let shown = numbers.map(decimal);
    assert_eq!(shown[..7], ["0", "-3", "1204", "1205", "0.01251", "1.704", "0.000000123"]);
    assert_eq!((shown[7].as_str(), shown[9].as_str()), ("NaN", "12.5"));
}
