//! A task delegated to a sub-agent.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{described, recorded, requesting, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// A task delegated to a sub-agent: span `invoke_agent {sub-agent}`, INTERNAL, with the usage of its own turns as
/// totals.
///
/// Start it in the scope of the [`Tool`](super::Tool) if the model delegates by a tool call, else in that of the
/// agent. Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Task(Description);

impl Task {
    /// A task for the agent `agent`.
    pub fn new(agent: impl AsRef<str>) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::INVOKE_AGENT) });
        description.identify(const { FieldId::of(attr::GEN_AI_AGENT_NAME) }, agent.as_ref());
        Self(description)
    }

    described! {
        /// `agentic.task.id`: the application's identifier of the task. Not given by default.
        id: text => AGENTIC_TASK_ID,
        /// `gen_ai.tool.call.id`: the tool call that delegated the task. Not given by default.
        call_id: text => GEN_AI_TOOL_CALL_ID,
        /// `gen_ai.request.model`: only for an agent that can use no other model. Not given by default.
        model: text => GEN_AI_REQUEST_MODEL,
        /// `gen_ai.data_source.id`: the data source the agent may use. Not given by default.
        data_source: text => GEN_AI_DATA_SOURCE_ID,
    }
}

requesting!(Task);
startable!(Task, "task");

impl Guard<Task> {
    recorded! {
        /// `gen_ai.response.finish_reasons`. By default those of the last own turn.
        finish_reasons: texts => GEN_AI_RESPONSE_FINISH_REASONS,
    }
}

impl Activity for Task {}
impl sealed::Sealed for Task {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
