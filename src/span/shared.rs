//! What all clones of a tracer and all its spans share.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::{Context, KeyValue};

use crate::span::root::SpanStart;
use crate::span::stats::{Count, Counters};
use crate::span::table::Table;

/// How many compacted conversations are remembered; the oldest is forgotten first. At 36 characters an id this is
/// well under one MiB.
pub const MAX_COMPACTED_CONVERSATIONS: usize = 4096;

pub(crate) type RootContext = Arc<dyn Fn(&SpanStart<'_>) -> Option<Context> + Send + Sync>;

pub(crate) type DefaultAttributes = Arc<dyn Fn(&SpanStart<'_>) -> Vec<KeyValue> + Send + Sync>;

/// What the application decided when it built the tracer.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) root_context: Option<RootContext>,
    pub(crate) default_attributes: Option<DefaultAttributes>,
    /// Keys, or prefixes that end in a dot, that GenAI spans may carry beside the registry's.
    pub(crate) allowed: Vec<String>,
}

impl Settings {
    pub(crate) fn allows(&self, key: &str) -> bool {
        self.allowed.iter().any(|allowed| match allowed.strip_suffix('.') {
            Some(prefix) => key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')),
            None => allowed == key,
        })
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("root_context", &self.root_context.is_some())
            .field("default_attributes", &self.default_attributes.is_some())
            .field("allowed", &self.allowed)
            .finish()
    }
}

#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) table: Table,
    counters: Counters,
    any_compacted: AtomicBool,
    compacted: Mutex<Remembered>,
}

/// Not what the table holds: every span in it has this in turn, and none of their ids is whose who prints a tracer.
impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("settings", &self.settings).field("stats", &self.stats()).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Remembered {
    ids: HashSet<Arc<str>>,
    order: VecDeque<Arc<str>>,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    pub(crate) fn count(&self, what: Count, about: &str) {
        self.counters.add(what, about);
    }

    pub(crate) fn stats(&self) -> crate::span::stats::Stats {
        self.counters.snapshot(self.table.len())
    }

    /// Remembers that a context was compacted; its conversation too, if it has an id.
    pub(crate) fn set_compacted(&self, conversation: Option<&Arc<str>>) {
        self.any_compacted.store(true, Ordering::Relaxed);
        let Some(id) = conversation else { return };
        let mut remembered = self.remembered();
        if remembered.ids.insert(Arc::clone(id)) {
            remembered.order.push_back(Arc::clone(id));
        }
        if remembered.order.len() > MAX_COMPACTED_CONVERSATIONS
            && let Some(oldest) = remembered.order.pop_front()
        {
            remembered.ids.remove(&oldest);
        }
    }

    /// Whether any context was compacted at all: nearly always the whole answer.
    pub(crate) fn any_compacted(&self) -> bool {
        self.any_compacted.load(Ordering::Relaxed)
    }

    pub(crate) fn was_compacted(&self, conversation: &str) -> bool {
        self.remembered().ids.contains(conversation)
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.compacted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_compacted_conversations_are_remembered() {
        let shared = Shared::default();
        for id in 0..=MAX_COMPACTED_CONVERSATIONS {
            shared.set_compacted(Some(&Arc::from(id.to_string())));
        }
        assert!(!shared.was_compacted("0") && shared.was_compacted("1"));
        assert_eq!(shared.remembered().order.len(), MAX_COMPACTED_CONVERSATIONS);
    }

    #[test]
    fn keys_are_allowed_exactly_or_by_prefix() {
        let settings = Settings { allowed: vec!["tenant".into(), "shop.".into()], ..Settings::default() };
        for (key, allowed) in
            [("tenant", true), ("tenant2", false), ("shop.id", true), ("shop", false), ("shopping.id", false)]
        {
            assert_eq!(settings.allows(key), allowed, "{key}");
        }
    }
}
