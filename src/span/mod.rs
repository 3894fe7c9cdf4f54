//! The only room that opens or ends an OpenTelemetry span.

mod ambient;
mod attributes;
mod baggage;
mod carrier;
mod coerce;
mod defaults;
mod error_type;
mod gate;
mod genai_span;
mod hook;
mod inherited;
mod open;
mod orphan;
mod recognise;
mod root;
mod session;
mod shared;
mod start;
mod stats;
mod table;
mod tracer;
mod usage;
mod w3c;
mod wire;

pub use ambient::{Identity, IdentityScope};
pub use carrier::Carrier;
pub use error_type::{ErrorType, Failure};
pub use genai_span::GenAiSpan;
pub use orphan::Orphan;
pub use root::SpanStart;
pub use session::{SessionId, SessionIdError};
pub use shared::MAX_COMPACTED_CONVERSATIONS;
pub use stats::Stats;
pub use tracer::GenAiTracer;
pub use w3c::{CarrierError, CarrierErrorKind};

pub(crate) use coerce::{Coerced, bring};
pub(crate) use gate::Event;
pub(crate) use open::{End, Open};
pub(crate) use shared::Settings;
pub(crate) use start::{Start, open};
pub(crate) use stats::Count;
