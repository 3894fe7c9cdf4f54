//! Calls of models as programs make them: where to, with what body, and the turn that comes of it.

use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use reqwest::Client;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;
use serde_json::{Value, json};
use tokio_stream::StreamExt;
use tracing_genai::activity::Operation;
use tracing_genai::http::{Endpoints, GenAiMiddleware};
use tracing_subscriber::layer::SubscriberExt;

use crate::models::Models;
use crate::turned::Turned;

/// Makes the body of a request: model, message, whether the reply is to be streamed.
type Body = fn(&str, &str, bool) -> Value;

/// A provider's way to ask.
pub(crate) struct Call {
    /// The directory of its recordings.
    pub(crate) format: &'static str,
    /// `gen_ai.provider.name`.
    pub(crate) provider: &'static str,
    /// One that ends with `.internal` has to be named.
    host: &'static str,
    /// `{model}` stands for the model.
    path: &'static str,
    /// What a streamed request ends with in the place of what any other one ends with.
    streamed: Option<(&'static str, &'static str)>,
    body: Body,
}

const fn row(names: [&'static str; 2], host: &'static str, path: &'static str, body: Body) -> Call {
    let [format, provider] = names;
    Call { format, provider, host, path, streamed: None, body }
}

impl Call {
    const fn streamed(mut self, whole: &'static str, streamed: &'static str) -> Self {
        self.streamed = Some((whole, streamed));
        self
    }
}

/// Anthropic's models at Bedrock have a colon in their names.
const MODEL: &str = "model-1:0";

const AZURE: &str = "/openai/deployments/{model}/chat/completions?api-version=2024-10-21";
const GOOGLE: &str = "generativelanguage.googleapis.com";
const GEMINI: &str = "/v1beta/models/{model}:generateContent";
const GEMINI_EMBEDDINGS: &str = "/v1beta/models/{model}:embedContent";
const BEDROCK: &str = "bedrock-runtime.us-east-1.amazonaws.com";

#[rustfmt::skip]
pub(crate) const CALLS: &[Call] = &[
    //    recordings           provider               host                                 path                           body
    row(["openai_chat", "openai"],                "api.openai.com",                    "/v1/chat/completions",        messages),
    row(["openai_chat", "azure.ai.openai"],       "some.openai.azure.com",             AZURE,                         messages),
    row(["openai_chat", "deepseek"],              "api.deepseek.com",                  "/chat/completions",           messages),
    row(["openai_chat", "groq"],                  "api.groq.com",                      "/openai/v1/chat/completions", messages),
    row(["openai_chat", "litellm"],               "litellm.internal",                  "/v1/chat/completions",        messages),
    row(["openai_chat", "mistral_ai"],            "api.mistral.ai",                    "/v1/chat/completions",        messages),
    row(["openai_chat", "moonshot_ai"],           "api.moonshot.ai",                   "/v1/chat/completions",        messages),
    row(["openai_chat", "openrouter"],            "openrouter.ai",                     "/api/v1/chat/completions",    messages),
    row(["openai_chat", "perplexity"],            "api.perplexity.ai",                 "/chat/completions",           messages),
    row(["openai_chat", "qwen"],                  "qwen.internal",                     "/v1/chat/completions",        messages),
    row(["openai_chat", "vllm"],                  "vllm.internal",                     "/v1/chat/completions",        messages),
    row(["openai_chat", "x_ai"],                  "api.x.ai",                          "/v1/chat/completions",        messages),
    row(["openai_completions", "openai"],         "api.openai.com",                    "/v1/completions",             prompt),
    row(["openai_responses", "x_ai"],             "api.x.ai",                          "/v1/responses",               input),
    row(["openai_responses", "openai"],           "api.openai.com",                    "/v1/responses",               input),
    row(["openai_embeddings", "openai"],          "api.openai.com",                    "/v1/embeddings",              embedded),
    row(["openai_embeddings", "mistral_ai"],      "api.mistral.ai",                    "/v1/embeddings",              embedded),
    row(["anthropic_messages", "anthropic"],      "api.anthropic.com",                 "/v1/messages",                messages),
    row(["gemini_generate_content", "gcp.gemini"], GOOGLE,                             GEMINI,                        contents)
        .streamed(":generateContent", ":streamGenerateContent?alt=sse"),
    row(["gemini_embeddings", "gcp.gemini"],      GOOGLE,                              GEMINI_EMBEDDINGS,             content),
    row(["bedrock_converse", "aws.bedrock"],      BEDROCK,                             "/model/{model}/converse",     blocks)
        .streamed("/converse", "/converse-stream"),
    row(["bedrock_invoke", "aws.bedrock"],        BEDROCK,                             "/model/{model}/invoke",       nameless)
        .streamed("/invoke", "/invoke-with-response-stream"),
    row(["cohere_chat", "cohere"],                "api.cohere.com",                    "/v2/chat",                    messages),
    row(["cohere_embed", "cohere"],               "api.cohere.com",                    "/v2/embed",                   texts),
    row(["ollama_chat", "ollama"],                "ollama.internal",                   "/api/chat",                   messages),
    row(["ollama_generate", "ollama"],            "ollama.internal",                   "/api/generate",               prompt),
    row(["ollama_embed", "ollama"],               "ollama.internal",                   "/api/embed",                  embedded),
];

fn messages(model: &str, text: &str, stream: bool) -> Value {
    json!({"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]})
}

fn nameless(_: &str, text: &str, _: bool) -> Value {
    json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": [{"role": "user", "content": text}]})
}

fn prompt(model: &str, text: &str, stream: bool) -> Value {
    json!({"model": model, "stream": stream, "prompt": text})
}

fn input(model: &str, text: &str, stream: bool) -> Value {
    json!({"model": model, "stream": stream, "input": text})
}

fn embedded(model: &str, text: &str, _: bool) -> Value {
    json!({"model": model, "input": text, "encoding_format": "float"})
}

fn contents(_: &str, text: &str, _: bool) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]})
}

fn content(_: &str, text: &str, _: bool) -> Value {
    json!({"content": {"parts": [{"text": text}]}})
}

fn texts(model: &str, text: &str, _: bool) -> Value {
    json!({"model": model, "texts": [text], "input_type": "search_document", "embedding_types": ["float"]})
}

fn blocks(_: &str, text: &str, _: bool) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": text}]}]})
}

/// What is asked, and how.
pub(crate) struct Ask {
    pub(crate) text: String,
    pub(crate) reply: Reply,
    pub(crate) client: Stack,
}

/// How the reply is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Whole,
    Streamed,
}

/// What is around the middleware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    Plain,
    /// One more attempt after 429 and 5xx.
    Retrying,
}

impl Ask {
    /// For the recording of that name.
    pub(crate) fn recording(file: &str) -> Self {
        let is_whole = file.ends_with(".json") && !file.starts_with("stream");
        let reply = if is_whole { Reply::Whole } else { Reply::Streamed };
        Self { text: format!("[recording:{file}]"), reply, client: Stack::Plain }
    }
}

impl Call {
    /// Sends a request, reads the reply, and gives the turn that came of it.
    pub(crate) fn send(&self, ask: &Ask) -> Turned {
        let models = Models::start().unwrap();
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let layer = tracing_genai::layer(provider.tracer("providers"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        let agent = Operation::prompt("caller").start();
        let passed = runtime.block_on(agent.scope(self.read(&models, ask)));
        agent.finish();
        Turned { spans: exporter.get_finished_spans().unwrap(), passed, requests: models.received().len() }
    }

    /// The bytes that the caller got.
    async fn read(&self, models: &Models, ask: &Ask) -> Result<Vec<u8>, reqwest_middleware::Error> {
        let is_streamed = ask.reply == Reply::Streamed;
        let mut path = self.path.replace("{model}", &MODEL.replace(':', "%3A"));
        if let Some((whole, streamed)) = self.streamed.filter(|_| is_streamed) {
            path = path.replace(whole, streamed);
        }
        let body = (self.body)(MODEL, &ask.text, is_streamed);
        let url = format!("http://{}:{}{path}", self.host, models.address().port());
        let reply = self.client(models, ask.client).post(url).json(&body).send().await?;
        let (mut pieces, mut passed) = (reply.bytes_stream(), Vec::new());
        while let Some(piece) = pieces.next().await {
            passed.extend_from_slice(&piece?);
        }
        Ok(passed)
    }

    /// A client for which the provider's host is this machine.
    fn client(&self, models: &Models, stack: Stack) -> ClientWithMiddleware {
        // Without the system's certificates, which take longer to read than all the rest does.
        let client = Client::builder().no_proxy().tls_certs_only([]).resolve(self.host, models.address());
        let client = client.build().unwrap();
        let endpoints = match self.host {
            host if host.ends_with(".internal") => Endpoints::default().with_host(host, self.provider),
            _ => Endpoints::default(),
        };
        let mut client = ClientBuilder::new(client);
        if stack == Stack::Retrying {
            let soon = ExponentialBackoff::builder().retry_bounds(Duration::ZERO, Duration::from_millis(1));
            client = client.with(RetryTransientMiddleware::new_with_policy(soon.build_with_max_retries(1)));
        }
        client.with(GenAiMiddleware::new().with_endpoints(endpoints)).build()
    }
}
