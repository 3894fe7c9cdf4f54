//! Replies that are never streamed.

use serde_json::Value;

use crate::providers::read::Reading;
use crate::providers::stream::{Assemble, Piece, Progress};

/// Keeps the one document there is.
#[derive(Debug, Default)]
pub(crate) struct Whole(Value);

impl Assemble for Whole {
    fn is_content(&self, _piece: Piece<'_>) -> bool {
        false
    }

    fn add(&mut self, _name: &str, data: Value, _reading: Reading) -> Progress {
        self.0 = data;
        Progress::Over
    }

    fn reply(&mut self) -> Value {
        self.0.clone()
    }
}
