//! Numbers in metrics are those in spans: random programs of guards, and the same sums made of their spans.

use std::collections::BTreeMap;

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::SpanData;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tracing_genai::activity::{Operation, Turn, Usage};
use tracing_subscriber::layer::SubscriberExt;

use super::reader::{Point, Reader, Series, labels};
use crate::events::Logs;
use crate::programs;
use crate::support::{Recorder, attribute, with_tracer};

/// Number and sum of values.
type Sums = BTreeMap<Series, (u64, f64)>;

const CALL: &[&str] = &["error.type", "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"];
const MODEL: &[&str] = &["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"];

struct Spans<'a>(&'a [SpanData]);

impl Spans<'_> {
    fn parent(&self, span: &SpanData) -> Option<&SpanData> {
        let parent = span.parent_span_id;
        self.0.iter().find(|other| parent != SpanId::INVALID && other.span_context.span_id() == parent)
    }

    /// What is between a span and the agent whose own it would be.
    fn agent(&self, span: &SpanData, through: &[&str]) -> Option<(&SpanData, bool)> {
        let mut above = self.parent(span)?;
        let mut direct = true;
        while through.contains(&kind(above)) {
            direct = false;
            above = self.parent(above)?;
        }
        (kind(above) == "invoke_agent").then_some((above, direct))
    }

    fn is_nested(&self, turn: &SpanData) -> bool {
        // What starts below one that has ended is another call.
        self.parent(turn).is_some_and(|parent| kind(parent) == "chat" && parent.end_time > turn.start_time)
    }

    fn ended_before(&self, first: &SpanData, then: &SpanData) -> bool {
        let place = |span: &SpanData| self.0.iter().position(|other| other.span_context == span.span_context);
        place(first) < place(then)
    }
}

fn kind(span: &SpanData) -> &str {
    span.name.split(' ').next().unwrap_or_default()
}

fn seconds(span: &SpanData) -> f64 {
    span.end_time.duration_since(span.start_time).unwrap_or_default().as_secs_f64()
}

fn number(span: &SpanData, key: &str) -> Option<f64> {
    attribute(span, key).map(|text| text.parse().expect("a number"))
}

/// What metrics should say of these spans, but for calls of agents.
fn expected(spans: &Spans<'_>) -> Sums {
    let mut sums = Sums::new();
    // A turn inside a turn is the same call.
    for span in spans.0.iter().filter(|span| kind(span) != "chat" || !spans.is_nested(span)) {
        let mut add = |metric: &str, keys: &[&str], fixed: &str, value: f64| {
            let mut list: Vec<String> =
                vec![labels(span.attributes.iter().filter(|pair| keys.contains(&pair.key.as_str())))];
            list.push(fixed.to_owned());
            list.retain(|labels| !labels.is_empty());
            let sum = sums.entry((metric.to_owned(), list.join(" "))).or_default();
            *sum = (sum.0 + 1, sum.1 + value);
        };
        if attribute(span, "agentic.outcome").is_some() {
            let activity = match kind(span) {
                "chat" => "turn",
                "execute_tool" => "tool",
                "compact" => "compaction",
                "invoke_agent" => "agent",
                other => panic!("{other} is not cancelled"),
            };
            add("agentic.cancelled {activity}", &[], &format!("agentic.activity={activity:?}"), 1.0);
        }
        match kind(span) {
            "chat" => {
                add("gen_ai.client.inference.duration s", CALL, "", seconds(span));
                for (of, key) in [("input", "gen_ai.usage.input_tokens"), ("output", "gen_ai.usage.output_tokens")] {
                    let Some(tokens) = number(span, key) else { continue };
                    add(&format!("gen_ai.client.inference.operation.{of}_tokens {{token}}"), MODEL, "", tokens);
                    let unknown = "gen_ai.token.modality=\"unknown\"";
                    add(&format!("gen_ai.client.inference.usage.{of}_tokens {{token}}"), MODEL, unknown, tokens);
                }
            }
            "execute_tool" => {
                let keys = ["error.type", "gen_ai.agent.name", "gen_ai.tool.name"];
                add("gen_ai.execute_tool.duration s", &keys, "", seconds(span));
            }
            "invoke_agent" => {
                add("gen_ai.invoke_agent.duration s", &["error.type", "gen_ai.agent.name"], "", seconds(span));
            }
            "invoke_workflow" => {
                let keys = ["error.type", "gen_ai.workflow.name"];
                add("gen_ai.invoke_workflow.duration s", &keys, "", seconds(span));
            }
            "compact" => {
                let keys = ["agentic.compaction.outcome", "agentic.compaction.trigger", "gen_ai.agent.name"];
                add("agentic.compactions {compaction}", &keys, "", 1.0);
            }
            _ => {}
        }
    }
    sums
}

/// Fewest and most calls that agents of one name made themselves: what is below a compaction is its agent's as long as
/// the compaction is open, which spans do not tell.
fn calls(spans: &Spans<'_>, of: &str, through: &[&str]) -> BTreeMap<String, (u64, f64, f64)> {
    let mut calls = BTreeMap::new();
    for agent in spans.0.iter().filter(|span| kind(span) == "invoke_agent") {
        let name = labels(agent.attributes.iter().filter(|pair| pair.key.as_str() == "gen_ai.agent.name"));
        let sum: &mut (u64, f64, f64) = calls.entry(name).or_default();
        sum.0 += 1;
        for span in spans.0.iter().filter(|span| kind(span) == of && !(of == "chat" && spans.is_nested(span))) {
            let Some((above, direct)) = spans.agent(span, through) else { continue };
            if above.span_context == agent.span_context && spans.ended_before(span, agent) {
                sum.1 += f64::from(u8::from(direct));
                sum.2 += 1.0;
            }
        }
    }
    calls
}

fn check(spans: &Spans<'_>, points: &BTreeMap<Series, Point>) {
    let mut expected = expected(spans);
    for (series, point) in points {
        let (name, labels) = series;
        if name.starts_with("gen_ai.invoke_agent.inference_calls") || name.starts_with("gen_ai.invoke_agent.tool_calls")
        {
            let Point::Histogram { count, sum, .. } = point else { panic!("{series:?}") };
            let of = if name.contains("tool") { "execute_tool" } else { "chat" };
            let of = calls(spans, of, &["compact", "chat"]);
            let (agents, fewest, most) = of[labels];
            assert_eq!(*count, agents, "{series:?}");
            assert!((fewest..=most).contains(sum), "{series:?}: {sum} is not in {fewest}..={most}");
            continue;
        }
        let is_measured = |prefix: &&str| name.starts_with(prefix);
        let measured =
            ["gen_ai.client.inference", "gen_ai.execute", "gen_ai.invoke", "agentic.cancelled", "agentic.compactions"];
        if !measured.iter().any(is_measured) {
            continue;
        }
        let (count, sum) = expected.remove(series).unwrap_or_else(|| panic!("no span says {series:?}: {point:?}"));
        let (of_points, value) = match point {
            Point::Histogram { count, sum, .. } => (*count, *sum),
            Point::Number(value) => (count, *value),
        };
        assert_eq!(of_points, count, "{series:?}");
        assert!((value - sum).abs() <= 1e-9 * sum.max(1.0), "{series:?}: {value}, and {sum} by the spans");
    }
    assert!(expected.is_empty(), "not measured: {expected:#?}");
}

#[test]
fn numbers_in_metrics_are_those_in_spans() {
    let (recorder, reader) = (Recorder::default(), Reader::of(&[Temporality::Delta]));
    let tracer = recorder.tracer().with_meter(&reader.meter());
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    let mut runner = TestRunner::new(ProptestConfig { cases: 250, ..ProptestConfig::default() });
    let outcome = tracing::subscriber::with_default(subscriber, || {
        runner.run(&programs::programs(), |steps| {
            recorder.forget();
            programs::run(&steps, || {
                tracer.interrupt_open_spans();
            });
            let spans = recorder.spans();
            check(&Spans(&spans), &reader.points(Temporality::Delta));
            prop_assert_eq!(tracer.stats().open_spans, 0);
            Ok(())
        })
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_turn_below_one_that_has_ended_is_a_call_of_its_own() {
    let (recorder, reader, logs) = (Recorder::default(), Reader::default(), Logs::default());
    let tracer = recorder.tracer().with_meter(&reader.meter()).with_logger_provider(logs.provider());
    with_tracer(&recorder, &tracer, || {
        let agent = Operation::prompt("support").start();
        let first = agent.in_scope(|| Turn::chat("openai", "m").start());
        first.usage(Usage::new(1, 1)).finish();
        Turn::chat("openai", "m").child_of(first.span()).start().usage(Usage::new(20, 1)).finish();
        agent.finish();
    });
    let text = reader.text_of(&["gen_ai.client.inference.operation.input", "gen_ai.invoke_agent.inference_calls"]);
    assert!(text.contains("2 x, sum 21") && text.contains("1 x, sum 2 "), "{text}");
    let agent = recorder.span("invoke_agent support");
    assert_eq!(attribute(&agent, "agentic.usage.input_tokens").as_deref(), Some("21"));
    assert_eq!(logs.records().len(), 2);
}
