//! Whether the numbers in metrics are those in spans.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::line::printable;
use super::metric::{ReceivedMetric, ReceivedPoint};
use super::span::{ReceivedSpan, SpanKind};
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
    /// The label that splits it, besides the operation.
    by: &'static str,
}

#[derive(Clone, Copy)]
enum Kinds {
    Any,
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
const TOOL: (&[&str], Kinds) = (&[op::EXECUTE_TOOL], Kinds::Any);
const WORKFLOW: (&[&str], Kinds) = (&[op::INVOKE_WORKFLOW], Kinds::Any);
const MODEL: &str = attr::GEN_AI_REQUEST_MODEL;

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
    /// The model, agent, tool or workflow it is about, as sent: untrusted text, escaped when printed. Empty if it has no name.
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

/// Checks whether `metrics` say what `spans` say: tokens of models, numbers and durations of calls, agents, tools and workflows,
/// for each model, agent, tool and workflow. Empty if they agree.
///
/// Both must be complete: all spans were sampled and are held, and the metrics are those of the same time. Metrics that have
/// no counterpart in spans are not looked at.
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
    ROWS.iter().flat_map(|row| row.errors(spans, metrics)).collect()
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
    fn errors(&self, spans: &[ReceivedSpan], metrics: &[ReceivedMetric]) -> Vec<MetricError> {
        let (in_spans, in_metrics) = (self.in_spans(spans), self.in_metrics(metrics));
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

    fn in_spans<'a>(&self, spans: &'a [ReceivedSpan]) -> Totals<'a> {
        let mut totals = Totals::new();
        for span in spans.iter().filter(|span| self.is_about(span)) {
            if let Some(number) = self.measured(span) {
                let total = totals.entry(span.str(self.by).unwrap_or_default()).or_default();
                total.count = Some(total.count.unwrap_or_default() + 1);
                total.sum += number;
            }
        }
        totals
    }

    fn in_metrics<'a>(&self, metrics: &'a [ReceivedMetric]) -> Totals<'a> {
        let mut totals = Totals::new();
        let points = metrics.iter().filter(|metric| metric.name == self.metric).flat_map(|metric| &metric.points);
        for point in points {
            let total = totals.entry(self.label(point)).or_default();
            total.count = point.count().map(|count| total.count.unwrap_or_default().saturating_add(count));
            total.sum += point.sum().unwrap_or_default();
        }
        totals
    }

    fn label<'a>(&self, point: &'a ReceivedPoint) -> &'a str {
        point.str(self.by).unwrap_or_default()
    }

    fn is_about(&self, span: &ReceivedSpan) -> bool {
        let operation = span.attribute(attr::GEN_AI_OPERATION_NAME).and_then(AttributeValue::as_str);
        let is_kind = match self.kinds {
            Kinds::Any => true,
            Kinds::But(kind) => span.kind != kind,
        };
        is_kind && operation.is_some_and(|operation| self.operations.contains(&operation))
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

#[cfg(test)]
#[path = "agreement_tests.rs"]
mod tests;
