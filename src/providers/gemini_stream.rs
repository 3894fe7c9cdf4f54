//! Gemini's stream: every chunk is a reply by itself.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_json::{Map, Value, json};

use crate::providers::place::at;
use crate::providers::read::Reading;
use crate::providers::stream::{Assemble, Blocks, Piece, Progress, keep};

/// The chunks of a streamed reply.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    /// What is no content: of every field the last value counts.
    reply: Map<String, Value>,
    /// Parts, by the candidate they are of.
    parts: Blocks,
    candidates: Vec<Candidate>,
    /// The end of the last chunk that was not read: its usage counts if no other comes after it.
    last: Vec<u8>,
}

#[derive(Debug)]
struct Candidate {
    index: u64,
    reason: Option<Value>,
}

/// What is kept beside the candidates.
const HEAD: &[&str] = &["responseId", "modelVersion", "usageMetadata", "promptFeedback", "createTime", "error"];

/// Candidates that are kept. The API allows eight.
const MAX_CANDIDATES: usize = 64;
/// Bytes of the end of a chunk that are kept.
const MAX_TAIL_BYTES: usize = 4096;
/// Fields without which a chunk says nothing but text and the usage so far. Inside of a text they would be written
/// `\"…\"`. They are made once: making a finder costs more than finding.
static TELLING: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| ["\"finishReason\"", "\"functionCall\""].map(Finder::new));
static USAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"usageMetadata\""));

impl Assemble for Chunks {
    fn is_content(&self, piece: Piece<'_>) -> bool {
        // The first one tells model and identifier; errors and refusals of a prompt come without candidates.
        piece.data.starts_with(b"{\"candidates\"")
            && !self.candidates.is_empty()
            && TELLING.iter().all(|field| field.find(piece.data).is_none())
    }

    fn pass_over(&mut self, piece: Piece<'_>) {
        let tail = USAGE.find(piece.data).and_then(|at| piece.data.get(at..));
        if let Some(tail) = tail.filter(|tail| tail.len() <= MAX_TAIL_BYTES) {
            self.last.clear();
            self.last.push(b'{');
            self.last.extend_from_slice(tail);
        }
    }

    fn add(&mut self, _name: &str, data: Value, reading: Reading) -> Progress {
        let Value::Object(mut chunk) = data else { return Progress::More };
        if let Some(Value::Array(candidates)) = chunk.remove("candidates") {
            candidates.into_iter().for_each(|candidate| self.candidate(candidate, reading));
        }
        if chunk.contains_key("usageMetadata") {
            self.last.clear();
        }
        let is_over = chunk.contains_key("error");
        keep(&mut self.reply, chunk, HEAD);
        // The chunk with the reason is the last; with several candidates nobody knows.
        if is_over { Progress::Over } else { Progress::More }
    }

    fn reply(&mut self) -> Value {
        let mut reply = self.reply.clone();
        if let Ok(Value::Object(mut last)) = serde_json::from_slice(&self.last)
            && let Some(usage) = last.remove("usageMetadata")
        {
            reply.insert("usageMetadata".into(), usage);
        }
        if !self.candidates.is_empty() {
            let candidates = self.candidates.iter().map(|candidate| self.whole(candidate));
            reply.insert("candidates".into(), candidates.collect());
        }
        Value::Object(reply)
    }

    fn dropped(&self) -> u32 {
        self.parts.dropped()
    }
}

impl Chunks {
    fn candidate(&mut self, mut value: Value, reading: Reading) {
        let index = at(&value, "index").as_u64().unwrap_or_default();
        let known = self.candidates.iter().position(|candidate| candidate.index == index);
        if known.is_none() && self.candidates.len() >= MAX_CANDIDATES {
            return;
        }
        let at = known.unwrap_or_else(|| {
            self.candidates.push(Candidate { index, reason: None });
            self.candidates.len() - 1
        });
        let reason = value.get_mut("finishReason").map(Value::take).filter(Value::is_string);
        if let Some(candidate) = self.candidates.get_mut(at).filter(|_| reason.is_some()) {
            candidate.reason = reason;
        }
        if let Some(Value::Array(parts)) = value.pointer_mut("/content/parts").map(Value::take) {
            parts.into_iter().for_each(|part| self.part(index, part, reading));
        }
    }

    /// Texts one after another are one text.
    fn part(&mut self, candidate: u64, part: Value, reading: Reading) {
        let Value::Object(mut part) = part else { return };
        if reading == Reading::Facts {
            if let Some(Value::Object(call)) = part.get("functionCall") {
                self.parts.open_call(candidate, &["id", "name"], call);
            }
            return;
        }
        let Some(Value::String(text)) = part.get_mut("text").map(Value::take) else {
            return self.parts.open(candidate, part);
        };
        let is_thought = part.get("thought") == Some(&Value::Bool(true));
        let goes_on = self.parts.last(candidate).is_some_and(|last| {
            last.fields.contains_key("text") && (last.fields.get("thought") == Some(&Value::Bool(true))) == is_thought
        });
        if !goes_on {
            part.remove("thoughtSignature");
            self.parts.open(candidate, part);
        }
        self.parts.append(candidate, &text);
    }

    fn whole(&self, candidate: &Candidate) -> Value {
        let parts = self.parts.iter().filter(|(index, _)| *index == candidate.index).map(|(_, block)| {
            let mut fields = block.fields.clone();
            if fields.contains_key("text") {
                fields.insert("text".into(), block.text.clone().into());
                Value::Object(fields)
            } else if fields.keys().all(|key| key == "id" || key == "name") && !fields.is_empty() {
                // Kept without its arguments.
                json!({ "functionCall": fields })
            } else {
                Value::Object(fields)
            }
        });
        let parts: Value = parts.collect();
        let reason = candidate.reason.clone().unwrap_or_else(|| "error".into());
        json!({"index": candidate.index, "content": {"role": "model", "parts": parts}, "finishReason": reason})
    }
}
