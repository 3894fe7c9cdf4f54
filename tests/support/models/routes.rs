//! Paths of the providers' APIs → the format of the recordings.

use axum::http::{HeaderValue, Uri};
use axum::response::Response;

/// What a request asks for, by its path and body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// The directory of the recordings.
    pub(crate) format: &'static str,
    pub(crate) is_streamed: bool,
    request_id: &'static str,
}

/// Where the request says that its reply is to be streamed.
#[derive(Clone, Copy)]
enum Streamed {
    /// `"stream": true` in the body.
    Asked,
    /// Unless the body says `"stream": false`.
    Unless,
    /// The path is one of streams.
    Always,
    Never,
}

/// The end of the path; the directory of the recordings; how a stream is asked for; the header with the request's id.
type Row = (&'static str, &'static str, Streamed, &'static str);

#[rustfmt::skip]
const ROUTES: &[Row] = &[
    // path ends with                     recordings              streamed            request id
    ("/chat/completions",                 "openai_chat",          Streamed::Asked,    "x-request-id"),
    ("/v1/completions",                   "openai_completions",   Streamed::Asked,    "x-request-id"),
    ("/responses",                        "openai_responses",     Streamed::Asked,    "x-request-id"),
    ("/embeddings",                       "openai_embeddings",    Streamed::Never,    "x-request-id"),
    ("/v1/messages",                      "anthropic_messages",   Streamed::Asked,    "request-id"),
    (":rawPredict",                       "anthropic_messages",   Streamed::Never,    "request-id"),
    (":streamRawPredict",                 "anthropic_messages",   Streamed::Always,   "request-id"),
    (":generateContent",                  "gemini_generate_content",   Streamed::Never,    "x-request-id"),
    (":streamGenerateContent",            "gemini_generate_content",   Streamed::Always,   "x-request-id"),
    (":embedContent",                     "gemini_embeddings",    Streamed::Never,    "x-request-id"),
    (":batchEmbedContents",               "gemini_embeddings",    Streamed::Never,    "x-request-id"),
    ("/converse",                         "bedrock_converse",     Streamed::Never,    "x-amzn-requestid"),
    ("/converse-stream",                  "bedrock_converse",     Streamed::Always,   "x-amzn-requestid"),
    ("/invoke",                           "bedrock_invoke",       Streamed::Never,    "x-amzn-requestid"),
    ("/invoke-with-response-stream",      "bedrock_invoke",       Streamed::Always,   "x-amzn-requestid"),
    ("/v2/chat",                          "cohere_chat",          Streamed::Asked,    "x-debug-trace-id"),
    ("/v2/embed",                         "cohere_embed",         Streamed::Never,    "x-debug-trace-id"),
    ("/api/chat",                         "ollama_chat",          Streamed::Unless,   "x-request-id"),
    ("/api/generate",                     "ollama_generate",       Streamed::Unless,   "x-request-id"),
    ("/api/embed",                        "ollama_embed",         Streamed::Never,    "x-request-id"),
];

/// The id of every request; recordings of it would be another in each.
pub(crate) const REQUEST_ID: &str = "req_loopback";

impl Route {
    /// What `uri` and the body ask for; `None` if no model answers there.
    pub(crate) fn of(uri: &Uri, body: &str) -> Option<Self> {
        let (_, format, streamed, request_id) = ROUTES.iter().find(|row| uri.path().ends_with(row.0))?;
        let says =
            |flag: &str| body.contains(&format!("\"stream\":{flag}")) || body.contains(&format!("\"stream\": {flag}"));
        let is_streamed = match streamed {
            Streamed::Asked => says("true"),
            Streamed::Unless => !says("false"),
            Streamed::Always => true,
            Streamed::Never => false,
        };
        Some(Self { format, is_streamed, request_id })
    }

    pub(crate) fn with_headers(self, mut response: Response) -> Response {
        response.headers_mut().insert(self.request_id, HeaderValue::from_static(REQUEST_ID));
        response
    }
}
