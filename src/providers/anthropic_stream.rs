//! Anthropic's stream of events → the message.

use serde_json::{Map, Value};

use crate::providers::place::{at, take};
use crate::providers::read::Reading;
use crate::providers::stream::{Assemble, Block, Blocks, Piece, Progress, keep, merge};

/// The events of a streamed message: `message_start`, for each block `content_block_start`, `…_delta` and `…_stop`, then
/// `message_delta` and `message_stop`; `ping` and `error` anywhere.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// What is no content.
    message: Map<String, Value>,
    blocks: Blocks,
    /// Whether usage came after the start of the message.
    is_counted: bool,
}

/// What is kept of a message beside its content.
const HEAD: &[&str] =
    &["id", "type", "role", "model", "stop_reason", "stop_sequence", "stop_details", "usage", "container", "error"];

/// How the data of an event begins that is a delta of content, where events have no names.
const DELTA: &[u8] = b"{\"type\":\"content_block_delta\"";

impl Assemble for Events {
    fn is_content(&self, piece: Piece<'_>) -> bool {
        match piece.name {
            "" => piece.data.starts_with(DELTA),
            name => name == "content_block_delta",
        }
    }

    fn add(&mut self, _name: &str, mut data: Value, reading: Reading) -> Progress {
        // The name of the event stands in its data, too; in Bedrock's framing only there.
        let Some(name) = at(&data, "type").as_str().map(str::to_owned) else { return Progress::More };
        match name.as_str() {
            "message_start" => self.start(take(&mut data, "message")),
            "content_block_start" => self.open(index(&data), take(&mut data, "content_block"), reading),
            "content_block_delta" if reading == Reading::Everything => self.delta(index(&data), at(&data, "delta")),
            "message_delta" => self.change(&mut data),
            "message_stop" => return Progress::Over,
            "error" => {
                let error = Map::from_iter([("error".to_owned(), take(&mut data, "error"))]);
                keep(&mut self.message, error, HEAD);
                return Progress::Over;
            }
            // Not streamed after all.
            "message" => {
                self.is_counted = true;
                self.start(data);
                return Progress::Over;
            }
            _ => {}
        }
        Progress::More
    }

    fn reply(&mut self) -> Value {
        let mut message = self.message.clone();
        if message.contains_key("id") && message.get("stop_reason").is_none_or(Value::is_null) {
            message.insert("stop_reason".into(), "error".into());
        }
        if !self.is_counted {
            // The start of a message counts the output so far: one token or so, of however many came.
            message.get_mut("usage").and_then(Value::as_object_mut).map(|usage| usage.remove("output_tokens"));
        }
        if !message.contains_key("content") && !message.is_empty() {
            message.insert("content".into(), self.blocks.iter().map(|(_, block)| whole(block)).collect());
        }
        Value::Object(message)
    }

    fn dropped(&self) -> u32 {
        self.blocks.dropped()
    }
}

impl Events {
    fn start(&mut self, message: Value) {
        if let Value::Object(mut message) = message {
            // Not streamed after all.
            if let Some(content) = message.remove("content").filter(|content| content.get(0).is_some()) {
                self.message.insert("content".into(), content);
            }
            keep(&mut self.message, message, HEAD);
        }
    }

    fn open(&mut self, index: u64, block: Value, reading: Reading) {
        if let Value::Object(block) = block {
            let is_call = block.get("type").and_then(Value::as_str).is_some_and(|name| name.ends_with("tool_use"));
            if reading == Reading::Everything || is_call {
                self.blocks.open_as(index, (&["type", "id", "name"], block), reading);
            }
        }
    }

    fn delta(&mut self, index: u64, delta: &Value) {
        let key = match at(delta, "type").as_str() {
            Some("text_delta") => "text",
            Some("thinking_delta") => "thinking",
            Some("input_json_delta") => "partial_json",
            Some("compaction_delta") => "content",
            _ => return,
        };
        if let Some(text) = at(delta, key).as_str() {
            self.blocks.append(index, text);
        }
    }

    /// `message_delta`: why it stopped, and usage, which counts from the start of the message.
    fn change(&mut self, data: &mut Value) {
        if let Value::Object(delta) = take(data, "delta") {
            keep(&mut self.message, delta, HEAD);
        }
        if let Value::Object(counts) = take(data, "usage") {
            self.is_counted = true;
            merge(self.message.entry("usage").or_insert_with(|| Value::Object(Map::new())), counts);
        }
    }
}

fn index(data: &Value) -> u64 {
    at(data, "index").as_u64().unwrap_or_default()
}

/// A block as it is without streaming.
fn whole(block: &Block) -> Value {
    let mut fields = block.fields.clone();
    let key = match fields.get("type").and_then(Value::as_str) {
        Some("text") => "text",
        Some("thinking") => "thinking",
        Some("compaction") => "content",
        Some(name) if name.ends_with("tool_use") => {
            fields.insert("input".into(), block.arguments("input"));
            return Value::Object(fields);
        }
        _ => return Value::Object(fields),
    };
    let start = fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let text = format!("{start}{}", block.text);
    fields.insert(key.into(), text.into());
    Value::Object(fields)
}
