//! Log records: of the content that the tracer let out, what one backend gets.
//!
//! Of events of the conventions that is each content attribute by itself; of log events of the application inside of a GenAI
//! span their text and all of their fields.

use opentelemetry::Key;
use opentelemetry::logs::AnyValue;
use opentelemetry_sdk::logs::SdkLogRecord;
use serde_json::{Map, Value};

use crate::content::{Content, Destination, Kind, Origin, Scope, Shape, contained};
use crate::semconv::{self, attr};
use crate::span::content::{Named, count_of};
use crate::span::{Count, LastGate, is_content};

use crate::events::structured;

use super::super::record::{Place, rebuilt};
use super::any_value::to_json;
use super::log_fields;

/// Events of version 1.36 whose body is a message, and the content that it may be: each of these has to be let out.
#[rustfmt::skip]
const BODIES: &[(&str, &[Kind])] = &[
    ("gen_ai.assistant.message", &[Kind::InputMessages]),
    ("gen_ai.choice",            &[Kind::OutputMessages]),
    // A message of that role, or the instructions beside the messages.
    ("gen_ai.system.message",    &[Kind::SystemInstructions, Kind::InputMessages]),
    ("gen_ai.tool.message",      &[Kind::InputMessages]),
    ("gen_ai.user.message",      &[Kind::InputMessages]),
];

/// Members of such a body that are no content.
const METADATA: &[&str] = &["finish_reason", "id", "index"];

/// Takes out of `record`, or shortens, what `content` does not let out on events.
pub(crate) fn choose(content: &Content, gate: &LastGate, place: Place, record: &mut SdkLogRecord) {
    let on_events = matches!(content.destination(), Destination::Event | Destination::SpanAndEvent);
    // The same setting, for whoever asks what goes on spans.
    let content = if on_events { content.clone().with_destination(Destination::Span) } else { Content::off() };
    let mut choice = Choice { content: &content, gate, record, used: 0 };
    let (body, attributes) = match place {
        Place::Inside => choice.log(),
        Place::Event => choice.event(),
        Place::Outside => return,
    };
    *record = rebuilt(record, body, attributes);
}

/// Takes all content out, and says how many items that were.
pub(crate) fn strip(place: Place, record: &mut SdkLogRecord) -> u64 {
    let (body, attributes): (_, Vec<_>) = match place {
        Place::Inside => (None, Vec::new()),
        Place::Event | Place::Outside => {
            let kept = record.attributes_iter().filter(|(key, _)| !is_content(key.as_str())).cloned().collect();
            let is_text = place == Place::Outside && kinds_of_body(record).is_empty();
            (record.body().cloned().and_then(|said| if is_text { Some(said) } else { metadata(said) }), kept)
        }
    };
    let texts = usize::from(record.body() != body.as_ref());
    let stripped = texts + record.attributes_iter().count().saturating_sub(attributes.len());
    if stripped > 0 {
        *record = rebuilt(record, body, attributes);
    }
    stripped as u64
}

/// What the body of a message may be; nothing if it is no message.
fn kinds_of_body(record: &SdkLogRecord) -> &'static [Kind] {
    let name = record.event_name().unwrap_or_default();
    BODIES.iter().find(|(event, _)| *event == name).map_or(&[], |(_, kinds)| *kinds)
}

/// What of the body of a message is no content.
fn metadata(body: AnyValue) -> Option<AnyValue> {
    let AnyValue::Map(mut map) = body else { return None };
    map.retain(|key, _| METADATA.contains(&key.as_str()));
    (!map.is_empty()).then_some(AnyValue::Map(map))
}

/// The choice for one record, and how much of the budget is used.
struct Choice<'a> {
    content: &'a Content,
    gate: &'a LastGate,
    record: &'a SdkLogRecord,
    used: usize,
}

type Said = (Option<AnyValue>, Vec<(Key, AnyValue)>);

impl Choice<'_> {
    fn event(&mut self) -> Said {
        let mut attributes = Vec::new();
        for (key, value) in self.record.attributes_iter() {
            let kept = match is_content(key.as_str()) {
                true => self.attribute(key.as_str(), value),
                false => Some(value.clone()).filter(|_| self.tells(key.as_str())),
            };
            attributes.extend(kept.map(|value| (key.clone(), value)));
        }
        let body = self.record.body().cloned().and_then(|said| self.body(said));
        (body, attributes)
    }

    /// The body of a message: whole or, for it is not cut, without its content.
    fn body(&mut self, said: AnyValue) -> Option<AnyValue> {
        let kinds = kinds_of_body(self.record);
        let Some(kind) = kinds.first() else { return Some(said) };
        let size = to_json(&said).to_string().len();
        let budget = self.content.budget();
        if !kinds.iter().all(|kind| self.content.passes(*kind)) {
            self.gate.count(Count::ContentOmitted, kind.attribute());
        } else if size > budget.attribute.min(budget.span.saturating_sub(self.used)) {
            self.gate.count(Count::ContentDropped, kind.attribute());
        } else {
            self.used += size;
            return Some(said);
        }
        metadata(said)
    }

    fn log(&mut self) -> Said {
        let body = self.record.body().map(text_of);
        let body = body.and_then(|text| self.item(Kind::LogMessage, &text)).map(|text| AnyValue::String(text.into()));
        let (told, fields): (Vec<_>, Vec<_>) =
            self.record.attributes_iter().cloned().partition(|(key, _)| key.as_str().starts_with(ABOUT));
        let mut attributes = Vec::new();
        if !fields.is_empty() {
            let mut map: Map<_, _> =
                fields.iter().map(|(key, value)| (key.as_str().to_owned(), to_json(value))).collect();
            log_fields::choose(self.content, self.gate, &mut map);
            let kept = (!map.is_empty()).then(|| Value::Object(map).to_string());
            let kept = kept.and_then(|fields| self.item(Kind::LogFields, &fields));
            if let Some(AnyValue::Map(kept)) = kept.and_then(|text| structured::read(&text)) {
                attributes.extend(*kept);
            }
        }
        attributes.extend(told.into_iter().filter(|(key, _)| self.tells(key.as_str())));
        (body, attributes)
    }

    /// What of the content under a key may leave.
    fn attribute(&mut self, key: &str, value: &AnyValue) -> Option<AnyValue> {
        let Some(named) = Named::of_attribute(key) else {
            self.gate.count(Count::ContentOmitted, key);
            return None;
        };
        let text = self.item(named.kind, &text_of(value))?;
        Some(structured_again(named.kind, value, text))
    }

    fn item(&mut self, kind: Kind, text: &str) -> Option<String> {
        let room = self.content.budget().span.saturating_sub(self.used);
        let scope = scope(self.record, kind);
        let Some(kept) = contained(|| self.content.again(scope, text, room)) else {
            self.gate.count(Count::HookPanic, "content policy");
            return None;
        };
        match kept {
            Ok(kept) => {
                self.used += kept.inline.as_ref().map_or(0, String::len);
                kept.inline
            }
            Err(why) => {
                self.gate.count(count_of(why), kind.attribute());
                None
            }
        }
    }

    /// Whether what `key` tells about content may leave; true of a key that tells nothing about any.
    fn tells(&self, key: &str) -> bool {
        let Some(told) = key.strip_prefix(ABOUT) else { return true };
        let words = told.split_once('.').map_or("", |(_, word)| word);
        let word = words.split('.').next().unwrap_or_default();
        Kind::all().find(|kind| kind.as_str() == word).is_some_and(|kind| self.content.tells_about(kind))
    }
}

/// What tells about content stands under keys that begin so.
const ABOUT: &str = "agentic.content.";

fn text_of(value: &AnyValue) -> String {
    match value {
        AnyValue::String(text) => text.as_str().to_owned(),
        structured => to_json(structured).to_string(),
    }
}

/// Structured again, if it was.
fn structured_again(kind: Kind, before: &AnyValue, text: String) -> AnyValue {
    if kind.shape() == Shape::Text || matches!(before, AnyValue::String(_)) {
        return AnyValue::String(text.into());
    }
    structured::read(&text).unwrap_or_else(|| AnyValue::String(text.into()))
}

fn scope(record: &SdkLogRecord, kind: Kind) -> Scope {
    let text = |wanted: &str| {
        let (_, value) = record.attributes_iter().find(|(key, _)| key.as_str() == wanted)?;
        match value {
            AnyValue::String(text) => Some(text.as_str().to_owned()),
            _ => None,
        }
    };
    let shared = |key: &str| text(key).map(Into::into);
    let (agent, conversation) = (shared(attr::GEN_AI_AGENT_NAME), shared(attr::GEN_AI_CONVERSATION_ID));
    let origin = Origin { agent, conversation, tool: shared(attr::GEN_AI_TOOL_NAME) };
    let place = record.trace_context();
    let trace_id = place.map_or([0; 16], |place| place.trace_id.to_bytes());
    let span_id = place.map_or([0; 8], |place| place.span_id.to_bytes());
    let named = text(attr::GEN_AI_OPERATION_NAME);
    let known = semconv::attribute(attr::GEN_AI_OPERATION_NAME).map_or(&[][..], |operation| operation.values);
    let activity = known.iter().find(|known| named.as_deref() == Some(**known)).copied().unwrap_or_default();
    Scope { kind, activity, origin, sampled: true, event: false, trace_id, span_id }
}
