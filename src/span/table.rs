//! Open GenAI spans by span id, so that a child finds the state of its parent; and which of them is the oldest.
//!
//! A plain span inside a GenAI span has an entry too, which leads to the GenAI span above it: a database span
//! between agent and model turn breaks no inheritance. An entry lives as long as its OpenTelemetry span object, not
//! until the span's end: a child that comes after its parent has ended still finds it.
//!
//! A span with an operation that no table lists, and what is below it, is only marked: what is said in it is content too.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use opentelemetry::trace::{SpanContext, SpanId};

use crate::span::open::Open;

/// Spans of concurrent agents rarely meet in one of these.
const SHARDS: usize = 16;

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Table {
    shards: [Mutex<Shard>; SHARDS],
    /// Entries, those of plain spans included.
    len: AtomicUsize,
    /// Marked spans.
    unlisted: AtomicUsize,
    /// GenAI spans that have not ended.
    open: AtomicUsize,
}

#[derive(Default)]
struct Shard {
    spans: HashMap<u64, Arc<dyn Open>, BuildHasherDefault<SpanIdHasher>>,
    unlisted: HashSet<u64, BuildHasherDefault<SpanIdHasher>>,
    /// GenAI spans in the order of their starts, with some that have ended.
    order: VecDeque<Started>,
}

/// When a span came into the table, or was last found in use.
#[derive(Clone, Copy)]
struct Started {
    key: u64,
    at: Instant,
}

impl Shard {
    fn open_span(&self, started: Started) -> Option<&Arc<dyn Open>> {
        self.spans.get(&started.key).filter(|span| span.is_open())
    }

    /// The oldest open span of this shard; forgets those before it.
    fn oldest(&mut self) -> Option<Started> {
        while let Some(started) = self.order.front().copied() {
            if self.open_span(started).is_some() {
                return Some(started);
            }
            self.order.pop_front();
        }
        None
    }

    /// Takes the oldest open span out of the order, if it came before `time`.
    fn pop_before(&mut self, time: Instant) -> Option<Arc<dyn Open>> {
        // Nearly always the first one is young enough, ended or not.
        self.order.front().filter(|started| started.at < time)?;
        let started = self.oldest().filter(|started| started.at < time)?;
        self.order.pop_front();
        self.open_span(started).cloned()
    }

    fn push(&mut self, started: Started) {
        if self.order.len() >= 16 + 2 * self.spans.len() {
            let Self { spans, order, .. } = self;
            order.retain(|started| spans.get(&started.key).is_some_and(|span| span.is_open()));
        }
        self.order.push_back(started);
    }

    /// Forgets a span that is gone, if it is the youngest: most are.
    fn pop_youngest(&mut self, key: u64) {
        if self.order.back().is_some_and(|started| started.key == key) {
            self.order.pop_back();
        }
    }
}

impl Table {
    /// The GenAI span that `id` is, or is inside of.
    pub(crate) fn get(&self, id: SpanId) -> Option<Arc<dyn Open>> {
        if self.len.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let key = key(id);
        self.shard(key)?.spans.get(&key).cloned()
    }

    /// The GenAI span that `context` names or lies inside of.
    pub(crate) fn above(&self, context: &SpanContext) -> Option<Arc<dyn Open>> {
        if context.is_valid() { self.get(context.span_id()) } else { None }
    }

    /// Enters a plain span inside of `above`.
    pub(crate) fn insert(&self, id: SpanId, above: Arc<dyn Open>) {
        let key = key(id);
        // The replaced entry, if there were one, is dropped after the lock is released.
        let replaced = self.shard(key).and_then(|mut shard| shard.spans.insert(key, above));
        if replaced.is_none() {
            self.len.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Marks a span of an unlisted operation, or one below it.
    pub(crate) fn mark_unlisted(&self, id: SpanId) {
        let key = key(id);
        if self.shard(key).is_some_and(|mut shard| shard.unlisted.insert(key)) {
            self.unlisted.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether the span is marked.
    pub(crate) fn is_unlisted(&self, id: SpanId) -> bool {
        let key = key(id);
        self.unlisted.load(Ordering::Relaxed) > 0 && self.shard(key).is_some_and(|shard| shard.unlisted.contains(&key))
    }

    pub(crate) fn unmark_unlisted(&self, id: SpanId) {
        let key = key(id);
        if self.shard(key).is_some_and(|mut shard| shard.unlisted.remove(&key)) {
            self.unlisted.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Enters a GenAI span that starts at `now`, and takes the oldest open one of its shard out of the order if that
    /// came before `limit`: every start looks at its own shard, so that all are looked at in time.
    pub(crate) fn open(&self, span: Arc<dyn Open>, now: Instant, limit: Option<Instant>) -> Option<Arc<dyn Open>> {
        self.open.fetch_add(1, Ordering::Relaxed);
        let key = key(span.about().context.span_id());
        let mut shard = self.shard(key)?;
        let replaced = shard.spans.insert(key, span);
        shard.push(Started { key, at: now });
        let expired = limit.and_then(|limit| shard.pop_before(limit));
        drop(shard);
        if replaced.is_none() {
            self.len.fetch_add(1, Ordering::Relaxed);
        }
        expired
    }

    /// Notes that a GenAI span is in use now: it is the youngest again.
    pub(crate) fn renew(&self, id: SpanId) {
        let key = key(id);
        if let Some(mut shard) = self.shard(key) {
            shard.push(Started { key, at: Instant::now() });
        }
    }

    /// Notes that a GenAI span has ended.
    pub(crate) fn close(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn remove(&self, id: SpanId) {
        let key = key(id);
        let Some(mut shard) = self.shard(key) else { return };
        shard.pop_youngest(key);
        // Dropped after the lock is released.
        let removed = shard.spans.remove(&key);
        drop(shard);
        if removed.is_some() {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Takes the oldest open GenAI span out of the order, if it came before `time`; it stays in the table.
    pub(crate) fn oldest(&self, time: Instant) -> Option<Arc<dyn Open>> {
        let fronts = self.shards.iter().filter_map(|shard| Some((lock(shard).oldest()?.at, shard)));
        let (_, shard) = fronts.min_by_key(|(at, _)| *at)?;
        lock(shard).pop_before(time)
    }

    /// Every GenAI span that has not ended.
    pub(crate) fn all_open(&self) -> Vec<Arc<dyn Open>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let shard = lock(shard);
            let own = shard.spans.iter().filter(|(id, span)| key(span.about().context.span_id()) == **id);
            all.extend(own.map(|(_, span)| Arc::clone(span)).filter(|span| span.is_open()));
        }
        all
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// How many GenAI spans have not ended.
    pub(crate) fn count_open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    fn shard(&self, key: u64) -> Option<MutexGuard<'_, Shard>> {
        self.shards.get(key as usize % SHARDS).map(lock)
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
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
