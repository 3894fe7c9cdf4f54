//! OpenAI's embeddings, `/v1/embeddings`, and who speaks it: Azure OpenAI, Mistral, Together, vLLM, Voyage, Jina.

use serde_json::Value;

use crate::content::Message;
use crate::providers::facts;
use crate::providers::fields::Fields;
use crate::providers::format::{Input, Reader};
use crate::providers::openai_error::failure;
use crate::providers::openai_usage::{cost, tokens};
use crate::providers::place::at;
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::{Assemble, Whole};
use crate::providers::usage::Usage;

/// See the module's documentation.
pub(crate) struct OpenAiEmbeddings;

impl Reader for OpenAiEmbeddings {
    fn recognises(&self, reply: &Value) -> bool {
        let first = at(reply, "data.0");
        first["object"] == "embedding" || !first["embedding"].is_null()
    }

    fn recognises_request(&self, request: &Value) -> bool {
        let has = |key: &str| !request[key].is_null();
        has("input")
            && (has("encoding_format")
                || has("dimensions")
                || request["model"].as_str().is_some_and(|model| model.contains("embed")))
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        Asked { model: body.string("model"), encoding_formats: body.texts("encoding_format"), ..Asked::default() }
    }

    fn input(&self, _body: &Value) -> Input {
        // The conventions have no place for what is embedded.
        Input::default()
    }

    fn response(&self, provider: &str, body: &Fields<'_>) -> Answered {
        let usage = body.object("usage");
        let counted = usage.map(|usage| tokens(provider, &usage)).unwrap_or_default();
        Answered {
            id: body.string("id"),
            model: body.string("model"),
            // Mistral says `completion_tokens: 0`; nothing is generated.
            usage: Usage { output: None, ..counted },
            dimension_count: body.list("data").next().and_then(|first| dimensions(&first)),
            cost: usage.and_then(|usage| cost(provider, &usage)),
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

/// Numbers of a vector: an item of a list each, or four bytes each in base64.
fn dimensions(item: &Fields<'_>) -> Option<u64> {
    let length = item.length("embedding")?;
    let is_base64 = facts::is_text(item.any("embedding")?);
    // Three bytes stand in four characters, and what fills the last four up is less than one number.
    Some(if is_base64 { length.saturating_mul(3) / 16 } else { length })
}
