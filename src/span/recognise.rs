//! Plain spans with `gen_ai.*` fields → the same [`Start`] that a typed guard makes.

use std::mem;

use opentelemetry::trace::SpanKind as Kind;
use opentelemetry::{KeyValue, Value};

use crate::rules::FieldId;
use crate::rules::foreign::{self, Mark};
use crate::rules::operations::{FINGERPRINTS, Operation};
use crate::semconv::{SpanKind, attr};
use crate::span::attributes::{Attributes, take};
use crate::span::coerce::{Coerced, coerce};
use crate::span::gate::{self, Passed};
use crate::span::identity::Identity;
use crate::span::shared::Shared;
use crate::span::start::{Entrance, Start};

const OPERATION_NAME: FieldId = FieldId::of(attr::GEN_AI_OPERATION_NAME);
const STREAM: FieldId = FieldId::of(attr::GEN_AI_REQUEST_STREAM);

/// Attributes that a turn gets late, usage and all.
const LATE_CAPACITY: usize = 16;

/// A GenAI span read from fields.
pub(crate) struct Recognised {
    pub(crate) start: Start,
    /// What may still change until the end.
    pub(crate) late: Attributes,
    pub(crate) others: Vec<KeyValue>,
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
    let (mut named_itself, mut says_something) = (false, false);
    // Backwards: the last value counts, as for every attribute; one that is no operation's name is none. By the first
    // letter: nearly every span is none of ours, and is done with one comparison a field.
    for pair in attributes.iter().rev() {
        let key = pair.key.as_str();
        if key == attr::GEN_AI_OPERATION_NAME {
            match named(&pair.value) {
                Some(operation) => return Seen::Operation(operation),
                None => named_itself = true,
            }
        }
        match key.as_bytes().first() {
            Some(b'a') => says_something |= key.starts_with("agentic."),
            Some(b'l' | b'o') => says_something |= foreign::is_mark(key),
            _ => {}
        }
    }
    match (named_itself, says_something) {
        (false, false) => Seen::Nothing,
        (false, true) => look_closer(attributes, Seen::Nothing),
        (true, _) => look_closer(attributes, Seen::Unlisted),
    }
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

/// Reads the fields of a GenAI span: the last value of a key counts, aliases become the registry's keys.
pub(crate) fn read(shared: &Shared, operation: &'static Operation, attributes: &mut Vec<KeyValue>) -> Recognised {
    let mut identity = Identity::default();
    let mut late = Attributes::with_capacity(LATE_CAPACITY);
    let mut others = Vec::new();
    let mut start = Attributes::of(mem::take(attributes), |pair| match gate::attribute(shared, pair) {
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
        if start.text(OPERATION_NAME).and_then(foreign::other_name).is_some_and(|other| other.streamed) {
            late.set(STREAM, true);
        }
        start.set(OPERATION_NAME, name);
    }
    Recognised { start: Start { identity, ..Start::new(Entrance::Fields, operation, start) }, late, others }
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
        _ => return operation.kind,
    };
    if operation.other_kind == Some(asked) { asked } else { operation.kind }
}
