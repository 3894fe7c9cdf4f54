//! What the predecessors' content hooks could do, and what their tests ask for: `docs/originals.md`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::trace::Status;
use serde_json::json;
use tracing_genai::activity::{Operation, Tool, Turn};
use tracing_genai::content::{
    Content, Decision, Item, Kind, Message, Part, Payload, References, Store, StoreError, StoreErrorKind,
};
use tracing_genai::{GenAiTracer, Stats};

use crate::support::{Recorder, attribute, with_tracer};

const PATIENCE: Duration = Duration::from_secs(20);

/// What is stored, by name.
#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<BTreeMap<String, String>>>);

impl Store for Shelf {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.lock().unwrap().insert(name.to_owned(), String::from_utf8_lossy(bytes).into_owned());
        Ok(())
    }

    fn uri(&self, name: &str) -> String {
        format!("shelf:{name}")
    }
}

/// A store that is never there.
struct Away;

impl Store for Away {
    fn put(&self, _: &str, _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::new(StoreErrorKind::Unavailable, "away"))
    }

    fn uri(&self, name: &str) -> String {
        format!("away:{name}")
    }
}

fn recorded(content: Content, work: impl FnOnce()) -> (Recorder, Stats) {
    let recorder = Recorder::default();
    let tracer: GenAiTracer<_> = recorder.tracer().with_content(content);
    with_tracer(&recorder, &tracer, work);
    (recorder, tracer.stats())
}

fn turn() {
    Turn::chat("p", "m").start().input_messages(&[Message::user("my name is Ada")]).finish();
}

/// Takes a name out of messages and texts.
fn without_name(mut item: Item) -> Item {
    match item.value_mut() {
        Payload::Messages(messages) => {
            messages.iter_mut().for_each(|message| *message.parts_mut() = vec![Part::text("my name is [name]")]);
        }
        Payload::Text(text) => *text = text.replace("Ada", "[name]"),
        _ => {}
    }
    item
}

#[test]
fn an_agent_has_what_it_was_asked_and_answered_and_not_its_history() {
    let (recorder, _) = recorded(Content::all(), || {
        let agent = Operation::prompt("guide").start();
        agent.input_messages(&[Message::user("Where to?")]);
        agent.in_scope(|| {
            let history = [Message::system("Be brief."), Message::user("Where to?")];
            Turn::chat("p", "m").start().input_messages(&history).finish();
        });
        agent.output_messages(&[Message::assistant("Lisbon.").finish_reason("stop")]).finish();
    });
    let agent = recorder.span("invoke_agent guide");
    let input = attribute(&agent, "gen_ai.input.messages").unwrap();
    assert!(input.contains("Where to?") && !input.contains("Be brief."), "{input}");
    assert!(attribute(&agent, "gen_ai.output.messages").unwrap().contains("Lisbon."));
    assert!(attribute(&recorder.span("chat m"), "gen_ai.input.messages").unwrap().contains("Be brief."));
}

#[test]
fn what_is_edited_is_stored_and_exported_alike() {
    let (shelf, said) = (Shelf::default(), vec![Message::user("my name is Ada")]);
    let references = References::to(shelf.clone());
    let content = Content::custom(|item: Item| Decision::Both(without_name(item).into_value()));
    let (recorder, _) = recorded(content.with_references(references.clone()), || {
        Turn::chat("p", "m").start().input_messages(&said).finish();
    });
    assert!(references.flush(PATIENCE));
    let span = recorder.span("chat m");
    let inline = r#"[{"role":"user","parts":[{"type":"text","content":"my name is [name]"}]}]"#;
    assert_eq!(attribute(&span, "gen_ai.input.messages").unwrap(), format!("{inline:?}"));
    let uri = attribute(&span, "agentic.content.ref.input_messages").unwrap();
    let stored = shelf.0.lock().unwrap().clone();
    assert_eq!(
        stored.into_iter().map(|(name, text)| (format!("{:?}", format!("shelf:{name}")), text)).collect::<Vec<_>>(),
        [(uri, inline.to_owned())]
    );
    assert_eq!(said, [Message::user("my name is Ada")]);
}

#[test]
fn what_is_stored_only_is_not_on_the_span() {
    let shelf = Shelf::default();
    let references = References::to(shelf.clone());
    let content = Content::custom(Item::reference).with_references(references.clone());
    let (recorder, _) = recorded(content, turn);
    assert!(references.flush(PATIENCE));
    let span = recorder.span("chat m");
    assert!(attribute(&span, "gen_ai.input.messages").is_none());
    assert!(attribute(&span, "agentic.content.ref.input_messages").is_some());
    assert!(shelf.0.lock().unwrap().values().any(|text| text.contains("my name is Ada")));
}

#[test]
fn a_store_that_fails_costs_nothing_on_the_span() {
    let references = References::to(Away);
    let content = Content::all().with_references(references.clone());
    let (recorder, stats) = recorded(content, turn);
    assert!(references.flush(PATIENCE));
    assert!(attribute(&recorder.span("chat m"), "gen_ai.input.messages").is_some());
    assert_eq!((references.stats().failed, stats.content_policy_failures), (1, 0));
}

#[test]
fn what_a_policy_omits_is_neither_stored_nor_exported() {
    let shelf = Shelf::default();
    let references = References::to(shelf.clone());
    let content = Content::custom(|_: Item| None::<Payload>).with_references(references.clone());
    let (recorder, stats) = recorded(content, turn);
    assert!(references.flush(PATIENCE));
    assert!(shelf.0.lock().unwrap().is_empty());
    assert!(!format!("{:?}", recorder.spans()).contains("Ada"));
    assert_eq!(stats.content_omitted, 1);
}

#[test]
fn budgets_may_be_zero_and_count_bytes() {
    let (recorder, stats) = recorded(Content::all().with_attribute_budget(0), turn);
    assert!(attribute(&recorder.span("chat m"), "gen_ai.input.messages").is_none());
    assert_eq!(stats.content_dropped, 1);
    // Two characters, four bytes: whole, or an ellipsis, which has three, or nothing.
    for (budget, kept) in [(4, Some(r#""éé""#)), (3, Some(r#""…""#)), (2, None)] {
        let (recorder, _) = recorded(Content::all().with_attribute_budget(budget), || {
            Tool::new("t").start().description("éé").finish();
        });
        let description = attribute(&recorder.span("execute_tool t"), "gen_ai.tool.description");
        assert_eq!(description.as_deref(), kept, "{budget}");
    }
}

#[test]
fn an_errors_text_goes_through_the_policy_to_event_and_status() {
    let content = Content::custom(|item: Item| without_name(item).inline());
    let (recorder, _) = recorded(content, || {
        Tool::new("t").start().fail(&std::io::Error::other("Ada is not there"));
    });
    let span = recorder.span("execute_tool t");
    assert_eq!(span.status, Status::error("[name] is not there"));
    let texts = format!("{:?}", span.events);
    assert!(texts.contains("[name] is not there") && !texts.contains("Ada"), "{texts}");
}

#[test]
fn structured_results_are_objects_and_descriptions_are_text() {
    let content = Content::custom(|mut item: Item| {
        if item.kind() == Kind::ToolResult {
            *item.value_mut() = Payload::Json(json!(["edited"]));
        }
        item.inline()
    });
    let (recorder, _) = recorded(content, || {
        Tool::new("t").start().description(r#"{"is": "text"}"#).result(&json!({"rows": 3})).finish();
    });
    let span = recorder.span("execute_tool t");
    assert_eq!(attribute(&span, "gen_ai.tool.call.result").unwrap(), format!("{:?}", r#"{"value":["edited"]}"#));
    assert_eq!(attribute(&span, "gen_ai.tool.description").unwrap(), format!("{:?}", r#"{"is": "text"}"#));
}
