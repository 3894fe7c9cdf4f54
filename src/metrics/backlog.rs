//! Values of histograms that wait until somebody collects.
//!
//! The SDK looks up every single value by its labels, which costs as much as a small span. A turn that ends only notes
//! its values here; whoever collects hands them over, as a rule a reader's thread. Nobody may: a view may drop every
//! counter that is observed. So who finds no room hands over itself, some at a time. No value is lost and memory is
//! bounded.

use std::cmp::Reverse;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use opentelemetry::KeyValue;

use crate::metrics::subject::Number;

/// Most values that wait: a model turn has three.
const MOST: usize = 1024;

/// How often at most who finds no room records: one value may stand for a million chunks.
const AT_ONCE: u64 = MOST as u64;

/// One value, or several that are the same.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) histogram: usize,
    pub(super) labels: Arc<[KeyValue]>,
    pub(super) value: Number,
    pub(super) times: u64,
}

/// `MOST` of them are 48 KiB.
const _: () = assert!(size_of::<Waiting>() <= 48);

/// Values that wait.
#[derive(Debug)]
pub(super) struct Backlog {
    /// Has its room from the start: who ends a span does not wait for memory. At most twice `MOST`.
    waiting: Mutex<Vec<Waiting>>,
    /// What is handed over now, and what was left by those who found no room: at most three times `MOST`. Whoever holds
    /// it hands over.
    leaving: Mutex<Vec<Waiting>>,
}

impl Default for Backlog {
    fn default() -> Self {
        Self { waiting: Mutex::new(Vec::with_capacity(MOST)), leaving: Mutex::default() }
    }
}

impl Backlog {
    /// Lets it wait. Without room for it some of what waits is handed over by `record`, which is told how often.
    #[inline]
    pub(super) fn push(&self, value: Waiting, record: impl Fn(&Waiting, u64)) {
        let Some(refused) = self.try_push(value, MOST) else { return };
        self.make_room(&record);
        // While somebody else hands over, a few more may wait.
        if let Some(last) = self.try_push(refused, 2 * MOST) {
            record(&last, last.times);
        }
    }

    fn try_push(&self, value: Waiting, most: usize) -> Option<Waiting> {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= most {
            return Some(value);
        }
        waiting.push(value);
        None
    }

    /// Hands over some of what waits, unless somebody does so already.
    #[cold]
    fn make_room(&self, record: impl Fn(&Waiting, u64)) {
        let mut leaving = match self.leaving.try_lock() {
            Ok(leaving) => leaving,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if leaving.len() < MOST {
            leaving.append(&mut lock(&self.waiting));
        }
        // The single ones first: that makes the most room.
        leaving.sort_unstable_by_key(|value| Reverse(value.times));
        let mut left = AT_ONCE;
        while let Some(value) = leaving.pop() {
            let times = value.times.min(left);
            record(&value, times);
            left -= times;
            if times < value.times {
                leaving.push(Waiting { times: value.times - times, ..value });
                return;
            }
        }
    }

    /// Hands over what waits. Once it returns, all that waited before the call has been handed over, by whatever thread.
    pub(super) fn hand_over(&self, record: impl Fn(&Waiting, u64)) {
        let mut leaving = lock(&self.leaving);
        leaving.append(&mut lock(&self.waiting));
        leaving.drain(..).for_each(|value| record(&value, value.times));
    }
}

fn lock(list: &Mutex<Vec<Waiting>>) -> MutexGuard<'_, Vec<Waiting>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn value(times: u64) -> Waiting {
        Waiting { histogram: 0, labels: Arc::default(), value: Number::Int(1), times }
    }

    #[test]
    fn values_do_not_wait_for_ever_where_nobody_collects() {
        let (backlog, recorded) = (Backlog::default(), Cell::new(0));
        let record = |_: &Waiting, times| recorded.set(recorded.get() + times);
        (0..MOST).for_each(|_| backlog.push(value(1), record));
        assert_eq!(recorded.get(), 0);
        backlog.push(value(1), record);
        assert_eq!(recorded.get(), MOST as u64);
    }

    #[test]
    fn a_value_that_stands_for_a_million_is_left_to_who_collects() {
        const MILLION: u64 = 1_000_000;
        let (backlog, recorded) = (Backlog::default(), Cell::new(0));
        let record = |_: &Waiting, times| recorded.set(recorded.get() + times);
        backlog.push(value(MILLION), record);
        let mut before = 0;
        for _ in 0..5 * MOST {
            backlog.push(value(1), record);
            assert!(recorded.get() - before <= AT_ONCE);
            before = recorded.get();
        }
        assert!(before < 6 * AT_ONCE);
        backlog.hand_over(record);
        assert_eq!(recorded.get(), MILLION + 5 * MOST as u64);
    }

    #[test]
    fn what_waits_is_bounded_and_whole_whatever_the_values_stand_for() {
        let (backlog, recorded) = (Backlog::default(), Cell::new(0));
        let record = |_: &Waiting, times| recorded.set(recorded.get() + times);
        (0..6 * MOST).for_each(|_| backlog.push(value(10_000), record));
        let waiting = (lock(&backlog.waiting).len(), lock(&backlog.leaving).len());
        assert!(waiting.0 <= 2 * MOST && waiting.1 <= 3 * MOST, "{waiting:?}");
        backlog.hand_over(record);
        assert_eq!(recorded.get(), 6 * MOST as u64 * 10_000);
    }
}
