//! Plain spans with `gen_ai.*` fields → the same [`Start`] that a typed guard makes.

use std::mem;

use opentelemetry::trace::SpanKind as Kind;
use opentelemetry::{KeyValue, Value};

use crate::rules::foreign::{self, Mark};
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
const STREAM: FieldId = FieldId::of(attr::GEN_AI_REQUEST_STREAM);

/// A GenAI span read from fields.
pub(crate) struct Recognised {
    pub(crate) start: Start,
    /// What may still change until the end.
    pub(crate) late: Attributes,
    pub(crate) others: Vec<KeyValue>,
    /// What a content policy will be asked about.
    pub(crate) content: Vec<KeyValue>,
}

/// What a span says of itself by the fields it has at its start.
#[derive(Debug)]
pub(crate) enum Seen {
    /// It is a GenAI span.
    Operation(&'static Operation),
    /// It says so, by an operation that no table knows: what happens in it is not for export either.
    Unlisted,
    Nothing,
}

/// What `attributes` make of a span.
pub(crate) fn look(attributes: &mut Vec<KeyValue>) -> Seen {
    let (mut operation, mut named_itself, mut says_something, mut has_process) = (None, false, false, false);
    // Backwards: the last value counts, as for every attribute; one that is no operation's name is none. By the first
    // letter: nearly every span is none of ours, and is done with one comparison a field.
    for pair in attributes.iter().rev() {
        let key = pair.key.as_str();
        match key.as_bytes().first() {
            Some(b'g') if operation.is_none() && key == attr::GEN_AI_OPERATION_NAME => {
                operation = named(&pair.value);
                named_itself = true;
            }
            // First of all: a tool call of this protocol has the name of an operation, too.
            Some(b'm') if key == attr::MCP_METHOD_NAME => {
                if let Some(mcp) = by_method(&pair.value) {
                    return Seen::Operation(mcp);
                }
            }
            Some(b'p') => has_process |= key.starts_with("process."),
            Some(b'a') => says_something |= key.starts_with("agentic."),
            Some(b'l' | b'o') => says_something |= foreign::is_mark(key),
            _ => {}
        }
    }
    match operation {
        Some(tool) if has_process => Seen::Operation(refined(tool, attributes)),
        Some(operation) => Seen::Operation(operation),
        None if says_something => look_closer(attributes, if named_itself { Seen::Unlisted } else { Seen::Nothing }),
        None if named_itself => Seen::Unlisted,
        None => Seen::Nothing,
    }
}

/// A tool that runs commands is known by what it says of the process.
#[cold]
fn refined(operation: &'static Operation, attributes: &[KeyValue]) -> &'static Operation {
    let is_of_a_command = |pair: &KeyValue| COMMAND_FIELDS.iter().any(|field| field.key() == pair.key.as_str());
    if operation.activity == Activity::Tool && attributes.iter().any(is_of_a_command) { COMMAND } else { operation }
}

#[cold]
fn look_closer(attributes: &mut Vec<KeyValue>, otherwise: Seen) -> Seen {
    if let Some(operation) = fingerprint(attributes) {
        return Seen::Operation(operation);
    }
    let Some(mark) = marks(attributes).max_by_key(|mark| mark.operation.is_some()) else { return otherwise };
    give_way(attributes);
    mark.operation.map_or(Seen::Unlisted, Seen::Operation)
}

/// Fields by which the spans of other crates are known.
fn marks(attributes: &[KeyValue]) -> impl Iterator<Item = &'static Mark> {
    let marked = attributes.iter().filter(|pair| foreign::is_mark(pair.key.as_str()));
    marked.filter_map(|pair| foreign::mark(pair.key.as_str(), &pair.value.as_str()))
}

fn fingerprint(attributes: &[KeyValue]) -> Option<&'static Operation> {
    let ours = attributes.iter().filter(|pair| pair.key.as_str().starts_with("agentic."));
    let known = |pair: &KeyValue| FINGERPRINTS.iter().find(|(field, _)| field.key() == pair.key.as_str());
    ours.filter_map(known).map(|(_, operation)| *operation).next()
}

fn named(value: &Value) -> Option<&'static Operation> {
    let Value::String(text) = value else { return None };
    foreign::named(text.as_str()).or_else(|| match coerce(OPERATION_NAME, value.clone()) {
        Coerced::Value(Value::String(name)) => foreign::named(name.as_str()),
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
    let mut late = Attributes::late(operation);
    let (mut others, mut content) = (Vec::new(), Vec::new());
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
        Passed::Content => {
            content.push(take(pair));
            None
        }
        Passed::No => None,
    });
    if let Some(name) = operation.name
        && start.text(OPERATION_NAME) != Some(name)
    {
        if start.text(OPERATION_NAME).and_then(foreign::other_name).is_some_and(|other| other.streamed) {
            late.set(STREAM, true);
        }
        start.set(OPERATION_NAME, name);
    }
    Recognised { start: Start { identity, ..Start::new(Entrance::Fields, operation, start) }, late, others, content }
}

/// Takes out the keys that stand for the same attribute as a better one that is there too.
fn give_way(attributes: &mut Vec<KeyValue>) {
    for (key, to) in foreign::GIVES_WAY {
        if attributes.iter().any(|pair| pair.key.as_str() == *to) {
            attributes.retain(|pair| pair.key.as_str() != *key);
        }
    }
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
