//! genai 0.7 with turns of one's own: genai hands over the provider's replies as they came.
//!
//! Shows a call and a streamed one. genai has no place for a middleware; without its feature `otel` this is the way. With
//! that feature its spans need nothing but the layer, and know less: see `docs/clients.md`.
//!
//! ```text
//! cargo run --manifest-path tests/foreign/Cargo.toml --example genai
//! ```

#[path = "../../support/models/mod.rs"]
mod models;
#[path = "../../../examples/viewer/mod.rs"]
mod viewer;

use std::sync::{Arc, Mutex, PoisonError};

use foreign::Outcome;
use futures::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatStreamEvent};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};
use models::Models;
use tracing_genai::activity::{Operation, Turn};
use tracing_genai::pipeline::Pipeline;
use tracing_genai::providers::{Response, StreamDecoder, WireFormat};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const MODEL: &str = "claude-opus-4-6";

fn main() -> Outcome {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show().map_err(|error| error.to_string())? {
        return Ok(());
    }
    let telemetry = Pipeline::builder().build()?;
    // This package has genai's feature `otel` on. Where it is off, `init()` does.
    let but_genais = Targets::new().with_default(LevelFilter::INFO).with_target("genai::otel", LevelFilter::OFF);
    tracing_subscriber::registry().with(telemetry.layer().with_filter(but_genais)).try_init()?;
    foreign::stack::runtime().block_on(async {
        let models = Models::start()?;
        let prompt = Operation::prompt("writer").conversation("draft-4").start();
        prompt.run(questions(&client(&models)?, &models)).await?;
        Outcome::Ok(())
    })?;
    println!("{}", telemetry.shutdown());
    Ok(())
}

async fn questions(client: &Client, models: &Models) -> genai::Result<()> {
    let asked = |text| ChatRequest::new(vec![ChatMessage::user(text)]);
    let options = ChatOptions::default().with_max_tokens(256).with_capture_raw_body(true);
    let begin = || Turn::chat("anthropic", MODEL).max_tokens(256).server("127.0.0.1", models.address().port());

    let turn = begin().start();
    let reply = client.exec_chat(MODEL, asked("A line about the sea."), Some(&options));
    let reply = turn.scope(reply).await.inspect_err(|error| turn.fail(error))?;
    let body = reply.captured_raw_body.unwrap_or_default();
    turn.finish_with(&Response::of(WireFormat::AnthropicMessages, &body));

    // A stream: genai shows every event before it reads it.
    let turn = begin().streaming().start();
    let decoder = Arc::new(Mutex::new(StreamDecoder::new(WireFormat::AnthropicMessages)));
    let seen = Arc::clone(&decoder);
    let options = options.with_raw_frame_fn(move |_, frame| {
        let (name, data) = (frame.event.unwrap_or_default(), frame.json().unwrap_or_default());
        seen.lock().unwrap_or_else(PoisonError::into_inner).push_event(name, &data);
    });
    let pieces = client.exec_chat_stream(MODEL, asked("Now without the sea."), Some(&options));
    let pieces = turn.scope(pieces).await.inspect_err(|error| turn.fail(error))?.stream;
    let mut pieces = turn.try_stream(pieces).inspect(|piece, turn| {
        if let Ok(ChatStreamEvent::End(_)) = piece {
            turn.finish_with(&decoder.lock().unwrap_or_else(PoisonError::into_inner).response("anthropic"));
        }
    });
    while let Some(piece) = pieces.next().await {
        piece?;
    }
    Ok(())
}

/// Against the recorded replies, on this machine.
fn client(models: &Models) -> genai::Result<Client> {
    let base = models.url("/v1/");
    let resolver = ServiceTargetResolver::from_resolver_fn(
        move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
            Ok(ServiceTarget {
                endpoint: Endpoint::from_owned(base.clone()),
                auth: AuthData::from_single("no-key"),
                model: ModelIden::new(AdapterKind::Anthropic, target.model.model_name),
            })
        },
    );
    Client::builder().with_service_target_resolver(resolver).build()
}
