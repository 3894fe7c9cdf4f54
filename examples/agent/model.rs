//! A client for OpenAI's chat completions API, whole replies and streamed ones. It knows nothing of telemetry.

use std::env;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::{Value, json};

use crate::reply::Completion;

const DEFAULT_MODEL: &str = "gpt-4o-mini";

/// A model behind an OpenAI-compatible server.
pub(crate) struct Model {
    client: Client,
    url: Url,
    key: Option<String>,
    name: String,
}

/// What the model is asked.
pub(crate) struct Ask<'a> {
    pub(crate) messages: &'a [Value],
    pub(crate) tools: &'a [Value],
    pub(crate) max_tokens: u64,
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("bad url {0:?} in OPENAI_BASE_URL: write for example https://api.openai.com/v1")]
    Url(String),
    #[error("no reply from the model's server")]
    Transport(#[from] reqwest::Error),
    #[error("the model's server answered {status}, {code}")]
    Refused { status: StatusCode, code: String },
    #[error("a chunk of the model's reply is not the JSON it should be")]
    Chunk(#[from] serde_json::Error),
    #[error("the model's server sent no choice")]
    Empty,
    #[error("no answer after {0} turns")]
    TooManyTurns(usize),
}

impl Model {
    /// The server of `OPENAI_BASE_URL`, if that is set, with the key in `OPENAI_API_KEY`.
    pub(crate) fn from_env() -> Result<Option<Self>, ModelError> {
        let url = env::var("OPENAI_BASE_URL").ok().filter(|url| !url.is_empty());
        url.map(|url| Self::new(&url, env::var("OPENAI_API_KEY").ok())).transpose()
    }

    /// The server whose paths begin with `base`, such as `https://api.openai.com/v1`. The model is that of
    /// `OPENAI_MODEL`, else `gpt-4o-mini`.
    pub(crate) fn new(base: &str, key: Option<String>) -> Result<Self, ModelError> {
        let url = format!("{}/chat/completions", base.trim_end_matches('/'));
        let url = Url::parse(&url).ok().filter(Url::has_host).ok_or_else(|| ModelError::Url(base.to_owned()))?;
        let client = match url.scheme() {
            "https" => Client::builder(),
            // A server nearby: without a proxy, and without the system's certificates, which a small container may not have.
            _ => Client::builder().no_proxy().tls_certs_only([]),
        };
        let name = env::var("OPENAI_MODEL").unwrap_or_else(|_| DEFAULT_MODEL.to_owned());
        Ok(Self { client: client.build()?, url, key, name })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Host and port of the server.
    pub(crate) fn server(&self) -> (&str, u16) {
        (self.url.host_str().unwrap_or_default(), self.url.port_or_known_default().unwrap_or_default())
    }

    /// The whole reply at once.
    pub(crate) async fn complete(&self, ask: &Ask<'_>) -> Result<Completion, ModelError> {
        some(self.send(&self.body(ask)).await?.json().await?)
    }

    /// The reply as it is written: `chunk` is called whenever a piece of it is here.
    pub(crate) async fn stream(&self, ask: &Ask<'_>, chunk: impl Fn()) -> Result<Completion, ModelError> {
        let mut body = self.body(ask);
        body["stream"] = true.into();
        // Without it there is no usage.
        body["stream_options"] = json!({"include_usage": true});
        let mut response = self.send(&body).await?;
        if !is_event_stream(&response) {
            return some(response.json().await?);
        }
        let (mut reply, mut unread) = (Completion::default(), Vec::new());
        while let Some(bytes) = response.chunk().await? {
            unread.extend_from_slice(&bytes);
            while let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = unread.drain(..=end).collect();
                // Server-sent events: `data: {…}`, empty lines between, `data: [DONE]` at the end.
                let Some(json) = line.strip_prefix(b"data:").filter(|data| data.contains(&b'{')) else { continue };
                reply.append(serde_json::from_slice(json)?);
                chunk();
            }
        }
        some(reply)
    }

    fn body(&self, ask: &Ask<'_>) -> Value {
        let mut body = json!({"model": self.name, "messages": ask.messages, "max_tokens": ask.max_tokens});
        if !ask.tools.is_empty() {
            body["tools"] = ask.tools.into();
        }
        body
    }

    async fn send(&self, body: &Value) -> Result<Response, ModelError> {
        let mut request = self.client.post(self.url.clone()).json(body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let error: Value = response.json().await.unwrap_or_default();
        let code = error.pointer("/error/code").and_then(Value::as_str);
        Err(ModelError::Refused { status, code: code.unwrap_or(status.as_str()).to_owned() })
    }
}

fn is_event_stream(response: &Response) -> bool {
    let media = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media.is_some_and(|media| media.starts_with("text/event-stream"))
}

fn some(reply: Completion) -> Result<Completion, ModelError> {
    if reply.has_choice() { Ok(reply) } else { Err(ModelError::Empty) }
}
