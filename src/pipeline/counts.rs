//! What becomes of the telemetry of one signal on one route.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::one_line;

/// Counts of spans, of log records, or of exports of metrics. What was given and is in no other count is still queued or
/// was dropped.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    given: AtomicU64,
    exported: AtomicU64,
    failed: AtomicU64,
    /// Not sent, because the receiver has no place for this signal.
    refused: AtomicU64,
    /// Content attributes for which there was no room.
    stripped: AtomicU64,
    is_refused: AtomicBool,
    last_error: Mutex<Option<String>>,
}

/// What [`Counts`] hold at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) given: u64,
    pub(crate) exported: u64,
    pub(crate) failed: u64,
    pub(crate) refused: u64,
    pub(crate) stripped: u64,
    pub(crate) last_error: Option<String>,
}

impl Counts {
    pub(crate) fn add_given(&self, items: u64) {
        self.given.fetch_add(items, Ordering::AcqRel);
    }

    pub(crate) fn add_exported(&self, items: u64) {
        self.exported.fetch_add(items, Ordering::AcqRel);
    }

    pub(crate) fn add_failed(&self, items: u64, reason: &str) {
        self.failed.fetch_add(items, Ordering::AcqRel);
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(one_line(reason));
    }

    pub(crate) fn add_refused(&self, items: u64) {
        self.refused.fetch_add(items, Ordering::AcqRel);
    }

    pub(crate) fn add_stripped(&self, attributes: u64) {
        self.stripped.fetch_add(attributes, Ordering::Relaxed);
    }

    /// From now on nothing of this signal is sent.
    pub(crate) fn refuse(&self) {
        self.is_refused.store(true, Ordering::Release);
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Acquire)
    }

    /// `given` is read last, so it is never smaller than the sum of the others.
    pub(crate) fn read(&self) -> Counted {
        let read = |count: &AtomicU64| count.load(Ordering::Acquire);
        let (exported, failed, refused) = (read(&self.exported), read(&self.failed), read(&self.refused));
        let stripped = read(&self.stripped);
        let last_error = self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Counted { given: read(&self.given), exported, failed, refused, stripped, last_error }
    }
}

impl Counted {
    pub(crate) fn dropped(&self) -> u64 {
        self.given.saturating_sub(self.exported).saturating_sub(self.failed).saturating_sub(self.refused)
    }
}
