//! Cohere's stream of events → the reply.

use serde_json::{Map, Value, json};

use crate::providers::place::{at, take};
use crate::providers::read::Reading;
use crate::providers::stream::{Assemble, Block, Blocks, Piece, Progress};

/// The events: `message-start`, for each text `content-start`, `content-delta` and `content-end`, for each call
/// `tool-call-start`, `…-delta` and `…-end`, `tool-plan-delta`, citations, then `message-end`.
#[derive(Debug, Default)]
pub(crate) struct Events {
    reply: Map<String, Value>,
    is_started: bool,
    content: Blocks,
    calls: Blocks,
    /// One block: the plan.
    plan: Blocks,
}

/// Events that hold content only, by name and as their data begins.
const CONTENT: &[(&str, &[u8])] = &[
    ("content-delta", b"{\"type\":\"content-delta\""),
    ("tool-call-delta", b"{\"type\":\"tool-call-delta\""),
    ("tool-plan-delta", b"{\"type\":\"tool-plan-delta\""),
    ("citation-start", b"{\"type\":\"citation-start\""),
];

impl Assemble for Events {
    fn is_content(&self, piece: Piece<'_>) -> bool {
        CONTENT
            .iter()
            .any(|(name, data)| if piece.name.is_empty() { piece.data.starts_with(data) } else { piece.name == *name })
    }

    fn add(&mut self, _name: &str, mut data: Value, reading: Reading) -> Progress {
        let Some(name) = at(&data, "type").as_str().map(str::to_owned) else {
            // An error, which has no type.
            if at(&data, "message").is_string() || at(&data, "error").is_string() {
                self.reply.insert("error".into(), true.into());
                return Progress::Over;
            }
            return Progress::More;
        };
        let index = at(&data, "index").as_u64().unwrap_or_default();
        let mut message = take(&mut data, "delta.message");
        let wants = reading == Reading::Everything;
        match name.as_str() {
            "message-start" => self.start(data),
            "content-start" if wants => self.open(index, take(&mut message, "content")),
            "content-delta" if wants => self.content.append(index, text(at(&message, "content"))),
            "tool-plan-delta" if wants => self.planned(at(&message, "tool_plan").as_str().unwrap_or_default()),
            "tool-call-start" => self.call(index, take(&mut message, "tool_calls"), reading),
            "tool-call-delta" if wants => {
                let arguments = at(&message, "tool_calls.function.arguments").as_str();
                self.calls.append(index, arguments.unwrap_or_default());
            }
            "message-end" => {
                self.end(take(&mut data, "delta"));
                return Progress::Over;
            }
            _ => {}
        }
        Progress::More
    }

    fn reply(&mut self) -> Value {
        let mut reply = self.reply.clone();
        if self.is_started {
            let content: Value = self.content.iter().map(|(_, block)| whole(block)).collect();
            let calls: Value = self.calls.iter().map(|(_, block)| call(block)).collect();
            let plan = self.plan.iter().next().map(|(_, block)| block.text.clone());
            let message = json!({"role": "assistant", "content": content, "tool_plan": plan, "tool_calls": calls});
            reply.insert("message".into(), message);
            reply.entry("finish_reason").or_insert_with(|| "error".into());
        }
        Value::Object(reply)
    }

    fn dropped(&self) -> u32 {
        [&self.content, &self.calls, &self.plan].into_iter().map(Blocks::dropped).fold(0, u32::saturating_add)
    }
}

fn text(content: &Value) -> &str {
    at(content, "text").as_str().or_else(|| at(content, "thinking").as_str()).unwrap_or_default()
}

impl Events {
    fn start(&mut self, mut data: Value) {
        self.is_started = true;
        if let Some(id) = data.get_mut("id").map(Value::take).filter(Value::is_string) {
            self.reply.insert("id".into(), id);
        }
    }

    fn open(&mut self, index: u64, content: Value) {
        if let Value::Object(fields) = content {
            self.content.open(index, fields);
        }
    }

    fn planned(&mut self, text: &str) {
        if self.plan.last(0).is_none() {
            self.plan.open(0, Map::new());
        }
        self.plan.append(0, text);
    }

    fn call(&mut self, index: u64, mut call: Value, reading: Reading) {
        let mut fields = Map::new();
        fields.insert("id".into(), take(&mut call, "id"));
        fields.insert("name".into(), take(&mut call, "function.name"));
        self.calls.open_as(index, (&["id", "name"], fields), reading);
    }

    fn end(&mut self, delta: Value) {
        if let Value::Object(delta) = delta {
            let is_kept = |key: &str| matches!(key, "finish_reason" | "usage");
            // Its text is all that an error says.
            if delta.get("error").is_some_and(|error| !error.is_null()) {
                self.reply.insert("error".into(), true.into());
            }
            self.reply.extend(delta.into_iter().filter(|(key, value)| is_kept(key) && !value.is_null()));
        }
    }
}

/// A block as it is without streaming.
fn whole(block: &Block) -> Value {
    let mut fields = block.fields.clone();
    let key = if fields.get("type").and_then(Value::as_str) == Some("thinking") { "thinking" } else { "text" };
    let start = fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let text = format!("{start}{}", block.text);
    fields.insert(key.into(), text.into());
    Value::Object(fields)
}

fn call(block: &Block) -> Value {
    let of = |key: &str| block.fields.get(key).cloned().unwrap_or_default();
    json!({"id": of("id"), "type": "function", "function": {"name": of("name"), "arguments": block.text}})
}
