//! Every place a text can be in, and what an assertion needs to be a proof.
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::collector::decode::Batch;
use crate::collector::span::{ReceivedEvent, ReceivedLink, ReceivedResource, ReceivedScope};

const CANARY: &str = "c4nary-7312";

fn text(text: &str) -> AttributeValue {
    AttributeValue::Str(text.to_owned())
}

fn pair(key: &str, value: AttributeValue) -> Attributes {
    vec![(key.to_owned(), value)]
}

fn plain() -> ReceivedSpan {
    ReceivedSpan {
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
        span_id: "00f067aa0ba902b7".to_owned(),
        name: "chat".to_owned(),
        ..ReceivedSpan::default()
    }
}

fn places(spans: &[ReceivedSpan]) -> Vec<String> {
    find(spans, CANARY).iter().map(ToString::to_string).collect()
}

#[test]
fn every_place_is_looked_at() {
    let canary = || text(CANARY);
    let event = |name: &str, attributes| vec![ReceivedEvent { name: name.to_owned(), attributes, time_unix_nanos: 1 }];
    let link = |state: &str, attributes| {
        vec![ReceivedLink { trace_state: state.to_owned(), attributes, ..ReceivedLink::default() }]
    };
    let resource =
        |schema_url: &str, attributes| Arc::new(ReceivedResource { schema_url: schema_url.to_owned(), attributes });
    let scope = |name: &str, version: &str, attributes| {
        let (name, version) = (name.to_owned(), version.to_owned());
        Arc::new(ReceivedScope { name, version, attributes, schema_url: String::new() })
    };
    let nested = AttributeValue::Array(vec![AttributeValue::Map(pair("k", AttributeValue::Bytes(CANARY.into())))]);
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let none = Attributes::new;
    let with = |change: &dyn Fn(&mut ReceivedSpan)| {
        let mut span = plain();
        change(&mut span);
        places(&[span]).join("; ")
    };
    let found = [
        with(&|span| span.name = format!("chat {CANARY}")),
        with(&|span| span.status_message = CANARY.into()),
        with(&|span| span.trace_state = format!("a={CANARY}")),
        with(&|span| span.attributes = pair("key", canary())),
        with(&|span| span.attributes = pair("nested", nested.clone())),
        with(&|span| span.attributes = pair("keys", AttributeValue::Map(pair(CANARY, AttributeValue::Empty)))),
        with(&|span| span.attributes = pair(CANARY, canary())),
        with(&|span| span.events = event(CANARY, none())),
        with(&|span| span.events = event("log", pair("body", canary()))),
        with(&|span| span.links = link(CANARY, none())),
        with(&|span| span.links = link("", pair("why", canary()))),
        with(&|span| span.links = vec![ReceivedLink { span_id: hex.clone(), ..ReceivedLink::default() }]),
        with(&|span| span.resource = resource(CANARY, none())),
        with(&|span| span.resource = resource("", pair("service.name", canary()))),
        with(&|span| span.scope = scope(CANARY, "", none())),
        with(&|span| span.scope = scope("", CANARY, none())),
        with(&|span| span.scope = scope("", "", pair("k", canary()))),
    ];
    insta::assert_snapshot!(found.join("\n"), @r#"
    name, span (name not shown) 00f067aa0ba902b7
    status message, span "chat" 00f067aa0ba902b7
    trace state, span "chat" 00f067aa0ba902b7
    value of key, span "chat" 00f067aa0ba902b7
    value of nested, span "chat" 00f067aa0ba902b7
    value of keys, span "chat" 00f067aa0ba902b7
    key of an attribute, span "chat" 00f067aa0ba902b7; value of (key not shown), span "chat" 00f067aa0ba902b7
    name, event (name not shown), span "chat" 00f067aa0ba902b7
    value of body, event "log", span "chat" 00f067aa0ba902b7
    trace state, link, span "chat" 00f067aa0ba902b7
    value of why, link, span "chat" 00f067aa0ba902b7
    id, link, span "chat" 00f067aa0ba902b7
    schema URL, resource, span "chat" 00f067aa0ba902b7
    value of service.name, resource, span "chat" 00f067aa0ba902b7
    name, scope, span "chat" 00f067aa0ba902b7
    version, scope, span "chat" 00f067aa0ba902b7
    value of k, scope, span "chat" 00f067aa0ba902b7
    "#);
    assert_eq!(places(&[plain()]), [""; 0]);
}

#[test]
fn a_shared_resource_is_told_once() {
    let resource = Arc::new(ReceivedResource { attributes: pair("team", text(CANARY)), schema_url: String::new() });
    let span = ReceivedSpan { resource, ..plain() };
    assert_eq!(places(&[span.clone(), span.clone(), span]).len(), 1);
}

fn refusal(collector: &Collector, canary: &str) -> String {
    let assert = AssertUnwindSafe(|| collector.assert_no_content(canary));
    *catch_unwind(assert).expect_err("refused").downcast::<String>().expect("a message")
}

fn holding(spans: Vec<ReceivedSpan>, max: usize) -> Collector {
    let collector = Collector::builder().with_max_spans(max).start().unwrap();
    collector.store.insert(Batch { spans, rejected: 0 });
    collector
}

#[test]
fn an_assertion_that_proves_nothing_is_refused() {
    let empty = Collector::builder().start().unwrap();
    assert!(refusal(&empty, CANARY).contains("no span"));
    let collector = holding(vec![plain()], 9);
    collector.assert_no_content(CANARY);
    assert!(refusal(&collector, "c4nary!").contains("7 bytes"));
    collector.take_all();
    assert!(refusal(&collector, CANARY).contains("1 spans evicted or taken"));
    let second = ReceivedSpan { span_id: "00f067aa0ba902b8".to_owned(), ..plain() };
    assert!(refusal(&holding(vec![plain(), second], 1), CANARY).contains("1 evicted"));
    let collector = holding(vec![plain()], 9);
    collector.store.count_refused();
    assert!(refusal(&collector, CANARY).contains("1 requests refused"));
}

#[test]
fn a_failed_assertion_names_places_and_quotes_nothing() {
    let mut span = plain();
    span.attributes = pair("prompt", text(&format!("tell nobody: {}", CANARY.to_uppercase())));
    span.name = format!("ask {CANARY}");
    let message = refusal(&holding(vec![span.clone(), span], 9), CANARY);
    assert!(message.contains("at 2 places") && message.contains("value of prompt"), "{message}");
    assert!(!message.to_lowercase().contains("c4nary-") && !message.contains("tell nobody"), "{message}");
}
