//! What is put right when a span ends that was read from fields: only then its last values are known.

use opentelemetry::Value;

use crate::rules::{Activity, FieldId};
use crate::semconv::{SpanKind, attr};
use crate::span::attributes::Attributes;
use crate::span::open::About;
use crate::span::start::Entrance;

const INPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_INPUT_TOKENS);
const OUTPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_OUTPUT_TOKENS);

/// What the conventions list for model calls only. On an agent in this process a sum over spans would count them twice.
#[rustfmt::skip]
const PARTS_OF_USAGE: &[FieldId] = &[
    FieldId::of(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
    FieldId::of(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),
    FieldId::of(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),
];

/// Takes out what the crate that made the span cannot have meant.
pub(crate) fn at_end(about: &About, attributes: &mut Attributes) {
    if about.entrance != Entrance::Fields {
        return;
    }
    match about.activity() {
        Activity::Turn => without_unknown_usage(attributes),
        Activity::Agent if about.kind == SpanKind::Internal => {
            PARTS_OF_USAGE.iter().for_each(|part| attributes.remove(*part));
        }
        _ => {}
    }
}

/// No model answers without having read anything: 0 input tokens are a counter that nobody filled (rig-core before
/// 0.41, harness-rs-loop 0.0.66). Absent, as the conventions want an unknown count.
fn without_unknown_usage(attributes: &mut Attributes) {
    // A glance at the values costs less than a look for a key.
    if attributes.as_slice().iter().any(|pair| matches!(pair.value, Value::I64(0))) {
        without_zeros(attributes);
    }
}

#[cold]
fn without_zeros(attributes: &mut Attributes) {
    if attributes.get(INPUT) != Some(&Value::I64(0)) {
        return;
    }
    for id in PARTS_OF_USAGE.iter().chain([&INPUT, &OUTPUT]) {
        if attributes.get(*id) == Some(&Value::I64(0)) {
            attributes.remove(*id);
        }
    }
}
