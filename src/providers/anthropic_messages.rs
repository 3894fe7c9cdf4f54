//! Anthropic's messages, `/v1/messages`: also on Vertex AI and, framed otherwise, on Bedrock (`bedrock_invoke.rs`).

use serde_json::Value;

use crate::content::{Message, Part, ToolDefinition};
use crate::providers::anthropic_stream::Events;
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
pub(crate) struct AnthropicMessages;

/// Fields of a request that OpenAI's has not.
const OWN: &[&str] = &["anthropic_version", "system", "stop_sequences", "output_config"];

impl Reader for AnthropicMessages {
    fn recognises(&self, reply: &Value) -> bool {
        at(reply, "type") == "message" || (at(reply, "type") == "error" && at(reply, "error.type").is_string())
    }

    fn recognises_request(&self, request: &Value) -> bool {
        let is_own = OWN.iter().any(|key| request.get(key).is_some());
        at(request, "messages").is_array() && (is_own || at(request, "tools.0").get("input_schema").is_some())
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        let output = body.object("output_config");
        let format = output.and_then(|output| output.object("format")).or_else(|| body.object("output_format"));
        Asked {
            model: body.string("model"),
            stream: body.flag("stream").unwrap_or_default(),
            max_tokens: body.count("max_tokens"),
            temperature: body.float("temperature"),
            top_p: body.float("top_p"),
            top_k: body.count("top_k"),
            stop_sequences: body.texts("stop_sequences"),
            output_type: format.and_then(|format| format.text("type")).map(|_| output_type::JSON),
            // `thinking.budget_tokens` is a number of tokens, and no level.
            reasoning_level: output.and_then(|output| output.string("effort")),
            service_tier: body.string("service_tier"),
            ..Asked::default()
        }
    }

    fn input(&self, body: &Value) -> Input {
        let tools = at(body, "tools").as_array().into_iter().flatten();
        Input {
            system: parts(at(body, "system")),
            messages: at(body, "messages").as_array().into_iter().flatten().map(message).collect(),
            tools: tools.filter_map(tool).collect(),
        }
    }

    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        let usage = body.object("usage");
        Answered {
            id: body.string("id"),
            model: body.string("model"),
            finish_reasons: body.text("stop_reason").map(FinishReason::new).into_iter().collect(),
            usage: usage.map(|usage| tokens(&usage)).unwrap_or_default(),
            service_tier: usage.and_then(|usage| usage.string("service_tier")),
            failure: body.object("error").map(|error| Failed::new([error.text("type")], None, error.text("message"))),
            ..Answered::default()
        }
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        if !at(body, "content").is_array() {
            return Vec::new();
        }
        let mut message = message(body);
        if let Some(reason) = at(body, "stop_reason").as_str() {
            message = message.finish_reason(FinishReason::new(reason).as_str());
        }
        vec![message]
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Events>::default()
    }
}

/// Text or blocks.
fn parts(content: &Value) -> Vec<Part> {
    let part = |block: &Value| match block {
        Value::String(text) => Some(Part::text(text)),
        block => Part::of_block(block).or_else(|| block.as_object().cloned().map(Part::Generic)),
    };
    match content {
        Value::Null => Vec::new(),
        Value::Array(blocks) => blocks.iter().filter_map(part).collect(),
        other => part(other).into_iter().collect(),
    }
}

fn message(value: &Value) -> Message {
    let parts = parts(at(value, "content"));
    let is_answer = |part: &Part| matches!(part, Part::ToolCallResponse { .. });
    let role = match at(value, "role").as_str() {
        // Anthropic has no role for tools: users send what they answer.
        Some("user") | None if !parts.is_empty() && parts.iter().all(is_answer) => "tool",
        role => role.unwrap_or("user"),
    };
    parts.into_iter().fold(Message::new(role), Message::part)
}

/// Tools of the application have a schema, those of the provider a type.
fn tool(value: &Value) -> Option<ToolDefinition> {
    let text = |key: &str| at(value, key).as_str();
    let name = text("name")?;
    let tool = match text("type") {
        Some(own) if own != "custom" => ToolDefinition::new(own, name),
        _ => ToolDefinition::function(name).parameters(at(value, "input_schema").clone()),
    };
    Some(match text("description") {
        Some(description) => tool.description(description),
        None => tool,
    })
}

/// Input tokens leave out those of the cache: "Total input tokens in a request is the summation of `input_tokens`,
/// `cache_creation_input_tokens`, and `cache_read_input_tokens`" (API reference, `Usage`). Output has the thinking in it.
fn tokens(usage: &Fields<'_>) -> Usage {
    let details = usage.object("output_tokens_details");
    let searches = usage.object("server_tool_use");
    let sum = |keys: &[&str]| billed(usage, keys);
    Usage {
        input: sum(&["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]),
        output: sum(&["output_tokens"]),
        cache_read: sum(&["cache_read_input_tokens"]),
        cache_write: sum(&["cache_creation_input_tokens"]),
        reasoning: details.and_then(|details| details.count("thinking_tokens")),
        search_units: searches.and_then(|searches| searches.count("web_search_requests")),
        ..Usage::default()
    }
}

/// Where a reply took several samplings, as with a compaction, its own numbers leave some out: "sum across all entries in
/// the `usage.iterations` array" (compaction guide). Those of another model, an advisor, are not this one's.
fn billed(usage: &Fields<'_>, keys: &[&str]) -> Option<u64> {
    let steps = match usage.any("iterations") {
        Some(Value::Array(steps)) if !steps.is_empty() => steps,
        Some(Value::Array(_)) | None => return usage.sum(keys),
        Some(_) => return None,
    };
    let of = |step: &Value| match at(step, "type").as_str()? {
        "message" | "compaction" => usage.nested(step)?.total(keys),
        _ => Some(0),
    };
    // A class that no step tells is not known, and not zero.
    let is_told = steps.iter().any(|step| keys.iter().any(|key| !at(step, key).is_null()));
    let sum = || steps.iter().try_fold(0_u64, |sum, step| sum.checked_add(of(step)?));
    if is_told { sum() } else { None }
}
