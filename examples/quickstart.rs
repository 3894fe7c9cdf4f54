//! The shortest way from nothing to a trace: start export, then describe what the agent does.
//!
//! Shows `init()` and three activities: an agent answering a prompt, one model turn, one tool.
//!
//! ```text
//! cargo run --example quickstart
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --example quickstart
//! ```

mod viewer;

use std::error::Error;

use tracing_genai::activity::{Operation, Tool, Turn, Usage};

fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show()? {
        return Ok(());
    }

    // Everything from the environment. Keep the guard: dropping it sends what is left and ends export.
    let telemetry = tracing_genai::init()?;

    let prompt = Operation::prompt("weather-guide").conversation("chat-17").start();
    prompt.in_scope(|| {
        let turn = Turn::chat("openai", "gpt-4o-mini").server("api.openai.com", 443).start();
        let reply = turn.in_scope(call_the_model);
        turn.response_id(reply.id)
            .response_model(reply.model)
            .usage(Usage::new(reply.prompt_tokens, reply.completion_tokens))
            .finish_reason(reply.finish_reason)
            .finish();

        // A child of the agent and a sibling of the turn that asked for it; the call id ties the two together.
        let tool = Tool::new("forecast").call_id(reply.tool_call_id).start();
        tool.in_scope(|| forecast("Oslo"));
        tool.finish();
    });
    prompt.finish();

    println!("{}", telemetry.shutdown());
    Ok(())
}

/// What a client library gives back; here it is made up. The agent of `examples/agent` calls a real server.
struct Reply {
    id: &'static str,
    model: &'static str,
    prompt_tokens: u64,
    completion_tokens: u64,
    finish_reason: &'static str,
    tool_call_id: &'static str,
}

fn call_the_model() -> Reply {
    Reply {
        id: "chatcmpl-Cb3Jp0fVn2",
        model: "gpt-4o-mini-2024-07-18",
        prompt_tokens: 83,
        completion_tokens: 16,
        finish_reason: "tool_calls",
        tool_call_id: "call_6vTzQy",
    }
}

fn forecast(city: &str) -> String {
    format!("{city}: light snow, -3 °C")
}
