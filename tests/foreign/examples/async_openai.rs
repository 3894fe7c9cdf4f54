//! async-openai 0.43 with the middleware: every call is a turn, however often the client sends it.
//!
//! Shows a call that is refused once and sent again by async-openai itself, a streamed one, and embeddings.
//!
//! ```text
//! cargo run --manifest-path tests/foreign/Cargo.toml --example async_openai
//! ```

#[path = "../../support/models/mod.rs"]
mod models;
#[path = "../../../examples/viewer/mod.rs"]
mod viewer;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_openai::middleware::retry::OpenAIRetryLayer;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, ChatCompletionStreamOptions, CreateChatCompletionRequest,
    CreateChatCompletionRequestArgs,
};
use async_openai::types::embeddings::{CreateEmbeddingRequestArgs, EncodingFormat};
use foreign::Outcome;
use futures::StreamExt;
use models::Models;
use models::trouble::ONCE_REFUSED;
use reqwest_middleware::{ClientBuilder, Error};
use tower::{ServiceBuilder, service_fn};
use tracing_genai::activity::Operation;
use tracing_genai::http::{Endpoints, GenAiMiddleware, OneCallLayer};

fn main() -> Outcome {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show().map_err(|error| error.to_string())? {
        return Ok(());
    }
    let telemetry = tracing_genai::init()?;
    foreign::stack::runtime().block_on(async {
        // Recorded replies, on this machine. Against api.openai.com `GenAiMiddleware::new()` is all there is to say.
        let models = Models::start()?;
        let endpoints = Endpoints::default().with_host(models.authority(), "openai");
        let client = client(GenAiMiddleware::new().with_endpoints(endpoints), &models.url("/v1"));
        let prompt = Operation::prompt("support").conversation("ticket-3").start();
        prompt.run(questions(&client)).await?;
        Outcome::Ok(())
    })?;
    println!("{}", telemetry.shutdown());
    Ok(())
}

/// What an application adds: the service that sends async-openai's requests.
fn client(middleware: GenAiMiddleware, base: &str) -> Client<OpenAIConfig> {
    let http = ClientBuilder::new(reqwest::Client::new()).with(middleware).build();
    let service = service_fn(move |request: HttpRequestFactory| {
        let http = http.clone();
        async move { http.execute(request.build().await?).await.map_err(as_openais) }
    });
    // A service of one's own takes the place of async-openai's retries: they are added again, and all attempts of a call
    // are one turn.
    let service = ServiceBuilder::new().layer(OneCallLayer::new()).layer(OpenAIRetryLayer::default()).service(service);
    let config = OpenAIConfig::new().with_api_key("no-key").with_api_base(base);
    Client::with_config(config).with_http_service(service)
}

fn as_openais(error: Error) -> OpenAIError {
    match error {
        Error::Reqwest(error) => OpenAIError::Reqwest(error),
        Error::Middleware(error) => OpenAIError::Boxed(error.into()),
    }
}

async fn questions(client: &Client<OpenAIConfig>) -> Result<(), OpenAIError> {
    client.chat().create(ask(ONCE_REFUSED)?).await?;

    let mut request = ask("And in pieces?")?;
    // Without it no tokens are told.
    request.stream_options = Some(ChatCompletionStreamOptions { include_usage: Some(true), ..Default::default() });
    let mut pieces = client.chat().create_stream(request).await?;
    while let Some(piece) = pieces.next().await {
        piece?;
    }

    let mut request = CreateEmbeddingRequestArgs::default();
    request.model("text-embedding-3-small").input("sea").encoding_format(EncodingFormat::Float);
    client.embeddings().create(request.build()?).await?;
    Ok(())
}

fn ask(question: &str) -> Result<CreateChatCompletionRequest, OpenAIError> {
    let message = ChatCompletionRequestUserMessage::from(question);
    let mut request = CreateChatCompletionRequestArgs::default();
    request.model("gpt-5.4-mini").temperature(0.2).messages([message.into()]).build()
}
