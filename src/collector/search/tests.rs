//! Every place a text can be in, and what an assertion needs to be a proof.
use std::panic::{AssertUnwindSafe, catch_unwind};

use std::sync::Arc;

use super::*;
use crate::collector::decode::Batch;
use crate::collector::log::ReceivedLog;
use crate::collector::metric::{
    ExponentialHistogramValue, PointValue, ReceivedExemplar, ReceivedMetric, ReceivedPoint,
};
use crate::collector::origin::{ReceivedResource, ReceivedScope};
use crate::collector::span::{ReceivedEvent, ReceivedLink, ReceivedSpan};
use crate::collector::store::Stats;
use crate::collector::value::{AttributeValue, Attributes};

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

fn held(spans: &[ReceivedSpan]) -> Held {
    Held { spans: spans.to_vec(), metrics: Vec::new(), logs: Vec::new(), taken: 0, stats: Stats::default() }
}

fn told(held: &Held) -> Vec<String> {
    find(held, CANARY).iter().map(ToString::to_string).collect()
}

fn places(spans: &[ReceivedSpan]) -> Vec<String> {
    told(&held(spans))
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
fn every_place_of_a_metric_is_looked_at() {
    let canary = || text(CANARY);
    let with = |change: &dyn Fn(&mut ReceivedMetric)| {
        let mut metric =
            ReceivedMetric { name: "tokens".to_owned(), points: vec![ReceivedPoint::default()], ..Default::default() };
        change(&mut metric);
        told(&Held { metrics: vec![metric], ..held(&[]) }).join("; ")
    };
    let point = |change: &dyn Fn(&mut ReceivedPoint)| with(&|metric| metric.points.iter_mut().for_each(change));
    let exemplar = |change: &dyn Fn(&mut ReceivedExemplar)| {
        let mut exemplar = ReceivedExemplar::default();
        change(&mut exemplar);
        point(&|point| point.exemplars = vec![exemplar.clone()])
    };
    let resource = Arc::new(ReceivedResource { attributes: pair("team", canary()), schema_url: String::new() });
    let scope = Arc::new(ReceivedScope { name: CANARY.to_owned(), ..ReceivedScope::default() });
    let found = [
        with(&|metric| metric.name = CANARY.to_uppercase()),
        with(&|metric| metric.description = format!("of {CANARY}")),
        with(&|metric| metric.unit = format!("{{{CANARY}}}")),
        point(&|point| point.attributes = pair("model", canary())),
        point(&|point| point.attributes = pair(CANARY, AttributeValue::Int(1))),
        exemplar(&|exemplar| exemplar.attributes = pair("prompt", canary())),
        exemplar(&|exemplar| exemplar.trace_id = CANARY.to_owned()),
        with(&|metric| metric.resource = Arc::clone(&resource)),
        with(&|metric| metric.scope = Arc::clone(&scope)),
    ];
    insta::assert_snapshot!(found.join("\n"), @r#"
    name, metric (name not shown)
    description, metric "tokens"
    unit, metric "tokens"
    value of model, point, metric "tokens"
    key of an attribute, point, metric "tokens"
    value of prompt, exemplar, metric "tokens"
    id, exemplar, metric "tokens"
    value of team, resource, metric "tokens"
    name, scope, metric "tokens"
    "#);
    assert_eq!(with(&|_| {}), "");
}

#[test]
fn measured_numbers_are_looked_at() {
    let exemplar = ReceivedExemplar { value: Some(87_654_321.0), ..ReceivedExemplar::default() };
    let sum = ExponentialHistogramValue { sum: Some(87_654_321.0), ..ExponentialHistogramValue::default() };
    let of = |value, exemplars| ReceivedPoint { value, exemplars, ..ReceivedPoint::default() };
    let points = vec![
        of(PointValue::Int(87_654_321), vec![]),
        of(PointValue::ExponentialHistogram(sum), vec![]),
        of(PointValue::Empty, vec![exemplar]),
    ];
    let metric = ReceivedMetric { name: "n".to_owned(), points, ..ReceivedMetric::default() };
    let found = find(&Held { metrics: vec![metric], ..held(&[]) }, "87654321");
    assert_eq!(
        found.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["number, point, metric \"n\"", "number, point, metric \"n\"", "number, exemplar, metric \"n\""]
    );
}

#[test]
fn every_place_of_a_log_record_is_looked_at() {
    let canary = || text(CANARY);
    let with = |change: &dyn Fn(&mut ReceivedLog)| {
        let mut log = ReceivedLog { event_name: "details".to_owned(), ..ReceivedLog::default() };
        change(&mut log);
        told(&Held { logs: vec![log], ..held(&[]) }).join("; ")
    };
    let nested = AttributeValue::Array(vec![AttributeValue::Map(pair("parts", AttributeValue::Array(vec![canary()])))]);
    let scope = Arc::new(ReceivedScope { version: CANARY.to_owned(), ..ReceivedScope::default() });
    let found = [
        with(&|log| log.event_name = CANARY.to_owned()),
        with(&|log| log.severity_text = CANARY.to_owned()),
        with(&|log| log.body = Some(canary())),
        with(&|log| log.body = Some(nested.clone())),
        with(&|log| log.body = Some(AttributeValue::Map(pair(CANARY, AttributeValue::Empty)))),
        with(&|log| log.attributes = pair("gen_ai.input.messages", nested.clone())),
        with(&|log| log.attributes = pair(CANARY, nested.clone())),
        with(&|log| log.trace_id = Some(CANARY.to_owned())),
        with(&|log| (log.event_name, log.body) = (String::new(), Some(canary()))),
        with(&|log| log.scope = Arc::clone(&scope)),
    ];
    insta::assert_snapshot!(found.join("\n"), @r#"
    name, log record (name not shown)
    severity text, log record "details"
    body, log record "details"
    body, log record "details"
    body, log record "details"
    value of gen_ai.input.messages, log record "details"
    key of an attribute, log record "details"; value of (key not shown), log record "details"
    id, log record "details"
    body, log record
    version, scope, log record "details"
    "#);
    assert_eq!(with(&|_| {}), "");
}

fn batch<T>(item: T) -> Batch<T> {
    Batch { items: vec![item], rejected: 0 }
}

#[test]
fn a_proof_needs_all_signals() {
    let log = ReceivedLog { body: Some(text(CANARY)), ..ReceivedLog::default() };
    let collector = holding(vec![plain()], 9);
    collector.assert_no_content(CANARY);
    collector.store.insert_logs(batch(log));
    assert!(refusal(&collector, CANARY).contains("at 1 places:\n  body, log record"));
    collector.take_logs();
    assert!(refusal(&collector, CANARY).contains("1 taken"));
    // Metrics come by themselves and say nothing about spans.
    let metric = ReceivedMetric { points: vec![ReceivedPoint::default()], ..ReceivedMetric::default() };
    let collector = holding(vec![], 9);
    collector.store.insert_metrics(batch(metric.clone()));
    assert!(refusal(&collector, CANARY).contains("no span"));
    let collector = Collector::builder().with_signals([Signal::Metrics]).start().unwrap();
    assert!(refusal(&collector, CANARY).contains("no span"));
    collector.store.insert_metrics(batch(metric));
    collector.assert_no_content(CANARY);
    collector.store.insert_metrics(Batch { items: vec![], rejected: 1 });
    assert!(refusal(&collector, CANARY).contains("1 rejected"));
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
    collector.store.insert_spans(Batch { items: spans, rejected: 0 });
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
    assert!(refusal(&collector, CANARY).contains("1 taken"));
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
