//! What a store has to do.

use std::sync::Arc;

use super::StoreError;

/// A place for content.
///
/// [`put`](Self::put) is called on one background thread only, one item after the other, and may block: what comes
/// meanwhile waits or is dropped. An error or a panic costs the item; the same content is tried again when it comes again.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Mutex;
///
/// use tracing_genai::content::{References, Store, StoreError};
///
/// #[derive(Default)]
/// struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);
///
/// impl Store for Memory {
///     fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
///         self.0.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
///         Ok(())
///     }
///
///     fn uri(&self, name: &str) -> String {
///         format!("memory:{name}")
///     }
/// }
///
/// let references = References::to(Memory::default());
/// # drop(references);
/// ```
pub trait Store: Send + Sync + 'static {
    /// Stores `bytes` as `name` and returns when they are there. What is there already under that name is the same.
    ///
    /// `name` is 64 hexadecimal digits, the SHA-256 of `bytes`, with `.json` or `.jsonl`.
    ///
    /// # Errors
    /// The item is counted as failed; of the first failure one line says the [class](StoreError::kind) on standard error.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Where `name` is, or will be. Goes on the span, so it must hold no secret.
    ///
    /// Called on the application's threads, so it must not block.
    fn uri(&self, name: &str) -> String;
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        (**self).put(name, bytes)
    }

    fn uri(&self, name: &str) -> String {
        (**self).uri(name)
    }
}

impl<S: Store + ?Sized> Store for Box<S> {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        (**self).put(name, bytes)
    }

    fn uri(&self, name: &str) -> String {
        (**self).uri(name)
    }
}
