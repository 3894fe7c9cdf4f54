//! Cohere's chat, `/v2/chat`.

use serde_json::{Value, json};

use crate::content::{Message, Part, ToolDefinition};
use crate::providers::cohere_stream::Events;
use crate::providers::fields::Fields;
use crate::providers::finish_reason::FinishReason;
use crate::providers::format::{Input, Reader};
use crate::providers::place::at;
use crate::providers::request::Asked;
use crate::providers::response::{Answered, Failed};
use crate::providers::stream::Assemble;
use crate::providers::usage::Usage;
use crate::semconv::value::gen_ai_output_type as output_type;

/// See the module's documentation.
pub(crate) struct CohereChat;

/// Fields of a request that OpenAI's has not.
const OWN: &[&str] = &["safety_mode", "citation_options", "strict_tools", "documents", "p", "k"];

impl Reader for CohereChat {
    fn recognises(&self, reply: &Value) -> bool {
        at(reply, "finish_reason").is_string() && at(reply, "message").is_object()
    }

    fn recognises_request(&self, request: &Value) -> bool {
        at(request, "messages").is_array() && OWN.iter().any(|key| request.get(key).is_some())
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        let format = body.object("response_format").and_then(|format| format.text("type"));
        Asked {
            model: body.string("model"),
            stream: body.flag("stream").unwrap_or_default(),
            max_tokens: body.count("max_tokens"),
            temperature: body.float("temperature"),
            top_p: body.float("p"),
            top_k: body.count("k"),
            frequency_penalty: body.float("frequency_penalty"),
            presence_penalty: body.float("presence_penalty"),
            stop_sequences: body.texts("stop_sequences"),
            seed: body.int("seed"),
            output_type: format.map(|format| if format == "text" { output_type::TEXT } else { output_type::JSON }),
            ..Asked::default()
        }
    }

    fn input(&self, body: &Value) -> Input {
        let list = |key: &str| at(body, key).as_array().into_iter().flatten();
        Input {
            messages: list("messages").map(message).collect(),
            tools: list("tools").cloned().map(ToolDefinition::from_json).collect(),
            ..Input::default()
        }
    }

    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        // An error is `{"id": …, "message": "…"}`: its text is all it says.
        let is_error = at(body.value(), "message").is_string() || body.any("error").is_some();
        Answered {
            id: body.string("id"),
            finish_reasons: body.text("finish_reason").map(FinishReason::new).into_iter().collect(),
            usage: body.object("usage").map(|usage| tokens(&usage)).unwrap_or_default(),
            failure: is_error.then(|| Failed::new([], None, at(body.value(), "message").as_str())),
            ..Answered::default()
        }
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        if !at(body, "message").is_object() {
            return Vec::new();
        }
        let said = message(at(body, "message"));
        vec![match at(body, "finish_reason").as_str() {
            Some(reason) => said.finish_reason(FinishReason::new(reason).as_str()),
            None => said,
        }]
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Events>::default()
    }
}

fn message(value: &Value) -> Message {
    let mut value = value.clone();
    let plan = at(&value, "tool_plan").as_str().filter(|plan| !plan.is_empty()).map(Part::reasoning);
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|key, _| matches!(key.as_str(), "role" | "content" | "tool_calls" | "tool_call_id"));
        fields.entry("role").or_insert_with(|| json!("assistant"));
    }
    let mut message = Message::from_json(value);
    if let Some(plan) = plan {
        message.parts_mut().insert(0, plan);
    }
    message
}

/// Cohere bills other numbers than the model works through: "`billed_units`" and "`tokens`" (API reference, `Usage`). The
/// conventions want the billed ones. All are written as floats.
fn tokens(usage: &Fields<'_>) -> Usage {
    let (billed, worked) = (usage.object("billed_units"), usage.object("tokens"));
    let of = |side: Option<Fields<'_>>, key: &str| side.and_then(|side| side.count(key));
    let is_billed =
        |key: &str| usage.any("billed_units").is_some_and(|units| !units.is_object() || !at(units, key).is_null());
    // The one or the other, but not one that stands for another that could not be read.
    let either = |key: &str| if is_billed(key) { of(billed, key) } else { of(worked, key) };
    let consumed = |key: &str| of(worked, key).filter(|_| is_billed(key));
    let input = either("input_tokens");
    Usage {
        input,
        output: either("output_tokens"),
        // A part of what is worked through: where that is more than what is billed, it is a part of nothing.
        cache_read: usage.count("cached_tokens").filter(|cached| input.is_some_and(|input| *cached <= input)),
        consumed_input: consumed("input_tokens"),
        consumed_output: consumed("output_tokens"),
        search_units: of(billed, "search_units"),
        ..Usage::default()
    }
}
