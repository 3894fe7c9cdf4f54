//! Field → attribute: the registry's own keys, the aliases other crates use for them, and what is mere noise.

use std::ops::Deref;

use crate::rules::{inherit, limits};
use crate::semconv::{ATTRIBUTES, ValueType, attr};

/// A registry attribute with everything the hot path asks of it, in one place.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its place in [`ATTRIBUTES`].
    pub(crate) index: u16,
    pub(crate) key: &'static str,
    pub(crate) value_type: ValueType,
    pub(crate) content: bool,
    /// Longest text, in bytes.
    pub(crate) longest: u16,
    /// Whether its values are looked at even if they are of the right type.
    pub(crate) looked_at: bool,
    /// Whether it is fixed at the start, see [`AT_START`].
    pub(crate) at_start: bool,
    /// Its place in [`inherit::INHERITED`], if it flows down the tree.
    pub(crate) inherited: Option<u8>,
}

/// A registry attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldId(pub(crate) &'static Row);

impl FieldId {
    /// The id of a registry key. For constants only: a key the registry lacks does not compile.
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    pub(crate) const fn of(key: &str) -> FieldId {
        FieldId(&ROWS[index_of(key)])
    }

    /// The canonical key, as it is exported.
    #[inline]
    pub(crate) fn key(self) -> &'static str {
        self.0.key
    }
}

impl PartialEq for FieldId {
    fn eq(&self, other: &Self) -> bool {
        self.0.index == other.0.index
    }
}

impl Deref for FieldId {
    type Target = Row;

    fn deref(&self) -> &Row {
        self.0
    }
}

/// One foreign key.
pub(crate) struct Alias {
    pub(crate) key: &'static str,
    pub(crate) to: &'static str,
}

const fn alias(key: &'static str, to: &'static str) -> Alias {
    Alias { key, to }
}

/// Older and foreign spellings of registry attributes.
#[rustfmt::skip]
pub(crate) const ALIASES: &[Alias] = &[
    //    key seen                                          registry attribute                                  seen in
    alias("agent.name",                                     attr::GEN_AI_AGENT_NAME),                       // OpenInference
    alias("embedding.model_name",                           attr::GEN_AI_REQUEST_MODEL),                    // OpenInference
    alias("gen_ai.completion",                              attr::GEN_AI_OUTPUT_MESSAGES),                  // conventions 1.27, openllmetry
    alias("gen_ai.openai.request.response_format",          attr::GEN_AI_OUTPUT_TYPE),                      // conventions 1.28
    alias("gen_ai.openai.request.seed",                     attr::GEN_AI_REQUEST_SEED),                     // conventions 1.28
    alias("gen_ai.openai.request.service_tier",             attr::OPENAI_REQUEST_SERVICE_TIER),             // conventions 1.28
    alias("gen_ai.openai.response.service_tier",            attr::OPENAI_RESPONSE_SERVICE_TIER),            // conventions 1.28
    alias("gen_ai.openai.response.system_fingerprint",      attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT),      // conventions 1.28
    alias("gen_ai.prompt",                                  attr::GEN_AI_INPUT_MESSAGES),                   // conventions 1.27, openllmetry
    alias("gen_ai.request.max_output_tokens",               attr::GEN_AI_REQUEST_MAX_TOKENS),               // agent-sdk 0.17
    alias("gen_ai.system",                                  attr::GEN_AI_PROVIDER_NAME),                    // conventions up to 1.36, agent-framework-core 0.14
    alias("gen_ai.tool.arguments",                          attr::GEN_AI_TOOL_CALL_ARGUMENTS),              // openinference-semantic-conventions 0.1.1
    alias("gen_ai.tool.error.type",                         attr::ERROR_TYPE),                              // rig-agent 0.43 to 0.46
    alias("gen_ai.tool.result",                             attr::GEN_AI_TOOL_CALL_RESULT),                 // openinference-semantic-conventions 0.1.1
    alias("gen_ai.usage.cache_creation.input_tokens",       attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),   // rig 0.44, genai 0.7.2, agent-framework-core 0.14
    alias("gen_ai.usage.cache_creation_input_tokens",       attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),   // openllmetry
    alias("gen_ai.usage.cache_read_input_tokens",           attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),    // openllmetry
    alias("gen_ai.usage.cache_write_input_tokens",          attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),   // harness-rs-loop 0.0.66
    alias("gen_ai.usage.cached_input_tokens",               attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),    // rig before 0.30, harness-rs-loop 0.0.66
    alias("gen_ai.usage.completion_tokens",                 attr::GEN_AI_USAGE_OUTPUT_TOKENS),              // conventions 1.26, traceloop hub
    alias("gen_ai.usage.prompt_tokens",                     attr::GEN_AI_USAGE_INPUT_TOKENS),               // conventions 1.26, traceloop hub
    alias("gen_ai.usage.reasoning_tokens",                  attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),    // rig 0.44
    alias("input.value",                                    attr::GEN_AI_INPUT_MESSAGES),                   // OpenInference
    alias("langfuse.input",                                 attr::GEN_AI_INPUT_MESSAGES),                   // swiftide 0.33
    alias("langfuse.model",                                 attr::GEN_AI_REQUEST_MODEL),                    // swiftide 0.33
    alias("langfuse.observation.input",                     attr::GEN_AI_INPUT_MESSAGES),                   // langfuse SDKs
    alias("langfuse.observation.output",                    attr::GEN_AI_OUTPUT_MESSAGES),                  // langfuse SDKs
    alias("langfuse.observation.status_message",            attr::EXCEPTION_MESSAGE),                      // langfuse SDKs
    alias("langfuse.output",                                attr::GEN_AI_OUTPUT_MESSAGES),                  // swiftide 0.33
    alias("langfuse.status_message",                        attr::EXCEPTION_MESSAGE),                      // swiftide 0.33
    alias("langfuse.trace.input",                           attr::GEN_AI_INPUT_MESSAGES),                   // langfuse SDKs
    alias("langfuse.trace.output",                          attr::GEN_AI_OUTPUT_MESSAGES),                  // langfuse SDKs
    alias("llm.model_name",                                 attr::GEN_AI_REQUEST_MODEL),                    // OpenInference
    alias("llm.provider",                                   attr::GEN_AI_PROVIDER_NAME),                    // OpenInference
    alias("llm.system",                                     attr::GEN_AI_PROVIDER_NAME),                    // OpenInference
    alias("llm.token_count.completion",                     attr::GEN_AI_USAGE_OUTPUT_TOKENS),              // OpenInference
    alias("llm.token_count.completion_details.reasoning",   attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),    // OpenInference
    alias("llm.token_count.prompt",                         attr::GEN_AI_USAGE_INPUT_TOKENS),               // OpenInference
    alias("llm.token_count.prompt_details.cache_read",      attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),    // OpenInference
    alias("llm.token_count.prompt_details.cache_write",     attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),   // OpenInference
    alias("mlflow.spanInputs",                              attr::GEN_AI_INPUT_MESSAGES),                   // MLflow SDKs
    alias("mlflow.spanOutputs",                             attr::GEN_AI_OUTPUT_MESSAGES),                  // MLflow SDKs
    alias("otel.status_message",                            attr::EXCEPTION_MESSAGE),                      // agent-framework-core 0.14, harness-rs-loop 0.0.66
    alias("output.value",                                   attr::GEN_AI_OUTPUT_MESSAGES),                  // OpenInference
    alias("tool.description",                               attr::GEN_AI_TOOL_DESCRIPTION),                 // OpenInference
    alias("tool.json_schema",                               attr::GEN_AI_TOOL_DEFINITIONS),                 // OpenInference
    alias("tool.name",                                      attr::GEN_AI_TOOL_NAME),                        // OpenInference
    alias("tool.parameters",                                attr::GEN_AI_TOOL_DEFINITIONS),                 // OpenInference
    alias("tool_call.function.arguments",                   attr::GEN_AI_TOOL_CALL_ARGUMENTS),              // OpenInference
    alias("tool_call.function.name",                        attr::GEN_AI_TOOL_NAME),                        // OpenInference
    alias("tool_call.id",                                   attr::GEN_AI_TOOL_CALL_ID),                     // OpenInference
];

/// What says nothing on a GenAI span: what `tracing-opentelemetry` adds by itself, and marks of other crates that the
/// operation's name says better.
#[rustfmt::skip]
pub(crate) const NOISE: &[&str] = &[
    "busy_ns",                 // tracing-opentelemetry, with the next four
    "code.module.name",
    "idle_ns",
    "level",
    "llm.request.type",        // traceloop hub: see `rules/foreign.rs`
    "openinference.span.kind", // OpenInference: the same
    "rig.completion_parent",   // rig 0.44: a mark for itself
    "rig.provider_request_id", // rig 0.44: a header's value as it came; the middleware tells it where it is an identifier
    "target",
];

/// Keys of Langfuse that are metadata: no attributes of the conventions, and left as they are.
#[rustfmt::skip]
pub(crate) const LEFT_AS_THEY_ARE: &[&str] = &[
    "langfuse.environment",
    "langfuse.observation.completion_start_time",
    "langfuse.observation.cost_details",
    "langfuse.observation.level",
    "langfuse.observation.model.name",
    "langfuse.observation.prompt.name",
    "langfuse.observation.prompt.version",
    "langfuse.observation.type",
    "langfuse.observation.usage_details",
    "langfuse.release",
    "langfuse.session.id",
    "langfuse.trace.name",
    "langfuse.trace.public",
    "langfuse.trace.tags",
    "langfuse.type",
    "langfuse.user.id",
    "langfuse.version",
];

/// Prefixes of open-ended keys: all content.
#[rustfmt::skip]
const CONTENT_PREFIXES: &[&str] = &[
    "gen_ai.completion.",   // indexed messages of openllmetry and traceloop hub
    "gen_ai.prompt.",       // the same, and `gen_ai.prompt.variable.*` of the registry
    "llm.input_messages.",  // OpenInference, with the next three
    "llm.output_messages.",
    "llm.prompts.",
    "llm.tools.",
    "llm.prompt.",          // traceloop hub
];

/// Where an alias is content also outside of GenAI spans. Elsewhere its key is too common a word: `input.value` of a
/// span that is not about agents is its own affair.
const CONTENT_EVERYWHERE: &[&str] = &["gen_ai.", "langfuse.", "mlflow."];

/// Attributes that are handed to the sampler and fixed at the start: what a span *is*. All others may be recorded
/// again until the end, the last value counts.
///
/// The registry's sampling-relevant attributes, what names a span, and the ids an agent-aware sampler decides by.
#[rustfmt::skip]
pub(crate) const AT_START: &[&str] = &[
    attr::AGENTIC_OPERATION_KIND,
    attr::AGENTIC_RUN_ID,
    attr::GEN_AI_AGENT_NAME,
    attr::GEN_AI_CONVERSATION_ID,
    attr::GEN_AI_DATA_SOURCE_ID,
    attr::GEN_AI_OPERATION_NAME,
    attr::GEN_AI_PROMPT_NAME,
    attr::GEN_AI_PROVIDER_NAME,
    attr::GEN_AI_REQUEST_MODEL,
    attr::GEN_AI_SKILL_NAME,
    attr::GEN_AI_SKILL_RESOURCE_NAME,
    attr::GEN_AI_TOOL_NAME,
    attr::GEN_AI_TOOL_TYPE,
    attr::GEN_AI_WORKFLOW_NAME,
    attr::MCP_METHOD_NAME,
    attr::PROCESS_EXECUTABLE_NAME,
    attr::SERVER_ADDRESS,
    attr::SERVER_PORT,
    attr::SESSION_ID,
    attr::USER_ID,
];

/// Values that the registry wants left out because they say no more than absence does.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Default {
    Bool(bool),
    Int(i64),
    Text(&'static str),
}

#[rustfmt::skip]
pub(crate) const OMITTED: &[(&str, Default)] = &[
    // attribute                                           value that is left out
    (attr::GEN_AI_CONVERSATION_COMPACTED,     Default::Bool(false)),
    (attr::GEN_AI_REQUEST_CHOICE_COUNT,       Default::Int(1)),
    (attr::GEN_AI_REQUEST_STREAM,             Default::Bool(false)),
    (attr::JSONRPC_PROTOCOL_VERSION,          Default::Text("2.0")),
    (attr::OPENAI_REQUEST_SERVICE_TIER,       Default::Text("auto")),
];

/// Attributes whose values are normalised: see `span/coerce.rs`.
const NORMALISED: &[&str] =
    &[attr::AGENTIC_COST_CURRENCY, attr::AGENTIC_COST_TOTAL, attr::ERROR_TYPE, attr::GEN_AI_PROVIDER_NAME];

/// The registry's well-known values of `key`. For constants only.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(crate) const fn values_of(key: &str) -> &'static [&'static str] {
    ATTRIBUTES[index_of(key)].values
}

/// Prefixes of keys that are content though no table lists them.
pub(crate) fn content_prefixes() -> &'static [&'static str] {
    CONTENT_PREFIXES
}

/// Whether a key that no table lists by itself is content.
pub(crate) fn is_content_by_prefix(key: &str) -> bool {
    CONTENT_PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// Whether the alias `key` for content is content on a span that has nothing to do with agents, too.
pub(crate) fn is_content_everywhere(key: &str) -> bool {
    CONTENT_EVERYWHERE.iter().any(|namespace| key.starts_with(namespace))
}

/// Every attribute of the registry, in its order.
pub(crate) static ROWS: [Row; ATTRIBUTES.len()] = rows();
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn rows() -> [Row; ATTRIBUTES.len()] {
    let mut rows = [const { row(0) }; ATTRIBUTES.len()];
    let mut index = 0;
    while index < ATTRIBUTES.len() {
        rows[index] = row(index);
        index += 1;
    }
    rows
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn row(index: usize) -> Row {
    let attribute = &ATTRIBUTES[index];
    let key = attribute.key;
    let mut omitted = [""; OMITTED.len()];
    let mut at = 0;
    while at < OMITTED.len() {
        omitted[at] = OMITTED[at].0;
        at += 1;
    }
    Row {
        index: index as u16,
        key,
        value_type: attribute.value_type,
        content: attribute.content,
        longest: limits::longest(key),
        looked_at: position(&omitted, key).is_some() || position(NORMALISED, key).is_some(),
        at_start: position(AT_START, key).is_some(),
        inherited: match position(&inherit::KEYS, key) {
            Some(place) => Some(place as u8),
            None => None,
        },
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(crate) const fn position(keys: &[&str], key: &str) -> Option<usize> {
    let mut at = 0;
    while at < keys.len() {
        if equal(keys[at].as_bytes(), key.as_bytes()) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[expect(clippy::indexing_slicing, clippy::panic, reason = "evaluated by the compiler")]
const fn index_of(key: &str) -> usize {
    let mut index = 0;
    while index < ATTRIBUTES.len() {
        if equal(ATTRIBUTES[index].key.as_bytes(), key.as_bytes()) {
            return index;
        }
        index += 1;
    }
    panic!("this key is not in the registry")
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(crate) const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv::{self, Level};

    #[test]
    fn aliases_are_sorted_unique_and_no_registry_keys() {
        assert!(ALIASES.is_sorted_by(|a, b| a.key < b.key), "sort ALIASES by key");
        for alias in ALIASES {
            assert!(semconv::attribute(alias.key).is_none(), "{} is a registry key", alias.key);
        }
        assert!(NOISE.is_sorted_by(|a, b| a < b), "sort NOISE");
        assert!(LEFT_AS_THEY_ARE.is_sorted_by(|a, b| a < b), "sort LEFT_AS_THEY_ARE");
    }

    #[test]
    fn every_opt_in_attribute_of_spans_and_events_is_content() {
        let spans = semconv::SPANS.iter().flat_map(|span| span.attributes);
        let events = semconv::EVENTS.iter().flat_map(|event| event.attributes);
        for requirement in spans.chain(events).filter(|requirement| requirement.level == Level::OptIn) {
            let attribute = semconv::attribute(requirement.key).expect("in the registry");
            assert!(attribute.content, "{} is opt-in and not content", requirement.key);
        }
    }

    #[test]
    fn every_sampling_relevant_attribute_is_fixed_at_start() {
        let refined = semconv::REFINEMENTS.iter().flat_map(|refinement| refinement.attributes);
        for requirement in semconv::SPANS.iter().flat_map(|span| span.attributes).chain(refined) {
            if requirement.sampling_relevant {
                assert!(FieldId::of(requirement.key).at_start, "{} is not in AT_START", requirement.key);
            }
        }
    }
}
