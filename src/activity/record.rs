//! Values onto an open span, whoever started it: of their type and within their limits, or counted.

use opentelemetry::{KeyValue, Value};

use crate::rules::FieldId;
use crate::span::{Brought, Coerced, Count, Open, bring};

/// Sets an attribute; the last value before the end counts.
pub(crate) fn record(open: &dyn Open, id: FieldId, mut value: Value) {
    match bring(id, &mut value) {
        Ok(Brought::Whole) => open.set(id, KeyValue::new(id.key(), value)),
        other => record_other(open, id, value, other),
    }
}

/// [`record`], unless it was given before.
pub(crate) fn complete(open: &dyn Open, id: FieldId, value: Value) {
    if !open.has(id) {
        record(open, id, value);
    }
}

/// Of a value that did not come as it should be, what there is to record and to count.
#[cold]
fn record_other(open: &dyn Open, id: FieldId, value: Value, brought: Result<Brought, Coerced>) {
    let shared = &open.about().shared;
    match brought {
        Ok(_) => {
            shared.count(Count::ValueCut, id.key());
            open.set(id, KeyValue::new(id.key(), value));
        }
        Err(Coerced::Omitted) => {}
        Err(_) => shared.count(Count::RefusedValue, id.key()),
    }
}
