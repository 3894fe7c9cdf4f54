//! Bedrock's `Converse` and `ConverseStream`.

use serde_json::{Map, Value};

use crate::content::{Message, Part, ToolDefinition};
use crate::providers::bedrock_stream::Events;
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
pub(crate) struct BedrockConverse;

/// Fields of a request that nobody else's has.
const OWN: &[&str] =
    &["inferenceConfig", "toolConfig", "guardrailConfig", "additionalModelRequestFields", "performanceConfig"];

impl Reader for BedrockConverse {
    fn recognises(&self, reply: &Value) -> bool {
        at(reply, "output.message").is_object()
            || at(reply, "stopReason").is_string()
            || at(reply, "__type").is_string()
    }

    fn recognises_request(&self, request: &Value) -> bool {
        let first = at(request, "messages.0.content.0");
        let is_block = at(first, "text").is_string() && first.get("type").is_none();
        OWN.iter().any(|key| request.get(key).is_some()) || is_block
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        let config = body.object("inferenceConfig");
        let of = |key: &str| config.filter(|config| config.any(key).is_some());
        let more = body.object("additionalModelRequestFields");
        let format = body.object("outputConfig").and_then(|output| output.object("textFormat"));
        let guardrail = body.object("guardrailConfig");
        Asked {
            // In the URL as a rule.
            model: body.string("modelId"),
            max_tokens: of("maxTokens").and_then(|config| config.count("maxTokens")),
            temperature: of("temperature").and_then(|config| config.float("temperature")),
            top_p: of("topP").and_then(|config| config.float("topP")),
            top_k: more.and_then(|more| more.count("top_k").or_else(|| more.count("topK"))),
            stop_sequences: config.map(|config| config.texts("stopSequences")).unwrap_or_default(),
            output_type: format.and_then(|format| format.text("type")).map(|_| output_type::JSON),
            reasoning_level: more.and_then(|more| more.object("output_config")?.string("effort")),
            service_tier: body.object("serviceTier").and_then(|tier| tier.string("type")),
            guardrail: guardrail.and_then(|guardrail| guardrail.string("guardrailIdentifier")),
            ..Asked::default()
        }
    }

    fn input(&self, body: &Value) -> Input {
        let tools = at(body, "toolConfig.tools").as_array().into_iter().flatten();
        Input {
            system: parts(at(body, "system")),
            messages: at(body, "messages").as_array().into_iter().flatten().map(message).collect(),
            tools: tools.filter_map(tool).collect(),
        }
    }

    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        let invoked = || body.object("trace")?.object("promptRouter")?.string("invokedModelId");
        Answered {
            model: invoked(),
            finish_reasons: body.text("stopReason").map(FinishReason::new).into_iter().collect(),
            usage: body.object("usage").map(|usage| tokens(&usage)).unwrap_or_default(),
            service_tier: body.object("serviceTier").and_then(|tier| tier.string("type")),
            failure: failure(body),
            ..Answered::default()
        }
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        let said = at(body, "output.message");
        if !said.is_object() {
            return Vec::new();
        }
        let said = message(said);
        vec![match at(body, "stopReason").as_str() {
            Some(reason) => said.finish_reason(FinishReason::new(reason).as_str()),
            None => said,
        }]
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Events>::default()
    }
}

/// `inputTokens` leaves out what was read from and written to the cache (user guide, "Prompt caching": all input is the
/// sum of the three).
fn tokens(usage: &Fields<'_>) -> Usage {
    Usage {
        input: usage.sum(&["inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"]),
        output: usage.count("outputTokens"),
        cache_read: usage.count("cacheReadInputTokens"),
        cache_write: usage.count("cacheWriteInputTokens"),
        ..Usage::default()
    }
}

/// The name of the exception, where the body tells it: `com.amazon.coral#ValidationException:http://…`. As a rule it
/// stands in the header `x-amzn-ErrorType`.
pub(super) fn failure(body: &Fields<'_>) -> Option<Failed> {
    let is_error = body.any("__type").is_some() || (body.any("message").is_some() && body.any("output").is_none());
    let name = body.text("__type").and_then(|code| code.split(':').next()?.rsplit('#').next()).map(pascal);
    is_error.then(|| Failed::new([name.as_deref()], None, body.text("message")))
}

/// Streams have `throttlingException` for what is `ThrottlingException` elsewhere.
pub(super) fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn message(value: &Value) -> Message {
    let parts = parts(at(value, "content"));
    let is_answer = |part: &Part| matches!(part, Part::ToolCallResponse { .. });
    let role = match at(value, "role").as_str() {
        Some("user") if !parts.is_empty() && parts.iter().all(is_answer) => "tool",
        role => role.unwrap_or("user"),
    };
    parts.into_iter().fold(Message::new(role), Message::part)
}

fn parts(content: &Value) -> Vec<Part> {
    content.as_array().into_iter().flatten().flat_map(block).collect()
}

/// A block: an object with one field that says what it is.
fn block(value: &Value) -> Vec<Part> {
    let Some((kind, inner)) = value.as_object().and_then(|fields| fields.iter().next()) else { return Vec::new() };
    let text = |key: &str| at(inner, key).as_str().unwrap_or_default();
    let part = match kind.as_str() {
        "text" => inner.as_str().map(Part::text),
        "reasoningContent" => at(inner, "reasoningText.text").as_str().map(Part::reasoning),
        "toolUse" => Some(Part::tool_call(text("toolUseId"), text("name"), at(inner, "input").clone())),
        "toolResult" => Some(Part::tool_call_response(text("toolUseId"), answer(at(inner, "content")))),
        "image" | "document" | "video" | "audio" => media(kind, inner),
        "citationsContent" => return parts(at(inner, "content")),
        "guardContent" => at(inner, "text.text").as_str().map(Part::text),
        // A mark of where a cache ends.
        "cachePoint" => None,
        _ => Some(Part::generic(kind, Map::new())),
    };
    part.into_iter().collect()
}

/// What a tool answered: JSON, or blocks that are brought into form.
fn answer(content: &Value) -> Value {
    let form = |value: &Value| match value.get("json") {
        Some(json) => vec![json.clone()],
        None => block(value).iter().filter_map(|part| serde_json::to_value(part).ok()).collect(),
    };
    content.as_array().into_iter().flatten().flat_map(form).collect()
}

fn media(modality: &str, inner: &Value) -> Option<Part> {
    let format = at(inner, "format").as_str().unwrap_or_default();
    let mime_type = if modality == "document" { String::new() } else { format!("{modality}/{format}") };
    if let Some(data) = at(inner, "source.bytes").as_str() {
        return Some(Part::encoded_blob(modality, &mime_type, data));
    }
    let uri = at(inner, "source.s3Location.uri").as_str()?;
    Some(Part::typed_uri(modality, Some(&*mime_type).filter(|name| !name.is_empty()), uri))
}

fn tool(value: &Value) -> Option<ToolDefinition> {
    if let Some(name) = at(value, "systemTool.name").as_str() {
        return Some(ToolDefinition::new("systemTool", name));
    }
    let spec = at(value, "toolSpec");
    let tool = ToolDefinition::function(at(spec, "name").as_str()?).parameters(at(spec, "inputSchema.json").clone());
    Some(match at(spec, "description").as_str() {
        Some(description) => tool.description(description),
        None => tool,
    })
}
