//! Operation → span kind and name; the fields that make a span one of ours.

use crate::rules::fields::{FieldId, equal};
use crate::semconv::value::{gen_ai_operation_name as op, mcp_method_name};
use crate::semconv::{SpanKind, attr};

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
    /// One request or notification of the Model Context Protocol: another program's work, like that of a tool.
    Mcp,
    /// Any other operation of the conventions: embeddings, retrieval, memory, plan …
    Other,
}

/// First word of a span name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word {
    Is(&'static str),
    /// The text of this attribute; for spans that are known by having it.
    Of(FieldId),
}

/// What follows the first word of a span name: the texts of the first of these lists that the span has all of.
pub(crate) type Target = &'static [&'static [FieldId]];

/// One kind of GenAI span.
#[derive(Debug)]
pub(crate) struct Operation {
    /// `gen_ai.operation.name`; `None` for spans that the conventions give none.
    pub(crate) name: Option<&'static str>,
    pub(crate) word: Word,
    pub(crate) kind: SpanKind,
    /// Another kind the conventions allow, taken only if the span asks for it.
    pub(crate) other_kind: Option<SpanKind>,
    pub(crate) target: Target,
    pub(crate) activity: Activity,
}

impl Operation {
    /// The first word of the span name, or the key of the attribute that it is taken from.
    pub(crate) fn label(&self) -> &'static str {
        match self.word {
            Word::Is(word) => word,
            Word::Of(field) => field.key(),
        }
    }

    /// Whether a span of it belongs below another GenAI span: only these begin something by themselves.
    pub(crate) fn belongs_below(&self) -> bool {
        !matches!(self.activity, Activity::Workflow | Activity::Agent | Activity::Operation | Activity::Mcp)
    }
}

type Row = (&'static str, Activity, SpanKind, Option<SpanKind>, Target);

const fn row((name, activity, kind, other_kind, target): Row) -> Operation {
    Operation { name: Some(name), word: Word::Is(name), kind, other_kind, target, activity }
}

const TOOL_NAME: FieldId = FieldId::of(attr::GEN_AI_TOOL_NAME);
const SKILL: FieldId = FieldId::of(attr::GEN_AI_SKILL_NAME);
const RESOURCE: FieldId = FieldId::of(attr::GEN_AI_SKILL_RESOURCE_NAME);
const EXECUTABLE: FieldId = FieldId::of(attr::PROCESS_EXECUTABLE_NAME);
const METHOD: FieldId = FieldId::of(attr::MCP_METHOD_NAME);

const NOTHING: Target = &[];
const AGENT: Target = &[&[FieldId::of(attr::GEN_AI_AGENT_NAME)]];
const DATA_SOURCE: Target = &[&[FieldId::of(attr::GEN_AI_DATA_SOURCE_ID)]];
const KIND: Target = &[&[FieldId::of(attr::AGENTIC_OPERATION_KIND)]];
const MODEL: Target = &[&[FieldId::of(attr::GEN_AI_REQUEST_MODEL)]];
const TOOL: Target = &[&[TOOL_NAME]];
/// The registry's refinements: reading a skill's resource, running a command, loading a skill.
#[rustfmt::skip]
const ANY_TOOL: Target = &[&[TOOL_NAME, SKILL, RESOURCE], &[TOOL_NAME, RESOURCE], &[TOOL_NAME, EXECUTABLE], &[TOOL_NAME, SKILL], &[TOOL_NAME]];
/// The refinement for commands: never with the skill alone.
#[rustfmt::skip]
const A_COMMAND: Target = &[&[TOOL_NAME, SKILL, RESOURCE], &[TOOL_NAME, RESOURCE], &[TOOL_NAME, EXECUTABLE], &[TOOL_NAME]];
const TOOL_OR_PROMPT: Target = &[&[TOOL_NAME], &[FieldId::of(attr::GEN_AI_PROMPT_NAME)]];
const WORKFLOW: Target = &[&[FieldId::of(attr::GEN_AI_WORKFLOW_NAME)]];

use Activity::{Agent, Compaction, Other, Tool, Turn, Workflow};
use SpanKind::{Client, Internal, Server};

/// Every operation of the registry, sorted by name.
#[rustfmt::skip]
pub(crate) const OPERATIONS: &[Operation] = &[
    //   gen_ai.operation.name     activity    kind        also allowed      what follows in the span name
    row((op::CHAT,                 Turn,       Client,     Some(Internal),   MODEL)),
    row((op::CREATE_AGENT,         Other,      Client,     None,             AGENT)),
    row((op::CREATE_MEMORY,        Other,      Client,     Some(Internal),   NOTHING)),
    row((op::CREATE_MEMORY_STORE,  Other,      Client,     Some(Internal),   NOTHING)),
    row((op::DELETE_MEMORY,        Other,      Client,     Some(Internal),   NOTHING)),
    row((op::DELETE_MEMORY_STORE,  Other,      Client,     Some(Internal),   NOTHING)),
    row((op::EMBEDDINGS,           Other,      Client,     None,             MODEL)),
    row((op::EXECUTE_TOOL,         Tool,       Internal,   None,             ANY_TOOL)),
    row((op::FETCH_RESPONSE,       Other,      Client,     None,             NOTHING)),
    row((op::GENERATE_CONTENT,     Turn,       Client,     Some(Internal),   MODEL)),
    row((op::INVOKE_AGENT,         Agent,      Internal,   Some(Client),     AGENT)),
    row((op::INVOKE_WORKFLOW,      Workflow,   Internal,   None,             WORKFLOW)),
    row((op::PLAN,                 Other,      Internal,   None,             AGENT)),
    row((op::RETRIEVAL,            Other,      Client,     None,             DATA_SOURCE)),
    row((op::SEARCH_MEMORY,        Other,      Client,     Some(Internal),   NOTHING)),
    row((op::TEXT_COMPLETION,      Turn,       Client,     Some(Internal),   MODEL)),
    row((op::UPDATE_MEMORY,        Other,      Client,     Some(Internal),   NOTHING)),
    row((op::UPSERT_MEMORY,        Other,      Client,     Some(Internal),   NOTHING)),
];

/// An operation of an agent that is no agent invocation: the conventions have no name for it.
pub(crate) const OPERATION: &Operation = &Operation {
    name: None,
    word: Word::Is("operation"),
    kind: Internal,
    other_kind: None,
    target: KIND,
    activity: Activity::Operation,
};

/// A compaction: the conventions know only the flag on later turns.
pub(crate) const COMPACTION: &Operation = &Operation {
    name: None,
    word: Word::Is("compact"),
    kind: Internal,
    other_kind: None,
    target: AGENT,
    activity: Compaction,
};

/// A tool that runs commands: a refinement of `execute_tool`.
pub(crate) const COMMAND: &Operation =
    &Operation { target: A_COMMAND, ..row((op::EXECUTE_TOOL, Tool, Internal, None, NOTHING)) };

/// Fields that make an `execute_tool` span a [`COMMAND`].
#[rustfmt::skip]
pub(crate) const COMMAND_FIELDS: &[FieldId] =
    &[EXECUTABLE, FieldId::of(attr::PROCESS_EXECUTABLE_PATH), FieldId::of(attr::PROCESS_EXIT_CODE)];

/// A request or notification of the Model Context Protocol, at its sender or, as SERVER, at its receiver.
pub(crate) const MCP: &Operation = &Operation {
    name: None,
    word: Word::Of(METHOD),
    kind: Client,
    other_kind: Some(Server),
    target: TOOL_OR_PROMPT,
    activity: Activity::Mcp,
};

/// [`MCP`] with the method `tools/call`: the only one that has `gen_ai.operation.name`.
pub(crate) const MCP_TOOL_CALL: &Operation = &Operation {
    name: Some(op::EXECUTE_TOOL),
    word: Word::Of(METHOD),
    kind: Client,
    other_kind: Some(Server),
    target: TOOL,
    activity: Activity::Mcp,
};

/// The row of an `mcp.method.name`.
pub(crate) fn mcp(method: &str) -> &'static Operation {
    if method == mcp_method_name::TOOLS_CALL { MCP_TOOL_CALL } else { MCP }
}

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
        if let Some(known) = OPERATIONS[row].name
            && equal(known.as_bytes(), name.as_bytes())
        {
            return &OPERATIONS[row];
        }
        row += 1;
    }
    panic!("this operation is not in the registry")
}

/// `chat` → `gen_ai.client.inference`, as the registry names its span types.
#[cfg(test)]
pub(crate) fn span_types(operation: &Operation) -> Vec<&'static crate::semconv::SpanType> {
    let stem = match operation.label() {
        op::CHAT | op::GENERATE_CONTENT | op::TEXT_COMPLETION => "gen_ai.client.inference".to_owned(),
        memory if memory.contains("memory") => "gen_ai.memory.client".to_owned(),
        attr::MCP_METHOD_NAME => "mcp.".to_owned(),
        "operation" => "agentic.operation.".to_owned(),
        "compact" => "agentic.compaction.".to_owned(),
        other => format!("gen_ai.{other}."),
    };
    crate::semconv::SPANS.iter().filter(|span| span.id.starts_with(&stem)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv::{REFINEMENTS, attribute};

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

    fn every_row() -> impl Iterator<Item = &'static Operation> {
        OPERATIONS.iter().chain([OPERATION, COMPACTION, COMMAND, MCP, MCP_TOOL_CALL])
    }

    #[test]
    fn kinds_and_targets_are_the_registrys() {
        for operation in every_row() {
            let (types, label) = (span_types(operation), operation.label());
            assert!(types.iter().any(|span| span.kind == operation.kind), "kind of {label}");
            let refined = REFINEMENTS.iter().filter(|refined| types.iter().any(|span| span.id == refined.of));
            let listed: Vec<&str> = (types.iter().flat_map(|span| span.attributes))
                .chain(refined.flat_map(|refined| refined.attributes))
                .map(|requirement| requirement.key)
                .collect();
            for field in operation.target.iter().copied().flatten() {
                assert!(listed.contains(&field.key()), "{} is not listed for {label}", field.key());
            }
        }
    }

    #[test]
    fn what_names_a_span_is_fixed_at_its_start() {
        for operation in every_row() {
            let word = match operation.word {
                Word::Of(field) => Some(field),
                Word::Is(_) => None,
            };
            for field in operation.target.iter().copied().flatten().copied().chain(word) {
                assert!(field.at_start, "{} names {} and is not in AT_START", field.key(), operation.label());
            }
        }
    }

    #[test]
    fn longer_names_come_first() {
        for operation in every_row() {
            assert!(operation.target.is_sorted_by_key(|words| std::cmp::Reverse(words.len())), "{}", operation.label());
        }
    }
}
