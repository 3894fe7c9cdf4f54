//! What flows down the tree, unless the child says otherwise.

use crate::rules::fields::FieldId;
use crate::rules::operations::{Activity, Operation};
use crate::semconv::{attr, value::gen_ai_operation_name as op};

/// Whether something holds for an activity.
type Holds = fn(&Operation) -> bool;

/// A value that flows down.
pub(crate) struct Inherited {
    key: &'static str,
    /// Whether a span takes it over from the nearest GenAI span above, and hands it on.
    pub(crate) taken_over: Holds,
    /// Whether a span that took it over has it as an attribute.
    pub(crate) shown: Holds,
}

const fn row(key: &'static str, taken_over: Holds, shown: Holds) -> Inherited {
    Inherited { key, taken_over, shown }
}

fn everywhere(_: &Operation) -> bool {
    true
}

/// An agent below an agent is another agent: it must not wear its caller's name, nor must one that is created.
fn below_an_agent(operation: &Operation) -> bool {
    !matches!(operation.activity, Activity::Agent | Activity::Workflow) && operation.name != Some(op::CREATE_AGENT)
}

/// Where the conventions list the agent's name, and on turns, which backends group by it.
fn by_an_agent(operation: &Operation) -> bool {
    match operation.activity {
        Activity::Turn | Activity::Tool | Activity::Compaction | Activity::Operation => true,
        Activity::Other => operation.name == Some(op::PLAN),
        Activity::Agent | Activity::Workflow | Activity::Mcp => false,
    }
}

/// How many rows [`INHERITED`] has.
pub(crate) const COUNT: usize = 5;

#[rustfmt::skip]
pub(crate) const INHERITED: [Inherited; COUNT] = [
    //  attribute                     taken over       shown
    row(attr::GEN_AI_CONVERSATION_ID, everywhere,      everywhere),
    row(attr::GEN_AI_AGENT_NAME,      below_an_agent,  by_an_agent),
    row(attr::AGENTIC_RUN_ID,         everywhere,      everywhere),
    row(attr::SESSION_ID,             everywhere,      everywhere),
    row(attr::USER_ID,                everywhere,      everywhere),
];

/// The keys of [`INHERITED`].
pub(crate) const KEYS: [&str; COUNT] =
    [INHERITED[0].key, INHERITED[1].key, INHERITED[2].key, INHERITED[3].key, INHERITED[4].key];

/// The same as attributes.
pub(crate) const FIELDS: [FieldId; COUNT] =
    [FieldId::of(KEYS[0]), FieldId::of(KEYS[1]), FieldId::of(KEYS[2]), FieldId::of(KEYS[3]), FieldId::of(KEYS[4])];

/// Place of the conversation id in [`INHERITED`].
pub(crate) const CONVERSATION: usize = 0;

/// Place of the run's id in [`INHERITED`].
pub(crate) const RUN: usize = 2;
/// The place of the agent's name.
pub(crate) const AGENT: usize = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::operations::{COMPACTION, MCP, MCP_TOOL_CALL, OPERATION, OPERATIONS, span_types};
    use crate::semconv::SpanType;

    #[test]
    fn the_conversation_stands_where_its_constant_says() {
        assert_eq!(KEYS[CONVERSATION], attr::GEN_AI_CONVERSATION_ID);
        assert_eq!(KEYS[AGENT], attr::GEN_AI_AGENT_NAME);
        assert_eq!(KEYS[RUN], attr::AGENTIC_RUN_ID);
    }

    #[test]
    fn the_agents_name_is_shown_where_the_registry_lists_it_and_on_turns() {
        for operation in OPERATIONS.iter().chain([OPERATION, COMPACTION, MCP, MCP_TOOL_CALL]) {
            let types = span_types(operation);
            assert!(!types.is_empty(), "{} has no span type", operation.label());
            let lists = |span: &&SpanType| span.attributes.iter().any(|a| a.key == attr::GEN_AI_AGENT_NAME);
            let listed = below_an_agent(operation) && types.iter().any(lists);
            let turn = operation.activity == Activity::Turn;
            assert_eq!(by_an_agent(operation), listed || turn, "{}", operation.label());
        }
    }

    #[test]
    fn what_children_inherit_is_fixed_at_the_start() {
        for (place, field) in FIELDS.into_iter().enumerate() {
            assert!(field.at_start && field.inherited == Some(place as u8), "{}", field.key());
        }
    }
}
