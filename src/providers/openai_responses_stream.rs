//! The events of a streamed response → the response.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::providers::openai_items::is_call;
use crate::providers::read::Reading;
use crate::providers::stream::{Assemble, Piece, Progress, TextRoom};

/// Items of one reply.
const MAX_ITEMS: usize = 128;

/// Name of an event that says none: then it stands in the data.
const UNNAMED: &str = "message";

/// Events whose text is part of an item: where it is added, below the item. `*` stands for the index.
#[rustfmt::skip]
const DELTAS: &[(&str, &[&str], &str)] = &[
    // event                                       place                      index
    ("response.code_interpreter_call_code.delta", &["code"],                 ""),
    ("response.custom_tool_call_input.delta",     &["input"],                ""),
    ("response.function_call_arguments.delta",    &["arguments"],            ""),
    ("response.mcp_call_arguments.delta",         &["arguments"],            ""),
    ("response.output_text.delta",                &["content", "*", "text"], "content_index"),
    ("response.reasoning_summary_text.delta",     &["summary", "*", "text"], "summary_index"),
    ("response.reasoning_text.delta",             &["content", "*", "text"], "content_index"),
    ("response.refusal.delta",                    &["content", "*", "refusal"], "content_index"),
];

/// The events so far.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The response as the last event had it that has it whole.
    response: Map<String, Value>,
    items: BTreeMap<u64, Value>,
    error: Option<Value>,
    over: bool,
    dropped: u32,
    room: TextRoom,
}

impl Events {
    /// An item that begins or is whole. Of its facts only the name of the tool and the identifier of the call stay.
    fn item(&mut self, index: u64, item: Value, reading: Reading) {
        let is_new = !self.items.contains_key(&index);
        let item = match (item, reading) {
            (item, Reading::Everything) if self.room.admit(&item) => item,
            (Value::Object(mut fields), Reading::Facts) if is_call(&Value::Object(fields.clone())) => {
                fields.retain(|key, value| matches!(key.as_str(), "type" | "call_id" | "name") && value.is_string());
                Value::Object(fields)
            }
            _ => return,
        };
        if is_new && self.items.len() >= MAX_ITEMS {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.items.insert(index, item);
    }

    fn delta(&mut self, kind: &str, data: &Map<String, Value>) {
        let Some((_, place, index)) = DELTAS.iter().find(|(event, ..)| *event == kind) else { return };
        let number = |key: &str| data.get(key).and_then(Value::as_u64).unwrap_or_default();
        let (Some(text), Some(item)) =
            (data.get("delta").and_then(Value::as_str), self.items.get_mut(&number("output_index")))
        else {
            return;
        };
        let index = usize::try_from(number(index)).unwrap_or(usize::MAX);
        let at = place.iter().try_fold(item, |value, step| below(value, step, index));
        if let Some(at) = at {
            self.room.append(at, text);
        }
    }

    fn part(&mut self, data: &mut Map<String, Value>, list: &str) {
        let index = data.get("output_index").and_then(Value::as_u64).unwrap_or_default();
        let part = data.remove("part").unwrap_or_default();
        let Some(Value::Object(item)) = self.items.get_mut(&index) else { return };
        if let Value::Array(parts) = item.entry(list).or_insert_with(|| json!([]))
            && self.room.admit(&part)
        {
            parts.push(part);
        }
    }
}

/// What is in `value` at `step`; an empty text if a field is not there yet.
fn below<'a>(value: &'a mut Value, step: &str, index: usize) -> Option<&'a mut Value> {
    match value {
        Value::Array(items) if step == "*" => items.get_mut(index),
        Value::Object(fields) if step != "*" => Some(fields.entry(step).or_insert_with(|| json!(""))),
        _ => None,
    }
}

impl Assemble for Events {
    fn is_content(&self, piece: Piece<'_>) -> bool {
        let begins = |text: &[u8]| piece.data.starts_with(text);
        match piece.name {
            // `response.output_text.delta`; whose data begins with its type as a rule.
            UNNAMED => {
                let kind = piece.data.get(..64).unwrap_or(piece.data);
                (begins(b"{\"type\":\"response.") || begins(b"{\"type\": \"response."))
                    && memchr::memmem::find(kind, b".delta\"").is_some()
            }
            name => is_inner(name),
        }
    }

    fn add(&mut self, name: &str, data: Value, reading: Reading) -> Progress {
        let Value::Object(mut data) = data else { return Progress::More };
        let kind = match data.get("type").and_then(Value::as_str) {
            Some(kind) if kind == "error" || kind.starts_with("response.") => kind.to_owned(),
            _ => name.to_owned(),
        };
        let index = data.get("output_index").and_then(Value::as_u64).unwrap_or_default();
        match kind.as_str() {
            "error" => {
                self.error = Some(data.remove("error").filter(Value::is_object).unwrap_or(Value::Object(data)));
                return Progress::Over;
            }
            "response.output_item.added" | "response.output_item.done" => {
                self.item(index, data.remove("item").unwrap_or_default(), reading);
            }
            _ if reading == Reading::Facts && is_inner(&kind) => {}
            "response.content_part.added" => self.part(&mut data, "content"),
            "response.reasoning_summary_part.added" => self.part(&mut data, "summary"),
            _ if kind.ends_with(".delta") => self.delta(&kind, &data),
            _ => {
                if let Some(Value::Object(response)) = data.remove("response") {
                    self.response = response;
                    self.over = is_terminal(&kind);
                }
            }
        }
        if self.over { Progress::Over } else { Progress::More }
    }

    fn reply(&mut self) -> Value {
        let mut reply = self.response.clone();
        if !self.over {
            reply.insert("output".to_owned(), self.items.values().cloned().collect());
            // Nobody said how it ended: it did not come to its end.
            reply.insert("incomplete_details".to_owned(), json!({"reason": "error"}));
        }
        if let Some(error) = &self.error {
            reply.insert("error".to_owned(), error.clone());
        }
        Value::Object(reply)
    }

    fn dropped(&self) -> u32 {
        self.dropped.saturating_add(self.room.dropped())
    }
}

fn is_terminal(kind: &str) -> bool {
    matches!(kind, "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled")
}

/// Whether an event speaks of a part of an item: `response.output_text.delta`, `response.web_search_call.searching`.
fn is_inner(kind: &str) -> bool {
    let inner = kind.strip_prefix("response.").filter(|inner| memchr::memchr(b'.', inner.as_bytes()).is_some());
    inner.is_some_and(|inner| !inner.starts_with("output_item."))
}
