//! Setters of content, and what content is made of: nothing of it leaves unless it is switched on.

use serde_json::{Map, Value, json};
use tracing_genai::activity::*;
use tracing_genai::content::{Document, Kind, MemoryRecord, Message, Part, ToolDefinition};

use super::plant::{Row, row};

/// Both setters of each kind that a guard has.
macro_rules! content {
    ($($guard:ident, $made:expr => { $($name:ident, $with:ident: $form:ident => $kind:ident,)+ })+) => {
        &[$($(
            row(concat!("Guard<", stringify!($guard), ">::", stringify!($name)), &[], |c| {
                $made.start().$name(&$form(c));
            }).tells(&[Kind::$kind]),
            row(concat!("Guard<", stringify!($guard), ">::", stringify!($with)), &[], |c| {
                $made.start().$with(|| $form(c));
            }).tells(&[Kind::$kind]),
        )+)+]
    };
}

/// What content is made of, in an item of its kind.
macro_rules! made {
    ($give:ident, $kind:ident; $($entrance:literal: $made:expr,)+) => {
        &[$(row($entrance, &[], |c| {
            let made: fn(&str) -> _ = $made;
            $give(made(c));
        }).tells(&[Kind::$kind]),)+]
    };
}

fn text(canary: &str) -> String {
    canary.to_owned()
}

fn json(canary: &str) -> Value {
    json!({"nested": [canary]})
}

fn parts(canary: &str) -> Vec<Part> {
    vec![Part::text(canary)]
}

fn messages(canary: &str) -> Vec<Message> {
    vec![Message::user(canary)]
}

fn tools(canary: &str) -> Vec<ToolDefinition> {
    vec![ToolDefinition::function("f").description(canary)]
}

fn documents(canary: &str) -> Vec<Document> {
    vec![Document::new("d").content(canary)]
}

fn records(canary: &str) -> Vec<MemoryRecord> {
    vec![MemoryRecord::new(canary)]
}

fn fields(canary: &str) -> Map<String, Value> {
    Map::from_iter([("field".to_owned(), canary.into())])
}

fn turn() -> Turn {
    Turn::chat("openai", "m")
}

fn say(message: Message) {
    turn().start().input_messages(&[message]);
}

fn say_part(part: Part) {
    say(Message::new("user").part(part));
}

fn offer(tool: ToolDefinition) {
    turn().start().tool_definitions(&[tool]);
}

fn find(document: Document) {
    Retrieval::new("d").start().documents(&[document]);
}

fn remember(record: MemoryRecord) {
    Memory::search().start().records(&[record]);
}

fn read<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).expect("valid")
}

#[rustfmt::skip]
pub(super) const CONTENTS: &[&[Row]] = &[
    content! {
        Turn, turn() => {
            system_instructions, system_instructions_with: text => SystemInstructions,
            tool_definitions, tool_definitions_with: tools => ToolDefinitions,
            input_messages, input_messages_with: messages => InputMessages,
            output_messages, output_messages_with: messages => OutputMessages,
        }
        FetchResponse, FetchResponse::new("openai", "r") => {
            system_instructions, system_instructions_with: parts => SystemInstructions,
            tool_definitions, tool_definitions_with: tools => ToolDefinitions,
            output_messages, output_messages_with: messages => OutputMessages,
        }
        Operation, Operation::prompt("a") => {
            system_instructions, system_instructions_with: text => SystemInstructions,
            tool_definitions, tool_definitions_with: tools => ToolDefinitions,
            input_messages, input_messages_with: messages => InputMessages,
            output_messages, output_messages_with: messages => OutputMessages,
            agent_description, agent_description_with: text => AgentDescription,
        }
        RemoteAgent, RemoteAgent::new("openai") => {
            system_instructions, system_instructions_with: text => SystemInstructions,
            tool_definitions, tool_definitions_with: tools => ToolDefinitions,
            input_messages, input_messages_with: messages => InputMessages,
            output_messages, output_messages_with: messages => OutputMessages,
            agent_description, agent_description_with: text => AgentDescription,
        }
        CreateAgent, CreateAgent::new("openai") => {
            system_instructions, system_instructions_with: text => SystemInstructions,
            agent_description, agent_description_with: text => AgentDescription,
        }
        Task, Task::new("a") => {
            prompt, prompt_with: text => TaskPrompt,
            directory, directory_with: text => TaskDirectory,
            system_instructions, system_instructions_with: text => SystemInstructions,
            tool_definitions, tool_definitions_with: tools => ToolDefinitions,
            input_messages, input_messages_with: messages => InputMessages,
            output_messages, output_messages_with: messages => OutputMessages,
            agent_description, agent_description_with: text => AgentDescription,
        }
        Workflow, Workflow::new("w") => {
            input, input_with: json => WorkflowInput,
            result, result_with: text => WorkflowResult,
            input_messages, input_messages_with: messages => InputMessages,
            output_messages, output_messages_with: messages => OutputMessages,
        }
        Tool, Tool::new("t") => {
            arguments, arguments_with: json => ToolArguments,
            result, result_with: text => ToolResult,
            description, description_with: text => ToolDescription,
            skill_description, skill_description_with: text => SkillDescription,
            skill_source, skill_source_with: text => SkillSource,
        }
        Retrieval, Retrieval::new("d") => {
            query, query_with: text => RetrievalQuery,
            documents, documents_with: documents => RetrievalDocuments,
        }
        Memory, Memory::search() => {
            query, query_with: text => MemoryQuery,
            records, records_with: records => MemoryRecords,
        }
        Compaction, Compaction::new(CompactionTrigger::Auto) => {
            summary, summary_with: text => CompactionSummary,
        }
        McpClientRequest, McpClientRequest::new("tools/call") => {
            arguments, arguments_with: json => ToolArguments,
            result, result_with: json => ToolResult,
            resource_uri, resource_uri_with: text => ResourceUri,
        }
        McpServerRequest, McpServerRequest::new("tools/call") => {
            arguments, arguments_with: json => ToolArguments,
            result, result_with: json => ToolResult,
            resource_uri, resource_uri_with: text => ResourceUri,
        }
    },
    &[
        row("Guard<Turn>::prompt_variable", &[], |c| { turn().start().prompt_variable("city", c); }).tells(&[Kind::PromptVariable]),
        row("Guard<McpClientRequest>::prompt_variable", &[], |c| { McpClientRequest::new("prompts/get").start().prompt_variable("city", c); }).tells(&[Kind::PromptVariable]),
        row("Guard<McpServerRequest>::prompt_variable", &[], |c| { McpServerRequest::new("prompts/get").start().prompt_variable("city", c); }).tells(&[Kind::PromptVariable]),
        // What is no name becomes no key.
        row("Guard<Turn>::prompt_variable", &[], |c| { turn().start().prompt_variable(&format!("{c} is ill"), "v"); }),
        // Bytes leave as their digest only.
        row("Part::blob", &[], |c| say_part(Part::blob("image", "image/png", c))),
        row("Part::Blob", &[], |c| say_part(Part::Blob { modality: "image".into(), mime_type: None, content: c.into(), size: 1, sha256: String::new() })),
    ],
    made! { say, InputMessages;
        "Message::new": |c| Message::new(c), "Message::system": |c| Message::system(c),
        "Message::user": |c| Message::user(c), "Message::assistant": |c| Message::assistant(c),
        "Message::tool": |c| Message::tool(c, 1), "Message::tool": |c| Message::tool("c", c),
        "Message::name": |c| Message::user("x").name(c), "Message::finish_reason": |c| Message::user("x").finish_reason(c),
        "Message::from_json": |c| Message::from_json(json!({"role": "user", "content": c})),
        "Message::from_json": |c| Message::from_json(c),
        "Message: Deserialize": |c| read(json!({"role": "user", "parts": [{"type": "text", "content": c}]})),
    },
    made! { say_part, InputMessages;
        "Message::part": |c| Part::text(c), "Part::text": |c| Part::text(c), "Part::reasoning": |c| Part::reasoning(c),
        "Part::tool_call": |c| Part::tool_call(c, "f", Value::Null), "Part::tool_call": |c| Part::tool_call("c", c, Value::Null),
        "Part::tool_call": |c| Part::tool_call("c", "f", json(c)),
        "Part::tool_call_response": |c| Part::tool_call_response(c, 1), "Part::tool_call_response": |c| Part::tool_call_response("c", c),
        "Part::server_tool_call": |c| Part::server_tool_call(c, "web_search", Map::new()),
        "Part::server_tool_call": |c| Part::server_tool_call("f", c, Map::new()),
        "Part::server_tool_call": |c| Part::server_tool_call("f", "web_search", fields(c)),
        "Part::server_tool_call_response": |c| Part::server_tool_call_response(c, Map::new()),
        "Part::server_tool_call_response": |c| Part::server_tool_call_response("web_search", fields(c)),
        "Part::blob": |c| Part::blob(c, "image/png", b"x"), "Part::blob": |c| Part::blob("image", c, b"x"),
        "Part::file": |c| Part::file(c, "f"), "Part::file": |c| Part::file("image", c),
        "Part::uri": |c| Part::uri(c, "u"), "Part::uri": |c| Part::uri("image", c),
        "Part::compaction": |c| Part::compaction(c),
        "Part::generic": |c| Part::generic(c, Map::new()), "Part::generic": |c| Part::generic("citation", fields(c)),
        "Part: Deserialize": |c| read(json!({"type": "text", "content": c})),
        "Part: Deserialize": |c| read(json!({"type": "citation", "quoted": c})),
        "Part::Text": |c| Part::Text { content: c.into() }, "Part::Reasoning": |c| Part::Reasoning { content: c.into() },
        "Part::ToolCall": |c| Part::ToolCall { id: None, name: "f".into(), arguments: c.into() },
        "Part::ToolCallResponse": |c| Part::ToolCallResponse { id: None, response: c.into() },
        "Part::ServerToolCall": |c| Part::ServerToolCall { id: None, name: "f".into(), server_tool_call: fields(c) },
        "Part::ServerToolCallResponse": |c| Part::ServerToolCallResponse { id: None, server_tool_call_response: fields(c) },
        "Part::File": |c| Part::File { modality: "image".into(), mime_type: None, file_id: c.into() },
        "Part::Uri": |c| Part::Uri { modality: "image".into(), mime_type: None, uri: c.into() },
        "Part::Compaction": |c| Part::Compaction { id: None, content: Some(c.into()) },
        "Part::Generic": |c| Part::Generic(fields(c)),
    },
    made! { offer, ToolDefinitions;
        "ToolDefinition::function": |c| ToolDefinition::function(c),
        "ToolDefinition::new": |c| ToolDefinition::new(c, "f"), "ToolDefinition::new": |c| ToolDefinition::new("function", c),
        "ToolDefinition::description": |c| ToolDefinition::function("f").description(c),
        "ToolDefinition::parameters": |c| ToolDefinition::function("f").parameters(json(c)),
        "ToolDefinition::field": |c| ToolDefinition::function("f").field("strict", c),
        "ToolDefinition::from_json": |c| ToolDefinition::from_json(json!({"type": "function", "function": {"name": c}})),
        "ToolDefinition::from_json": |c| ToolDefinition::from_json(c),
        "ToolDefinition: Deserialize": |c| read(json!({"type": "function", "name": c})),
    },
    made! { find, RetrievalDocuments;
        "Document::new": |c| Document::new(c), "Document::content": |c| Document::new("d").content(c),
        "Document::field": |c| Document::new("d").field("title", c),
        "Document: Deserialize": |c| read(json!({"id": "d", "title": c})),
    },
    made! { remember, MemoryRecords;
        "MemoryRecord::new": |c| MemoryRecord::new(c), "MemoryRecord::id": |c| MemoryRecord::new("x").id(c),
        "MemoryRecord::metadata": |c| MemoryRecord::new("x").metadata("from", c),
        "MemoryRecord: Deserialize": |c| read(json!({"content": c})),
    },
];
