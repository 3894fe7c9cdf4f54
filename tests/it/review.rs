//! Bugs that were found by reading, one test each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;

use opentelemetry::trace::{Event, Link, Span, SpanBuilder, SpanContext, TraceContextExt, Tracer};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use tracing::{info, info_span};
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Tool, Turn, Usage, Workflow};
use tracing_subscriber::layer::SubscriberExt;

use crate::content::CANARY;
use crate::support::{Recorder, attribute, record, record_async};

fn everything(recorder: &Recorder) -> String {
    format!("{:?}", recorder.spans())
}

#[test]
fn a_log_field_that_is_called_target_or_level_stays_in() {
    let recorder = record(|| {
        Operation::prompt("a").start().in_scope(|| {
            info!(target = CANARY, level = CANARY, "searching");
            info_span!("plain").in_scope(|| info!(target = CANARY, "searching"));
        });
    });
    let event = &recorder.span("invoke_agent a").events.events[0];
    let keys: Vec<_> = event.attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(keys, ["agentic.log.level", "agentic.log.target"]);
    assert!(!everything(&recorder).contains("c4nary"));
}

#[test]
fn an_event_or_link_of_the_api_cannot_pass_for_a_log() {
    let recorder = Recorder::default();
    let builder = SpanBuilder::from_name("x").with_attributes([KeyValue::new("gen_ai.operation.name", "chat")]);
    let mut span = recorder.tracer().build_with_context(builder, &Context::new());
    span.add_event("retry", vec![KeyValue::new("level", CANARY), KeyValue::new("why", CANARY)]);
    span.add_event("retry", vec![KeyValue::new("target", CANARY)]);
    span.add_link(SpanContext::empty_context(), vec![KeyValue::new("target", CANARY)]);
    drop(span);
    assert!(!everything(&recorder).contains("c4nary"), "{}", everything(&recorder));
}

#[test]
fn content_stays_in_on_events_and_links_of_plain_spans_too() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let content =
        || vec![KeyValue::new("gen_ai.input.messages", CANARY), KeyValue::new("gen_ai.prompt.0.content", CANARY)];
    let link = || Link::new(SpanContext::empty_context(), content(), 0);
    let mut builder = SpanBuilder::from_name("plain").with_links(vec![link()]);
    builder.events = Some(vec![Event::new("x", std::time::SystemTime::now(), content(), 0)]);
    let mut span = tracer.build_with_context(builder, &Context::new());
    span.add_event("gen_ai.client.inference.operation.details", content());
    span.add_link(SpanContext::empty_context(), content());
    drop(span);
    assert_eq!(recorder.span("plain").events.events.len(), 2);
    assert!(!everything(&recorder).contains("c4nary"), "{}", everything(&recorder));
}

#[test]
fn a_tracer_with_open_spans_can_be_printed() {
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || {
        let recorder = Recorder::default();
        let tracer = recorder.tracer();
        let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
        tracing::subscriber::with_default(subscriber, || {
            let agents: Vec<_> = (0..64).map(|_| Operation::prompt("a").user("alice").start()).collect();
            let future = Tool::new("t").start().run(std::future::ready(Ok::<_, std::io::Error>(())));
            let text = format!("{tracer:?} {future:?} {:?}", agents[0]);
            done.send(text).expect("the test waits");
        });
    });
    let text = waiting.recv_timeout(Duration::from_secs(10)).expect("printing ends");
    assert!(!text.contains("alice"), "who prints a tracer does not want its users' spans: {text}");
}

#[test]
fn a_description_keeps_the_parent_it_was_given() {
    let recorder = record(|| {
        let turn = {
            let parent = info_span!("parent");
            Turn::chat("openai", "m").child_of(&parent)
        };
        turn.start().finish();
    });
    assert_eq!(recorder.span("chat m").parent_span_id, recorder.span("parent").span_context.span_id());
}

#[test]
fn a_parent_that_was_never_entered_does_not_take_its_childs_attributes() {
    let recorder = record(|| {
        let parent = info_span!("parent");
        Turn::chat("openai", "m").child_of(&parent).start().finish();
        let fields = info_span!("f", gen_ai.operation.name = "invoke_agent", gen_ai.agent.name = "a");
        Turn::chat("openai", "n").child_of(&fields).start().finish();
    });
    assert_eq!(recorder.span("chat m").parent_span_id, recorder.span("parent").span_context.span_id());
    assert_eq!(attribute(&recorder.span("chat n"), "gen_ai.agent.name").as_deref(), Some("\"a\""));
}

#[test]
fn a_total_that_overflowed_stays_unknown() {
    let recorder = record(|| {
        let agent = Operation::prompt("a").start();
        agent.in_scope(|| {
            for tokens in [i64::MAX as u64, 1, 7] {
                Turn::chat("openai", "m").start().usage(Usage::new(tokens, 1)).finish();
            }
        });
    });
    let agent = recorder.span("invoke_agent a");
    assert_eq!(attribute(&agent, "gen_ai.usage.input_tokens"), None);
    assert_eq!(attribute(&agent, "gen_ai.usage.output_tokens").as_deref(), Some("3"));
}

#[test]
fn the_compacted_flag_is_exported_once() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        Compaction::new(CompactionTrigger::Auto).conversation("c").start().compacted();
        let said = info_span!(
            "x",
            gen_ai.operation.name = "chat",
            gen_ai.request.model = "m",
            gen_ai.conversation.id = "c",
            gen_ai.conversation.compacted = true,
        );
        said.in_scope(|| ());
        said.record("gen_ai.conversation.compacted", true);
    });
    assert_eq!(attribute(&recorder.span("chat m"), "gen_ai.conversation.compacted").as_deref(), Some("true"));
    assert_eq!(tracer.stats().changed_at_start, 0);
}

#[test]
fn a_list_without_texts_says_nothing() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let agent = Operation::prompt("a").start();
        agent.in_scope(|| {
            Turn::chat("openai", "m").start().finish_reason("stop").finish();
            Turn::chat("openai", "n").stop_sequences([""; 0]).start().finish_reason("").finish();
        });
    });
    let turn = recorder.span("chat n");
    assert_eq!(attribute(&turn, "gen_ai.response.finish_reasons"), None);
    assert_eq!(attribute(&turn, "gen_ai.request.stop_sequences"), None);
    let reasons = attribute(&recorder.span("invoke_agent a"), "gen_ai.response.finish_reasons");
    assert_eq!(reasons.as_deref(), Some("[\"stop\"]"));
    let empty = Value::Array(Array::String(Vec::<StringValue>::new()));
    let attributes =
        [KeyValue::new("gen_ai.operation.name", "chat"), KeyValue::new("gen_ai.request.stop_sequences", empty)];
    drop(tracer.build_with_context(SpanBuilder::from_name("x").with_attributes(attributes), &Context::new()));
    assert_eq!(attribute(&recorder.span("chat"), "gen_ai.request.stop_sequences"), None);
    assert_eq!(tracer.stats().refused_values, 0);
}

/// A future whose panic somebody catches around its `poll` is dropped when nothing panics any more.
#[test]
fn a_panic_in_run_is_a_panic_whoever_catches_it() {
    let recorder = record_async(async {
        let mut run = Box::pin(Tool::new("t").start().run(async {
            std::panic::resume_unwind(Box::new("secret"));
            #[expect(unreachable_code, reason = "the type of the result")]
            Ok::<(), std::io::Error>(())
        }));
        let poll = std::future::poll_fn(|cx| {
            let caught = catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(cx).is_ready()));
            std::task::Poll::Ready(caught.is_err())
        });
        assert!(poll.await);
        drop(run);
    });
    let tool = recorder.span("execute_tool t");
    assert_eq!(attribute(&tool, "error.type").as_deref(), Some("\"panic\""));
    assert_eq!(attribute(&tool, "agentic.outcome"), None);
}

#[test]
fn a_run_that_is_dropped_midway_was_cancelled_and_leaves_nothing_behind() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let mut run = Box::pin(Tool::new("t").start().run(async {
            let turn = Turn::chat("openai", "m").start();
            turn.scope(std::future::pending::<()>()).await;
            Ok::<_, std::io::Error>(())
        }));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(run.as_mut().poll(&mut cx).is_pending());
        assert_eq!(tracer.stats().open_spans, 2);
        drop(run);
        assert_eq!(tracer.stats().open_spans, 0);
        drop(Tool::new("never polled").start().run(std::future::pending::<Result<(), std::io::Error>>()));
    });
    let names: Vec<_> = recorder.spans().iter().map(|span| span.name.to_string()).collect();
    assert_eq!(names, ["chat m", "execute_tool t", "execute_tool never polled"]);
    for span in recorder.spans() {
        assert_eq!(attribute(&span, "agentic.outcome").as_deref(), Some("\"cancelled\""), "{}", span.name);
    }
    assert_eq!(tracer.stats().open_spans, 0);
}

#[test]
fn a_context_that_outlives_its_guard_keeps_no_more_than_its_entry() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    let context = tracing::subscriber::with_default(subscriber, || {
        use tracing_opentelemetry::OpenTelemetrySpanExt;
        let run = Workflow::new("w").run_id("r").start();
        run.span().context()
    });
    assert_eq!(recorder.spans().len(), 1, "ended with its guard");
    assert!(context.span().span_context().is_valid());
    drop(context);
    assert_eq!(tracer.stats().open_spans, 0);
}

#[test]
fn ten_thousand_nested_spans_leave_nothing_behind() {
    const DEPTH: usize = 10_000;
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        let mut guards = vec![Operation::new("step").conversation("c").start()];
        for _ in 1..DEPTH {
            let guard = Operation::new("step").child_of(guards[guards.len() - 1].span()).start();
            guards.push(guard);
        }
        let turn = Turn::chat("openai", "m").child_of(guards[DEPTH - 1].span()).start();
        turn.usage(Usage::new(1, 1)).finish();
        drop(turn);
        assert_eq!(tracer.stats().open_spans, DEPTH);
        // From the inside, as scopes end: closing a chain from the outside recurses in tracing-subscriber.
        while guards.pop().is_some() {}
    });
    assert_eq!(recorder.spans().len(), DEPTH + 1);
    assert_eq!(attribute(&recorder.span("chat m"), "gen_ai.conversation.id").as_deref(), Some("\"c\""));
    assert_eq!(tracer.stats().open_spans, 0);
}

#[test]
fn a_guard_that_lives_in_a_thread_local_ends_with_its_thread() {
    thread_local! {
        static KEPT: std::cell::RefCell<Option<tracing_genai::activity::Guard<Tool>>> = const { std::cell::RefCell::new(None) };
    }
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(tracer.clone().into_layer()));
    let thread = std::thread::spawn(move || {
        tracing::dispatcher::with_default(&dispatch, || KEPT.set(Some(Tool::new("t").start())));
    });
    thread.join().expect("no panic");
    assert_eq!(attribute(&recorder.span("execute_tool t"), "agentic.outcome").as_deref(), Some("\"cancelled\""));
    assert_eq!(tracer.stats().open_spans, 0);
}

/// A layer of somebody else.
struct PanicsAtFirstEnter(std::sync::atomic::AtomicBool);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for PanicsAtFirstEnter {
    fn on_enter(&self, _: &tracing::span::Id, _: tracing_subscriber::layer::Context<'_, S>) {
        if !self.0.swap(true, std::sync::atomic::Ordering::Relaxed) {
            std::panic::resume_unwind(Box::new("a layer with a bug"));
        }
    }
}

#[test]
fn a_start_that_another_layer_broke_does_not_answer_the_next_guard() {
    let recorder = Recorder::default();
    let (reloadable, _) = tracing_subscriber::reload::Layer::new(tracing_genai::layer(recorder.sdk_tracer()));
    let other = PanicsAtFirstEnter(false.into());
    let subscriber = tracing_subscriber::registry().with(other).with(reloadable);
    tracing::subscriber::with_default(subscriber, || {
        let broken = catch_unwind(AssertUnwindSafe(|| Turn::chat("openai", "m").start()));
        assert!(broken.is_err());
    });
    // Here nobody exports.
    let turn = tracing::subscriber::with_default(tracing_subscriber::registry(), || Turn::chat("openai", "n").start());
    assert!(turn.carrier().is_none(), "this is the place of the broken one");
}

/// A small limit cuts what comes last: what a turn learns late. Told here, so that a change is noticed.
#[test]
fn a_small_attribute_limit_cuts_what_is_known_late() {
    use opentelemetry::trace::TracerProvider;
    let exporter = opentelemetry_sdk::trace::InMemorySpanExporter::default();
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .with_max_attributes_per_span(5)
        .build();
    let subscriber = tracing_subscriber::registry().with(tracing_genai::layer(provider.tracer("test")));
    tracing::subscriber::with_default(subscriber, || {
        let turn = Turn::chat("openai", "m").max_tokens(1).start();
        turn.usage(Usage::new(1, 2)).finish();
    });
    let span = exporter.get_finished_spans().expect("in memory").remove(0);
    assert_eq!(attribute(&span, "gen_ai.usage.input_tokens").as_deref(), Some("1"));
    assert_eq!(attribute(&span, "gen_ai.usage.output_tokens"), None);
    assert_eq!(span.dropped_attributes_count, 1);
}
