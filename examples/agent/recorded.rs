//! A server like OpenAI's that answers from recorded replies.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio_stream::StreamExt;

/// Which reply belongs to which request: the first row whose text is in the last message. It is an agent's question
/// that decides, not the order of requests.
#[rustfmt::skip]
const REPLIES: &[(&str, &str)] = &[
    // in the last message               reply
    ("Now answer the customer",          include_str!("replies/answer.sse")),
    ("Summarize the conversation",       include_str!("replies/summary.json")),
    ("Make a plan",                      include_str!("replies/plan.json")),
    ("Carry it out",                     include_str!("replies/look_up.sse")),
    ("call_M3nqz2Vw0cXeJ5yLrTb8kHda",    include_str!("replies/delegate.sse")),
    ("Who may change the plan",          include_str!("replies/research.json")),
    ("call_t7YfD1pSgQ9uZk4WxBc6oNVm",    include_str!("replies/researched.json")),
];

/// The same for embeddings, by the text.
const EMBEDDINGS: &[(&str, &str)] = &[
    ("price seat Team Business", include_str!("replies/embedding_prices.json")),
    ("change plan owner", include_str!("replies/embedding_owner.json")),
];

/// How long the server thinks before a reply, and between two chunks of a streamed one.
const PACE: Duration = Duration::from_millis(12);

pub(crate) fn routes() -> Router {
    Router::new().route("/v1/chat/completions", post(complete)).route("/v1/embeddings", post(embed)).route(
        "/v1/responses/resp_2016",
        get(([(CONTENT_TYPE, "application/json")], include_str!("replies/kept.json"))),
    )
}

async fn complete(Json(request): Json<Value>) -> Response {
    let messages = request["messages"].as_array();
    let last = messages.and_then(|messages| messages.last()).map(Value::to_string).unwrap_or_default();
    let streamed = request["stream"] == true;
    let media = if streamed { "text/event-stream" } else { "application/json" };
    tokio::time::sleep(PACE).await;
    match REPLIES.iter().find(|(text, reply)| last.contains(text) && reply.starts_with("data:") == streamed) {
        Some((_, reply)) if streamed => ([(CONTENT_TYPE, media)], in_pieces(reply)).into_response(),
        Some((_, reply)) => ([(CONTENT_TYPE, media)], *reply).into_response(),
        None => not_recorded(),
    }
}

async fn embed(Json(request): Json<Value>) -> Response {
    match EMBEDDINGS.iter().find(|(text, _)| request["input"] == *text) {
        Some((_, reply)) => ([(CONTENT_TYPE, "application/json")], *reply).into_response(),
        None => not_recorded(),
    }
}

fn not_recorded() -> Response {
    let error = json!({"message": "nothing recorded", "type": "invalid_request_error", "code": "not_recorded"});
    (StatusCode::NOT_FOUND, Json(json!({"error": error}))).into_response()
}

/// One event after the other, as a model writes.
fn in_pieces(events: &'static str) -> Body {
    let events = events.split_inclusive("\n\n").map(Ok::<_, Infallible>);
    Body::from_stream(tokio_stream::iter(events).throttle(PACE))
}
