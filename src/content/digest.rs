//! What stands for bytes that are not there: how many they were, and their SHA-256.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest {
    pub(crate) size: u64,
    /// In hex.
    pub(crate) sha256: String,
}

impl Digest {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            // Writing to a `String` does not fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Self { size: bytes.len() as u64, sha256 }
    }
}
