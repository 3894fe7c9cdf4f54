//! The keys of each backend's own.
//!
//! Where a row names activities, they are those a content policy is told: the operations of the conventions, `operation`
//! and `compact`.

use crate::semconv::attr;
use crate::semconv::value::gen_ai_operation_name as op;

use super::super::adapter::From::{
    After, Constant, Dollars, DollarsAs, First, Int, Json, Name, Operation, Schema, Word,
};
use super::super::adapter::On::{self, About, Every, Root};
use super::super::adapter::{Aside, Extra, From};
use super::rows::SESSION;

const fn row(on: On, key: &'static str, value: From) -> Extra {
    Extra { on, key, value }
}

const USER: From = First(&[attr::USER_ID]);
const MODELS: &[&str] = &[op::CHAT, op::GENERATE_CONTENT, op::TEXT_COMPLETION];
const AGENTS: &[&str] = &[op::INVOKE_AGENT, op::INVOKE_WORKFLOW, OPERATION, COMPACTION];
const OPERATION: &str = "operation";
const COMPACTION: &str = "compact";

#[rustfmt::skip]
pub(super) const LANGFUSE: &[Extra] = &[
    //  on             key                                            value
    row(Every,         "session.id",                                  First(SESSION)),
    row(Every,         "user.id",                                     USER),
    row(Root,          "langfuse.trace.name",                         Name),
    row(Every,         "langfuse.observation.type",                   Word(LANGFUSE_TYPES)),
    row(About(MODELS), "langfuse.observation.completion_start_time",  After(attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK)),
    row(About(MODELS), "langfuse.observation.prompt.name",            First(&[attr::GEN_AI_PROMPT_NAME])),
    // Its versions are numbers.
    row(About(MODELS), "langfuse.observation.prompt.version",         Int(attr::GEN_AI_PROMPT_VERSION)),
    row(Every,         "langfuse.observation.cost_details",           DollarsAs("total")),
];

/// By itself it knows models, embeddings, agents and tools; anything else that has a model it takes for a model call.
#[rustfmt::skip]
const LANGFUSE_TYPES: &[(&str, &str)] = &[
    (op::CHAT,                "generation"),
    (COMPACTION,              "chain"),
    (op::CREATE_AGENT,        "agent"),
    (op::CREATE_MEMORY,       "span"),
    (op::CREATE_MEMORY_STORE, "span"),
    (op::DELETE_MEMORY,       "span"),
    (op::DELETE_MEMORY_STORE, "span"),
    (op::EMBEDDINGS,          "embedding"),
    (op::EXECUTE_TOOL,        "tool"),
    (op::FETCH_RESPONSE,      "span"),
    (op::GENERATE_CONTENT,    "generation"),
    (op::INVOKE_AGENT,        "agent"),
    (op::INVOKE_WORKFLOW,     "chain"),
    (OPERATION,               "chain"),
    (op::PLAN,                "chain"),
    (op::RETRIEVAL,           "retriever"),
    (op::SEARCH_MEMORY,       "retriever"),
    (op::TEXT_COMPLETION,     "generation"),
    (op::UPDATE_MEMORY,       "span"),
    (op::UPSERT_MEMORY,       "span"),
];

/// Totals of an agent repeat what its turns have: whoever adds up all spans counts them twice.
const TOTALS: &[&str] = &[attr::GEN_AI_USAGE_INPUT_TOKENS, attr::GEN_AI_USAGE_OUTPUT_TOKENS];

pub(super) const AGENTS_ASIDE: &[Aside] = &[Aside { on: About(AGENTS), keys: TOTALS }];

/// It takes each `gen_ai.usage.*` that it does not know for a type of its own, and adds it to the sum.
#[rustfmt::skip]
pub(super) const LANGFUSE_ASIDE: &[Aside] = &[
    Aside { on: About(AGENTS), keys: TOTALS },
    Aside { on: Every, keys: &[
        attr::GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
        attr::GEN_AI_USAGE_AUDIO_INPUT_TOKENS,
        attr::GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS,
        // Only if somebody asked for the newest names: it knows those before.
        attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
        attr::GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS,
        attr::GEN_AI_USAGE_IMAGE_INPUT_TOKENS,
        attr::GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS,
        attr::GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS,
        attr::GEN_AI_USAGE_TEXT_INPUT_TOKENS,
        attr::GEN_AI_USAGE_TEXT_OUTPUT_TOKENS,
    ] },
];

#[rustfmt::skip]
pub(super) const LANGSMITH: &[Extra] = &[
    //  on             key                                            value
    row(Every,         "langsmith.trace.session_id",                  First(SESSION)),
    row(Every,         "langsmith.metadata.session_id",               First(SESSION)),
    row(Every,         "langsmith.metadata.user_id",                  USER),
    row(Every,         "langsmith.span.kind",                         Word(LANGSMITH_KINDS)),
    row(Every,         "gen_ai.system",                               First(&[attr::GEN_AI_PROVIDER_NAME])),
    row(About(MODELS), "gen_ai.usage.details.reasoning_tokens",       Int(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS)),
];

#[rustfmt::skip]
const LANGSMITH_KINDS: &[(&str, &str)] = &[
    (op::CHAT,                "llm"),
    (COMPACTION,              "chain"),
    (op::CREATE_AGENT,        "chain"),
    (op::EMBEDDINGS,          "embedding"),
    (op::EXECUTE_TOOL,        "tool"),
    (op::GENERATE_CONTENT,    "llm"),
    (op::INVOKE_AGENT,        "chain"),
    (op::INVOKE_WORKFLOW,     "chain"),
    (OPERATION,               "chain"),
    (op::PLAN,                "chain"),
    (op::RETRIEVAL,           "retriever"),
    (op::SEARCH_MEMORY,       "retriever"),
    (op::TEXT_COMPLETION,     "llm"),
];

#[rustfmt::skip]
pub(super) const PHOENIX: &[Extra] = &[
    //  on             key                                            value
    row(Every,         "session.id",                                  First(SESSION)),
    row(Every,         "user.id",                                     USER),
    row(Every,         "openinference.span.kind",                     Word(PHOENIX_KINDS)),
    row(Every,         "llm.cost.total",                              Dollars),
];

/// What its own conversion has no kind for.
#[rustfmt::skip]
const PHOENIX_KINDS: &[(&str, &str)] = &[
    (COMPACTION,              "CHAIN"),
    (op::FETCH_RESPONSE,      "CHAIN"),
    (op::INVOKE_WORKFLOW,     "CHAIN"),
    (OPERATION,               "CHAIN"),
    (op::PLAN,                "CHAIN"),
    (op::SEARCH_MEMORY,       "RETRIEVER"),
];

#[rustfmt::skip]
pub(super) const MLFLOW: &[Extra] = &[
    //  on             key                                            value
    row(Every,         "session.id",                                  First(SESSION)),
    row(Every,         "mlflow.trace.session",                        First(SESSION)),
    row(Every,         "mlflow.trace.user",                           USER),
    // Its list of traces shows those of the root. Content: only what this backend may have is there to be copied.
    row(Root,          "mlflow.spanInputs",                           Json(&[attr::GEN_AI_INPUT_MESSAGES, attr::AGENTIC_WORKFLOW_INPUT, attr::AGENTIC_TASK_PROMPT])),
    row(Root,          "mlflow.spanOutputs",                          Json(&[attr::GEN_AI_OUTPUT_MESSAGES, attr::AGENTIC_WORKFLOW_RESULT])),
];

#[rustfmt::skip]
pub(super) const HONEYCOMB: &[Extra] = &[
    //  on             key                                            value
    row(Every,         attr::GEN_AI_AGENT_NAME,                       First(&[attr::GEN_AI_AGENT_NAME])),
    row(Every,         attr::GEN_AI_CONVERSATION_ID,                  First(&[attr::GEN_AI_CONVERSATION_ID])),
];

#[rustfmt::skip]
pub(super) const LOGFIRE: &[Extra] = &[
    //  on             key                                            value
    row(Every,         "gen_ai.system",                               First(&[attr::GEN_AI_PROVIDER_NAME])),
    row(Every,         "operation.cost",                              Dollars),
    row(Every,         "logfire.json_schema",                         Schema),
];

#[rustfmt::skip]
pub(super) const POSTHOG: &[Extra] = &[
    //  on             key                                            value
    row(Every,         "posthog.distinct_id",                         USER),
    row(Every,         "$ai_session_id",                              First(SESSION)),
    row(About(MODELS), "$ai_time_to_first_token",                     First(&[attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK])),
    row(About(MODELS), "$ai_cache_read_input_tokens",                 Int(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS)),
    row(About(MODELS), "$ai_cache_creation_input_tokens",             Int(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS)),
    row(About(MODELS), "$ai_reasoning_tokens",                        Int(attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS)),
    // Input includes what was cached.
    row(About(MODELS), "$ai_cache_reporting_exclusive",               Constant(false)),
    row(About(MODELS), "$ai_total_cost_usd",                          Dollars),
];

#[rustfmt::skip]
pub(super) const SENTRY: &[Extra] = &[
    //  on             key                                            value
    row(Every,         "sentry.op",                                   Operation("gen_ai.")),
];

#[cfg(test)]
mod tests {
    use super::super::rows::ROWS;
    use super::*;
    use crate::semconv;

    /// Words that are no operation of the conventions.
    const OURS: &[&str] = &[OPERATION, COMPACTION];

    fn is_activity(word: &str) -> bool {
        let known = semconv::attribute(attr::GEN_AI_OPERATION_NAME).unwrap().values;
        known.contains(&word) || OURS.contains(&word)
    }

    #[test]
    fn every_activity_and_every_attribute_is_known() {
        for (backend, row) in ROWS.iter().flat_map(|backend| backend.keys.iter().map(move |row| (backend.name, row))) {
            let named = match row.on {
                About(activities) => activities,
                Every | Root => &[],
            };
            assert!(named.iter().all(|word| is_activity(word)), "{backend}: {row:?}");
            let (words, keys): (&[(&str, &str)], &[&str]) = match &row.value {
                Word(words) => (words, &[]),
                First(keys) | Json(keys) => (&[], keys),
                Int(key) | After(key) => (&[], std::slice::from_ref(key)),
                Constant(_) | Operation(_) | Dollars | DollarsAs(_) | Schema | Name => (&[], &[]),
            };
            assert!(words.iter().all(|(word, _)| is_activity(word)), "{backend}: {row:?}");
            assert!(keys.iter().all(|key| semconv::attribute(key).is_some()), "{backend}: {row:?}");
        }
    }

    #[test]
    fn keys_that_hold_content_are_known_as_content() {
        for row in ROWS.iter().flat_map(|backend| backend.keys) {
            assert!(!matches!(row.value, Json(_)) || crate::span::is_content(row.key), "{}", row.key);
        }
    }

    #[test]
    fn every_operation_has_a_type_at_langfuse() {
        let known = semconv::attribute(attr::GEN_AI_OPERATION_NAME).unwrap().values;
        for word in known.iter().chain(OURS) {
            assert!(LANGFUSE_TYPES.iter().any(|(activity, _)| activity == word), "{word}");
        }
    }

    #[test]
    fn a_key_stands_once_in_the_rows_of_a_backend() {
        for backend in ROWS {
            for row in backend.keys {
                assert_eq!(backend.keys.iter().filter(|other| other.key == row.key).count(), 1, "{}", row.key);
            }
        }
    }

    #[test]
    fn what_is_set_aside_is_usage() {
        for key in ROWS.iter().flat_map(|backend| backend.aside).flat_map(|aside| aside.keys) {
            assert!(key.starts_with("gen_ai.usage.") && semconv::attribute(key).is_some(), "{key}");
        }
    }
}
