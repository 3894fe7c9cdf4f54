//! The last step before export: a span once more through the gate.
//!
//! Between our end of a span and its export lies code of others: a sampler that adds attributes, an SDK, a mistake of
//! ours. What a span is decides the tracer that made it, so each leaves a mark for the processor that runs inside of
//! its end, on the same thread. A span without a mark is judged by what it says of itself.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use opentelemetry::trace::{SpanId, Status};
use opentelemetry::{Key, KeyValue};

use crate::rules::operations::Operation;
use crate::rules::{Lookup, fields, keys};
use crate::semconv::attr;
use crate::span::gate::{self, Passed, Place};
use crate::span::inherited::Inherited;
use crate::span::recognise::{self, Seen};
use crate::span::shared::{ABOUT_CONTENT, Shared};
use crate::span::stats::Count;
use crate::span::tracer::UNNAMED;
use crate::span::{limits, ranked};

/// The gate for one span, or for all that nobody marked.
#[derive(Clone, Debug)]
pub(crate) struct LastGate {
    shared: Arc<Shared>,
    mark: Option<Mark>,
}

/// What the tracer that made a span says of it.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) id: SpanId,
    pub(crate) made: Made,
    /// Keys of the content, and of what is told about content, that its end wrote.
    pub(crate) content: Vec<Key>,
    /// What a GenAI span is about.
    pub(crate) operation: Option<&'static Operation>,
    /// Whose it is; only where somebody asks for it ([`Settings::marks_identity`](super::Settings::marks_identity)).
    pub(crate) identity: Option<Box<Inherited>>,
}

/// What a span is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Made {
    GenAi,
    /// No GenAI span, but inside of one: its events and errors are none of an observer's business.
    Inside,
    Plain,
}

thread_local! {
    static ENDING: Cell<Option<LastGate>> = const { Cell::new(None) };
}

/// Runs `end` of a span, and lets the processors in it know what the span is. Only under a tracer that says it
/// wants to know.
#[inline]
pub(crate) fn marked<R>(shared: &Arc<Shared>, mark: Mark, end: impl FnOnce() -> R) -> R {
    if !shared.settings.gated_twice {
        return end();
    }
    let mark = LastGate { shared: Arc::clone(shared), mark: Some(mark) };
    // A processor may end other spans.
    let _outer = Outer(ENDING.try_with(|ending| ending.replace(Some(mark))).ok().flatten());
    end()
}

/// Puts back the mark of the span around, in a panic too.
struct Outer(Option<LastGate>);

impl Drop for Outer {
    fn drop(&mut self) {
        let outer = self.0.take();
        let inner = ENDING.try_with(|ending| ending.replace(outer));
        drop(inner);
    }
}

impl LastGate {
    /// For spans that have no mark.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, mark: None }
    }

    /// The mark of the span `id`, while it ends on this thread.
    pub(crate) fn of(id: SpanId) -> Option<Self> {
        let mark = ENDING.try_with(Cell::take).ok().flatten()?;
        if mark.mark.as_ref().is_some_and(|mark| mark.id == id) {
            return Some(mark);
        }
        let _ = ENDING.try_with(|ending| ending.set(Some(mark)));
        None
    }

    /// What a content policy is told that a span with these attributes is about; `None` if it is no GenAI span.
    pub(crate) fn activity(&self, attributes: &[KeyValue]) -> Option<&'static str> {
        let operation = match &self.mark {
            Some(mark) => mark.operation,
            // A stranger's span: what it says of itself.
            None => match recognise::look(&mut attributes.to_vec()) {
                Seen::Operation(operation) => Some(operation),
                Seen::Unlisted | Seen::Nothing => None,
            },
        };
        operation.map(Operation::label)
    }

    /// The ids and names that flow down the tree, as the span has them whether it shows them or not.
    pub(crate) fn identity(&self) -> Option<&Inherited> {
        self.mark.as_ref()?.identity.as_deref()
    }

    /// Counts what happened to a span after its end.
    pub(crate) fn count(&self, what: Count, about: &str) {
        self.shared.count(what, about);
    }

    /// What a span with these attributes is.
    pub(crate) fn judge(&self, attributes: &mut Vec<KeyValue>) -> Made {
        match &self.mark {
            Some(mark) => mark.made,
            None => match recognise::look(attributes) {
                Seen::Operation(_) => Made::GenAi,
                Seen::Unlisted => Made::Inside,
                Seen::Nothing => Made::Plain,
            },
        }
    }

    /// Takes out of the attributes of a span all content that its end did not write: what a sampler or another processor
    /// adds went through no policy and no redactor. `dropped` is how many attributes the SDK had no room for.
    pub(crate) fn own_content(&self, attributes: &mut Vec<KeyValue>, dropped: u32) {
        if self.shared.settings.content.is_off() {
            return;
        }
        // The end writes last, but what had no room may be ours, and another's of the same key be taken for it.
        let mark = self.mark.as_ref().filter(|_| dropped == 0);
        let mut own: Vec<&Key> = mark.map_or(Vec::new(), |mark| mark.content.iter().collect());
        let mut is_own =
            |key: &Key| own.iter().position(|own| *own == key).map(|place| own.swap_remove(place)).is_some();
        attributes.reverse();
        attributes.retain(|pair| {
            let stays = self.content_of(pair.key.as_str()).is_none() || is_own(&pair.key);
            if !stays {
                self.shared.count(Count::ContentOmitted, pair.key.as_str());
            }
            stays
        });
        attributes.reverse();
    }

    /// Takes out of attributes what must not leave; `made` is what the span is, or [`Made::GenAi`] for an event inside.
    pub(crate) fn attributes(&self, made: Made, attributes: &mut Vec<KeyValue>) {
        let place = match made {
            Made::GenAi => return attributes.retain_mut(|pair| self.may_leave(pair)),
            Made::Inside => Place::Unlisted,
            Made::Plain => Place::Outside,
        };
        gate::plain(&self.shared, &place, attributes);
    }

    /// Keeps as many attributes as a span may have; says how many it left out.
    pub(crate) fn limit(&self, made: Made, attributes: &mut Vec<KeyValue>) -> usize {
        let Some(limit) = self.shared.settings.attribute_limit else { return 0 };
        if made == Made::GenAi {
            return ranked::keep(attributes, limit);
        }
        let over = attributes.len().saturating_sub(limit);
        attributes.truncate(limit);
        over
    }

    /// The attributes of an event or a link.
    pub(crate) fn parts(&self, made: Made, attributes: &mut Vec<KeyValue>) {
        self.attributes(if made == Made::Plain { made } else { Made::GenAi }, attributes);
    }

    pub(crate) fn span_name(&self, made: Made, name: &mut Cow<'static, str>) {
        if made != Made::Plain {
            gate::name(&self.shared, name, UNNAMED);
        }
    }

    pub(crate) fn event_name(&self, made: Made, name: &mut Cow<'static, str>) {
        if made == Made::Plain {
            return;
        }
        if let Cow::Owned(_) = name {
            *name = Cow::Borrowed(gate::EVENT);
        }
        gate::name(&self.shared, name, gate::EVENT);
    }

    /// A status without the text of an error.
    pub(crate) fn status(&self, made: Made, status: &mut Status) {
        let Status::Error { description } = &*status else { return };
        let settings = &self.shared.settings;
        let is_ours = |text: &str| settings.profile.names().is_some_and(|names| names.is_status(text));
        let stays = made == Made::Plain
            || description.is_empty()
            || is_ours(description)
            || settings.content_may_leave(attr::EXCEPTION_MESSAGE);
        if !stays {
            self.shared.count(Count::ContentOmitted, "status");
            *status = Status::error("");
        }
    }

    /// The attribute of the conventions whose content, or what is told about it, is under `key`.
    fn content_of<'a>(&self, key: &'a str) -> Option<&'a str> {
        let is_content = match keys::find(key) {
            Lookup::Attribute(id) => id.content,
            Lookup::Unknown => fields::is_content_by_prefix(key) || key.starts_with(ABOUT_CONTENT),
            _ => false,
        };
        let renamed = || self.shared.settings.profile.names().and_then(|names| names.content_of(key));
        if is_content { Some(key) } else { renamed() }
    }

    /// Whether a GenAI span may carry an attribute.
    fn may_leave(&self, pair: &mut KeyValue) -> bool {
        let (settings, key) = (&self.shared.settings, pair.key.as_str());
        if let Some(of) = self.content_of(key) {
            let may_leave = settings.content_may_leave(of);
            if !may_leave {
                self.shared.count(Count::ContentOmitted, key);
            }
            return may_leave;
        }
        if settings.profile.names().is_some_and(|names| names.has_key(key)) {
            limits::bring_within(&mut pair.value, crate::rules::limits::MAX_TEXT_LENGTH);
            return true;
        }
        matches!(gate::attribute(&self.shared, pair), Passed::Field(_) | Passed::Other)
    }
}
