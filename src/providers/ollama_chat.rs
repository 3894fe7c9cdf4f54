//! Ollama's `/api/chat` and `/api/generate`.

use serde_json::{Map, Value, json};

use crate::content::{Message, Part, ToolDefinition};
use crate::providers::fields::Fields;
use crate::providers::finish_reason::FinishReason;
use crate::providers::format::{Input, Reader};
use crate::providers::ollama_stream::Chunks;
use crate::providers::place::at;
use crate::providers::request::Asked;
use crate::providers::response::{Answered, Failed};
use crate::providers::stream::Assemble;
use crate::providers::usage::Usage;
use crate::semconv::value::gen_ai_output_type as output_type;

/// `/api/chat`.
pub(crate) struct OllamaChat;

/// `/api/generate`: a prompt instead of messages, otherwise the same.
pub(crate) struct OllamaGenerate;

/// Fields of a request that OpenAI's has not.
const OWN: &[&str] = &["options", "keep_alive", "think", "format", "raw"];

fn is_own(request: &Value) -> bool {
    OWN.iter().any(|key| request.get(key).is_some())
}

impl Reader for OllamaChat {
    fn recognises(&self, reply: &Value) -> bool {
        at(reply, "done").is_boolean() && at(reply, "message").is_object()
    }

    fn recognises_request(&self, request: &Value) -> bool {
        at(request, "messages").is_array() && is_own(request)
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        asked(body)
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
        answered(body)
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        output(body)
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Chunks>::default()
    }
}

impl Reader for OllamaGenerate {
    fn recognises(&self, reply: &Value) -> bool {
        at(reply, "done").is_boolean() && at(reply, "response").is_string()
    }

    fn recognises_request(&self, request: &Value) -> bool {
        at(request, "prompt").is_string() && is_own(request)
    }

    fn request(&self, body: &Fields<'_>) -> Asked {
        asked(body)
    }

    fn input(&self, body: &Value) -> Input {
        let text = |key: &str| at(body, key).as_str().filter(|text| !text.is_empty());
        let said = json!({"role": "user", "content": text("prompt"), "images": at(body, "images")});
        let is_said = text("prompt").is_some() || at(body, "images").is_array();
        Input {
            system: text("system").map(Part::text).into_iter().collect(),
            messages: is_said.then(|| message(&said)).into_iter().collect(),
            ..Input::default()
        }
    }

    fn response(&self, _provider: &str, body: &Fields<'_>) -> Answered {
        answered(body)
    }

    fn output(&self, body: &Value) -> Vec<Message> {
        output(body)
    }

    fn assemble(&self) -> Box<dyn Assemble> {
        Box::<Chunks>::default()
    }
}

fn asked(body: &Fields<'_>) -> Asked {
    let options = body.object("options");
    let float = |key: &str| options.and_then(|options| options.float(key));
    let is_json = body.any("format").is_some_and(|format| *format != "");
    let think = body.any("think").and_then(Value::as_str);
    // -1 is as many as there are.
    let max_tokens = options.and_then(|options| options.int("num_predict"));
    Asked {
        model: body.string("model"),
        // Streamed by default.
        // Unless it says otherwise; a body that was not read says nothing.
        stream: body.flag("stream").unwrap_or(body.value().is_object()),
        max_tokens: max_tokens.and_then(|count| u64::try_from(count).ok()),
        temperature: float("temperature"),
        top_p: float("top_p"),
        top_k: options.and_then(|options| options.count("top_k")),
        frequency_penalty: float("frequency_penalty"),
        presence_penalty: float("presence_penalty"),
        stop_sequences: options.map(|options| options.texts("stop")).unwrap_or_default(),
        seed: options.and_then(|options| options.int("seed")),
        output_type: is_json.then_some(output_type::JSON),
        reasoning_level: think.map(str::to_owned),
        ..Asked::default()
    }
}

/// `prompt_eval_count` is not there if the whole prompt was in the cache.
fn answered(body: &Fields<'_>) -> Answered {
    let failure = body.any("error").map(|error| Failed::new([at(error, "type").as_str()], None, error.as_str()));
    Answered {
        model: body.string("model"),
        finish_reasons: reason(body.value()).into_iter().collect(),
        usage: Usage { input: body.count("prompt_eval_count"), output: body.count("eval_count"), ..Usage::default() },
        failure,
        ..Answered::default()
    }
}

/// A reply that wants tools called stops like any other.
fn reason(body: &Value) -> Option<FinishReason> {
    let raw = at(body, "done_reason").as_str()?;
    let has_call = at(body, "message.tool_calls").as_array().is_some_and(|calls| !calls.is_empty());
    Some(if has_call && raw == "stop" { FinishReason::called(raw) } else { FinishReason::new(raw) })
}

fn output(body: &Value) -> Vec<Message> {
    let said = match (at(body, "message"), at(body, "response")) {
        (said @ Value::Object(_), _) => message(said),
        (_, Value::String(text)) => {
            message(&json!({"role": "assistant", "content": text, "thinking": at(body, "thinking")}))
        }
        _ => return Vec::new(),
    };
    vec![match reason(body) {
        Some(reason) => said.finish_reason(reason.as_str()),
        None => said,
    }]
}

/// A message: text, what was thought, images in base64, calls without identifiers.
fn message(value: &Value) -> Message {
    let text = |key: &str| at(value, key).as_str().filter(|text| !text.is_empty());
    let images = at(value, "images").as_array().into_iter().flatten().filter_map(Value::as_str);
    let calls = at(value, "tool_calls").as_array().into_iter().flatten().map(|call| {
        let function = at(call, "function");
        let id = at(call, "id").as_str().unwrap_or_default();
        Part::tool_call(id, at(function, "name").as_str().unwrap_or_default(), at(function, "arguments").clone())
    });
    let role = at(value, "role").as_str().unwrap_or("assistant");
    let content = text("content").map(|content| match role {
        "tool" => Part::tool_call_response("", content),
        _ => Part::text(content),
    });
    let parts = text("thinking").map(Part::reasoning).into_iter().chain(content);
    let images = images.map(|data| Part::encoded_blob("image", "", data));
    parts.chain(images).chain(calls).fold(Message::new(role), Message::part)
}

/// Names only: what a call keeps if nobody wants content.
pub(super) fn function(name: Option<&Value>, arguments: Value) -> Value {
    let mut function = Map::new();
    function.insert("name".into(), name.cloned().unwrap_or_default());
    function.insert("arguments".into(), arguments);
    json!({ "function": function })
}
