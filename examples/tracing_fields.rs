//! GenAI spans without the typed API: plain `tracing` spans whose fields are named as in the conventions.
//!
//! Good for code that must not depend on this crate, and for crates that already write such spans. `gen_ai.operation.name`
//! makes a span a GenAI span; span name and kind follow from it. Numbers may be `u64`, lists may come as `Debug`: they
//! are exported with the types of the conventions, and the last value recorded wins.
//!
//! ```text
//! cargo run --example tracing_fields
//! ```

mod viewer;

use std::error::Error;

use tracing::field::{Empty, debug};
use tracing::info_span;

fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show()? {
        return Ok(());
    }
    let telemetry = tracing_genai::init()?;

    let agent = info_span!(
        "agent", // becomes "invoke_agent planner"
        gen_ai.operation.name = "invoke_agent",
        gen_ai.agent.name = "planner",
        gen_ai.conversation.id = "chat-17",
    );
    agent.in_scope(|| {
        chat("Where is the snow best in April?");
        // A span without such fields stays as it is, and so does what is inside of it.
        info_span!("look up resorts", ski.resorts = 3).in_scope(|| roll_dice(6));
    });
    drop(agent);

    println!("{}", telemetry.shutdown());
    Ok(())
}

/// Fields known later are declared `Empty`. Agent and conversation need no field: they flow down.
fn chat(prompt: &str) {
    let span = info_span!(
        "chat", // becomes "chat gpt-4o-mini", CLIENT
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "openai",
        gen_ai.request.model = "gpt-4o-mini",
        server.address = "api.openai.com",
        server.port = 443,
        gen_ai.response.id = Empty,
        gen_ai.response.model = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        // Content: with the default settings it stays in the process.
        gen_ai.input.messages = prompt,
    );
    // Here the model would be called.
    span.record("gen_ai.response.id", "chatcmpl-Cb3Jp0fVn2");
    span.record("gen_ai.response.model", "gpt-4o-mini-2024-07-18");
    span.record("gen_ai.usage.input_tokens", 19_u64);
    span.record("gen_ai.usage.output_tokens", 4_u64);
    span.record("gen_ai.response.finish_reasons", debug(["tool_calls"]));
}

/// What `#[instrument(skip_all, fields(gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "roll_dice"))]` writes.
fn roll_dice(sides: u64) -> u64 {
    let span = info_span!("roll_dice", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "roll_dice");
    span.in_scope(|| sides / 2 + 1)
}
