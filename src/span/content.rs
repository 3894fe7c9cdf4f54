//! Content of a span: from whoever has it, through the policy, to the attributes of the span's end.
//!
//! Without a policy that wants it, nothing is made, copied or looked at.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use opentelemetry::{Key, KeyValue, Value};

use crate::content::{Kept, Kind, Offered, Recording, Reference, References, Refused, Scope, Side, Why};
use crate::rules::{FieldId, fields};
use crate::semconv::attr;
use crate::span::GenAiTracer;
use crate::span::coerce::bring;
use crate::span::hook;
use crate::span::open::Open;
use crate::span::shared::Shared;
use crate::span::stats::Count;

const EXCEPTION_TYPE: FieldId = FieldId::of(attr::EXCEPTION_TYPE);

/// Bytes of content that all open spans hold together, at most; what comes on top is omitted and counted.
pub const MAX_HELD_CONTENT_BYTES: usize = 64 * 1024 * 1024;

/// Which content it is: its kind and, for a prompt's variable, its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    kind: Kind,
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

    fn key(&self) -> Key {
        match self.name {
            "" => Key::from_static_str(self.kind.attribute()),
            name => format!("{}.{name}", self.kind.attribute()).into(),
        }
    }

    /// The key of what is told about it.
    fn about(&self, key: &'static str) -> Key {
        match self.name {
            "" => format!("{key}.{}", self.kind).into(),
            name => format!("{key}.{}.{name}", self.kind).into(),
        }
    }
}

/// What is told about an item beside it.
const ABOUT: [&str; 4] = [
    attr::AGENTIC_CONTENT_REF,
    attr::AGENTIC_CONTENT_SIZE,
    attr::AGENTIC_CONTENT_SHA256,
    attr::AGENTIC_CONTENT_TRUNCATED,
];

/// Content that waits for the end of its span.
#[derive(Default)]
pub(crate) struct Held {
    /// Bytes of the span's budget that are used, those of its events included.
    used: usize,
    attributes: Vec<KeyValue>,
    /// What is told about it: short, and never cut.
    about: Vec<KeyValue>,
    /// Description of the status, should the span have failed.
    status: Option<String>,
}

/// Sizes only: who prints a span need not be who may read its content.
impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.attributes.iter().map(|held| (held.key.as_str(), held.value.as_str().len()));
        f.debug_map().entry(&"used", &self.used).entries(sizes).finish()
    }
}

impl Held {
    /// Bytes that are left for an item.
    fn room(&self, shared: &Shared, named: &Named<'_>) -> usize {
        let budget = shared.settings.content.budget();
        let reserve = if named.kind.side() == Side::Input { budget.output_reserve } else { 0 };
        // What it replaces is given back.
        let replaced = self.attributes.iter().find(|held| held.key == named.key()).map_or(0, weight);
        let own = budget.span.saturating_sub(reserve).saturating_sub(self.used.saturating_sub(replaced));
        own.min(shared.held_content.room()).saturating_sub(named.key().as_str().len())
    }

    fn put(&mut self, shared: &Shared, attribute: KeyValue) {
        self.charge(shared, weight(&attribute));
        self.attributes.push(attribute);
    }

    /// Gives up what there was of an item before.
    fn forget(&mut self, shared: &Shared, named: &Named<'_>) {
        let key = named.key();
        if let Some(place) = self.attributes.iter().position(|held| held.key == key) {
            let replaced = self.attributes.swap_remove(place);
            self.release(shared, weight(&replaced));
        }
        let about = ABOUT.map(|about| named.about(about));
        self.about.retain(|told| !about.contains(&told.key));
    }

    fn charge(&mut self, shared: &Shared, bytes: usize) {
        self.used += bytes;
        shared.held_content.add(bytes);
    }

    fn release(&mut self, shared: &Shared, bytes: usize) {
        let bytes = bytes.min(self.used);
        self.used -= bytes;
        shared.held_content.give_back(bytes);
    }

    fn tell(&mut self, key: Key, value: impl Into<Value>) {
        self.about.push(KeyValue::new(key, value));
    }

    /// Notes what is told about an item.
    fn about(&mut self, named: &Named<'_>, kept: &Kept) {
        let number = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        if let Some(Reference { uri, size, sha256 }) = &kept.reference {
            self.tell(named.about(attr::AGENTIC_CONTENT_REF), uri.clone());
            self.tell(named.about(attr::AGENTIC_CONTENT_SIZE), number(*size));
            self.tell(named.about(attr::AGENTIC_CONTENT_SHA256), sha256.clone());
        }
        if kept.missing > 0 {
            self.tell(named.about(attr::AGENTIC_CONTENT_TRUNCATED), number(kept.missing as u64));
        }
    }

    /// Gives up what it holds: what is told about content, then the content; and the description of the status.
    pub(crate) fn end(mut self, shared: &Shared) -> (impl Iterator<Item = KeyValue>, Option<String>) {
        self.release(shared, self.used);
        (self.about.into_iter().chain(self.attributes), self.status)
    }
}

fn weight(attribute: &KeyValue) -> usize {
    attribute.key.as_str().len() + attribute.value.as_str().len()
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
    if !wanted {
        shared.count(Count::ContentOmitted, kind.attribute());
    }
    wanted
}

#[cold]
fn is_asked_for(open: &dyn Open, kind: Kind) -> bool {
    let about = open.about();
    let recording = if about.recording { Recording::Yes } else { Recording::No };
    let asked = || about.shared.settings.content.wants(kind, recording, || scope(open, kind));
    hook::call(&about.shared, "content policy", asked).unwrap_or_default()
}

fn scope(open: &dyn Open, kind: Kind) -> Scope {
    let about = open.about();
    let (trace_id, span_id) = (about.context.trace_id().to_bytes(), about.context.span_id().to_bytes());
    let (activity, sampled) = (about.operation.label(), about.context.is_sampled());
    Scope { kind, activity, origin: open.origin(), sampled, trace_id, span_id }
}

/// Makes an item, if it is wanted, and holds it for the end of the span. Making it runs the application's code.
pub(crate) fn offer<'a>(open: &dyn Open, named: Named<'_>, make: impl FnOnce() -> Result<Offered<'a>, Refused>) {
    if !wants(open, named.kind) {
        return;
    }
    let Some(text) = admit(open, named, make) else { return };
    let shared = &open.about().shared;
    let mut attribute = Some(KeyValue::new(named.key(), text));
    let mut put = |held: &mut Held| attribute.take().into_iter().for_each(|attribute| held.put(shared, attribute));
    if !open.hold(&mut put) {
        shared.count(Count::AfterEnd, "");
    }
}

/// What may leave of an item that is wanted, at once; notes what is told about it.
fn admit<'a>(open: &dyn Open, named: Named<'_>, make: impl FnOnce() -> Result<Offered<'a>, Refused>) -> Option<String> {
    let shared = &open.about().shared;
    let mut room = 0;
    if !open.hold(&mut |held| room = held.room(shared, &named)) {
        shared.count(Count::AfterEnd, "");
        return None;
    }
    let scope = scope(open, named.kind);
    let process = || make().map_err(Why::from).and_then(|item| shared.settings.content.process(scope, item, room));
    let kept = match hook::call(shared, "content", process)? {
        Ok(kept) => kept,
        Err(why) => {
            shared.count(count_of(why), named.kind.attribute());
            Kept::default()
        }
    };
    // The last value counts, also if nothing of it may leave.
    open.hold(&mut |held| {
        held.forget(shared, &named);
        held.about(&named, &kept);
    });
    if kept.missing > 0 {
        shared.count(Count::ContentTruncated, named.kind.attribute());
    }
    kept.inline
}

fn count_of(why: Why) -> Count {
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

/// The attribute of an event, if its content may leave.
pub(crate) fn of_event(open: &dyn Open, attribute: KeyValue) -> Option<KeyValue> {
    let named = Named::of_attribute(attribute.key.as_str())?;
    let text = on_event(open, named, || Offered::read(named.kind, text_of(attribute.value)))?;
    Some(KeyValue::new(named.key(), text))
}

/// A text that goes on an event, or to the status, now.
fn on_event<'a>(
    open: &dyn Open,
    named: Named<'_>,
    make: impl FnOnce() -> Result<Offered<'a>, Refused>,
) -> Option<String> {
    if !wants(open, named.kind) {
        return None;
    }
    let text = admit(open, named, make)?;
    let shared = &open.about().shared;
    // Until its end the span below holds it.
    open.hold(&mut |held| held.charge(shared, named.key().as_str().len() + text.len()));
    Some(text)
}

/// The attributes of the exception that `error` is: its type, and its text if that may leave; then the span's status
/// tells it, too.
pub(crate) fn exception(open: &dyn Open, type_name: &'static str, error: &(dyn Error + 'static)) -> Vec<KeyValue> {
    let mut attributes = Vec::with_capacity(2);
    // The name of a type is the program's own, but who implements `Failure` may give any.
    let mut type_name = Value::from(type_name);
    if bring(EXCEPTION_TYPE, &mut type_name).is_ok() {
        attributes.push(KeyValue::new(attr::EXCEPTION_TYPE, type_name));
    }
    let text = || Ok(Offered::Text(error.to_string().into()));
    if let Some(text) = on_event(open, Named::of(Kind::ErrorMessage), text) {
        open.hold(&mut |held| held.status = Some(text.clone()));
        attributes.push(KeyValue::new(attr::EXCEPTION_MESSAGE, text));
    }
    attributes
}

/// The stack trace of an error, if it may leave.
pub(crate) fn stack(open: &dyn Open, stack: &dyn fmt::Display) -> Option<KeyValue> {
    let text = on_event(open, Named::of(Kind::ErrorStack), || Ok(Offered::Text(stack.to_string().into())))?;
    Some(KeyValue::new(attr::EXCEPTION_STACKTRACE, text))
}

/// The description of a failure that was set over the OpenTelemetry API.
pub(crate) fn status(open: &dyn Open, description: String) {
    if let Some(text) = on_event(open, Named::of(Kind::ErrorMessage), || Ok(Offered::Text(description.into()))) {
        open.hold(&mut |held| held.status = Some(text.clone()));
    }
}

/// The text and the fields of a log event, if they may leave.
pub(crate) fn log(open: &dyn Open, message: String, fields: &[KeyValue]) -> Vec<KeyValue> {
    let mut told = Vec::new();
    if let Some(text) = on_event(open, Named::of(Kind::LogMessage), || Ok(Offered::Text(message.into()))) {
        told.push(KeyValue::new(attr::AGENTIC_LOG_MESSAGE, text));
    }
    let fields = fields.iter().filter(|field| !field.key.as_str().starts_with("code."));
    let mut fields = fields.peekable();
    if fields.peek().is_some() {
        let map =
            || serde_json::Map::from_iter(fields.map(|field| (field.key.as_str().to_owned(), json(&field.value))));
        if let Some(text) = on_event(open, Named::of(Kind::LogFields), || Offered::json(&map())) {
            told.push(KeyValue::new(attr::AGENTIC_LOG_ATTRIBUTES, text));
        }
    }
    told
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
