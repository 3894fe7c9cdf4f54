//! Content that comes as text, from fields of spans: brought into the form of its attribute.
//!
//! What other crates record, for input messages:
//!
//! ```text
//! [{"role":"user","parts":[{"type":"text","content":"hi"}]}]          the conventions' own: stays as it is
//! [{"role":"user","content":"hi"}]                                    the message format of OpenAI's chat API
//! [{"role":"user","content":[{"type":"text","text":"hi"}]}]           the same, and Anthropic's
//! [{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}]
//! hi                                                                  text
//! ```

use serde_json::{Map, Value, json};

use crate::content::json::{MAX_CONTENT_BYTES, Refused, to_text};
use crate::content::kind::{Kind, Shape};
use crate::content::message::Message;
use crate::content::openai_parts::beside_content;
use crate::content::part::{Part, parsed};
use crate::content::payload::Offered;
use crate::content::tool_definition::ToolDefinition;

impl Offered<'_> {
    /// What `text` says of an item of `kind`.
    ///
    /// # Errors
    /// It is too large, or too deep in the form of its attribute.
    pub(crate) fn read(kind: Kind, text: String) -> Result<Self, Refused> {
        let shape = kind.shape();
        if shape == Shape::Text {
            return Ok(Self::Text(text.into()));
        }
        if text.len() > MAX_CONTENT_BYTES {
            return Err(Refused::TooLarge);
        }
        // Text that is no JSON, or too deep for it, is text.
        let value = serde_json::from_str(&text).ok();
        if shape == Shape::Any && value.is_none() {
            return Ok(Self::Text(text.into()));
        }
        let value = value.unwrap_or(Value::String(text));
        Self::json(&formed(kind, value))
    }
}

impl Message {
    /// The message that `json` is: in the conventions' form, or that of OpenAI's and Anthropic's chat APIs. What has no
    /// form it knows becomes text.
    ///
    /// ```
    /// use serde_json::json;
    /// use tracing_genai::content::Message;
    ///
    /// let said = json!({"role": "user", "content": "Where is it warm?"});
    /// assert_eq!(Message::from_json(said), Message::user("Where is it warm?"));
    /// ```
    pub fn from_json(json: impl Into<Value>) -> Self {
        serde_json::from_value(message(json.into(), "user")).unwrap_or_else(|_| Self::new("user"))
    }
}

impl ToolDefinition {
    /// The definition that `json` is: in the conventions' form, or that of OpenAI's chat API.
    pub fn from_json(json: impl Into<Value>) -> Self {
        serde_json::from_value(tool(json.into())).unwrap_or_else(|_| Self::function(""))
    }
}

fn formed(kind: Kind, value: Value) -> Value {
    let role = if kind == Kind::OutputMessages { "assistant" } else { "user" };
    let each = |value: Value, one: &dyn Fn(Value) -> Value| match value {
        Value::Array(items) => Value::Array(items.into_iter().map(one).collect()),
        only => Value::Array(vec![one(only)]),
    };
    match kind.shape() {
        Shape::Messages => each(value, &|item| message(item, role)),
        Shape::Parts => each(value, &part),
        Shape::Tools => each(value, &tool),
        Shape::Documents => each(value, &document),
        Shape::Records => each(value, &record),
        Shape::Object => match parsed(value) {
            Value::Object(fields) => Value::Object(fields),
            other => json!({ "value": other }),
        },
        Shape::Any | Shape::Text => value,
    }
}

fn document(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(found(fields)),
        other => json!({ "content": other }),
    }
}

fn record(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("content") => {
            let mut fields = found(fields);
            fields.retain(|key, value| key != "metadata" || value.is_object());
            Value::Object(fields)
        }
        other => json!({ "content": other }),
    }
}

/// What was found, with an identifier that is text and a score that is a number.
fn found(mut fields: Map<String, Value>) -> Map<String, Value> {
    if let Some(id) = fields.get_mut("id").filter(|id| id.is_number() || id.is_boolean()) {
        *id = Value::String(id.to_string());
    }
    if let Some(score) = fields.get_mut("score")
        && let Some(number) = score.as_str().and_then(|text| text.parse::<f64>().ok())
    {
        *score = number.into();
    }
    fields.retain(|key, value| match key.as_str() {
        "id" => value.is_string(),
        "score" => value.is_number(),
        _ => true,
    });
    fields
}

fn message(value: Value, role: &str) -> Value {
    let mut fields = match value {
        Value::Object(fields) => fields,
        other => return json!({ "role": role, "parts": [part(other)] }),
    };
    if !fields.get("role").is_some_and(Value::is_string) {
        fields.insert("role".into(), role.into());
    }
    if !fields.get("parts").is_some_and(Value::is_array) {
        let parts = parts_of(&mut fields);
        fields.insert("parts".into(), Value::Array(parts));
    }
    if let Some(Value::Array(parts)) = fields.get_mut("parts") {
        parts.iter_mut().for_each(|one| *one = part(one.take()));
    }
    // The schema wants text, or nothing.
    for field in ["name", "finish_reason"] {
        if fields.get(field).is_some_and(|value| !value.is_string()) {
            fields.remove(field);
        }
    }
    Value::Object(fields)
}

/// The parts of a message in a provider's format.
fn parts_of(fields: &mut Map<String, Value>) -> Vec<Value> {
    let call_id = fields.remove("tool_call_id");
    let content = fields.remove("content").unwrap_or_default();
    let mut parts = match (content, call_id) {
        (response, Some(id)) => vec![json!({"type": "tool_call_response", "id": id, "response": response})],
        (Value::Null, None) => Vec::new(),
        (Value::Array(items), None) => items,
        // Beside calls of tools some have an empty text where others have nothing.
        (Value::String(text), None) if text.is_empty() => Vec::new(),
        (other, None) => vec![other],
    };
    let json = |parts: Vec<Part>| parts.into_iter().filter_map(|part| serde_json::to_value(part).ok());
    let (before, after) = beside_content(fields);
    parts.splice(..0, json(before));
    parts.extend(json(after));
    if let Some(Value::Array(calls)) = fields.remove("tool_calls") {
        parts.extend(calls.into_iter().map(tool_call));
    }
    parts
}

fn tool_call(call: Value) -> Value {
    let function = call.get("function").or_else(|| call.get("custom")).unwrap_or(&call);
    let name = function.get("name").and_then(Value::as_str).unwrap_or_default();
    let arguments = function.get("arguments").or_else(|| function.get("input")).cloned();
    let arguments = parsed(arguments.unwrap_or_default());
    json!({"type": "tool_call", "id": call.get("id").and_then(Value::as_str), "name": name, "arguments": arguments})
}

/// A part: one of the conventions', else text that a provider has under another name, else what it is.
fn part(value: Value) -> Value {
    let known = Part::of_block(&value).or_else(|| Part::of_openai(&value));
    if let Some(known) = known.and_then(|part| serde_json::to_value(part).ok()) {
        return known;
    }
    let fields = match value {
        Value::Object(fields) => fields,
        Value::String(text) => return json!({"type": "text", "content": text}),
        other => return json!({"type": "text", "content": other.to_string()}),
    };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let is = |name: &str, needed: &[&str]| {
        text("type") == Some(name) && needed.iter().all(|need| fields.contains_key(*need))
    };
    let known = |(name, needed): &(&str, &[&str])| is(name, needed);
    if is("blob", &["modality", "content"]) {
        return Value::Object(without_data(fields));
    }
    if KNOWN.iter().any(known) || text("type").is_some_and(|name| !KNOWN.iter().any(|(known, _)| *known == name)) {
        return Value::Object(fields);
    }
    match text("text").or(text("content")) {
        Some(text) => json!({"type": "text", "content": text}),
        None => json!({"type": "text", "content": Value::Object(fields).to_string()}),
    }
}

/// A blob says what it was; its data stays in.
fn without_data(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.insert("content".into(), "".into());
    fields
}

/// The conventions' parts, and the fields without which they are none.
#[rustfmt::skip]
const KNOWN: &[(&str, &[&str])] = &[
    ("text",                      &["content"]),
    ("reasoning",                 &["content"]),
    ("tool_call",                 &["name"]),
    ("tool_call_response",        &["response"]),
    ("server_tool_call",          &["name", "server_tool_call"]),
    ("server_tool_call_response", &["server_tool_call_response"]),
    ("blob",                      &["modality", "content"]),
    ("file",                      &["modality", "file_id"]),
    ("uri",                       &["modality", "uri"]),
    ("compaction",                &[]),
];

/// A tool's definition, also as OpenAI's chat API wraps it.
fn tool(value: Value) -> Value {
    let mut fields = match value {
        Value::Object(fields) => fields,
        other => return json!({"type": "function", "name": to_text(&other).unwrap_or_default()}),
    };
    if let Some(Value::Object(function)) = fields.remove("function") {
        fields.extend(function);
    }
    if !fields.get("type").is_some_and(Value::is_string) {
        fields.insert("type".into(), "function".into());
    }
    if !fields.get("name").is_some_and(Value::is_string) {
        fields.insert("name".into(), "".into());
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::redaction::Redaction;

    fn read(kind: Kind, text: &str) -> String {
        Offered::read(kind, text.to_owned()).unwrap().render(kind.shape(), &Redaction::default()).unwrap().into_text()
    }

    #[test]
    fn every_form_becomes_that_of_the_attribute() {
        use Kind::*;
        let text = r#"[{"role":"user","parts":[{"type":"text","content":"hi"}]}]"#;
        #[rustfmt::skip]
        let cases = [
            (InputMessages,      text,                                                          text),
            (InputMessages,      "hi",                                                          text),
            (InputMessages,      r#"[{"role":"user","content":"hi"}]"#,                         text),
            (InputMessages,      r#"{"role":"user","content":[{"type":"text","text":"hi"}]}"#,  text),
            (InputMessages,      r#"["hi"]"#,                                                   text),
            (OutputMessages,     "hi",                                                          r#"[{"role":"assistant","parts":[{"type":"text","content":"hi"}]}]"#),
            (InputMessages,      r#"[{"role":"tool","tool_call_id":"c","content":"42"}]"#,      r#"[{"role":"tool","parts":[{"type":"tool_call_response","id":"c","response":"42"}]}]"#),
            (OutputMessages,     r#"[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"a\":1}"}}]}]"#,
                                 r#"[{"role":"assistant","parts":[{"type":"tool_call","id":"c","name":"f","arguments":{"a":1}}]}]"#),
            (SystemInstructions, "be brief",                                                    r#"[{"type":"text","content":"be brief"}]"#),
            (ToolDefinitions,    r#"[{"type":"function","function":{"name":"f"}}]"#,            r#"[{"type":"function","name":"f"}]"#),
            (ToolArguments,      r#"{"a":1}"#,                                                  r#"{"a":1}"#),
            (ToolArguments,      r#""{\"a\":1}""#,                                              r#"{"a":1}"#),
            (ToolResult,         "done",                                                        r#"{"value":"done"}"#),
            (RetrievalDocuments, r#"["d"]"#,                                                    r#"[{"content":"d"}]"#),
            (MemoryRecords,      r#"{"id":"m"}"#,                                               r#"[{"content":{"id":"m"}}]"#),
            (WorkflowInput,      "plain",                                                       "plain"),
            (TaskPrompt,         r#"{"a":1}"#,                                                  r#"{"a":1}"#),
        ];
        for (kind, given, wanted) in cases {
            let (got, wanted): (Value, Value) = match kind.shape() {
                Shape::Any | Shape::Text => (read(kind, given).into(), wanted.into()),
                _ => (serde_json::from_str(&read(kind, given)).unwrap(), serde_json::from_str(wanted).unwrap()),
            };
            assert_eq!(got, wanted, "{kind} {given}");
        }
    }

    #[test]
    fn json_that_is_too_deep_is_text() {
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        assert!(read(Kind::InputMessages, &deep).starts_with(r#"[{"parts":[{"content":"[["#));
        assert!(read(Kind::ToolArguments, &deep).starts_with(r#"{"value":"[["#));
    }
}
