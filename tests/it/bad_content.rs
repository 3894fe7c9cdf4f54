//! Content that is too large, too deep, broken or endless: cut or left out and counted, while its span goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, SpanBuilder, Tracer as _};
use opentelemetry_sdk::trace::SpanData;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use tracing_genai::activity::{Operation, Tool, Turn, Usage};
use tracing_genai::content::{
    Content, Decision, Item, Message, Part, Payload, References, Store, StoreError, ToolDefinition,
};
use tracing_genai::{GenAiTracer, Stats};

use crate::support::{Recorder, attribute, with_tracer};

const ARGUMENTS: &str = "gen_ai.tool.call.arguments";
const INPUT: &str = "gen_ai.input.messages";

/// 100 MB.
const HUGE: usize = 100_000_000;

/// No machine of a test is as slow.
const LONG: Duration = Duration::from_secs(20);

/// Runs `work` with a tool call and a turn under `content`; the tool's span, the turn's, and what was counted.
fn run(content: Content, work: impl FnOnce(&ToolGuard, &TurnGuard)) -> (SpanData, SpanData, Stats) {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(content);
    with_tracer(&recorder, &tracer, || {
        let (tool, turn) = (Tool::new("t").start(), Turn::chat("p", "m").start());
        work(&tool, &turn);
        turn.usage(Usage::new(3, 4)).finish();
        tool.finish();
    });
    let turn = recorder.span("chat m");
    assert_eq!(attribute(&turn, "gen_ai.usage.input_tokens").as_deref(), Some("3"));
    let stats = tracer.stats();
    assert_eq!(stats.tracer_panics, 0);
    (recorder.span("execute_tool t"), turn, stats)
}

type ToolGuard = tracing_genai::activity::Guard<Tool>;
type TurnGuard = tracing_genai::activity::Guard<Turn>;

fn length(span: &SpanData, key: &str) -> usize {
    let found = span.attributes.iter().find(|pair| pair.key.as_str() == key);
    found.map_or(0, |pair| pair.value.as_str().len())
}

/// The JSON of an attribute, which has to be some.
fn parsed(span: &SpanData, key: &str) -> Value {
    let found = span.attributes.iter().find(|pair| pair.key.as_str() == key).expect("the attribute");
    serde_json::from_str(&found.value.as_str()).expect("valid JSON")
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::Array(vec![inner]))
}

/// A value that deep is dropped, compared and cloned by recursion: not by us, and not on a usual stack.
fn with_large_stack(work: impl FnOnce() + Send + 'static) {
    let large = thread::Builder::new().stack_size(256 << 20).spawn(work).expect("a thread");
    large.join().expect("no panic");
}

struct Failing;

impl Serialize for Failing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("cannot"))
    }
}

struct Panicking;

impl Serialize for Panicking {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("as asked")
    }
}

struct Endless;

impl Serialize for Endless {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(std::iter::repeat("again"))
    }
}

#[test]
fn bytes_that_are_no_text_leave_as_replacement_characters_or_digest() {
    let bytes = [0xff, 0xfe, b'a', 0];
    let (tool, turn, stats) = run(Content::all(), |tool, turn| {
        tool.arguments(&String::from_utf8_lossy(&bytes)).result(&bytes);
        turn.input_messages(&[Message::user(String::from_utf8_lossy(&bytes)).part(Part::blob("image", "x", bytes))]);
    });
    assert_eq!(parsed(&tool, ARGUMENTS), json!({"value": "\u{fffd}\u{fffd}a\0"}));
    assert_eq!(parsed(&tool, "gen_ai.tool.call.result"), json!({"value": [255, 254, 97, 0]}));
    let blob = &parsed(&turn, INPUT)[0]["parts"][1];
    assert_eq!((&blob["content"], &blob["size"]), (&json!(""), &json!(4)));
    assert_eq!(stats.content_refused, 0);
}

#[test]
fn what_does_not_serialise_stays_in() {
    let (tool, _, stats) = run(Content::all(), |tool, _| {
        tool.arguments(&Failing).result(&Endless);
    });
    assert_eq!((length(&tool, ARGUMENTS), length(&tool, "gen_ai.tool.call.result")), (0, 0));
    assert_eq!(stats.content_refused, 2);
}

#[test]
fn what_panics_while_it_is_made_stays_in() {
    let (tool, turn, stats) = run(Content::all(), |tool, turn| {
        tool.arguments(&Panicking).result_with(|| -> u8 { panic!("as asked") });
        turn.input_messages_with(|| -> Vec<Message> { panic!("as asked") });
    });
    assert_eq!((length(&tool, ARGUMENTS), length(&turn, INPUT)), (0, 0));
    assert_eq!(stats.hook_panics, 3);
}

#[test]
fn a_hundred_megabytes_are_cut_or_left_out() {
    let huge = "x".repeat(HUGE);
    let (tool, turn, stats) = run(Content::all(), |tool, turn| {
        tool.arguments(&huge).result(&json!([huge]));
        tool.description(&huge);
        turn.input_messages(&[Message::user(huge.as_str())]);
    });
    for (span, key) in [(&tool, ARGUMENTS), (&tool, "gen_ai.tool.description"), (&turn, INPUT)] {
        assert!(length(span, key) <= 64 * 1024, "{key}");
    }
    assert_eq!(stats.content_refused + stats.content_truncated, 4, "{stats:?}");
}

/// They left as an empty text, which is no JSON, and were not counted.
#[test]
fn a_hundred_megabytes_in_a_field_are_cut_or_left_out() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(Content::all());
    let json = format!(r#"[{{"role":"user","content":"{}"}}]"#, "x".repeat(HUGE));
    for value in ["x".repeat(HUGE), json] {
        let attributes = vec![KeyValue::new("gen_ai.operation.name", "chat"), KeyValue::new("gen_ai.prompt", value)];
        let mut span = tracer.build(SpanBuilder::from_name("x").with_attributes(attributes));
        span.set_attribute(KeyValue::new("gen_ai.usage.input_tokens", 3));
    }
    let spans = recorder.spans();
    assert_eq!(spans.len(), 2);
    for span in &spans {
        assert!(length(span, INPUT) <= 64 * 1024);
        assert_eq!(attribute(span, "gen_ai.usage.input_tokens").as_deref(), Some("3"));
    }
    let stats = tracer.stats();
    assert_eq!(stats.content_refused + stats.content_truncated, 2, "{stats:?}");
}

/// On a stack of 2 MiB, as threads have it.
#[test]
fn ten_thousand_levels_end_no_stack() {
    with_large_stack(|| {
        let (deep, part) = (nested(10_000), Part::tool_call_response("c", nested(10_000)));
        let (deep, messages) = (&deep, &[Message::new("tool").part(part)]);
        let tools = &[ToolDefinition::function("f").field("schema", nested(10_000))];
        let text = "[".repeat(10_000) + &"]".repeat(10_000);
        thread::scope(|scope| {
            let usual = thread::Builder::new().stack_size(2 << 20);
            let work = || {
                for content in [Content::all(), Content::custom(|item: Item| item.inline()).with_time_limit(LONG)] {
                    let (tool, turn, stats) = run(content, |tool, turn| {
                        tool.arguments(deep).result(&text);
                        turn.input_messages(messages).tool_definitions(tools);
                    });
                    assert_eq!((length(&tool, ARGUMENTS), length(&turn, INPUT)), (0, 0));
                    // Text that is too deep to be JSON is text.
                    assert_eq!(parsed(&tool, "gen_ai.tool.call.result")["value"], text.as_str());
                    assert_eq!(stats.content_refused, 3, "{stats:?}");
                }
            };
            usual.spawn_scoped(scope, work).expect("a thread").join().expect("no panic");
        });
    });
}

#[test]
fn a_policy_that_lets_a_value_grow_is_stopped_by_the_limits() {
    for grow in [
        |value: &mut Value| *value = json!("x".repeat(HUGE)),
        |value: &mut Value| *value = json!([nested(200)]),
        |value: &mut Value| (0..200).for_each(|_| *value = json!({"again": value.take()})),
    ] {
        let content = Content::custom(move |mut item: Item| {
            if let Payload::Json(value) = item.value_mut() {
                grow(value);
            }
            item.inline()
        });
        let (tool, _, stats) = run(content.with_time_limit(LONG), |tool, _| {
            tool.arguments("{}");
        });
        assert!(length(&tool, ARGUMENTS) <= 64 * 1024);
        assert_eq!(stats.content_policy_failures + stats.content_truncated, 1, "{stats:?}");
    }
}

/// The policy hangs until the test lets it go; nobody has waited for that.
#[test]
fn a_policy_that_hangs_is_given_up() {
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let held = Arc::clone(&gate);
    let content = Content::custom(move |item: Item| {
        let (is_open, changed) = &*held;
        drop(changed.wait_while(is_open.lock().unwrap(), |is_open| !*is_open));
        item.inline()
    });
    let (tool, _, stats) = run(content.with_time_limit(Duration::from_millis(1)), |tool, _| {
        for _ in 0..30 {
            tool.arguments("{}");
        }
    });
    assert_eq!(length(&tool, ARGUMENTS), 0);
    assert_eq!(stats.content_policy_failures, 30);
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
}

#[derive(Default)]
struct Kept(Arc<AtomicBool>);

impl Store for Kept {
    fn put(&self, _: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let is_text = bytes.windows(8).any(|window| window == b"retrying");
        self.0.fetch_or(is_text, Ordering::Relaxed);
        Ok(())
    }

    fn uri(&self, name: &str) -> String {
        format!("kept:{name}")
    }
}

/// The store was asked with the subscriber taken away twice, over which `tracing` panicked.
#[test]
fn the_text_of_a_log_event_can_be_stored() {
    let kept = Arc::new(AtomicBool::new(false));
    let references = References::to(Kept(Arc::clone(&kept)));
    let (tool, _, stats) = run(Content::all().with_references(references.clone()), |tool, _| {
        tool.in_scope(|| tracing::warn!("retrying"));
    });
    assert_eq!((stats.hook_panics, stats.content_not_stored), (0, 0));
    let told = tool.events.events.iter().flat_map(|event| &event.attributes);
    assert!(told.into_iter().any(|pair| pair.key.as_str() == "agentic.content.ref.log_message"), "{tool:?}");
    assert!(references.flush(LONG) && kept.load(Ordering::Relaxed));
}

/// What went on events was given back at the span's end without having been taken, until there was room for nothing.
#[test]
fn content_of_events_takes_no_room_from_later_spans() {
    let recorder = Recorder::default();
    let tracer: GenAiTracer<_> = recorder.tracer().with_content(Content::all());
    with_tracer(&recorder, &tracer, || {
        for _ in 0..3 {
            Operation::prompt("a").start().in_scope(|| tracing::warn!(attempt = 1, "retrying"));
            Operation::prompt("a").start().fail(&std::io::Error::other("gone"));
            let tool = Tool::new("t").start();
            tool.arguments("{}").finish();
        }
    });
    assert_eq!(tracer.stats().content_dropped, 0);
    let calls = recorder.spans().into_iter().filter(|span| length(span, ARGUMENTS) > 0).count();
    assert_eq!(calls, 3);
}

/// Fields of events were in no budget.
#[test]
fn content_of_events_uses_the_budget_of_its_span() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(Content::all().with_span_budget(4_000).with_output_reserve(0));
    with_tracer(&recorder, &tracer, || {
        Operation::prompt("a").start().in_scope(|| {
            for _ in 0..100 {
                tracing::warn!(body = "x".repeat(100), "retrying");
            }
        });
    });
    let span = recorder.span("invoke_agent a");
    let bytes: usize = span
        .events
        .events
        .iter()
        .flat_map(|event| &event.attributes)
        .filter(|pair| ["agentic.log.message", "agentic.log.attributes"].contains(&pair.key.as_str()))
        .map(|pair| pair.key.as_str().len() + pair.value.as_str().len())
        .sum();
    assert!(bytes > 3_000 && bytes <= 4_000, "{bytes}");
    assert!(tracer.stats().content_dropped > 50);
}

#[test]
fn a_policy_answer_of_another_form_stays_in() {
    let content = Content::custom(|_: Item| Decision::Inline(Payload::Text("x".into()))).with_time_limit(LONG);
    let (_, turn, stats) = run(content, |_, turn| {
        turn.input_messages(&[Message::user("hi")]);
    });
    assert_eq!((length(&turn, INPUT), stats.content_policy_failures), (0, 1));
}
