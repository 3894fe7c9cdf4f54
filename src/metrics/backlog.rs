//! Values of histograms that wait until somebody collects.
//!
//! The SDK looks up every single value by its labels, which costs as much as a small span. A turn that ends only notes
//! its values here; whoever collects hands them over, as a rule a reader's thread. What finds no room is handed over at
//! once, so no value is lost and memory is bounded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::KeyValue;

use crate::metrics::subject::Number;

/// Most values that wait: a model turn has three. At 56 bytes this is under 60 KiB.
const MOST: usize = 1024;

/// One value, or several that are the same.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) histogram: usize,
    pub(super) labels: Arc<[KeyValue]>,
    pub(super) value: Number,
    pub(super) times: u64,
}

/// Values that wait.
#[derive(Debug)]
pub(super) struct Backlog {
    waiting: Mutex<Vec<Waiting>>,
    /// The other list, empty: the two take turns. Whoever holds it hands over.
    other: Mutex<Vec<Waiting>>,
}

impl Default for Backlog {
    fn default() -> Self {
        let list = || Mutex::new(Vec::with_capacity(MOST));
        Self { waiting: list(), other: list() }
    }
}

impl Backlog {
    /// Lets it wait, or gives it back.
    pub(super) fn push(&self, value: Waiting) -> Option<Waiting> {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= MOST {
            return Some(value);
        }
        waiting.push(value);
        None
    }

    /// Hands over what waits. Once it returns, all that waited before the call has been handed over, by whatever thread.
    pub(super) fn hand_over(&self, record: impl Fn(&Waiting)) {
        let mut other = lock(&self.other);
        std::mem::swap(&mut *lock(&self.waiting), &mut *other);
        other.drain(..).for_each(|waiting| record(&waiting));
    }
}

fn lock(list: &Mutex<Vec<Waiting>>) -> MutexGuard<'_, Vec<Waiting>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}
