//! One call of a model.

use std::time::Duration;

use opentelemetry::trace::SpanKind;

use crate::activity::cost::Cost;
use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{calling, described, recorded, requesting, startable};
use crate::activity::usage;
use crate::providers::Usage;
use crate::rules::FieldId;
use crate::rules::operations::{self, Operation};
use crate::semconv::{attr, value::gen_ai_operation_name as op};

/// One call of a model, retries included: span `chat {model}`, `generate_content {model}` or
/// `text_completion {model}`, CLIENT.
///
/// It starts when the request is sent and ends with [`finish`](Guard::finish) or [`fail`](Guard::fail) when the reply
/// is complete. Dropped before that it was cancelled: the span ends with `agentic.outcome = cancelled` and the usage
/// it has so far.
///
/// ```
/// use tracing_genai::activity::{Turn, Usage};
///
/// # struct Reply { id: &'static str, prompt_tokens: u64, completion_tokens: u64 }
/// # async fn call() -> Result<Reply, std::io::Error> { Ok(Reply { id: "r", prompt_tokens: 1, completion_tokens: 1 }) }
/// # async fn one_turn() -> Result<(), std::io::Error> {
/// let turn = Turn::chat("openai", "gpt-4o").server("api.openai.com", 443).temperature(0.2).start();
/// match turn.scope(call()).await {
///     Ok(reply) => turn
///         .response_id(reply.id)
///         .usage(Usage::new(reply.prompt_tokens, reply.completion_tokens))
///         .finish_reason("stop")
///         .finish(),
///     Err(error) => turn.fail(&error),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct Turn(pub(super) Description);

impl Turn {
    /// A chat completion. `provider` is a value of [`gen_ai.provider.name`](crate::semconv::value::gen_ai_provider_name)
    /// (usual spellings are recognised) or a name of your own; `model` is the model as requested.
    pub fn chat(provider: impl Into<String>, model: impl Into<String>) -> Self {
        Self::new(const { operations::row_of(op::CHAT) }, provider.into(), model.into())
    }

    /// A multimodal generation, as Gemini's `generateContent`.
    pub fn generate_content(provider: impl Into<String>, model: impl Into<String>) -> Self {
        Self::new(const { operations::row_of(op::GENERATE_CONTENT) }, provider.into(), model.into())
    }

    /// A completion of plain text.
    pub fn text_completion(provider: impl Into<String>, model: impl Into<String>) -> Self {
        Self::new(const { operations::row_of(op::TEXT_COMPLETION) }, provider.into(), model.into())
    }

    fn new(operation: &'static Operation, provider: String, model: String) -> Self {
        let mut description = Description::new(operation);
        description.give(const { FieldId::of(attr::GEN_AI_PROVIDER_NAME) }, provider);
        description.give(const { FieldId::of(attr::GEN_AI_REQUEST_MODEL) }, model);
        Self(description)
    }

    /// The model works in this process: the span is INTERNAL. By default it is another program's, CLIENT.
    pub fn in_process(mut self) -> Self {
        self.0.ask(SpanKind::Internal);
        self
    }

    /// The reply is streamed: `gen_ai.request.stream = true`. Not so by default.
    pub fn streaming(mut self) -> Self {
        self.0.give(const { FieldId::of(attr::GEN_AI_REQUEST_STREAM) }, true);
        self
    }

    described! {
        /// `agentic.turn.id`: the application's identifier of the turn. Not given by default.
        id: text => AGENTIC_TURN_ID,
        /// `agentic.turn.purpose`: what the model is called for, such as `agent`, `compaction`, `title`, `judge`.
        /// Not given by default.
        purpose: text => AGENTIC_TURN_PURPOSE,
        /// `gen_ai.agent.name`. By default that of the agent the turn belongs to.
        agent: id => GEN_AI_AGENT_NAME,
        /// `gen_ai.request.top_k`. Not given by default, like all that follow.
        top_k: u64 => GEN_AI_REQUEST_TOP_K,
        /// `gen_ai.request.reasoning.level`, as the provider calls it.
        reasoning_level: text => GEN_AI_REQUEST_REASONING_LEVEL,
        /// `gen_ai.request.previous_response.id`: the response that the request goes on from.
        previous_response: text => GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID,
        /// `gen_ai.prompt.name`: the template that the prompt was made from.
        prompt_name: text => GEN_AI_PROMPT_NAME,
        /// `gen_ai.prompt.version`: the version of that template.
        prompt_version: text => GEN_AI_PROMPT_VERSION,
        /// `openai.api.type`: `chat_completions` or `responses`. For OpenAI only, like the next one.
        api_type: text => OPENAI_API_TYPE,
        /// `openai.request.service_tier`; left out if it is `auto`.
        service_tier: text => OPENAI_REQUEST_SERVICE_TIER,
        /// `aws.bedrock.guardrail.id`. For AWS Bedrock only, like the next one.
        guardrail: text => AWS_BEDROCK_GUARDRAIL_ID,
        /// `aws.bedrock.knowledge_base.id`.
        knowledge_base: text => AWS_BEDROCK_KNOWLEDGE_BASE_ID,
        /// `azure.resource_provider.namespace`, such as `Microsoft.CognitiveServices`. For Azure AI Inference only.
        resource_provider: text => AZURE_RESOURCE_PROVIDER_NAMESPACE,
    }
}

calling!(Turn);
requesting!(Turn);
startable!(Turn, "turn");

impl Guard<Turn> {
    /// The tokens the provider counted; a later call replaces what it gives again.
    pub fn usage(&self, usage: Usage) -> &Self {
        usage::record(self, &usage)
    }

    /// What the call cost; a later call replaces it. By default what a [`PriceTable`](crate::PriceTable) says, else
    /// nothing.
    pub fn cost(&self, cost: Cost) -> &Self {
        if let Some(open) = self.opened() {
            cost.record(&**open);
        }
        self
    }

    /// Notes that the first chunk of a streamed reply is here: `gen_ai.response.time_to_first_chunk`, in seconds since
    /// the start of the turn.
    pub fn first_chunk(&self) -> &Self {
        self.first_chunk_after(self.elapsed())
    }

    /// [`first_chunk`](Self::first_chunk) with a time measured elsewhere.
    pub fn first_chunk_after(&self, since_start: Duration) -> &Self {
        self.record(const { FieldId::of(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK) }, since_start.as_secs_f64())
    }

    /// `gen_ai.response.finish_reasons` of a reply with one choice.
    pub fn finish_reason(&self, reason: impl Into<String>) -> &Self {
        self.finish_reasons([reason])
    }

    recorded! {
        /// `gen_ai.response.finish_reasons`: one for each choice of the reply.
        finish_reasons: texts => GEN_AI_RESPONSE_FINISH_REASONS,
        /// `gen_ai.response.id`: the provider's identifier of the reply.
        response_id: text => GEN_AI_RESPONSE_ID,
        /// `gen_ai.response.model`: the model that answered.
        response_model: text => GEN_AI_RESPONSE_MODEL,
        /// `openai.response.service_tier`. For OpenAI only, like the next one.
        response_service_tier: text => OPENAI_RESPONSE_SERVICE_TIER,
        /// `openai.response.system_fingerprint`.
        system_fingerprint: text => OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
    }
}

impl Activity for Turn {}
impl sealed::Sealed for Turn {
    const DROPPED_IS_CANCELLED: bool = true;
    // What came back still has to be told: a turn that is dropped after its call has no usage.
    const SCOPE_COMPLETES: bool = false;
}
