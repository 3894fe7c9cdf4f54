//! Content that a span holds until its end, within the budgets of the span and of the process.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use opentelemetry::{Key, KeyValue};

use crate::content::{Kept, Places, Reference, Side};
use crate::semconv::attr;
use crate::span::content::Named;
use crate::span::shared::Shared;

/// Bytes of content that all open spans hold together, at most; what comes on top is omitted and counted.
pub const MAX_HELD_CONTENT_BYTES: usize = 64 * 1024 * 1024;

/// Content that waits for the end of its span.
#[derive(Default)]
pub(crate) struct Held {
    /// Bytes of the span's budget that are used, those of its events included.
    used: usize,
    items: Vec<Item>,
    /// Description of the status, should the span have failed.
    status: Option<String>,
    /// What a log event will tell of the last exception.
    exception: Option<Exception>,
}

/// An item: held once, wherever it goes.
pub(crate) struct Item {
    key: Key,
    places: Places,
    /// What is told about it.
    about: Vec<KeyValue>,
    content: Option<KeyValue>,
}

/// An exception, for a log event.
#[derive(Clone)]
pub(crate) struct Exception {
    pub(crate) at: SystemTime,
    /// Its type, its texts as far as they may leave, and what is told about them.
    pub(crate) attributes: Vec<KeyValue>,
}

impl Item {
    /// The attribute that it is.
    pub(crate) fn key(&self) -> &str {
        self.key.as_str()
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = &KeyValue> {
        self.about.iter().chain(&self.content)
    }

    fn weight(&self) -> usize {
        self.about.iter().chain(&self.content).map(weight).sum()
    }
}

/// Sizes only: who prints a span need not be who may read its content.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.items.iter().map(|item| (item.key.as_str(), item.weight()));
        f.debug_map().entry(&"used", &self.used).entries(sizes).finish()
    }
}

impl Held {
    /// Bytes that are left for the text of an item; `None` if not even its key has room.
    pub(crate) fn room(&self, shared: &Shared, named: &Named<'_>) -> Option<usize> {
        let budget = shared.settings.content.budget();
        let reserve = if named.kind.side() == Side::Input { budget.output_reserve } else { 0 };
        let key = named.key();
        // What it replaces is given back.
        let replaced = self.items.iter().find(|item| item.key == key).map_or(0, Item::weight);
        let own = budget.span.saturating_sub(reserve).saturating_sub(self.used.saturating_sub(replaced));
        own.min(shared.held_content.room()).checked_sub(key.as_str().len())
    }

    /// Whether there is an item of it.
    pub(crate) fn has(&self, named: &Named<'_>) -> bool {
        let key = named.key();
        self.items.iter().any(|item| item.key == key)
    }

    /// Holds what may leave of an item instead of what there was of it before; `false` if others were faster and
    /// nothing is left for its content.
    pub(crate) fn keep(&mut self, shared: &Shared, named: &Named<'_>, kept: &mut Kept) -> bool {
        self.forget(shared, named);
        let text = kept.inline.take();
        let fits = text.as_ref().is_none_or(|text| self.room(shared, named).is_some_and(|room| text.len() <= room));
        let content = text.filter(|_| fits).map(|text| KeyValue::new(named.key(), text));
        let item = Item { key: named.key(), places: kept.places, about: about(named, kept), content };
        if item.weight() > 0 {
            self.charge(shared, item.weight());
            self.items.push(item);
        }
        fits
    }

    /// Gives up what there was of an item.
    pub(crate) fn forget(&mut self, shared: &Shared, named: &Named<'_>) {
        let key = named.key();
        if let Some(place) = self.items.iter().position(|item| item.key == key) {
            let replaced = self.items.swap_remove(place);
            self.release(shared, replaced.weight());
        }
    }

    /// Sets the description of the status, and gives up the one before.
    pub(crate) fn describe(&mut self, shared: &Shared, text: &str) {
        self.release(shared, self.status.as_ref().map_or(0, String::len));
        self.charge(shared, text.len());
        self.status = Some(text.to_owned());
    }

    /// Uses the budget for what goes on an event: until its end the span below holds it.
    pub(crate) fn charge(&mut self, shared: &Shared, bytes: usize) {
        self.used += bytes;
        shared.held_content.add(bytes);
    }

    fn release(&mut self, shared: &Shared, bytes: usize) {
        let bytes = bytes.min(self.used);
        self.used -= bytes;
        shared.held_content.give_back(bytes);
    }

    /// Gives up what it holds: what is told about content, then the content; and the description of the status.
    pub(crate) fn end(mut self, shared: &Shared) -> (Vec<KeyValue>, Option<String>) {
        self.release(shared, self.used);
        let mut attributes = Vec::with_capacity(self.items.len());
        self.items.retain(|item| item.places.span);
        self.items.iter_mut().for_each(|item| attributes.append(&mut item.about));
        attributes.extend(self.items.into_iter().filter_map(|item| item.content));
        (attributes, self.status)
    }

    /// Remembers what a log event will tell of an exception, instead of the one before.
    pub(crate) fn set_exception(&mut self, exception: Exception) {
        self.exception = Some(exception);
    }

    /// Adds to the exception what is not said of it yet.
    pub(crate) fn describe_exception(&mut self, at: SystemTime, text: &[KeyValue]) {
        let exception = self.exception.get_or_insert_with(|| Exception { at, attributes: Vec::new() });
        for pair in text {
            if !exception.attributes.iter().any(|said| said.key == pair.key) {
                exception.attributes.push(pair.clone());
            }
        }
    }

    pub(crate) fn exception(&self) -> Option<&Exception> {
        self.exception.as_ref()
    }

    /// What goes on log events.
    pub(crate) fn on_events(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.places.event)
    }
}

pub(crate) fn weight(attribute: &KeyValue) -> usize {
    attribute.key.as_str().len() + attribute.value.as_str().len()
}

/// What is told about an item, beside it or in its stead.
pub(crate) fn about(named: &Named<'_>, kept: &Kept) -> Vec<KeyValue> {
    let number = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
    let mut told = Vec::new();
    if let Some(Reference { uri, size, sha256 }) = &kept.reference {
        told.push(KeyValue::new(named.about(attr::AGENTIC_CONTENT_REF), uri.clone()));
        told.push(KeyValue::new(named.about(attr::AGENTIC_CONTENT_SIZE), number(*size)));
        told.push(KeyValue::new(named.about(attr::AGENTIC_CONTENT_SHA256), sha256.clone()));
    }
    if kept.missing > 0 {
        told.push(KeyValue::new(named.about(attr::AGENTIC_CONTENT_TRUNCATED), number(kept.missing as u64)));
    }
    told
}

/// Bytes that all spans of a tracer hold.
#[derive(Debug, Default)]
pub(crate) struct HeldContent(AtomicUsize);

impl HeldContent {
    fn room(&self) -> usize {
        MAX_HELD_CONTENT_BYTES.saturating_sub(self.0.load(Ordering::Relaxed))
    }

    fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    fn give_back(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}
