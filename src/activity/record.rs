//! Values onto an open span, whoever started it: of their type and within their limits, or counted.

use opentelemetry::{KeyValue, Value};

use crate::rules::FieldId;
use crate::span::{Brought, Coerced, Count, Open, bring};

/// Sets an attribute; the last value before the end counts.
pub(crate) fn record(open: &dyn Open, id: FieldId, value: Value) {
    if let Some(value) = admitted(open, id, value) {
        open.set(id, KeyValue::new(id.key(), value));
    }
}

/// Says what the request under way came to: it counts if no other follows, and nobody says otherwise until the end.
pub(crate) fn say(open: &dyn Open, id: FieldId, value: Value) {
    if !open.has(id)
        && let Some(value) = admitted(open, id, value)
    {
        open.about().calls.say(id, value);
    }
}

/// [`record`], unless it was given before.
pub(crate) fn complete(open: &dyn Open, id: FieldId, value: Value) {
    if !open.has(id) {
        record(open, id, value);
    }
}

/// The value as its attribute takes it.
fn admitted(open: &dyn Open, id: FieldId, mut value: Value) -> Option<Value> {
    match bring(id, &mut value) {
        Ok(Brought::Whole) => Some(value),
        other => other_than_it_should(open, id, other).then_some(value),
    }
}

/// Counts a value that did not come as it should be; `true` if there is something left to record.
#[cold]
fn other_than_it_should(open: &dyn Open, id: FieldId, brought: Result<Brought, Coerced>) -> bool {
    let shared = &open.about().shared;
    match brought {
        Ok(_) => shared.count(Count::ValueCut, id.key()),
        Err(Coerced::Omitted) => {}
        Err(_) => shared.count(Count::RefusedValue, id.key()),
    }
    brought.is_ok()
}
