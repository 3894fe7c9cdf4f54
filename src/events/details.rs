//! What a model was called with, and what came back: one event a call.

use opentelemetry::Key;
use opentelemetry::logs::AnyValue;

use crate::events::record::Record;
use crate::events::structured::attribute_of;
use crate::rules::events::{DETAILS, has, is_of};
use crate::span::{Dialects, Ending};

/// Whether a span has the event. Of two turns that tell of one call the outer one has.
pub(crate) fn is_told(span: &Ending<'_>) -> bool {
    is_of(DETAILS, span.about.operation, span.about.kind) && !span.about.is_nested_turn()
}

/// `gen_ai.client.inference.operation.details`.
pub(crate) fn details(span: &Ending<'_>, dialects: Dialects) -> Vec<Record> {
    let metadata = span.attributes().filter(|pair| has(DETAILS, pair.key.as_str()));
    let content = span.content_of(DETAILS);
    let mut attributes: Vec<(Key, AnyValue)> = metadata.chain(content).filter_map(attribute_of).collect();
    dialects.rewrite(&mut attributes);
    vec![Record::of(DETAILS, span.at, attributes)]
}
