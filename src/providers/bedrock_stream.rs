//! The events of `ConverseStream` → the reply of `Converse`.

use serde_json::{Map, Value, json};

use crate::providers::place::{at, take};
use crate::providers::read::Reading;
use crate::providers::stream::{Assemble, Block, Blocks, Piece, Progress};

/// The events: `messageStart`, for each block `contentBlockStart` (of tools only), `…Delta` and `…Stop`, then
/// `messageStop` and `metadata`. Exceptions come as `{"__type": …}`, or by their name from clients.
#[derive(Debug, Default)]
pub(crate) struct Events {
    reply: Map<String, Value>,
    role: Option<Value>,
    blocks: Blocks,
}

impl Assemble for Events {
    fn is_content(&self, piece: Piece<'_>) -> bool {
        piece.name == "contentBlockDelta"
    }

    fn add(&mut self, name: &str, mut data: Value, reading: Reading) -> Progress {
        // Some clients have the name inside: `{"messageStop": {…}}`.
        let (name, mut data) =
            match data.as_object_mut().filter(|_| name.is_empty()).and_then(|data| data.iter_mut().next()) {
                Some((name, inner)) if inner.is_object() => (name.clone(), inner.take()),
                _ => (name.to_owned(), data),
            };
        let index = at(&data, "contentBlockIndex").as_u64().unwrap_or_default();
        match name.as_str() {
            "messageStart" => self.role = data.get_mut("role").map(Value::take),
            "contentBlockStart" => self.open(index, take(&mut data, "start"), reading),
            "contentBlockDelta" if reading == Reading::Everything => self.delta(index, at(&data, "delta")),
            "messageStop" => self.keep(data, &["stopReason", "additionalModelResponseFields"]),
            "metadata" => {
                self.keep(data, &["usage", "metrics", "trace", "performanceConfig", "serviceTier"]);
                return Progress::Over;
            }
            "exception" => {
                self.keep(data, &["__type"]);
                return Progress::Over;
            }
            name if name.ends_with("Exception") => {
                self.reply.insert("__type".into(), name.into());
                return Progress::Over;
            }
            _ => {}
        }
        Progress::More
    }

    fn reply(&mut self) -> Value {
        let mut reply = self.reply.clone();
        if self.role.is_some() {
            let content: Value = self.blocks.iter().map(|(_, block)| whole(block)).collect();
            reply.insert("output".into(), json!({"message": {"role": self.role, "content": content}}));
            reply.entry("stopReason").or_insert_with(|| "error".into());
        }
        Value::Object(reply)
    }

    fn dropped(&self) -> u32 {
        self.blocks.dropped()
    }
}

impl Events {
    fn keep(&mut self, data: Value, keys: &[&str]) {
        if let Value::Object(data) = data {
            self.reply.extend(data.into_iter().filter(|(key, value)| keys.contains(&&**key) && !value.is_null()));
        }
    }

    fn open(&mut self, index: u64, mut start: Value, reading: Reading) {
        if let Some(Value::Object(call)) = start.get_mut("toolUse").map(Value::take) {
            self.blocks.open_as(index, (&["toolUseId", "name"], call), reading);
        }
    }

    /// Texts have no start.
    fn delta(&mut self, index: u64, delta: &Value) {
        let reasoning = at(delta, "reasoningContent.text").as_str();
        let (kind, text) = match (at(delta, "text").as_str(), reasoning, at(delta, "toolUse.input").as_str()) {
            (Some(text), ..) => ("text", text),
            (_, Some(text), _) => ("reasoningContent", text),
            (.., Some(text)) => ("toolUse", text),
            _ => return,
        };
        if kind != "toolUse" && self.blocks.last(index).is_none() {
            self.blocks.open(index, Map::from_iter([(kind.to_owned(), Value::Null)]));
        }
        self.blocks.append(index, text);
    }
}

/// A block as it is without streaming.
fn whole(block: &Block) -> Value {
    if block.fields.contains_key("text") {
        return json!({"text": block.text});
    }
    if block.fields.contains_key("reasoningContent") {
        return json!({"reasoningContent": {"reasoningText": {"text": block.text}}});
    }
    let mut call = block.fields.clone();
    call.insert("input".into(), block.arguments("input"));
    json!({ "toolUse": call })
}
