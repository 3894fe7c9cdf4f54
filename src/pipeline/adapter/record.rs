//! Log records: of the content that the tracer let out, what one backend gets.
//!
//! The SDK's record can be added to and not taken from, so one that changes is written anew.

use std::sync::OnceLock;

use opentelemetry::Key;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLogger, SdkLoggerProvider};
use serde_json::Value;

use crate::content::{Content, Destination, Kind, Origin, Scope, Shape, contained};
use crate::semconv::{self, attr};
use crate::span::content::{Named, count_of};
use crate::span::{Count, LastGate, is_content};

use super::any_value::{from_json, to_json};

/// Events of version 1.36 whose body is a message, and the content that it is.
#[rustfmt::skip]
const BODIES: &[(&str, Kind)] = &[
    ("gen_ai.assistant.message", Kind::InputMessages),
    ("gen_ai.choice",            Kind::OutputMessages),
    ("gen_ai.system.message",    Kind::SystemInstructions),
    ("gen_ai.tool.message",      Kind::InputMessages),
    ("gen_ai.user.message",      Kind::InputMessages),
];

/// Members of such a body that are no content.
const METADATA: &[&str] = &["finish_reason", "id", "index"];

/// Takes out of `record`, or shortens, what `content` does not let out on events.
pub(crate) fn choose(content: &Content, gate: &LastGate, record: &mut SdkLogRecord) {
    let body = body_kind(record);
    if body.is_none() && !record.attributes_iter().any(|(key, _)| is_content(key.as_str())) {
        return;
    }
    let on_events = matches!(content.destination(), Destination::Event | Destination::SpanAndEvent);
    // The same setting, for whoever asks what goes on spans.
    let content = if on_events { content.clone().with_destination(Destination::Span) } else { Content::off() };
    let mut used = 0;
    let attributes: Vec<_> = record.attributes_iter().cloned().collect();
    let kept = attributes.into_iter().filter_map(|(key, value)| {
        if !is_content(key.as_str()) {
            return Some((key, value));
        }
        let value = item(&content, gate, &mut used, (record, key.as_str(), &value))?;
        Some((key, value))
    });
    let kept: Vec<_> = kept.collect();
    let said = record.body().cloned().map(|said| match body {
        Some(kind) if !content.passes(kind) => metadata(said),
        _ => said,
    });
    *record = written(record, said, kept);
}

/// Takes all content out.
pub(crate) fn strip(record: &mut SdkLogRecord) {
    let kept = record.attributes_iter().filter(|(key, _)| !is_content(key.as_str())).cloned().collect();
    let said = if body_kind(record).is_some() { record.body().cloned().map(metadata) } else { record.body().cloned() };
    *record = written(record, said, kept);
}

fn body_kind(record: &SdkLogRecord) -> Option<Kind> {
    let name = record.event_name()?;
    BODIES.iter().find(|(event, _)| *event == name).map(|(_, kind)| *kind)
}

fn metadata(body: AnyValue) -> AnyValue {
    match body {
        AnyValue::Map(mut map) => {
            map.retain(|key, _| METADATA.contains(&key.as_str()));
            AnyValue::Map(map)
        }
        _ => AnyValue::Map(Box::default()),
    }
}

/// What of the content under a key may leave.
fn item(
    content: &Content,
    gate: &LastGate,
    used: &mut usize,
    (record, key, value): (&SdkLogRecord, &str, &AnyValue),
) -> Option<AnyValue> {
    let Some(named) = Named::of_attribute(key) else {
        gate.count(Count::ContentOmitted, key);
        return None;
    };
    let kind = named.kind;
    let text = match value {
        AnyValue::String(text) => text.as_str().to_owned(),
        structured => to_json(structured).to_string(),
    };
    let room = content.budget().span.saturating_sub(*used);
    let scope = scope(record, kind);
    match contained(|| content.again(scope, &text, room)) {
        Some(Ok(kept)) => {
            let text = kept.inline?;
            *used += text.len();
            Some(structured(kind, value, text))
        }
        Some(Err(why)) => {
            gate.count(count_of(why), key);
            None
        }
        None => {
            gate.count(Count::HookPanic, "content policy");
            None
        }
    }
}

/// Structured again, if it was.
fn structured(kind: Kind, before: &AnyValue, text: String) -> AnyValue {
    if kind.shape() == Shape::Text || matches!(before, AnyValue::String(_)) {
        return AnyValue::String(text.into());
    }
    match serde_json::from_str::<Value>(&text) {
        Ok(value) => from_json(value),
        Err(_) => AnyValue::String(text.into()),
    }
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

/// A record like `record` with another body and other attributes.
fn written(record: &SdkLogRecord, body: Option<AnyValue>, attributes: Vec<(Key, AnyValue)>) -> SdkLogRecord {
    let mut anew = blank();
    if let Some(name) = record.event_name() {
        anew.set_event_name(name);
    }
    if let Some(target) = record.target() {
        anew.set_target(target.clone());
    }
    if let Some(at) = record.timestamp() {
        anew.set_timestamp(at);
    }
    if let Some(at) = record.observed_timestamp() {
        anew.set_observed_timestamp(at);
    }
    if let Some(text) = record.severity_text() {
        anew.set_severity_text(text);
    }
    if let Some(number) = record.severity_number() {
        anew.set_severity_number(number);
    }
    if let Some(place) = record.trace_context() {
        anew.set_trace_context(place.trace_id, place.span_id, place.trace_flags);
    }
    if let Some(body) = body {
        anew.set_body(body);
    }
    anew.add_attributes(attributes);
    anew
}

/// Only a logger of the SDK makes records.
fn blank() -> SdkLogRecord {
    static LOGGER: OnceLock<SdkLogger> = OnceLock::new();
    LOGGER.get_or_init(|| SdkLoggerProvider::builder().build().logger("tracing-genai")).create_log_record()
}
