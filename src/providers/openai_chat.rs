//! OpenAI's chat completions, `/v1/chat/completions`, and all who speak it.

use serde_json::{Map, Value, json};

use crate::content::Message;
use crate::providers::fields::Fields;
use crate::providers::finish_reason::FinishReason;
use crate::providers::format::{Input, Reader};
use crate::providers::read::Reading;
use crate::providers::request::Asked;
use crate::providers::response::{Answered, Failed};
use crate::providers::stream::{Assemble, Piece, Progress};
use crate::providers::usage::Usage;

/// See the module's documentation.
pub(crate) struct OpenAiChat;

impl Reader for OpenAiChat {
    fn recognises(&self, reply: &Value) -> bool {
        reply["object"] == "chat.completion" || reply["choices"].is_array()
    }

    fn recognises_request(&self, request: &Value) -> bool {
        request["messages"].is_array()
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        Asked {
            model: body.string("model"),
            stream: body.flag("stream").unwrap_or_default(),
            max_tokens: body.count("max_completion_tokens").or_else(|| body.count("max_tokens")),
            temperature: body.float("temperature"),
            stop_sequences: body.texts("stop"),
            ..Asked::default()
        }
    }

    fn input(&self, body: &Value) -> Input {
        let messages = body["messages"].as_array().into_iter().flatten().cloned().map(Message::from_json);
        Input { messages: messages.collect(), ..Input::default() }
    }

    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        let reasons = body.list("choices").filter_map(|choice| choice.text("finish_reason").map(FinishReason::new));
        Answered {
            id: body.string("id"),
            model: body.string("model"),
            finish_reasons: reasons.collect(),
            usage: body.object("usage").map(|usage| tokens(&usage)).unwrap_or_default(),
            service_tier: body.string("service_tier"),
            system_fingerprint: body.string("system_fingerprint"),
            failure: body.object("error").map(|error| failure(&error)),
            ..Answered::default()
        }
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        let choices = body["choices"].as_array().into_iter().flatten();
        choices.map(|choice| Message::from_json(choice["message"].clone())).collect()
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Chunks>::default()
    }
}

fn tokens(usage: &Fields<'_>) -> Usage {
    let (input, output) = (usage.object("prompt_tokens_details"), usage.object("completion_tokens_details"));
    Usage {
        input: usage.count("prompt_tokens"),
        output: usage.count("completion_tokens"),
        cache_read: input.and_then(|input| input.count("cached_tokens")),
        reasoning: output.and_then(|output| output.count("reasoning_tokens")),
        ..Usage::default()
    }
}

fn failure(error: &Fields<'_>) -> Failed {
    Failed { code: error.string("code").or_else(|| error.string("type")), status: None }
}

/// The chunks of a streamed reply.
#[derive(Default)]
struct Chunks {
    reply: Map<String, Value>,
}

impl Assemble for Chunks {
    fn is_content(&self, _piece: Piece<'_>) -> bool {
        false
    }

    fn add(&mut self, _name: &str, data: Value, _reading: Reading) -> Progress {
        if let Value::Object(fields) = data {
            self.reply.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
        }
        Progress::More
    }

    fn reply(&mut self) -> Value {
        json!(self.reply)
    }
}
