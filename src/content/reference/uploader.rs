//! The background thread that stores content.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::thread::{self, ThreadId};
use std::time::Duration;
use std::{fmt, io};

use tracing::Dispatch;
use tracing::dispatcher::{get_default, set_default, with_default};
use tracing::subscriber::NoSubscriber;

use crate::content::contained;

use super::encode::Encoded;
use super::queue::{Item, Outcome, Queue, ReferenceStats, Then};
use super::{NotStored, Store};

/// How long the last handle waits for what is not stored yet.
pub(super) const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// A store, the queue before it, and the thread between them.
pub(super) struct Uploader {
    shared: Arc<Shared>,
    thread: OnceLock<ThreadId>,
}

struct Shared {
    store: Arc<dyn Store>,
    queue: Queue,
}

impl Uploader {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { shared: Arc::new(Shared { store, queue: Queue::default() }), thread: OnceLock::new() }
    }

    /// Asks the store where `name` is.
    pub(super) fn uri(&self, name: &str) -> Result<String, NotStored> {
        // An application's code on an application's thread, perhaps inside the tracer: it may neither panic nor log.
        let ask = || contained(|| self.shared.store.uri(name));
        // Inside of an event there is no subscriber already, and `tracing` panics if it is asked to change that.
        let is_silent = get_default(|subscriber| subscriber.is::<NoSubscriber>());
        let told = if is_silent { ask() } else { with_default(&Dispatch::none(), ask) };
        told.ok_or_else(|| {
            self.shared.queue.count_failed();
            NotStored::NoUri
        })
    }

    pub(super) fn queue(&self, name: String, item: Encoded, most: usize) -> Result<(), NotStored> {
        match self.shared.queue.push(name, item, most)? {
            Then::Nothing => Ok(()),
            Then::StartThread => self.start(),
        }
    }

    fn start(&self) -> Result<(), NotStored> {
        let shared = Arc::clone(&self.shared);
        let spawned = thread::Builder::new().name("tracing-genai-content".into()).spawn(move || shared.run());
        match spawned {
            // Detached: a store that hangs must not keep the process.
            Ok(handle) => {
                let _ = self.thread.set(handle.thread().id());
                Ok(())
            }
            Err(_) => {
                self.shared.queue.no_thread();
                Err(NotStored::NoThread)
            }
        }
    }

    pub(super) fn flush(&self, timeout: Duration) -> bool {
        self.shared.queue.flush(timeout)
    }

    pub(super) fn stats(&self) -> ReferenceStats {
        self.shared.queue.stats()
    }

    /// Stores what waits, and ends the thread; waits for it at most `timeout`. The first call counts.
    pub(super) fn stop(&self, timeout: Duration) {
        self.shared.queue.stop(timeout, self.thread.get().copied());
    }

    #[cfg(test)]
    pub(super) fn stop_on(&self, thread: ThreadId, timeout: Duration) {
        self.shared.queue.stop(timeout, Some(thread));
    }
}

impl Drop for Uploader {
    fn drop(&mut self) {
        self.stop(STOP_TIMEOUT);
    }
}

/// Numbers only: what waits is content.
impl fmt::Debug for Uploader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stats().fmt(f)
    }
}

impl Shared {
    /// Body of the thread. Without a subscriber, so that what a store logs about uploads becomes no span that is exported.
    fn run(&self) {
        let _silent = set_default(&Dispatch::none());
        while let Some(item) = self.queue.next() {
            let outcome = self.attempt(&item);
            if let Some(reason) = self.queue.settle(item, outcome) {
                // Not `eprintln!`: it panics when standard error is closed.
                let _ = io::stderr().write_all(notice(&reason).as_bytes());
            }
        }
        self.queue.ended();
    }

    fn attempt(&self, item: &Item) -> Outcome {
        match contained(|| self.store.put(&item.name, &item.bytes)) {
            Some(Ok(())) => Outcome::Stored,
            Some(Err(error)) => Outcome::Failed(error.class()),
            None => Outcome::Failed("the store panicked".to_owned()),
        }
    }
}

fn notice(reason: &str) -> String {
    format!(
        "tracing-genai: content could not be stored, its reference leads nowhere: {reason}; from here on counted only\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_is_one_line() {
        let line = notice("store is unavailable (permission denied)");
        assert_eq!(
            line,
            "tracing-genai: content could not be stored, its reference leads nowhere: store is unavailable (permission \
             denied); from here on counted only\n"
        );
    }
}
