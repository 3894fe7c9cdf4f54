//! The events of the conventions, and the spans they are written for.

use crate::rules::fields::equal;
use crate::rules::operations::Operation;
use crate::rules::{Activity, Lookup, keys};
use crate::semconv::{ATTRIBUTES, EVENTS, Event, SpanKind, attribute};

/// What a model was called with, and what came back.
pub(crate) const DETAILS: &Event = find("gen_ai.client.inference.operation.details");
/// Why a client operation failed.
pub(crate) const EXCEPTION: &Event = find("gen_ai.client.operation.exception");
/// How somebody judges what a model wrote.
pub(crate) const EVALUATION: &Event = find("gen_ai.evaluation.result");

/// The event of that name. For constants only: one that the registry lacks does not compile.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn find(name: &str) -> &'static Event {
    let mut at = 0;
    while !equal(EVENTS[at].name.as_bytes(), name.as_bytes()) {
        at += 1;
    }
    &EVENTS[at]
}

/// Which attributes the details have, by their place in the registry: this is asked of every attribute of every turn.
static DETAILED: [bool; ATTRIBUTES.len()] = listed(DETAILS);

/// Both lists are sorted, and one is part of the other.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn listed(event: &Event) -> [bool; ATTRIBUTES.len()] {
    let mut listed = [false; ATTRIBUTES.len()];
    let (mut at, mut next) = (0, 0);
    while at < ATTRIBUTES.len() && next < event.attributes.len() {
        if equal(ATTRIBUTES[at].key.as_bytes(), event.attributes[next].key.as_bytes()) {
            listed[at] = true;
            next += 1;
        }
        at += 1;
    }
    listed
}

/// Whether the details have a place for the attribute `key`, but for those of a template.
pub(crate) fn is_detail(key: &str) -> bool {
    matches!(keys::find(key), Lookup::Attribute(id) if DETAILED.get(id.index as usize) == Some(&true))
}

/// Whether `event` has a place for the attribute `key`, one of a template included.
pub(crate) fn has(event: &Event, key: &str) -> bool {
    let lists = |key: &str| event.attributes.binary_search_by(|row| row.key.cmp(key)).is_ok();
    lists(key) || attribute(key).is_some_and(|attribute| attribute.template && lists(attribute.key))
}

/// Whether spans of `operation` have that event.
pub(crate) fn is_of(event: &Event, operation: &Operation, kind: SpanKind) -> bool {
    type Row = (&'static Event, fn(Activity, SpanKind) -> bool);
    #[rustfmt::skip]
    const ROWS: &[Row] = &[
        // event     spans
        (DETAILS,    |activity, _| matches!(activity, Activity::Turn)),
        // Those of the Model Context Protocol are no operations of a GenAI client.
        (EXCEPTION,  |activity, kind| matches!(kind, SpanKind::Client) && !matches!(activity, Activity::Mcp)),
        (EVALUATION, |_, _| true),
    ];
    let row = ROWS.iter().find(|(known, _)| known.name == event.name);
    row.is_some_and(|(_, is_of)| is_of(operation.activity, kind))
}

/// The event that has a place for content of the attribute `key`.
pub(crate) fn with_content(key: &str) -> Option<&'static Event> {
    EVENTS.iter().find(|event| has(event, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::operations::{MCP_TOOL_CALL, OPERATIONS};

    #[test]
    fn every_event_of_the_registry_is_written() {
        let known = [DETAILS, EXCEPTION, EVALUATION];
        assert_eq!(EVENTS.len(), known.len());
        assert!(known.iter().all(|event| EVENTS.contains(event)));
    }

    #[test]
    fn content_has_one_event_or_none() {
        for attribute in ATTRIBUTES.iter().filter(|attribute| attribute.content) {
            let with = EVENTS.iter().filter(|event| has(event, attribute.key)).count();
            assert!(with <= 1, "{} has {with}", attribute.key);
        }
        assert!(has(DETAILS, "gen_ai.prompt.variable.city") && !has(DETAILS, "gen_ai.tool.call.result"));
        assert_eq!(with_content("exception.message"), Some(EXCEPTION));
        assert_eq!(with_content("agentic.log.message"), None);
    }

    #[test]
    fn details_are_known_at_a_glance() {
        for attribute in ATTRIBUTES {
            assert_eq!(is_detail(attribute.key), has(DETAILS, attribute.key), "{}", attribute.key);
        }
        assert!(!is_detail("tenant"));
    }

    #[test]
    fn turns_have_details_and_clients_exceptions() {
        let of = |event: &'static Event| {
            let rows = OPERATIONS.iter().filter(move |row| is_of(event, row, row.kind));
            rows.filter_map(|row| row.name).collect::<Vec<_>>()
        };
        assert_eq!(of(DETAILS), ["chat", "generate_content", "text_completion"]);
        let not: Vec<_> = OPERATIONS.iter().filter(|row| !is_of(EXCEPTION, row, row.kind)).collect();
        assert!(not.iter().all(|row| row.kind == SpanKind::Internal), "{not:?}");
        assert!(!is_of(EXCEPTION, MCP_TOOL_CALL, SpanKind::Client));
    }
}
