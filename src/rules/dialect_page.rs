//! The page "what older states of the conventions are written as", printed from the tables.

use std::fmt::Write as _;

use crate::rules::dialect::Dialect;
use crate::rules::dialect_names::{KEYS, VALUES, find};
use crate::semconv::{ATTRIBUTES, attr};

const HEAD: &str = "\
<!-- printed from src/rules; update: UPDATE_PAGES=1 cargo test --lib dialects_page -->
# States of the conventions

What is written has the names of the newest state of the GenAI conventions (`semconv::PINNED`), unless older ones are asked
for, because an installed backend reads those:

| state | in code | in `OTEL_SEMCONV_STABILITY_OPT_IN` |
|---|---|---|
| the newest | `Dialect::Latest` | `gen_ai_latest_experimental` |
| 1.37 to 1.41 | `Dialect::V1_41` | `gen_ai/1.41`, also `gen_ai/1.37` to `gen_ai/1.40` |
| 1.36 | `Dialect::V1_36` | `gen_ai/1.36` |
| the newest and 1.41 | `[Dialect::Latest, Dialect::V1_41]` | `gen_ai/dup` |

Several are written side by side: each attribute under every name it has in them, each name once. The variable is shared
with other instrumentations; words that do not begin with `gen_ai` are theirs.

In a pipeline a backend's own setting in code counts first, then `PipelineBuilder::with_semconv`, then the variable, then what is
known of the backend, then the newest state; names are changed on the way out. With `GenAiTracer::with_semconv`, for
pipelines of one's own, they are changed where the span is made, so samplers and processors see the names that are written. The
variable is not read there.

Names and kinds of spans and the values of `gen_ai.operation.name` are the same in all states; later ones only have more of
them. Metrics and log events of older states have names and forms of their own.

## Attributes that had another name

| attribute | 1.37 to 1.41 | 1.36 |
|---|---|---|
";

const WORDS: &str = "
Before 1.40 no state had an attribute for tokens written to a cache.

A backend that adds up every `gen_ai.usage.*` it finds, as Langfuse does, counts these tokens twice where both names stand side by
side: choose one state for it.

## Values that had another word

| attribute | value | 1.37 to 1.41 | 1.36 |
|---|---|---|---|
";

const LATER: &str = "
## Attributes that older states lack

They came later, and are written all the same: whoever does not know one does not look at it. Nothing is lost. Messages were
log events in 1.36; where content is let out on spans, it stays there under the newer keys.

| since | attributes |
|---|---|
";

/// What 1.36 had of the namespaces of these conventions.
#[rustfmt::skip]
const IN_1_36: &[&str] = &[
    attr::GEN_AI_AGENT_DESCRIPTION, attr::GEN_AI_AGENT_ID, attr::GEN_AI_AGENT_NAME, attr::GEN_AI_CONVERSATION_ID,
    attr::GEN_AI_DATA_SOURCE_ID, attr::GEN_AI_OPERATION_NAME, attr::GEN_AI_OUTPUT_TYPE, attr::GEN_AI_REQUEST_CHOICE_COUNT,
    attr::GEN_AI_REQUEST_ENCODING_FORMATS, attr::GEN_AI_REQUEST_FREQUENCY_PENALTY, attr::GEN_AI_REQUEST_MAX_TOKENS,
    attr::GEN_AI_REQUEST_MODEL, attr::GEN_AI_REQUEST_PRESENCE_PENALTY, attr::GEN_AI_REQUEST_SEED,
    attr::GEN_AI_REQUEST_STOP_SEQUENCES, attr::GEN_AI_REQUEST_TEMPERATURE, attr::GEN_AI_REQUEST_TOP_K,
    attr::GEN_AI_REQUEST_TOP_P, attr::GEN_AI_RESPONSE_FINISH_REASONS, attr::GEN_AI_RESPONSE_ID,
    attr::GEN_AI_RESPONSE_MODEL, attr::GEN_AI_TOOL_CALL_ID, attr::GEN_AI_TOOL_DESCRIPTION, attr::GEN_AI_TOOL_NAME,
    attr::GEN_AI_TOOL_TYPE, attr::GEN_AI_USAGE_INPUT_TOKENS, attr::GEN_AI_USAGE_OUTPUT_TOKENS,
];

/// What came with a version, by the registries of the core conventions.
#[rustfmt::skip]
const SINCE: &[(&str, &[&str])] = &[
    ("1.37", &[attr::GEN_AI_INPUT_MESSAGES, attr::GEN_AI_OUTPUT_MESSAGES, attr::GEN_AI_SYSTEM_INSTRUCTIONS]),
    ("1.38", &[
        attr::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, attr::GEN_AI_EVALUATION_EXPLANATION, attr::GEN_AI_EVALUATION_NAME,
        attr::GEN_AI_EVALUATION_SCORE_LABEL, attr::GEN_AI_EVALUATION_SCORE_VALUE, attr::GEN_AI_TOOL_CALL_ARGUMENTS,
        attr::GEN_AI_TOOL_CALL_RESULT, attr::GEN_AI_TOOL_DEFINITIONS,
    ]),
    ("1.39", &[
        attr::GEN_AI_PROMPT_NAME, attr::JSONRPC_PROTOCOL_VERSION, attr::JSONRPC_REQUEST_ID, attr::MCP_METHOD_NAME,
        attr::MCP_PROTOCOL_VERSION, attr::MCP_RESOURCE_URI, attr::MCP_SESSION_ID,
    ]),
    ("1.40", &[
        attr::GEN_AI_AGENT_VERSION, attr::GEN_AI_RETRIEVAL_DOCUMENTS, attr::GEN_AI_RETRIEVAL_QUERY_TEXT,
        attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, attr::OPENAI_API_TYPE,
    ]),
    ("1.41", &[
        attr::GEN_AI_REQUEST_STREAM, attr::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
        attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, attr::GEN_AI_WORKFLOW_NAME,
    ]),
];

const NAMESPACES: &[&str] = &["gen_ai.", "jsonrpc.", "mcp.", "openai."];

/// What no version of the core conventions had.
fn newest() -> Vec<&'static str> {
    let is_older =
        |key: &str| IN_1_36.contains(&key) || SINCE.iter().any(|(_, keys)| keys.contains(&key)) || find(key).is_some();
    let ours = ATTRIBUTES.iter().map(|attribute| attribute.key);
    ours.filter(|key| NAMESPACES.iter().any(|space| key.starts_with(space)) && !is_older(key)).collect()
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for row in KEYS {
        let [pinned, middle, oldest] = Dialect::ALL.map(|dialect| row.key(dialect));
        let _ = writeln!(page, "| `{pinned}` | {} | {} |", named(pinned, middle), named(pinned, oldest));
    }
    page.push_str(WORDS);
    for row in VALUES {
        let [pinned, middle, oldest] = Dialect::ALL.map(|dialect| row.word(dialect));
        let key = row.of.key();
        let _ = writeln!(page, "| `{key}` | `{pinned}` | {} | {} |", named(pinned, middle), named(pinned, oldest));
    }
    page.push_str(LATER);
    let newest = newest();
    for (since, keys) in SINCE.iter().copied().chain([("after 1.41", newest.as_slice())]) {
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(page, "| {since} | {} |", keys.join(", "));
    }
    page
}

fn named(pinned: &str, older: &str) -> String {
    if older == pinned { "the same".to_owned() } else { format!("`{older}`") }
}

#[test]
fn each_attribute_came_once_and_a_new_name_is_no_new_attribute() {
    let mut keys: Vec<&str> = SINCE.iter().flat_map(|(_, keys)| *keys).chain(IN_1_36).copied().collect();
    keys.sort_unstable();
    assert!(keys.is_sorted_by(|a, b| a < b), "there twice");
    assert!(keys.iter().all(|key| find(key).is_none()), "an attribute that was renamed is older than its name");
}

#[test]
fn the_dialects_page_is_printed_from_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/dialects.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(path, page()).expect("docs/ is writable");
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page(), "update it: UPDATE_PAGES=1 cargo test --lib dialects_page");
}
