//! Ollama's stream, one reply a line → the reply.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_json::{Map, Value};

use crate::providers::ollama_chat::function;
use crate::providers::read::Reading;
use crate::providers::stream::{Assemble, Blocks, Piece, Progress, keep};

/// The lines: each has a piece of text, the last one `"done": true` and the counts.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    /// What is no content: of every field the last value counts.
    reply: Map<String, Value>,
    is_generate: bool,
    texts: Blocks,
    calls: Blocks,
}

/// What is kept beside the texts.
const HEAD: &[&str] = &["model", "created_at", "done", "done_reason", "prompt_eval_count", "eval_count", "error"];

/// The kinds of text, as blocks.
const TEXT: u64 = 0;
const THINKING: u64 = 1;

static GOES_ON: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"done\":false"));
static CALLS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"tool_calls\""));
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"error\""));

impl Assemble for Chunks {
    fn is_content(&self, piece: Piece<'_>) -> bool {
        let has = |finder: &Finder<'_>| finder.find(piece.data).is_some();
        // The first one tells the model.
        !self.reply.is_empty() && has(&GOES_ON) && !has(&CALLS) && !has(&ERROR)
    }

    fn add(&mut self, _name: &str, data: Value, reading: Reading) -> Progress {
        let Value::Object(mut chunk) = data else { return Progress::More };
        let mut message = chunk.remove("message").unwrap_or_default();
        let (response, thinking) = (chunk.remove("response"), chunk.remove("thinking"));
        self.is_generate |= response.is_some();
        chunk.remove("context");
        if let Some(Value::Array(calls)) = message.get_mut("tool_calls").map(Value::take) {
            calls.into_iter().for_each(|call| self.call(call, reading));
        }
        if reading == Reading::Everything {
            self.text(TEXT, response.as_ref().or_else(|| message.get("content")));
            self.text(THINKING, thinking.as_ref().or_else(|| message.get("thinking")));
        }
        let is_over = chunk.get("done") == Some(&Value::Bool(true)) || chunk.contains_key("error");
        keep(&mut self.reply, chunk, HEAD);
        if is_over { Progress::Over } else { Progress::More }
    }

    fn reply(&mut self) -> Value {
        let mut reply = self.reply.clone();
        if !reply.contains_key("done") {
            return Value::Object(reply);
        }
        // The last line has a reason, or had none before Ollama knew any.
        if reply.get("done") == Some(&Value::Bool(false)) {
            reply.insert("done_reason".into(), "error".into());
        }
        let (text, thinking) = (self.whole(TEXT), self.whole(THINKING));
        if self.is_generate {
            reply.insert("response".into(), text.unwrap_or_default().into());
            reply.insert("thinking".into(), thinking.into());
            return Value::Object(reply);
        }
        let calls: Vec<Value> = self
            .calls
            .iter()
            .map(|(_, call)| {
                function(call.fields.get("name"), call.fields.get("arguments").cloned().unwrap_or_default())
            })
            .collect();
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        message.insert("content".into(), text.unwrap_or_default().into());
        message.extend(thinking.map(|thinking| ("thinking".to_owned(), thinking.into())));
        message.extend((!calls.is_empty()).then(|| ("tool_calls".to_owned(), calls.into())));
        reply.insert("message".into(), message.into());
        Value::Object(reply)
    }

    fn dropped(&self) -> u32 {
        self.texts.dropped().saturating_add(self.calls.dropped())
    }
}

impl Chunks {
    fn text(&mut self, index: u64, text: Option<&Value>) {
        let Some(text) = text.and_then(Value::as_str).filter(|text| !text.is_empty()) else { return };
        if self.texts.last(index).is_none() {
            self.texts.open(index, Map::new());
        }
        self.texts.append(index, text);
    }

    fn whole(&mut self, index: u64) -> Option<String> {
        self.texts.last(index).map(|block| block.text.clone())
    }

    fn call(&mut self, mut call: Value, reading: Reading) {
        if let Some(Value::Object(fields)) = call.get_mut("function").map(Value::take) {
            self.calls.open_as(0, (&["name"], fields), reading);
        }
    }
}
