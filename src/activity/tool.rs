//! One execution of a tool.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{described, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// One execution of a tool: span `execute_tool {tool}`, INTERNAL, a child of the agent and a sibling of the turn that
/// asked for it.
///
/// Most tools are one future with a `Result`, and [`run`](Guard::run) tells how it ended:
///
/// ```
/// # use tracing_genai::activity::Tool;
/// # async fn search() -> Result<u32, std::io::Error> { Ok(3) }
/// # async fn step() -> Result<(), std::io::Error> {
/// let hits = Tool::new("search").call_id("call_1").start().run(search()).await?;
/// # let _ = hits;
/// # Ok(())
/// # }
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Tool(Description);

impl Tool {
    /// An execution of the tool `name`.
    pub fn new(name: impl Into<String>) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::EXECUTE_TOOL) });
        description.give(const { FieldId::of(attr::GEN_AI_TOOL_NAME) }, name.into());
        Self(description)
    }

    described! {
        /// `gen_ai.tool.call.id`: the identifier in the model's reply that asked for the call. Not given by default.
        call_id: text => GEN_AI_TOOL_CALL_ID,
        /// `gen_ai.tool.type`: `function` (runs in the client), `extension` (calls a remote API for the agent),
        /// `datastore`. Not given by default.
        tool_type: text => GEN_AI_TOOL_TYPE,
        /// `gen_ai.agent.name`. By default that of the agent the tool belongs to.
        agent: id => GEN_AI_AGENT_NAME,
    }
}

startable!(Tool, "tool");

impl Activity for Tool {}
impl sealed::Sealed for Tool {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
