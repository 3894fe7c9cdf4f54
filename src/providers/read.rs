//! Bytes → JSON, as much of it as is wanted, within limits.

use serde_json::Value;
use thiserror::Error;

/// Arrays and objects inside of each other, at most.
pub const MAX_DEPTH: usize = 128;

/// How much of a body is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// What is no content: long texts are left out, of long lists only their length stays.
    Facts,
    /// All of it.
    Everything,
}

/// Why a body could not be read. It holds nothing of the body.
#[derive(Debug, Error)]
#[error("the body is no JSON, or deeper than {MAX_DEPTH}: byte {at}")]
pub struct ReadError {
    at: usize,
}

/// The JSON in `bytes`.
///
/// # Errors
/// It is no JSON, or arrays and objects lie deeper in each other than [`MAX_DEPTH`].
pub fn read(bytes: &[u8], _reading: Reading) -> Result<Value, ReadError> {
    serde_json::from_slice(bytes).map_err(|error| ReadError { at: error.column() })
}
