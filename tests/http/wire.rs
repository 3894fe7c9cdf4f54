//! Requests and replies that several tests send.

use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tracing_genai::http::{Endpoints, GenAiMiddleware};

pub(crate) const CHAT: &str = "/v1/chat/completions";

pub(crate) const REQUEST: &str =
    r#"{"model": "gpt-4o", "temperature": 0.5, "messages": [{"role": "user", "content": "c4nary-request"}]}"#;

pub(crate) const REPLY: &str = r#"{"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "c4nary-reply"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}}"#;

pub(crate) const CHUNKS: &[&str] = &[
    r#"{"id":"chatcmpl-2","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{"content":"c4nary-chunk"},"finish_reason":null}]}"#,
    r#"{"id":"chatcmpl-2","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    r#"{"id":"chatcmpl-2","object":"chat.completion.chunk","model":"gpt-4o-2024-08-06","choices":[],"usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}}"#,
    "[DONE]",
];

pub(crate) const RATE_LIMITED: &str =
    r#"{"error": {"message": "c4nary-error", "type": "requests", "param": null, "code": "rate_limit_exceeded"}}"#;

/// All servers on loopback are OpenAI's.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::default().with_host("127.0.0.1", "openai")
}

pub(crate) fn middleware() -> GenAiMiddleware {
    GenAiMiddleware::new().with_endpoints(endpoints())
}

/// A client of `reqwest` without proxies.
pub(crate) fn plain() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

pub(crate) fn client() -> ClientWithMiddleware {
    ClientBuilder::new(plain()).with(middleware()).build()
}
