//! An agent at work: a loop of model turns and tools, a delegated task, a compaction, and the trace of all of it.
//!
//! ```text
//! cargo run --example agent
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --example agent
//! OPENAI_BASE_URL=https://api.openai.com/v1 OPENAI_API_KEY=… cargo run --example agent
//! ```
//!
//! | file | what it is |
//! |---|---|
//! | `agent.rs` | the loop: the only place, besides `main`, that knows of telemetry's activities |
//! | `tools.rs` | what the agents can do; one plain `tracing` span and one log event, as any program has |
//! | `model.rs` | a client for chat completions, whole and streamed |
//! | `reply.rs` | the shape of a reply, and how a streamed one is put together |
//! | `recorded.rs` | a server of recorded replies, used unless `OPENAI_BASE_URL` is set |

mod agent;
mod model;
mod recorded;
mod reply;
mod tools;
#[path = "../viewer/mod.rs"]
mod viewer;

use std::error::Error;

use tokio::runtime::Runtime;
use tracing_genai::activity::{Operation, Workflow};

use agent::{SUPPORT, Session};
use model::{Model, ModelError};

const QUESTION: &str = "We are on the Team plan, see invoice INV-2041. What would it cost to move our 12 seats to \
                        Business for the remaining 12 of June's 30 days, and who of us may do it?";

fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show()? {
        return Ok(());
    }
    let telemetry = tracing_genai::init()?;
    let runtime = Runtime::new()?;
    let model = runtime.block_on(connect())?;

    let ticket = Workflow::new("answer-ticket").run_id("run-2041").start();
    let trace = ticket.carrier().map_or_else(|| "not sampled".to_owned(), |place| place.trace_id());
    let outcome = runtime.block_on(ticket.run(answer(&model)));

    println!("trace {trace} · {}", telemetry.shutdown());
    // The answer is for whoever asked; this example is about the trace.
    outcome?;
    Ok(())
}

async fn connect() -> Result<Model, Box<dyn Error>> {
    match Model::from_env()? {
        Some(model) => Ok(model),
        None => Ok(Model::new(&recorded::serve().await?, None)?),
    }
}

async fn answer(model: &Model) -> Result<String, ModelError> {
    let prompt = Operation::prompt(SUPPORT.name).id("op-1").conversation("ticket-2041").start();
    prompt.run(Session::new(&SUPPORT, model).answer(QUESTION)).await
}
