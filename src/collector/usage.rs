//! Whether usage can be summed over spans: finds what a naive sum counts twice, and totals that are wrong.
use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::semconv::{attr, value::gen_ai_operation_name as op};

use super::line;
use super::span::{ReceivedSpan, SpanKind};
use super::value::AttributeValue;

/// Keys of usage and cost that stand for one call and may be summed; roll-ups (`agentic.usage.*`) have keys of their
/// own.
const LEAF_PREFIXES: &[&str] = &["gen_ai.usage.", "agentic.cost.total"];

/// What the conventions let an agent have beside its turns.
const TOTALS: [&str; 2] = [attr::GEN_AI_USAGE_INPUT_TOKENS, attr::GEN_AI_USAGE_OUTPUT_TOKENS];

/// What is wrong with the usage of a span; one line with `Display`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsageError {
    /// A key of usage or cost stands on a span and on an ancestor: a sum over spans counts it twice.
    Repeated {
        /// The key.
        key: String,
        /// Name of the span below, as sent: untrusted text, escaped when printed.
        span: String,
        /// Name of the ancestor.
        ancestor: String,
    },
    /// A total of an agent is not the sum over its own turns.
    WrongTotal {
        /// The key.
        key: String,
        /// Name of the agent's span.
        span: String,
        /// What the span has.
        total: i64,
        /// What its own turns have.
        sum: i64,
    },
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &str| line::printable(text, line::MAX_NAME_CHARS);
        match self {
            Self::Repeated { key, span, ancestor } => {
                write!(f, "{} of {:?} is also on its ancestor {:?}", shown(key), shown(span), shown(ancestor))
            }
            Self::WrongTotal { key, span, total, sum } => {
                write!(f, "{} of {:?} is {total}, its own turns have {sum}", shown(key), shown(span))
            }
        }
    }
}

impl std::error::Error for UsageError {}

/// Checks the usage of `spans`, which may belong to several traces: every key of usage or cost that is repeated between
/// a span and an ancestor, and every total of an agent that is not the sum over its own turns. Empty if all is well.
///
/// Allowed, as in the conventions: the two totals of input and output tokens on `invoke_agent`, and any usage on the
/// span of a remote agent (`invoke_agent`, CLIENT). A turn is the agent's own if no other agent, workflow or turn and no
/// tool stands between.
///
/// ```
/// use tracing_genai::collector::{AttributeValue, ReceivedSpan, usage_errors};
///
/// let span = |name: &str, parent: Option<&str>, tokens| ReceivedSpan {
///     trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
///     span_id: name.into(),
///     parent_span_id: parent.map(str::to_owned),
///     name: name.into(),
///     attributes: vec![("gen_ai.usage.output_tokens".into(), AttributeValue::Int(tokens))],
///     ..ReceivedSpan::default()
/// };
/// let errors = usage_errors(&[span("pipeline", None, 34), span("chat", Some("pipeline"), 34)]);
/// assert_eq!(errors[0].to_string(), r#"gen_ai.usage.output_tokens of "chat" is also on its ancestor "pipeline""#);
/// ```
pub fn usage_errors(spans: &[ReceivedSpan]) -> Vec<UsageError> {
    let places = places(spans);
    let mut errors = Vec::new();
    let mut own: Own<'_> = HashMap::new();
    for span in spans {
        repeated(span, &places, &mut errors);
        if let (true, Some(agent)) = (is_turn(span), own_agent(span, &places)) {
            own.entry(place(agent)).or_default().push(span);
        }
    }
    spans.iter().filter(|span| is(span, op::INVOKE_AGENT)).for_each(|agent| wrong_totals(agent, &own, &mut errors));
    errors
}

/// Trace and span id.
pub(super) type Place<'a> = (&'a str, &'a str);
pub(super) type Places<'a> = HashMap<Place<'a>, &'a ReceivedSpan>;
type Own<'a> = HashMap<Place<'a>, Vec<&'a ReceivedSpan>>;

pub(super) fn place(span: &ReceivedSpan) -> Place<'_> {
    (span.trace_id.as_str(), span.span_id.as_str())
}

pub(super) fn places(spans: &[ReceivedSpan]) -> Places<'_> {
    spans.iter().map(|span| (place(span), span)).collect()
}

/// From the parent upwards, each once: what was received may go round in circles.
pub(super) fn ancestors<'a, 'p>(
    span: &'a ReceivedSpan,
    places: &'p Places<'a>,
) -> impl Iterator<Item = &'a ReceivedSpan> + use<'a, 'p> {
    let mut seen = HashSet::from([span.span_id.as_str()]);
    let mut next = span.parent_span_id.as_deref();
    std::iter::from_fn(move || {
        let parent = places.get(&(span.trace_id.as_str(), next?)).copied()?;
        next = parent.parent_span_id.as_deref();
        seen.insert(parent.span_id.as_str()).then_some(parent)
    })
}

fn repeated(span: &ReceivedSpan, places: &Places<'_>, errors: &mut Vec<UsageError>) {
    let is_leaf = |key: &&str| LEAF_PREFIXES.iter().any(|prefix| key.starts_with(prefix));
    let keys: HashSet<&str> = span.attributes.iter().map(|(key, _)| key.as_str()).filter(is_leaf).collect();
    if keys.is_empty() {
        return;
    }
    let mut keys: Vec<&str> = keys.into_iter().collect();
    keys.sort_unstable();
    for ancestor in ancestors(span, places) {
        let twice = keys.iter().filter(|key| ancestor.attribute(key).is_some() && !may_repeat(ancestor, key));
        errors.extend(twice.map(|key| UsageError::Repeated {
            key: (*key).to_owned(),
            span: span.name.clone(),
            ancestor: ancestor.name.clone(),
        }));
    }
}

fn may_repeat(agent: &ReceivedSpan, key: &str) -> bool {
    is(agent, op::INVOKE_AGENT) && (agent.kind == SpanKind::Client || TOTALS.contains(&key))
}

fn own_agent<'a>(turn: &'a ReceivedSpan, places: &'a Places<'a>) -> Option<&'a ReceivedSpan> {
    let stops = |span: &ReceivedSpan| is(span, op::EXECUTE_TOOL) || is(span, op::INVOKE_WORKFLOW) || is_turn(span);
    let nearest = ancestors(turn, places).find(|span| is(span, op::INVOKE_AGENT) || stops(span))?;
    is(nearest, op::INVOKE_AGENT).then_some(nearest)
}

fn wrong_totals(agent: &ReceivedSpan, own: &Own<'_>, errors: &mut Vec<UsageError>) {
    let turns = own.get(&place(agent)).map_or(&[][..], Vec::as_slice);
    for key in TOTALS {
        let parts: Vec<i64> = turns.iter().filter_map(|turn| turn.int(key)).collect();
        let sum = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(*part));
        match agent.int(key) {
            Some(total) if !parts.is_empty() && total != sum => {
                errors.push(UsageError::WrongTotal { key: key.to_owned(), span: agent.name.clone(), total, sum });
            }
            _ => {}
        }
    }
}

pub(super) fn is(span: &ReceivedSpan, operation: &str) -> bool {
    span.attribute(attr::GEN_AI_OPERATION_NAME).and_then(AttributeValue::as_str) == Some(operation)
}

pub(super) fn is_turn(span: &ReceivedSpan) -> bool {
    [op::CHAT, op::GENERATE_CONTENT, op::TEXT_COMPLETION].iter().any(|operation| is(span, operation))
}

#[cfg(test)]
#[path = "usage_tests.rs"]
mod tests;
