//! Gemini's `embedContent` and `batchEmbedContents`.

use serde_json::Value;

use crate::content::Message;
use crate::providers::fields::Fields;
use crate::providers::format::{Input, Reader};
use crate::providers::gemini::failure;
use crate::providers::place::at;
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::{Assemble, Whole};
use crate::providers::usage::Usage;

/// See the module's documentation.
pub(crate) struct GeminiEmbeddings;

impl Reader for GeminiEmbeddings {
    fn recognises(&self, reply: &Value) -> bool {
        at(reply, "embedding.values").is_array() || at(reply, "embeddings.0.values").is_array()
    }

    fn recognises_request(&self, request: &Value) -> bool {
        at(request, "content.parts").is_array() || at(request, "requests.0.content.parts").is_array()
    }

    /// The requests of a batch are for the same model.
    fn request(&self, body: &Fields<'_>) -> Asked {
        let first = body.list("requests").next();
        let model = body.string("model").or_else(|| first?.string("model"));
        Asked { model: model.map(|model| model.trim_start_matches("models/").to_owned()), ..Asked::default() }
    }

    fn input(&self, _body: &Value) -> Input {
        Input::default()
    }

    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        let embedding = body.object("embedding").or_else(|| body.list("embeddings").next());
        let usage = body.object("usageMetadata");
        Answered {
            usage: Usage { input: usage.and_then(|usage| usage.count("promptTokenCount")), ..Usage::default() },
            dimension_count: embedding.and_then(|embedding| embedding.length("values")),
            failure: failure(body),
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
