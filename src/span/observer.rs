//! Those that are told how a span ended: metrics and log events.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::SpanContext;
use opentelemetry::{KeyValue, Value};

use crate::content::contained;
use crate::rules::rollup::ROLLED_UP;
use crate::rules::{Dialects, FieldId, events};
use crate::semconv::Event;
use crate::span::attributes::Attributes;
use crate::span::gaps::Gaps;
use crate::span::held::{Held, Item};
use crate::span::open::About;
use crate::span::shared::Shared;
use crate::span::stats::Count;
use crate::span::usage::{Amounts, Calls};

/// Is told of every GenAI span that ends, exported or not. It must neither block nor keep what it is given.
pub(crate) trait Observer: fmt::Debug + Send + Sync {
    /// A tracer was made that tells it. It may be one of several that are asked for their numbers.
    fn attached(&self, _shared: &Arc<Shared>) {}

    /// Whether it writes log events, and content on them.
    fn writes_events(&self) -> bool {
        false
    }

    /// Whether one of the log events it writes has a place for content of the attribute `key`.
    fn has_place(&self, _key: &str) -> bool {
        false
    }

    /// The same observer for other states of the conventions; `None` if it is the same under all.
    fn in_dialects(&self, _dialects: Dialects) -> Option<Arc<dyn Observer>> {
        None
    }

    /// Somebody stated something about a span.
    fn stated(&self, _event: &Stated) {}

    /// A span ended, under none of its locks. What it says is complete: sums, cost, what is put right at the end.
    fn ended(&self, _span: &Ending<'_>) {}
}

/// An event of the conventions that the application states about a span, which may be gone.
#[derive(Debug)]
pub(crate) struct Stated {
    pub(crate) event: &'static Event,
    pub(crate) at: SystemTime,
    pub(crate) context: SpanContext,
    pub(crate) attributes: Vec<KeyValue>,
}

/// What a span that ended says of itself, under the names of the pinned conventions.
pub(crate) struct Ending<'a> {
    pub(crate) about: &'a About,
    pub(crate) at: SystemTime,
    /// What came after its start.
    pub(crate) late: &'a Attributes,
    pub(crate) failed: bool,
    /// What it holds of content.
    pub(crate) content: Option<&'a Held>,
}

impl Ending<'_> {
    /// Its duration, as the span has it.
    pub(crate) fn duration(&self) -> Duration {
        self.at.duration_since(self.about.started).unwrap_or_default()
    }

    /// The last value of an attribute.
    pub(crate) fn get(&self, id: FieldId) -> Option<&Value> {
        self.late.get(id).or_else(|| self.about.given.get(id))
    }

    pub(crate) fn int(&self, id: FieldId) -> Option<i64> {
        match self.get(id) {
            Some(Value::I64(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn text(&self, id: FieldId) -> Option<&str> {
        match self.get(id) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The content that the log event `event` has, and what is told about it.
    pub(crate) fn content_of(&self, event: &'static Event) -> impl Iterator<Item = &KeyValue> {
        let items = self.content.into_iter().flat_map(Held::on_events);
        items.filter(move |item| events::has(event, item.key())).flat_map(Item::attributes)
    }

    /// Each time between two chunks of the reply.
    pub(crate) fn gaps(&self) -> Option<&Gaps> {
        self.about.chunks.get().and_then(|chunks| chunks.gaps())
    }

    /// The calls an agent made itself; `None` if nobody knows.
    pub(crate) fn calls(&self) -> Option<Calls> {
        self.about.rollup.as_ref()?.calls()
    }

    /// What turns inside of a turn used that tells no tokens itself.
    pub(crate) fn nested(&self) -> Option<Amounts> {
        let nested = self.about.rollup.as_ref()?.nested()?;
        let tells = ROLLED_UP.iter().any(|(leaf, _)| self.get(*leaf).is_some());
        (!tells).then_some(nested)
    }

    /// Every attribute but content: those of the start, then the late ones.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &KeyValue> {
        self.about.given.as_slice().iter().chain(self.late.as_slice())
    }
}

/// The observers of a tracer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observers {
    all: Vec<Arc<dyn Observer>>,
    /// The place of the one with the meter that the application gave the tracer.
    measuring: Option<usize>,
}

impl Observers {
    pub(crate) fn add(&mut self, observer: Arc<dyn Observer>) {
        self.all.push(observer);
    }

    /// Adds the one with the application's meter, in the place of an earlier one: values would be counted twice.
    pub(crate) fn measure(&mut self, observer: Arc<dyn Observer>) {
        match self.measuring.and_then(|at| self.all.get_mut(at)) {
            Some(earlier) => *earlier = observer,
            None => {
                self.measuring = Some(self.all.len());
                self.add(observer);
            }
        }
    }

    /// Lets each write those states of the conventions.
    pub(crate) fn speak(&mut self, dialects: Dialects) {
        for observer in &mut self.all {
            if let Some(other) = observer.in_dialects(dialects) {
                *observer = other;
            }
        }
    }

    #[inline]
    pub(crate) fn any(&self) -> bool {
        !self.all.is_empty()
    }

    /// Whether log events are written.
    pub(crate) fn write_events(&self) -> bool {
        self.all.iter().any(|observer| observer.writes_events())
    }

    /// Whether one of those log events has a place for content of the attribute `key`.
    pub(crate) fn have_place(&self, key: &str) -> bool {
        self.all.iter().any(|observer| observer.has_place(key))
    }

    /// Tells each what was stated.
    pub(crate) fn stated(&self, shared: &Shared, event: &Stated) {
        for observer in &self.all {
            if contained(|| observer.stated(event)).is_none() {
                shared.count(Count::HookPanic, "observer");
            }
        }
    }

    pub(crate) fn attach(&self, shared: &Arc<Shared>) {
        self.all.iter().for_each(|observer| observer.attached(shared));
    }

    /// Tells each, whatever the others do: behind them are processors and instruments of the application.
    pub(crate) fn ended(&self, span: &Ending<'_>) {
        for observer in &self.all {
            if contained(|| observer.ended(span)).is_none() {
                span.about.shared.count(Count::HookPanic, "observer");
            }
        }
    }
}
