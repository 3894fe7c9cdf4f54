//! You have an OpenTelemetry pipeline and a `tracing-opentelemetry` layer already: one word makes them speak GenAI.
//!
//! ```text
//! before   .with_tracer(tracer)
//! after    .with_tracer(GenAiTracer::new(tracer))
//! ```
//!
//! Shows the same code through both layers. Before: whatever the span was called, INTERNAL, numbers as text. After: name,
//! kind and types of the conventions, usage summed up on the agent.
//!
//! ```text
//! cargo run --example own_pipeline
//! ```

mod viewer;

use std::error::Error;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::info_span;
use tracing::subscriber::with_default;
use tracing_genai::GenAiTracer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the traces if there is no endpoint (here: OTLP/gRPC) to send them to.
    if viewer::show()? {
        return Ok(());
    }

    // Your pipeline, as it is: exporter, processor, sampler, resource stay yours.
    let exporter = SpanExporter::builder().with_tonic().build()?;
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let tracer = provider.tracer("shop-assistant");

    let before = tracing_opentelemetry::layer().with_tracer(tracer.clone());
    with_default(registry().with(before), || recommend("before"));

    let after = tracing_opentelemetry::layer().with_tracer(GenAiTracer::new(tracer));
    with_default(registry().with(after), || recommend("after"));

    provider.shutdown()?;
    println!("the same code twice: through the layer as it was, and over GenAiTracer");
    Ok(())
}

/// Code of yours or of a library that writes GenAI fields.
fn recommend(layer: &'static str) {
    info_span!("request", shop.layer = layer).in_scope(|| {
        let agent = info_span!("agent", gen_ai.operation.name = "invoke_agent", gen_ai.agent.name = "shopper");
        agent.in_scope(|| {
            info_span!(
                "llm",
                gen_ai.operation.name = "chat",
                gen_ai.provider.name = "openai",
                gen_ai.request.model = "gpt-4o-mini",
                server.address = "api.openai.com",
                server.port = 443,
                gen_ai.response.id = "chatcmpl-Cb3Jp0fVn2",
                gen_ai.response.model = "gpt-4o-mini-2024-07-18",
                gen_ai.response.finish_reasons = ?["stop"],
                gen_ai.usage.input_tokens = 120_u64,
                gen_ai.usage.output_tokens = 34_u64,
            )
            .in_scope(|| ());
        });
    });
}
