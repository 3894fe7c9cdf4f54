//! The span that `GenAiTracer` makes: late values go through the same rules as the ones at start.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanContext, Status};

use crate::content::contained;
use crate::span::content;
use crate::span::enclosing;
use crate::span::exception;
use crate::span::gate::{self, Passed, Place};
use crate::span::last_gate::{self, Made, Mark};
use crate::span::open::{End, Open, OpenSpan};
use crate::span::shared::Shared;
use crate::span::stats::Count;
use crate::span::tracer::UNNAMED;

/// A span made by [`GenAiTracer`](crate::GenAiTracer): a GenAI span under its rules, or any other span as it is.
#[derive(Debug)]
pub struct GenAiSpan<S: Span>(Form<S>);

#[derive(Debug)]
enum Form<S: Span> {
    GenAi(Arc<OpenSpan<S>>),
    /// Boxed: every span of an agent would be as large otherwise.
    Plain(Box<Plain<S>>),
    /// No span of its own: the tracer below panicked, or the activity is open already.
    None(SpanContext),
}

/// A span that is no GenAI span.
struct Plain<S> {
    span: S,
    shared: Arc<Shared>,
    place: Place,
}

/// Without the span below, which may print what it holds.
impl<S: Span> fmt::Debug for Plain<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = self.span.span_context();
        f.debug_struct("Plain").field("span", context).field("place", &self.place).finish_non_exhaustive()
    }
}

impl<S: Span> GenAiSpan<S> {
    /// A span that the table of open spans has.
    pub(crate) fn genai(span: Arc<OpenSpan<S>>) -> Self {
        Self(Form::GenAi(span))
    }

    pub(crate) fn plain(span: S, shared: Arc<Shared>, place: Place) -> Self {
        let id = span.span_context().span_id();
        match &place {
            Place::Inside(above) => shared.table.insert(id, Arc::clone(above)),
            Place::Unlisted => shared.table.mark_unlisted(id),
            Place::Outside => {}
        }
        Self(Form::Plain(Box::new(Plain { span, shared, place })))
    }

    /// In its stead the place of another, its parent's or its own first one's: what starts below must not begin a trace
    /// of its own.
    pub(crate) fn none(instead: SpanContext) -> Self {
        Self(Form::None(instead))
    }
}

#[inline]
fn set<S>(span: &OpenSpan<S>, mut pair: KeyValue)
where
    S: Span + Send + Sync + fmt::Debug + 'static,
{
    match gate::attribute(&span.about().shared, &mut pair) {
        Passed::Field(id) => span.set(id, pair),
        Passed::Other => span.set_other(pair),
        Passed::Content => content::field(span, pair),
        Passed::No => {}
    }
}

impl<S> GenAiSpan<S>
where
    S: Span + Send + Sync + fmt::Debug + 'static,
{
    /// The GenAI span that it is, or is inside of.
    fn reach(&self) -> Option<Arc<dyn Open>> {
        match &self.0 {
            Form::GenAi(span) => Some(Arc::clone(span) as Arc<dyn Open>),
            Form::Plain(plain) => match &plain.place {
                Place::Inside(above) => Some(Arc::clone(above)),
                Place::Outside | Place::Unlisted => None,
            },
            Form::None(_) => None,
        }
    }
}

impl<S: Span> Plain<S> {
    fn event(&mut self, name: Cow<'static, str>, at: SystemTime, mut attributes: Vec<KeyValue>) {
        if !self.place.is_gated() {
            gate::plain(&self.shared, &self.place, &mut attributes);
            return self.span.add_event_with_timestamp(name, at, attributes);
        }
        let above = match &self.place {
            Place::Inside(above) => Some(&**above),
            Place::Outside | Place::Unlisted => None,
        };
        let event = gate::event(&self.shared, above, gate::Event::new(name, at, attributes));
        self.span.add_event_with_timestamp(event.name, event.at, event.attributes);
    }

    fn set(&mut self, attribute: KeyValue) {
        if gate::plain_may_carry(&self.shared, &self.place, attribute.key.as_str()) {
            self.span.set_attribute(attribute);
        }
    }

    fn link(&mut self, to: SpanContext, mut attributes: Vec<KeyValue>) {
        gate::plain(&self.shared, &self.place, &mut attributes);
        self.span.add_link(to, attributes);
    }

    fn rename(&mut self, mut name: Cow<'static, str>) {
        if self.place.is_gated() {
            gate::name(&self.shared, &mut name, UNNAMED);
        }
        self.span.update_name(name);
    }

    fn set_status(&mut self, status: Status) {
        match status {
            Status::Error { .. } if self.place.is_gated() => self.span.set_status(Status::error("")),
            status => self.span.set_status(status),
        }
    }

    fn end(&mut self, at: SystemTime) {
        let made = if self.place.is_gated() { Made::Inside } else { Made::Plain };
        let identity = match &self.place {
            Place::Inside(above) if self.shared.settings.marks_identity => Some(Box::new(above.identity())),
            _ => None,
        };
        let id = self.span.span_context().span_id();
        let mark = Mark { id, made, content: Vec::new(), operation: None, identity };
        let end = || last_gate::marked(&self.shared, mark, || self.span.end_with_timestamp(at));
        if contained(end).is_none() {
            self.shared.count(Count::TracerPanic, "end");
        }
    }
}

impl<S> Span for GenAiSpan<S>
where
    S: Span + Send + Sync + fmt::Debug + 'static,
{
    fn add_event_with_timestamp<T>(&mut self, name: T, timestamp: SystemTime, attributes: Vec<KeyValue>)
    where
        T: Into<Cow<'static, str>>,
    {
        match &mut self.0 {
            Form::GenAi(span) => {
                let given = gate::Event::new(name.into(), timestamp, attributes);
                let event = gate::event(&span.about().shared, Some(&**span), given);
                exception::note(&**span, &event);
                span.event(event);
            }
            Form::Plain(plain) => plain.event(name.into(), timestamp, attributes),
            Form::None(_) => {}
        }
    }

    fn span_context(&self) -> &SpanContext {
        match &self.0 {
            Form::GenAi(span) => &span.about().context,
            Form::Plain(plain) => plain.span.span_context(),
            Form::None(context) => context,
        }
    }

    fn is_recording(&self) -> bool {
        enclosing::answer(|| self.reach());
        match &self.0 {
            Form::GenAi(span) => span.is_recording(),
            Form::Plain(plain) => plain.span.is_recording(),
            Form::None(_) => false,
        }
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        match &mut self.0 {
            Form::GenAi(span) => set(&**span, attribute),
            Form::Plain(plain) => plain.set(attribute),
            Form::None(_) => {}
        }
    }

    fn set_status(&mut self, status: Status) {
        match (&mut self.0, status) {
            (Form::GenAi(span), Status::Error { description }) => {
                if !description.is_empty() {
                    content::status(&**span, description.into_owned());
                }
                span.fail();
            }
            // Success leaves the status unset: `Ok` is the operator's word, not an instrumentation's.
            (Form::GenAi(_) | Form::None(_), _) => {}
            (Form::Plain(plain), status) => plain.set_status(status),
        }
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        // A GenAI span is named by its rule; a name put together by others may hold content.
        if let Form::Plain(plain) = &mut self.0 {
            plain.rename(new_name.into());
        }
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        match &mut self.0 {
            Form::GenAi(span) => {
                let attributes = gate::link(&span.about().shared, attributes);
                span.link(span_context, attributes);
            }
            Form::Plain(plain) => plain.link(span_context, attributes),
            Form::None(_) => {}
        }
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        match &mut self.0 {
            Form::GenAi(span) => drop(span.end(timestamp, End::Over)),
            Form::Plain(plain) => plain.end(timestamp),
            Form::None(_) => {}
        }
    }
}

/// The table's entry lives as long as this object; a span that nobody ended ends here.
impl<S: Span> Drop for GenAiSpan<S> {
    fn drop(&mut self) {
        match &mut self.0 {
            Form::GenAi(span) => {
                span.end_once(opentelemetry::time::now(), End::Over);
                let about = span.what();
                about.shared.table.remove(about.context.span_id());
            }
            Form::Plain(plain) => {
                // Its own drop would end it too, and let a panic of a processor through.
                if plain.span.is_recording() {
                    plain.end(opentelemetry::time::now());
                }
                let id = plain.span.span_context().span_id();
                match plain.place {
                    Place::Inside(_) => plain.shared.table.remove(id),
                    Place::Unlisted => plain.shared.table.unmark_unlisted(id),
                    Place::Outside => {}
                }
            }
            Form::None(_) => {}
        }
    }
}
