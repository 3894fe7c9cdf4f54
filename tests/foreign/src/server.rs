//! An OpenAI-compatible server on a free loopback port that answers from recorded replies.

use std::net::SocketAddr;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{CANARY, EMBEDDING_MODEL, MODEL};

/// Asked with this text, the server refuses.
pub const TOO_MUCH: &str = "too much";
/// The call that the model makes when it has a tool and no answer of it yet.
pub const CALL_ID: &str = "call_9hT4";

/// Starts the server in the current runtime.
pub async fn serve() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let routes = Router::new()
        .route("/v1/chat/completions", post(complete))
        .route("/v1/responses", post(respond))
        .route("/v1/embeddings", post(embed));
    tokio::spawn(async { axum::serve(listener, routes).await });
    Ok(address)
}

/// The chat completions API.
async fn complete(Json(request): Json<Value>) -> Response {
    let last = request["messages"].as_array().and_then(|messages| messages.last()).cloned().unwrap_or_default();
    if last.to_string().contains(TOO_MUCH) {
        return refuse();
    }
    if request["stream"] == true {
        return ([(CONTENT_TYPE, "text/event-stream")], streamed()).into_response();
    }
    Json(if has_tools(&request) && last["role"] != "tool" { tool_call() } else { answer() }).into_response()
}

/// The responses API.
async fn respond(Json(request): Json<Value>) -> Response {
    let last = request["input"].as_array().and_then(|items| items.last()).cloned().unwrap_or_default();
    if last.to_string().contains(TOO_MUCH) {
        return refuse();
    }
    let text = json!({"type": "output_text", "text": format!("12 degrees, {CANARY}"), "annotations": []});
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "content": [text]});
    let arguments = format!("{{\"city\":\"{CANARY}\"}}");
    let call =
        json!({"id": "fc_1", "type": "function_call", "call_id": CALL_ID, "name": "weather", "arguments": arguments});
    let calls = has_tools(&request) && last["type"] != "function_call_output";
    let whole = json!({
        "id": if calls { "resp_Ad0" } else { "resp_Ae1" }, "object": "response", "created_at": 1781136000,
        "status": "completed", "model": MODEL, "output": [if calls { call } else { message }],
        "usage": {
            "input_tokens": 57, "output_tokens": 9, "total_tokens": 66,
            "input_tokens_details": {"cached_tokens": 32}, "output_tokens_details": {"reasoning_tokens": 4},
        },
    });
    if request["stream"] != true {
        return Json(whole).into_response();
    }
    let delta = json!({"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": CANARY});
    let events = [delta, json!({"type": "response.completed", "response": whole})];
    let events: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    ([(CONTENT_TYPE, "text/event-stream")], events).into_response()
}

fn has_tools(request: &Value) -> bool {
    !request["tools"].as_array().is_none_or(Vec::is_empty)
}

fn refuse() -> Response {
    let error = json!({"message": format!("slow down: {CANARY}"), "type": "requests", "code": "rate_limit_exceeded"});
    (StatusCode::TOO_MANY_REQUESTS, Json(json!({"error": error}))).into_response()
}

fn answer() -> Value {
    reply("chatcmpl-Ae1", json!({"role": "assistant", "content": format!("12 degrees, {CANARY}")}), "stop", 57)
}

fn tool_call() -> Value {
    let function = json!({"name": "weather", "arguments": format!("{{\"city\":\"{CANARY}\"}}")});
    let call = json!({"id": CALL_ID, "type": "function", "function": function});
    reply("chatcmpl-Ad0", json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls", 41)
}

fn reply(id: &str, message: Value, finish_reason: &str, prompt_tokens: u64) -> Value {
    json!({
        "id": id, "object": "chat.completion", "created": 1781136000, "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason}],
        "usage": usage(prompt_tokens), "system_fingerprint": "fp_560af6e559",
    })
}

fn usage(prompt_tokens: u64) -> Value {
    json!({
        "prompt_tokens": prompt_tokens, "completion_tokens": 9, "total_tokens": prompt_tokens + 9,
        "prompt_tokens_details": {"cached_tokens": 32, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 0},
    })
}

fn streamed() -> String {
    let chunk = |delta: Value, reason: Value, usage: Value| {
        json!({
            "id": "chatcmpl-Af2", "object": "chat.completion.chunk", "created": 1781136000, "model": MODEL,
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}], "usage": usage,
        })
    };
    let mut last = chunk(json!({}), Value::Null, usage(44));
    last["choices"] = json!([]);
    let chunks = [
        chunk(json!({"role": "assistant", "content": ""}), Value::Null, Value::Null),
        chunk(json!({"content": CANARY}), Value::Null, Value::Null),
        chunk(json!({}), json!("stop"), Value::Null),
        last,
    ];
    chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).chain(["data: [DONE]\n\n".to_owned()]).collect()
}

async fn embed() -> Json<Value> {
    let vector = json!({"object": "embedding", "index": 0, "embedding": [0.5, -0.25, 0.125]});
    let usage = json!({"prompt_tokens": 6, "total_tokens": 6});
    Json(json!({"object": "list", "data": [vector], "model": EMBEDDING_MODEL, "usage": usage}))
}
