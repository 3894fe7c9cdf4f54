//! One invocation of an agent at a remote service.

use opentelemetry::trace::SpanKind;

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{calling, described, recorded, requesting, startable};
use crate::activity::usage;
use crate::providers::Usage;
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::{attr, value::gen_ai_operation_name};

/// One invocation of an agent at a remote service: span `invoke_agent {agent}`, CLIENT.
///
/// An agent that works in this process is an [`Operation`](super::Operation) or a [`Task`](super::Task).
///
/// ```
/// use tracing_genai::activity::{RemoteAgent, Usage};
///
/// let agent = RemoteAgent::new("openai").agent("translator").agent_id("asst_5j66").server("api.openai.com", 443).start();
/// // … ask …
/// agent.usage(Usage::new(210, 48)).finish_reasons(["stop"]).finish();
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct RemoteAgent(Description);

impl RemoteAgent {
    /// An invocation at `provider`: a value of
    /// [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name) or a name of your own.
    pub fn new(provider: impl Into<String>) -> Self {
        let mut description = Description::new(const { operations::row_of(gen_ai_operation_name::INVOKE_AGENT) });
        description.ask(SpanKind::Client);
        description.give(const { FieldId::of(attr::GEN_AI_PROVIDER_NAME) }, provider.into());
        Self(description)
    }

    described! {
        /// `gen_ai.agent.name`: the agent. Not given by default, like all that follow.
        agent: id => GEN_AI_AGENT_NAME,
        /// `gen_ai.agent.id`: the service's identifier of the agent.
        agent_id: text => GEN_AI_AGENT_ID,
        /// `gen_ai.agent.version`.
        agent_version: text => GEN_AI_AGENT_VERSION,
        /// `gen_ai.data_source.id`: the data source the agent may use.
        data_source: text => GEN_AI_DATA_SOURCE_ID,
        /// `gen_ai.request.model`: only for an agent that can use no other model.
        model: text => GEN_AI_REQUEST_MODEL,
        /// `gen_ai.request.previous_response.id`: the response that the request goes on from.
        previous_response: text => GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID,
    }
}

calling!(RemoteAgent);
requesting!(RemoteAgent);
startable!(RemoteAgent, "remote_agent");

impl Guard<RemoteAgent> {
    /// The tokens the service counted; a later call replaces what it gives again.
    pub fn usage(&self, usage: Usage) -> &Self {
        usage::record(self, &usage)
    }

    recorded! {
        /// `gen_ai.response.finish_reasons`: one for each choice of the answer.
        finish_reasons: texts => GEN_AI_RESPONSE_FINISH_REASONS,
    }
}

impl Activity for RemoteAgent {}
impl sealed::Sealed for RemoteAgent {
    const DROPPED_IS_CANCELLED: bool = true;
    const SCOPE_COMPLETES: bool = true;
}
