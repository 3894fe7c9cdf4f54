//! Other crates' spans, before and after: the same program under `tracing-opentelemetry` and under `tracing-genai`.

#[path = "../../support/check.rs"]
pub mod check;
pub mod export;
pub mod genai_chat;
pub mod rig_agent;
pub mod server;
pub mod stack;
pub mod tree;

/// The model that is asked for. A dated name: the model that answers is the same.
pub const MODEL: &str = "gpt-4o-mini-2024-07-18";
/// The model for embeddings.
pub const EMBEDDING_MODEL: &str = "text-embedding-3-small";
/// What the user says, and what no span may carry.
pub const CANARY: &str = "canary-7f3a";

/// What a scenario ends with when something that must work does not.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
