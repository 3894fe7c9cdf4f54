//! Operation → span kind and name; the fields that make a span one of ours.

use crate::rules::fields::{FieldId, equal};
use crate::semconv::{SpanKind, attr, value::gen_ai_operation_name as op};

/// What a GenAI span stands for. Decides what flows down to it and up from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// A run of a workflow.
    Workflow,
    /// An agent at work: an operation of kind prompt or skill, a delegated task, a remote agent.
    Agent,
    /// An operation that is no agent invocation.
    Operation,
    /// One call of a model.
    Turn,
    /// One execution of a tool.
    Tool,
    /// One compaction of a conversation's context.
    Compaction,
    /// Any other operation of the conventions: embeddings, retrieval, memory, plan …
    Other,
}

/// One kind of GenAI span.
#[derive(Debug)]
pub(crate) struct Operation {
    /// `gen_ai.operation.name`; `None` for our own spans, which the conventions do not list.
    pub(crate) name: Option<&'static str>,
    /// First word of the span name.
    pub(crate) word: &'static str,
    pub(crate) kind: SpanKind,
    /// Another kind the conventions allow, taken only if the span asks for it.
    pub(crate) other_kind: Option<SpanKind>,
    /// Second word of the span name, when the span has it.
    pub(crate) target: Option<FieldId>,
    pub(crate) activity: Activity,
}

impl Operation {
    /// Whether a span of it belongs below another GenAI span: only these three begin something by themselves.
    pub(crate) fn belongs_below(&self) -> bool {
        !matches!(self.activity, Activity::Workflow | Activity::Agent | Activity::Operation)
    }
}

type Row = (&'static str, Activity, SpanKind, Option<SpanKind>, Option<&'static str>);

const fn row((name, activity, kind, other_kind, target): Row) -> Operation {
    let target = match target {
        Some(key) => Some(FieldId::of(key)),
        None => None,
    };
    Operation { name: Some(name), word: name, kind, other_kind, target, activity }
}

use Activity::{Agent, Compaction, Other, Tool, Turn, Workflow};
use SpanKind::{Client, Internal};

/// Every operation of the registry, sorted by name.
#[rustfmt::skip]
pub(crate) const OPERATIONS: &[Operation] = &[
    //   gen_ai.operation.name     activity    kind        also allowed      second word of the span name
    row((op::CHAT,                 Turn,       Client,     Some(Internal),   Some(attr::GEN_AI_REQUEST_MODEL))),
    row((op::CREATE_AGENT,         Other,      Client,     None,             Some(attr::GEN_AI_AGENT_NAME))),
    row((op::CREATE_MEMORY,        Other,      Client,     Some(Internal),   None)),
    row((op::CREATE_MEMORY_STORE,  Other,      Client,     Some(Internal),   None)),
    row((op::DELETE_MEMORY,        Other,      Client,     Some(Internal),   None)),
    row((op::DELETE_MEMORY_STORE,  Other,      Client,     Some(Internal),   None)),
    row((op::EMBEDDINGS,           Other,      Client,     None,             Some(attr::GEN_AI_REQUEST_MODEL))),
    row((op::EXECUTE_TOOL,         Tool,       Internal,   None,             Some(attr::GEN_AI_TOOL_NAME))),
    row((op::FETCH_RESPONSE,       Other,      Client,     None,             None)),
    row((op::GENERATE_CONTENT,     Turn,       Client,     Some(Internal),   Some(attr::GEN_AI_REQUEST_MODEL))),
    row((op::INVOKE_AGENT,         Agent,      Internal,   Some(Client),     Some(attr::GEN_AI_AGENT_NAME))),
    row((op::INVOKE_WORKFLOW,      Workflow,   Internal,   None,             Some(attr::GEN_AI_WORKFLOW_NAME))),
    row((op::PLAN,                 Other,      Internal,   None,             Some(attr::GEN_AI_AGENT_NAME))),
    row((op::RETRIEVAL,            Other,      Client,     None,             Some(attr::GEN_AI_DATA_SOURCE_ID))),
    row((op::SEARCH_MEMORY,        Other,      Client,     Some(Internal),   None)),
    row((op::TEXT_COMPLETION,      Turn,       Client,     Some(Internal),   Some(attr::GEN_AI_REQUEST_MODEL))),
    row((op::UPDATE_MEMORY,        Other,      Client,     Some(Internal),   None)),
    row((op::UPSERT_MEMORY,        Other,      Client,     Some(Internal),   None)),
];

/// An operation of an agent that is no agent invocation: the conventions have no name for it.
pub(crate) const OPERATION: &Operation = &Operation {
    name: None,
    word: "operation",
    kind: Internal,
    other_kind: None,
    target: Some(FieldId::of(attr::AGENTIC_OPERATION_KIND)),
    activity: Activity::Operation,
};

/// A compaction: the conventions know only the flag on later turns.
pub(crate) const COMPACTION: &Operation = &Operation {
    name: None,
    word: "compact",
    kind: Internal,
    other_kind: None,
    target: Some(FieldId::of(attr::GEN_AI_AGENT_NAME)),
    activity: Compaction,
};

/// What makes a span without `gen_ai.operation.name` one of ours: the first of these fields that it has at its start.
#[rustfmt::skip]
pub(crate) const FINGERPRINTS: &[(FieldId, &Operation)] = &[
    // field at start                                 is
    (FieldId::of(attr::AGENTIC_COMPACTION_TRIGGER),   COMPACTION),
    (FieldId::of(attr::AGENTIC_COMPACTION_REASON),    COMPACTION),
    (FieldId::of(attr::AGENTIC_COMPACTION_STRATEGY),  COMPACTION),
    (FieldId::of(attr::AGENTIC_OPERATION_KIND),       OPERATION),
];

/// The row of a `gen_ai.operation.name`; `None` for a name the registry does not list.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == Some(name))
}

/// The row of an operation that a typed guard stands for. For constants only.
#[expect(clippy::indexing_slicing, clippy::panic, reason = "evaluated by the compiler")]
pub(crate) const fn row_of(name: &str) -> &'static Operation {
    let mut row = 0;
    while row < OPERATIONS.len() {
        if equal(OPERATIONS[row].word.as_bytes(), name.as_bytes()) {
            return &OPERATIONS[row];
        }
        row += 1;
    }
    panic!("this operation is not in the registry")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv::{SPANS, attribute};

    #[test]
    fn operations_are_sorted_and_unique() {
        assert!(OPERATIONS.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn every_operation_of_the_registry_has_a_row() {
        let names = attribute(attr::GEN_AI_OPERATION_NAME).expect("in the registry").values;
        for name in names {
            assert!(operation(name).is_some(), "{name} has no row");
        }
        assert_eq!(names.len(), OPERATIONS.len());
    }

    /// `chat` → `gen_ai.client.inference`, as the registry names its span types.
    fn span_types(name: &str) -> Vec<&'static crate::semconv::SpanType> {
        let stem = match name {
            op::CHAT | op::GENERATE_CONTENT | op::TEXT_COMPLETION => "gen_ai.client.inference".to_owned(),
            memory if memory.contains("memory") => "gen_ai.memory.client".to_owned(),
            other => format!("gen_ai.{other}."),
        };
        SPANS.iter().filter(|span| span.id.starts_with(&stem)).collect()
    }

    #[test]
    fn kinds_and_targets_are_the_registrys() {
        for operation in OPERATIONS {
            let types = span_types(operation.word);
            assert!(types.iter().any(|span| span.kind == operation.kind), "kind of {}", operation.word);
            if let Some(target) = operation.target {
                let listed = types.iter().any(|span| span.attributes.iter().any(|a| a.key == target.key()));
                assert!(listed, "{} is not listed for {}", target.key(), operation.word);
            }
        }
    }
}
