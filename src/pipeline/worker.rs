//! The export thread's side of a queue: takes batches out, brings them into the form they leave in, and hands them on.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::batch::Batch;
use super::courier::{Courier, Stop};
use super::item::{Item, LARGEST_BATCH};
use super::outbox::{Queued, Room};

/// Asks a loop of the export thread to send what there is now; dropped unanswered if it ends.
#[derive(Debug)]
pub(crate) struct Flush(pub(crate) std::sync::mpsc::Sender<()>);

/// How many may wait for one loop.
pub(crate) const MOST_FLUSHES: usize = 1024;

impl Flush {
    /// With it all that wait behind it: sending once is enough for all of them.
    pub(crate) fn and_waiting(self, flushes: &mut mpsc::Receiver<Self>) -> Vec<Self> {
        let mut all = vec![self];
        while let Ok(next) = flushes.try_recv() {
            all.push(next);
        }
        all
    }

    pub(crate) fn answer(all: Vec<Self>) {
        for Self(reply) in all {
            // Whoever asked may have lost patience.
            let _ = reply.send(());
        }
    }
}

/// What is taken out of a queue.
pub(crate) struct Inbox<T: Item> {
    pub(crate) queue: mpsc::Receiver<Queued<T>>,
    /// Taken from the queue but too large for the batch that was being filled.
    pub(crate) held: Option<T::Ready>,
    pub(crate) room: Arc<Room>,
    pub(crate) batch: Batch,
    pub(crate) gate: T::Gate,
}

impl<T: Item> Inbox<T> {
    fn waiting(&self) -> usize {
        self.queue.len() + usize::from(self.held.is_some())
    }
}

/// One loop of the export thread.
pub(crate) struct Worker<T: Item> {
    pub(crate) inbox: Inbox<T>,
    pub(crate) courier: Courier<Vec<T::Ready>>,
    pub(crate) flushes: mpsc::Receiver<Flush>,
    pub(crate) stop: watch::Receiver<Stop>,
}

impl<T: Item> Worker<T> {
    pub(crate) async fn work(mut self) {
        loop {
            let batch = self.inbox.batch;
            tokio::select! {
                // Also an error ends the loop: every outbox is gone.
                _ = self.stop.changed() => break,
                Some(flush) = self.flushes.recv() => {
                    let asked = flush.and_waiting(&mut self.flushes);
                    self.send(self.inbox.waiting()).await;
                    Flush::answer(asked);
                }
                () = self.inbox.room.batch_waiting.notified() => {
                    self.send(batch.max_export_batch_size).await;
                    // Back to the top after each batch: a flush or shutdown must get its turn under sustained load.
                    if self.inbox.waiting() >= batch.max_export_batch_size {
                        self.inbox.room.batch_waiting.notify_one();
                    }
                }
                () = sleep(batch.schedule_delay) => self.send(self.inbox.waiting()).await,
            }
        }
        self.drain().await;
    }

    /// Sends `count` items, or as many as there are.
    async fn send(&mut self, count: usize) {
        let mut left = count;
        while left > 0 && !self.courier.deadline_is_over() {
            let batch = self.take(left);
            if batch.is_empty() {
                return;
            }
            left = left.saturating_sub(batch.len());
            self.export(batch).await;
        }
    }

    /// Closes the queue and sends the rest, until the deadline.
    async fn drain(&mut self) {
        self.inbox.queue.close();
        while !self.courier.deadline_is_over() {
            if self.inbox.held.is_none() {
                // Unlike `try_recv`, waits for an item that is just being queued; `None` is the real end.
                let Some(queued) = self.inbox.queue.recv().await else { return };
                self.inbox.held = self.admit(queued);
            }
            let batch = self.take(usize::MAX);
            if !batch.is_empty() {
                self.export(batch).await;
            }
        }
    }

    /// Up to `most` items, within the limits of one batch.
    fn take(&mut self, most: usize) -> Vec<T::Ready> {
        let most = most.min(self.inbox.batch.max_export_batch_size);
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < most {
            let item = match self.inbox.held.take() {
                Some(item) => item,
                None => match self.inbox.queue.try_recv() {
                    Ok(queued) => match self.admit(queued) {
                        Some(item) => item,
                        None => continue,
                    },
                    Err(_) => break,
                },
            };
            bytes += T::ready_weight(&item);
            if bytes > LARGEST_BATCH && !batch.is_empty() {
                self.inbox.held = Some(item);
                break;
            }
            batch.push(item);
        }
        batch
    }

    /// An item as it may leave; `None` if nobody can tell.
    fn admit(&self, Queued { item, bytes }: Queued<T>) -> Option<T::Ready> {
        self.inbox.room.release(bytes);
        let (ready, stripped) = item.admit(&self.inbox.gate)?;
        self.courier.counts.add_stripped(stripped);
        Some(ready)
    }

    async fn export(&mut self, batch: Vec<T::Ready>) {
        let items = batch.len() as u64;
        self.courier.deliver(batch, items).await;
    }
}
