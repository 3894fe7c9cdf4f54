//! Gemini's `generateContent` and `streamGenerateContent`, of the Gemini API and of Vertex AI.

use serde_json::Value;

use crate::content::{Message, Part, ToolDefinition};
use crate::providers::fields::Fields;
use crate::providers::finish_reason::FinishReason;
use crate::providers::format::{Input, Reader};
use crate::providers::gemini_stream::Chunks;
use crate::providers::place::at;
use crate::providers::request::Asked;
use crate::providers::response::{Answered, Failed};
use crate::providers::stream::Assemble;
use crate::providers::usage::Usage;
use crate::semconv::value::gen_ai_output_type as output_type;

/// See the module's documentation.
pub(crate) struct GeminiGenerateContent;

/// A field under either of its two names: JSON of protocol buffers may be written in both.
fn either<'a>(value: &'a Value, names: (&str, &str)) -> &'a Value {
    value.get(names.0).or_else(|| value.get(names.1)).unwrap_or(&Value::Null)
}

impl Reader for GeminiGenerateContent {
    fn recognises(&self, reply: &Value) -> bool {
        let error = failure_of(reply).get("status").is_some_and(Value::is_string);
        at(reply, "candidates").is_array() || at(reply, "usageMetadata").is_object() || error
    }

    fn recognises_request(&self, request: &Value) -> bool {
        at(request, "contents").is_array()
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        let config = body.object("generationConfig").or_else(|| body.object("generation_config"));
        let mut asked = config.map(|config| settings(&config)).unwrap_or_default();
        // In the URL as a rule.
        asked.model = body.string("model");
        asked
    }

    fn input(&self, body: &Value) -> Input {
        let system = either(body, ("systemInstruction", "system_instruction"));
        let tools = at(body, "tools").as_array().into_iter().flatten().flat_map(tools);
        Input {
            system: parts(system),
            messages: at(body, "contents")
                .as_array()
                .into_iter()
                .flatten()
                .map(|content| message(content, "user"))
                .collect(),
            tools: tools.collect(),
        }
    }

    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        let usage = body.object("usageMetadata");
        let traffic = |usage: Fields<'_>| usage.string("serviceTier").or_else(|| usage.string("trafficType"));
        Answered {
            id: body.string("responseId"),
            model: body.string("modelVersion"),
            finish_reasons: reasons(body),
            usage: usage.map(|usage| tokens(&usage)).unwrap_or_default(),
            service_tier: usage.and_then(traffic),
            failure: failure(body),
            ..Answered::default()
        }
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        let candidates = at(body, "candidates").as_array().into_iter().flatten();
        let message = |candidate: &Value| {
            let message = message(at(candidate, "content"), "assistant");
            match reason(candidate) {
                Some(reason) => message.finish_reason(reason.as_str()),
                None => message,
            }
        };
        candidates.map(message).collect()
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Chunks>::default()
    }
}

fn settings(config: &Fields<'_>) -> Asked {
    let known =
        |camel: &str, snake: &str| if config.any(camel).is_some() { camel.to_owned() } else { snake.to_owned() };
    let thinking = config.object(&known("thinkingConfig", "thinking_config"));
    let level = |thinking: Fields<'_>| thinking.string("thinkingLevel").or_else(|| thinking.string("thinking_level"));
    let mime_type = config.text(&known("responseMimeType", "response_mime_type"));
    let modalities = config.texts(&known("responseModalities", "response_modalities"));
    Asked {
        max_tokens: config.count(&known("maxOutputTokens", "max_output_tokens")),
        temperature: config.float("temperature"),
        top_p: config.float(&known("topP", "top_p")),
        // A float in the first versions of the API.
        top_k: config.count(&known("topK", "top_k")),
        frequency_penalty: config.float(&known("frequencyPenalty", "frequency_penalty")),
        presence_penalty: config.float(&known("presencePenalty", "presence_penalty")),
        stop_sequences: config.texts(&known("stopSequences", "stop_sequences")),
        seed: config.int("seed"),
        choice_count: config.count(&known("candidateCount", "candidate_count")),
        output_type: mime_type.and_then(type_of).or_else(|| modalities.iter().find_map(|name| type_of_modality(name))),
        // `thinkingBudget` is a number of tokens, and no level.
        reasoning_level: thinking.and_then(level),
        ..Asked::default()
    }
}

fn type_of(mime_type: &str) -> Option<&'static str> {
    match mime_type {
        "application/json" => Some(output_type::JSON),
        "text/plain" => Some(output_type::TEXT),
        _ => None,
    }
}

/// Text comes along with images.
fn type_of_modality(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "image" => Some(output_type::IMAGE),
        "audio" => Some(output_type::SPEECH),
        _ => None,
    }
}

/// Of each candidate, or why there are none.
fn reasons(body: &Fields<'_>) -> Vec<FinishReason> {
    let reasons: Vec<FinishReason> =
        body.list("candidates").filter_map(|candidate| reason(candidate.value())).collect();
    let blocked = || body.object("promptFeedback")?.text("blockReason").map(FinishReason::blocked);
    if reasons.is_empty() { blocked().into_iter().collect() } else { reasons }
}

/// A candidate that wants tools called stops like any other.
fn reason(candidate: &Value) -> Option<FinishReason> {
    let raw = at(candidate, "finishReason").as_str()?;
    let mut parts = at(candidate, "content.parts").as_array().into_iter().flatten();
    let has_call = parts.any(|part| either(part, ("functionCall", "function_call")).is_object());
    Some(if has_call && raw == "STOP" { FinishReason::called(raw) } else { FinishReason::new(raw) })
}

/// The prompt's tokens include the cached ones ("When `cachedContent` is set, this is still the total effective prompt
/// size"), those of tools stand apart, and so do thoughts: `totalTokenCount` is the sum of prompt, tool use, candidates
/// and thoughts (API reference, `UsageMetadata`).
fn tokens(usage: &Fields<'_>) -> Usage {
    let of = |list: &str, modality: &str| {
        let has = |item: &Fields<'_>| item.text("modality").is_some_and(|name| name.eq_ignore_ascii_case(modality));
        usage.list(list).find(has)?.count("tokenCount")
    };
    let (prompt, cache, output) = ("promptTokensDetails", "cacheTokensDetails", "candidatesTokensDetails");
    Usage {
        input: usage.sum(&["promptTokenCount", "toolUsePromptTokenCount"]),
        // A reply that was only thought, or nothing, has no count of candidates.
        output: usage
            .sum(&["candidatesTokenCount", "thoughtsTokenCount"])
            .or_else(|| usage.any("candidatesTokenCount").is_none().then(|| usage.count("thoughtsTokenCount"))?),
        cache_read: usage.count("cachedContentTokenCount"),
        reasoning: usage.count("thoughtsTokenCount"),
        text_input: of(prompt, "text"),
        image_input: of(prompt, "image"),
        audio_input: of(prompt, "audio"),
        text_cache_read: of(cache, "text"),
        image_cache_read: of(cache, "image"),
        audio_cache_read: of(cache, "audio"),
        text_output: of(output, "text"),
        image_output: of(output, "image"),
        audio_output: of(output, "audio"),
        ..Usage::default()
    }
}

/// An error, also as a streamed array of one has it.
fn failure_of(body: &Value) -> &Value {
    body.get("error").or_else(|| body.get(0)?.get("error")).unwrap_or(&Value::Null)
}

/// `google.rpc.Status`: the name of the code, and the HTTP status. A key that is refused says so in the details only.
pub(super) fn failure(body: &Fields<'_>) -> Option<Failed> {
    let error = body.nested(failure_of(body.value()))?;
    let reasons = error.list("details").filter_map(|detail| detail.text("reason"));
    let key = reasons.into_iter().find(|reason| *reason == "API_KEY_INVALID");
    Some(Failed::new([key, error.text("status")], error.count("code"), error.text("message")))
}

fn message(content: &Value, role: &str) -> Message {
    let parts = parts(content);
    let role = match at(content, "role").as_str() {
        Some("model") => "assistant",
        Some("function") => "tool",
        Some("user") if !parts.is_empty() && parts.iter().all(|part| matches!(part, Part::ToolCallResponse { .. })) => {
            "tool"
        }
        given => given.unwrap_or(role),
    };
    parts.into_iter().fold(Message::new(role), Message::part)
}

fn parts(content: &Value) -> Vec<Part> {
    let list = match at(content, "parts") {
        Value::Array(parts) => parts.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    list.iter().filter_map(part).collect()
}

fn part(value: &Value) -> Option<Part> {
    let text = |value: &Value, key: &str| at(value, key).as_str().unwrap_or_default().to_owned();
    if let Some(words) = at(value, "text").as_str() {
        return Some(if at(value, "thought") == true { Part::reasoning(words) } else { Part::text(words) });
    }
    let call = either(value, ("functionCall", "function_call"));
    if call.is_object() {
        return Some(Part::tool_call(text(call, "id"), text(call, "name"), at(call, "args").clone()));
    }
    let answer = either(value, ("functionResponse", "function_response"));
    if answer.is_object() {
        return Some(Part::tool_call_response(text(answer, "id"), at(answer, "response").clone()));
    }
    data(value).or_else(|| executed(value))
}

/// Data in the message, or somewhere else.
fn data(value: &Value) -> Option<Part> {
    let inline = either(value, ("inlineData", "inline_data"));
    let mime_type = |data: &'_ Value| either(data, ("mimeType", "mime_type")).as_str().map(str::to_owned);
    if let Some(data) = at(inline, "data").as_str() {
        let mime_type = mime_type(inline).unwrap_or_default();
        return Some(Part::encoded_blob(Part::modality_of(&mime_type), &mime_type, data));
    }
    let file = either(value, ("fileData", "file_data"));
    let uri = either(file, ("fileUri", "file_uri")).as_str()?;
    let mime_type = mime_type(file);
    Some(Part::typed_uri(Part::modality_of(mime_type.as_deref().unwrap_or_default()), mime_type.as_deref(), uri))
}

/// Code that the model had run.
fn executed(value: &Value) -> Option<Part> {
    let code = either(value, ("executableCode", "executable_code"));
    if let Some(fields) = code.as_object() {
        return Some(Part::server_tool_call("code_execution", "code_execution", fields.clone()));
    }
    let result = either(value, ("codeExecutionResult", "code_execution_result")).as_object()?;
    Some(Part::server_tool_call_response("code_execution", result.clone()))
}

/// Functions, and tools of the provider: `{"googleSearch": {}}`.
fn tools(value: &Value) -> Vec<ToolDefinition> {
    let functions = either(value, ("functionDeclarations", "function_declarations"));
    if let Some(functions) = functions.as_array() {
        return functions.iter().filter_map(function).collect();
    }
    let names = value.as_object().into_iter().flat_map(|fields| fields.keys());
    names.map(|name| ToolDefinition::new(name, name)).collect()
}

fn function(value: &Value) -> Option<ToolDefinition> {
    let schema = either(value, ("parameters", "parametersJsonSchema"));
    let tool = ToolDefinition::function(at(value, "name").as_str()?).parameters(schema.clone());
    Some(match at(value, "description").as_str() {
        Some(description) => tool.description(description),
        None => tool,
    })
}
