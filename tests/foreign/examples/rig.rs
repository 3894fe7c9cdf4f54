//! rig 0.44 with the middleware: rig's own spans, completed with what rig does not tell.
//!
//! Shows an agent with a tool, and a question that the server refuses. Finish reasons, the server's address, the request's
//! parameters and the reason of a failure are the middleware's; the spans of calls and tools stay rig's, one for each. rig
//! opens no span for an agent inside of one of yours: the operation is the agent, and knows that it failed.
//!
//! ```text
//! cargo run --manifest-path tests/foreign/Cargo.toml --example rig
//! ```

#[path = "../../support/models/mod.rs"]
mod models;
#[path = "../../../examples/viewer/mod.rs"]
mod viewer;

use foreign::Outcome;
use models::Models;
use models::trouble::REFUSED;
use reqwest_middleware::ClientBuilder;
use rig::prelude::*;
use rig::providers::openai::{OpenAI, OpenAIConfig, Route};
use rig::rig_reqwest::ReqwestMiddlewareClient;
use rig::tool::ToolContext;
use serde_json::{Value, json};
use tracing_genai::activity::Operation;
use tracing_genai::http::{Endpoints, GenAiMiddleware};

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
        let openai = client(GenAiMiddleware::new().with_endpoints(endpoints), &models.url("/v1"));

        let agent = AgentBuilder::new(openai.completion("gpt-5.4-mini")).temperature(0.2).tool(Weather).build();
        let prompt = Operation::prompt("forecaster").conversation("chat-3").start();
        prompt.run(async { agent.prompt("How warm is it in Lisbon?").max_turns(3).await }).await?;

        let prompt = Operation::prompt("forecaster").conversation("chat-4").start();
        match prompt.run(async { agent.prompt(REFUSED).await }).await {
            Ok(_) => Outcome::Err("it was to be refused".into()),
            Err(_) => Ok(()),
        }
    })?;
    println!("{}", telemetry.shutdown());
    Ok(())
}

/// What an application adds: the client that rig sends its requests with.
fn client(middleware: GenAiMiddleware, base: &str) -> OpenAI {
    let http = ClientBuilder::new(reqwest::Client::new()).with(middleware).build();
    let config = OpenAIConfig::new("no-key").with_route(Route::Chat).with_base_url(base);
    config.connect(ReqwestMiddlewareClient::from(http))
}

struct Weather;

impl Tool for Weather {
    const NAME: &'static str = "get_weather";
    type Args = Value;
    type Output = String;
    type Error = std::io::Error;

    fn description(&self) -> String {
        "The weather in a city".to_owned()
    }

    fn parameters(&self) -> Value {
        json!({"type": "object", "properties": {"location": {"type": "string"}}})
    }

    async fn call(&self, _: &mut ToolContext, args: Value) -> Result<String, Self::Error> {
        Ok(format!("{}: 19 °C, clear", args["location"].as_str().unwrap_or("there")))
    }
}
