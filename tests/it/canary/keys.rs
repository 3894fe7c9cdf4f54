//! A canary under every key that a table knows, and under some that none does.

use std::collections::BTreeMap;

use opentelemetry::trace::{Event, Link, Span, SpanBuilder, SpanContext, TraceContextExt, TraceState, Tracer};
use opentelemetry::{Context, KeyValue};
use tracing_genai::collector::{AttributeValue, Holder, Part};
use tracing_genai::pipeline::Protocol;
use tracing_genai::semconv::{self, ATTRIBUTES, ValueType};

use super::fields::CANARY;
use super::{NAMING, Stage, part, surface};

/// Tells which key a span is about.
const MARK: &str = "gen_ai.response.id";

/// Keys in no table; the application did not allow them.
const UNKNOWN: &[&str] =
    &["prompt", "body", "gen_ai.", "gen_ai.unknown", "agentic.unknown", "db.statement", "é", "a b"];

/// Every key, and the attribute its text may leave under on a GenAI span.
fn keys() -> BTreeMap<String, Option<String>> {
    let mut keys = BTreeMap::new();
    for attribute in ATTRIBUTES {
        let key = if attribute.template { format!("{}.name", attribute.key) } else { attribute.key.to_owned() };
        keys.insert(key.clone(), open(&key).then_some(key));
    }
    for (alias, to) in aliases() {
        let to = open(&to).then_some(to);
        keys.insert(alias, to);
    }
    for key in surface::strings_of("LEFT_AS_THEY_ARE") {
        keys.insert(key.clone(), Some(key));
    }
    for key in surface::strings_of("NOISE") {
        keys.insert(key, None);
    }
    for prefix in surface::strings_of("CONTENT_PREFIXES") {
        keys.insert(format!("{prefix}0.content"), None);
    }
    keys.extend(UNKNOWN.iter().map(|key| ((*key).to_owned(), None)));
    // What the spans of this test are known by.
    keys.remove("gen_ai.operation.name");
    keys.remove(MARK);
    keys
}

/// Whether text may leave under `key`.
fn open(key: &str) -> bool {
    let attribute = semconv::attribute(key).expect("of the registry");
    !attribute.content && matches!(attribute.value_type, ValueType::String | ValueType::Strings)
}

/// Of the printed page.
fn aliases() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mapping.md")).expect("there");
    let (_, table) = page.split_once("## Other keys for the same attribute").expect("such a table");
    let (table, _) = table.split_once("\n## ").expect("an end");
    let row = |line: &str| {
        let mut words = line.split('`').skip(1).step_by(2).map(str::to_owned);
        words.next().zip(words.next())
    };
    table.lines().filter_map(row).collect()
}

fn sing(tracer: &super::plant::Tracer, key: &str) {
    let pair = || KeyValue::new(key.to_owned(), CANARY);
    let link = || SpanContext::new(1.into(), 2.into(), Default::default(), false, TraceState::NONE);
    let known = |rest: Vec<KeyValue>| {
        let mut pairs = vec![KeyValue::new("gen_ai.operation.name", "chat"), KeyValue::new(MARK, key.to_owned())];
        pairs.extend(rest);
        SpanBuilder::from_name("x").with_attributes(pairs)
    };
    drop(tracer.build_with_context(known(vec![pair()]), &Context::new()));
    let mut late = tracer.build_with_context(known(vec![]), &Context::new());
    late.set_attribute(pair());
    drop(late);
    let event = Event::new("event", std::time::SystemTime::now(), vec![pair()], 0);
    let builder = known(vec![]).with_events(vec![event]).with_links(vec![Link::new(link(), vec![pair()], 0)]);
    let mut around = tracer.build_with_context(builder, &Context::new());
    around.add_event("event", vec![pair()]);
    around.add_link(link(), vec![pair()]);
}

#[test]
fn a_text_leaves_under_its_own_attribute_or_not_at_all() {
    let keys = keys();
    let stage = Stage::new(Protocol::HttpProtobuf, |builder| builder.with_max_queue_size(10_000));
    keys.keys().for_each(|key| sing(&stage.telemetry.tracer(), key));
    stage.telemetry.flush(super::PATIENCE).expect("exported");
    let spans = stage.collector.spans();
    assert_eq!(spans.len(), 3 * keys.len());
    let about = |id: &str| {
        let span = spans.iter().find(|span| span.span_id == id).expect("held");
        span.attribute(MARK).and_then(AttributeValue::as_str).expect("marked")
    };
    let mut left = BTreeMap::new();
    for place in stage.collector.find_text(CANARY) {
        if place.holder == Holder::Point {
            // A series belongs to no span.
            assert!(part(&place).is_some_and(open), "{place}");
            continue;
        }
        let key = about(&place.span_id);
        let meant = keys[key].as_deref();
        let named = place.part == Part::Name && meant.is_some_and(|to| NAMING.contains(&to));
        let under = match (&place.holder, &place.part) {
            (Holder::Event(_) | Holder::Link, Part::Value(key)) => Some(key.as_str()),
            _ => part(&place),
        };
        assert!(named || meant.is_some() && under == meant, "{key}: {place}, meant is {meant:?}");
        left.insert(key.to_owned(), ());
    }
    assert!(left.len() > 80 && left.len() < keys.len() * 2 / 3, "{} of {} keys", left.len(), keys.len());
}

/// As `docs/audit.md` says of other spans.
fn stays_on_a_plain_span(key: &str, is_inside: bool) -> bool {
    let content = |key: &str| semconv::attribute(key).is_some_and(|attribute| attribute.content);
    let in_namespace = ["gen_ai.", "langfuse.", "mlflow."].iter().any(|namespace| key.starts_with(namespace));
    match aliases().into_iter().find(|(alias, _)| alias == key) {
        Some((_, to)) => content(&to) && (is_inside || in_namespace),
        None if semconv::attribute(key).is_some() => content(key) && (is_inside || !key.starts_with("exception.")),
        None => surface::strings_of("CONTENT_PREFIXES").iter().any(|prefix| key.starts_with(prefix)),
    }
}

#[test]
fn a_plain_span_keeps_what_the_audit_says() {
    let stage = Stage::new(Protocol::HttpProtobuf, |builder| builder.with_max_queue_size(10_000));
    let tracer = stage.telemetry.tracer();
    let chat = SpanBuilder::from_name("x").with_attributes([KeyValue::new("gen_ai.operation.name", "chat")]);
    let agent = Context::new().with_span(tracer.build_with_context(chat, &Context::new()));
    for key in keys().keys() {
        for parent in [&Context::new(), &agent] {
            let mut plain = tracer.build_with_context(SpanBuilder::from_name("plain"), parent);
            // Late: at the start some keys make a GenAI span of it.
            plain.set_attributes([KeyValue::new("mark", key.clone()), KeyValue::new(key.clone(), CANARY)]);
        }
    }
    stage.telemetry.flush(super::PATIENCE).expect("exported");
    let spans = stage.collector.spans();
    assert_eq!(spans.len(), 2 * keys().len());
    for span in spans {
        let key = span.str("mark").expect("marked");
        let is_inside = span.parent_span_id.is_some();
        let left = span.str(key) == Some(CANARY);
        assert_eq!(left, !stays_on_a_plain_span(key, is_inside), "{key}, inside: {is_inside}");
    }
}
