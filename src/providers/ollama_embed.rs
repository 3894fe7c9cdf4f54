//! Ollama's `/api/embed`.

use serde_json::Value;

use crate::content::Message;
use crate::providers::fields::Fields;
use crate::providers::format::{Input, Reader};
use crate::providers::place::at;
use crate::providers::request::Asked;
use crate::providers::response::{Answered, Failed};
use crate::providers::stream::{Assemble, Whole};
use crate::providers::usage::Usage;

/// See the module's documentation.
pub(crate) struct OllamaEmbed;

impl Reader for OllamaEmbed {
    fn recognises(&self, reply: &Value) -> bool {
        at(reply, "embeddings").is_array()
            && (reply.get("total_duration").is_some() || reply.get("prompt_eval_count").is_some())
    }

    fn recognises_request(&self, request: &Value) -> bool {
        request.get("input").is_some()
            && ["truncate", "keep_alive", "options"].iter().any(|key| request.get(key).is_some())
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        Asked { model: body.string("model"), ..Asked::default() }
    }

    fn input(&self, _body: &Value) -> Input {
        Input::default()
    }

    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        Answered {
            model: body.string("model"),
            usage: Usage { input: body.count("prompt_eval_count"), ..Usage::default() },
            dimension_count: body.items_length("embeddings"),
            failure: body.any("error").map(|error| Failed::new([], None, error.as_str())),
            ..Answered::default()
        }
    }

    fn output(&self, _body: &Value) -> Vec<Message> {
        Vec::new()
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Whole>::default()
    }
}
