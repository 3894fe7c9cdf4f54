//! Cohere's embeddings, `/v2/embed`.

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
pub(crate) struct CohereEmbed;

impl Reader for CohereEmbed {
    fn recognises(&self, reply: &Value) -> bool {
        at(reply, "response_type").as_str().is_some_and(|name| name.starts_with("embeddings"))
    }

    fn recognises_request(&self, request: &Value) -> bool {
        at(request, "input_type").is_string()
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        Asked { model: body.string("model"), encoding_formats: body.texts("embedding_types"), ..Asked::default() }
    }

    fn input(&self, _body: &Value) -> Input {
        Input::default()
    }

    /// Embeddings by their type. Those in whole bits are eight a number, and base64 is text: neither tells dimensions.
    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        let units = body.object("meta").and_then(|meta| meta.object("billed_units"));
        let of = |key: &str| units.and_then(|units| units.count(key));
        let embeddings = body.object("embeddings");
        let dimensions = |key: &str| embeddings?.items_length(key);
        Answered {
            id: body.string("id"),
            usage: Usage { input: of("input_tokens"), search_units: of("search_units"), ..Usage::default() },
            dimension_count: ["float", "int8", "uint8"].into_iter().find_map(dimensions),
            failure: body.any("message").map(|_| Failed::new([], None, body.text("message"))),
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
