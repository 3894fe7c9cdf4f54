//! What a span keeps where it may not carry all it has: attributes in the order of their importance.

use crate::rules::Activity;
use crate::rules::fields::{FieldId, position};
use crate::rules::keys::{self, Lookup};
use crate::semconv::{ATTRIBUTES, attr};

/// Attributes by importance, the most important first; what the registry has besides comes after them, then what the
/// application allowed, and content last of all.
#[rustfmt::skip]
const BY_IMPORTANCE: &[&str] = &[
    // what it is, what it used, how it ended: these have room in a limit of eight
    attr::GEN_AI_OPERATION_NAME,
    attr::GEN_AI_REQUEST_MODEL,
    attr::GEN_AI_USAGE_INPUT_TOKENS,
    attr::GEN_AI_USAGE_OUTPUT_TOKENS,
    attr::ERROR_TYPE,
    // who it is
    attr::GEN_AI_PROVIDER_NAME,
    attr::GEN_AI_AGENT_NAME,
    attr::GEN_AI_TOOL_NAME,
    attr::GEN_AI_WORKFLOW_NAME,
    attr::AGENTIC_OPERATION_KIND,
    attr::MCP_METHOD_NAME,
    attr::AGENTIC_COMPACTION_TRIGGER,
    attr::GEN_AI_CONVERSATION_ID,
    // what it used besides
    attr::AGENTIC_USAGE_INPUT_TOKENS,
    attr::AGENTIC_USAGE_OUTPUT_TOKENS,
    attr::AGENTIC_COST_TOTAL,
    attr::AGENTIC_COST_CURRENCY,
    attr::AGENTIC_USAGE_COST_TOTAL,
    attr::AGENTIC_USAGE_COST_CURRENCY,
    attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
    attr::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    attr::AGENTIC_USAGE_CACHE_READ_INPUT_TOKENS,
    attr::AGENTIC_USAGE_CACHE_WRITE_INPUT_TOKENS,
    attr::AGENTIC_USAGE_REASONING_OUTPUT_TOKENS,
    attr::AGENTIC_USAGE_ESTIMATED,
    attr::AGENTIC_USAGE_COST_INCOMPLETE,
    // how it ended
    attr::GEN_AI_RESPONSE_FINISH_REASONS,
    attr::AGENTIC_FORCED_CLOSE,
    attr::AGENTIC_OUTCOME,
    attr::AGENTIC_COMPACTION_OUTCOME,
    attr::GEN_AI_RESPONSE_MODEL,
    // ids
    attr::AGENTIC_RUN_ID,
    attr::AGENTIC_RUN_SEGMENT,
    attr::SESSION_ID,
    attr::USER_ID,
    attr::GEN_AI_TOOL_CALL_ID,
    attr::GEN_AI_RESPONSE_ID,
    attr::AGENTIC_TURN_ID,
    attr::AGENTIC_OPERATION_ID,
    attr::AGENTIC_TASK_ID,
    attr::GEN_AI_AGENT_ID,
    attr::GEN_AI_MAIN_AGENT_ID,
    attr::GEN_AI_DATA_SOURCE_ID,
    attr::GEN_AI_MEMORY_STORE_ID,
    attr::GEN_AI_MEMORY_RECORD_ID,
    attr::MCP_SESSION_ID,
    attr::JSONRPC_REQUEST_ID,
    // other names
    attr::GEN_AI_MAIN_AGENT_NAME,
    attr::GEN_AI_PROMPT_NAME,
    attr::GEN_AI_SKILL_NAME,
    attr::GEN_AI_SKILL_RESOURCE_NAME,
    attr::PROCESS_EXECUTABLE_NAME,
    attr::GEN_AI_TOOL_TYPE,
    attr::SERVER_ADDRESS,
    attr::SERVER_PORT,
    // what was asked for
    attr::GEN_AI_REQUEST_STREAM,
    attr::GEN_AI_REQUEST_MAX_TOKENS,
    attr::GEN_AI_REQUEST_TEMPERATURE,
    attr::GEN_AI_REQUEST_TOP_P,
    attr::GEN_AI_REQUEST_TOP_K,
    attr::GEN_AI_REQUEST_REASONING_LEVEL,
    attr::GEN_AI_REQUEST_SEED,
    attr::GEN_AI_REQUEST_CHOICE_COUNT,
    attr::GEN_AI_REQUEST_FREQUENCY_PENALTY,
    attr::GEN_AI_REQUEST_PRESENCE_PENALTY,
    attr::GEN_AI_REQUEST_STOP_SEQUENCES,
    attr::GEN_AI_OUTPUT_TYPE,
];

/// Rank of what the registry has besides.
const REST: u8 = BY_IMPORTANCE.len() as u8;
/// Rank of what no table knows.
const OTHER: u8 = REST + 1;
/// Rank of content and of what tells about it.
const CONTENT: u8 = OTHER + 1;

/// The rank of every attribute of the registry, in its order.
static RANKS: [u8; ATTRIBUTES.len()] = ranks();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn ranks() -> [u8; ATTRIBUTES.len()] {
    let mut ranks = [REST; ATTRIBUTES.len()];
    let mut at = 0;
    while at < ATTRIBUTES.len() {
        if let Some(place) = position(BY_IMPORTANCE, ATTRIBUTES[at].key) {
            ranks[at] = place as u8;
        }
        if ATTRIBUTES[at].content {
            ranks[at] = CONTENT;
        }
        at += 1;
    }
    ranks
}

/// How soon an attribute is left out: the higher, the sooner.
pub(crate) fn rank(key: &str) -> u8 {
    match keys::find(key) {
        // Another profile's spelling of an attribute is worth as much.
        Lookup::Attribute(id) | Lookup::Alias(id) => of(id),
        _ if key.starts_with("agentic.content.") => CONTENT,
        _ => OTHER,
    }
}

fn of(id: FieldId) -> u8 {
    RANKS.get(usize::from(id.index)).copied().unwrap_or(REST)
}

/// How many attributes that matter a span may get after its start: the start leaves room for them, up to half of the
/// limit.
#[rustfmt::skip]
pub(crate) fn reserve(activity: Activity) -> usize {
    match activity {
        // usage and its parts, cost, error, finish reasons, model of the reply
        Activity::Turn => 12,
        // sums of the same
        Activity::Agent | Activity::Workflow | Activity::Operation | Activity::Compaction => 14,
        Activity::Tool | Activity::Mcp | Activity::Other => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_there_once_and_no_content() {
        let mut keys = BY_IMPORTANCE.to_vec();
        keys.sort_unstable();
        assert!(keys.is_sorted_by(|a, b| a < b), "a row is there twice");
        for key in keys {
            let attribute = crate::semconv::attribute(key).expect("in the registry");
            assert!(!attribute.content, "{key} is content");
        }
    }

    #[test]
    fn usage_comes_before_names_and_content_last() {
        let order = [
            attr::GEN_AI_OPERATION_NAME,
            attr::GEN_AI_USAGE_INPUT_TOKENS,
            attr::GEN_AI_AGENT_NAME,
            attr::GEN_AI_RESPONSE_ID,
            attr::GEN_AI_REQUEST_TEMPERATURE,
            attr::CODE_LINE_NUMBER,
            "tenant",
            attr::GEN_AI_INPUT_MESSAGES,
        ];
        assert!(order.is_sorted_by_key(|key| rank(key)));
        assert_eq!(rank("agentic.content.ref.input_messages"), CONTENT);
        assert_eq!(rank("gen_ai.usage.prompt_tokens"), rank(attr::GEN_AI_USAGE_INPUT_TOKENS));
    }
}
