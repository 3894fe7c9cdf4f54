//! What waits for the background thread, and what became of the rest.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use super::NotStored;
use super::encode::{Digest, Encoded};
use super::recent::Recent;

/// Bytes that wait or are being stored. The largest item has 16 MiB before it is stored as a JSON string.
pub(super) const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What became of the items of [`References`](super::References). The numbers add up to the items that came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReferenceStats {
    /// Stored, or found stored.
    pub stored: u64,
    /// Had come before, so there was nothing to do.
    pub deduplicated: u64,
    /// Not stored and without a reference, because too much was waiting; or still waiting at the end of the process.
    pub dropped: u64,
    /// The store refused them or panicked. Their references are on spans but those that had no URI.
    pub failed: u64,
    /// Waiting, or being stored right now.
    pub waiting: u64,
}

/// One item on its way to the store.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
}

/// How the upload of an item ended.
pub(super) enum Outcome {
    Stored,
    /// With what may be shown of the reason.
    Failed(String),
}

/// What is to be done after an item was queued.
#[derive(PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    StartThread,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Item>,
    bytes: usize,
    recent: Recent,
    stats: ReferenceStats,
    /// How many items were ever queued, and how many of them are done with.
    queued: u64,
    done: u64,
    thread: Thread,
    told: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Thread {
    #[default]
    None,
    Running,
    /// Nobody offers any more; ends when all is stored, or at the deadline.
    Stopping(Instant),
    Ended,
}

/// Both sides of the queue. The lock is held for a few moves of memory, never while anything else runs.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something to do for the thread.
    work: Condvar,
    /// The thread has done something.
    progress: Condvar,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an item, if it is new and there is room.
    pub(super) fn push(&self, name: String, item: Encoded, most: usize) -> Result<Then, NotStored> {
        let mut state = self.lock();
        if state.recent.contains(&item.digest) {
            state.stats.deduplicated += 1;
            return Ok(Then::Nothing);
        }
        let bytes = state.bytes.saturating_add(item.bytes.len());
        let is_taken = matches!(state.thread, Thread::None | Thread::Running);
        if state.waiting.len() >= most || bytes > MOST_BYTES || !is_taken {
            state.stats.dropped += 1;
            return Err(NotStored::QueueFull);
        }
        state.bytes = bytes;
        state.queued += 1;
        state.recent.insert(item.digest);
        state.waiting.push_back(Item { name, bytes: item.bytes, digest: item.digest });
        let then = match state.thread {
            Thread::None => Then::StartThread,
            _ => Then::Nothing,
        };
        if then == Then::StartThread {
            state.thread = Thread::Running;
        }
        drop(state);
        self.work.notify_one();
        Ok(then)
    }

    /// There is no thread after all: what waits is lost, the next item tries again.
    pub(super) fn no_thread(&self) {
        let mut state = self.lock();
        state.thread = Thread::None;
        state.drop_waiting();
        self.progress.notify_all();
    }

    pub(super) fn count_failed(&self) {
        self.lock().stats.failed += 1;
    }

    /// The next item, waited for; `None` ends the thread.
    pub(super) fn next(&self) -> Option<Item> {
        let mut state = self.lock();
        loop {
            let stopping = match state.thread {
                Thread::Stopping(deadline) => Some(deadline),
                _ => None,
            };
            if stopping.is_some_and(|deadline| deadline <= Instant::now()) {
                state.drop_waiting();
            }
            if let Some(item) = state.waiting.pop_front() {
                return Some(item);
            }
            if stopping.is_some() {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Counts an item. The reason, if it is the first one and has to be told.
    pub(super) fn settle(&self, item: Item, outcome: Outcome) -> Option<String> {
        let mut state = self.lock();
        state.bytes = state.bytes.saturating_sub(item.bytes.len());
        state.done += 1;
        let first = match outcome {
            Outcome::Stored => {
                state.stats.stored += 1;
                None
            }
            Outcome::Failed(reason) => {
                state.stats.failed += 1;
                state.recent.remove(&item.digest);
                (!std::mem::replace(&mut state.told, true)).then_some(reason)
            }
        };
        drop(state);
        self.progress.notify_all();
        first
    }

    pub(super) fn ended(&self) {
        self.lock().thread = Thread::Ended;
        self.progress.notify_all();
    }

    /// Waits until what was queued before is done with. `false` if `timeout` was over before.
    pub(super) fn flush(&self, timeout: Duration) -> bool {
        let state = self.lock();
        let upto = state.queued;
        let waited = self.progress.wait_timeout_while(state, timeout, |state| state.done < upto);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.done >= upto
    }

    /// Lets the thread end when everything is stored, and waits for that, at most `timeout`.
    pub(super) fn stop(&self, timeout: Duration, thread: Option<ThreadId>) {
        let mut state = self.lock();
        if state.thread == Thread::None {
            state.thread = Thread::Ended;
        }
        if state.thread != Thread::Running {
            return;
        }
        let now = Instant::now();
        state.thread = Thread::Stopping(now.checked_add(timeout).unwrap_or(now));
        self.work.notify_one();
        // The store may have held the last handle: it would wait for itself.
        if thread == Some(std::thread::current().id()) {
            return;
        }
        let waited = self.progress.wait_timeout_while(state, timeout, |state| state.thread != Thread::Ended);
        drop(waited);
    }

    pub(super) fn stats(&self) -> ReferenceStats {
        let state = self.lock();
        ReferenceStats { waiting: state.queued.saturating_sub(state.done), ..state.stats }
    }
}

impl State {
    fn drop_waiting(&mut self) {
        while let Some(item) = self.waiting.pop_front() {
            self.bytes = self.bytes.saturating_sub(item.bytes.len());
            self.recent.remove(&item.digest);
            self.done += 1;
            self.stats.dropped += 1;
        }
    }
}
