//! The log records that are held, in order of arrival.
use std::collections::VecDeque;

use super::stats::Counts;
use crate::collector::decode::Batch;
use crate::collector::log::ReceivedLog;

#[derive(Debug)]
pub(super) struct Logs {
    max: usize,
    logs: VecDeque<ReceivedLog>,
    pub(super) counts: Counts,
    /// How many were taken by the user.
    pub(super) taken: u64,
}

impl Logs {
    pub(super) fn new(max: usize) -> Self {
        Self { max, logs: VecDeque::new(), counts: Counts::default(), taken: 0 }
    }

    pub(super) fn insert(&mut self, batch: Batch<ReceivedLog>) {
        self.counts.rejected += batch.rejected;
        for log in batch.items {
            self.counts.received += 1;
            self.logs.push_back(log);
            if self.logs.len() > self.max {
                self.logs.pop_front();
                self.counts.evicted += 1;
            }
        }
    }

    pub(super) fn held(&self) -> Vec<ReceivedLog> {
        self.logs.iter().cloned().collect()
    }

    pub(super) fn take(&mut self) -> Vec<ReceivedLog> {
        self.taken += self.logs.len() as u64;
        std::mem::take(&mut self.logs).into()
    }
}
