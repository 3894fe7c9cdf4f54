//! Between the application and the export thread: a queue bounded by number and by bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc};

use super::batch::Batch;
use super::counts::Counts;
use super::item::Item;

/// An item on its way to the export thread.
#[derive(Debug)]
pub(crate) struct Queued<T> {
    pub(crate) item: T,
    /// What it weighs in the queue.
    pub(crate) bytes: usize,
}

/// What both sides of a queue hold.
#[derive(Debug)]
pub(crate) struct Room {
    /// Bytes of what is queued.
    queued: AtomicUsize,
    most: usize,
    /// Wakes the export thread when a whole batch is waiting.
    pub(crate) batch_waiting: Notify,
}

impl Room {
    pub(crate) fn new(most: usize) -> Self {
        Self { queued: AtomicUsize::new(0), most, batch_waiting: Notify::new() }
    }

    /// Makes room for `bytes` more, if there is.
    fn reserve(&self, bytes: usize) -> bool {
        let with = |queued: usize| queued.checked_add(bytes).filter(|queued| *queued <= self.most);
        self.queued.fetch_update(Ordering::AcqRel, Ordering::Acquire, with).is_ok()
    }

    /// Gives back the room of `bytes` that are no longer queued.
    pub(crate) fn release(&self, bytes: usize) {
        self.queued.fetch_sub(bytes, Ordering::AcqRel);
    }
}

/// The application's side of a queue.
///
/// The SDK's batch processors are not used: they export spans that were recorded but not sampled, wait without limit in
/// a hanging exporter, end for good when an exporter panics and lose what they hold uncounted (opentelemetry_sdk 0.33).
#[derive(Debug)]
pub(crate) struct Outbox<T> {
    pub(crate) queue: mpsc::Sender<Queued<T>>,
    pub(crate) room: Arc<Room>,
    pub(crate) counts: Arc<Counts>,
    pub(crate) batch: Batch,
}

impl<T: Item> Outbox<T> {
    /// Takes an item without blocking; a full queue drops it. Where there is room but for its content, it goes without.
    pub(crate) fn push(&self, mut item: T) {
        self.counts.add_given(1);
        if self.counts.is_refused() {
            return self.counts.add_refused(1);
        }
        let mut bytes = item.weight();
        if !self.room.reserve(bytes) {
            self.counts.add_stripped(item.strip());
            bytes = item.weight();
            if !self.room.reserve(bytes) {
                return;
            }
        }
        if self.queue.try_send(Queued { item, bytes }).is_err() {
            return self.room.release(bytes);
        }
        let waiting = self.queue.max_capacity().saturating_sub(self.queue.capacity());
        if waiting >= self.batch.max_export_batch_size {
            self.room.batch_waiting.notify_one();
        }
    }
}
