//! What content there is: the attribute it is exported as, and the form its JSON has.

use crate::semconv::attr;

/// One kind of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// `gen_ai.system_instructions`.
    SystemInstructions,
    /// `gen_ai.tool.definitions`.
    ToolDefinitions,
    /// `gen_ai.input.messages`.
    InputMessages,
    /// `gen_ai.output.messages`.
    OutputMessages,
    /// `gen_ai.tool.description`.
    ToolDescription,
    /// `gen_ai.tool.call.arguments`.
    ToolArguments,
    /// `gen_ai.tool.call.result`.
    ToolResult,
    /// `gen_ai.retrieval.query.text`.
    RetrievalQuery,
    /// `gen_ai.retrieval.documents`.
    RetrievalDocuments,
    /// `gen_ai.memory.query.text`.
    MemoryQuery,
    /// `gen_ai.memory.records`.
    MemoryRecords,
    /// `agentic.workflow.input`.
    WorkflowInput,
    /// `agentic.workflow.result`.
    WorkflowResult,
    /// `agentic.task.prompt`.
    TaskPrompt,
    /// `agentic.task.directory`.
    TaskDirectory,
    /// `agentic.compaction.summary`.
    CompactionSummary,
    /// `gen_ai.agent.description`.
    AgentDescription,
    /// `gen_ai.main_agent.description`.
    MainAgentDescription,
    /// `gen_ai.skill.description`.
    SkillDescription,
    /// `gen_ai.skill.source.uri`.
    SkillSource,
    /// `gen_ai.evaluation.explanation`.
    EvaluationExplanation,
    /// `mcp.resource.uri`.
    ResourceUri,
    /// `gen_ai.prompt.variable.{name}`.
    PromptVariable,
    /// `exception.message`, and with it the description of the span's status.
    ErrorMessage,
    /// `exception.stacktrace`.
    ErrorStack,
    /// `agentic.log.message`: the text of a `tracing` event inside a GenAI span.
    LogMessage,
    /// `agentic.log.attributes`: the fields of a `tracing` event inside a GenAI span.
    LogFields,
}

/// The form of an attribute's value: the JSON schema the conventions give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A list of messages, the newest last.
    Messages,
    /// A list of parts.
    Parts,
    /// A list of tools.
    Tools,
    /// A list of retrieved documents, the best first.
    Documents,
    /// A list of memory records, the best first.
    Records,
    /// An object.
    Object,
    /// Any JSON, or text.
    Any,
    /// Text: no JSON.
    Text,
}

/// Which share of a span's budget it is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Input,
    Output,
}

#[derive(Debug)]
struct Row {
    kind: Kind,
    key: &'static str,
    shape: Shape,
    side: Side,
    /// The last word of the keys that tell about it.
    word: &'static str,
}

const fn row(kind: Kind, key: &'static str, shape: Shape, side: Side, word: &'static str) -> Row {
    Row { kind, key, shape, side, word }
}

#[rustfmt::skip]
const ROWS: &[Row] = {
    use Kind::*;
    use Shape::*;
    use Side::*;
    &[
        //  kind                   attribute                             shape      side    word
        row(SystemInstructions,    attr::GEN_AI_SYSTEM_INSTRUCTIONS,     Parts,     Input,  "system_instructions"),
        row(ToolDefinitions,       attr::GEN_AI_TOOL_DEFINITIONS,        Tools,     Input,  "tool_definitions"),
        row(InputMessages,         attr::GEN_AI_INPUT_MESSAGES,          Messages,  Input,  "input_messages"),
        row(OutputMessages,        attr::GEN_AI_OUTPUT_MESSAGES,         Messages,  Output, "output_messages"),
        row(ToolDescription,       attr::GEN_AI_TOOL_DESCRIPTION,        Text,      Input,  "tool_description"),
        row(ToolArguments,         attr::GEN_AI_TOOL_CALL_ARGUMENTS,     Object,    Input,  "tool_arguments"),
        row(ToolResult,            attr::GEN_AI_TOOL_CALL_RESULT,        Object,    Output, "tool_result"),
        row(RetrievalQuery,        attr::GEN_AI_RETRIEVAL_QUERY_TEXT,    Text,      Input,  "retrieval_query"),
        row(RetrievalDocuments,    attr::GEN_AI_RETRIEVAL_DOCUMENTS,     Documents, Output, "retrieval_documents"),
        row(MemoryQuery,           attr::GEN_AI_MEMORY_QUERY_TEXT,       Text,      Input,  "memory_query"),
        row(MemoryRecords,         attr::GEN_AI_MEMORY_RECORDS,          Records,   Output, "memory_records"),
        row(WorkflowInput,         attr::AGENTIC_WORKFLOW_INPUT,         Any,       Input,  "workflow_input"),
        row(WorkflowResult,        attr::AGENTIC_WORKFLOW_RESULT,        Any,       Output, "workflow_result"),
        row(TaskPrompt,            attr::AGENTIC_TASK_PROMPT,            Text,      Input,  "task_prompt"),
        row(TaskDirectory,         attr::AGENTIC_TASK_DIRECTORY,         Text,      Input,  "task_directory"),
        row(CompactionSummary,     attr::AGENTIC_COMPACTION_SUMMARY,     Text,      Output, "compaction_summary"),
        row(AgentDescription,      attr::GEN_AI_AGENT_DESCRIPTION,       Text,      Input,  "agent_description"),
        row(MainAgentDescription,  attr::GEN_AI_MAIN_AGENT_DESCRIPTION,  Text,      Input,  "main_agent_description"),
        row(SkillDescription,      attr::GEN_AI_SKILL_DESCRIPTION,       Text,      Input,  "skill_description"),
        row(SkillSource,           attr::GEN_AI_SKILL_SOURCE_URI,        Text,      Input,  "skill_source"),
        row(EvaluationExplanation, attr::GEN_AI_EVALUATION_EXPLANATION,  Text,      Output, "evaluation_explanation"),
        row(ResourceUri,           attr::MCP_RESOURCE_URI,               Text,      Input,  "resource_uri"),
        row(PromptVariable,        attr::GEN_AI_PROMPT_VARIABLE,         Text,      Input,  "prompt_variable"),
        row(ErrorMessage,          attr::EXCEPTION_MESSAGE,              Text,      Output, "error_message"),
        row(ErrorStack,            attr::EXCEPTION_STACKTRACE,           Text,      Output, "error_stack"),
        // Logs may be many: they leave the output its room.
        row(LogMessage,            attr::AGENTIC_LOG_MESSAGE,            Text,      Input,  "log_message"),
        row(LogFields,             attr::AGENTIC_LOG_ATTRIBUTES,         Object,    Input,  "log_fields"),
    ]
};

/// Sets of kinds are bits of one number.
const _: () = assert!(ROWS.len() <= 64);

impl Kind {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.kind)
    }

    /// The kind that the attribute `key` holds.
    pub(crate) fn of_attribute(key: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.key == key).map(|row| row.kind)
    }

    /// The attribute it is exported as; of [`PromptVariable`](Self::PromptVariable) the part before the name.
    pub fn attribute(self) -> &'static str {
        self.row().map_or("", |row| row.key)
    }

    /// Its name in `agentic.content.…` keys and in configuration: `input_messages`.
    pub fn as_str(self) -> &'static str {
        self.row().map_or("", |row| row.word)
    }

    pub(crate) fn shape(self) -> Shape {
        self.row().map_or(Shape::Text, |row| row.shape)
    }

    pub(crate) fn side(self) -> Side {
        self.row().map_or(Side::Input, |row| row.side)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.get(self as usize)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv::ATTRIBUTES;

    #[test]
    fn every_kind_has_the_row_of_its_number() {
        for (number, row) in ROWS.iter().enumerate() {
            assert_eq!(row.kind as usize, number, "{row:?}");
        }
    }

    #[test]
    fn every_content_attribute_of_the_registry_is_a_kind() {
        for attribute in ATTRIBUTES.iter().filter(|attribute| attribute.content) {
            assert!(Kind::of_attribute(attribute.key).is_some(), "{} has no kind", attribute.key);
        }
        for row in ROWS {
            let attribute = crate::semconv::attribute(row.key).expect("in the registry");
            assert!(attribute.content, "{} is no content", row.key);
        }
    }
}
