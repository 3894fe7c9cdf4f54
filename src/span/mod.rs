//! The only room that opens or ends an OpenTelemetry span.

mod attributes;
mod carrier;
mod coerce;
mod complete;
mod defaults;
mod error_type;
mod gate;
mod genai_span;
mod identity;
mod name;
mod open;
mod recognise;
mod root;
mod shared;
mod start;
mod stats;
mod table;
mod tracer;
mod usage;

pub use carrier::{Carrier, CarrierError, CarrierErrorKind};
pub use error_type::{ErrorType, Failure};
pub use genai_span::GenAiSpan;
pub use root::SpanStart;
pub use shared::MAX_COMPACTED_CONVERSATIONS;
pub use stats::Stats;
pub use tracer::GenAiTracer;

pub(crate) use coerce::{Coerced, bring};
pub(crate) use gate::Event;
pub(crate) use open::{End, Open};
pub(crate) use shared::Settings;
pub(crate) use start::{Start, open};
pub(crate) use stats::Count;
