//! Replies of a chat completions server.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A reply, or one chunk of it: a chunk has a `delta` where the reply has its `message`. Servers that call themselves
/// compatible leave out or set to null what they like; only a choice there has to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Completion {
    pub(crate) id: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) usage: Option<Tokens>,
    choices: Vec<Choice>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    #[serde(alias = "delta")]
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    content: Option<String>,
    tool_calls: Option<Vec<ToolCall>>,
}

/// A tool the model wants to be run.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ToolCall {
    /// Tells the pieces of several calls apart in a streamed reply.
    index: usize,
    id: Option<String>,
    function: Function,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Function {
    name: Option<String>,
    arguments: Option<String>,
}

/// The tokens of a reply, as the server counted them: cached ones are part of the prompt, reasoning of the completion.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Tokens {
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
    prompt_tokens_details: Option<PromptTokens>,
    completion_tokens_details: Option<CompletionTokens>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct PromptTokens {
    cached_tokens: Option<u64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct CompletionTokens {
    reasoning_tokens: Option<u64>,
}

/// An embedding.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Embedded {
    pub(crate) model: String,
    pub(crate) usage: Tokens,
    data: Vec<Vector>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Vector {
    embedding: Vec<f64>,
}

impl Embedded {
    pub(crate) fn vector(&self) -> &[f64] {
        self.data.first().map(|data| data.embedding.as_slice()).unwrap_or_default()
    }
}

/// A response that the server has kept.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    pub(crate) model: String,
    pub(crate) status: String,
    pub(crate) service_tier: String,
    output: Vec<Output>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Output {
    content: Vec<Part>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    text: String,
}

impl Kept {
    pub(crate) fn text(&self) -> String {
        self.output.iter().flat_map(|output| &output.content).map(|part| part.text.as_str()).collect()
    }
}

impl Completion {
    /// Whether it is a reply at all.
    pub(crate) fn has_choice(&self) -> bool {
        !self.choices.is_empty()
    }

    /// The text, empty if there is none.
    pub(crate) fn text(&self) -> &str {
        self.choices.first().and_then(|choice| choice.message.content.as_deref()).unwrap_or_default()
    }

    pub(crate) fn tool_calls(&self) -> &[ToolCall] {
        self.choices.first().and_then(|choice| choice.message.tool_calls.as_deref()).unwrap_or_default()
    }

    pub(crate) fn finish_reasons(&self) -> impl Iterator<Item = &str> {
        self.choices.iter().filter_map(|choice| choice.finish_reason.as_deref())
    }

    /// As it goes back to the server, as a part of the conversation.
    /// The reply as telemetry has it.
    pub(crate) fn as_output(&self) -> tracing_genai::content::Message {
        let message = tracing_genai::content::Message::from_json(self.as_message());
        self.finish_reasons().take(1).fold(message, tracing_genai::content::Message::finish_reason)
    }

    pub(crate) fn as_message(&self) -> Value {
        let calls = self.tool_calls().iter();
        let calls: Vec<Value> =
            calls.map(|call| json!({"id": call.id, "type": "function", "function": call.function})).collect();
        json!({"role": "assistant", "content": self.text(), "tool_calls": calls})
    }

    /// Adds the next chunk of a streamed reply with one choice; its last chunk has the usage and no choice.
    pub(crate) fn append(&mut self, chunk: Self) {
        self.id = self.id.take().or(chunk.id);
        self.model = self.model.take().or(chunk.model);
        self.usage = chunk.usage.or(self.usage);
        for part in chunk.choices {
            match self.choices.first_mut() {
                Some(choice) => choice.append(part),
                None => self.choices.push(part),
            }
        }
    }
}

impl Choice {
    fn append(&mut self, part: Self) {
        self.finish_reason = part.finish_reason.or(self.finish_reason.take());
        if let Some(text) = part.message.content {
            self.message.content.get_or_insert_default().push_str(&text);
        }
        for piece in part.message.tool_calls.unwrap_or_default() {
            let calls = self.message.tool_calls.get_or_insert_default();
            match calls.iter_mut().find(|call| call.index == piece.index) {
                Some(call) => call.append(piece),
                None => calls.push(piece),
            }
        }
    }
}

impl ToolCall {
    fn append(&mut self, piece: Self) {
        if let Some(arguments) = piece.function.arguments {
            self.function.arguments.get_or_insert_default().push_str(&arguments);
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        self.function.name.as_deref().unwrap_or_default()
    }

    /// JSON, if the model kept to the rules.
    pub(crate) fn arguments(&self) -> &str {
        self.function.arguments.as_deref().unwrap_or_default()
    }
}

impl Tokens {
    pub(crate) fn total(self) -> u64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// `None` if the server does not say.
    pub(crate) fn cached(self) -> Option<u64> {
        self.prompt_tokens_details?.cached_tokens
    }

    /// `None` if the server does not say.
    pub(crate) fn reasoning(self) -> Option<u64> {
        self.completion_tokens_details?.reasoning_tokens
    }
}
