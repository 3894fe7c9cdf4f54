//! Plain spans with `gen_ai.*` fields → the same [`Start`] that a typed guard makes.

use std::mem;

use opentelemetry::trace::SpanKind as Kind;
use opentelemetry::{KeyValue, Value};

use crate::rules::operations::{self, COMMAND, COMMAND_FIELDS, FINGERPRINTS, Operation};
use crate::rules::{Activity, FieldId};
use crate::semconv::{SpanKind, attr};
use crate::span::attributes::{Attributes, take};
use crate::span::coerce::{Coerced, coerce};
use crate::span::gate::{self, Passed};
use crate::span::inherited::Inherited;
use crate::span::shared::Shared;
use crate::span::start::{Entrance, Start};
use crate::span::stats::Count;

const OPERATION_NAME: FieldId = FieldId::of(attr::GEN_AI_OPERATION_NAME);
const METHOD: FieldId = FieldId::of(attr::MCP_METHOD_NAME);

/// Attributes that a turn gets late, usage and all.
const TURN_CAPACITY: usize = 16;

/// A GenAI span read from fields.
pub(crate) struct Recognised {
    pub(crate) start: Start,
    /// What may still change until the end.
    pub(crate) late: Attributes,
    pub(crate) others: Vec<KeyValue>,
}

/// The kind of GenAI span that `attributes` make it, if any.
pub(crate) fn operation(attributes: &[KeyValue]) -> Option<&'static Operation> {
    let mut operation = None;
    // The last value counts, as for every attribute; one that is no operation's name is none.
    for pair in attributes.iter().rev() {
        match pair.key.as_str() {
            attr::GEN_AI_OPERATION_NAME if operation.is_none() => operation = named(&pair.value),
            // First of all: a tool call of this protocol has the name of an operation, too.
            attr::MCP_METHOD_NAME => {
                if let Some(mcp) = by_method(&pair.value) {
                    return Some(mcp);
                }
            }
            _ => {}
        }
    }
    operation.map(|operation| refined(operation, attributes)).or_else(|| fingerprint(attributes))
}

/// A tool that runs commands is known by what it says of the process.
fn refined(operation: &'static Operation, attributes: &[KeyValue]) -> &'static Operation {
    if operation.activity != Activity::Tool {
        return operation;
    }
    // Other tools are done with one comparison a field.
    let mut of_a_process = attributes.iter().map(|pair| pair.key.as_str()).filter(|key| key.starts_with("process."));
    let is_command = of_a_process.any(|key| COMMAND_FIELDS.iter().any(|field| field.key() == key));
    if is_command { COMMAND } else { operation }
}

/// Whether a span says of itself that it is a GenAI span, by an operation that no table knows: what happens in it is
/// not for export either.
pub(crate) fn is_unlisted(attributes: Option<&[KeyValue]>) -> bool {
    attributes.unwrap_or_default().iter().any(|pair| pair.key.as_str() == attr::GEN_AI_OPERATION_NAME)
}

fn fingerprint(attributes: &[KeyValue]) -> Option<&'static Operation> {
    // All of them are our own keys: other spans are done with one comparison a field.
    let ours = attributes.iter().filter(|pair| pair.key.as_str().starts_with("agentic."));
    let known = |pair: &KeyValue| FINGERPRINTS.iter().find(|(field, _)| field.key() == pair.key.as_str());
    ours.filter_map(known).map(|(_, operation)| *operation).next()
}

fn named(value: &Value) -> Option<&'static Operation> {
    let Value::String(text) = value else { return None };
    operations::operation(text.as_str()).or_else(|| match coerce(OPERATION_NAME, value.clone()) {
        Coerced::Value(Value::String(name)) => operations::operation(name.as_str()),
        _ => None,
    })
}

fn by_method(value: &Value) -> Option<&'static Operation> {
    match coerce(METHOD, value.clone()) {
        Coerced::Value(Value::String(method)) => Some(operations::mcp(method.as_str())),
        _ => None,
    }
}

/// Reads the fields of a GenAI span: the last value of a key counts, aliases become the registry's keys.
pub(crate) fn read(shared: &Shared, operation: &'static Operation, attributes: &mut Vec<KeyValue>) -> Recognised {
    let mut identity = Inherited::default();
    let mut late = Attributes::with_capacity(if operation.activity == Activity::Turn { TURN_CAPACITY } else { 0 });
    let mut others = Vec::new();
    let mut start = Attributes::of(mem::take(attributes), |pair| match gate::attribute(shared, pair) {
        Passed::Field(id) if id == OPERATION_NAME && operation.name.is_none() => {
            // A name that no table knows, or that the conventions do not want on such a span.
            shared.count(Count::RefusedValue, id.key());
            None
        }
        Passed::Field(id) if id.at_start => {
            identity.keep(id, pair);
            Some(id)
        }
        Passed::Field(id) => {
            late.put(id, take(pair));
            None
        }
        Passed::Other => {
            set_other(&mut others, take(pair));
            None
        }
        Passed::No => None,
    });
    if let Some(name) = operation.name
        && start.text(OPERATION_NAME) != Some(name)
    {
        start.set(OPERATION_NAME, name);
    }
    Recognised { start: Start { identity, ..Start::new(Entrance::Fields, operation, start) }, late, others }
}

fn set_other(others: &mut Vec<KeyValue>, pair: KeyValue) {
    match others.iter_mut().find(|held| held.key == pair.key) {
        Some(held) => *held = pair,
        None => others.push(pair),
    }
}

/// The kind by rule; the one a span asks for only where the conventions leave the choice.
pub(crate) fn kind(operation: &Operation, asked: Option<&Kind>) -> SpanKind {
    let asked = match asked {
        Some(Kind::Client) => SpanKind::Client,
        Some(Kind::Internal) => SpanKind::Internal,
        Some(Kind::Server) => SpanKind::Server,
        _ => return operation.kind,
    };
    if operation.other_kind == Some(asked) { asked } else { operation.kind }
}
