//! What other crates call the conventions' operations, and the fields by which their spans are known.

use crate::rules::operations::{Operation, operation, row_of};
use crate::semconv::value::gen_ai_operation_name as op;

/// Another name of an operation.
#[derive(Debug)]
pub(crate) struct OtherName {
    pub(crate) written: &'static str,
    pub(crate) operation: &'static Operation,
    /// Whether the name says that the reply is streamed.
    pub(crate) streamed: bool,
}

const fn whole(written: &'static str, name: &str) -> OtherName {
    OtherName { written, operation: row_of(name), streamed: false }
}

const fn streamed(written: &'static str, name: &str) -> OtherName {
    OtherName { written, operation: row_of(name), streamed: true }
}

/// Values of `gen_ai.operation.name` that the registry does not list, for operations that it does; sorted.
#[rustfmt::skip]
pub(crate) const OTHER_NAMES: &[OtherName] = &[
    //       written                   is                        seen in
    streamed("chat_streaming",         op::CHAT),             // rig-core 0.21 to 0.40
    whole(   "interactions",           op::GENERATE_CONTENT), // rig-core 0.33 to 0.40, Gemini's second API
    streamed("interactions_streaming", op::GENERATE_CONTENT), // rig-core 0.33 to 0.40
    whole(   "structured_output",      op::CHAT),             // llmprism 0.4
];

/// The row of another name of an operation.
pub(crate) fn other_name(written: &str) -> Option<&'static OtherName> {
    OTHER_NAMES.iter().find(|row| row.written == written)
}

/// A field at the start of a span, and what it says.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) key: &'static str,
    pub(crate) value: &'static str,
    /// `None`: part of an agent's work, but no operation of the conventions.
    pub(crate) operation: Option<&'static Operation>,
}

type Row = (&'static str, &'static str, Option<&'static str>);

const fn row((key, value, name): Row) -> Mark {
    let operation = match name {
        Some(name) => Some(row_of(name)),
        None => None,
    };
    Mark { key, value, operation }
}

const LANGFUSE: &str = "langfuse.observation.type";
const SWIFTIDE: &str = "langfuse.type";
const REQUEST_TYPE: &str = "llm.request.type";
const OPENINFERENCE: &str = "openinference.span.kind";

/// What makes a span without a known `gen_ai.operation.name` an agent's.
///
/// A span's name alone is no mark: every second program has an `agent.run` of its own.
#[rustfmt::skip]
pub(crate) const MARKS: &[Mark] = &[
    //   key at start    value            is                                seen in
    row((LANGFUSE,       "agent",         Some(op::INVOKE_AGENT))),      // langfuse SDKs
    row((LANGFUSE,       "chain",         None)),
    row((LANGFUSE,       "embedding",     Some(op::EMBEDDINGS))),
    row((LANGFUSE,       "evaluator",     None)),
    row((LANGFUSE,       "generation",    Some(op::CHAT))),
    row((LANGFUSE,       "guardrail",     None)),
    row((LANGFUSE,       "retriever",     Some(op::RETRIEVAL))),
    row((LANGFUSE,       "tool",          Some(op::EXECUTE_TOOL))),
    row((SWIFTIDE,       "GENERATION",    Some(op::CHAT))),              // swiftide 0.33 with its feature langfuse
    row((REQUEST_TYPE,   "chat",          Some(op::CHAT))),              // traceloop hub, openllmetry
    row((REQUEST_TYPE,   "completion",    Some(op::TEXT_COMPLETION))),
    row((REQUEST_TYPE,   "embeddings",    Some(op::EMBEDDINGS))),
    row((OPENINFERENCE,  "AGENT",         Some(op::INVOKE_AGENT))),      // openinference-semantic-conventions 0.1.1
    row((OPENINFERENCE,  "CHAIN",         None)),
    row((OPENINFERENCE,  "EMBEDDING",     Some(op::EMBEDDINGS))),
    row((OPENINFERENCE,  "EVALUATOR",     None)),
    row((OPENINFERENCE,  "GUARDRAIL",     None)),
    row((OPENINFERENCE,  "LLM",           Some(op::CHAT))),
    row((OPENINFERENCE,  "RERANKER",      None)),
    row((OPENINFERENCE,  "RETRIEVER",     Some(op::RETRIEVAL))),
    row((OPENINFERENCE,  "TOOL",          Some(op::EXECUTE_TOOL))),
];

/// Whether `key` is that of a mark.
#[inline]
pub(crate) fn is_mark(key: &str) -> bool {
    matches!(key, LANGFUSE | SWIFTIDE | REQUEST_TYPE | OPENINFERENCE)
}

/// The row of a mark.
#[cold]
pub(crate) fn mark(key: &str, value: &str) -> Option<&'static Mark> {
    MARKS.iter().find(|row| row.key == key && row.value.eq_ignore_ascii_case(value))
}

/// The operation of a name, whoever wrote it.
pub(crate) fn named(name: &str) -> Option<&'static Operation> {
    operation(name).or_else(|| other_name(name).map(|row| row.operation))
}

/// A key that gives way to another: what [`ALIASES`](crate::rules::fields::ALIASES) makes the same attribute is told
/// twice, and the better one is not always the later one.
#[rustfmt::skip]
pub(crate) const GIVES_WAY: &[(&str, &str)] = &[
    // key          to             why
    ("llm.system", "llm.provider"), // OpenInference: the maker of the model, and who hosts it
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fields::ALIASES;

    #[test]
    fn other_names_are_sorted_and_none_of_the_registrys() {
        assert!(OTHER_NAMES.is_sorted_by(|a, b| a.written < b.written));
        for row in OTHER_NAMES {
            assert!(operation(row.written).is_none(), "{} is an operation of the registry", row.written);
            assert_eq!(named(row.written).map(Operation::label), Some(row.operation.label()));
        }
    }

    #[test]
    fn marks_are_sorted_and_every_key_of_theirs_is_looked_for() {
        assert!(MARKS.is_sorted_by(|a, b| (a.key, a.value) < (b.key, b.value)));
        for row in MARKS {
            assert!(is_mark(row.key), "{} is not in is_mark", row.key);
            assert!(mark(row.key, row.value).is_some());
        }
        for key in ["otel.name", "level", "langfuse.session.id", "openinference.span.kin", ""] {
            assert!(!is_mark(key), "{key}");
        }
    }

    #[test]
    fn what_gives_way_is_the_same_attribute() {
        let of = |key: &str| ALIASES.iter().find(|alias| alias.key == key).map(|alias| alias.to);
        for (key, to) in GIVES_WAY {
            assert_eq!((of(key), of(key).is_some()), (of(to), true), "{key}");
        }
    }
}
