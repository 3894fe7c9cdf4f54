//! Anthropic's messages API over plain reqwest: one middleware on the client, and every call is a turn.
//!
//! Shows a conversation with a tool, and a question that the server refuses. The code that calls the model says nothing of
//! telemetry: model, parameters, tokens, finish reasons and errors come from the requests and replies.
//!
//! ```text
//! cargo run --example anthropic
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --example anthropic
//! ```

#[path = "../tests/support/models/mod.rs"]
mod models;
mod viewer;

use std::error::Error;

use models::Models;
use models::trouble::TOO_LONG;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use serde_json::{Value, json};
use tracing_genai::activity::{Operation, Tool};
use tracing_genai::http::{Endpoints, GenAiMiddleware};

fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show()? {
        return Ok(());
    }
    let telemetry = tracing_genai::init()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(questions())?;
    println!("{}", telemetry.shutdown());
    Ok(())
}

async fn questions() -> Result<(), Box<dyn Error>> {
    // Recorded replies, on this machine. Against api.anthropic.com `GenAiMiddleware::new()` is all there is to say.
    let models = Models::start()?;
    let endpoints = Endpoints::default().with_host(models.authority(), "anthropic");
    let middleware = GenAiMiddleware::new().with_endpoints(endpoints);
    let client = ClientBuilder::new(reqwest::Client::new()).with(middleware).build();
    let claude = Claude { client, url: models.url("/v1/messages") };

    let prompt = Operation::prompt("weather-guide").conversation("chat-17").start();
    prompt.run(converse(&claude, "How warm is it in Lisbon?")).await?;

    let prompt = Operation::prompt("weather-guide").conversation("chat-18").start();
    match prompt.run(converse(&claude, TOO_LONG)).await {
        Ok(()) => Err("it was to be refused".into()),
        Err(_) => Ok(()),
    }
}

/// A client as applications have one.
struct Claude {
    client: ClientWithMiddleware,
    url: String,
}

impl Claude {
    async fn ask(&self, messages: &[Value]) -> reqwest_middleware::Result<Value> {
        let weather = json!({
            "name": "get_weather",
            "description": "The weather in a city",
            "input_schema": {"type": "object", "properties": {"location": {"type": "string"}}},
        });
        let body = json!({
            "model": "claude-opus-4-6", "max_tokens": 1024, "tools": [weather], "messages": messages,
        });
        let request = self.client.post(&self.url).header("anthropic-version", "2023-06-01").json(&body);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

/// The loop: asks the model, runs the tools that it wants, until it wants none.
async fn converse(claude: &Claude, question: &str) -> reqwest_middleware::Result<()> {
    let mut messages = vec![json!({"role": "user", "content": question})];
    loop {
        let reply = claude.ask(&messages).await?;
        let blocks = reply["content"].as_array().into_iter().flatten();
        let calls: Vec<&Value> = blocks.filter(|block| block["type"] == "tool_use").collect();
        if calls.is_empty() {
            return Ok(());
        }
        let mut results = Vec::new();
        for call in calls {
            let (name, id) = (call["name"].as_str().unwrap_or_default(), call["id"].as_str().unwrap_or_default());
            let tool = Tool::new(name.to_owned()).call_id(id.to_owned()).start();
            let result = tool.in_scope(|| forecast(&call["input"]));
            tool.finish();
            results.push(json!({"type": "tool_result", "tool_use_id": id, "content": result}));
        }
        messages.push(json!({"role": "assistant", "content": reply["content"]}));
        messages.push(json!({"role": "user", "content": results}));
    }
}

fn forecast(input: &Value) -> String {
    format!("{}: 19 °C, clear", input["location"].as_str().unwrap_or("there"))
}
