//! Plain spans with `gen_ai.*` fields → the same [`Start`] that a typed guard makes.

use std::mem;

use opentelemetry::trace::SpanKind as Kind;
use opentelemetry::{KeyValue, Value};

use crate::rules::fields::{self, START_FIELDS};
use crate::rules::operations::{self, FINGERPRINTS, Operation};
use crate::rules::{FieldId, Lookup};
use crate::semconv::{SpanKind, attr};
use crate::span::attributes::Attributes;
use crate::span::coerce::{Coerced, coerce};
use crate::span::gate::{self, Passed};
use crate::span::shared::Shared;
use crate::span::start::{Entrance, Start};

const OPERATION_NAME: FieldId = FieldId::of(attr::GEN_AI_OPERATION_NAME);

/// A GenAI span read from fields.
pub(crate) struct Recognised {
    pub(crate) start: Start,
    /// What may still change until the end.
    pub(crate) late: Attributes,
    pub(crate) others: Vec<KeyValue>,
}

/// The kind of GenAI span that `attributes` make it, if any.
pub(crate) fn operation(attributes: &[KeyValue]) -> Option<&'static Operation> {
    let mut fingerprint = None;
    for pair in attributes {
        let Lookup::Attribute(id) = fields::find(pair.key.as_str()) else { continue };
        if id == OPERATION_NAME {
            if let Some(operation) = named(&pair.value) {
                return Some(operation);
            }
        } else if fingerprint.is_none() {
            fingerprint = FINGERPRINTS.iter().find(|(field, _)| *field == id).map(|(_, operation)| *operation);
        }
    }
    fingerprint
}

fn named(value: &Value) -> Option<&'static Operation> {
    let Value::String(text) = value else { return None };
    operations::operation(text.as_str()).or_else(|| match coerce(OPERATION_NAME, value.clone()) {
        Coerced::Value(Value::String(name)) => operations::operation(name.as_str()),
        _ => None,
    })
}

/// Reads the fields of a GenAI span: the last value of a key counts, aliases become the registry's keys.
pub(crate) fn read(shared: &Shared, operation: &'static Operation, attributes: &mut Vec<KeyValue>) -> Recognised {
    let mut read = Recognised {
        start: Start::new(Entrance::Fields, operation),
        late: Attributes::with_capacity(attributes.len()),
        others: Vec::new(),
    };
    for pair in mem::take(attributes) {
        match gate::attribute(shared, pair) {
            Some(Passed::Field(id, value)) if START_FIELDS.contains(id) => read.start.set(id, value),
            Some(Passed::Field(id, value)) => read.late.set(id, value),
            Some(Passed::Other(pair)) => set_other(&mut read.others, pair),
            None => {}
        }
    }
    read
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
