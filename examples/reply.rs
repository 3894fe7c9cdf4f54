//! A loop of one's own that hands over the provider's request and reply as they are.
//!
//! Shows Gemini's API over any HTTP client: a turn from the request, ended with the reply or with the error that came
//! instead.
//!
//! ```text
//! cargo run --example reply
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --example reply
//! ```

#[path = "../tests/support/models/mod.rs"]
mod models;
mod viewer;

use std::error::Error;

use models::Models;
use models::trouble::REFUSED;
use serde_json::{Value, json};
use tracing_genai::activity::{Operation, Turn};
use tracing_genai::providers::{Request, Response, WireFormat};

const MODEL: &str = "gemini-2.5-flash";

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
        let questions = async {
            ask(&models, "Which book comes first?").await?;
            ask(&models, REFUSED).await
        };
        Operation::prompt("librarian").conversation("shelf-9").start().run(questions).await?;
        Ok::<(), Box<dyn Error>>(())
    })?;
    println!("{}", telemetry.shutdown());
    Ok(())
}

async fn ask(models: &Models, question: &str) -> reqwest::Result<Value> {
    let body = json!({
        "contents": [{"role": "user", "parts": [{"text": question}]}],
        "generationConfig": {"temperature": 0.2, "maxOutputTokens": 512},
    });
    // Gemini has the model in the URL, not in the body.
    let request = Request::of(WireFormat::GeminiGenerateContent, &body).for_model(MODEL);
    let turn = Turn::from_request(&request).server("127.0.0.1", models.address().port()).start();
    turn.request_content(&request); // nothing is read of it unless a content policy wants it

    let url = models.url(&format!("/v1beta/models/{MODEL}:generateContent"));
    let sent = async { reqwest::Client::new().post(url).json(&body).send().await?.json::<Value>().await };
    let reply = turn.scope(sent).await.inspect_err(|error| turn.fail(error))?;
    // An error that the provider answers with is a reply, too: it ends the turn as failed.
    turn.finish_with(&Response::of(WireFormat::GeminiGenerateContent, &reply));
    Ok(reply)
}
