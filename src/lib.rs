//! AI agents as OpenTelemetry GenAI spans: a `tracing` layer, typed guards, and the way to an OTLP backend.
//!
//! ```no_run
//! use tracing_genai::activity::{Operation, Turn, Usage};
//!
//! # fn call() {}
//! fn main() -> Result<(), tracing_genai::pipeline::InitError> {
//!     let _telemetry = tracing_genai::init()?; // OTEL_* variables; sends what is left when dropped
//!
//!     let operation = Operation::prompt("researcher").conversation("session-3").start();
//!     operation.in_scope(|| {
//!         let turn = Turn::chat("openai", "gpt-4o").start();
//!         turn.in_scope(call);
//!         turn.usage(Usage::new(120, 34)).finish_reason("stop").finish();
//!     });
//!     Ok(())
//! }
//! ```
//!
//! | for | see |
//! |---|---|
//! | describing what an agent does | [`activity`] |
//! | what to add to which client of models | `docs/clients.md` |
//! | plain `tracing` spans with `gen_ai.*` fields | [`layer()`], and the table below |
//! | a `tracing-opentelemetry` layer or an OpenTelemetry pipeline of your own | [`GenAiTracer`] |
//! | export, `OTEL_*` variables, the guard | [`pipeline`] |
//! | parents from elsewhere | [`Carrier`], [`GenAiTracer::with_root_context`] |
//! | whose work it is: conversation, session, user, run | [`Identity`], [`SessionId`] |
//! | what turns cost | [`activity::Cost`], [`PriceTable`] |
//! | spans that lost their parent | [`GenAiTracer::with_orphan_detector`] |
//! | prompts, replies and other content: switching it on, policies, redactors, references | [`content`] |
//! | what can leave the process | [`GenAiTracer::audit`], `docs/audit.md` |
//! | content in object stores | `object_store` (feature) |
//! | a provider's requests and replies as they are | [`providers`], [`activity::Turn::from_request`] |
//! | model calls over HTTP, by a middleware or a layer | `http` (feature) |
//! | the Model Context Protocol through `rmcp` | `mcp` (feature) |
//! | a local receiver for tests and terminals | `collector` (feature) |
//! | keys and values of the conventions | [`semconv`] |
//!
#![doc = include_str!("../docs/mapping.md")]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::unreachable,
        clippy::string_slice
    )
)]

// Some of it is for the rooms of HTTP and of the Model Context Protocol.
#[cfg(feature = "activity")]
#[cfg_attr(not(all(feature = "http", feature = "mcp")), allow(dead_code))]
pub mod activity;
#[cfg(feature = "collector")]
pub mod collector;
// Its users are typed guards and the pipeline.
#[cfg_attr(not(all(feature = "activity", feature = "pipeline")), allow(dead_code, unused_imports))]
pub mod content;
// Guards are evaluated, too.
#[cfg_attr(not(feature = "activity"), allow(dead_code, unused_imports))]
pub mod events;
#[cfg(feature = "http")]
pub mod http;
mod layer;
#[cfg(feature = "mcp")]
pub mod mcp;
mod metrics;
#[cfg(feature = "object-store")]
pub mod object_store;
#[cfg(not(feature = "object-store"))]
#[allow(dead_code)]
#[path = "object_store/absent.rs"]
mod object_store;
#[cfg(feature = "pipeline")]
pub mod pipeline;
// Typed guards are the only users of some of it, here and in `span`.
#[cfg_attr(not(feature = "activity"), allow(dead_code))]
mod rules;
// Typed guards are given what it reads.
#[cfg(feature = "activity")]
pub mod providers;
pub mod semconv;
// The pipeline, and the rooms of HTTP and of the Model Context Protocol, are others of `span`.
#[cfg_attr(
    not(all(feature = "activity", feature = "http", feature = "mcp", feature = "pipeline")),
    allow(dead_code, unused_imports)
)]
mod span;

pub use layer::layer;
pub use metrics::MAX_LABEL_SETS;
#[cfg(feature = "pipeline")]
pub use pipeline::init;
pub use span::{
    Audit, Carrier, CarrierError, CarrierErrorKind, DEFAULT_MAX_OPEN_SPANS, DEFAULT_OPEN_SPAN_TTL, Dialect, Dialects,
    ErrorType, Failure, GenAiSpan, GenAiTracer, Identity, IdentityScope, MAX_COMPACTED_CONVERSATIONS,
    MAX_HELD_CONTENT_BYTES, MAX_LIST_LENGTH, MAX_NAME_LENGTH, MAX_REMEMBERED_RUNS, MAX_TEXT_LENGTH, Orphan, Price,
    PriceTable, PriceTableError, PriceTableErrorKind, Profile, SessionId, SessionIdError, SpanStart, Stats,
};

/// The README's code has to compile, but for the block it marks `ignore`, which shows the reader's own functions.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// So has that of the page on clients, but for blocks of other crates' code, which are taken from examples.
#[cfg(doctest)]
#[doc = include_str!("../docs/clients.md")]
struct Clients;
