//! The errors that OpenAI and those who speak its format answer with.
//!
//! ```text
//! {"error":{"message":"…","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}   OpenAI, Groq, DeepSeek, Together, Fireworks
//! {"error":{"code":"content_filter","status":400,"innererror":{"code":"…"}}}                        Azure OpenAI
//! {"error":{"code":429,"message":"…","metadata":{}}}                                               OpenRouter, Perplexity: code is the HTTP status
//! {"error":{"message":"…","type":"None","param":"None","code":"429"}}                              LiteLLM
//! {"object":"error","message":"…","type":"invalid_request_error","code":"1500"}                    Mistral, vLLM
//! {"code":"Some sentence","error":"Another one"}                                                   xAI
//! {"statusCode":401,"message":"…"}                                                                 Azure's gateway
//! {"detail":[{"loc":[],"msg":"…","type":"missing"}]}                                               Mistral, vLLM: FastAPI
//! ```

use serde_json::Value;

use crate::providers::fields::Fields;
use crate::providers::response::Failed;

/// The error that `body` is, if it is one.
pub(super) fn failure(body: &Fields<'_>) -> Option<Failed> {
    match body.any("error").filter(|error| **error != "" && error.as_object().is_none_or(|error| !error.is_empty())) {
        Some(Value::Object(_)) => body.object("error").map(|error| nested(&error)),
        Some(Value::String(message)) => Some(Failed::new([text(body, "code")], number(body, "status"), Some(message))),
        // `false`, as some write where there is none.
        Some(Value::Bool(false)) | None => {
            flat(body).or_else(|| body.list("choices").find_map(|choice| of_choice(&choice)))
        }
        Some(_) => Some(Failed::default()),
    }
}

/// OpenRouter: a provider behind it failed in the middle of a choice.
fn of_choice(choice: &Fields<'_>) -> Option<Failed> {
    choice.any("error").filter(|error| error.is_object())?;
    choice.object("error").map(|error| nested(&error))
}

fn nested(error: &Fields<'_>) -> Failed {
    let inner = error.any("innererror").and_then(|inner| inner.get("code")).and_then(Value::as_str);
    let status = number(error, "status").or_else(|| number(error, "code"));
    Failed::new([text(error, "code"), text(error, "type"), inner], status, text(error, "message"))
}

fn flat(body: &Fields<'_>) -> Option<Failed> {
    let is_error = text(body, "object") == Some("error") || text(body, "type") == Some("error");
    let is_bare = body.any("choices").or(body.any("data")).or(body.any("output")).is_none();
    let says = |key: &str| body.any(key).is_some();
    // A message alone is no error: the body may be anything.
    let message = || text(body, "message").is_some() && (says("code") || says("type") || says("request_id"));
    if !is_error && !(is_bare && (has_detail(body) || says("statusCode") || message())) {
        return None;
    }
    let status = number(body, "statusCode").or_else(|| number(body, "code"));
    Some(Failed::new([text(body, "code"), text(body, "type")], status, text(body, "message")))
}

/// FastAPI's: a text, or a list of what is wrong.
fn has_detail(body: &Fields<'_>) -> bool {
    body.any("detail").is_some_and(|detail| detail.is_string() || detail.is_array())
}

/// Text; a field of another type is no mistake here.
fn text<'a>(fields: &Fields<'a>, key: &str) -> Option<&'a str> {
    fields.any(key).and_then(Value::as_str)
}

/// An HTTP status, also as text.
fn number(fields: &Fields<'_>, key: &str) -> Option<u64> {
    let value = fields.any(key)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
