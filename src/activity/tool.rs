//! One execution of a tool.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{described, recorded, startable};
use crate::rules::FieldId;
use crate::rules::operations::{self, Operation};
use crate::semconv::{attr, value::gen_ai_operation_name};

/// One execution of a tool: span `execute_tool {tool}`, INTERNAL, a child of the agent and a sibling of the turn that
/// asked for it. The name goes on with the skill, the skill's resource or the program, where the tool loads, reads or
/// runs one.
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
        Self::by(const { operations::row_of(gen_ai_operation_name::EXECUTE_TOOL) }, name.into())
    }

    /// An execution of the tool `name`, which runs commands. Give it the program ([`executable`](Self::executable)) or
    /// the skill's resource ([`skill_resource`](Self::skill_resource)) that it runs, and [`exit_code`](Guard::exit_code)
    /// afterwards. The command line does not leave the process.
    ///
    /// ```
    /// use tracing_genai::activity::Tool;
    ///
    /// let tool = Tool::command("bash").executable("rg").executable_path("/usr/bin/rg").call_id("call_2").start();
    /// // … run …
    /// tool.exit_code(0).finish();
    /// ```
    pub fn command(name: impl Into<String>) -> Self {
        Self::by(operations::COMMAND, name.into())
    }

    /// An execution of the tool `name`, which loads the skill `skill` into the agent's context.
    pub fn load_skill(name: impl Into<String>, skill: impl Into<String>) -> Self {
        Self::new(name).skill(skill)
    }

    /// An execution of the tool `name`, which reads the resource `resource` of a skill.
    pub fn read_skill_resource(name: impl Into<String>, resource: impl Into<String>) -> Self {
        Self::new(name).skill_resource(resource)
    }

    fn by(operation: &'static Operation, name: String) -> Self {
        let mut description = Description::new(operation);
        description.give(const { FieldId::of(attr::GEN_AI_TOOL_NAME) }, name);
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
        /// `gen_ai.skill.name`: the skill that is loaded, or that the resource or the command belongs to. Not given by
        /// default, like all that follow.
        skill: text => GEN_AI_SKILL_NAME,
        /// `gen_ai.skill.resource.name`: the resource of the skill that is read or run.
        skill_resource: text => GEN_AI_SKILL_RESOURCE_NAME,
        /// `process.executable.name`, if the tool runs one process.
        executable: text => PROCESS_EXECUTABLE_NAME,
        /// `process.executable.path`, if the tool runs one process.
        executable_path: text => PROCESS_EXECUTABLE_PATH,
    }
}

startable!(Tool, "tool");

impl Guard<Tool> {
    recorded! {
        /// `process.exit.code` of the process that the tool ran.
        exit_code: i64 => PROCESS_EXIT_CODE,
    }
}

impl Activity for Tool {}
impl sealed::Sealed for Tool {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
