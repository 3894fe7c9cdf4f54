//! Blocks of Anthropic's messages → parts of the conventions' schema.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::content::part::Part;

impl Part {
    /// The part that a block of Anthropic's is; `None` if it is none of those.
    pub(crate) fn of_block(block: &Value) -> Option<Self> {
        let text = |key: &str| block.get(key).and_then(Value::as_str);
        let id = |key: &str| text(key).unwrap_or_default();
        match text("type")? {
            "text" => Some(Self::text(text("text")?)),
            "thinking" => Some(Self::reasoning(text("thinking")?)),
            // Encrypted: nobody can read it.
            "redacted_thinking" => Some(Self::generic("redacted_thinking", Map::new())),
            "tool_use" => {
                Some(Self::tool_call(id("id"), text("name")?, block.get("input").cloned().unwrap_or_default()))
            }
            "tool_result" => Some(Self::tool_call_response(id("tool_use_id"), answer(block.get("content")))),
            "server_tool_use" | "mcp_tool_use" => Some(server_call(block)),
            "image" => source("image", block.get("source")?),
            "document" => source("document", block.get("source")?),
            name if name.ends_with("_tool_result") => Some(server_answer(name, block)),
            _ => None,
        }
    }

    /// Data in base64. What is no base64 counts as the bytes that it is.
    pub(crate) fn encoded_blob(modality: &str, mime_type: &str, base64: &str) -> Self {
        match STANDARD.decode(base64) {
            Ok(bytes) => Self::blob(modality, mime_type, bytes),
            Err(_) => Self::blob(modality, mime_type, base64),
        }
    }

    /// Data that is somewhere else, of a type that is known or not.
    pub(crate) fn typed_uri(modality: &str, mime_type: Option<&str>, uri: &str) -> Self {
        Self::Uri { modality: modality.to_owned(), mime_type: mime_type.map(str::to_owned), uri: uri.to_owned() }
    }

    /// `image`, `audio`, `video`; anything else is a document.
    pub(crate) fn modality_of(mime_type: &str) -> &'static str {
        let known = ["image", "audio", "video"];
        known.into_iter().find(|known| mime_type.starts_with(known)).unwrap_or("document")
    }
}

/// What a tool answered: text, or blocks that are brought into form, without the data of images.
fn answer(content: Option<&Value>) -> Value {
    match content {
        Some(Value::Array(blocks)) => {
            let form = |block: &Value| Part::of_block(block).and_then(|part| serde_json::to_value(part).ok());
            blocks.iter().map(|block| form(block).unwrap_or_else(|| block.clone())).collect()
        }
        other => other.cloned().unwrap_or_default(),
    }
}

/// A tool that the provider calls by itself: its name says what kind it is.
fn server_call(block: &Value) -> Part {
    let text = |key: &str| block.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("name").unwrap_or_default();
    let fields = [("type", Some(Value::from(name.clone()))), ("input", block.get("input").cloned())];
    let server_tool_call = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    Part::ServerToolCall { id: text("id"), name, server_tool_call }
}

/// `web_search_tool_result` is the answer of `web_search`.
fn server_answer(name: &str, block: &Value) -> Part {
    let kind = name.strip_suffix("_tool_result").unwrap_or(name);
    let id = block.get("tool_use_id").and_then(Value::as_str).map(str::to_owned);
    let fields = [("type", Some(Value::from(kind))), ("content", block.get("content").cloned())];
    let server_tool_call_response =
        fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    Part::ServerToolCallResponse { id, server_tool_call_response }
}

/// An image or a document: its data, its address, or the file it was uploaded as.
fn source(modality: &str, source: &Value) -> Option<Part> {
    let text = |key: &str| source.get(key).and_then(Value::as_str);
    match text("type")? {
        "base64" => Some(Part::encoded_blob(modality, text("media_type").unwrap_or_default(), text("data")?)),
        "text" => Some(Part::text(text("data")?)),
        "url" => Some(Part::typed_uri(modality, text("media_type"), text("url")?)),
        "file" => Some(Part::file(modality, text("file_id")?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_become_the_schemas_parts() {
        #[rustfmt::skip]
        let cases = [
            (json!({"type": "text", "text": "hi", "citations": null}),                   json!({"type": "text", "content": "hi"})),
            (json!({"type": "thinking", "thinking": "hm", "signature": "s"}),            json!({"type": "reasoning", "content": "hm"})),
            (json!({"type": "redacted_thinking", "data": "EmwKAhgB"}),                   json!({"type": "redacted_thinking"})),
            (json!({"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}),     json!({"type": "tool_call", "id": "t", "name": "f", "arguments": {"a": 1}})),
            (json!({"type": "tool_result", "tool_use_id": "t", "content": "42"}),        json!({"type": "tool_call_response", "id": "t", "response": "42"})),
            (json!({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "42"}]}),
             json!({"type": "tool_call_response", "id": "t", "response": [{"type": "text", "content": "42"}]})),
            (json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}),
             json!({"type": "server_tool_call", "id": "s", "name": "web_search", "server_tool_call": {"type": "web_search", "input": {"query": "x"}}})),
            (json!({"type": "web_search_tool_result", "tool_use_id": "s", "content": []}),
             json!({"type": "server_tool_call_response", "id": "s", "server_tool_call_response": {"type": "web_search", "content": []}})),
            (json!({"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}), json!({"type": "uri", "modality": "image", "uri": "https://x/y.png"})),
            (json!({"type": "document", "source": {"type": "file", "file_id": "f"}}),    json!({"type": "file", "modality": "document", "file_id": "f"})),
            (json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "YWJj"}}),
             json!({"type": "blob", "modality": "image", "mime_type": "image/png", "content": "", "size": 3,
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})),
        ];
        for (block, wanted) in cases {
            let part = Part::of_block(&block).map(|part| serde_json::to_value(part).unwrap());
            assert_eq!(part, Some(wanted), "{block}");
        }
    }

    #[test]
    fn what_is_no_block_is_none() {
        for other in [json!("text"), json!({"type": "text"}), json!({"type": "image", "source": 1}), json!({"type": 1})]
        {
            assert_eq!(Part::of_block(&other), None, "{other}");
        }
    }
}
