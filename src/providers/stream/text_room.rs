//! How much of a stream's content is held.

use serde_json::{Map, Value};

use crate::content::MAX_CONTENT_BYTES;

/// What one value costs beside its texts.
const VALUE_BYTES: usize = 64;

/// Room for the content of one reply: what comes when it is full is dropped and counted.
#[derive(Debug)]
pub(crate) struct TextRoom {
    left: usize,
    dropped: u32,
}

impl Default for TextRoom {
    fn default() -> Self {
        Self { left: MAX_CONTENT_BYTES, dropped: 0 }
    }
}

impl TextRoom {
    /// Values and pieces of text that found no room.
    pub(crate) fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Adds `text` to what is in `value`, a text.
    pub(crate) fn append(&mut self, value: &mut Value, text: &str) {
        if let Value::String(whole) = value
            && self.take(text.len())
        {
            whole.push_str(text);
        }
    }

    /// Whether there is room for `value`, which then is taken.
    pub(crate) fn admit(&mut self, value: &Value) -> bool {
        self.take(size(value))
    }

    /// Once something found no room nothing does: a text with a hole says what nobody said.
    fn take(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or_default();
        self.dropped = self.dropped.saturating_add(u32::from(left.is_none()));
        left.is_some()
    }

    /// Puts `delta` together with what came before: texts and lists grow, but for those of `whole`, which come once.
    pub(crate) fn merge(&mut self, into: &mut Map<String, Value>, delta: Map<String, Value>, whole: &[&str]) {
        for (key, value) in delta {
            match (into.get_mut(&key), value) {
                (_, Value::Null) => {}
                (Some(old @ Value::String(_)), Value::String(text)) if !whole.contains(&key.as_str()) => {
                    self.append(old, &text)
                }
                (Some(Value::Array(old)), Value::Array(new)) => {
                    old.extend(new.into_iter().filter(|item| self.admit(item)))
                }
                (Some(Value::Object(old)), Value::Object(new)) => self.merge(old, new, whole),
                (Some(Value::String(old)), Value::String(_)) if !old.is_empty() => {}
                (_, value) => {
                    if self.take(key.len().saturating_add(size(&value))) {
                        into.insert(key, value);
                    }
                }
            }
        }
    }
}

fn size(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().fold(0_usize, |sum, item| sum.saturating_add(size(item))),
        Value::Object(fields) => {
            fields.iter().fold(0_usize, |sum, (key, value)| sum.saturating_add(key.len()).saturating_add(size(value)))
        }
        _ => 0,
    };
    inside.saturating_add(VALUE_BYTES)
}
