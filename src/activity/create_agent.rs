//! The creation of an agent at a remote service.

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{calling, described, recorded, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// The creation of an agent at a remote service: span `create_agent {agent}`, CLIENT.
///
/// ```
/// use tracing_genai::activity::CreateAgent;
///
/// let creation = CreateAgent::new("openai").agent("translator").model("gpt-4o").start();
/// // … create …
/// creation.agent_id("asst_5j66UpCpwteGg4YSxUnt7lPY").finish();
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct CreateAgent(Description);

impl CreateAgent {
    /// A creation at `provider`: a value of
    /// [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name) or a name of your own.
    pub fn new(provider: impl Into<String>) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::CREATE_AGENT) });
        description.give(const { FieldId::of(attr::GEN_AI_PROVIDER_NAME) }, provider.into());
        Self(description)
    }

    described! {
        /// `gen_ai.agent.name`: the name of the new agent. Not given by default, like all that follow.
        agent: id => GEN_AI_AGENT_NAME,
        /// `gen_ai.agent.id`, if the application chooses it.
        agent_id: text => GEN_AI_AGENT_ID,
        /// `gen_ai.agent.version`.
        agent_version: text => GEN_AI_AGENT_VERSION,
        /// `gen_ai.request.model`: the model the agent is to use.
        model: text => GEN_AI_REQUEST_MODEL,
    }
}

calling!(CreateAgent);
startable!(CreateAgent, "create_agent");

impl Guard<CreateAgent> {
    recorded! {
        /// `gen_ai.agent.id`, as the service gave it.
        agent_id: text => GEN_AI_AGENT_ID,
        /// `gen_ai.agent.version`, as the service gave it.
        agent_version: text => GEN_AI_AGENT_VERSION,
    }
}

impl Activity for CreateAgent {}
impl sealed::Sealed for CreateAgent {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
