//! The server of recorded replies, which the examples talk to.

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::models::Models;
use crate::models::trouble::{BROKEN, FAILING, ONCE_REFUSED, TOO_LONG};

async fn ask(models: &Models, path: &str, body: Value) -> Response {
    Client::new().post(models.url(path)).json(&body).send().await.unwrap()
}

fn said(text: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "user", "content": text}]})
}

#[tokio::test]
async fn it_answers_by_path_and_request() {
    let models = Models::start().unwrap();
    let reply: Value = ask(&models, "/v1/chat/completions", said("hello")).await.json().await.unwrap();
    assert_eq!(reply["object"], "chat.completion", "{reply}");
    let reply: Value = ask(&models, "/v1/messages", said("hello")).await.json().await.unwrap();
    assert_eq!(reply["type"], "message", "{reply}");

    let mut request = said("what next?");
    request["tools"] = json!([{"name": "get_weather"}]);
    let called: Value = ask(&models, "/v1/messages", request.clone()).await.json().await.unwrap();
    assert_eq!(called["stop_reason"], "tool_use", "{called}");
    request["messages"] = json!([{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}]);
    let answered: Value = ask(&models, "/v1/messages", request).await.json().await.unwrap();
    assert_eq!(answered, reply);

    let named: Value = ask(&models, "/v1/messages", said("[recording:tool_call.json]")).await.json().await.unwrap();
    assert_eq!(named, called);
    assert_eq!(ask(&models, "/v1/models", json!({})).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(models.received().len(), 6);
}

#[tokio::test]
async fn a_stream_comes_event_by_event() {
    let models = Models::start().unwrap();
    let mut request = said("hello");
    request["stream"] = true.into();
    let mut reply = ask(&models, "/v1/messages", request).await;
    assert_eq!(reply.headers()["content-type"], "text/event-stream");
    let mut pieces = Vec::new();
    while let Some(piece) = reply.chunk().await.unwrap() {
        pieces.push(piece);
    }
    // The kernel may put some together, all of them it does not.
    assert!(pieces.len() > 2, "{pieces:?}");
    assert!(pieces.concat().starts_with(b"event: message_start"));
}

#[tokio::test]
async fn trouble_comes_when_it_is_asked_for() {
    let models = Models::start().unwrap();
    let path = "/v1/chat/completions";
    let refused = ask(&models, path, said(ONCE_REFUSED)).await;
    assert_eq!(
        (refused.status(), &refused.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"0".parse().unwrap())
    );
    assert_eq!(ask(&models, path, said(ONCE_REFUSED)).await.status(), StatusCode::OK);
    assert_eq!(ask(&models, path, said(FAILING)).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let too_long: Value = ask(&models, path, said(TOO_LONG)).await.json().await.unwrap();
    assert_eq!(too_long["error"]["code"], "context_length_exceeded", "{too_long}");
    let broken = ask(&models, path, said(BROKEN)).await;
    assert_eq!(broken.status(), StatusCode::OK);
    assert!(broken.bytes().await.is_err());
}
