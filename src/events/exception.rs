//! Why a client operation failed: one event a span that failed with a known error.

use opentelemetry::KeyValue;

use crate::events::record::Record;
use crate::events::structured::attribute_of;
use crate::rules::FieldId;
use crate::rules::events::{EXCEPTION, has, is_of};
use crate::semconv::attr;
use crate::span::{Dialects, Ending};

const TYPE: FieldId = FieldId::of(attr::EXCEPTION_TYPE);

/// What it tells of its span besides: what metrics of the same operation are grouped by.
const OF_SPAN: [FieldId; 6] = [
    FieldId::of(attr::GEN_AI_OPERATION_NAME),
    FieldId::of(attr::GEN_AI_PROVIDER_NAME),
    FieldId::of(attr::GEN_AI_REQUEST_MODEL),
    FieldId::of(attr::ERROR_TYPE),
    FieldId::of(attr::SERVER_ADDRESS),
    FieldId::of(attr::SERVER_PORT),
];

/// Whether a span can have the event. Of two turns that tell of one call the outer one has.
pub(crate) fn is_told(span: &Ending<'_>) -> bool {
    span.failed && is_of(EXCEPTION, span.about.operation, span.about.kind) && !span.about.is_nested_turn()
}

/// Whether it has a place for content of the attribute `key`.
pub(crate) fn has_place(key: &str) -> bool {
    has(EXCEPTION, key)
}

/// `gen_ai.client.operation.exception`; none of an error of which nothing is known but that there was one.
pub(crate) fn exception(span: &Ending<'_>, dialects: Dialects) -> Vec<Record> {
    let exception = span.content.and_then(|held| held.exception());
    let mut told: Vec<KeyValue> = match exception {
        Some(exception) => exception.attributes.clone(),
        // Said by fields of the span itself.
        None => span.content_of(EXCEPTION).cloned().collect(),
    };
    let has_type = told.iter().any(|pair| pair.key.as_str() == attr::EXCEPTION_TYPE);
    if let (false, Some(known)) = (has_type, span.get(TYPE)) {
        told.push(KeyValue::new(attr::EXCEPTION_TYPE, known.clone()));
    }
    if !told.iter().any(|pair| has(EXCEPTION, pair.key.as_str())) {
        return Vec::new();
    }
    told.extend(OF_SPAN.iter().filter_map(|id| Some(KeyValue::new(id.key(), span.get(*id)?.clone()))));
    let mut attributes = told.iter().filter_map(attribute_of).collect();
    dialects.rewrite(&mut attributes);
    vec![Record::of(EXCEPTION, exception.map_or(span.at, |exception| exception.at), attributes)]
}
