//! Content stored elsewhere: on the span stays where it is, its size and its SHA-256.

mod encode;
mod environment;
mod error;
mod file_store;
mod file_uri;
mod place;
mod queue;
mod recent;
mod store;
#[cfg(test)]
mod tests;
mod uploader;

use std::sync::Arc;
use std::time::Duration;

pub use encode::Format;
pub use error::{StoreError, StoreErrorKind};
pub use file_store::FileStore;
pub use queue::ReferenceStats;
pub use store::Store;

use super::Kind;
use encode::Encoded;
use uploader::Uploader;

/// How many items wait for their upload by default. That of OpenTelemetry's Python utility.
pub const DEFAULT_MAX_UPLOAD_QUEUE_SIZE: usize = 20;

/// Stores content and hands out references to it.
///
/// An item is named by the SHA-256 of what is stored, so what was stored is not stored again. One background thread, started
/// with the first item, does the storing; nobody ever waits for it. **The reference is put on the span when the item is
/// queued**, as OpenTelemetry's Python utility does it: when the store fails later, the reference points to nothing. See
/// [`stats`](Self::stats) for how often that was.
///
/// Clones share the store, the queue and the counts; each has its own settings. When the last one is dropped, what waits is
/// stored, for at most five seconds; within the shutdown timeout where a `Telemetry` has the last one.
///
/// ```
/// use tracing_genai::content::{FileStore, Format, References};
///
/// # let dir = std::env::temp_dir().join(format!("references-doc-{}", std::process::id()));
/// let store = FileStore::new(&dir)?; // for example /var/lib/agent/content
/// let references = References::to(store).with_format(Format::JsonLines).with_max_queue_size(100);
/// assert_eq!(references.stats().stored, 0);
/// # std::fs::remove_dir_all(&dir).ok();
/// # Ok::<(), tracing_genai::content::StoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct References {
    format: Format,
    max_queue_size: usize,
    uploader: Arc<Uploader>,
}

/// Where one item is, and what it is known by there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) uri: String,
    /// Bytes stored.
    pub(crate) size: u64,
    /// Of the bytes stored, 64 hexadecimal digits.
    pub(crate) sha256: String,
}

/// Why an item has no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotStored {
    /// Too much waits, or the item alone is too large.
    QueueFull,
    /// The operating system refused the thread.
    NoThread,
    /// The store panicked when asked for the address.
    NoUri,
}

impl References {
    /// Stores content in `store`, as [`Format::Json`], with [`DEFAULT_MAX_UPLOAD_QUEUE_SIZE`] items waiting at most.
    pub fn to(store: impl Store) -> Self {
        let uploader = Arc::new(Uploader::new(Arc::new(store)));
        Self { format: Format::Json, max_queue_size: DEFAULT_MAX_UPLOAD_QUEUE_SIZE, uploader }
    }

    /// The form in which items are stored. Default: [`Format::Json`].
    #[must_use]
    pub fn with_format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// How many items may wait, at least 1; what comes then is not stored, counted, and gets no reference. Whatever the
    /// number, no more than 64 MiB wait. Default: [`DEFAULT_MAX_UPLOAD_QUEUE_SIZE`].
    #[must_use]
    pub fn with_max_queue_size(mut self, items: usize) -> Self {
        self.max_queue_size = items.max(1);
        self
    }

    /// Waits until everything queued before was stored or failed, at most `timeout`. `false` if the time was over before.
    ///
    /// What failed stands in [`stats`](Self::stats).
    pub fn flush(&self, timeout: Duration) -> bool {
        self.uploader.flush(timeout)
    }

    /// Ends the storing: waits as [`flush`](Self::flush) does, at most `timeout`, and takes nothing more, so that the
    /// last handle is dropped without waiting. Where there are other handles, it is not this one's to end.
    pub(crate) fn stop(&self, timeout: Duration) {
        match Arc::strong_count(&self.uploader) {
            1 => self.uploader.stop(timeout),
            _ => drop(self.flush(timeout)),
        }
    }

    /// Whether both bring content to the same store, with one count.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.uploader, &other.uploader)
    }

    /// What became of the items so far.
    pub fn stats(&self) -> ReferenceStats {
        self.uploader.stats()
    }

    /// Queues `text`, the JSON (or text) of `kind`, and says where it will be. Never blocks.
    pub(crate) fn offer(&self, kind: Kind, text: String) -> Result<Reference, NotStored> {
        let item = Encoded::new(kind, text, self.format);
        let name = item.name(self.format);
        let uri = self.uploader.uri(&name)?;
        let reference = Reference { uri, size: item.bytes.len() as u64, sha256: item.sha256() };
        self.uploader.queue(name, item, self.max_queue_size)?;
        Ok(reference)
    }
}
