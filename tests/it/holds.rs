//! Defects that a second look found in starts, ends, sums and names: one test each.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanContext, TraceContextExt};
use tracing::info_span;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Usage, Workflow};
use tracing_genai::{Carrier, GenAiTracer, Identity, Price, PriceTable, Profile, Stats};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute};

/// Runs `work` under `tracer`, and gives what it counted.
fn under(tracer: &GenAiTracer<opentelemetry_sdk::trace::SdkTracer>, work: impl FnOnce()) -> Stats {
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, work);
    tracer.stats()
}

fn forced(recorder: &Recorder, name: &str) -> Option<String> {
    attribute(&recorder.span(name), "agentic.forced_close")
}

#[test]
fn a_span_in_which_something_starts_just_now_does_not_make_room_for_it() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_max_open_spans(2);
    under(&tracer, || {
        let waited = Operation::prompt("waited").start();
        let idle = Operation::prompt("idle").start();
        let turn = Turn::chat("openai", "m").child_of(waited.span()).start();
        drop((turn, idle, waited));
    });
    assert_eq!(forced(&recorder, "invoke_agent waited"), None);
    assert_eq!(forced(&recorder, "invoke_agent idle").as_deref(), Some("\"capacity\""));
}

#[test]
fn many_agents_at_work_do_not_make_room_for_what_was_forgotten() {
    const AGENTS: usize = 100;
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_max_open_spans(3 * AGENTS);
    let stats = under(&tracer, || {
        let agents: Vec<_> = (0..AGENTS).map(|_| Operation::prompt("busy").start()).collect();
        let mut open: Vec<_> = (0..AGENTS).map(|_| Turn::chat("openai", "forgotten").start()).collect();
        open.extend(agents.iter().map(|agent| Turn::chat("openai", "m").child_of(agent.span()).start()));
        open.extend((0..10).map(|_| Turn::chat("openai", "new").start()));
        drop((open, agents));
    });
    assert!(stats.evicted > 0);
    for span in recorder.spans().iter().filter(|span| attribute(span, "agentic.forced_close").is_some()) {
        assert_eq!(span.name, "chat forgotten");
    }
}

/// Gemini has no ids of calls: genai 0.2 and rig give the tool's name for one.
#[test]
fn parallel_calls_whose_id_is_the_tools_name_are_two() {
    let recorder = Recorder::default();
    let stats = under(&recorder.tracer(), || {
        let agent = Operation::prompt("a").start();
        let calls = [(); 2].map(|()| Tool::new("weather").call_id("weather").child_of(agent.span()).start());
        drop(calls);
        let field = || info_span!(parent: agent.span(), "x", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "time", gen_ai.tool.call.id = "time");
        let calls = [field(), field()].map(|span| span.in_scope(|| span.clone()));
        drop(calls);
    });
    assert_eq!(stats.duplicate_starts, 0);
    assert_eq!(recorder.spans().len(), 5);
}

#[test]
fn parallel_calls_whose_id_is_empty_are_two() {
    let recorder = Recorder::default();
    let stats = under(&recorder.tracer(), || {
        let agent = Operation::prompt("a").start();
        let calls = [(); 2].map(|()| Tool::new("weather").call_id("").child_of(agent.span()).start());
        drop(calls);
        let field = || info_span!(parent: agent.span(), "x", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "time", gen_ai.tool.call.id = "");
        let calls = [field(), field()].map(|span| span.in_scope(|| span.clone()));
        drop(calls);
    });
    assert_eq!(stats.duplicate_starts, 0);
    assert_eq!(recorder.spans().len(), 5);
}

#[test]
fn one_task_for_two_agents_is_two_spans() {
    let recorder = Recorder::default();
    let stats = under(&recorder.tracer(), || {
        let caller = Operation::prompt("caller").start();
        let tasks = ["one", "other"].map(|agent| Task::new(agent).id("t-1").child_of(caller.span()).start());
        drop(tasks);
    });
    assert_eq!(stats.duplicate_starts, 0);
    assert_eq!(recorder.spans().len(), 3);
}

#[test]
fn what_hangs_in_a_chain_of_closed_spans_still_ends_with_the_operation() {
    let recorder = Recorder::default();
    under(&recorder.tracer(), || {
        let operation = Operation::prompt("a").start();
        let place = |carrier: Option<Carrier>| carrier.expect("a place");
        let first = Tool::new("first").continues(&place(operation.carrier())).start();
        let second = Tool::new("second").continues(&place(first.carrier())).start();
        drop(first);
        let third = Tool::new("third").continues(&place(second.carrier())).start();
        drop(second);
        operation.finish();
        drop(third);
    });
    assert_eq!(forced(&recorder, "execute_tool third").as_deref(), Some("\"operation_end\""));
}

#[test]
fn an_identity_on_a_thread_that_ends_does_not_panic() {
    struct AtTheEnd(mpsc::Sender<bool>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let work = || {
                let mut ran = false;
                Identity::new().session("s").in_scope(|| ran = true);
                let scope = std::pin::pin!(Identity::new().session("s").scope(async {}));
                let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
                assert!(Future::poll(scope, &mut nobody).is_ready());
                assert!(Carrier::current().is_none());
                ran
            };
            let _ = self.0.send(catch_unwind(AssertUnwindSafe(work)).is_ok_and(|ran| ran));
        }
    }
    thread_local!(static KEPT: std::cell::RefCell<Option<AtTheEnd>> = const { std::cell::RefCell::new(None) });
    let (told, tells) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        // The last to come is the first to go: OpenTelemetry's context.
        KEPT.set(Some(AtTheEnd(told)));
        drop(opentelemetry::Context::current());
    });
    thread.join().expect("no panic");
    assert_eq!(tells.recv(), Ok(true));
}

#[test]
fn an_agent_named_late_keeps_its_kind_in_the_names_of_flue() {
    let recorder = Recorder::default();
    under(&recorder.tracer().with_profile(Profile::Flue), || {
        let span = info_span!(
            "x",
            gen_ai.operation.name = "invoke_agent",
            agentic.operation.kind = "prompt",
            gen_ai.agent.name = tracing::field::Empty
        );
        span.in_scope(|| ());
        span.record("gen_ai.agent.name", "a");
    });
    let names: Vec<_> = recorder.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["flue.operation prompt"]);
}

#[test]
fn a_streamed_turn_that_was_swept_is_not_told_its_chunks_after_its_end() {
    let recorder = Recorder::default();
    let stats = under(&recorder.tracer(), || {
        let agent = Operation::prompt("a").start();
        let turn = Turn::chat("openai", "m").child_of(agent.span()).start();
        turn.chunk().chunk();
        agent.finish();
        drop(turn);
    });
    assert_eq!(stats.after_end, 0);
}

#[test]
fn a_price_is_found_by_a_model_and_a_provider_that_were_recorded_late() {
    let prices = PriceTable::new("USD").and_then(|table| table.with_price("openai", "m", Price::new(1.0, 2.0)));
    let recorder = Recorder::default();
    under(&recorder.tracer().with_prices(prices.expect("valid")), || {
        let span = info_span!(
            "x",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = tracing::field::Empty,
            gen_ai.request.model = tracing::field::Empty,
            gen_ai.usage.input_tokens = 1_000_000,
            gen_ai.usage.output_tokens = 1_000_000,
        );
        span.in_scope(|| ());
        span.record("gen_ai.provider.name", "openai").record("gen_ai.request.model", "m");
    });
    assert_eq!(attribute(&recorder.span("chat m"), "agentic.cost.total").as_deref(), Some("3"));
}

#[test]
fn a_default_attribute_gives_no_operation_name_to_what_has_none() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_default_attributes(|_| vec![KeyValue::new("gen_ai.operation.name", "chat")]);
    under(&tracer, || Compaction::new(CompactionTrigger::Auto).start().finish());
    assert_eq!(attribute(&recorder.span("compact"), "gen_ai.operation.name"), None);
}

#[test]
fn a_run_that_was_suppressed_leaves_no_link_to_nowhere() {
    let recorder = Recorder::default();
    under(&recorder.tracer(), || {
        let quiet = opentelemetry::Context::enter_telemetry_suppressed_scope();
        Workflow::new("w").run_id("r").start().finish();
        drop(quiet);
        Workflow::new("w").run_id("r").resume().start().finish();
    });
    let links = recorder.span("invoke_workflow w").links.links;
    assert!(links.iter().all(|link| link.span_context.is_valid()), "{links:?}");
}

/// A tracer whose spans have no ids: everything it starts has the key 0 in the table of open spans.
#[test]
fn spans_without_ids_leave_nothing_behind_and_hang_nowhere() {
    let tracer = GenAiTracer::new(opentelemetry::trace::noop::NoopTracer::new());
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..3 {
            let agent = Operation::prompt("a").id("o").start();
            agent.in_scope(|| {
                let tool = Tool::new("t").call_id("c").start();
                let plain = info_span!("plain");
                plain.in_scope(|| drop(Turn::chat("openai", "m").start()));
                assert!(tool.carrier().is_none() && Carrier::current().is_none());
            });
            let context = opentelemetry::Context::new().with_remote_span_context(SpanContext::empty_context());
            assert!(Carrier::from_context(&context).is_none());
        }
    });
    assert_eq!(tracer.stats().open_spans, 0);
    assert_eq!(tracer.interrupt_open_spans(), 0);
}

#[test]
fn a_second_start_carries_the_place_of_the_first() {
    let recorder = Recorder::default();
    under(&recorder.tracer(), || {
        let agent = Operation::prompt("a").start();
        let calls = [(); 2].map(|()| Tool::new("t").call_id("call_1").child_of(agent.span()).start());
        assert_eq!(calls[1].carrier(), calls[0].carrier());
        assert!(calls[0].carrier().is_some());
    });
}

#[test]
fn no_span_is_lost_doubled_or_kept_however_starts_resumes_evictions_and_ends_meet() {
    const THREADS: usize = 4;
    const RUNS: usize = 300;
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_max_open_spans(20).with_open_span_ttl(Duration::from_micros(300));
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(tracer.clone().into_layer()));
    let parents = Mutex::new(Vec::new());
    let work = |thread: usize| {
        let mut kept = VecDeque::new();
        for n in 0..RUNS {
            let run = Workflow::new("w").run_id((n % 5).to_string());
            let run = if n % 3 == 0 { run.resume() } else { run };
            let parent = parents.lock().expect("no panic").get((n + thread) % 8).cloned();
            let run = match &parent {
                Some(parent) => run.child_of(parent).start(),
                None => run.start(),
            };
            let tool = Tool::new("t").call_id((n % 4).to_string()).child_of(run.span()).start();
            let turn = Turn::chat("openai", "m").child_of(tool.span()).start();
            turn.usage(Usage::new(1, 1));
            if n % 4 == 0 {
                parents.lock().expect("no panic").push(tool.span().clone());
            }
            kept.push_back((turn, tool, run));
            if kept.len() > 10 {
                kept.pop_front();
            }
            if n % 100 == 0 {
                tracer.interrupt_open_spans();
            }
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (work, dispatch) = (&work, &dispatch);
            scope.spawn(move || tracing::dispatcher::with_default(dispatch, || work(thread)));
        }
    });
    tracing::dispatcher::with_default(&dispatch, || parents.lock().expect("no panic").clear());
    let stats = tracer.stats();
    assert_eq!(recorder.spans().len() as u64, (3 * THREADS * RUNS) as u64 - stats.duplicate_starts);
    assert_eq!((stats.open_spans, tracer.interrupt_open_spans()), (0, 0));
    // Nothing is known as open any more.
    let again = under(&tracer, || (0..5).for_each(|n| Workflow::new("w").run_id(n.to_string()).start().finish()));
    assert_eq!((again.duplicate_starts, again.evicted), (stats.duplicate_starts, stats.evicted));
}
