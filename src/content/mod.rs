//! Prompts, replies, tool arguments and results: what they look like, and whether they leave the process.

mod capture;
mod digest;
mod environment;
mod found;
mod json;
mod kind;
mod message;
mod part;
mod payload;
mod policy;
mod process;
mod read;
mod redact;
mod redaction;
mod reference;
mod scope;
mod time_limit;
mod tool_definition;
mod truncate;

pub use capture::{
    Content, DEFAULT_ATTRIBUTE_BUDGET, DEFAULT_OUTPUT_RESERVE, DEFAULT_SPAN_BUDGET, DEFAULT_TIME_LIMIT, Destination,
};
pub use found::{Document, MemoryRecord};
pub use json::{MAX_CONTENT_BYTES, MAX_CONTENT_DEPTH};
pub use kind::Kind;
pub use message::Message;
pub use part::Part;
pub use payload::Payload;
pub use policy::{Decision, IntoDecision, Item, Policy, PolicyFailed};
pub use redact::{Redactor, RedactorError, RedactorErrorKind};
pub use reference::{
    DEFAULT_MAX_UPLOAD_QUEUE_SIZE, FileStore, Format, ReferenceStats, References, Store, StoreError, StoreErrorKind,
};
pub use scope::Scope;
pub use tool_definition::ToolDefinition;

pub(crate) use capture::Recording;
pub(crate) use environment::Mode;
pub(crate) use json::Refused;
pub(crate) use kind::{Shape, Side};
pub(crate) use payload::Offered;
pub(crate) use process::{Kept, Why};
pub(crate) use reference::{NotStored, Reference};
pub(crate) use scope::Origin;
