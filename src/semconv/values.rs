// Generated from `semconv/*.yaml` by `UPDATE_SEMCONV=1 cargo test --test semconv`; not for editing.

/// Known values of `agentic.activity`.
pub mod agentic_activity {
    /// An agent at work, or a task it was given.
    pub const AGENT: &str = "agent";
    /// A compaction of a context.
    pub const COMPACTION: &str = "compaction";
    /// A request or notification of the Model Context Protocol.
    pub const MCP: &str = "mcp";
    /// An operation of an agent that is no agent invocation.
    pub const OPERATION: &str = "operation";
    /// Embeddings, retrieval, memory, a plan and the like.
    pub const OTHER: &str = "other";
    /// An execution of a tool.
    pub const TOOL: &str = "tool";
    /// A model turn.
    pub const TURN: &str = "turn";
    /// A run of a workflow.
    pub const WORKFLOW: &str = "workflow";
}

/// Known values of `agentic.compaction.outcome`.
pub mod agentic_compaction_outcome {
    /// The context was shortened.
    pub const COMPACTED: &str = "compacted";
    /// The context stayed as it was, by error.
    pub const FAILED: &str = "failed";
    /// There was nothing to shorten.
    pub const NO_OP: &str = "no_op";
}

/// Known values of `agentic.compaction.trigger`.
pub mod agentic_compaction_trigger {
    /// A threshold was crossed.
    pub const AUTO: &str = "auto";
    /// The user asked for it.
    pub const MANUAL: &str = "manual";
    /// The model refused the context as too long.
    pub const OVERFLOW: &str = "overflow";
}

/// Known values of `agentic.cost.source`.
pub mod agentic_cost_source {
    /// Computed from a price table of the application.
    pub const PRICE_TABLE: &str = "price_table";
    /// Reported by the provider.
    pub const PROVIDER: &str = "provider";
    /// Given by the application.
    pub const USER: &str = "user";
}

/// Known values of `agentic.forced_close`.
pub mod agentic_forced_close {
    /// Too many spans were open, and nothing ran in this one.
    pub const CAPACITY: &str = "capacity";
    /// The span was open for too long, and nothing ran in it.
    pub const EXPIRED: &str = "expired";
    /// The operation above it ended.
    pub const OPERATION_END: &str = "operation_end";
    /// The run was resumed elsewhere.
    pub const RESUME: &str = "resume";
    /// The workflow run ended.
    pub const RUN_END: &str = "run_end";
    /// The pipeline shut down.
    pub const SHUTDOWN: &str = "shutdown";
}

/// Known values of `agentic.outcome`.
pub mod agentic_outcome {
    /// Given up before its end.
    pub const CANCELLED: &str = "cancelled";
}

/// Known values of `agentic.telemetry.reason`.
pub mod agentic_telemetry_reason {
    /// Came after its span had ended.
    pub const AFTER_END: &str = "after_end";
    /// The span had no room.
    pub const ATTRIBUTE_LIMIT: &str = "attribute_limit";
    /// The body of a request or reply is too large, compressed or no JSON.
    pub const BODY_NOT_READ: &str = "body_not_read";
    /// Following the call panicked.
    pub const CALL_UNSEEN: &str = "call_unseen";
    /// Is fixed when the span starts.
    pub const CHANGED_AT_START: &str = "changed_at_start";
    /// No budget had room for the content.
    pub const CONTENT_BUDGET: &str = "content_budget";
    /// The store took no more, or there is none.
    pub const CONTENT_NOT_STORED: &str = "content_not_stored";
    /// The content policy failed.
    pub const CONTENT_POLICY: &str = "content_policy";
    /// The content is too large, too deep or no JSON.
    pub const CONTENT_REFUSED: &str = "content_refused";
    /// The content was cut to its budget.
    pub const CONTENT_TOO_LONG: &str = "content_too_long";
    /// No policy wants the content.
    pub const CONTENT_UNWANTED: &str = "content_unwanted";
    /// It was open already.
    pub const DUPLICATE_START: &str = "duplicate_start";
    /// Too many spans were open, or one for too long.
    pub const EVICTED: &str = "evicted";
    /// A hook of the application panicked.
    pub const HOOK: &str = "hook";
    /// What the span ran in ended first.
    pub const INTERRUPTED: &str = "interrupted";
    /// A metric has too many label sets.
    pub const LABEL_LIMIT: &str = "label_limit";
    /// A sum above had ended.
    pub const LATE_USAGE: &str = "late_usage";
    /// It belongs on a log event, and nobody writes those.
    pub const NO_LOGGER: &str = "no_logger";
    /// The tracer or a span processor panicked.
    pub const TRACER: &str = "tracer";
    /// No table knows the field.
    pub const UNKNOWN_FIELD: &str = "unknown_field";
    /// The value was longer than its limit.
    pub const VALUE_TOO_LONG: &str = "value_too_long";
    /// The value is not of its type.
    pub const WRONG_TYPE: &str = "wrong_type";
}

/// Known values of `agentic.turn.purpose`.
pub mod agentic_turn_purpose {
    /// Work of the agent itself.
    pub const AGENT: &str = "agent";
    /// Summary for a compaction.
    pub const COMPACTION: &str = "compaction";
    /// Judgement on other output.
    pub const JUDGE: &str = "judge";
    /// Title of a conversation.
    pub const TITLE: &str = "title";
}

/// Known values of `error.type`.
pub mod error_type {
    /// An error with no better name.
    pub const OTHER: &str = "_OTHER";
}

/// Known values of `gen_ai.operation.name`.
pub mod gen_ai_operation_name {
    /// Chat completion.
    pub const CHAT: &str = "chat";
    /// Content generation over several modalities.
    pub const GENERATE_CONTENT: &str = "generate_content";
    /// Plain text completion.
    pub const TEXT_COMPLETION: &str = "text_completion";
    /// Embedding of texts or other input.
    pub const EMBEDDINGS: &str = "embeddings";
    /// Search in a data source.
    pub const RETRIEVAL: &str = "retrieval";
    /// Fetching of a stored response; reports no token usage.
    pub const FETCH_RESPONSE: &str = "fetch_response";
    /// Creation of an agent.
    pub const CREATE_AGENT: &str = "create_agent";
    /// Run of an agent.
    pub const INVOKE_AGENT: &str = "invoke_agent";
    /// Run of a tool.
    pub const EXECUTE_TOOL: &str = "execute_tool";
    /// Run of a workflow.
    pub const INVOKE_WORKFLOW: &str = "invoke_workflow";
    /// Planning by an agent.
    pub const PLAN: &str = "plan";
    /// Search in a memory store.
    pub const SEARCH_MEMORY: &str = "search_memory";
    /// New records for a memory store.
    pub const CREATE_MEMORY: &str = "create_memory";
    /// Change of known records.
    pub const UPDATE_MEMORY: &str = "update_memory";
    /// Records made or changed, as the store decides.
    pub const UPSERT_MEMORY: &str = "upsert_memory";
    /// Removal of records; of all of them if no record id is given.
    pub const DELETE_MEMORY: &str = "delete_memory";
    /// Set-up of a memory store.
    pub const CREATE_MEMORY_STORE: &str = "create_memory_store";
    /// Removal of a memory store.
    pub const DELETE_MEMORY_STORE: &str = "delete_memory_store";
}

/// Known values of `gen_ai.output.type`.
pub mod gen_ai_output_type {
    /// Unstructured text.
    pub const TEXT: &str = "text";
    /// A JSON object, with or without a schema.
    pub const JSON: &str = "json";
    /// An image.
    pub const IMAGE: &str = "image";
    /// Spoken audio.
    pub const SPEECH: &str = "speech";
}

/// Known values of `gen_ai.provider.name`.
pub mod gen_ai_provider_name {
    /// OpenAI.
    pub const OPENAI: &str = "openai";
    /// A Google endpoint, backend not known.
    pub const GCP_GEN_AI: &str = "gcp.gen_ai";
    /// Google Vertex AI (`aiplatform.googleapis.com`).
    pub const GCP_VERTEX_AI: &str = "gcp.vertex_ai";
    /// Google Gemini API (`generativelanguage.googleapis.com`).
    pub const GCP_GEMINI: &str = "gcp.gemini";
    /// Anthropic.
    pub const ANTHROPIC: &str = "anthropic";
    /// Cohere.
    pub const COHERE: &str = "cohere";
    /// Azure's model inference service.
    pub const AZURE_AI_INFERENCE: &str = "azure.ai.inference";
    /// OpenAI models on Azure.
    pub const AZURE_AI_OPENAI: &str = "azure.ai.openai";
    /// IBM watsonx.ai.
    pub const IBM_WATSONX_AI: &str = "ibm.watsonx.ai";
    /// Amazon Bedrock.
    pub const AWS_BEDROCK: &str = "aws.bedrock";
    /// Perplexity.
    pub const PERPLEXITY: &str = "perplexity";
    /// xAI.
    pub const X_AI: &str = "x_ai";
    /// DeepSeek.
    pub const DEEPSEEK: &str = "deepseek";
    /// Groq.
    pub const GROQ: &str = "groq";
    /// Mistral AI.
    pub const MISTRAL_AI: &str = "mistral_ai";
    /// Moonshot AI.
    pub const MOONSHOT_AI: &str = "moonshot_ai";
}

/// Known values of `gen_ai.response.status`.
pub mod gen_ai_response_status {
    /// Accepted, not begun.
    pub const QUEUED: &str = "queued";
    /// Being generated.
    pub const IN_PROGRESS: &str = "in_progress";
    /// Finished.
    pub const COMPLETED: &str = "completed";
    /// Cut short, for example by a limit or filter.
    pub const INCOMPLETE: &str = "incomplete";
    /// Ended by an error.
    pub const FAILED: &str = "failed";
    /// Stopped on request.
    pub const CANCELLED: &str = "cancelled";
}

/// Known values of `gen_ai.token.modality`.
pub mod gen_ai_token_modality {
    /// Text.
    pub const TEXT: &str = "text";
    /// Images.
    pub const IMAGE: &str = "image";
    /// Audio.
    pub const AUDIO: &str = "audio";
    /// Not told apart.
    pub const UNKNOWN: &str = "unknown";
}

/// Known values of `mcp.method.name`.
pub mod mcp_method_name {
    /// Notice: a request is withdrawn.
    pub const NOTIFICATIONS_CANCELLED: &str = "notifications/cancelled";
    /// Request: open the session.
    pub const INITIALIZE: &str = "initialize";
    /// Notice: the client is ready.
    pub const NOTIFICATIONS_INITIALIZED: &str = "notifications/initialized";
    /// Notice: progress of a long request.
    pub const NOTIFICATIONS_PROGRESS: &str = "notifications/progress";
    /// Request: is the peer alive?
    pub const PING: &str = "ping";
    /// Request: list the resources.
    pub const RESOURCES_LIST: &str = "resources/list";
    /// Request: list the resource templates.
    pub const RESOURCES_TEMPLATES_LIST: &str = "resources/templates/list";
    /// Request: read a resource.
    pub const RESOURCES_READ: &str = "resources/read";
    /// Notice: other resources are on offer.
    pub const NOTIFICATIONS_RESOURCES_LIST_CHANGED: &str = "notifications/resources/list_changed";
    /// Request: watch a resource.
    pub const RESOURCES_SUBSCRIBE: &str = "resources/subscribe";
    /// Request: stop watching a resource.
    pub const RESOURCES_UNSUBSCRIBE: &str = "resources/unsubscribe";
    /// Notice: a watched resource changed.
    pub const NOTIFICATIONS_RESOURCES_UPDATED: &str = "notifications/resources/updated";
    /// Request: list the prompts.
    pub const PROMPTS_LIST: &str = "prompts/list";
    /// Request: fetch a prompt.
    pub const PROMPTS_GET: &str = "prompts/get";
    /// Notice: other prompts are on offer.
    pub const NOTIFICATIONS_PROMPTS_LIST_CHANGED: &str = "notifications/prompts/list_changed";
    /// Request: list the tools.
    pub const TOOLS_LIST: &str = "tools/list";
    /// Request: run a tool.
    pub const TOOLS_CALL: &str = "tools/call";
    /// Notice: other tools are on offer.
    pub const NOTIFICATIONS_TOOLS_LIST_CHANGED: &str = "notifications/tools/list_changed";
    /// Request: set the log level.
    pub const LOGGING_SET_LEVEL: &str = "logging/setLevel";
    /// Notice: a log message.
    pub const NOTIFICATIONS_MESSAGE: &str = "notifications/message";
    /// Request: let the client's model answer.
    pub const SAMPLING_CREATE_MESSAGE: &str = "sampling/createMessage";
    /// Request: complete an argument.
    pub const COMPLETION_COMPLETE: &str = "completion/complete";
    /// Request: list the roots.
    pub const ROOTS_LIST: &str = "roots/list";
    /// Notice: other roots are in use.
    pub const NOTIFICATIONS_ROOTS_LIST_CHANGED: &str = "notifications/roots/list_changed";
    /// Request: ask the user through the client.
    pub const ELICITATION_CREATE: &str = "elicitation/create";
}

/// Known values of `network.transport`.
pub mod network_transport {
    /// Pipe, named or not.
    pub const PIPE: &str = "pipe";
    /// QUIC.
    pub const QUIC: &str = "quic";
    /// TCP.
    pub const TCP: &str = "tcp";
    /// UDP.
    pub const UDP: &str = "udp";
    /// Unix domain socket.
    pub const UNIX: &str = "unix";
}

/// Known values of `openai.api.type`.
pub mod openai_api_type {
    /// Chat Completions.
    pub const CHAT_COMPLETIONS: &str = "chat_completions";
    /// Responses.
    pub const RESPONSES: &str = "responses";
}

/// Known values of `openai.request.service_tier`.
pub mod openai_request_service_tier {
    /// Scale tier credits as long as they last.
    pub const AUTO: &str = "auto";
    /// The standard tier.
    pub const DEFAULT: &str = "default";
}
