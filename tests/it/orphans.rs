//! The orphan detector: spans that lost their parent are found, others are not.

use std::sync::{Arc, Mutex};

use tracing::{Instrument, info_span};
use tracing_genai::Carrier;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Workflow};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::Recorder;

const PLACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What the detector was told while `work` ran.
fn orphans(work: impl FnOnce()) -> Vec<String> {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let list = Arc::clone(&told);
    let tracer = Recorder::default().tracer().with_orphan_detector(move |orphan| {
        list.lock().expect("not poisoned").push(orphan.to_string());
    });
    let layer = tracer.into_layer().with_location(true);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
    let told = told.lock().expect("not poisoned");
    told.clone()
}

#[test]
fn a_task_spawned_without_its_span_is_found_with_its_line() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut line = 0;
    let found = orphans(|| {
        runtime.block_on(async {
            let agent = Operation::prompt("a").start();
            let spawned = agent.scope(async {
                let lost = tokio::spawn(async {
                    Turn::chat("openai", "lost").start().finish();
                    line!() - 1
                });
                let kept = async { Turn::chat("openai", "kept").start().finish() };
                tokio::spawn(kept.instrument(tracing::Span::current())).await.expect("no panic");
                lost.await.expect("no panic")
            });
            line = spawned.await;
        });
    });
    assert_eq!(found, [format!("chat lost at {}:{line}", file!())]);
}

#[test]
fn a_span_with_fields_is_found_with_its_line() {
    let mut line = 0;
    let found = orphans(|| {
        let _agent = Operation::prompt("a").start();
        line = line!() + 1;
        info_span!("x", gen_ai.operation.name = "search_memory").in_scope(|| ());
    });
    assert_eq!(found, [format!("search_memory at {}:{line}", file!())]);
}

#[test]
fn a_span_whose_line_nobody_knows_is_found_by_its_name() {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let list = Arc::clone(&told);
    let tracer = Recorder::default().tracer().with_orphan_detector(move |orphan| {
        list.lock().expect("not poisoned").push(format!("{orphan}, {:?}, {:?}", orphan.operation(), orphan.location()));
    });
    tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), || {
        let _agent = Operation::prompt("a").start();
        info_span!("x", gen_ai.operation.name = "plan", gen_ai.agent.name = "a").in_scope(|| ());
    });
    assert_eq!(*told.lock().expect("not poisoned"), ["plan a, Some(\"plan\"), None"]);
}

#[test]
fn only_what_belongs_below_something_is_an_orphan() {
    let found = orphans(|| {
        let _agent = Workflow::new("w").start();
        Workflow::new("other").start().finish();
        Operation::prompt("other").start().finish();
        Operation::new("review").start().finish();
        Task::new("sub").start().finish();
        info_span!("plain").in_scope(|| ());
        Tool::new("t").start().finish();
        Compaction::new(CompactionTrigger::Auto).start().finish();
    });
    let names: Vec<_> = found.iter().filter_map(|orphan| orphan.split(" at ").next()).collect();
    assert_eq!(names, ["execute_tool t", "compact"]);
}

#[test]
fn who_has_a_parent_or_is_alone_is_no_orphan() {
    let found = orphans(|| {
        Turn::chat("openai", "alone").start().finish();
        let agent = Operation::prompt("a").start();
        agent.in_scope(|| Turn::chat("openai", "inside").start().finish());
        Turn::chat("openai", "by span").child_of(agent.span()).start().finish();
        let carrier: Carrier = PLACE.parse().expect("valid");
        Turn::chat("openai", "by carrier").continues(&carrier).start().finish();
        info_span!("plain").in_scope(|| Turn::chat("openai", "in a plain span").start().finish());
        agent.finish();
        // The agent is over, though its guard is still held.
        Turn::chat("openai", "later").start().finish();
    });
    assert_eq!(found, [] as [&str; 0]);
}

#[test]
fn a_resolver_that_finds_a_parent_saves_the_orphan_and_the_environment_does_not() {
    let place: Carrier = PLACE.parse().expect("valid");
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let list = Arc::clone(&told);
    let resolved = place.clone();
    let tracer = Recorder::default().tracer().with_process_parent(&place);
    let tracer = tracer
        .with_root_context(move |start| start.name().ends_with("found").then(|| resolved.context()))
        .with_orphan_detector(move |orphan| list.lock().expect("not poisoned").push(orphan.name().to_owned()));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), || {
        let _agent = Operation::prompt("a").start();
        Turn::chat("openai", "found").start().finish();
        Turn::chat("openai", "lost").start().finish();
    });
    assert_eq!(*told.lock().expect("not poisoned"), ["chat lost"]);
}

#[test]
fn a_detector_that_panics_or_traces_costs_nothing() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_orphan_detector(|orphan| {
        info_span!("in the detector").in_scope(|| tracing::error!("{orphan}"));
        panic!("a bug of the detector");
    });
    let stats = tracer.clone();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), || {
        let _agent = Operation::prompt("a").start();
        Turn::chat("openai", "lost").start().finish();
    });
    assert_eq!(stats.stats().hook_panics, 1);
    assert_eq!(recorder.spans().len(), 2);
}
