//! The only room that opens or ends an OpenTelemetry span.

mod attributes;
mod begin;
mod carrier;
mod claims;
mod coerce;
mod ended;
mod error_type;
mod evict;
mod gate;
mod genai_span;
mod identity;
mod name;
mod open;
mod recognise;
mod root;
mod runs;
mod shared;
mod start;
mod stats;
mod sweep;
mod table;
mod tracer;
mod usage;

pub use carrier::{Carrier, CarrierError, CarrierErrorKind};
pub use error_type::{ErrorType, Failure};
pub use evict::{DEFAULT_MAX_OPEN_SPANS, DEFAULT_OPEN_SPAN_TTL};
pub use genai_span::GenAiSpan;
pub use root::SpanStart;
pub use runs::MAX_REMEMBERED_RUNS;
pub use shared::MAX_COMPACTED_CONVERSATIONS;
pub use stats::Stats;
pub use tracer::GenAiTracer;

pub(crate) use coerce::{Coerced, bring};
pub(crate) use gate::Event;
pub(crate) use open::{End, Open};
pub(crate) use runs::Predecessor;
pub(crate) use shared::Settings;
pub(crate) use start::{Start, open};
pub(crate) use stats::Count;
