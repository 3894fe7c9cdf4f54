//! AI agents as OpenTelemetry GenAI spans.
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

#[cfg(feature = "activity")]
pub mod activity;
#[cfg(feature = "collector")]
pub mod collector;
mod layer;
#[cfg(feature = "pipeline")]
pub mod pipeline;
// Typed guards are the only users of some of it, here and in `span`.
#[cfg_attr(not(feature = "activity"), allow(dead_code))]
mod rules;
pub mod semconv;
// The pipeline is another one of `span`.
#[cfg_attr(not(all(feature = "activity", feature = "pipeline")), allow(dead_code, unused_imports))]
mod span;

pub use layer::layer;
#[cfg(feature = "pipeline")]
pub use pipeline::init;
pub use span::{
    Carrier, CarrierError, CarrierErrorKind, ErrorType, Failure, GenAiSpan, GenAiTracer, MAX_COMPACTED_CONVERSATIONS,
    SpanStart, Stats,
};
