//! What all clones of a tracer and all its spans share.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::Context;

use crate::content::{Content, Mode};
use crate::rules::{Dialects, Profile};
use crate::span::claims::{Claim, Claims};
use crate::span::content;
use crate::span::default_attributes::DefaultAttributes;
use crate::span::defaults::Defaults;
use crate::span::evict::{DEFAULT_MAX_OPEN_SPANS, DEFAULT_OPEN_SPAN_TTL};
use crate::span::held::HeldContent;
use crate::span::listener::Present;
use crate::span::observer::Observers;
use crate::span::orphan::OrphanDetector;
use crate::span::root::SpanStart;
use crate::span::runs::Runs;
use crate::span::stats::{Count, Counters};
use crate::span::sweep::{self, Forced};
use crate::span::table::Table;
use crate::span::usage::PriceTable;

/// How many compacted conversations are remembered; the oldest is forgotten first. At 36 characters an id this is
/// well under one MiB.
pub const MAX_COMPACTED_CONVERSATIONS: usize = 4096;

pub(crate) type RootContext = Arc<dyn Fn(&SpanStart<'_>) -> Option<Context> + Send + Sync>;

/// What tells about content beside it: `agentic.content.size.input_messages`.
pub(crate) const ABOUT_CONTENT: &str = "agentic.content.";

/// What the application decided when it built the tracer.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) root_context: Option<RootContext>,
    /// Parent of spans that would be roots, if the resolver has none.
    pub(crate) process_parent: Option<Context>,
    pub(crate) defaults: Defaults,
    pub(crate) orphan_detector: Option<OrphanDetector>,
    pub(crate) default_attributes: Option<DefaultAttributes>,
    /// Keys, or prefixes that end in a dot, that GenAI spans may carry beside the registry's.
    pub(crate) allowed: Vec<String>,
    /// Shared by the settings' clones: a table may be long.
    pub(crate) prices: Option<Arc<PriceTable>>,
    pub(crate) profile: Profile,
    pub(crate) content: Content,
    /// What the environment says about it, if a pipeline has read it.
    pub(crate) content_mode: Option<Mode>,
    /// Whether layers over the tracer tell source locations.
    pub(crate) location: bool,
    /// Attributes a span may have; `None` is no limit.
    pub(crate) attribute_limit: Option<usize>,
    /// Whether spans go through the gate once more before their export, see `last_gate.rs`.
    pub(crate) gated_twice: bool,
    /// Whether the marks of spans say whose they are, for backends that want it on every span.
    pub(crate) marks_identity: bool,
    pub(crate) max_open_spans: usize,
    pub(crate) open_span_ttl: Duration,
    /// Metrics and log events.
    pub(crate) observers: Observers,
    /// Which states of the conventions are written, where no pipeline decides.
    pub(crate) dialects: Dialects,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            root_context: None,
            allowed: Vec::new(),
            process_parent: None,
            defaults: Defaults::default(),
            default_attributes: None,
            orphan_detector: None,
            prices: None,
            profile: Profile::default(),
            content: Content::default(),
            content_mode: None,
            location: false,
            attribute_limit: None,
            gated_twice: false,
            marks_identity: false,
            max_open_spans: DEFAULT_MAX_OPEN_SPANS,
            open_span_ttl: DEFAULT_OPEN_SPAN_TTL,
            observers: Observers::default(),
            dialects: Dialects::default(),
        }
    }
}

impl Settings {
    pub(crate) fn allows(&self, key: &str) -> bool {
        self.allowed.iter().any(|allowed| match allowed.strip_suffix('.') {
            Some(prefix) => key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.')),
            None => allowed == key,
        })
    }
}

impl Settings {
    /// Whether content of this attribute may leave the process.
    pub(crate) fn content_may_leave(&self, key: &str) -> bool {
        if key.starts_with(ABOUT_CONTENT) {
            return !self.content.is_off();
        }
        content::kind_of(key).is_some_and(|kind| self.content.lets_out(kind))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("root_context", &self.root_context.is_some())
            .field("process_parent", &self.process_parent)
            .field("defaults", &self.defaults)
            .field("orphan_detector", &self.orphan_detector.is_some())
            .field("default_attributes", &self.default_attributes.is_some())
            .field("allowed", &self.allowed)
            .field("prices", &self.prices.is_some())
            .field("profile", &self.profile)
            .field("content", &self.content)
            .field("location", &self.location)
            .field("gated_twice", &self.gated_twice)
            .field("marks_identity", &self.marks_identity)
            .field("attribute_limit", &self.attribute_limit)
            .field("max_open_spans", &self.max_open_spans)
            .field("open_span_ttl", &self.open_span_ttl)
            .field("observers", &self.observers)
            .field("dialects", &self.dialects)
            .finish()
    }
}

#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) table: Table,
    pub(crate) claims: Claims,
    pub(crate) runs: Runs,
    pub(crate) held_content: HeldContent,
    pub(crate) counters: Arc<Counters>,
    _present: Present,
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

    /// Notes that a GenAI span has ended, and what it was known by.
    pub(crate) fn closed(&self, claim: Option<Claim>) {
        self.table.close();
        if let Some(claim) = claim {
            self.claims.let_go(claim);
        }
    }

    /// Ends every open GenAI span, and says how many they were.
    pub(crate) fn interrupt_all(&self) -> usize {
        // What hangs in another open span ends with that one, before it.
        let tops = self
            .table
            .all_open()
            .into_iter()
            .filter(|span| !span.about().parent().is_some_and(|above| above.is_open()));
        let tops: Vec<_> = tops.map(|span| Arc::downgrade(&span)).collect();
        sweep::sweep(tops, opentelemetry::time::now(), Forced::Shutdown)
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
