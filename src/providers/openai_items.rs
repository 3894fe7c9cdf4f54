//! Items of OpenAI's responses: messages, reasoning, calls of tools → parts of a message.

use serde_json::{Map, Value};

use crate::content::{Message, Part};

/// Calls that the application answers: their type, where their name stands, and their arguments.
#[rustfmt::skip]
const CALLS: &[(&str, &str, &str)] = &[
    // type                   name      arguments
    ("apply_patch_call",     "type",   "operation"),
    ("computer_call",        "type",   "action"),
    ("custom_tool_call",     "name",   "input"),
    ("function_call",        "name",   "arguments"),
    ("local_shell_call",     "type",   "action"),
    ("shell_call",           "type",   "action"),
];

/// Calls that the provider answers by itself: their type, and where the answer stands.
#[rustfmt::skip]
const SERVER_CALLS: &[(&str, &str)] = &[
    // type                      answer
    ("code_interpreter_call",   "outputs"),
    ("file_search_call",        "results"),
    ("image_generation_call",   "result"),
    ("mcp_call",                "output"),
    ("mcp_list_tools",          "tools"),
    ("tool_search_call",        "tools"),
    ("web_search_call",         "results"),
];

/// Whether the application has to answer it.
pub(super) fn is_call(item: &Value) -> bool {
    CALLS.iter().any(|(call, ..)| item["type"] == *call)
}

/// An item of the input.
pub(super) fn message_of(item: &Value) -> Option<Message> {
    if item["role"].is_string() {
        return Some(Message::from_json(item.clone()));
    }
    let role = if item["type"].as_str()?.ends_with("_output") { "tool" } else { "assistant" };
    let mut message = Message::new(role);
    message.parts_mut().extend(parts(item));
    Some(message).filter(|message| !message.parts().is_empty())
}

/// The parts that an item is; none if it says nothing.
pub(super) fn parts(item: &Value) -> Vec<Part> {
    let text = |key: &str| item[key].as_str().unwrap_or_default();
    let Some(kind) = item["type"].as_str() else { return Vec::new() };
    if let Some((_, name, arguments)) = CALLS.iter().find(|(call, ..)| *call == kind) {
        let name = text(name);
        let name = name.strip_suffix("_call").filter(|_| name == kind).unwrap_or(name);
        return vec![Part::tool_call(text("call_id"), name, item[*arguments].clone())];
    }
    if let Some((_, answer)) = SERVER_CALLS.iter().find(|(call, _)| *call == kind) {
        return server_call(item, kind, answer);
    }
    match kind {
        "message" => Message::from_json(item.clone()).parts().to_vec(),
        "reasoning" => [&item["summary"], &item["content"]].into_iter().flat_map(thoughts).collect(),
        "compaction" => vec![Part::Compaction { id: item["id"].as_str().map(str::to_owned), content: None }],
        _ if kind.ends_with("_output") => vec![Part::tool_call_response(text("call_id"), item["output"].clone())],
        _ => Vec::new(),
    }
}

/// What the model thought, or a summary of it; what is encrypted nobody can read.
fn thoughts(list: &Value) -> impl Iterator<Item = Part> {
    list.as_array().into_iter().flatten().filter_map(|item| item["text"].as_str()).map(Part::reasoning)
}

/// The call, and its answer if there is one.
fn server_call(item: &Value, kind: &str, answer: &str) -> Vec<Part> {
    let name = kind.strip_suffix("_call").unwrap_or(kind);
    let id = item["id"].as_str().map(str::to_owned);
    let mut call = item.as_object().cloned().unwrap_or_default();
    let answer = call.remove(answer).filter(|answer| !answer.is_null());
    call.retain(|key, _| !matches!(key.as_str(), "id" | "status" | "type"));
    call.insert("type".to_owned(), name.into());
    let tool = item["name"].as_str().unwrap_or(name).to_owned();
    let mut parts = vec![Part::ServerToolCall { id: id.clone(), name: tool, server_tool_call: call }];
    parts.extend(answer.map(|answer| response(id, name, answer)));
    parts
}

fn response(id: Option<String>, name: &str, answer: Value) -> Part {
    if let (true, Some(image)) = (name == "image_generation", answer.as_str()) {
        return Part::encoded_blob("image", "", image);
    }
    let fields = [("type", Value::from(name)), ("output", answer)];
    let server_tool_call_response: Map<_, _> = fields.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
    Part::ServerToolCallResponse { id, server_tool_call_response }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(CALLS.is_sorted_by(|a, b| a.0 < b.0) && SERVER_CALLS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn items_become_the_schemas_parts() {
        #[rustfmt::skip]
        let cases = [
            (json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi", "annotations": []}]}),
             json!([{"type": "text", "content": "hi"}])),
            (json!({"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}),
             json!([{"type": "refusal", "content": "no"}])),
            (json!({"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hm"}], "encrypted_content": "x"}),
             json!([{"type": "reasoning", "content": "hm"}])),
            (json!({"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": "{\"a\":1}"}),
             json!([{"type": "tool_call", "id": "c", "name": "f", "arguments": {"a": 1}}])),
            (json!({"type": "local_shell_call", "call_id": "c", "action": {"command": ["ls"]}}),
             json!([{"type": "tool_call", "id": "c", "name": "local_shell", "arguments": {"command": ["ls"]}}])),
            (json!({"type": "function_call_output", "call_id": "c", "output": "42"}),
             json!([{"type": "tool_call_response", "id": "c", "response": "42"}])),
            (json!({"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "x"}}),
             json!([{"type": "server_tool_call", "id": "ws", "name": "web_search", "server_tool_call": {"type": "web_search", "action": {"type": "search", "query": "x"}}}])),
            (json!({"type": "mcp_call", "id": "m", "name": "roll", "server_label": "dice", "arguments": "{}", "output": "4"}),
             json!([{"type": "server_tool_call", "id": "m", "name": "roll", "server_tool_call": {"type": "mcp", "name": "roll", "server_label": "dice", "arguments": "{}"}},
                    {"type": "server_tool_call_response", "id": "m", "server_tool_call_response": {"type": "mcp", "output": "4"}}])),
            (json!({"type": "compaction", "id": "cmp", "encrypted_content": "x"}), json!([{"type": "compaction", "id": "cmp"}])),
            (json!({"type": "item_reference", "id": "i"}), json!([])),
            (json!(7), json!([])),
        ];
        for (item, wanted) in cases {
            assert_eq!(serde_json::to_value(parts(&item)).unwrap(), wanted, "{item}");
        }
    }
}
