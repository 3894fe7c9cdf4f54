//! OpenAI's chat completions, `/v1/chat/completions`, and all who speak it.

use serde_json::Value;

use crate::content::{Message, ToolDefinition};
use crate::providers::fields::Fields;
use crate::providers::finish_reason::FinishReason;
use crate::providers::format::{Input, Reader};
use crate::providers::openai_chat_stream::{Chunks, Form};
use crate::providers::openai_error::failure;
use crate::providers::openai_usage::{cost, tokens};
use crate::providers::request::Asked;
use crate::providers::response::Answered;
use crate::providers::stream::Assemble;
use crate::semconv::value::gen_ai_output_type as output_type;

/// See the module's documentation.
pub(crate) struct OpenAiChat;

impl Reader for OpenAiChat {
    fn recognises(&self, reply: &Value) -> bool {
        matches!(reply["object"].as_str(), Some("chat.completion" | "chat.completion.chunk"))
            || reply["choices"].as_array().is_some_and(|choices| choices.iter().all(|choice| choice["text"].is_null()))
    }

    fn recognises_request(&self, request: &Value) -> bool {
        request["messages"].is_array()
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        let reasoning = || body.any("reasoning").filter(|it| it.is_object()).and_then(|_| body.object("reasoning"));
        Asked {
            output_type: output(body),
            reasoning_level: body.string("reasoning_effort").or_else(|| reasoning()?.string("effort")),
            ..sampling(body)
        }
    }

    fn input(&self, body: &Value) -> Input {
        let list = |key: &str| body[key].as_array().into_iter().flatten().cloned();
        let tools = list("tools").chain(list("functions")).map(ToolDefinition::from_json);
        let messages = list("messages").map(Message::from_json);
        Input { system: Vec::new(), messages: messages.collect(), tools: tools.collect() }
    }

    fn response(&self, provider: &str, body: &Fields<'_>) -> Answered {
        answered(provider, body)
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        let choices = body["choices"].as_array().into_iter().flatten();
        choices.filter_map(|choice| message(&choice["message"], &choice["finish_reason"])).collect()
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::new(Chunks::new(Form::Message))
    }
}

/// What all requests for text have.
pub(super) fn sampling(body: &Fields<'_>) -> Asked {
    Asked {
        model: body.string("model"),
        stream: body.flag("stream").unwrap_or_default(),
        max_tokens: body.count("max_completion_tokens").or_else(|| body.count("max_tokens")),
        temperature: body.float("temperature"),
        top_p: body.float("top_p"),
        top_k: top_k(body),
        frequency_penalty: body.float("frequency_penalty"),
        presence_penalty: body.float("presence_penalty"),
        stop_sequences: body.texts("stop"),
        // Mistral's word is the second.
        seed: body.int("seed").or_else(|| body.int("random_seed")),
        choice_count: body.count("n"),
        service_tier: body.string("service_tier"),
        ..Asked::default()
    }
}

/// vLLM, OpenRouter and others know it; -1 there says all.
fn top_k(body: &Fields<'_>) -> Option<u64> {
    body.any("top_k").filter(|count| count.as_i64() != Some(-1)).and_then(|_| body.count("top_k"))
}

/// What is asked for; nothing if nothing is said, which means text.
fn output(body: &Fields<'_>) -> Option<&'static str> {
    let modalities = body.texts("modalities");
    let has = |modality: &str| modalities.iter().any(|one| one == modality);
    if has("audio") {
        return Some(output_type::SPEECH);
    }
    if has("image") {
        return Some(output_type::IMAGE);
    }
    match body.object("response_format")?.text("type")? {
        "json_object" | "json_schema" => Some(output_type::JSON),
        "text" => Some(output_type::TEXT),
        _ => None,
    }
}

/// What all replies with choices have.
pub(super) fn answered(provider: &str, body: &Fields<'_>) -> Answered {
    let reasons =
        body.list("choices").filter_map(|choice| choice.string("finish_reason").map(|raw| FinishReason::new(&raw)));
    // Groq's streams.
    let nested = || body.object("x_groq")?.object("usage");
    let usage = body.object("usage").or_else(nested);
    Answered {
        id: body.string("id"),
        model: body.string("model"),
        finish_reasons: reasons.collect(),
        usage: usage.map(|usage| tokens(provider, &usage)).unwrap_or_default(),
        service_tier: body.string("service_tier"),
        system_fingerprint: body.string("system_fingerprint"),
        cost: usage.and_then(|usage| cost(provider, &usage)),
        failure: failure(body),
        ..Answered::default()
    }
}

/// The message of a choice.
pub(super) fn message(message: &Value, finish_reason: &Value) -> Option<Message> {
    let mut fields = message.as_object()?.clone();
    if fields.get("role").is_none_or(Value::is_null) {
        fields.insert("role".to_owned(), "assistant".into());
    }
    let message = Message::from_json(fields);
    Some(match finish_reason.as_str() {
        Some(reason) => message.finish_reason(FinishReason::new(reason).as_str()),
        None => message,
    })
}
