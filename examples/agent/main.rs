//! An agent at work: a loop of model turns and tools, a plan, a delegated task, a compaction, a search, a memory, an MCP
//! server, an agent elsewhere, and the trace of all of it, its log events and its metrics.
//!
//! ```text
//! cargo run --example agent
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 cargo run --example agent
//! OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY cargo run --example agent
//! OPENAI_BASE_URL=https://api.openai.com/v1 OPENAI_API_KEY=… cargo run --example agent
//! ```
//!
//! | file | what it is |
//! |---|---|
//! | `agent.rs` | the loop: plan, turns, tools, the delegated task, the compaction |
//! | `search.rs` | the search in articles: retrieval and embeddings, and a plain `tracing` span as any program has |
//! | `memory.rs` | what is remembered of customers, and the answer they had last time |
//! | `mcp.rs` | an MCP server and the call of its tool; a log event as any program has |
//! | `translator.rs` | an agent at a service elsewhere |
//! | `tools.rs` | what the agents can do; like all that follow it knows nothing of telemetry |
//! | `model.rs` | a client for OpenAI's API, whole replies and streamed ones |
//! | `reply.rs` | the shapes of replies, and how a streamed one is put together |
//! | `service.rs` | the programs around the agent, behind one loopback port |
//! | `recorded.rs` | a server of recorded replies, used unless `OPENAI_BASE_URL` is set |

mod agent;
mod mcp;
mod memory;
mod model;
mod recorded;
mod reply;
mod search;
mod service;
mod tools;
mod translator;
#[path = "../viewer/mod.rs"]
mod viewer;

use std::error::Error;

use tokio::runtime::Runtime;
use tracing_genai::activity::{Operation, Workflow};
use tracing_genai::content::Message;
use tracing_genai::events::Evaluation;

use agent::{SUPPORT, Session};
use memory::Customers;
use model::{Model, ModelError};
use service::{Service, ServiceError};
use translator::Translator;

const QUESTION: &str = "We are on the Team plan, see invoice INV-2041. What would it cost to move our 12 seats to \
                        Business for the remaining 12 of June's 30 days, and who of us may do it?";

/// Who asks.
const CUSTOMER: &str = "acme";

/// What the agents work with.
struct World {
    model: Model,
    service: Service,
    customers: Customers,
}

/// Why a ticket has no answer.
#[derive(Debug, thiserror::Error)]
enum TicketError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows what is sent if there is no endpoint to send it to.
    if viewer::show_all()? {
        return Ok(());
    }
    let telemetry = tracing_genai::init()?;
    let runtime = Runtime::new()?;
    let world = runtime.block_on(connect())?;

    let ticket = Workflow::new("answer-ticket").run_id("run-2041").start();
    let place = ticket.carrier();
    let trace = place.as_ref().map_or_else(|| "not sampled".to_owned(), |place| place.trace_id());
    ticket.input(QUESTION);
    let outcome = runtime.block_on(ticket.run(answer(&world)));

    if let (Ok(answer), Some(place)) = (&outcome, &place) {
        telemetry.tracer().evaluate(place, judged(answer));
    }
    println!("trace {trace} · {}", telemetry.shutdown());
    // The answer is for whoever asked; this example is about the trace.
    outcome?;
    Ok(())
}

/// What a check says about the answer, once it is there: the span it is about has ended.
fn judged(answer: &str) -> Evaluation {
    let names_a_price = answer.contains('$') || answer.contains('€');
    let (score, label) = if names_a_price { (1.0, "pass") } else { (0.0, "fail") };
    Evaluation::new("names_a_price").score(score).label(label)
}

async fn connect() -> Result<World, TicketError> {
    let service = Service::start().await?;
    let model = match Model::from_env()? {
        Some(model) => model,
        None => Model::new(&service.model_url(), None)?,
    };
    Ok(World { model, service, customers: Customers::new() })
}

async fn answer(world: &World) -> Result<String, TicketError> {
    let translator = Translator::create(&world.service).await?;
    let prompt = Operation::prompt(SUPPORT.name).id("op-1").conversation("ticket-2041").start();
    prompt.input_messages_with(|| [Message::user(QUESTION)]);
    let answer = prompt.run(support(world)).await?;
    Ok(translator.translate(&answer).await?)
}

async fn support(world: &World) -> Result<String, ModelError> {
    let told = memory::last_answer(CUSTOMER, world).await;
    let told = told.map_or_else(String::new, |text| format!("\n\nWhen they wrote last, the answer was: {text}"));
    let answer = Session::new(&SUPPORT, world).answer(&format!("{QUESTION}{told}")).await?;
    world.customers.upsert(CUSTOMER, answer.id.clone().unwrap_or_default());
    Ok(answer.text().to_owned())
}
