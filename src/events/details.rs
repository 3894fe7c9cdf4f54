//! What a model was called with, and what came back: one event a call.

use opentelemetry::Key;
use opentelemetry::logs::AnyValue;

use crate::events::record::Record;
use crate::events::structured::{attribute_of, plain};
use crate::rules::events::{DETAILS, has, is_detail, is_of};
use crate::span::{Dialects, Ending};

/// Whether a span has the event. Of two turns that tell of one call the outer one has.
pub(crate) fn is_told(span: &Ending<'_>) -> bool {
    is_of(DETAILS, span.about.operation, span.about.kind) && !span.about.is_nested_turn()
}

/// Whether it has a place for content of the attribute `key`.
pub(crate) fn has_place(key: &str) -> bool {
    has(DETAILS, key)
}

/// `gen_ai.client.inference.operation.details`.
pub(crate) fn details(span: &Ending<'_>, dialects: Dialects) -> Vec<Record> {
    let metadata = span.attributes().filter(|pair| is_detail(pair.key.as_str()));
    // A turn with its usage and its reply.
    let mut attributes: Vec<(Key, AnyValue)> = Vec::with_capacity(24);
    attributes.extend(metadata.map(|pair| (pair.key.clone(), plain(&pair.value))));
    attributes.extend(span.content_of(DETAILS).filter_map(attribute_of));
    dialects.rewrite(&mut attributes);
    vec![Record::of(DETAILS, span.at, attributes)]
}
