//! Prompts, replies, tool arguments and results: what they look like, and whether they leave the process.

mod kind;
mod truncate;

pub use kind::Kind;
pub(crate) use kind::{Shape, Side};
pub(crate) use truncate::{Fitted, fit, fit_items};
