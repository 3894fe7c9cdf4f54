//! An operation of an agent.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{described, recorded, requesting, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// An operation of an agent.
///
/// A prompt or a skill is an agent at work: span `invoke_agent {agent}`, INTERNAL, with the usage of its own turns as
/// totals. Any other kind is a span `operation {kind}`, INTERNAL, without `gen_ai.operation.name`, because the
/// conventions have none for it.
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it ends as a success.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Operation(Description);

const KIND: FieldId = FieldId::of(attr::AGENTIC_OPERATION_KIND);
const AGENT: FieldId = FieldId::of(attr::GEN_AI_AGENT_NAME);

impl Operation {
    /// The agent `agent` answers a prompt.
    pub fn prompt(agent: impl AsRef<str>) -> Self {
        Self::by_agent("prompt", agent.as_ref())
    }

    /// The agent `agent` carries out a skill.
    pub fn skill(agent: impl AsRef<str>) -> Self {
        Self::by_agent("skill", agent.as_ref())
    }

    /// An operation of another kind: a word of few possible values, such as `review` or `shell`.
    pub fn new(kind: impl Into<String>) -> Self {
        let mut description = Description::new(operations::OPERATION);
        description.give(KIND, kind.into());
        Self(description)
    }

    fn by_agent(kind: &'static str, agent: &str) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::INVOKE_AGENT) });
        description.give(KIND, kind);
        description.identify(AGENT, agent);
        Self(description)
    }

    described! {
        /// `agentic.operation.id`: the application's identifier of the operation. Not given by default.
        id: text => AGENTIC_OPERATION_ID,
        /// `gen_ai.agent.name`: the agent at work; flows down to its turns and tools.
        agent: id => GEN_AI_AGENT_NAME,
        /// `gen_ai.request.model`: only for an agent that can use no other model. Not given by default.
        model: text => GEN_AI_REQUEST_MODEL,
        /// `gen_ai.data_source.id`: the data source the agent may use. Not given by default.
        data_source: text => GEN_AI_DATA_SOURCE_ID,
    }
}

requesting!(Operation);
startable!(Operation, "operation");

impl Guard<Operation> {
    recorded! {
        /// `gen_ai.response.finish_reasons`. By default those of the last own turn.
        finish_reasons: texts => GEN_AI_RESPONSE_FINISH_REASONS,
    }
}

impl Activity for Operation {}
impl sealed::Sealed for Operation {
    const DROPPED_IS_CANCELLED: bool = false;
    const SCOPE_COMPLETES: bool = false;
}
