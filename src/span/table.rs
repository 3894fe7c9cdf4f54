//! Open GenAI spans by span id, so that a child finds the state of its parent.
//!
//! A plain span inside a GenAI span has an entry too, which leads to the GenAI span above it: a database span
//! between agent and model turn breaks no inheritance. An entry lives as long as its OpenTelemetry span object, not
//! until the span's end: a child that comes after its parent has ended still finds it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::trace::SpanId;

use crate::span::open::Open;

/// Spans of concurrent agents rarely meet in one of these.
const SHARDS: usize = 16;

type Shard = HashMap<u64, Arc<dyn Open>, BuildHasherDefault<SpanIdHasher>>;

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Table {
    shards: [Mutex<Shard>; SHARDS],
    len: AtomicUsize,
}

impl Table {
    /// The GenAI span that `id` is, or is inside of.
    pub(crate) fn get(&self, id: SpanId) -> Option<Arc<dyn Open>> {
        if self.len.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let key = key(id);
        self.shard(key)?.get(&key).cloned()
    }

    pub(crate) fn insert(&self, id: SpanId, span: Arc<dyn Open>) {
        let key = key(id);
        // The replaced entry, if there were one, is dropped after the lock is released.
        let replaced = self.shard(key).and_then(|mut shard| shard.insert(key, span));
        if replaced.is_none() {
            self.len.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn remove(&self, id: SpanId) {
        let key = key(id);
        let removed = self.shard(key).and_then(|mut shard| shard.remove(&key));
        if removed.is_some() {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether any entry `is` so; asked under the table's locks.
    pub(crate) fn any(&self, is: impl Fn(&dyn Open) -> bool) -> bool {
        let shards = self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner));
        shards.into_iter().any(|shard| shard.values().any(|span| is(&**span)))
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    fn shard(&self, key: u64) -> Option<MutexGuard<'_, Shard>> {
        let shard = self.shards.get(key as usize % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn key(id: SpanId) -> u64 {
    u64::from_be_bytes(id.to_bytes())
}

/// Span ids are random already.
#[derive(Default)]
struct SpanIdHasher(u64);

impl Hasher for SpanIdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, id: u64) {
        // An id generator of a test counts 1, 2, 3: spread the low bits over the high ones, which the map uses too.
        self.0 = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
