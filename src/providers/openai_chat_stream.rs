//! The chunks of a streamed reply with choices → the reply.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memmem::Finder;
use serde_json::{Map, Value, json};

use crate::providers::read::Reading;
use crate::providers::stream::{Assemble, Piece, Progress, Template, TextRoom, is_small, keep};

/// Where a choice holds its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In a message: chat completions.
    Message,
    /// In `text`: completions.
    Text,
}

/// Choices of one reply, and tool calls of all of them together.
const MAX_CHOICES: usize = 128;
const MAX_CALLS: usize = 128;

/// What stands beside the choices and is kept, the last that says something.
const HEAD: &[&str] = &[
    "id",
    "object",
    "created",
    "model",
    "service_tier",
    "system_fingerprint",
    "usage",
    "x_groq",
    "error",
    "code",
    "status",
];

/// Texts of a delta that come in one piece, or again with every chunk.
const WHOLE: &[&str] = &["role", "id", "type", "name", "format"];

/// Texts in which chunks with content differ; OpenAI pads them with the last one.
const TEXTS: &[&str] = &["content", "reasoning_content", "reasoning", "arguments", "text", "obfuscation"];

/// Templates of one stream: whose chunks never look alike is searched.
const MAX_TEMPLATES: u32 = 1024;

static FINISH_REASON: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"finish_reason\""));
static USAGE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"usage\""));
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"error\""));
static INDEX: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"index\""));
static TOOL_CALLS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"tool_calls\""));
static NAME: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"name\""));

/// The chunks so far.
#[derive(Debug)]
pub(super) struct Chunks {
    form: Form,
    head: Map<String, Value>,
    choices: BTreeMap<u64, Choice>,
    calls: usize,
    dropped: u32,
    room: TextRoom,
    /// The last chunk that was searched and had nothing but content.
    template: Template,
    templates: u32,
    is_unlike: AtomicBool,
}

#[derive(Debug, Default)]
struct Choice {
    /// Its `message`, or itself if it holds text.
    said: Map<String, Value>,
    calls: Vec<Map<String, Value>>,
    /// Index of a call in the deltas → its place in `calls`.
    places: BTreeMap<u64, usize>,
    finish_reason: Option<Value>,
    error: Option<Value>,
}

impl Chunks {
    pub(super) fn new(form: Form) -> Self {
        let (head, choices, room, template) = Default::default();
        let is_unlike = AtomicBool::new(false);
        Self { form, head, choices, calls: 0, dropped: 0, room, template, templates: 0, is_unlike }
    }

    /// Which choice, of one that is to be taken in.
    fn index(&mut self, choice: &Map<String, Value>) -> Option<u64> {
        let index = choice.get("index").and_then(Value::as_u64).unwrap_or_default();
        if !self.choices.contains_key(&index) && self.choices.len() >= MAX_CHOICES {
            self.dropped = self.dropped.saturating_add(1);
            return None;
        }
        Some(index)
    }

    fn choice(&mut self, mut given: Map<String, Value>, reading: Reading) {
        let Some(index) = self.index(&given) else { return };
        let mut choice = self.choices.remove(&index).unwrap_or_default();
        // Some hand the whole message out at once, or again at the end.
        let said = match given.remove("delta").or_else(|| given.remove("message")) {
            Some(Value::Object(delta)) => delta,
            _ => given.remove_entry("text").into_iter().collect(),
        };
        self.delta(&mut choice, said, reading);
        for (key, kept) in [("finish_reason", &mut choice.finish_reason), ("error", &mut choice.error)] {
            if let Some(value) = given.remove(key).filter(|value| !value.is_null() && *value != "" && is_small(value)) {
                *kept = Some(value);
            }
        }
        self.choices.insert(index, choice);
    }

    fn delta(&mut self, choice: &mut Choice, mut delta: Map<String, Value>, reading: Reading) {
        if let Some(Value::Array(calls)) = delta.remove("tool_calls") {
            for call in calls {
                if let Value::Object(call) = call {
                    self.call(choice, call, reading);
                }
            }
        }
        match reading {
            Reading::Everything => self.room.merge(&mut choice.said, delta, WHOLE),
            Reading::Facts => choice.said.extend(delta.remove_entry("role").filter(|(_, role)| role.is_string())),
        }
    }

    fn call(&mut self, choice: &mut Choice, mut call: Map<String, Value>, reading: Reading) {
        let index = call.remove("index").and_then(|index| index.as_u64());
        let Some(place) = self.place(choice, index, call.get("id").and_then(Value::as_str)) else { return };
        let Some(known) = choice.calls.get_mut(place) else { return };
        if reading == Reading::Facts
            && let Some(Value::Object(function)) = call.get_mut("function")
        {
            function.retain(|key, _| key == "name");
        }
        match reading {
            Reading::Everything => self.room.merge(known, call, WHOLE),
            Reading::Facts => {
                let is_kept = |key: &str| matches!(key, "id" | "type" | "function");
                call.retain(|key, value| is_kept(key) && !value.is_null() && is_small(value));
                call.into_iter().for_each(|(key, value)| {
                    known.entry(key).or_insert(value);
                });
            }
        }
    }

    /// Where a call stands. Whoever gives no index, or the same one for all (Gemini), gives an identifier.
    fn place(&mut self, choice: &mut Choice, index: Option<u64>, id: Option<&str>) -> Option<usize> {
        let id = id.filter(|id| !id.is_empty());
        let last = u64::try_from(choice.calls.len().saturating_sub(1)).unwrap_or_default();
        let place = choice.places.get(&index.unwrap_or(last)).copied();
        let known = place.and_then(|place| choice.calls.get(place)).and_then(|call| call.get("id")?.as_str());
        let is_other = matches!((known, id), (Some(known), Some(id)) if known != id);
        if place.is_some() && !is_other {
            return place;
        }
        if self.calls >= MAX_CALLS {
            self.dropped = self.dropped.saturating_add(1);
            return None;
        }
        self.calls = self.calls.saturating_add(1);
        let place = choice.calls.len();
        choice.places.insert(index.unwrap_or(u64::try_from(place).unwrap_or_default()), place);
        choice.calls.push(Map::new());
        Some(place)
    }
}

impl Chunks {
    fn failed(&mut self, error: Map<String, Value>) -> Progress {
        let error = Map::from_iter([("error".to_owned(), Value::Object(error))]);
        keep(&mut self.head, error, HEAD);
        Progress::Over
    }
}

impl Assemble for Chunks {
    fn is_content(&self, piece: Piece<'_>) -> bool {
        if piece.name == "error" {
            return false;
        }
        if self.template.fits(piece.data) {
            return true;
        }
        self.is_unlike.store(true, Ordering::Relaxed);
        self.has_only_content(piece.data)
    }

    fn pass_over(&mut self, piece: Piece<'_>) {
        if std::mem::take(self.is_unlike.get_mut()) && self.templates < MAX_TEMPLATES {
            self.templates = self.templates.saturating_add(1);
            self.template.learn(piece.data, TEXTS);
        }
    }

    fn add(&mut self, name: &str, data: Value, reading: Reading) -> Progress {
        let Value::Object(mut fields) = data else { return Progress::More };
        if name == "error" && !fields.contains_key("error") {
            return self.failed(fields);
        }
        if let Some(Value::Array(choices)) = fields.remove("choices") {
            for choice in choices {
                if let Value::Object(choice) = choice {
                    self.choice(choice, reading);
                }
            }
        } else if fields.get("object").is_some_and(|object| object == "error") {
            return self.failed(fields);
        }
        for key in HEAD {
            // The first chunk of Azure OpenAI has empty texts.
            if let Some(value) = fields.remove(*key).filter(|value| !value.is_null() && value != "" && is_small(value))
            {
                self.head.insert((*key).to_owned(), value);
            }
        }
        // Nothing comes behind an error, and many a client drops the stream there.
        if self.head.contains_key("error") { Progress::Over } else { Progress::More }
    }

    fn reply(&mut self) -> Value {
        let mut reply = self.head.clone();
        let object = if self.form == Form::Message { "chat.completion" } else { "text_completion" };
        if !self.choices.is_empty() {
            reply.insert("object".to_owned(), object.into());
        }
        if !self.choices.is_empty() || !reply.contains_key("error") {
            let choices = self.choices.iter().map(|(index, choice)| choice.reply(*index, self.form));
            reply.insert("choices".to_owned(), choices.collect());
        }
        Value::Object(reply)
    }

    fn dropped(&self) -> u32 {
        self.dropped.saturating_add(self.room.dropped())
    }
}

impl Choice {
    fn reply(&self, index: u64, form: Form) -> Value {
        let mut said = self.said.clone();
        if !self.calls.is_empty() {
            said.insert("tool_calls".to_owned(), self.calls.iter().cloned().map(Value::Object).collect());
        }
        let mut choice = match form {
            Form::Message => Map::from_iter([("message".to_owned(), Value::Object(said))]),
            Form::Text => said,
        };
        choice.insert("index".to_owned(), index.into());
        // Nobody said why it ended: it did not come to its end.
        choice.insert("finish_reason".to_owned(), self.finish_reason.clone().unwrap_or_else(|| json!("error")));
        choice.extend(self.error.clone().map(|error| ("error".to_owned(), error)));
        Value::Object(choice)
    }
}

impl Chunks {
    /// Found by searching: in content the quotes of a name would be escaped.
    fn has_only_content(&self, data: &[u8]) -> bool {
        // Who does not say whose chunk it is is read until somebody does.
        self.head.contains_key("id")
            && each_is_null(&FINISH_REASON, data)
            && each_is_null(&USAGE, data)
            && each_is_null(&ERROR, data)
            && self.are_known(data)
            && (each_is_null(&TOOL_CALLS, data) || NAME.find(data).is_none())
    }

    /// Whether all the choices a chunk speaks of were seen before. Tool calls have indexes, too: then it is read once more than
    /// needed.
    fn are_known(&self, data: &[u8]) -> bool {
        let mut said = false;
        let mut indexes = INDEX.find_iter(data).map(|at| number(after_colon(data, at + "\"index\"".len())));
        let known = indexes.all(|index| {
            said = true;
            index.is_some_and(|index| self.choices.contains_key(&index))
        });
        known && (said || self.choices.contains_key(&0))
    }
}

/// Whether every field of that name is `null`, or an empty text, which some write instead.
fn each_is_null(name: &Finder<'_>, data: &[u8]) -> bool {
    let is_nothing = |value: &[u8]| value.starts_with(b"null") || value.starts_with(b"\"\"");
    name.find_iter(data).all(|at| is_nothing(after_colon(data, at + name.needle().len())))
}

/// What comes behind the colon that follows a name which ends at `end`.
fn after_colon(data: &[u8], end: usize) -> &[u8] {
    let rest = data.get(end..).unwrap_or_default().trim_ascii_start();
    rest.strip_prefix(b":").unwrap_or_default().trim_ascii_start()
}

/// The number at the start, of at most three digits.
fn number(data: &[u8]) -> Option<u64> {
    let digits = data.iter().take_while(|byte| byte.is_ascii_digit());
    let (count, number) =
        digits.take(4).fold((0, 0), |(count, sum), digit| (count + 1, sum * 10 + u64::from(digit - b'0')));
    (1..4).contains(&count).then_some(number)
}
