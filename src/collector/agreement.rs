//! Whether the numbers in metrics are those in spans.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::line::printable;
use super::metric::{ReceivedMetric, ReceivedPoint};
use super::span::{ReceivedSpan, SpanKind};
use super::usage;
use super::value::AttributeValue;
use crate::semconv::{attr, value::gen_ai_operation_name as op};

/// Longest label that is printed, in characters.
const MAX_LABEL_CHARS: usize = 64;

/// How far two sums may be apart, as a share of the larger: metrics add up seconds, spans have nanoseconds.
const TOLERANCE: f64 = 1e-6;

/// What a metric says about spans.
struct Row {
    metric: &'static str,
    /// Operations of the spans it is about.
    operations: &'static [&'static str],
    /// Kinds of these spans.
    kinds: Kinds,
    measured: Measured,
    /// The label that splits it.
    by: &'static str,
}

#[derive(Clone, Copy)]
enum Kinds {
    Any,
    Only(SpanKind),
    But(SpanKind),
}

#[derive(Clone, Copy)]
enum Measured {
    /// Seconds from start to end.
    Duration,
    /// A number that is an attribute of the span.
    Attribute(&'static str),
}

const fn row(metric: &'static str, of: (&'static [&'static str], Kinds), measured: Measured, by: &'static str) -> Row {
    Row { metric, operations: of.0, kinds: of.1, measured, by }
}

const INFERENCE: (&[&str], Kinds) = (&[op::CHAT, op::GENERATE_CONTENT, op::TEXT_COMPLETION], Kinds::Any);
const AGENT: (&[&str], Kinds) = (&[op::INVOKE_AGENT], Kinds::But(SpanKind::Client));
const REMOTE: (&[&str], Kinds) = (&[op::INVOKE_AGENT], Kinds::Only(SpanKind::Client));
#[rustfmt::skip]
const CALL: (&[&str], Kinds) = (&[
    op::EMBEDDINGS, op::RETRIEVAL, op::FETCH_RESPONSE, op::CREATE_AGENT, op::SEARCH_MEMORY, op::CREATE_MEMORY, op::UPDATE_MEMORY,
    op::UPSERT_MEMORY, op::DELETE_MEMORY, op::CREATE_MEMORY_STORE, op::DELETE_MEMORY_STORE,
], Kinds::Any);
const TOOL: (&[&str], Kinds) = (&[op::EXECUTE_TOOL], Kinds::Any);
const WORKFLOW: (&[&str], Kinds) = (&[op::INVOKE_WORKFLOW], Kinds::Any);
const MODEL: &str = attr::GEN_AI_REQUEST_MODEL;
const OPERATION: &str = attr::GEN_AI_OPERATION_NAME;

/// The one label of the point in which an SDK puts what is beyond its limit of series.
const OVERFLOW: &str = "otel.metric.overflow";

use Measured::{Attribute, Duration};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    //  metric                                                      spans      what of them                                                 by
    row("gen_ai.client.inference.duration",                         INFERENCE, Duration,                                                    MODEL),
    row("gen_ai.client.inference.operation.input_tokens",           INFERENCE, Attribute(attr::GEN_AI_USAGE_INPUT_TOKENS),                  MODEL),
    row("gen_ai.client.inference.operation.output_tokens",          INFERENCE, Attribute(attr::GEN_AI_USAGE_OUTPUT_TOKENS),                 MODEL),
    row("gen_ai.client.inference.time_to_first_chunk",              INFERENCE, Attribute(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK),        MODEL),
    row("gen_ai.client.inference.usage.cache_read.input_tokens",    INFERENCE, Attribute(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),       MODEL),
    row("gen_ai.client.inference.usage.cache_write.input_tokens",   INFERENCE, Attribute(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),      MODEL),
    row("gen_ai.client.inference.usage.input_tokens",               INFERENCE, Attribute(attr::GEN_AI_USAGE_INPUT_TOKENS),                  MODEL),
    row("gen_ai.client.inference.usage.output_tokens",              INFERENCE, Attribute(attr::GEN_AI_USAGE_OUTPUT_TOKENS),                 MODEL),
    row("gen_ai.client.inference.usage.reasoning.output_tokens",    INFERENCE, Attribute(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),       MODEL),
    row("gen_ai.client.operation.duration",                         CALL,      Duration,                                                    OPERATION),
    row("gen_ai.client.operation.duration",                         REMOTE,    Duration,                                                    OPERATION),
    row("gen_ai.execute_tool.duration",                             TOOL,      Duration,                                                    attr::GEN_AI_TOOL_NAME),
    row("gen_ai.invoke_agent.duration",                             AGENT,     Duration,                                                    attr::GEN_AI_AGENT_NAME),
    row("gen_ai.invoke_workflow.duration",                          WORKFLOW,  Duration,                                                    attr::GEN_AI_WORKFLOW_NAME),
];

/// A metric says something else than the spans; one line with `Display`:
/// `gen_ai.client.inference.usage.input_tokens of "gpt-5": sum 1204 in metrics, 1304 in spans`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MetricError {
    /// Name of the metric.
    pub metric: String,
    /// The model, operation, agent, tool or workflow it is about, as sent: untrusted text, escaped when printed. Empty if it has no name.
    pub label: String,
    /// What differs.
    pub compared: Compared,
    /// What the metrics have.
    pub in_metrics: f64,
    /// What the spans have.
    pub in_spans: f64,
}

/// What of a metric was compared with the spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compared {
    /// How many measurements a histogram has.
    Count,
    /// The sum of all measurements.
    Sum,
}

impl fmt::Display for MetricError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let compared = match self.compared {
            Compared::Count => "count",
            Compared::Sum => "sum",
        };
        let (name, label) = (printable(&self.metric, MAX_LABEL_CHARS), printable(&self.label, MAX_LABEL_CHARS));
        write!(f, "{name} of {label:?}: {compared} {} in metrics, {} in spans", self.in_metrics, self.in_spans)
    }
}

impl std::error::Error for MetricError {}

/// Checks whether `metrics` say what `spans` say: tokens, numbers and durations of calls, agents, tools and workflows, for each model,
/// operation, agent, tool and workflow. Empty if they agree.
///
/// Both must be complete: all spans were sampled and are held, and the metrics are those of the same time. Metrics without
/// counterpart in spans, and those of older conventions, are not looked at. Where series overflowed, only totals are compared.
/// A turn inside of a turn is the same call: the outer one counts, with tokens from the inner one if it has none.
///
/// ```
/// use tracing_genai::collector::{AttributeValue::{Int, Str}, ReceivedSpan, metric_errors};
///
/// let spans = [ReceivedSpan {
///     attributes: vec![
///         ("gen_ai.operation.name".into(), Str("chat".into())),
///         ("gen_ai.request.model".into(), Str("gpt-5".into())),
///         ("gen_ai.usage.output_tokens".into(), Int(34)),
///     ],
///     ..ReceivedSpan::default()
/// }];
/// let errors = metric_errors(&spans, &[]);
/// let expected = r#"gen_ai.client.inference.usage.output_tokens of "gpt-5": sum 0 in metrics, 34 in spans"#;
/// assert_eq!(errors[1].to_string(), expected);
/// ```
pub fn metric_errors(spans: &[ReceivedSpan], metrics: &[ReceivedMetric]) -> Vec<MetricError> {
    let turns = Turns::of(spans);
    ROWS.iter().flat_map(|row| row.errors(&turns, metrics)).collect()
}

/// Number and sum of measurements, by label.
type Totals<'a> = BTreeMap<&'a str, Total>;

#[derive(Clone, Copy, Default)]
struct Total {
    /// A counter has none.
    count: Option<u64>,
    sum: f64,
}

impl Row {
    fn errors(&self, turns: &Turns<'_>, metrics: &[ReceivedMetric]) -> Vec<MetricError> {
        let points: Vec<&ReceivedPoint> =
            metrics.iter().filter(|metric| metric.name == self.metric).flat_map(|metric| &metric.points).collect();
        // Then nobody knows whose the rest is.
        let overflowed = points.iter().any(|point| point.attribute(OVERFLOW).is_some());
        if overflowed && self.by == OPERATION {
            return Vec::new();
        }
        let by = if overflowed { "" } else { self.by };
        let (in_spans, in_metrics) = (self.in_spans(turns, by), self.in_metrics(&points, by));
        // A counter has no count that could be missing.
        let none = Total { count: in_metrics.values().find_map(|total| total.count).map(|_| 0), sum: 0.0 };
        let labels: BTreeSet<&str> = in_spans.keys().chain(in_metrics.keys()).copied().collect();
        let compare = |label: &str| {
            let in_metrics = in_metrics.get(label).copied().unwrap_or(none);
            let in_spans = in_spans.get(label).copied().unwrap_or(Total { count: Some(0), sum: 0.0 });
            self.compare(label, in_metrics, in_spans)
        };
        labels.into_iter().flat_map(compare).collect()
    }

    fn compare(&self, label: &str, metrics: Total, spans: Total) -> Vec<MetricError> {
        let error = |compared, in_metrics, in_spans| MetricError {
            metric: self.metric.to_owned(),
            label: label.to_owned(),
            compared,
            in_metrics,
            in_spans,
        };
        let mut errors = Vec::new();
        let counted = metrics.count.zip(spans.count).filter(|(a, b)| a != b);
        errors.extend(counted.map(|(a, b)| error(Compared::Count, a as f64, b as f64)));
        if (metrics.sum - spans.sum).abs() > TOLERANCE * metrics.sum.abs().max(spans.sum.abs()) {
            errors.push(error(Compared::Sum, metrics.sum, spans.sum));
        }
        errors
    }

    fn in_spans<'a>(&self, turns: &Turns<'a>, by: &str) -> Totals<'a> {
        let mut totals = Totals::new();
        for span in turns.outer.iter().copied().filter(|span| self.is_about(span)) {
            let inside = || turns.inside(span).iter().filter_map(|turn| self.measured(turn)).reduce(|a, b| a + b);
            if let Some(number) = self.measured(span).or_else(inside) {
                let total = totals.entry(span.str(by).unwrap_or_default()).or_default();
                total.count = Some(total.count.unwrap_or_default() + 1);
                total.sum += number;
            }
        }
        totals
    }

    fn in_metrics<'a>(&self, points: &[&'a ReceivedPoint], by: &str) -> Totals<'a> {
        let mut totals = Totals::new();
        // A metric of several operations has a row for some of them.
        let is_about = |point: &ReceivedPoint| {
            by != OPERATION || point.str(OPERATION).is_some_and(|operation| self.operations.contains(&operation))
        };
        for point in points.iter().copied().filter(|point| is_about(point)) {
            let total = totals.entry(point.str(by).unwrap_or_default()).or_default();
            total.count = point.count().map(|count| total.count.unwrap_or_default().saturating_add(count));
            total.sum += point.sum().unwrap_or_default();
        }
        totals
    }

    fn is_about(&self, span: &ReceivedSpan) -> bool {
        let operation = span.attribute(attr::GEN_AI_OPERATION_NAME).and_then(AttributeValue::as_str);
        let is_kind = match self.kinds {
            Kinds::Any => true,
            Kinds::Only(kind) => span.kind == kind,
            Kinds::But(kind) => span.kind != kind,
        };
        // Calls by MCP are measured by metrics of their own, whatever they call.
        let is_mcp = span.attribute(attr::MCP_METHOD_NAME).is_some();
        is_kind && !is_mcp && operation.is_some_and(|operation| self.operations.contains(&operation))
    }

    fn measured(&self, span: &ReceivedSpan) -> Option<f64> {
        match self.measured {
            Measured::Duration => span.duration_nanos().map(|nanos| nanos as f64 / 1e9),
            Measured::Attribute(key) => match span.attribute(key)? {
                AttributeValue::Int(number) => Some(*number as f64),
                AttributeValue::Double(number) => Some(*number),
                _ => None,
            },
        }
    }
}

/// Spans, with turns inside of turns apart: a guard around another crate's own span for the same call.
struct Turns<'a> {
    outer: Vec<&'a ReceivedSpan>,
    /// By trace and span id of the turn around them.
    inside: HashMap<usage::Place<'a>, Vec<&'a ReceivedSpan>>,
}

impl<'a> Turns<'a> {
    fn of(spans: &'a [ReceivedSpan]) -> Self {
        let places = usage::places(spans);
        let mut turns = Self { outer: Vec::new(), inside: HashMap::new() };
        for span in spans {
            match around(span, &places) {
                Some(outer) => turns.inside.entry(usage::place(outer)).or_default().push(span),
                None => turns.outer.push(span),
            }
        }
        turns
    }

    fn inside(&self, outer: &'a ReceivedSpan) -> &[&'a ReceivedSpan] {
        self.inside.get(&usage::place(outer)).map_or(&[][..], Vec::as_slice)
    }
}

/// The turn that a turn is inside of, with neither tool nor agent between.
fn around<'a>(span: &'a ReceivedSpan, places: &usage::Places<'a>) -> Option<&'a ReceivedSpan> {
    let other = [op::EXECUTE_TOOL, op::INVOKE_AGENT, op::INVOKE_WORKFLOW];
    let stops = |span: &ReceivedSpan| {
        span.attribute(attr::MCP_METHOD_NAME).is_some() || other.iter().any(|operation| usage::is(span, operation))
    };
    if !usage::is_turn(span) {
        return None;
    }
    let nearest = usage::ancestors(span, places).find(|above| usage::is_turn(above) || stops(above))?;
    usage::is_turn(nearest).then_some(nearest)
}

#[cfg(test)]
#[path = "agreement_tests.rs"]
mod tests;
