//! What may leave a GenAI span: attributes by the registry's class, events stripped of their texts.
//!
//! Content stays in the process. So does every text of a `tracing` event inside a GenAI span: a library's
//! `error!("… {body}")` must not become telemetry.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::{Key, KeyValue};

use crate::rules::limits::MAX_TEXT_LENGTH;
use crate::rules::{FieldId, Lookup, fields, keys, profile};
use crate::semconv::attr;
use crate::span::coerce::{Brought, Coerced, bring};
use crate::span::content;
use crate::span::limits;
use crate::span::open::Open;
use crate::span::shared::Shared;
use crate::span::stats::Count;

/// Name of the span event that stands for a `tracing` event inside a GenAI span.
pub(crate) const LOG: &str = "log";

/// Name of a span event that was named at run time, or whose name holds nothing that may be shown.
pub(crate) const EVENT: &str = "event";

const LOG_LEVEL: Key = Key::from_static_str(attr::AGENTIC_LOG_LEVEL);
const LOG_TARGET: Key = Key::from_static_str(attr::AGENTIC_LOG_TARGET);

/// A span event that may leave.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: Cow<'static, str>,
    pub(crate) at: SystemTime,
    pub(crate) attributes: Vec<KeyValue>,
    /// Content that a log event may tell of the same.
    pub(crate) on_record: Vec<KeyValue>,
}

impl Event {
    pub(crate) fn new(name: Cow<'static, str>, at: SystemTime, attributes: Vec<KeyValue>) -> Self {
        Self { name, at, attributes, on_record: Vec::new() }
    }
}

/// An attribute of a GenAI span after the gate.
pub(crate) enum Passed {
    /// An attribute of the registry: its key is the registry's now, its value of the right type.
    Field(FieldId),
    /// Allowed by the application, or another product's metadata.
    Other,
    /// Content, for the policy to decide about: its key is the registry's now.
    Content,
    /// Stays in, counted.
    No,
}

/// Decides about one attribute of a GenAI span, and puts it right.
#[inline(always)]
pub(crate) fn attribute(shared: &Shared, pair: &mut KeyValue) -> Passed {
    // The common way is kept short: a registry key with a value of its type.
    match keys::find(pair.key.as_str()) {
        Lookup::Attribute(id) if !id.content => brought(shared, id, pair),
        other => uncommon(shared, other, pair),
    }
}

#[inline(always)]
fn brought(shared: &Shared, id: FieldId, pair: &mut KeyValue) -> Passed {
    match bring(id, &mut pair.value) {
        Ok(Brought::Whole) => Passed::Field(id),
        other => brought_other(shared, id, other),
    }
}

#[cold]
fn brought_other(shared: &Shared, id: FieldId, brought: Result<Brought, Coerced>) -> Passed {
    match brought {
        Ok(_) => {
            shared.count(Count::ValueCut, id.key());
            return Passed::Field(id);
        }
        Err(Coerced::Refused) => shared.count(Count::RefusedValue, id.key()),
        Err(_) => {}
    }
    Passed::No
}

#[cold]
fn uncommon(shared: &Shared, means: Lookup, pair: &mut KeyValue) -> Passed {
    match means {
        Lookup::Attribute(id) | Lookup::Alias(id) if id.content => {
            if shared.settings.content.is_off() {
                shared.count(Count::ContentOmitted, id.key());
                return Passed::No;
            }
            pair.key = Key::from_static_str(id.key());
            Passed::Content
        }
        Lookup::Attribute(id) | Lookup::Alias(id) => {
            pair.key = Key::from_static_str(id.key());
            brought(shared, id, pair)
        }
        Lookup::LeftAsItIs => other(shared, pair),
        Lookup::Noise => Passed::No,
        Lookup::Unknown => unlisted(shared, pair),
    }
}

/// A key that no table lists by itself.
fn unlisted(shared: &Shared, pair: &mut KeyValue) -> Passed {
    let key = pair.key.as_str();
    if fields::is_content_by_prefix(key) {
        if !shared.settings.content.is_off() && content::is_variable(key) {
            return Passed::Content;
        }
        shared.count(Count::ContentOmitted, key);
        return Passed::No;
    }
    // Keys are put together at run time too: one that could forge a line stays in, whoever allowed it.
    if shared.settings.allows(key) && limits::is_key(key) {
        return other(shared, pair);
    }
    shared.count(Count::UnknownField, key);
    Passed::No
}

/// What no table knows, within the limits.
fn other(shared: &Shared, pair: &mut KeyValue) -> Passed {
    if limits::bring_within(&mut pair.value, MAX_TEXT_LENGTH) {
        shared.count(Count::ValueCut, pair.key.as_str());
    }
    Passed::Other
}

/// Where a span stands that is no GenAI span.
#[derive(Debug)]
pub(crate) enum Place {
    Outside,
    /// In this GenAI span, however deep.
    Inside(Arc<dyn Open>),
    /// Nowhere we know, but it has an operation's name of its own, or is below one that has.
    Unlisted,
}

impl Place {
    /// Whether its events and error texts go through the gate.
    pub(crate) fn is_gated(&self) -> bool {
        !matches!(self, Self::Outside)
    }
}

/// Takes out of the attributes of a span that is no GenAI span, of its events and its links, what must stay in.
pub(crate) fn plain(shared: &Shared, place: &Place, attributes: &mut Vec<KeyValue>) {
    attributes.retain(|pair| plain_may_carry(shared, place, pair.key.as_str()));
}

/// Whether an attribute of this key holds content, by the conventions or by the name that others or a profile give it.
pub(crate) fn is_content(key: &str) -> bool {
    match keys::find(key) {
        Lookup::Attribute(id) => id.content,
        Lookup::Alias(id) => id.content && fields::is_content_everywhere(key),
        Lookup::LeftAsItIs | Lookup::Noise => false,
        Lookup::Unknown => fields::is_content_by_prefix(key) || profile::is_content_anywhere(key),
    }
}

/// Whether the description of a status tells what happened: a profile's own texts only tell that something did.
pub(crate) fn is_error_description(text: &str) -> bool {
    !text.is_empty() && !profile::is_status_anywhere(text)
}

/// Whether a span that is no GenAI span may carry `key`: all but what the conventions class as content. The text of
/// an error is the application's own business, unless the span is inside a GenAI span.
pub(crate) fn plain_may_carry(shared: &Shared, place: &Place, key: &str) -> bool {
    let content = match keys::find(key) {
        Lookup::Attribute(id) => id.content && (place.is_gated() || !is_error_text(key)),
        Lookup::Alias(id) => id.content && (place.is_gated() || fields::is_content_everywhere(key)),
        Lookup::LeftAsItIs | Lookup::Noise => false,
        Lookup::Unknown => fields::is_content_by_prefix(key),
    };
    if content {
        shared.count(Count::ContentOmitted, key);
    }
    !content
}

fn is_error_text(key: &str) -> bool {
    key == attr::EXCEPTION_MESSAGE || key == attr::EXCEPTION_STACKTRACE
}

/// A span event inside a GenAI span.
///
/// `tracing-opentelemetry` makes the message of a `tracing` event its name; it puts `level` and `target` first, by
/// which such an event is recognised. Other events come from the OpenTelemetry API: a name that is part of the
/// program text stays, one that was put together at run time may hold anything.
///
/// `open` is the span whose policy decides about its texts; without one they stay in.
pub(crate) fn event(shared: &Shared, open: Option<&dyn Open>, event: Event) -> Event {
    let Event { name, at, attributes, mut on_record } = event;
    let is_log = matches!(attributes.as_slice(), [level, target, ..]
        if level.key.as_str() == "level" && target.key.as_str() == "target");
    let open = open.filter(|_| !shared.settings.content.is_off());
    let told = match (open, attributes.split_at_checked(2)) {
        (Some(open), Some((_, fields))) if is_log => content::log(open, name.as_ref().to_owned(), fields),
        _ => Vec::new(),
    };
    if let (true, Some(names)) = (is_log, shared.settings.profile.names()) {
        let level = attributes.into_iter().take(1).map(|level| KeyValue::new(names.log_level, level.value));
        let told = told.into_iter().filter_map(|told| match told.key.as_str() {
            attr::AGENTIC_LOG_MESSAGE => Some(KeyValue::new(names.log_message, told.value)),
            attr::AGENTIC_LOG_ATTRIBUTES => Some(KeyValue::new(names.log_attributes, told.value)),
            _ => None,
        });
        return Event::new(names.log.into(), at, level.chain(told).collect());
    }
    let mut name = match name {
        _ if is_log => Cow::Borrowed(LOG),
        Cow::Borrowed(name) => Cow::Borrowed(name),
        Cow::Owned(_) => Cow::Borrowed(EVENT),
    };
    self::name(shared, &mut name, EVENT);
    let attributes = if is_log {
        let of_log = |(place, pair)| log_attribute(shared, place, pair);
        attributes.into_iter().enumerate().filter_map(of_log).chain(told).collect()
    } else {
        carried(shared, open, attributes, &mut on_record)
    };
    Event { name, at, attributes, on_record }
}

/// Brings the name of a span or an event within the limits.
pub(crate) fn name(shared: &Shared, name: &mut Cow<'static, str>, otherwise: &'static str) {
    if limits::name(name, otherwise) {
        shared.count(Count::ValueCut, otherwise);
    }
}

/// Of a log only where it comes from. Level and target by their place: a field of the event may be called `target`
/// too.
fn log_attribute(shared: &Shared, place: usize, pair: KeyValue) -> Option<KeyValue> {
    match place {
        0 => carry(shared, KeyValue::new(LOG_LEVEL, pair.value)),
        1 => carry(shared, KeyValue::new(LOG_TARGET, pair.value)),
        _ if pair.key.as_str().starts_with("code.") => carry(shared, pair),
        _ => None,
    }
}

/// What a GenAI span might carry, but for content.
fn carry(shared: &Shared, mut pair: KeyValue) -> Option<KeyValue> {
    match attribute(shared, &mut pair) {
        Passed::Field(_) | Passed::Other => Some(pair),
        Passed::Content | Passed::No => None,
    }
}

fn carried(
    shared: &Shared,
    open: Option<&dyn Open>,
    attributes: Vec<KeyValue>,
    on_record: &mut Vec<KeyValue>,
) -> Vec<KeyValue> {
    let mut carried = Vec::with_capacity(attributes.len());
    for mut pair in attributes {
        match (attribute(shared, &mut pair), open) {
            (Passed::Field(_) | Passed::Other, _) => carried.push(pair),
            (Passed::Content, Some(open)) => {
                let told = content::of_event(open, pair);
                carried.extend(told.on_span);
                on_record.extend(told.on_record);
            }
            (Passed::Content, None) => shared.count(Count::ContentOmitted, pair.key.as_str()),
            (Passed::No, _) => {}
        }
    }
    shared.settings.rewrite(&mut carried);
    carried
}

/// The attributes of a link, through the same gate.
pub(crate) fn link(shared: &Shared, attributes: Vec<KeyValue>) -> Vec<KeyValue> {
    carried(shared, None, attributes, &mut Vec::new())
}
