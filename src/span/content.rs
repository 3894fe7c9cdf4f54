//! Content of a span: from whoever has it, through the policy, to the attributes of the span's end.
//!
//! Without a policy that wants it, nothing is made, copied or looked at.

use std::sync::Arc;

use opentelemetry::{Key, KeyValue, Value};

use crate::content::{Kept, Kind, Offered, Outlets, References, Refused, Scope, Why};
use crate::rules::{events, fields};
use crate::semconv::attr;
use crate::span::GenAiTracer;
use crate::span::hook;
use crate::span::open::Open;
use crate::span::shared::Shared;
use crate::span::stats::Count;
use crate::span::{exception, gate, held};

/// Which content it is: its kind and, for a prompt's variable, its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    pub(crate) kind: Kind,
    name: &'a str,
}

impl<'a> Named<'a> {
    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, name: "" }
    }

    /// A variable of a prompt. Its name is the end of a key, so it has to be a name; any other is a value that somebody
    /// put in the wrong place.
    pub(crate) fn variable(name: &'a str) -> Option<Self> {
        let is_name = !name.is_empty() && crate::span::stats::is_name(name);
        is_name.then_some(Self { kind: Kind::PromptVariable, name })
    }

    /// The content that an attribute holds which somebody else set.
    pub(crate) fn of_attribute(key: &'a str) -> Option<Self> {
        match key.strip_prefix(attr::GEN_AI_PROMPT_VARIABLE).and_then(|rest| rest.strip_prefix('.')) {
            Some(name) => Self::variable(name),
            None => Kind::of_attribute(key).map(Self::of),
        }
    }

    pub(crate) fn key(&self) -> Key {
        match self.name {
            "" => Key::from_static_str(self.kind.attribute()),
            name => format!("{}.{name}", self.kind.attribute()).into(),
        }
    }

    /// The key of what is told about it.
    pub(crate) fn about(&self, key: &'static str) -> Key {
        match self.name {
            "" => format!("{key}.{}", self.kind).into(),
            name => format!("{key}.{}.{name}", self.kind).into(),
        }
    }
}

impl<T> GenAiTracer<T> {
    /// Where content is stored.
    pub(crate) fn references(&self) -> Option<&References> {
        self.shared.settings.content.references()
    }
}

/// Whether content of `kind` is wanted for this span; counts what is not.
#[inline]
pub(crate) fn wants(open: &dyn Open, kind: Kind) -> bool {
    let shared = &open.about().shared;
    let wanted = !shared.settings.content.is_off() && is_asked_for(open, kind);
    if lacks_logger(open, kind) {
        shared.count(Count::NoLogger, kind.attribute());
    }
    if !wanted {
        shared.count(Count::ContentOmitted, kind.attribute());
    }
    wanted
}

/// Whether content of `kind` would be wanted for this span, as things stand.
pub(crate) fn is_wanted(open: &dyn Open, kind: Kind) -> bool {
    !open.about().shared.settings.content.is_off() && is_asked_for(open, kind)
}

#[cold]
fn is_asked_for(open: &dyn Open, kind: Kind) -> bool {
    let about = open.about();
    // Recorded only for this process, it is not exported.
    let outlets = Outlets { span: about.recording && about.context.is_sampled(), event: has_event(open, kind) };
    let asked = || about.shared.settings.content.wants(kind, outlets, || scope(open, kind));
    hook::call(&about.shared, "content policy", asked).unwrap_or_default()
}

/// Whether a log event of the span has a place for content of `kind`, and somebody writes it.
fn has_event(open: &dyn Open, kind: Kind) -> bool {
    is_for_event(open, kind) && open.about().shared.settings.observers.have_place(kind.attribute())
}

/// Whether content of `kind` should be on a log event of the span, and nowhere else, and nobody writes any.
fn lacks_logger(open: &dyn Open, kind: Kind) -> bool {
    let about = open.about();
    let settings = &about.shared.settings;
    let is_exported = about.recording && about.context.is_sampled();
    let is_lost = is_exported && !settings.content.destination.is_on_spans() && !settings.observers.write_events();
    is_lost && is_for_event(open, kind)
}

/// Whether content of `kind` should be on a log event of the span.
fn is_for_event(open: &dyn Open, kind: Kind) -> bool {
    let about = open.about();
    let content = &about.shared.settings.content;
    if !content.destination.is_on_events() || !content.chooses(kind) {
        return false;
    }
    let is_of = |event| events::is_of(event, about.operation, about.kind);
    let Some(event) = events::with_content(kind.attribute()).filter(|event| is_of(event)) else { return false };
    event.name == events::EVALUATION.name || !about.is_nested_turn()
}

pub(crate) fn scope(open: &dyn Open, kind: Kind) -> Scope {
    let about = open.about();
    let (trace_id, span_id) = (about.context.trace_id().to_bytes(), about.context.span_id().to_bytes());
    let (activity, sampled, event) = (about.operation.label(), about.context.is_sampled(), has_event(open, kind));
    Scope { kind, activity, origin: open.origin(), sampled, event, trace_id, span_id }
}

/// Makes an item, if it is wanted, and holds it for the end of the span. Making it runs the application's code.
pub(crate) fn offer<'a>(open: &dyn Open, named: Named<'_>, make: impl FnOnce() -> Result<Offered<'a>, Refused>) {
    let shared = &open.about().shared;
    // The last value counts, also if nothing of it may leave.
    let mut kept = if wants(open, named.kind) {
        admit(open, named, make)
    } else if shared.settings.content.is_off() {
        return;
    } else {
        Kept::default()
    };
    keep(open, named, &mut kept);
}

/// [`offer`] of what was read from somebody's JSON: not if the span holds such an item already, or there is nothing.
/// `true` if there was something, and it is wanted.
pub(crate) fn complete<'a>(
    open: &dyn Open,
    named: Named<'_>,
    make: impl FnOnce() -> Option<Result<Offered<'a>, Refused>>,
) -> bool {
    let mut is_there = false;
    let is_open = open.hold(&mut |held| is_there = held.has(&named));
    if is_there || !is_open || !wants(open, named.kind) {
        return false;
    }
    let made = make();
    let is_made = made.is_some();
    if let Some(made) = made {
        let mut kept = admit(open, named, || made);
        keep(open, named, &mut kept);
    }
    is_made
}

fn keep(open: &dyn Open, named: Named<'_>, kept: &mut Kept) {
    let shared = &open.about().shared;
    let mut fits = true;
    if !open.hold(&mut |held| fits = held.keep(shared, &named, kept)) {
        shared.count(Count::AfterEnd, "");
    } else if !fits {
        shared.count(Count::ContentDropped, named.kind.attribute());
    }
}

/// What may leave of an item that is wanted; counts what may not.
fn admit<'a>(open: &dyn Open, named: Named<'_>, make: impl FnOnce() -> Result<Offered<'a>, Refused>) -> Kept {
    let shared = &open.about().shared;
    let mut room = None;
    if !open.hold(&mut |held| room = held.room(shared, &named)) {
        shared.count(Count::AfterEnd, "");
        return Kept::default();
    }
    let scope = scope(open, named.kind);
    let process = || {
        let room = room.ok_or(Why::NoRoom)?;
        shared.settings.content.process(scope, make()?, room)
    };
    admitted(shared, named.kind, hook::call(shared, "content", process))
}

/// What was kept of an item; counts what was not. `None` is one that panicked, which is counted.
fn admitted(shared: &Shared, kind: Kind, processed: Option<Result<Kept, Why>>) -> Kept {
    match processed {
        Some(Ok(kept)) => {
            if kept.missing > 0 {
                shared.count(Count::ContentTruncated, kind.attribute());
            }
            kept
        }
        Some(Err(why)) => {
            shared.count(count_of(why), kind.attribute());
            Kept::default()
        }
        None => Kept::default(),
    }
}

pub(crate) fn count_of(why: Why) -> Count {
    match why {
        Why::NotWanted => Count::ContentOmitted,
        Why::PolicyFailed => Count::PolicyFailed,
        Why::Refused(_) => Count::ContentRefused,
        Why::NoRoom => Count::ContentDropped,
        Why::NotStored => Count::ContentNotStored,
    }
}

/// A content attribute that was read from a field or set over the OpenTelemetry API.
pub(crate) fn field(open: &dyn Open, attribute: KeyValue) {
    let Some(named) = Named::of_attribute(attribute.key.as_str()) else { return };
    offer(open, named, || Offered::read(named.kind, text_of(attribute.value)));
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text.into(),
        other => other.as_str().into_owned(),
    }
}

/// What leaves of an item that goes on an event of the span, and of a log event.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) on_span: Vec<KeyValue>,
    pub(crate) on_record: Vec<KeyValue>,
}

/// The attribute of an event: its content if that may leave, and what is told about it.
pub(crate) fn of_event(open: &dyn Open, attribute: KeyValue) -> Told {
    let Some(named) = Named::of_attribute(attribute.key.as_str()) else { return Told::default() };
    on_event(open, named, || Offered::read(named.kind, text_of(attribute.value)))
}

/// Content that goes on an event, now.
pub(crate) fn on_event<'a>(
    open: &dyn Open,
    named: Named<'_>,
    make: impl FnOnce() -> Result<Offered<'a>, Refused>,
) -> Told {
    if !wants(open, named.kind) {
        return Told::default();
    }
    let mut kept = admit(open, named, make);
    let text = kept.inline.take();
    let mut attributes = held::about(&named, &kept);
    // Shared, should it go both ways.
    attributes.extend(text.map(|text| KeyValue::new(named.key(), Arc::<str>::from(text))));
    let shared = &open.about().shared;
    open.hold(&mut |held| held.charge(shared, attributes.iter().map(held::weight).sum()));
    let on_record = if kept.places.event { attributes.clone() } else { Vec::new() };
    Told { on_span: if kept.places.span { attributes } else { Vec::new() }, on_record }
}

/// Content of a log event about a place in a trace, whose span may be gone: there is no span to tell where it is stored.
pub(crate) fn on_record<'a>(
    shared: &Shared,
    scope: Scope,
    make: impl FnOnce() -> Result<Offered<'a>, Refused>,
) -> Vec<KeyValue> {
    let (content, kind) = (&shared.settings.content, scope.kind);
    let outlets = Outlets { span: scope.sampled, event: scope.event };
    let leads_somewhere = scope.event || content.references().is_some();
    let wants = || leads_somewhere && content.wants(kind, outlets, || scope.clone());
    if content.is_off() || !hook::call(shared, "content policy", wants).unwrap_or_default() {
        shared.count(Count::ContentOmitted, kind.attribute());
        return Vec::new();
    }
    let budget = content.budget();
    let process = || content.process(scope, make()?, budget.attribute.min(budget.span));
    let kept = admitted(shared, kind, hook::call(shared, "content", process));
    let named = Named::of(kind);
    let text = kept.inline.as_ref().filter(|_| kept.places.event);
    let text = text.map(|text| KeyValue::new(named.key(), text.clone()));
    held::about(&named, &kept).into_iter().chain(text).collect()
}

/// The description of a failure that was set over the OpenTelemetry API.
pub(crate) fn status(open: &dyn Open, description: String) {
    let told = on_event(open, Named::of(Kind::ErrorMessage), || Ok(Offered::Text(description.into())));
    describe(open, &told.on_span);
    exception::describe(open, &told.on_record);
}

/// Makes the text of an error that may leave the description of the status.
pub(crate) fn describe(open: &dyn Open, told: &[KeyValue]) {
    let shared = &open.about().shared;
    if let Some(text) = told.iter().find(|told| told.key.as_str() == attr::EXCEPTION_MESSAGE) {
        open.hold(&mut |held| held.describe(shared, &text.value.as_str()));
    }
}

/// The text and the fields of a log event, if they may leave.
pub(crate) fn log(open: &dyn Open, message: String, fields: &[KeyValue]) -> Vec<KeyValue> {
    let mut told = on_event(open, Named::of(Kind::LogMessage), || Ok(Offered::Text(message.into()))).on_span;
    let settings = &open.about().shared.settings;
    let fields = fields.iter().filter(|field| {
        let key = field.key.as_str();
        !key.starts_with("code.") && kind_of_field(key).is_none_or(|kind| settings.content.lets_out(kind))
    });
    let mut fields = fields.peekable();
    if fields.peek().is_some() {
        let map =
            || serde_json::Map::from_iter(fields.map(|field| (field.key.as_str().to_owned(), json(&field.value))));
        told.extend(on_event(open, Named::of(Kind::LogFields), || Offered::json(&map())).on_span);
    }
    told
}

/// The text or the fields of a log event that becomes a log record, if they may leave: that is an event itself.
pub(crate) fn of_log<'a>(
    open: &dyn Open,
    kind: Kind,
    make: impl FnOnce() -> Result<Offered<'a>, Refused>,
) -> Vec<KeyValue> {
    let shared = &open.about().shared;
    let event = shared.settings.content.destination.is_on_events();
    let scope = Scope { event, ..scope(open, kind) };
    on_record(shared, scope, make)
}

/// The kind of content that a field of a log event is besides: who keeps prompts in does not want them in a log.
pub(crate) fn kind_of_field(key: &str) -> Option<Kind> {
    match key {
        "error" => Some(Kind::ErrorMessage),
        key if gate::is_content(key) => Some(kind_of(key).unwrap_or(Kind::InputMessages)),
        _ => None,
    }
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::I64(value) => (*value).into(),
        Value::F64(value) => (*value).into(),
        other => other.as_str().into_owned().into(),
    }
}

/// The kind of content that the attribute `key` holds.
pub(crate) fn kind_of(key: &str) -> Option<Kind> {
    Named::of_attribute(key).map(|named| named.kind)
}

/// Whether a key that no table lists names content that can be exported.
pub(crate) fn is_variable(key: &str) -> bool {
    fields::is_content_by_prefix(key) && Named::of_attribute(key).is_some()
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Span, SpanBuilder, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;
    use crate::content::{Content, Destination};

    #[test]
    fn a_missing_logger_is_counted_once_an_item_and_only_if_no_span_has_it() {
        for (destination, counted) in [(Destination::Event, 1), (Destination::SpanAndEvent, 0), (Destination::Span, 0)]
        {
            let provider = SdkTracerProvider::builder().build();
            let content = Content::all().with_destination(destination);
            let tracer = GenAiTracer::new(provider.tracer("t")).with_content(content);
            let chat = SpanBuilder::from_name("x").with_attributes([KeyValue::new("gen_ai.operation.name", "chat")]);
            let mut span = tracer.build_with_context(chat, &opentelemetry::Context::new());
            span.set_attribute(KeyValue::new(attr::GEN_AI_INPUT_MESSAGES, "[]"));
            assert_eq!(tracer.shared.counters.get(Count::NoLogger), counted, "{destination:?}");
        }
    }
}
