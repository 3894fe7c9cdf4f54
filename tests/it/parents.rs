//! Where spans hang, and what flows down to them.

use insta::assert_snapshot;
use opentelemetry::Context;
use opentelemetry::trace::{SpanBuilder, SpanId, TraceContextExt, Tracer};
use tracing::{Instrument, info_span};
use tracing_genai::Carrier;
use tracing_genai::activity::{Operation, Tool, Turn, Workflow};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute, record, record_async};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn identity_flows_down_through_plain_spans() {
    let recorder = record(|| {
        let run = Workflow::new("w").run_id("r-1").session("s-1").user("u-1").start();
        let _in_run = run.span().enter();
        info_span!("handler").in_scope(|| {
            let agent = Operation::prompt("a").conversation("c-1").start();
            agent.in_scope(|| {
                info_span!("database").in_scope(|| {
                    info_span!("pool").in_scope(|| Turn::chat("openai", "m").start().finish());
                });
            });
        });
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_workflow w
        agentic.run.id = "r-1"
        agentic.run.segment = 0
        agentic.usage.turns = 1
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
        session.id = "s-1"
        user.id = "u-1"
      handler
        invoke_agent a
            agentic.operation.kind = "prompt"
            agentic.run.id = "r-1"
            agentic.usage.turns = 1
            gen_ai.agent.name = "a"
            gen_ai.conversation.id = "c-1"
            gen_ai.operation.name = "invoke_agent"
            session.id = "s-1"
            user.id = "u-1"
          database
            pool
              chat m CLIENT
                  agentic.run.id = "r-1"
                  gen_ai.agent.name = "a"
                  gen_ai.conversation.id = "c-1"
                  gen_ai.operation.name = "chat"
                  gen_ai.provider.name = "openai"
                  gen_ai.request.model = "m"
                  session.id = "s-1"
                  user.id = "u-1"
    "#);
}

#[test]
fn a_child_says_otherwise_if_it_wants() {
    let recorder = record(|| {
        Operation::prompt("a").conversation("c-1").start().in_scope(|| {
            Turn::chat("openai", "m").agent("other").conversation("c-2").start().finish();
        });
    });
    let turn = recorder.span("chat m");
    assert_eq!(attribute(&turn, "gen_ai.agent.name").as_deref(), Some("\"other\""));
    assert_eq!(attribute(&turn, "gen_ai.conversation.id").as_deref(), Some("\"c-2\""));
}

#[test]
fn a_conversation_that_is_known_late_flows_down_from_then_on() {
    let recorder = record(|| {
        let agent =
            info_span!("a", gen_ai.operation.name = "invoke_agent", gen_ai.conversation.id = tracing::field::Empty);
        agent.in_scope(|| Turn::chat("openai", "before").start().finish());
        agent.record("gen_ai.conversation.id", "c-1");
        agent.in_scope(|| Turn::chat("openai", "after").start().finish());
    });
    assert_eq!(attribute(&recorder.span("chat before"), "gen_ai.conversation.id"), None);
    assert_eq!(attribute(&recorder.span("chat after"), "gen_ai.conversation.id").as_deref(), Some("\"c-1\""));
    assert_eq!(attribute(&recorder.span("invoke_agent"), "gen_ai.conversation.id").as_deref(), Some("\"c-1\""));
}

#[test]
fn a_child_after_its_parents_end_hangs_in_the_right_place() {
    let recorder = record(|| {
        let agent = Operation::prompt("a").conversation("c-1").start();
        agent.finish();
        agent.in_scope(|| Turn::chat("openai", "m").start().finish());
    });
    let (agent, turn) = (recorder.span("invoke_agent a"), recorder.span("chat m"));
    assert_eq!(turn.parent_span_id, agent.span_context.span_id());
    assert_eq!(attribute(&turn, "gen_ai.conversation.id").as_deref(), Some("\"c-1\""));
}

#[test]
fn tasks_spawned_on_other_threads_keep_their_parent() {
    let recorder = Recorder::default();
    let subscriber = tracing_subscriber::registry().with(tracing_genai::layer(recorder.sdk_tracer()));
    let dispatch = tracing::Dispatch::new(subscriber);
    tracing::dispatcher::with_default(&dispatch, || {
        let agent = Operation::prompt("a").start();
        std::thread::scope(|threads| {
            for tool in ["one", "two"] {
                let (agent, dispatch) = (&agent, &dispatch);
                threads.spawn(move || {
                    tracing::dispatcher::with_default(dispatch, || {
                        Tool::new(tool).child_of(agent.span()).start().finish();
                    });
                });
            }
        });
    });
    let agent = recorder.span("invoke_agent a");
    for tool in ["one", "two"] {
        let span = recorder.span(&format!("execute_tool {tool}"));
        assert_eq!(span.parent_span_id, agent.span_context.span_id());
        assert_eq!(attribute(&span, "gen_ai.agent.name").as_deref(), Some("\"a\""));
    }
}

#[test]
fn instrumented_futures_interleave_without_mixing_parents() {
    let recorder = record_async(async {
        let agent = |name: &'static str| async move {
            let agent = Operation::prompt(name).start();
            let work = async {
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                    Tool::new(name).start().finish();
                }
            };
            work.instrument(agent.span().clone()).await;
        };
        tokio::join!(agent("a"), agent("b"));
    });
    let spans = recorder.spans();
    for tool in spans.iter().filter(|span| span.name.starts_with("execute_tool")) {
        let parent = spans.iter().find(|span| span.span_context.span_id() == tool.parent_span_id).expect("a parent");
        assert_eq!(parent.name.rsplit(' ').next(), tool.name.rsplit(' ').next());
    }
    assert_eq!(spans.len(), 8);
}

#[test]
fn a_span_of_the_opentelemetry_api_is_a_parent_too() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let attributes = [
            opentelemetry::KeyValue::new("gen_ai.operation.name", "invoke_agent"),
            opentelemetry::KeyValue::new("gen_ai.agent.name", "api"),
        ];
        let builder = SpanBuilder::from_name("any").with_attributes(attributes);
        let span = tracer.build_with_context(builder, &Context::new());
        let context = Context::new().with_span(span);
        let _current = context.attach();
        Turn::chat("openai", "m").start().finish();
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent api
        agentic.usage.turns = 1
        gen_ai.agent.name = "api"
        gen_ai.operation.name = "invoke_agent"
      chat m CLIENT
          gen_ai.agent.name = "api"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "m"
    "#);
}

#[test]
fn a_carrier_is_a_remote_parent() {
    let recorder = record(|| {
        let carrier: Carrier = PARENT.parse().expect("valid");
        let run = Workflow::new("w").continues(&carrier).start();
        let sent = run.carrier().expect("a tracer");
        assert_eq!(sent.trace_id(), carrier.trace_id());
        assert_eq!(run.span().context().span().span_context().span_id().to_string(), sent.span_id());
    });
    let span = recorder.span("invoke_workflow w");
    assert_eq!(span.span_context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(span.parent_span_id.to_string(), "b7ad6b7169203331");
    assert!(span.parent_span_is_remote);
}

#[test]
fn set_parent_of_tracing_opentelemetry_works_on_plain_fields() {
    let recorder = record(|| {
        let span = info_span!("x", gen_ai.operation.name = "chat", gen_ai.request.model = "m");
        span.set_parent(PARENT.parse::<Carrier>().expect("valid").context()).expect("not started");
        span.in_scope(|| ());
    });
    assert_eq!(recorder.span("chat m").parent_span_id.to_string(), "b7ad6b7169203331");
}

#[test]
fn the_root_context_is_asked_only_for_genai_roots() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_root_context(|start| {
        assert_eq!(start.name(), "invoke_workflow w");
        assert_eq!(start.operation(), Some("invoke_workflow"));
        assert_eq!(start.attribute("agentic.run.id").map(|id| id.as_str().into_owned()), Some("r-1".into()));
        Some(PARENT.parse::<Carrier>().expect("valid").context())
    });
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        info_span!("plain").in_scope(|| ());
        Workflow::new("w").run_id("r-1").start().in_scope(|| Turn::chat("openai", "m").start().finish());
    });
    assert_eq!(recorder.span("invoke_workflow w").parent_span_id.to_string(), "b7ad6b7169203331");
    assert!(!recorder.span("plain").parent_span_is_remote);
    assert_eq!(tracer.stats().hook_panics, 0);
}

#[test]
fn a_root_context_may_leave_other_roots_alone() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_root_context(|start| {
        let dispatched = start.attribute("gen_ai.agent.name").is_some_and(|name| name.as_str() == "dispatched");
        dispatched.then(|| PARENT.parse::<Carrier>().expect("valid").context())
    });
    tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), || {
        Operation::prompt("dispatched").start().finish();
        Operation::prompt("direct").start().finish();
    });
    assert_eq!(recorder.span("invoke_agent dispatched").parent_span_id.to_string(), "b7ad6b7169203331");
    assert_eq!(recorder.span("invoke_agent direct").parent_span_id, SpanId::INVALID);
}

#[test]
fn a_root_context_in_this_process_hands_down_like_any_parent() {
    let recorder = Recorder::default();
    let known: std::sync::Arc<std::sync::Mutex<Option<Context>>> = Default::default();
    let parent = std::sync::Arc::clone(&known);
    let tracer = recorder.tracer().with_root_context(move |_| parent.lock().expect("not poisoned").clone());
    let subscriber = tracing_subscriber::registry().with(tracer.into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let agent = Operation::prompt("a").conversation("c-1").start();
        *known.lock().expect("not poisoned") = Some(agent.span().context());
        Turn::chat("openai", "m").start().finish();
        known.lock().expect("not poisoned").take();
    });
    let turn = recorder.span("chat m");
    assert_eq!(turn.parent_span_id, recorder.span("invoke_agent a").span_context.span_id());
    assert_eq!(attribute(&turn, "gen_ai.conversation.id").as_deref(), Some("\"c-1\""));
}

#[test]
fn a_created_agent_does_not_wear_its_creators_name() {
    let recorder = record(|| {
        Operation::prompt("a").conversation("c-1").start().in_scope(|| {
            info_span!("x", gen_ai.operation.name = "create_agent").in_scope(|| ());
        });
    });
    let created = recorder.span("create_agent");
    assert_eq!(attribute(&created, "gen_ai.agent.name"), None);
    assert_eq!(attribute(&created, "gen_ai.conversation.id").as_deref(), Some("\"c-1\""));
}
