//! What is kept of a streamed reply's blocks: texts and tool calls, within bounds.

use serde_json::{Map, Value};

use crate::content::MAX_CONTENT_BYTES;
use crate::providers::read::Reading;

/// Tool calls that are kept if nobody wants content.
const MAX_CALLS: usize = 128;
/// Longest identifier or name that is kept then.
const MAX_NAME_BYTES: usize = 256;
/// Blocks of one reply: each text that comes is looked up among them.
const MAX_BLOCKS: usize = 1024;
/// What a block costs beside its text: memory is bounded, also against blocks of nothing.
const BLOCK_BYTES: usize = 256;

/// A block of a reply that grows.
#[derive(Debug, Default)]
pub(crate) struct Block {
    index: u64,
    /// What it was opened with.
    pub(crate) fields: Map<String, Value>,
    /// What was added to it.
    pub(crate) text: String,
}

/// The blocks of one reply, in the order they came.
#[derive(Debug)]
pub(crate) struct Blocks {
    blocks: Vec<Block>,
    left: usize,
    dropped: u32,
}

impl Default for Blocks {
    fn default() -> Self {
        Self { blocks: Vec::new(), left: MAX_CONTENT_BYTES, dropped: 0 }
    }
}

impl Blocks {
    /// Opens block `index` for content.
    pub(crate) fn open(&mut self, index: u64, fields: Map<String, Value>) {
        let weight = BLOCK_BYTES.saturating_add(fields.values().map(weight).fold(0, usize::saturating_add));
        if self.blocks.len() >= MAX_BLOCKS {
            self.dropped = self.dropped.saturating_add(1);
        } else if self.take(weight) {
            self.blocks.push(Block { index, fields, text: String::new() });
        }
    }

    /// Opens a tool call without its arguments: `keys` of `fields` that are names.
    pub(crate) fn open_call(&mut self, index: u64, keys: &[&str], fields: &Map<String, Value>) {
        if self.blocks.len() >= MAX_CALLS {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        let is_name = |value: &&Value| value.as_str().is_some_and(|name| name.len() <= MAX_NAME_BYTES);
        let name = |key: &&str| Some(((*key).to_owned(), fields.get(*key).filter(is_name)?.clone()));
        let fields = keys.iter().filter_map(name).collect();
        self.blocks.push(Block { index, fields, text: String::new() });
    }

    /// Opens a block: all of it, or only the names in `keys`.
    pub(crate) fn open_as(&mut self, index: u64, (keys, fields): (&[&str], Map<String, Value>), reading: Reading) {
        match reading {
            Reading::Everything => self.open(index, fields),
            Reading::Facts => self.open_call(index, keys, &fields),
        }
    }

    /// Adds to the text of block `index`, if it is open.
    pub(crate) fn append(&mut self, index: u64, text: &str) {
        if self.last(index).is_some()
            && self.take(text.len())
            && let Some(block) = self.last(index)
        {
            block.text.push_str(text);
        }
    }

    /// The last block that was opened as `index`.
    pub(crate) fn last(&mut self, index: u64) -> Option<&mut Block> {
        self.blocks.iter_mut().rev().find(|block| block.index == index)
    }

    /// Every block with its index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Block)> {
        self.blocks.iter().map(|block| (block.index, block))
    }

    /// Blocks and texts there was no room for.
    pub(crate) fn dropped(&self) -> u32 {
        self.dropped
    }

    fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => {
                self.dropped = self.dropped.saturating_add(1);
                return false;
            }
        }
        true
    }
}

impl Block {
    /// The arguments of a tool call: the JSON that came in pieces, else what the block was opened with.
    pub(crate) fn arguments(&self, key: &str) -> Value {
        if self.text.is_empty() {
            return self.fields.get(key).cloned().unwrap_or_default();
        }
        serde_json::from_str(&self.text).unwrap_or_else(|_| Value::String(self.text.clone()))
    }
}

/// About how many bytes a value takes.
fn weight(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).fold(0, usize::saturating_add),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| key.len().saturating_add(weight(value))).fold(0, usize::saturating_add)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    inner.saturating_add(size_of::<Value>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn what_is_beyond_the_bound_is_dropped_and_counted() {
        let mut blocks = Blocks::default();
        blocks.open(0, Map::new());
        let half = "x".repeat(MAX_CONTENT_BYTES / 2);
        for _ in 0..3 {
            blocks.append(0, &half);
        }
        assert_eq!((blocks.last(0).unwrap().text.len(), blocks.dropped()), (half.len(), 2));
        blocks.append(0, "small");
        assert!(blocks.last(0).unwrap().text.ends_with("small"));
        blocks.append(7, "never opened");
        assert_eq!(blocks.dropped(), 2);
    }

    #[test]
    fn without_content_only_names_of_calls_are_kept_and_not_endlessly_many() {
        let mut blocks = Blocks::default();
        let long = "x".repeat(MAX_NAME_BYTES + 1);
        let call = fields(&json!({"id": "c", "name": "f", "input": {"city": "Lisbon"}, "kind": long}));
        for index in 0..200 {
            blocks.open_as(index, (&["id", "name", "kind"], call.clone()), Reading::Facts);
        }
        assert_eq!((blocks.iter().count(), blocks.dropped()), (MAX_CALLS, 200 - 128));
        assert_eq!(blocks.last(5).unwrap().fields, fields(&json!({"id": "c", "name": "f"})));
    }

    #[test]
    fn arguments_are_the_json_that_came() {
        let mut blocks = Blocks::default();
        blocks.open(0, fields(&json!({"input": {}})));
        blocks.append(0, "{\"a\":");
        assert_eq!(blocks.last(0).unwrap().arguments("input"), json!("{\"a\":"));
        blocks.append(0, "1}");
        assert_eq!(blocks.last(0).unwrap().arguments("input"), json!({"a": 1}));
    }
}
