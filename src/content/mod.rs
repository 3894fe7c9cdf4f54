//! Prompts, replies, tool arguments and results: what they look like, and whether they leave the process.

mod kind;

pub use kind::Kind;
pub(crate) use kind::{Shape, Side};
