//! What each backend gets, on the wire, held against that backend's own rules.
//!
//! The rules are ported from what `docs/backends.md` names as its sources; none of them is this crate's.

#![cfg(all(feature = "otlp-grpc", feature = "otlp-http"))]

#[path = "backends/fan_out.rs"]
mod fan_out;
#[path = "backends/langfuse.rs"]
mod langfuse;
#[path = "backends/others.rs"]
mod others;
#[path = "backends/phoenix.rs"]
mod phoenix;
#[path = "backends/receiver.rs"]
mod receiver;
#[path = "backends/scenario.rs"]
mod scenario;
#[path = "backends/wire.rs"]
mod wire;
