//! Replies that come in pieces, in both ways: through the middleware, and in a loop of one's own.
//!
//! Shows an OpenAI-compatible server behind the middleware, and Anthropic's messages API read by hand, with the turn going
//! along. Bytes pass through as they come; tokens are read where the provider tells them, at the end of the stream.
//!
//! ```text
//! cargo run --example streaming
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --example streaming
//! ```

#[path = "../tests/support/models/mod.rs"]
mod models;
mod viewer;

use std::error::Error;

use models::Models;
use reqwest_middleware::ClientBuilder;
use serde_json::json;
use tokio_stream::StreamExt;
use tracing_genai::activity::{Operation, Turn};
use tracing_genai::http::{Endpoints, GenAiMiddleware};
use tracing_genai::providers::{Request, StreamDecoder, WireFormat};

fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show()? {
        return Ok(());
    }
    let telemetry = tracing_genai::init()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Recorded replies, on this machine.
        let models = Models::start()?;
        Operation::prompt("writer").conversation("draft-4").start().run(through_the_middleware(&models)).await?;
        Operation::prompt("editor").conversation("draft-4").start().run(by_hand(&models)).await?;
        Ok::<(), Box<dyn Error>>(())
    })?;
    println!("{}", telemetry.shutdown());
    Ok(())
}

/// The client does it: nothing here is about telemetry but `include_usage`, without which no tokens are told.
async fn through_the_middleware(models: &Models) -> reqwest_middleware::Result<()> {
    let endpoints = Endpoints::default().with_host(models.authority(), "openai");
    let middleware = GenAiMiddleware::new().with_endpoints(endpoints);
    let client = ClientBuilder::new(reqwest::Client::new()).with(middleware).build();

    let body = json!({
        "model": "gpt-5.4-mini", "stream": true, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "Write a line about the sea."}],
    });
    let reply = client.post(models.url("/v1/chat/completions")).json(&body).send().await?.error_for_status()?;
    let mut pieces = reply.bytes_stream();
    while let Some(piece) = pieces.next().await {
        read(&piece?);
    }
    Ok(())
}

/// A client without a place for the middleware: the turn is told the request, and goes along with the body.
async fn by_hand(models: &Models) -> reqwest::Result<()> {
    let body = json!({
        "model": "claude-opus-4-6", "max_tokens": 256, "stream": true,
        "messages": [{"role": "user", "content": "Now without the sea."}],
    });
    let request = Request::of(WireFormat::AnthropicMessages, &body);
    let turn = Turn::from_request(&request).server("127.0.0.1", models.address().port()).start();
    turn.request_content(&request); // nothing is read of it unless a content policy wants it

    let sent = reqwest::Client::new().post(models.url("/v1/messages")).json(&body).send();
    let reply = turn.scope(sent).await.and_then(reqwest::Response::error_for_status);
    let reply = reply.inspect_err(|error| turn.fail(error))?;
    let decoder = StreamDecoder::new(WireFormat::AnthropicMessages);
    let mut pieces = turn.try_stream(reply.bytes_stream()).decode(decoder);
    while let Some(piece) = pieces.next().await {
        read(&piece?);
    }
    Ok(())
}

/// What the program makes of it.
fn read(_piece: &[u8]) {}
