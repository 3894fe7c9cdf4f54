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
//! | description | span | a guard dropped without `finish` or `fail` |
//! |---|---|---|
//! | [`Workflow`] | `invoke_workflow {name}` | success |
//! | [`Operation`] | `invoke_agent {agent}`, `operation {kind}` | success |
//! | [`Turn`] | `chat {model}` and its kin | cancelled |
//! | [`Tool`] | `execute_tool {tool}` | cancelled, unless the work in its scope was done |
//! | [`Task`] | `invoke_agent {sub-agent}` | cancelled, unless the work in its scope was done |
//! | [`Compaction`] | `compact {agent}` | cancelled, unless the work in its scope was done |
//!
//! A reply that comes in chunks: [`Guard::stream`](Guard#method.stream) hands the turn to the stream, and the turn ends
//! with it, however it ends.
//!
//! What is not given is left out. A guard whose thread panics ends as failed, with `error.type = panic`. Without a
//! [`GenAiTracer`](crate::GenAiTracer) in the subscriber a guard does nothing.

mod blocking;
mod chunks;
mod compaction;
mod guard;
mod operation;
mod scope;
mod setters;
mod stream;
mod task;
mod tool;
mod turn;
mod usage;
mod workflow;

pub use blocking::{TurnIter, TurnRead};
pub use compaction::{Compaction, CompactionTrigger};
pub use guard::{Activity, Guard};
pub use operation::Operation;
pub use scope::{Run, Scope};
pub use stream::TurnStream;
pub use task::Task;
pub use tool::Tool;
pub use turn::Turn;
pub use usage::Usage;
pub use workflow::Workflow;
