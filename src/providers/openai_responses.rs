//! OpenAI's responses, `/v1/responses`, and who speaks it: Azure OpenAI, xAI, OpenRouter, Perplexity, vLLM.

use serde_json::Value;

use crate::content::{Message, Part, ToolDefinition};
use crate::providers::fields::Fields;
use crate::providers::finish_reason::FinishReason;
use crate::providers::format::{Input, Reader};
use crate::providers::openai_error::failure;
use crate::providers::openai_items::{is_call, message_of, parts};
use crate::providers::openai_responses_stream::Events;
use crate::providers::openai_usage::{cost, tokens};
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::Assemble;
use crate::semconv::value::gen_ai_output_type as output_type;

/// See the module's documentation.
pub(crate) struct OpenAiResponses;

impl Reader for OpenAiResponses {
    fn recognises(&self, reply: &Value) -> bool {
        reply["object"] == "response" || (reply["output"].is_array() && reply["status"].is_string())
    }

    fn recognises_request(&self, request: &Value) -> bool {
        let has = |key: &str| !request[key].is_null();
        let is_list = request["input"].as_array().is_some_and(|items| items.iter().any(Value::is_object));
        is_list
            || ["instructions", "max_output_tokens", "previous_response_id", "conversation"].into_iter().any(has)
            || (request["input"].is_string()
                && (has("tools") || has("stream") || has("temperature") || has("reasoning")))
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        let text = || body.object("text")?.object("format")?.text("type");
        Asked {
            model: body.string("model"),
            stream: body.flag("stream").unwrap_or_default(),
            max_tokens: body.count("max_output_tokens"),
            temperature: body.float("temperature"),
            top_p: body.float("top_p"),
            output_type: text().and_then(output),
            reasoning_level: body.object("reasoning").and_then(|reasoning| reasoning.string("effort")),
            service_tier: body.string("service_tier"),
            previous_response: body.string("previous_response_id"),
            conversation: conversation(body),
            ..Asked::default()
        }
    }

    fn input(&self, body: &Value) -> Input {
        let system = match &body["instructions"] {
            Value::String(text) => vec![Part::text(text)],
            Value::Array(items) => items.iter().flat_map(parts).collect(),
            _ => Vec::new(),
        };
        let messages = match &body["input"] {
            Value::String(text) => vec![Message::user(text)],
            Value::Array(items) => items.iter().filter_map(message_of).collect(),
            _ => Vec::new(),
        };
        let tools = body["tools"].as_array().into_iter().flatten().cloned().map(ToolDefinition::from_json);
        Input { system, messages, tools: tools.collect() }
    }

    fn response(&self, provider: &str, body: &Fields<'_>) -> Answered {
        let usage = body.object("usage");
        Answered {
            id: body.string("id"),
            model: body.string("model"),
            finish_reasons: finish_reason(body).into_iter().collect(),
            usage: usage.map(|usage| tokens(provider, &usage)).unwrap_or_default(),
            service_tier: body.string("service_tier"),
            conversation: conversation(body),
            cost: usage.and_then(|usage| cost(provider, &usage)),
            failure: failure(body),
            ..Answered::default()
        }
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        let mut message = Message::new("assistant");
        message.parts_mut().extend(body["output"].as_array().into_iter().flatten().flat_map(parts));
        if message.parts().is_empty() {
            return Vec::new();
        }
        let skipped = std::cell::Cell::new(0);
        vec![match finish_reason(&Fields::of(body, &skipped)) {
            Some(reason) => message.finish_reason(reason.as_str()),
            None => message,
        }]
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Events>::default()
    }
}

fn output(format: &str) -> Option<&'static str> {
    match format {
        "json_object" | "json_schema" => Some(output_type::JSON),
        "text" => Some(output_type::TEXT),
        _ => None,
    }
}

/// An identifier, or an object that has it.
fn conversation(body: &Fields<'_>) -> Option<String> {
    match body.any("conversation")? {
        Value::Object(_) => body.object("conversation")?.string("id"),
        _ => body.string("conversation"),
    }
}

/// Why the whole of it ended: there is one choice. A reply that is still made in the background has no reason.
fn finish_reason(body: &Fields<'_>) -> Option<FinishReason> {
    let details = body.object("incomplete_details").and_then(|details| details.text("reason"));
    if let Some(reason) = details {
        return Some(FinishReason::new(reason));
    }
    match body.text("status")? {
        "queued" | "in_progress" => None,
        // The format has no other word for it.
        "completed" if body.list("output").any(|item| is_call(item.value())) => Some(FinishReason::called("completed")),
        status => Some(FinishReason::new(status)),
    }
}
