// Generated from `semconv/*.yaml` by `UPDATE_SEMCONV=1 cargo test --test semconv`; not for editing.

use super::{Attribute, ValueType};

/// Commit of <https://github.com/open-telemetry/semantic-conventions-genai> that the tables follow, of 2026-10-09.
pub const PINNED: &str = "6fd0d763a092db245a54104fc1124031eb3c51d2";

/// Attribute keys, one constant each.
pub mod attr {
    /// What kind of work it was. On metrics only.
    ///
    /// Type `string`.
    pub const AGENTIC_ACTIVITY: &str = "agentic.activity";
    /// Tokens of the context before, as estimated by the runtime. Never passed off as the provider's count.
    ///
    /// Type `int`.
    pub const AGENTIC_COMPACTION_ESTIMATED_TOKENS: &str = "agentic.compaction.estimated_tokens";
    /// Messages in the context after.
    ///
    /// Type `int`.
    pub const AGENTIC_COMPACTION_MESSAGES_AFTER: &str = "agentic.compaction.messages_after";
    /// Messages in the context before.
    ///
    /// Type `int`.
    pub const AGENTIC_COMPACTION_MESSAGES_BEFORE: &str = "agentic.compaction.messages_before";
    /// What the compaction came to.
    ///
    /// Type `string`.
    pub const AGENTIC_COMPACTION_OUTCOME: &str = "agentic.compaction.outcome";
    /// Why the context was compacted; low cardinality.
    ///
    /// Type `string`.
    pub const AGENTIC_COMPACTION_REASON: &str = "agentic.compaction.reason";
    /// How the context is compacted; low cardinality.
    ///
    /// Type `string`.
    pub const AGENTIC_COMPACTION_STRATEGY: &str = "agentic.compaction.strategy";
    /// Summary that took the place of the messages.
    ///
    /// Type `string`; content.
    pub const AGENTIC_COMPACTION_SUMMARY: &str = "agentic.compaction.summary";
    /// Tokens of the context after, as counted by the provider.
    ///
    /// Type `int`.
    pub const AGENTIC_COMPACTION_TOKENS_AFTER: &str = "agentic.compaction.tokens_after";
    /// Tokens of the context before, as counted by the provider.
    ///
    /// Type `int`.
    pub const AGENTIC_COMPACTION_TOKENS_BEFORE: &str = "agentic.compaction.tokens_before";
    /// What set the compaction off.
    ///
    /// Type `string`.
    pub const AGENTIC_COMPACTION_TRIGGER: &str = "agentic.compaction.trigger";
    /// Where the content is stored; the kind of content ends the key. Written by a policy that stores content instead of exporting it.
    ///
    /// Type `template[string]`.
    pub const AGENTIC_CONTENT_REF: &str = "agentic.content.ref";
    /// SHA-256 of the stored content, in hex; the kind of content ends the key.
    ///
    /// Type `template[string]`.
    pub const AGENTIC_CONTENT_SHA256: &str = "agentic.content.sha256";
    /// Bytes of the stored content; the kind of content ends the key.
    ///
    /// Type `template[int]`.
    pub const AGENTIC_CONTENT_SIZE: &str = "agentic.content.size";
    /// Bytes of the content that its budget left out; the kind of content ends the key.
    ///
    /// Type `template[int]`.
    pub const AGENTIC_CONTENT_TRUNCATED: &str = "agentic.content.truncated";
    /// Currency of the cost, as an ISO 4217 code. Three capital letters.
    ///
    /// Type `string`.
    pub const AGENTIC_COST_CURRENCY: &str = "agentic.cost.currency";
    /// Where the cost comes from.
    ///
    /// Type `string`.
    pub const AGENTIC_COST_SOURCE: &str = "agentic.cost.source";
    /// Cost of the call, in `agentic.cost.currency`. Absent, not 0, where the price is unknown.
    ///
    /// Type `double`.
    pub const AGENTIC_COST_TOTAL: &str = "agentic.cost.total";
    /// Code of the error as the provider says it; `error.type` is the word for all providers. Only if it has the form of a code.
    ///
    /// Type `string`.
    pub const AGENTIC_ERROR_CODE: &str = "agentic.error.code";
    /// Whether the same request may succeed later. With an `error.type` that is known to be one or the other.
    ///
    /// Type `boolean`.
    pub const AGENTIC_ERROR_RETRYABLE: &str = "agentic.error.retryable";
    /// Why the span was ended from outside. On spans with `error.type` `interrupted`.
    ///
    /// Type `string`.
    pub const AGENTIC_FORCED_CLOSE: &str = "agentic.forced_close";
    /// The provider's identifier of the request, to quote to its support. Of the last attempt.
    ///
    /// Type `string`.
    pub const AGENTIC_HTTP_REQUEST_ID: &str = "agentic.http.request_id";
    /// How often the request was sent again. Absent if it was sent once.
    ///
    /// Type `int`.
    pub const AGENTIC_HTTP_RESEND_COUNT: &str = "agentic.http.resend_count";
    /// HTTP status of the last reply.
    ///
    /// Type `int`.
    pub const AGENTIC_HTTP_RESPONSE_STATUS_CODE: &str = "agentic.http.response.status_code";
    /// Fields of the log event. On the span event `log`.
    ///
    /// Type `any`; content.
    pub const AGENTIC_LOG_ATTRIBUTES: &str = "agentic.log.attributes";
    /// Level of the log event. On the span event `log`.
    ///
    /// Type `string`.
    pub const AGENTIC_LOG_LEVEL: &str = "agentic.log.level";
    /// Text of the log event. On the span event `log`.
    ///
    /// Type `string`; content.
    pub const AGENTIC_LOG_MESSAGE: &str = "agentic.log.message";
    /// Target of the log event. On the span event `log`.
    ///
    /// Type `string`.
    pub const AGENTIC_LOG_TARGET: &str = "agentic.log.target";
    /// Identifier of the operation. On the operation's span.
    ///
    /// Type `string`.
    pub const AGENTIC_OPERATION_ID: &str = "agentic.operation.id";
    /// What sort of operation it is; low cardinality. `prompt` and `skill` are agent invocations, any other kind is not.
    ///
    /// Type `string`.
    pub const AGENTIC_OPERATION_KIND: &str = "agentic.operation.kind";
    /// How the operation ended, if neither by success nor by error. On any span of ours.
    ///
    /// Type `string`.
    pub const AGENTIC_OUTCOME: &str = "agentic.outcome";
    /// Requests that the provider allows in its time window.
    ///
    /// Type `int`.
    pub const AGENTIC_RATE_LIMIT_LIMIT_REQUESTS: &str = "agentic.rate_limit.limit.requests";
    /// Tokens that the provider allows in its time window.
    ///
    /// Type `int`.
    pub const AGENTIC_RATE_LIMIT_LIMIT_TOKENS: &str = "agentic.rate_limit.limit.tokens";
    /// Requests that are left in the provider's time window.
    ///
    /// Type `int`.
    pub const AGENTIC_RATE_LIMIT_REMAINING_REQUESTS: &str = "agentic.rate_limit.remaining.requests";
    /// Tokens that are left in the provider's time window.
    ///
    /// Type `int`.
    pub const AGENTIC_RATE_LIMIT_REMAINING_TOKENS: &str = "agentic.rate_limit.remaining.tokens";
    /// Seconds after which the provider wants to be asked again.
    ///
    /// Type `double`.
    pub const AGENTIC_RATE_LIMIT_RETRY_AFTER: &str = "agentic.rate_limit.retry_after";
    /// Finish reasons as the provider says them. Where one of them is not the word in `gen_ai.response.finish_reasons`.
    ///
    /// Type `string[]`.
    pub const AGENTIC_RESPONSE_FINISH_REASONS: &str = "agentic.response.finish_reasons";
    /// Service tier that answered. Of providers that have no attribute of their own for it.
    ///
    /// Type `string`.
    pub const AGENTIC_RESPONSE_SERVICE_TIER: &str = "agentic.response.service_tier";
    /// Identifier of the run, the same on all its segments. On every span of the run.
    ///
    /// Type `string`.
    pub const AGENTIC_RUN_ID: &str = "agentic.run.id";
    /// How often the run was resumed before this segment, from 0. On workflow spans.
    ///
    /// Type `int`.
    pub const AGENTIC_RUN_SEGMENT: &str = "agentic.run.segment";
    /// Chunks of the streamed answer. On inference spans; of an answer that was given up, those that came.
    ///
    /// Type `int`.
    pub const AGENTIC_STREAM_CHUNKS: &str = "agentic.stream.chunks";
    /// Longest time between two chunks, in seconds. On inference spans; pauses of the reader count.
    ///
    /// Type `double`.
    pub const AGENTIC_STREAM_MAX_TIME_PER_CHUNK: &str = "agentic.stream.max_time_per_chunk";
    /// Mean time between two chunks, in seconds. On inference spans; pauses of the reader count.
    ///
    /// Type `double`.
    pub const AGENTIC_STREAM_TIME_PER_CHUNK: &str = "agentic.stream.time_per_chunk";
    /// Working directory given to the task. On the sub-agent's span.
    ///
    /// Type `string`; content.
    pub const AGENTIC_TASK_DIRECTORY: &str = "agentic.task.directory";
    /// Identifier of the delegated task. On the sub-agent's span.
    ///
    /// Type `string`.
    pub const AGENTIC_TASK_ID: &str = "agentic.task.id";
    /// What the sub-agent was told. On the sub-agent's span.
    ///
    /// Type `string`; content.
    pub const AGENTIC_TASK_PROMPT: &str = "agentic.task.prompt";
    /// Why this crate did not export something as it came. On metrics only.
    ///
    /// Type `string`.
    pub const AGENTIC_TELEMETRY_REASON: &str = "agentic.telemetry.reason";
    /// Identifier of the model turn. On inference spans.
    ///
    /// Type `string`.
    pub const AGENTIC_TURN_ID: &str = "agentic.turn.id";
    /// What the model turn is for. On inference spans; other values are allowed.
    ///
    /// Type `string`.
    pub const AGENTIC_TURN_PURPOSE: &str = "agentic.turn.purpose";
    /// Sum of the input tokens that came out of a provider's cache, over everything below the span. On workflow, agent, operation and compaction spans, like all sums.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_CACHE_READ_INPUT_TOKENS: &str = "agentic.usage.cache_read.input_tokens";
    /// Sum of the input tokens that went into a provider's cache, over everything below the span.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_CACHE_WRITE_INPUT_TOKENS: &str = "agentic.usage.cache_write.input_tokens";
    /// Input tokens that the model worked through, of a provider that bills another number. On inference spans; `gen_ai.usage.input_tokens` is what is billed.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_CONSUMED_INPUT_TOKENS: &str = "agentic.usage.consumed.input_tokens";
    /// Output tokens that the model worked through, of a provider that bills another number. On inference spans; `gen_ai.usage.output_tokens` is what is billed.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_CONSUMED_OUTPUT_TOKENS: &str = "agentic.usage.consumed.output_tokens";
    /// Currency of `agentic.usage.cost.total`, as an ISO 4217 code.
    ///
    /// Type `string`.
    pub const AGENTIC_USAGE_COST_CURRENCY: &str = "agentic.usage.cost.currency";
    /// Whether the cost of a call below the span is missing in the sum. Only ever `true`. Without `agentic.usage.cost.total` the costs below are in more than one currency.
    ///
    /// Type `boolean`.
    pub const AGENTIC_USAGE_COST_INCOMPLETE: &str = "agentic.usage.cost.incomplete";
    /// Sum of the known costs of everything below the span, in `agentic.usage.cost.currency`. Absent if none is known, or if they are in more than one currency.
    ///
    /// Type `double`.
    pub const AGENTIC_USAGE_COST_TOTAL: &str = "agentic.usage.cost.total";
    /// Whether the usage on this span is an estimate, or a sum with an estimate in it. Only ever `true`; unset means counted by the provider.
    ///
    /// Type `boolean`.
    pub const AGENTIC_USAGE_ESTIMATED: &str = "agentic.usage.estimated";
    /// Sum of the input tokens of everything below the span, sub-agents included.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_INPUT_TOKENS: &str = "agentic.usage.input_tokens";
    /// Sum of the output tokens of everything below the span, sub-agents included.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_OUTPUT_TOKENS: &str = "agentic.usage.output_tokens";
    /// Sum of the output tokens spent on reasoning, over everything below the span.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_REASONING_OUTPUT_TOKENS: &str = "agentic.usage.reasoning.output_tokens";
    /// Searches that the provider bills. On inference spans.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_SEARCH_UNITS: &str = "agentic.usage.search_units";
    /// Number of model turns below the span.
    ///
    /// Type `int`.
    pub const AGENTIC_USAGE_TURNS: &str = "agentic.usage.turns";
    /// What the workflow was started with. On workflow spans.
    ///
    /// Type `any`; content.
    pub const AGENTIC_WORKFLOW_INPUT: &str = "agentic.workflow.input";
    /// What the workflow returned. On workflow spans.
    ///
    /// Type `any`; content.
    pub const AGENTIC_WORKFLOW_RESULT: &str = "agentic.workflow.result";
    /// Identifier of the Bedrock guardrail applied.
    ///
    /// Type `string`.
    pub const AWS_BEDROCK_GUARDRAIL_ID: &str = "aws.bedrock.guardrail.id";
    /// Identifier of the Bedrock knowledge base queried.
    ///
    /// Type `string`.
    pub const AWS_BEDROCK_KNOWLEDGE_BASE_ID: &str = "aws.bedrock.knowledge_base.id";
    /// Azure resource provider that serves the request.
    ///
    /// Type `string`.
    pub const AZURE_RESOURCE_PROVIDER_NAMESPACE: &str = "azure.resource_provider.namespace";
    /// Host name, IP address or socket name of the client.
    ///
    /// Type `string`.
    pub const CLIENT_ADDRESS: &str = "client.address";
    /// Port of the client.
    ///
    /// Type `int`.
    pub const CLIENT_PORT: &str = "client.port";
    /// Source file.
    ///
    /// Type `string`.
    pub const CODE_FILE_PATH: &str = "code.file.path";
    /// Full name of the function.
    ///
    /// Type `string`.
    pub const CODE_FUNCTION_NAME: &str = "code.function.name";
    /// Line in the source file, from 1.
    ///
    /// Type `int`.
    pub const CODE_LINE_NUMBER: &str = "code.line.number";
    /// Class of error the operation ended with. Low cardinality; other values are allowed and to be documented.
    ///
    /// Type `string`.
    pub const ERROR_TYPE: &str = "error.type";
    /// Text of the exception.
    ///
    /// Type `string`; content.
    pub const EXCEPTION_MESSAGE: &str = "exception.message";
    /// Stack trace of the exception.
    ///
    /// Type `string`; content.
    pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
    /// Type name of the exception.
    ///
    /// Type `string`.
    pub const EXCEPTION_TYPE: &str = "exception.type";
    /// What the agent is for, in free text.
    ///
    /// Type `string`; content.
    pub const GEN_AI_AGENT_DESCRIPTION: &str = "gen_ai.agent.description";
    /// Stable identifier of a hosted agent resource. Never the id of an in-memory instance.
    ///
    /// Type `string`.
    pub const GEN_AI_AGENT_ID: &str = "gen_ai.agent.id";
    /// Name the application gave the agent.
    ///
    /// Type `string`.
    pub const GEN_AI_AGENT_NAME: &str = "gen_ai.agent.name";
    /// Version of the agent.
    ///
    /// Type `string`.
    pub const GEN_AI_AGENT_VERSION: &str = "gen_ai.agent.version";
    /// Whether the context sent to the model is a shortened form of an earlier conversation. Only ever `true`; unset means unknown.
    ///
    /// Type `boolean`.
    pub const GEN_AI_CONVERSATION_COMPACTED: &str = "gen_ai.conversation.compacted";
    /// Identifier of the conversation, session or thread. Only an identifier that really exists; a fresh UUID, a trace id or a content hash does not count.
    ///
    /// Type `string`.
    pub const GEN_AI_CONVERSATION_ID: &str = "gen_ai.conversation.id";
    /// Identifier of the data source, as the GenAI system knows it. Not the name of the database behind it.
    ///
    /// Type `string`.
    pub const GEN_AI_DATA_SOURCE_ID: &str = "gen_ai.data_source.id";
    /// Length of the embedding vectors asked for.
    ///
    /// Type `int`.
    pub const GEN_AI_EMBEDDINGS_DIMENSION_COUNT: &str = "gen_ai.embeddings.dimension.count";
    /// Why the evaluator gave this score, in free text.
    ///
    /// Type `string`; content.
    pub const GEN_AI_EVALUATION_EXPLANATION: &str = "gen_ai.evaluation.explanation";
    /// Name of the evaluation metric.
    ///
    /// Type `string`.
    pub const GEN_AI_EVALUATION_NAME: &str = "gen_ai.evaluation.name";
    /// The score as a word; low cardinality. Evaluators document the words they use.
    ///
    /// Type `string`.
    pub const GEN_AI_EVALUATION_SCORE_LABEL: &str = "gen_ai.evaluation.score.label";
    /// The score as a number.
    ///
    /// Type `double`.
    pub const GEN_AI_EVALUATION_SCORE_VALUE: &str = "gen_ai.evaluation.score.value";
    /// Messages sent to the model, in sending order.
    ///
    /// Type `any`; content.
    pub const GEN_AI_INPUT_MESSAGES: &str = "gen_ai.input.messages";
    /// What the process's top-level agent is for, in free text. `description` of its A2A Agent Card, if it has one.
    ///
    /// Type `string`; content.
    pub const GEN_AI_MAIN_AGENT_DESCRIPTION: &str = "gen_ai.main_agent.description";
    /// Stable identifier of the process's top-level agent. Never made up from a process-local id: without a stable one the entity is left out.
    ///
    /// Type `string`.
    pub const GEN_AI_MAIN_AGENT_ID: &str = "gen_ai.main_agent.id";
    /// Name of the process's top-level agent. `name` of its A2A Agent Card, if it has one.
    ///
    /// Type `string`.
    pub const GEN_AI_MAIN_AGENT_NAME: &str = "gen_ai.main_agent.name";
    /// Text searched for in the memory store.
    ///
    /// Type `string`; content.
    pub const GEN_AI_MEMORY_QUERY_TEXT: &str = "gen_ai.memory.query.text";
    /// How many memory records the operation concerns. Searches count what came back; changes count what was attempted.
    ///
    /// Type `int`.
    pub const GEN_AI_MEMORY_RECORD_COUNT: &str = "gen_ai.memory.record.count";
    /// Identifier of one memory record.
    ///
    /// Type `string`.
    pub const GEN_AI_MEMORY_RECORD_ID: &str = "gen_ai.memory.record.id";
    /// The memory records stored or found.
    ///
    /// Type `any`; content.
    pub const GEN_AI_MEMORY_RECORDS: &str = "gen_ai.memory.records";
    /// Identifier of the memory store.
    ///
    /// Type `string`.
    pub const GEN_AI_MEMORY_STORE_ID: &str = "gen_ai.memory.store.id";
    /// The operation the span or metric is about. Names of one system's own are allowed only where no listed value fits or that system's convention says so.
    ///
    /// Type `string`.
    pub const GEN_AI_OPERATION_NAME: &str = "gen_ai.operation.name";
    /// Messages the model returned: exactly one per choice. Only real output, partial output included; nothing is invented for a failure.
    ///
    /// Type `any`; content.
    pub const GEN_AI_OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
    /// Kind of output the client asked for. The modality, not the file format; unset if the request names none.
    ///
    /// Type `string`.
    pub const GEN_AI_OUTPUT_TYPE: &str = "gen_ai.output.type";
    /// Name that identifies the prompt or prompt template.
    ///
    /// Type `string`.
    pub const GEN_AI_PROMPT_NAME: &str = "gen_ai.prompt.name";
    /// Values filled into the prompt template; the variable's name ends the key. Values are strings.
    ///
    /// Type `template[string]`; content.
    pub const GEN_AI_PROMPT_VARIABLE: &str = "gen_ai.prompt.variable";
    /// Version of the prompt template. The prompt manager's own version where there is one.
    ///
    /// Type `string`.
    pub const GEN_AI_PROMPT_VERSION: &str = "gen_ai.prompt.version";
    /// GenAI provider as the instrumentation knows it; tells which flavour of attributes to expect. May differ from the real backend behind a proxy.
    ///
    /// Type `string`.
    pub const GEN_AI_PROVIDER_NAME: &str = "gen_ai.provider.name";
    /// How many candidate answers were asked for.
    ///
    /// Type `int`.
    pub const GEN_AI_REQUEST_CHOICE_COUNT: &str = "gen_ai.request.choice.count";
    /// Encodings asked for in an embeddings request.
    ///
    /// Type `string[]`.
    pub const GEN_AI_REQUEST_ENCODING_FORMATS: &str = "gen_ai.request.encoding_formats";
    /// Frequency penalty of the request.
    ///
    /// Type `double`.
    pub const GEN_AI_REQUEST_FREQUENCY_PENALTY: &str = "gen_ai.request.frequency_penalty";
    /// Upper limit of tokens to generate.
    ///
    /// Type `int`.
    pub const GEN_AI_REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
    /// Model named in the request.
    ///
    /// Type `string`.
    pub const GEN_AI_REQUEST_MODEL: &str = "gen_ai.request.model";
    /// Presence penalty of the request.
    ///
    /// Type `double`.
    pub const GEN_AI_REQUEST_PRESENCE_PENALTY: &str = "gen_ai.request.presence_penalty";
    /// Identifier of the earlier response that this request continues.
    ///
    /// Type `string`.
    pub const GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID: &str = "gen_ai.request.previous_response.id";
    /// Reasoning effort asked for. The very string that was sent.
    ///
    /// Type `string`.
    pub const GEN_AI_REQUEST_REASONING_LEVEL: &str = "gen_ai.request.reasoning.level";
    /// Seed that makes sampling more repeatable.
    ///
    /// Type `int`.
    pub const GEN_AI_REQUEST_SEED: &str = "gen_ai.request.seed";
    /// Strings at which the model stops.
    ///
    /// Type `string[]`.
    pub const GEN_AI_REQUEST_STOP_SEQUENCES: &str = "gen_ai.request.stop_sequences";
    /// Whether the answer was requested as a stream.
    ///
    /// Type `boolean`.
    pub const GEN_AI_REQUEST_STREAM: &str = "gen_ai.request.stream";
    /// Last stream event already seen, from where a stream is resumed.
    ///
    /// Type `string`.
    pub const GEN_AI_REQUEST_STREAM_CURSOR: &str = "gen_ai.request.stream_cursor";
    /// Sampling temperature of the request.
    ///
    /// Type `double`.
    pub const GEN_AI_REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
    /// Number of most likely tokens that sampling chooses from. Never OpenAI's `top_logprobs`.
    ///
    /// Type `int`.
    pub const GEN_AI_REQUEST_TOP_K: &str = "gen_ai.request.top_k";
    /// Nucleus sampling threshold of the request.
    ///
    /// Type `double`.
    pub const GEN_AI_REQUEST_TOP_P: &str = "gen_ai.request.top_p";
    /// Why each generation stopped, in the provider's order. `error` fills the place of a reason that was due but never came.
    ///
    /// Type `string[]`.
    pub const GEN_AI_RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
    /// Identifier of the response.
    ///
    /// Type `string`.
    pub const GEN_AI_RESPONSE_ID: &str = "gen_ai.response.id";
    /// Model that answered.
    ///
    /// Type `string`.
    pub const GEN_AI_RESPONSE_MODEL: &str = "gen_ai.response.model";
    /// State of a fetched response as its provider reports it. Other words of a provider map to the nearest member.
    ///
    /// Type `string`.
    pub const GEN_AI_RESPONSE_STATUS: &str = "gen_ai.response.status";
    /// Seconds from sending the request to the first chunk of the stream.
    ///
    /// Type `double`.
    pub const GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
    /// Documents found, each with `id` and `score` where known.
    ///
    /// Type `any`; content.
    pub const GEN_AI_RETRIEVAL_DOCUMENTS: &str = "gen_ai.retrieval.documents";
    /// Text searched for.
    ///
    /// Type `string`; content.
    pub const GEN_AI_RETRIEVAL_QUERY_TEXT: &str = "gen_ai.retrieval.query.text";
    /// Most documents the retriever may return.
    ///
    /// Type `int`.
    pub const GEN_AI_RETRIEVAL_TOP_K: &str = "gen_ai.retrieval.top_k";
    /// What the skill is for, in free text.
    ///
    /// Type `string`; content.
    pub const GEN_AI_SKILL_DESCRIPTION: &str = "gen_ai.skill.description";
    /// Name of the Agent Skill.
    ///
    /// Type `string`.
    pub const GEN_AI_SKILL_NAME: &str = "gen_ai.skill.name";
    /// Path of the skill's file, relative to the skill.
    ///
    /// Type `string`.
    pub const GEN_AI_SKILL_RESOURCE_NAME: &str = "gen_ai.skill.resource.name";
    /// Where the skill comes from. The origin, not a temporary copy; user names and tokens are removed.
    ///
    /// Type `string`; content.
    pub const GEN_AI_SKILL_SOURCE_URI: &str = "gen_ai.skill.source.uri";
    /// Instructions given to the model apart from the message history. System messages inside the history stay in `gen_ai.input.messages`.
    ///
    /// Type `any`; content.
    pub const GEN_AI_SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";
    /// Modality of the counted tokens. `unknown` when the provider gives no breakdown.
    ///
    /// Type `string`.
    pub const GEN_AI_TOKEN_MODALITY: &str = "gen_ai.token.modality";
    /// What the tool was called with. An object; a serialised one is parsed first.
    ///
    /// Type `any`; content.
    pub const GEN_AI_TOOL_CALL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";
    /// Identifier of the tool call.
    ///
    /// Type `string`.
    pub const GEN_AI_TOOL_CALL_ID: &str = "gen_ai.tool.call.id";
    /// What the tool gave back. An object; a serialised one is parsed first.
    ///
    /// Type `any`; content.
    pub const GEN_AI_TOOL_CALL_RESULT: &str = "gen_ai.tool.call.result";
    /// Tools offered to the model or agent. Type and name are enough; the rest is large.
    ///
    /// Type `any`; content.
    pub const GEN_AI_TOOL_DEFINITIONS: &str = "gen_ai.tool.definitions";
    /// What the tool does, in free text.
    ///
    /// Type `string`; content.
    pub const GEN_AI_TOOL_DESCRIPTION: &str = "gen_ai.tool.description";
    /// Name of the tool.
    ///
    /// Type `string`.
    pub const GEN_AI_TOOL_NAME: &str = "gen_ai.tool.name";
    /// Who runs the tool: `function` the client, `extension` the agent's side, `datastore` a data query.
    ///
    /// Type `string`.
    pub const GEN_AI_TOOL_TYPE: &str = "gen_ai.tool.type";
    /// Audio input tokens read from the provider's cache. Part of the audio input and of the cache reads.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.audio.cache_read.input_tokens";
    /// Audio input tokens. Part of `gen_ai.usage.input_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_AUDIO_INPUT_TOKENS: &str = "gen_ai.usage.audio.input_tokens";
    /// Audio output tokens. Part of `gen_ai.usage.output_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS: &str = "gen_ai.usage.audio.output_tokens";
    /// Input tokens read from the provider's cache. Part of `gen_ai.usage.input_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
    /// Input tokens written to the provider's cache. Part of `gen_ai.usage.input_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: &str = "gen_ai.usage.cache_write.input_tokens";
    /// Image input tokens read from the provider's cache. Part of the image input and of the cache reads.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.image.cache_read.input_tokens";
    /// Image input tokens. Part of `gen_ai.usage.input_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_IMAGE_INPUT_TOKENS: &str = "gen_ai.usage.image.input_tokens";
    /// Image output tokens. Part of `gen_ai.usage.output_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.image.output_tokens";
    /// Input tokens, cached ones included. Billed counts win over consumed counts.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
    /// Output tokens, reasoning included. Billed counts win over consumed counts.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
    /// Output tokens spent on reasoning. Part of `gen_ai.usage.output_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";
    /// Text input tokens read from the provider's cache. Part of the text input and of the cache reads.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.text.cache_read.input_tokens";
    /// Text input tokens. Part of `gen_ai.usage.input_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_TEXT_INPUT_TOKENS: &str = "gen_ai.usage.text.input_tokens";
    /// Text output tokens. Part of `gen_ai.usage.output_tokens`.
    ///
    /// Type `int`.
    pub const GEN_AI_USAGE_TEXT_OUTPUT_TOKENS: &str = "gen_ai.usage.text.output_tokens";
    /// Name the application gave the workflow; low cardinality. Neither a type name nor a constant of the instrumentation; unset if there is no better one.
    ///
    /// Type `string`.
    pub const GEN_AI_WORKFLOW_NAME: &str = "gen_ai.workflow.name";
    /// HTTP status code.
    ///
    /// Type `int`.
    pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
    /// Version of JSON-RPC.
    ///
    /// Type `string`.
    pub const JSONRPC_PROTOCOL_VERSION: &str = "jsonrpc.protocol.version";
    /// `id` of the JSON-RPC request, as text.
    ///
    /// Type `string`.
    pub const JSONRPC_REQUEST_ID: &str = "jsonrpc.request.id";
    /// MCP request or notification method.
    ///
    /// Type `string`.
    pub const MCP_METHOD_NAME: &str = "mcp.method.name";
    /// Version of the Model Context Protocol in use.
    ///
    /// Type `string`.
    pub const MCP_PROTOCOL_VERSION: &str = "mcp.protocol.version";
    /// URI of the MCP resource concerned.
    ///
    /// Type `string`; content.
    pub const MCP_RESOURCE_URI: &str = "mcp.resource.uri";
    /// Identifier of the MCP session.
    ///
    /// Type `string`.
    pub const MCP_SESSION_ID: &str = "mcp.session.id";
    /// Application layer protocol, in lower case.
    ///
    /// Type `string`.
    pub const NETWORK_PROTOCOL_NAME: &str = "network.protocol.name";
    /// Version of the application layer protocol.
    ///
    /// Type `string`.
    pub const NETWORK_PROTOCOL_VERSION: &str = "network.protocol.version";
    /// Transport layer protocol.
    ///
    /// Type `string`.
    pub const NETWORK_TRANSPORT: &str = "network.transport";
    /// Which of OpenAI's APIs was called.
    ///
    /// Type `string`.
    pub const OPENAI_API_TYPE: &str = "openai.api.type";
    /// Service tier asked for.
    ///
    /// Type `string`.
    pub const OPENAI_REQUEST_SERVICE_TIER: &str = "openai.request.service_tier";
    /// Service tier that served the response.
    ///
    /// Type `string`.
    pub const OPENAI_RESPONSE_SERVICE_TIER: &str = "openai.response.service_tier";
    /// Fingerprint of the backend configuration that answered.
    ///
    /// Type `string`.
    pub const OPENAI_RESPONSE_SYSTEM_FINGERPRINT: &str = "openai.response.system_fingerprint";
    /// File name of the executable.
    ///
    /// Type `string`.
    pub const PROCESS_EXECUTABLE_NAME: &str = "process.executable.name";
    /// Full path of the executable.
    ///
    /// Type `string`.
    pub const PROCESS_EXECUTABLE_PATH: &str = "process.executable.path";
    /// Exit code of the process.
    ///
    /// Type `int`.
    pub const PROCESS_EXIT_CODE: &str = "process.exit.code";
    /// Status or error code of the RPC response.
    ///
    /// Type `string`.
    pub const RPC_RESPONSE_STATUS_CODE: &str = "rpc.response.status_code";
    /// Host name, IP address or socket name of the server. The server behind proxies, where known.
    ///
    /// Type `string`.
    pub const SERVER_ADDRESS: &str = "server.address";
    /// Port of the server.
    ///
    /// Type `int`.
    pub const SERVER_PORT: &str = "server.port";
    /// Identifier of the user's session.
    ///
    /// Type `string`.
    pub const SESSION_ID: &str = "session.id";
    /// Identifier of the thread, given by the runtime.
    ///
    /// Type `int`.
    pub const THREAD_ID: &str = "thread.id";
    /// Name of the thread.
    ///
    /// Type `string`.
    pub const THREAD_NAME: &str = "thread.name";
    /// Identifier of the user.
    ///
    /// Type `string`.
    pub const USER_ID: &str = "user.id";
}

/// Every attribute of the registry, sorted by key.
pub const ATTRIBUTES: &[Attribute] = &[
    Attribute { key: "agentic.activity", value_type: ValueType::String, content: false, template: false, values: &["agent", "compaction", "mcp", "operation", "other", "tool", "turn", "workflow"] },
    Attribute { key: "agentic.compaction.estimated_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.compaction.messages_after", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.compaction.messages_before", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.compaction.outcome", value_type: ValueType::String, content: false, template: false, values: &["compacted", "failed", "no_op"] },
    Attribute { key: "agentic.compaction.reason", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.compaction.strategy", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.compaction.summary", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "agentic.compaction.tokens_after", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.compaction.tokens_before", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.compaction.trigger", value_type: ValueType::String, content: false, template: false, values: &["auto", "manual", "overflow"] },
    Attribute { key: "agentic.content.ref", value_type: ValueType::String, content: false, template: true, values: &[] },
    Attribute { key: "agentic.content.sha256", value_type: ValueType::String, content: false, template: true, values: &[] },
    Attribute { key: "agentic.content.size", value_type: ValueType::Int, content: false, template: true, values: &[] },
    Attribute { key: "agentic.content.truncated", value_type: ValueType::Int, content: false, template: true, values: &[] },
    Attribute { key: "agentic.cost.currency", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.cost.source", value_type: ValueType::String, content: false, template: false, values: &["price_table", "provider", "user"] },
    Attribute { key: "agentic.cost.total", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "agentic.error.code", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.error.retryable", value_type: ValueType::Bool, content: false, template: false, values: &[] },
    Attribute { key: "agentic.forced_close", value_type: ValueType::String, content: false, template: false, values: &["capacity", "expired", "operation_end", "resume", "run_end", "shutdown"] },
    Attribute { key: "agentic.http.request_id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.http.resend_count", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.http.response.status_code", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.log.attributes", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "agentic.log.level", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.log.message", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "agentic.log.target", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.operation.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.operation.kind", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.outcome", value_type: ValueType::String, content: false, template: false, values: &["cancelled"] },
    Attribute { key: "agentic.rate_limit.limit.requests", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.rate_limit.limit.tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.rate_limit.remaining.requests", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.rate_limit.remaining.tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.rate_limit.retry_after", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "agentic.response.finish_reasons", value_type: ValueType::Strings, content: false, template: false, values: &[] },
    Attribute { key: "agentic.response.service_tier", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.run.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.run.segment", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.stream.chunks", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.stream.max_time_per_chunk", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "agentic.stream.time_per_chunk", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "agentic.task.directory", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "agentic.task.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.task.prompt", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "agentic.telemetry.reason", value_type: ValueType::String, content: false, template: false, values: &["after_end", "attribute_limit", "body_not_read", "call_unseen", "changed_at_start", "content_budget", "content_not_stored", "content_policy", "content_refused", "content_too_long", "content_unwanted", "duplicate_start", "evicted", "hook", "interrupted", "label_limit", "late_usage", "no_logger", "tracer", "unknown_field", "value_too_long", "wrong_type"] },
    Attribute { key: "agentic.turn.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.turn.purpose", value_type: ValueType::String, content: false, template: false, values: &["agent", "compaction", "judge", "title"] },
    Attribute { key: "agentic.usage.cache_read.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.cache_write.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.consumed.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.consumed.output_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.cost.currency", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.cost.incomplete", value_type: ValueType::Bool, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.cost.total", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.estimated", value_type: ValueType::Bool, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.output_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.reasoning.output_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.search_units", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.usage.turns", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "agentic.workflow.input", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "agentic.workflow.result", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "aws.bedrock.guardrail.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "aws.bedrock.knowledge_base.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "azure.resource_provider.namespace", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "client.address", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "client.port", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "code.file.path", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "code.function.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "code.line.number", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "error.type", value_type: ValueType::String, content: false, template: false, values: &["_OTHER"] },
    Attribute { key: "exception.message", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "exception.stacktrace", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "exception.type", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.agent.description", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.agent.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.agent.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.agent.version", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.conversation.compacted", value_type: ValueType::Bool, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.conversation.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.data_source.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.embeddings.dimension.count", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.evaluation.explanation", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.evaluation.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.evaluation.score.label", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.evaluation.score.value", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.input.messages", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.main_agent.description", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.main_agent.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.main_agent.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.memory.query.text", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.memory.record.count", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.memory.record.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.memory.records", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.memory.store.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.operation.name", value_type: ValueType::String, content: false, template: false, values: &["chat", "generate_content", "text_completion", "embeddings", "retrieval", "fetch_response", "create_agent", "invoke_agent", "execute_tool", "invoke_workflow", "plan", "search_memory", "create_memory", "update_memory", "upsert_memory", "delete_memory", "create_memory_store", "delete_memory_store"] },
    Attribute { key: "gen_ai.output.messages", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.output.type", value_type: ValueType::String, content: false, template: false, values: &["text", "json", "image", "speech"] },
    Attribute { key: "gen_ai.prompt.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.prompt.variable", value_type: ValueType::String, content: true, template: true, values: &[] },
    Attribute { key: "gen_ai.prompt.version", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.provider.name", value_type: ValueType::String, content: false, template: false, values: &["openai", "gcp.gen_ai", "gcp.vertex_ai", "gcp.gemini", "anthropic", "cohere", "azure.ai.inference", "azure.ai.openai", "ibm.watsonx.ai", "aws.bedrock", "perplexity", "x_ai", "deepseek", "groq", "mistral_ai", "moonshot_ai"] },
    Attribute { key: "gen_ai.request.choice.count", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.encoding_formats", value_type: ValueType::Strings, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.frequency_penalty", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.max_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.model", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.presence_penalty", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.previous_response.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.reasoning.level", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.seed", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.stop_sequences", value_type: ValueType::Strings, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.stream", value_type: ValueType::Bool, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.stream_cursor", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.temperature", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.top_k", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.request.top_p", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.response.finish_reasons", value_type: ValueType::Strings, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.response.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.response.model", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.response.status", value_type: ValueType::String, content: false, template: false, values: &["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"] },
    Attribute { key: "gen_ai.response.time_to_first_chunk", value_type: ValueType::Double, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.retrieval.documents", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.retrieval.query.text", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.retrieval.top_k", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.skill.description", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.skill.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.skill.resource.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.skill.source.uri", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.system_instructions", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.token.modality", value_type: ValueType::String, content: false, template: false, values: &["text", "image", "audio", "unknown"] },
    Attribute { key: "gen_ai.tool.call.arguments", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.tool.call.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.tool.call.result", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.tool.definitions", value_type: ValueType::Any, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.tool.description", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "gen_ai.tool.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.tool.type", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.audio.cache_read.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.audio.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.audio.output_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.cache_read.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.cache_write.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.image.cache_read.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.image.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.image.output_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.output_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.reasoning.output_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.text.cache_read.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.text.input_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.usage.text.output_tokens", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "gen_ai.workflow.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "http.response.status_code", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "jsonrpc.protocol.version", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "jsonrpc.request.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "mcp.method.name", value_type: ValueType::String, content: false, template: false, values: &["notifications/cancelled", "initialize", "notifications/initialized", "notifications/progress", "ping", "resources/list", "resources/templates/list", "resources/read", "notifications/resources/list_changed", "resources/subscribe", "resources/unsubscribe", "notifications/resources/updated", "prompts/list", "prompts/get", "notifications/prompts/list_changed", "tools/list", "tools/call", "notifications/tools/list_changed", "logging/setLevel", "notifications/message", "sampling/createMessage", "completion/complete", "roots/list", "notifications/roots/list_changed", "elicitation/create"] },
    Attribute { key: "mcp.protocol.version", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "mcp.resource.uri", value_type: ValueType::String, content: true, template: false, values: &[] },
    Attribute { key: "mcp.session.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "network.protocol.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "network.protocol.version", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "network.transport", value_type: ValueType::String, content: false, template: false, values: &["pipe", "quic", "tcp", "udp", "unix"] },
    Attribute { key: "openai.api.type", value_type: ValueType::String, content: false, template: false, values: &["chat_completions", "responses"] },
    Attribute { key: "openai.request.service_tier", value_type: ValueType::String, content: false, template: false, values: &["auto", "default"] },
    Attribute { key: "openai.response.service_tier", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "openai.response.system_fingerprint", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "process.executable.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "process.executable.path", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "process.exit.code", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "rpc.response.status_code", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "server.address", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "server.port", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "session.id", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "thread.id", value_type: ValueType::Int, content: false, template: false, values: &[] },
    Attribute { key: "thread.name", value_type: ValueType::String, content: false, template: false, values: &[] },
    Attribute { key: "user.id", value_type: ValueType::String, content: false, template: false, values: &[] },
];
