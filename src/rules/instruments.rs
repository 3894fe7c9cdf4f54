//! Metric → on which spans it is measured, where its value comes from, and its labels.
//!
//! Unit, buckets and type of value are those of the registry's row.

use crate::rules::dialect::Dialect;
use crate::rules::fields::{FieldId, equal};
use crate::rules::operations::{Activity, Operation};
use crate::semconv::{METRICS, Metric, SpanKind, attr, value};

/// Spans by what is measured on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Turn,
    Embeddings,
    /// Another call of a provider or a store, a remote agent included.
    Client,
    /// An agent in this process.
    Agent,
    Tool,
    Workflow,
    Compaction,
    McpClient,
    McpServer,
    /// An operation, a plan.
    Other,
}

impl On {
    pub(crate) const ALL: [Self; 10] = [
        Self::Turn,
        Self::Embeddings,
        Self::Client,
        Self::Agent,
        Self::Tool,
        Self::Workflow,
        Self::Compaction,
        Self::McpClient,
        Self::McpServer,
        Self::Other,
    ];

    /// What a span of that operation and kind counts as.
    pub(crate) fn of(operation: &Operation, kind: SpanKind) -> Self {
        use value::gen_ai_operation_name::{EMBEDDINGS, PLAN};
        match operation.activity {
            Activity::Turn => Self::Turn,
            Activity::Agent if kind == SpanKind::Client => Self::Client,
            Activity::Agent => Self::Agent,
            Activity::Tool => Self::Tool,
            Activity::Workflow => Self::Workflow,
            Activity::Compaction => Self::Compaction,
            Activity::Mcp if kind == SpanKind::Server => Self::McpServer,
            Activity::Mcp => Self::McpClient,
            Activity::Other if operation.name == Some(EMBEDDINGS) => Self::Embeddings,
            Activity::Other if operation.name != Some(PLAN) => Self::Client,
            Activity::Operation | Activity::Other => Self::Other,
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// How long the span was, in seconds.
    Duration,
    /// An attribute in seconds.
    Seconds(FieldId),
    /// Each time between two chunks.
    Gaps,
    /// An attribute that counts tokens; of a turn that tells none, what turns inside of it tell.
    Tokens(FieldId),
    /// The same, and of which modality they were, as far as the other attributes say.
    ByModality(FieldId, Parts),
    /// Calls of models that an agent made itself.
    InferenceCalls,
    /// Calls of tools that an agent made itself.
    ToolCalls,
    Cost,
    /// 1 for each span.
    One,
    /// 1 for each span that was given up.
    Cancelled,
    /// By how much a context was shortened.
    Reclaimed,
    /// What an agent's context holds after a turn.
    Context,
}

/// Attributes that count a part of the tokens, by the place of their modality in [`MODALITIES`].
pub(crate) type Parts = &'static [(usize, FieldId)];

/// Values of `gen_ai.token.modality`; what nothing else says is of the first.
pub(crate) const MODALITIES: [&str; 4] = {
    use value::gen_ai_token_modality::{AUDIO, IMAGE, TEXT, UNKNOWN};
    [UNKNOWN, TEXT, IMAGE, AUDIO]
};

/// Metrics with the same labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Call,
    Inference,
    Stream,
    Agent,
    AgentCalls,
    Tool,
    Workflow,
    McpClient,
    McpServer,
    Cancelled,
    Compactions,
    Reclaimed,
    Context,
    Cost,
}

use Dialect::{Latest, V1_36, V1_41};
use Source::{
    ByModality, Cancelled, Context, Cost, Duration, Gaps, InferenceCalls, One, Reclaimed, Seconds, Tokens, ToolCalls,
};

macro_rules! fields {
    ($($key:ident),* $(,)?) => { const { &[$(FieldId::of(attr::$key)),*] } };
}

impl Family {
    pub(crate) const ALL: [Self; 14] = [
        Self::Call,
        Self::Inference,
        Self::Stream,
        Self::Agent,
        Self::AgentCalls,
        Self::Tool,
        Self::Workflow,
        Self::McpClient,
        Self::McpServer,
        Self::Cancelled,
        Self::Compactions,
        Self::Reclaimed,
        Self::Context,
        Self::Cost,
    ];

    /// Its labels, sorted by key. Never an id, never a text that anybody writes.
    #[rustfmt::skip]
    pub(crate) const fn labels(self) -> &'static [FieldId] {
        match self {
            Self::Call => fields![ERROR_TYPE, GEN_AI_OPERATION_NAME, GEN_AI_PROVIDER_NAME, GEN_AI_REQUEST_MODEL, GEN_AI_RESPONSE_MODEL, OPENAI_RESPONSE_SERVICE_TIER, OPENAI_RESPONSE_SYSTEM_FINGERPRINT, SERVER_ADDRESS, SERVER_PORT],
            Self::Inference => fields![GEN_AI_OPERATION_NAME, GEN_AI_PROVIDER_NAME, GEN_AI_REQUEST_MODEL, GEN_AI_RESPONSE_MODEL, OPENAI_RESPONSE_SERVICE_TIER, OPENAI_RESPONSE_SYSTEM_FINGERPRINT, SERVER_ADDRESS, SERVER_PORT],
            Self::Stream => fields![GEN_AI_OPERATION_NAME, GEN_AI_PROVIDER_NAME, GEN_AI_REQUEST_MODEL, GEN_AI_RESPONSE_MODEL, SERVER_ADDRESS, SERVER_PORT],
            Self::Agent => fields![ERROR_TYPE, GEN_AI_AGENT_NAME, GEN_AI_REQUEST_MODEL],
            Self::AgentCalls => fields![GEN_AI_AGENT_NAME],
            Self::Tool => fields![ERROR_TYPE, GEN_AI_AGENT_NAME, GEN_AI_TOOL_NAME, GEN_AI_TOOL_TYPE],
            Self::Workflow => fields![ERROR_TYPE, GEN_AI_WORKFLOW_NAME],
            Self::McpClient => fields![ERROR_TYPE, GEN_AI_OPERATION_NAME, GEN_AI_PROMPT_NAME, GEN_AI_TOOL_NAME, JSONRPC_PROTOCOL_VERSION, MCP_METHOD_NAME, MCP_PROTOCOL_VERSION, NETWORK_PROTOCOL_NAME, NETWORK_PROTOCOL_VERSION, NETWORK_TRANSPORT, RPC_RESPONSE_STATUS_CODE, SERVER_ADDRESS, SERVER_PORT],
            Self::McpServer => fields![ERROR_TYPE, GEN_AI_OPERATION_NAME, GEN_AI_PROMPT_NAME, GEN_AI_TOOL_NAME, JSONRPC_PROTOCOL_VERSION, MCP_METHOD_NAME, MCP_PROTOCOL_VERSION, NETWORK_PROTOCOL_NAME, NETWORK_PROTOCOL_VERSION, NETWORK_TRANSPORT, RPC_RESPONSE_STATUS_CODE],
            Self::Cancelled => fields![AGENTIC_ACTIVITY],
            Self::Compactions => fields![AGENTIC_COMPACTION_OUTCOME, AGENTIC_COMPACTION_TRIGGER, GEN_AI_AGENT_NAME],
            Self::Reclaimed => fields![AGENTIC_COMPACTION_TRIGGER, GEN_AI_AGENT_NAME],
            Self::Context => fields![GEN_AI_AGENT_NAME, GEN_AI_REQUEST_MODEL],
            Self::Cost => fields![AGENTIC_COST_CURRENCY, AGENTIC_COST_SOURCE, GEN_AI_OPERATION_NAME, GEN_AI_PROVIDER_NAME, GEN_AI_REQUEST_MODEL, GEN_AI_RESPONSE_MODEL],
        }
    }

    /// Its place among those whose labels are part of [`Call`](Self::Call)'s, and so are known where those are.
    pub(crate) const fn within_call(self) -> Option<usize> {
        match self {
            Self::Inference => Some(0),
            Self::Stream => Some(1),
            _ => None,
        }
    }
}

/// Labels that only calls of one provider have.
pub(crate) const ONLY_OPENAI: &[FieldId] = fields![OPENAI_RESPONSE_SERVICE_TIER, OPENAI_RESPONSE_SYSTEM_FINGERPRINT];

pub(crate) const PROVIDER: FieldId = FieldId::of(attr::GEN_AI_PROVIDER_NAME);

/// One metric on some spans.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// The registry's metric that has its unit and buckets.
    pub(crate) like: &'static Metric,
    pub(crate) dialects: &'static [Dialect],
    pub(crate) on: &'static [On],
    pub(crate) source: Source,
    pub(crate) family: Family,
    /// A label with a fixed value.
    pub(crate) fixed: Option<(&'static str, &'static str)>,
}

type Measured = (&'static [Dialect], &'static [On], Source, Family);

const fn row(name: &'static str, (dialects, on, source, family): Measured) -> Row {
    Row { name, like: metric(name), dialects, on, source, family, fixed: None }
}

const fn old(name: &'static str, like: &'static str, (dialects, on, source, family): Measured) -> Row {
    Row { name, like: metric(like), dialects, on, source, family, fixed: None }
}

const fn typed(row: Row, value: &'static str) -> Row {
    Row { fixed: Some(("gen_ai.token.type", value)), ..row }
}

const NEW: &[Dialect] = &[Latest];
const MCP: &[Dialect] = &[Latest, V1_41];
const ANY: &[Dialect] = &[Latest, V1_41, V1_36];
const OLD: &[Dialect] = &[V1_41, V1_36];
const NOT_FIRST: &[Dialect] = &[V1_41];

const INPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_INPUT_TOKENS);
const OUTPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_OUTPUT_TOKENS);
const CACHE_READ: FieldId = FieldId::of(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS);
const CACHE_WRITE: FieldId = FieldId::of(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS);
const REASONING: FieldId = FieldId::of(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS);
const FIRST_CHUNK: FieldId = FieldId::of(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK);

const IN_PARTS: Parts = &[
    (1, FieldId::of(attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS)),
    (2, FieldId::of(attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS)),
    (3, FieldId::of(attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS)),
];
const CACHED_PARTS: Parts = &[
    (1, FieldId::of(attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS)),
    (2, FieldId::of(attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS)),
    (3, FieldId::of(attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS)),
];
const OUT_PARTS: Parts = &[
    (1, FieldId::of(attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS)),
    (2, FieldId::of(attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS)),
    (3, FieldId::of(attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS)),
];

const TURN: &[On] = &[On::Turn];
const CALLS: &[On] = &[On::Turn, On::Embeddings];
const EVERY: &[On] = &On::ALL;

/// Metrics of the pinned conventions and our own, by name.
#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    //   metric                                                     written by   on                            value                            labels
    row("agentic.cancelled",                                       (ANY,         EVERY,                        Cancelled,                       Family::Cancelled)),
    row("agentic.compaction.reclaimed_tokens",                     (ANY,         &[On::Compaction],            Reclaimed,                       Family::Reclaimed)),
    row("agentic.compactions",                                     (ANY,         &[On::Compaction],            One,                             Family::Compactions)),
    row("agentic.context.tokens",                                  (ANY,         TURN,                         Context,                         Family::Context)),
    row("agentic.inference.cost",                                  (ANY,         CALLS,                        Cost,                            Family::Cost)),
    row("gen_ai.client.inference.duration",                        (NEW,         TURN,                         Duration,                        Family::Call)),
    row("gen_ai.client.inference.operation.input_tokens",          (NEW,         TURN,                         Tokens(INPUT),                   Family::Inference)),
    row("gen_ai.client.inference.operation.output_tokens",         (NEW,         TURN,                         Tokens(OUTPUT),                  Family::Inference)),
    row("gen_ai.client.inference.time_per_output_chunk",           (NEW,         TURN,                         Gaps,                            Family::Stream)),
    row("gen_ai.client.inference.time_to_first_chunk",             (NEW,         TURN,                         Seconds(FIRST_CHUNK),            Family::Stream)),
    row("gen_ai.client.inference.usage.cache_read.input_tokens",   (NEW,         TURN,                         ByModality(CACHE_READ, CACHED_PARTS), Family::Inference)),
    row("gen_ai.client.inference.usage.cache_write.input_tokens",  (NEW,         TURN,                         ByModality(CACHE_WRITE, &[]),    Family::Inference)),
    row("gen_ai.client.inference.usage.input_tokens",              (NEW,         TURN,                         ByModality(INPUT, IN_PARTS),     Family::Inference)),
    row("gen_ai.client.inference.usage.output_tokens",             (NEW,         TURN,                         ByModality(OUTPUT, OUT_PARTS),   Family::Inference)),
    row("gen_ai.client.inference.usage.reasoning.output_tokens",   (NEW,         TURN,                         ByModality(REASONING, &[]),      Family::Inference)),
    row("gen_ai.client.operation.duration",                        (NEW,         &[On::Client, On::Embeddings], Duration,                       Family::Call)),
    row("gen_ai.execute_tool.duration",                            (NEW,         &[On::Tool],                  Duration,                        Family::Tool)),
    row("gen_ai.invoke_agent.duration",                            (NEW,         &[On::Agent],                 Duration,                        Family::Agent)),
    row("gen_ai.invoke_agent.inference_calls",                     (NEW,         &[On::Agent],                 InferenceCalls,                  Family::AgentCalls)),
    row("gen_ai.invoke_agent.tool_calls",                          (NEW,         &[On::Agent],                 ToolCalls,                       Family::AgentCalls)),
    row("gen_ai.invoke_workflow.duration",                         (NEW,         &[On::Workflow],              Duration,                        Family::Workflow)),
    row("mcp.client.operation.duration",                           (MCP,         &[On::McpClient],             Duration,                        Family::McpClient)),
    row("mcp.server.operation.duration",                           (MCP,         &[On::McpServer],             Duration,                        Family::McpServer)),
];

const INPUT_TOKENS: &str = "gen_ai.client.inference.operation.input_tokens";
const TIME_TO_FIRST: &str = "gen_ai.client.inference.time_to_first_chunk";
const TIME_PER_CHUNK: &str = "gen_ai.client.inference.time_per_output_chunk";
const OPERATION: &str = "gen_ai.client.operation.duration";
const TOKEN_USAGE: &str = "gen_ai.client.token.usage";

/// Metrics of older conventions, or measured on other spans by them; with unit and buckets of what took their place.
#[rustfmt::skip]
pub(crate) const OLD_ROWS: &[Row] = &[
    //        metric                                            like              written by   on                                       value                  labels
    old("gen_ai.client.operation.duration",                OPERATION,       (OLD,        &[On::Turn, On::Client, On::Embeddings], Duration,              Family::Call)),
    old("gen_ai.client.operation.time_per_output_chunk",   TIME_PER_CHUNK,  (NOT_FIRST,  TURN,                                    Gaps,                  Family::Stream)),
    old("gen_ai.client.operation.time_to_first_chunk",     TIME_TO_FIRST,   (NOT_FIRST,  TURN,                                    Seconds(FIRST_CHUNK),  Family::Stream)),
    typed(old(TOKEN_USAGE,                                      INPUT_TOKENS,    (OLD,        CALLS,                                   Tokens(INPUT),         Family::Inference)), "input"),
    typed(old(TOKEN_USAGE,                                      INPUT_TOKENS,    (OLD,        TURN,                                    Tokens(OUTPUT),        Family::Inference)), "output"),
];

/// Metrics of the registry without a row, and why.
#[cfg(test)]
#[rustfmt::skip]
pub(crate) const NOT_MEASURED: &[(&str, &str)] = &[
    // metric or prefix             why
    ("agentic.open_spans",          "is read off the table of open spans"),
    ("agentic.telemetry.",          "are read off the counters of a tracer: `src/metrics/health.rs`"),
    ("gen_ai.server.",              "a server's"),
    ("mcp.client.session.duration", "there are no spans of sessions"),
    ("mcp.server.session.duration", "there are no spans of sessions"),
];

/// The registry's metric of that name. For constants only.
#[expect(clippy::indexing_slicing, clippy::panic, reason = "evaluated by the compiler")]
const fn metric(name: &str) -> &'static Metric {
    let mut at = 0;
    while at < METRICS.len() {
        if equal(METRICS[at].name.as_bytes(), name.as_bytes()) {
            return &METRICS[at];
        }
        at += 1;
    }
    panic!("this metric is not in the registry")
}

/// Upper limits of the buckets for times between chunks, in nanoseconds.
pub(crate) const GAP_LIMITS: [u64; GAP_BUCKETS - 1] = gap_limits();
pub(crate) const GAP_BUCKETS: usize = metric(TIME_PER_CHUNK).buckets.len() + 1;

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn gap_limits() -> [u64; GAP_BUCKETS - 1] {
    let mut limits = [0; GAP_BUCKETS - 1];
    let mut at = 0;
    while at < limits.len() {
        limits[at] = (metric(TIME_PER_CHUNK).buckets[at] * 1e9 + 0.5) as u64;
        at += 1;
    }
    limits
}

#[cfg(test)]
#[path = "instruments_tests.rs"]
mod tests;
