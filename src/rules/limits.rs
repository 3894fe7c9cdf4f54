//! How long an attribute's value may be.

use crate::rules::fields::position;
use crate::semconv::attr;

/// Longest name, in bytes of UTF-8: of a span, of an event inside a GenAI span, of an agent, a tool, a model.
pub const MAX_NAME_LENGTH: usize = 256;

/// Longest text of an attribute of a GenAI span that is no name and no content, in bytes of UTF-8; also each text of a
/// list.
pub const MAX_TEXT_LENGTH: usize = 1024;

/// Most items of a list on a GenAI span.
pub const MAX_LIST_LENGTH: usize = 64;

/// Attributes that hold a name: whatever gets into a span's name, and what backends group by.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    attr::AGENTIC_OPERATION_KIND,
    attr::GEN_AI_AGENT_NAME,
    attr::GEN_AI_DATA_SOURCE_ID,
    attr::GEN_AI_EVALUATION_NAME,
    attr::GEN_AI_MAIN_AGENT_NAME,
    attr::GEN_AI_OPERATION_NAME,
    attr::GEN_AI_PROMPT_NAME,
    attr::GEN_AI_PROVIDER_NAME,
    attr::GEN_AI_REQUEST_MODEL,
    attr::GEN_AI_RESPONSE_MODEL,
    attr::GEN_AI_SKILL_NAME,
    attr::GEN_AI_SKILL_RESOURCE_NAME,
    attr::GEN_AI_TOOL_NAME,
    attr::GEN_AI_TOOL_TYPE,
    attr::GEN_AI_WORKFLOW_NAME,
    attr::MCP_METHOD_NAME,
    attr::PROCESS_EXECUTABLE_NAME,
];

/// Longest text of the attribute `key`, in bytes. For constants only.
pub(crate) const fn longest(key: &str) -> u16 {
    let longest = if position(NAMES, key).is_some() { MAX_NAME_LENGTH } else { MAX_TEXT_LENGTH };
    longest as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::operations::{COMMAND, COMPACTION, MCP, MCP_TOOL_CALL, OPERATION, OPERATIONS, Word};

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(NAMES.is_sorted_by(|a, b| a < b), "sort NAMES");
    }

    #[test]
    fn whatever_names_a_span_is_a_name() {
        for operation in OPERATIONS.iter().chain([OPERATION, COMPACTION, COMMAND, MCP, MCP_TOOL_CALL]) {
            let word = match operation.word {
                Word::Of(field) => Some(field),
                Word::Is(_) => None,
            };
            for field in operation.target.iter().copied().flatten().copied().chain(word) {
                assert_eq!(usize::from(field.longest), MAX_NAME_LENGTH, "{} is not in NAMES", field.key());
            }
        }
    }
}
