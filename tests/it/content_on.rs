//! Content switched on: what leaves, in which form, and what a policy decides about it.

use std::sync::{Arc, Mutex};

use opentelemetry::KeyValue;
use opentelemetry::trace::Status;
use serde_json::json;
use tracing::{info_span, warn};
use tracing_genai::activity::{Memory, Operation, Retrieval, Task, Tool, Turn, Workflow};
use tracing_genai::content::{
    Content, Decision, Destination, Document, Item, Kind, MemoryRecord, Message, Part, Payload, ToolDefinition,
};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::support::{Recorder, attribute, with_tracer};

fn with_content(content: Content, work: impl FnOnce()) -> Recorder {
    let recorder = Recorder::default();
    with_tracer(&recorder, &recorder.tracer().with_content(content), work);
    recorder
}

#[derive(Debug, thiserror::Error)]
#[error("no such user: {0}")]
struct NoSuchUser(&'static str);

fn agent() {
    let run = Workflow::new("triage").start();
    run.input(&json!({"issue": 7}));
    run.in_scope(|| {
        let agent = Operation::prompt("researcher").start();
        agent.agent_description("Researches.");
        agent.in_scope(|| {
            let turn = Turn::chat("openai", "gpt-4o").start();
            turn.system_instructions("Be brief.")
                .tool_definitions(&[ToolDefinition::function("search")])
                .input_messages_with(|| [Message::user("Find it.")])
                .prompt_variable("city", "Berlin")
                .output_messages(&[Message::assistant("Looking.")
                    .part(Part::tool_call("c1", "search", r#"{"q":"it"}"#))
                    .finish_reason("tool_call")]);
            turn.finish();
            let tool = Tool::new("search").call_id("c1").start();
            tool.arguments(r#"{"q":"it"}"#).result("three hits").finish();
            let retrieval = Retrieval::new("docs").start();
            retrieval.query("it").documents(&[Document::new("d1").score(0.5).content("text")]).finish();
            let memory = Memory::search().start();
            memory.query("it").records(&[MemoryRecord::new("likes tea").id("m1")]).finish();
            let task = Task::new("writer").start();
            task.prompt("Write.").directory("/srv/app").fail_with_stack(&NoSuchUser("ann"), &"at main.rs:1");
            warn!(attempt = 2, "retrying {}", "it");
        });
        agent.finish();
    });
    run.result("done").finish();
}

#[test]
fn all_content_leaves_in_the_form_of_the_conventions() {
    let recorder = with_content(Content::all(), agent);
    insta::assert_snapshot!(recorder.tree(), @r#"
    invoke_workflow triage
        agentic.usage.turns = 1
        agentic.workflow.input = "{\"issue\":7}"
        agentic.workflow.result = "done"
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "triage"
      invoke_agent researcher
          agentic.operation.kind = "prompt"
          agentic.usage.turns = 1
          gen_ai.agent.description = "Researches."
          gen_ai.agent.name = "researcher"
          gen_ai.operation.name = "invoke_agent"
          * log agentic.log.level="WARN" agentic.log.target="it::content_on" agentic.log.message="retrying it" agentic.log.attributes="{\"attempt\":2}"
        chat gpt-4o CLIENT
            gen_ai.agent.name = "researcher"
            gen_ai.input.messages = "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Find it.\"}]}]"
            gen_ai.operation.name = "chat"
            gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"Looking.\"},{\"type\":\"tool_call\",\"id\":\"c1\",\"name\":\"search\",\"arguments\":{\"q\":\"it\"}}],\"finish_reason\":\"tool_call\"}]"
            gen_ai.prompt.variable.city = "Berlin"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "gpt-4o"
            gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"Be brief.\"}]"
            gen_ai.tool.definitions = "[{\"type\":\"function\",\"name\":\"search\"}]"
        execute_tool search
            gen_ai.agent.name = "researcher"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.call.arguments = "{\"q\":\"it\"}"
            gen_ai.tool.call.id = "c1"
            gen_ai.tool.call.result = "{\"value\":\"three hits\"}"
            gen_ai.tool.name = "search"
        retrieval docs CLIENT
            gen_ai.data_source.id = "docs"
            gen_ai.operation.name = "retrieval"
            gen_ai.retrieval.documents = "[{\"id\":\"d1\",\"score\":0.5,\"content\":\"text\"}]"
            gen_ai.retrieval.query.text = "it"
        search_memory CLIENT
            gen_ai.memory.query.text = "it"
            gen_ai.memory.records = "[{\"content\":\"likes tea\",\"id\":\"m1\"}]"
            gen_ai.operation.name = "search_memory"
        invoke_agent writer ERRORno such user: ann
            agentic.task.directory = "/srv/app"
            agentic.task.prompt = "Write."
            error.type = "NoSuchUser"
            gen_ai.agent.name = "writer"
            gen_ai.operation.name = "invoke_agent"
            * exception exception.type="it::content_on::NoSuchUser" exception.message="no such user: ann" exception.stacktrace="at main.rs:1"
    "#);
}

#[test]
fn by_default_nothing_of_it_is_made() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    with_tracer(&recorder, &tracer, || {
        let tool = Tool::new("t").start();
        tool.arguments_with(|| -> u8 { panic!("nobody wants it") });
        let turn = Turn::chat("p", "m").start();
        turn.input_messages_with(|| -> Vec<Message> { panic!("nobody wants it") });
    });
    assert_eq!(tracer.stats().content_omitted, 2);
    assert_eq!(tracer.stats().hook_panics, 0);
}

#[test]
fn only_the_chosen_kinds_leave() {
    let chosen = Content::only([Kind::ToolArguments, Kind::ToolResult]).except([Kind::ToolResult]);
    let recorder = with_content(chosen, agent);
    let text = format!("{:?}", recorder.spans());
    assert!(text.contains(r#"{\"q\":\"it\"}"#), "{text}");
    for other in ["three hits", "Be brief", "Find it", "Berlin", "likes tea", "no such user", "retrying", "issue"] {
        assert!(!text.contains(other), "{other} in {text}");
    }
}

#[test]
fn a_policy_sees_whose_it_is_and_edits_a_copy() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let content = Content::custom(move |mut item: Item| {
        let scope = item.scope();
        told.lock().unwrap().push(format!(
            "{} {} agent={:?} tool={:?} conversation={:?} sampled={} {}/{}",
            scope.kind(),
            scope.activity(),
            scope.agent(),
            scope.tool(),
            scope.conversation(),
            scope.is_sampled(),
            scope.trace_id().len(),
            scope.span_id().len(),
        ));
        match item.value_mut() {
            Payload::Json(value) => *value = json!({"edited": true}),
            Payload::Messages(messages) => messages.iter_mut().for_each(|message| message.parts_mut().clear()),
            _ => return Decision::Omit,
        }
        item.inline()
    });
    let arguments = json!({"secret": 1});
    let history = vec![Message::user("hi")];
    let recorder = with_content(content, || {
        Operation::prompt("researcher").conversation("c-1").start().in_scope(|| {
            Tool::new("search").start().arguments(&arguments);
            Turn::chat("p", "m").start().input_messages(&history).system_instructions("x");
        });
    });
    assert_eq!(
        attribute(&recorder.span("execute_tool search"), "gen_ai.tool.call.arguments").unwrap(),
        r#""{\"edited\":true}""#
    );
    assert_eq!(
        attribute(&recorder.span("chat m"), "gen_ai.input.messages").unwrap(),
        r#""[{\"role\":\"user\",\"parts\":[]}]""#
    );
    assert_eq!((arguments, history), (json!({"secret": 1}), vec![Message::user("hi")]));
    insta::assert_snapshot!(seen.lock().unwrap().join("\n"), @r#"
    tool_arguments execute_tool agent=Some("researcher") tool=Some("search") conversation=Some("c-1") sampled=true 32/16
    input_messages chat agent=Some("researcher") tool=None conversation=Some("c-1") sampled=true 32/16
    system_instructions chat agent=Some("researcher") tool=None conversation=Some("c-1") sampled=true 32/16
    "#);
}

#[test]
fn a_policy_that_panics_fails_closed() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(Content::custom(|item: Item| match item.kind() {
        Kind::ToolArguments => panic!("as asked"),
        Kind::ToolResult => Err("no"),
        _ => Ok(item.inline()),
    }));
    with_tracer(&recorder, &tracer, || {
        Tool::new("t").start().arguments("{}").result("{}").description("works").finish();
    });
    let span = recorder.span("execute_tool t");
    assert!(attribute(&span, "gen_ai.tool.call.arguments").is_none());
    assert!(attribute(&span, "gen_ai.tool.call.result").is_none());
    assert_eq!(attribute(&span, "gen_ai.tool.description").unwrap(), r#""works""#);
    assert_eq!(tracer.stats().content_policy_failures, 2);
}

#[test]
fn what_grows_under_a_policy_is_refused() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(Content::custom(|mut item: Item| {
        if let Payload::Json(value) = item.value_mut() {
            for _ in 0..1_000 {
                *value = json!([value.take()]);
            }
        }
        item.inline()
    }));
    with_tracer(&recorder, &tracer, || {
        Tool::new("t").start().arguments("{}");
    });
    assert_eq!(tracer.stats().content_policy_failures, 1);
    assert_eq!(recorder.spans().len(), 1);
}

#[test]
fn fields_and_the_opentelemetry_api_go_the_same_way() {
    let recorder = with_content(Content::all(), || {
        let chat = info_span!(
            "x",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            gen_ai.prompt = "hi",
            gen_ai.output.messages = tracing::field::Empty,
            gen_ai.prompt.variable.city = "Berlin",
            otel.status_description = tracing::field::Empty,
        );
        chat.record("gen_ai.output.messages", r#"[{"role":"assistant","content":"yes"}]"#);
        chat.set_attribute("gen_ai.tool.definitions", r#"[{"name":"f"}]"#);
        chat.add_event("gen_ai.choice", vec![KeyValue::new("gen_ai.output.messages", "no")]);
        chat.set_status(Status::error("quota of ann is used up"));
    });
    insta::assert_snapshot!(recorder.tree(), @r#"
    chat m CLIENT ERRORquota of ann is used up
        error.type = "_OTHER"
        gen_ai.input.messages = "[{\"parts\":[{\"content\":\"hi\",\"type\":\"text\"}],\"role\":\"user\"}]"
        gen_ai.operation.name = "chat"
        gen_ai.output.messages = "[{\"parts\":[{\"content\":\"yes\",\"type\":\"text\"}],\"role\":\"assistant\"}]"
        gen_ai.prompt.variable.city = "Berlin"
        gen_ai.request.model = "m"
        gen_ai.tool.definitions = "[{\"name\":\"f\",\"type\":\"function\"}]"
        * gen_ai.choice
    "#);
    assert_eq!(recorder.span("chat m").status, Status::error("quota of ann is used up"));
}

#[test]
fn events_only_leave_nothing_on_spans() {
    let recorder = with_content(Content::all().with_destination(Destination::Event), agent);
    assert!(!format!("{:?}", recorder.spans()).contains("Find it"));
}

fn sizes(recorder: &Recorder, name: &str) -> Vec<(String, usize)> {
    let span = recorder.span(name);
    let content = span
        .attributes
        .iter()
        .filter(|pair| pair.key.as_str().starts_with("gen_ai.") && pair.value.as_str().len() > 90);
    content.map(|pair| (pair.key.to_string(), pair.value.as_str().len())).collect()
}

#[test]
fn a_span_has_one_budget_and_its_input_leaves_room_for_the_output() {
    let content = Content::all().with_attribute_budget(1_000).with_span_budget(2_000).with_output_reserve(800);
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(content);
    with_tracer(&recorder, &tracer, || {
        let turn = Turn::chat("p", "m").start();
        let long = "word ".repeat(1_000);
        turn.input_messages(&[Message::user(long.as_str())]);
        turn.system_instructions(long.as_str());
        turn.tool_definitions(&[ToolDefinition::function("f").description(long.as_str())]);
        turn.output_messages(&[Message::assistant(long.as_str())]);
    });
    let sizes = sizes(&recorder, "chat m");
    let of = |key: &str| sizes.iter().find(|(found, _)| found == key).map_or(0, |(_, size)| *size);
    let (input, instructions) = (of("gen_ai.input.messages"), of("gen_ai.system_instructions"));
    assert!((980..=1_000).contains(&input), "{sizes:?}");
    assert!(input + instructions <= 1_200 && instructions > 100, "{sizes:?}");
    let output = of("gen_ai.output.messages");
    assert!((700..=1_000).contains(&output), "{sizes:?}");
    let span = recorder.span("chat m");
    let missing = attribute(&span, "agentic.content.truncated.input_messages").unwrap();
    assert!(missing.parse::<usize>().unwrap() > 4_000, "{missing}");
    assert!(tracer.stats().content_truncated >= 3 && tracer.stats().content_dropped <= 1, "{:?}", tracer.stats());
}

#[test]
fn what_events_use_of_the_budget_is_given_back_with_the_span() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(Content::all());
    with_tracer(&recorder, &tracer, || {
        for _ in 0..3 {
            let tool = Tool::new("t").start();
            tool.in_scope(|| warn!("text of an event"));
            tool.fail(&NoSuchUser("ann"));
        }
        Tool::new("last").start().arguments("{}").finish();
    });
    // Given back without having been taken, it would leave no room for anybody.
    assert_eq!(attribute(&recorder.span("execute_tool last"), "gen_ai.tool.call.arguments").unwrap(), r#""{}""#);
    assert_eq!(tracer.stats().content_dropped, 0);
}

#[test]
fn the_last_value_counts_also_if_it_may_not_leave() {
    let content = Content::custom(|item: Item| match item.value() {
        Payload::Text(text) if text.contains("secret") => Decision::Omit,
        _ => item.inline(),
    });
    let recorder = with_content(content.with_attribute_budget(60), || {
        let tool = Tool::new("t").start();
        tool.description(&"long ".repeat(100)).description("short");
        let other = Tool::new("u").start();
        other.description("open").description("secret");
    });
    let span = recorder.span("execute_tool t");
    assert_eq!(attribute(&span, "gen_ai.tool.description").unwrap(), r#""short""#);
    assert!(attribute(&span, "agentic.content.truncated.tool_description").is_none());
    assert!(attribute(&recorder.span("execute_tool u"), "gen_ai.tool.description").is_none());
}

#[test]
fn usage_has_room_before_content() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(Content::all()).with_attribute_limit(6);
    with_tracer(&recorder, &tracer, || {
        let turn = Turn::chat("p", "m").temperature(0.5).max_tokens(10).start();
        turn.input_messages(&[Message::user("hi")]).output_messages(&[Message::assistant("yes")]);
        turn.usage(tracing_genai::activity::Usage::new(3, 4)).finish_reason("stop").finish();
    });
    let span = recorder.span("chat m");
    assert_eq!(attribute(&span, "gen_ai.usage.output_tokens").unwrap(), "4");
    assert!(attribute(&span, "gen_ai.input.messages").is_none());
    assert_eq!(span.attributes.len(), 6);
    assert_eq!(tracer.stats().attributes_cut, 4);
}

#[test]
fn a_policy_that_hangs_is_not_waited_for() {
    let (release, gate) = std::sync::mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let content = Content::custom(move |item: Item| {
        let _ = gate.lock().unwrap().recv();
        item.inline()
    });
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(content.with_time_limit(std::time::Duration::from_millis(1)));
    with_tracer(&recorder, &tracer, || {
        Tool::new("t").start().arguments("{}").finish();
    });
    assert_eq!(recorder.spans().len(), 1);
    assert_eq!(tracer.stats().content_policy_failures, 1);
    drop(release);
}

#[test]
fn redactors_work_on_every_text_that_leaves() {
    use tracing_genai::content::Redactor;
    let recorder = with_content(Content::all().with_redactors(Redactor::recommended()), || {
        let tool = Tool::new("t").start();
        tool.arguments(&json!({"to": "ada@example.org", "password": "hunter2", "env": {"HOME": "/home/ada"}}));
        tool.description("ask ada@example.org");
        tool.in_scope(|| warn!(who = "ada@example.org", "to ada@example.org"));
        tool.fail(&NoSuchUser("ada@example.org"));
        let history =
            [Message::user("I am ada@example.org").part(Part::uri("image", "data:image/png;base64,iVBORw0KGgo="))];
        Turn::chat("p", "m").start().input_messages(&history);
    });
    let text = format!("{:?}", recorder.spans());
    for secret in ["ada@example.org", "hunter2", "/home/ada", "iVBORw0KGgo"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.matches("[redacted:email]").count() >= 6, "{text}");
}

#[test]
fn a_policy_sees_fields_with_the_types_of_guards() {
    let content = Content::custom(|mut item: Item| {
        match item.value_mut() {
            Payload::Messages(messages) => {
                messages.iter_mut().for_each(|message| message.parts_mut().push(Part::text("seen")))
            }
            Payload::Tools(tools) => tools.push(ToolDefinition::function("added")),
            other => panic!("{other:?}"),
        }
        item.inline()
    });
    let recorder = with_content(content, || {
        info_span!(
            "x",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            gen_ai.prompt = "hi",
            gen_ai.tool.definitions = "[]"
        )
        .in_scope(|| {});
    });
    let span = recorder.span("chat m");
    assert!(attribute(&span, "gen_ai.input.messages").unwrap().contains("seen"));
    assert!(attribute(&span, "gen_ai.tool.definitions").unwrap().contains("added"));
}

#[test]
fn kinds_that_stay_in_do_not_leave_as_fields_of_a_log() {
    let content = Content::all().except([Kind::InputMessages, Kind::ErrorMessage]);
    let recorder = with_content(content, || {
        let error = NoSuchUser("c4nary");
        Operation::prompt("a").start().in_scope(|| {
            warn!(gen_ai.input.messages = "c4nary", attempt = 2, "retrying");
            warn!(error = &error as &(dyn std::error::Error + 'static), "failed");
        });
    });
    let text = format!("{:?}", recorder.spans());
    assert!(!text.contains("c4nary") && text.contains("attempt"), "{text}");
}

#[test]
fn of_a_span_that_is_not_sampled_nothing_is_held() {
    let recorder = Recorder::with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOff);
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let tracer = recorder.tracer().with_content(Content::custom(move |item: Item| {
        assert!(!item.scope().is_sampled());
        *count.lock().unwrap() += 1;
        item.inline()
    }));
    with_tracer(&recorder, &tracer, || {
        let tool = Tool::new("t").start();
        tool.arguments("{}");
        assert!(!format!("{tool:?}").contains("gen_ai.tool.call.arguments"), "{tool:?}");
    });
    assert_eq!((*asked.lock().unwrap(), tracer.stats().content_omitted), (1, 1));
}

#[test]
fn documents_from_fields_have_the_types_of_the_schema() {
    let recorder = with_content(Content::all(), || {
        info_span!(
            "x",
            gen_ai.operation.name = "retrieval",
            gen_ai.retrieval.documents = r#"[{"id":42,"score":"0.5","text":"t"},{"id":null,"score":[]}]"#
        )
        .in_scope(|| {});
    });
    let documents = attribute(&recorder.span("retrieval"), "gen_ai.retrieval.documents").unwrap();
    assert_eq!(documents, r#""[{\"id\":\"42\",\"score\":0.5,\"text\":\"t\"},{}]""#);
}
