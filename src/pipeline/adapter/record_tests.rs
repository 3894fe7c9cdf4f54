//! Log records as one backend gets them.

use std::sync::Arc;

use opentelemetry::Key;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLoggerProvider};

use super::super::record::Place;
use super::*;
use crate::content::{Decision, Destination, Item, Kind, Redactor};
use crate::events::structured;

const CANARY: &str = "c4n4ry";

fn record(name: &'static str, body: Option<AnyValue>, attributes: Vec<(&'static str, AnyValue)>) -> SdkLogRecord {
    let mut record = SdkLoggerProvider::builder().build().logger("t").create_log_record();
    record.set_event_name(name);
    if let Some(body) = body {
        record.set_body(body);
    }
    record.add_attributes(attributes);
    record
}

/// The details of a turn, with content.
fn details() -> SdkLogRecord {
    let messages = format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{CANARY} a@example.com"}}]}}]"#);
    let messages = structured::read(&messages).unwrap();
    let attributes = vec![
        ("gen_ai.operation.name", "chat".into()),
        ("gen_ai.input.messages", messages),
        ("agentic.content.truncated.input_messages", 7.into()),
    ];
    record("gen_ai.client.inference.operation.details", None, attributes)
}

fn on_events(content: Content) -> Content {
    content.with_destination(Destination::SpanAndEvent)
}

fn adapted(content: Content, place: Place, mut record: SdkLogRecord) -> SdkLogRecord {
    let adapter = Adapter { content: Some(content), ..Adapter::default() };
    adapter.record(&LastGate::new(Arc::default()), place, &mut record);
    record
}

fn keys(record: &SdkLogRecord) -> Vec<&str> {
    record.attributes_iter().map(|(key, _)| key.as_str()).collect()
}

fn value<'a>(record: &'a SdkLogRecord, key: &'static str) -> Option<&'a AnyValue> {
    record.attributes_iter().find(|(known, _)| *known == Key::from_static_str(key)).map(|(_, value)| value)
}

#[test]
fn content_leaves_on_events_where_it_is_chosen_for_them() {
    for content in [Content::off(), Content::all(), on_events(Content::only([Kind::OutputMessages]))] {
        let left = adapted(content, Place::Event, details());
        assert_eq!(keys(&left), ["gen_ai.operation.name"]);
        assert_eq!(left.event_name(), Some("gen_ai.client.inference.operation.details"));
    }
    let left = adapted(on_events(Content::all()), Place::Event, details());
    assert_eq!(value(&left, "gen_ai.input.messages"), value(&details(), "gen_ai.input.messages"));
    assert_eq!(keys(&left).len(), 3);
}

#[test]
fn it_stays_structured_when_it_is_changed() {
    let redacted = on_events(Content::all()).with_redactors(Redactor::recommended());
    let left = adapted(redacted, Place::Event, details());
    let messages = value(&left, "gen_ai.input.messages").unwrap();
    assert!(matches!(messages, AnyValue::ListAny(_)), "{messages:?}");
    let text = format!("{messages:?}");
    assert!(text.contains(CANARY) && !text.contains("a@example.com"), "{text}");
}

#[test]
fn a_policy_is_told_what_the_event_is_about_and_may_panic() {
    let policy = |item: Item| if item.scope().activity() == "chat" { Decision::Omit } else { item.inline() };
    let left = adapted(on_events(Content::custom(policy)), Place::Event, details());
    assert_eq!(value(&left, "gen_ai.input.messages"), None);
    let panicking = |_: Item| -> Decision { panic!("{CANARY}") };
    let left = adapted(on_events(Content::custom(panicking)), Place::Event, details());
    assert_eq!(keys(&left), ["gen_ai.operation.name"]);
}

#[test]
fn a_message_of_1_36_keeps_its_index_and_its_reason() {
    let body = r#"{"index":0,"finish_reason":"stop","message":{"content":"c4n4ry"}}"#;
    let choice = || record("gen_ai.choice", structured::read(body), vec![("gen_ai.system", "openai".into())]);
    let left = adapted(Content::off(), Place::Event, choice());
    let text = format!("{:?}", left.body());
    assert!(!text.contains(CANARY) && text.contains("index") && text.contains("stop"), "{text}");
    let left = adapted(on_events(Content::all()), Place::Event, choice());
    assert!(format!("{:?}", left.body()).contains(CANARY));
}

#[test]
fn a_system_message_of_1_36_needs_both_kinds_that_it_may_be() {
    let body = r#"{"content":"c4n4ry"}"#;
    let message = || record("gen_ai.system.message", structured::read(body), Vec::new());
    for kinds in [[Kind::SystemInstructions, Kind::ToolResult], [Kind::InputMessages, Kind::ToolResult]] {
        let left = adapted(on_events(Content::only(kinds)), Place::Event, message());
        assert_eq!(left.body(), None);
    }
    let both = on_events(Content::only([Kind::SystemInstructions, Kind::InputMessages]));
    assert_eq!(adapted(both, Place::Event, message()).body(), message().body());
}

#[test]
fn a_message_of_1_36_over_the_budget_is_metadata_only() {
    let body = format!(r#"{{"index":0,"message":{{"content":"{}"}}}}"#, CANARY.repeat(20));
    let choice = || record("gen_ai.choice", structured::read(&body), Vec::new());
    for small in [Content::all().with_attribute_budget(64), Content::all().with_span_budget(64)] {
        let left = adapted(on_events(small), Place::Event, choice());
        let text = format!("{:?}", left.body());
        assert!(text.contains("index") && !text.contains(CANARY), "{text}");
    }
    assert_eq!(adapted(on_events(Content::all()), Place::Event, choice()).body(), choice().body());
}

#[test]
fn a_field_of_a_log_is_content_of_its_own_kind_too() {
    let fields = || vec![("error", CANARY.into()), ("gen_ai.input.messages", CANARY.into()), ("attempt", 2.into())];
    let log = || record("event", None, fields());
    let left = adapted(on_events(Content::only([Kind::LogFields])), Place::Inside, log());
    assert_eq!(keys(&left), ["attempt"]);
    let left = adapted(on_events(Content::only([Kind::LogFields, Kind::ErrorMessage])), Place::Inside, log());
    assert!(keys(&left).len() == 2 && value(&left, "error").is_some() && value(&left, "attempt").is_some());
}

#[test]
fn the_text_of_a_log_is_content_inside_of_an_agent_only() {
    let log = || record("event", Some(CANARY.into()), vec![("city", CANARY.into()), ("attempt", 2.into())]);
    let outside = adapted(Content::off(), Place::Outside, log());
    assert_eq!((outside.body(), keys(&outside).len()), (Some(&CANARY.into()), 2));
    let inside = adapted(Content::off(), Place::Inside, log());
    assert_eq!((inside.body(), keys(&inside).len()), (None, 0));
    let text = adapted(on_events(Content::only([Kind::LogMessage])), Place::Inside, log());
    assert_eq!((text.body(), keys(&text).len()), (Some(&CANARY.into()), 0));
    let all = adapted(on_events(Content::all()), Place::Inside, log());
    assert_eq!(value(&all, "attempt"), Some(&AnyValue::Int(2)));
    assert_eq!(value(&all, "city"), Some(&CANARY.into()));
}
