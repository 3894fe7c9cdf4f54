//! Typed guards for the activities of an agent.
//!
//! An activity is described, started and finished; between, work runs in its scope and everything that starts there
//! becomes its child. [`run`](Guard::run) does both: it finishes or fails by the `Result` of the work.
//!
//! ```
//! use tracing_genai::activity::{Operation, Tool, Turn, Usage, Workflow};
//!
//! # async fn chat() -> Result<(), std::io::Error> { Ok(()) }
//! # async fn search() -> Result<(), std::io::Error> { Ok(()) }
//! # async fn agent() {
//! let run = Workflow::new("triage-issue").run_id("run-7").start();
//! let _ = run.run(async {
//!     let operation = Operation::prompt("researcher").conversation("session-3").start();
//!     operation.run(async {
//!         let turn = Turn::chat("openai", "gpt-4o").max_tokens(1024).start();
//!         match turn.scope(chat()).await {
//!             Ok(_reply) => turn.usage(Usage::new(120, 34).cache_read(80)).finish_reason("stop").finish(),
//!             Err(error) => turn.fail(&error),
//!         }
//!         Tool::new("search").call_id("call_1").start().run(search()).await
//!     }).await
//! }).await;
//! # }
//! ```
//!
//! # Spans
//!
//! | description | span | kind | a guard dropped without `finish` or `fail` |
//! |---|---|---|---|
//! | [`Workflow`] | `invoke_workflow {name}` | INTERNAL | success |
//! | [`Operation`] | `invoke_agent {agent}`, `operation {kind}` | INTERNAL | success |
//! | [`Turn`] | `chat {model}` and its kin | CLIENT | cancelled |
//! | [`Tool`] | `execute_tool {tool}`, `… {skill}`, `… {skill} {resource}`, `… {executable}` | INTERNAL | cancelled, unless the work in its scope was done |
//! | [`Task`] | `invoke_agent {sub-agent}` | INTERNAL | cancelled, unless the work in its scope was done |
//! | [`Compaction`] | `compact {agent}` | INTERNAL | cancelled, unless the work in its scope was done |
//! | [`Plan`] | `plan {agent}` | INTERNAL | cancelled, unless the work in its scope was done |
//! | [`Embeddings`] | `embeddings {model}` | CLIENT | cancelled, unless the work in its scope was done |
//! | [`Retrieval`] | `retrieval {data source}` | CLIENT | cancelled, unless the work in its scope was done |
//! | [`Memory`] | `search_memory`, `upsert_memory` … (seven) | CLIENT | cancelled, unless the work in its scope was done |
//! | [`CreateAgent`] | `create_agent {agent}` | CLIENT | cancelled, unless the work in its scope was done |
//! | [`RemoteAgent`] | `invoke_agent {agent}` | CLIENT | cancelled, unless the work in its scope was done |
//! | [`FetchResponse`] | `fetch_response` | CLIENT | cancelled, unless the work in its scope was done |
//! | [`McpClientRequest`] | `{method} {tool or prompt}` | CLIENT | cancelled, unless the work in its scope was done |
//! | [`McpServerRequest`] | `{method} {tool or prompt}` | SERVER | cancelled, unless the work in its scope was done |
//!
//! A model and a memory may be [`in_process`](Turn::in_process): INTERNAL.
//!
//! A reply that comes in chunks: [`Guard::stream`](Guard#method.stream) hands the turn to the stream, and the turn ends
//! with it, however it ends. [`TurnStream::decode`] reads the reply out of the bytes of its body.
//!
//! What is not given is left out. A guard whose thread panics ends as failed, with `error.type = panic`. Without a
//! [`GenAiTracer`](crate::GenAiTracer) in the subscriber a guard does nothing.

mod blocking;
mod compaction;
mod content;
mod cost;
mod create_agent;
mod decoded;
mod embeddings;
mod evaluate;
pub(crate) mod exchange;
mod fetch_response;
mod guard;
mod mcp;
mod memory;
mod operation;
mod plan;
pub(crate) mod record;
mod remote_agent;
mod retrieval;
mod scope;
mod setters;
pub(crate) mod stream;
mod task;
mod tool;
mod turn;
mod usage;
mod workflow;

pub use blocking::{TurnIter, TurnRead};
pub use compaction::{Compaction, CompactionTrigger};
pub use content::Instructions;
pub use cost::Cost;
pub use create_agent::CreateAgent;
pub use decoded::DecodedStream;
pub use embeddings::Embeddings;
pub use fetch_response::FetchResponse;
pub use guard::{Activity, Guard};
pub use mcp::{McpClientRequest, McpServerRequest};
pub use memory::Memory;
pub use operation::Operation;
pub use plan::Plan;
pub use remote_agent::RemoteAgent;
pub use retrieval::Retrieval;
pub use scope::{Run, Scope};
pub use stream::TurnStream;
pub use task::Task;
pub use tool::Tool;
pub use turn::Turn;
pub use workflow::Workflow;

pub use crate::providers::Usage;
