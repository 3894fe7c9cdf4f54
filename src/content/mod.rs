//! Prompts, replies, tool arguments and results: what they look like, and whether they leave the process.

mod kind;
mod redact;

pub use kind::Kind;
pub(crate) use kind::{Shape, Side};
pub use redact::{Redactor, RedactorError, RedactorErrorKind};
pub(crate) use redact::{media_in_json_text, redact_json, redact_text};
