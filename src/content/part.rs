//! What a message is made of: the parts of the conventions' schema.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::content::digest::Digest;

/// One part of a [`Message`](super::Message): a part of the conventions' message schema.
///
/// Its constructors know what each part needs; a policy that edits a part matches its variants:
///
/// ```
/// use tracing_genai::content::Part;
///
/// let mut part = Part::text("my card is 4111 1111 1111 1111");
/// if let Part::Text { content } = &mut part {
///     content.truncate(10);
/// }
/// assert_eq!(part, Part::text("my card is"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        content: String,
    },
    /// What the model thought.
    Reasoning {
        /// The text.
        content: String,
    },
    /// A tool that the model wants called.
    ToolCall {
        /// `gen_ai.tool.call.id`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Name of the tool.
        name: String,
        /// Its arguments: an object as a rule.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        arguments: Value,
    },
    /// What a tool answered.
    ToolCallResponse {
        /// `gen_ai.tool.call.id`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The answer: any JSON.
        response: Value,
    },
    /// A tool that the provider called by itself.
    ServerToolCall {
        /// Identifier of the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Name of the tool.
        name: String,
        /// The call: an object with a `type`.
        server_tool_call: Map<String, Value>,
    },
    /// What a tool of the provider answered.
    ServerToolCallResponse {
        /// Identifier of the call.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The answer: an object with a `type`.
        server_tool_call_response: Map<String, Value>,
    },
    /// Data in the message itself. Its bytes are never exported: `content` is empty then.
    Blob {
        /// `image`, `video`, `audio`, `document`.
        modality: String,
        /// As in `image/png`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
        /// Empty when it leaves, whatever is put here: the schema wants the field.
        #[serde(serialize_with = "nothing")]
        content: String,
        /// Bytes there were.
        #[serde(default)]
        size: u64,
        /// SHA-256 of the bytes, in hex.
        #[serde(default)]
        sha256: String,
    },
    /// A file that was uploaded to the provider before.
    File {
        /// `image`, `video`, `audio`, `document`.
        modality: String,
        /// As in `application/pdf`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
        /// The provider's identifier of the file.
        file_id: String,
    },
    /// Data that is somewhere else.
    Uri {
        /// `image`, `video`, `audio`, `document`.
        modality: String,
        /// As in `image/png`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
        /// Where it is. The data of a `data:` URL is not exported.
        uri: String,
    },
    /// A summary that the provider put in the place of messages.
    Compaction {
        /// Identifier of the compaction.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The summary, if it is readable.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
    },
    /// Any other part: an object with a `type`.
    #[serde(untagged)]
    Generic(Map<String, Value>),
}

impl Part {
    /// Text.
    pub fn text(content: impl Into<String>) -> Self {
        Self::Text { content: content.into() }
    }

    /// What the model thought.
    pub fn reasoning(content: impl Into<String>) -> Self {
        Self::Reasoning { content: content.into() }
    }

    /// A tool that the model wants called. Arguments that come as text are read as the JSON they hold.
    pub fn tool_call(id: impl Into<String>, name: impl Into<String>, arguments: impl Into<Value>) -> Self {
        Self::ToolCall { id: some(id), name: name.into(), arguments: parsed(arguments.into()) }
    }

    /// What a tool answered.
    pub fn tool_call_response(id: impl Into<String>, response: impl Into<Value>) -> Self {
        Self::ToolCallResponse { id: some(id), response: response.into() }
    }

    /// A tool that the provider called by itself: `call_type` says what kind (`web_search`, `code_interpreter`), `call`
    /// what it was.
    pub fn server_tool_call(name: impl Into<String>, call_type: impl Into<String>, call: Map<String, Value>) -> Self {
        Self::ServerToolCall { id: None, name: name.into(), server_tool_call: typed(call_type, call) }
    }

    /// What a tool of the provider answered.
    pub fn server_tool_call_response(call_type: impl Into<String>, response: Map<String, Value>) -> Self {
        Self::ServerToolCallResponse { id: None, server_tool_call_response: typed(call_type, response) }
    }

    /// Data of a modality (`image`, `audio` …) in the message itself. Only its size and SHA-256 are kept.
    pub fn blob(modality: impl Into<String>, mime_type: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        let Digest { size, sha256 } = Digest::of(bytes.as_ref());
        Self::Blob { modality: modality.into(), mime_type: some(mime_type), content: String::new(), size, sha256 }
    }

    /// A file that was uploaded to the provider before.
    pub fn file(modality: impl Into<String>, file_id: impl Into<String>) -> Self {
        Self::File { modality: modality.into(), mime_type: None, file_id: file_id.into() }
    }

    /// Data that is somewhere else.
    pub fn uri(modality: impl Into<String>, uri: impl Into<String>) -> Self {
        Self::Uri { modality: modality.into(), mime_type: None, uri: uri.into() }
    }

    /// A summary that the provider put in the place of messages.
    pub fn compaction(content: impl Into<String>) -> Self {
        Self::Compaction { id: None, content: Some(content.into()) }
    }

    /// Any other part.
    pub fn generic(part_type: impl Into<String>, fields: Map<String, Value>) -> Self {
        Self::Generic(typed(part_type, fields))
    }
}

fn some(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.is_empty())
}

/// An empty text.
fn nothing<S: serde::Serializer>(_: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("")
}

fn typed(name: impl Into<String>, mut fields: Map<String, Value>) -> Map<String, Value> {
    let name = name.into();
    if name == "blob" {
        // However it is made, its data stays in.
        fields.insert("content".to_owned(), Value::String(String::new()));
    }
    fields.insert("type".to_owned(), Value::String(name));
    fields
}

/// Models answer with arguments as text.
pub(crate) fn parsed(value: Value) -> Value {
    match value {
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_have_the_fields_of_the_schema() {
        let fields = || json!({"query": "x"}).as_object().cloned().unwrap();
        #[rustfmt::skip]
        let cases = [
            (Part::text("hi"),                                        json!({"type": "text", "content": "hi"})),
            (Part::reasoning("hm"),                                   json!({"type": "reasoning", "content": "hm"})),
            (Part::tool_call("c1", "find", r#"{"a":1}"#),             json!({"type": "tool_call", "id": "c1", "name": "find", "arguments": {"a": 1}})),
            (Part::tool_call("", "find", "not json"),                 json!({"type": "tool_call", "name": "find", "arguments": "not json"})),
            (Part::tool_call("", "find", Value::Null),                json!({"type": "tool_call", "name": "find"})),
            (Part::tool_call_response("c1", json!([1])),              json!({"type": "tool_call_response", "id": "c1", "response": [1]})),
            (Part::server_tool_call("s", "web_search", fields()),     json!({"type": "server_tool_call", "name": "s", "server_tool_call": {"type": "web_search", "query": "x"}})),
            (Part::server_tool_call_response("web_search", fields()), json!({"type": "server_tool_call_response", "server_tool_call_response": {"type": "web_search", "query": "x"}})),
            (Part::file("document", "f1"),                            json!({"type": "file", "modality": "document", "file_id": "f1"})),
            (Part::uri("image", "https://x/y.png"),                   json!({"type": "uri", "modality": "image", "uri": "https://x/y.png"})),
            (Part::compaction("s"),                                   json!({"type": "compaction", "content": "s"})),
            (Part::generic("citation", fields()),                     json!({"type": "citation", "query": "x"})),
        ];
        for (part, wanted) in cases {
            let value = serde_json::to_value(&part).unwrap();
            assert_eq!(value, wanted);
            assert_eq!(serde_json::from_value::<Part>(value).unwrap(), part);
        }
    }

    #[test]
    fn the_bytes_of_a_blob_are_gone() {
        let part = serde_json::to_value(Part::blob("image", "image/png", b"abc")).unwrap();
        assert_eq!(
            part,
            json!({"type": "blob", "modality": "image", "mime_type": "image/png", "content": "", "size": 3,
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})
        );
    }
}
