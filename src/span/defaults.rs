//! What a span gets that says nothing itself and hangs below none that does: by its scope, by baggage, by the process.

use std::fmt;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::baggage::BaggageExt;

use crate::rules::FieldId;
use crate::rules::inherit::{FIELDS, KEYS};
use crate::semconv::attr;
use crate::span::GenAiTracer;
use crate::span::ambient;
use crate::span::inherited::Inherited;
use crate::span::session::SessionId;
use crate::span::shared::Shared;
use crate::span::start::Start;
use crate::span::stats::{Count, is_name};

const SESSION: FieldId = FieldId::of(attr::SESSION_ID);

/// What all GenAI spans of a tracer fall back on.
#[derive(Clone, Default)]
pub(crate) struct Defaults {
    /// Entries of baggage that become attributes of the same name.
    baggage: Vec<FieldId>,
    session: Option<Arc<str>>,
}

/// Without the session: it is none of who prints a tracer.
impl fmt::Debug for Defaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Defaults").field("baggage", &self.allowed().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

impl Defaults {
    /// Lets baggage of these keys become attributes. Only what flows down the tree: any other attribute would be on
    /// some spans and not on others, by the accident of where the baggage came in.
    pub(crate) fn allow<K: AsRef<str>>(&mut self, keys: impl IntoIterator<Item = K>) {
        for key in keys {
            let key = key.as_ref();
            match FIELDS.into_iter().find(|id| id.key() == key) {
                Some(id) if self.baggage.contains(&id) => {}
                Some(id) => self.baggage.push(id),
                None => refused(key),
            }
        }
    }

    pub(crate) fn set_session(&mut self, id: &SessionId) {
        self.session = Some(Arc::from(id.as_str()));
    }

    pub(crate) fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// Keys of the baggage that may become attributes.
    pub(crate) fn allowed(&self) -> impl Iterator<Item = &'static str> {
        self.baggage.iter().map(|id| id.key())
    }

    fn of_baggage(&self, context: &Context) -> Inherited {
        let mut read = Inherited::default();
        let baggage = context.baggage();
        for id in &self.baggage {
            if let Some(value) = baggage.get(id.key()).filter(|value| !value.as_str().is_empty()) {
                read.put(*id, Arc::from(value.as_str()));
            }
        }
        read
    }
}

/// Not through `tracing`, like every word of this crate.
fn refused(key: &str) {
    let key = if is_name(key) { key } else { "(not shown)" };
    let line =
        format!("baggage {key:?} is no attribute that flows down the tree; it stays out (use {})", KEYS.join(", "));
    let _ = writeln!(std::io::stderr(), "tracing-genai: {line}");
}

impl<T> GenAiTracer<T> {
    /// Lets baggage become attributes: the keys of those that flow down the tree, `session.id`, `user.id`,
    /// `gen_ai.conversation.id`, `agentic.run.id` and `gen_ai.agent.name`; any other key is refused with a line on
    /// standard error. Such an entry counts where neither the span nor a GenAI span above it nor an
    /// [`Identity`](crate::Identity) says anything; empty ones do not. By default no baggage becomes an attribute:
    /// whoever calls may write into it what he likes.
    ///
    /// Baggage comes from OpenTelemetry's context: by a propagator of yours, or by
    /// [`Carrier::with_baggage`](crate::Carrier::with_baggage).
    #[must_use]
    pub fn with_baggage<K: AsRef<str>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        self.set(|settings| settings.defaults.allow(keys))
    }

    /// Sets the session of the process: `session.id` of every GenAI span that has none from elsewhere. By default
    /// there is none.
    #[must_use]
    pub fn with_session_id(self, id: SessionId) -> Self {
        self.set(|settings| settings.defaults.set_session(&id))
    }
}

/// Fills what neither the span that starts in `parent` nor a GenAI span above it says.
#[inline]
pub(crate) fn complete(shared: &Shared, start: &mut Start, parent: &Context) {
    let defaults = &shared.settings.defaults;
    if ambient::is_used() || defaults.session.is_some() || !defaults.baggage.is_empty() {
        complete_by(shared, start, parent);
    }
}

#[inline(never)]
fn complete_by(shared: &Shared, start: &mut Start, parent: &Context) {
    let (defaults, operation) = (&shared.settings.defaults, start.operation);
    let cut = |id: FieldId| shared.count(Count::ValueCut, id.key());
    // Of whoever calls, or of a scope: neither came through the gate.
    let mut take = |from: &Inherited| start.identity.inherit(&from.within_limits(cut), operation);
    ambient::each(parent, &mut take);
    if !defaults.baggage.is_empty() {
        take(&defaults.of_baggage(parent));
        // It panics on a thread whose thread-locals are gone.
        let current = catch_unwind(AssertUnwindSafe(|| Context::map_current(|current| defaults.of_baggage(current))));
        current.iter().for_each(&mut take);
    }
    start.identity.write(&mut start.attributes, start.operation);
    // Not handed down: below, a scope or baggage still comes first, and who has neither gets it like this one.
    if let Some(session) = defaults.session.as_ref().filter(|_| !start.attributes.has(SESSION)) {
        start.attributes.set(SESSION, Arc::clone(session));
    }
}
