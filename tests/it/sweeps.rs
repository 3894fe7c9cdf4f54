//! What is still open when the activity around it ends, is resumed, shuts down, or stays for ever.

use std::time::Duration;

use insta::assert_snapshot;
use opentelemetry::trace::Status;
use tracing::info_span;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Usage, Workflow};
use tracing_genai::{Carrier, GenAiTracer};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute, record};

/// Runs `work` under a tracer that it is given, too.
fn with_tracer(
    recorder: &Recorder,
    tracer: &GenAiTracer<opentelemetry_sdk::trace::SdkTracer>,
    work: impl FnOnce(),
) -> String {
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, work);
    recorder.tree()
}

#[test]
fn the_end_of_an_operation_ends_everything_open_below_it() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let tree = with_tracer(&recorder, &tracer, || {
        let operation = Operation::prompt("a").start();
        let _inside = operation.span().enter();
        let turn = Turn::chat("openai", "m").start();
        turn.usage(Usage::new(7, 2));
        let plain = info_span!("plain");
        let tool = Tool::new("delegate").child_of(&plain).start();
        let task = Task::new("b").child_of(tool.span()).start();
        let nested = Turn::chat("openai", "n").child_of(task.span()).start();
        operation.finish();
        // Too late: all of them have ended.
        turn.finish();
        nested.fail_with("timeout");
        task.finish();
    });
    assert_snapshot!(tree, @r#"
    invoke_agent a
        agentic.operation.kind = "prompt"
        agentic.usage.input_tokens = 7
        agentic.usage.output_tokens = 2
        agentic.usage.turns = 2
        gen_ai.agent.name = "a"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.usage.input_tokens = 7
        gen_ai.usage.output_tokens = 2
      chat m CLIENT ERROR
          agentic.forced_close = "operation_end"
          error.type = "interrupted"
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "m"
          gen_ai.usage.input_tokens = 7
          gen_ai.usage.output_tokens = 2
      plain
        execute_tool delegate ERROR
            agentic.forced_close = "operation_end"
            error.type = "interrupted"
            gen_ai.agent.name = "a"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.name = "delegate"
          invoke_agent b ERROR
              agentic.forced_close = "operation_end"
              agentic.usage.turns = 1
              error.type = "interrupted"
              gen_ai.agent.name = "b"
              gen_ai.operation.name = "invoke_agent"
            chat n CLIENT ERROR
                agentic.forced_close = "operation_end"
                error.type = "interrupted"
                gen_ai.agent.name = "b"
                gen_ai.operation.name = "chat"
                gen_ai.provider.name = "openai"
                gen_ai.request.model = "n"
    "#);
    assert_eq!(tracer.stats().interrupted, 4);
}

#[test]
fn the_end_of_a_run_ends_its_operations_and_a_task_ends_its_own() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let tree = with_tracer(&recorder, &tracer, || {
        let run = Workflow::new("w").start();
        let operation = Operation::prompt("a").child_of(run.span()).start();
        let task = Task::new("b").child_of(operation.span()).start();
        let turn = Turn::chat("openai", "m").child_of(task.span()).start();
        task.finish();
        let compaction = Compaction::new(CompactionTrigger::Auto).child_of(operation.span()).start();
        run.fail_with("timeout");
        drop((turn, compaction, operation));
    });
    assert_snapshot!(tree, @r#"
    invoke_workflow w ERROR
        agentic.usage.turns = 1
        error.type = "timeout"
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
      invoke_agent a ERROR
          agentic.forced_close = "run_end"
          agentic.operation.kind = "prompt"
          agentic.usage.turns = 1
          error.type = "interrupted"
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "invoke_agent"
        invoke_agent b
            agentic.usage.turns = 1
            gen_ai.agent.name = "b"
            gen_ai.operation.name = "invoke_agent"
          chat m CLIENT ERROR
              agentic.forced_close = "operation_end"
              error.type = "interrupted"
              gen_ai.agent.name = "b"
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "openai"
              gen_ai.request.model = "m"
        compact a ERROR
            agentic.compaction.outcome = "failed"
            agentic.compaction.trigger = "auto"
            agentic.forced_close = "run_end"
            error.type = "interrupted"
            gen_ai.agent.name = "a"
    "#);
}

/// A tool does not end what it started; the operation around both does.
#[test]
fn what_outlives_its_parent_ends_with_the_operation() {
    let recorder = record(|| {
        let run = Workflow::new("w").start();
        let operation = Operation::prompt("a").child_of(run.span()).start();
        let tool = Tool::new("background").child_of(operation.span()).start();
        let early = Turn::chat("openai", "early").child_of(tool.span()).start();
        tool.finish();
        let late = Turn::chat("openai", "late").child_of(tool.span()).start();
        let finished = Turn::chat("openai", "finished").child_of(tool.span()).start();
        finished.finish();
        operation.finish();
        let after = Turn::chat("openai", "after").child_of(tool.span()).start();
        run.finish();
        drop((early, late, after));
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_workflow w
        agentic.usage.turns = 4
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
      invoke_agent a
          agentic.operation.kind = "prompt"
          agentic.usage.turns = 3
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "invoke_agent"
        execute_tool background
            gen_ai.agent.name = "a"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.name = "background"
          chat early CLIENT ERROR
              agentic.forced_close = "operation_end"
              error.type = "interrupted"
              gen_ai.agent.name = "a"
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "openai"
              gen_ai.request.model = "early"
          chat late CLIENT ERROR
              agentic.forced_close = "operation_end"
              error.type = "interrupted"
              gen_ai.agent.name = "a"
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "openai"
              gen_ai.request.model = "late"
          chat finished CLIENT
              gen_ai.agent.name = "a"
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "openai"
              gen_ai.request.model = "finished"
          chat after CLIENT ERROR
              agentic.forced_close = "run_end"
              error.type = "interrupted"
              gen_ai.agent.name = "a"
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "openai"
              gen_ai.request.model = "after"
    "#);
}

#[test]
fn work_that_was_done_is_not_interrupted() {
    let recorder = record(|| {
        let operation = Operation::prompt("a").start();
        let tool = Tool::new("t").child_of(operation.span()).start();
        tool.in_scope(|| ());
        operation.finish();
        drop(tool);
    });
    assert_eq!(attribute(&recorder.span("execute_tool t"), "agentic.forced_close"), None);
    assert_eq!(recorder.span("execute_tool t").status, Status::Unset);
}

#[test]
fn spans_by_fields_are_swept_too() {
    let recorder = record(|| {
        let operation = Operation::prompt("a").start();
        let tool =
            info_span!(parent: operation.span(), "t", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "t");
        tool.in_scope(|| ());
        operation.finish();
        tool.record("gen_ai.tool.call.id", "too late");
    });
    let tool = recorder.span("execute_tool t");
    assert_eq!(attribute(&tool, "agentic.forced_close").as_deref(), Some("\"operation_end\""));
    assert_eq!(attribute(&tool, "gen_ai.tool.call.id"), None);
}

#[test]
fn shutdown_ends_everything_children_first() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    let guards = tracing::subscriber::with_default(subscriber, || {
        let run = Workflow::new("w").start();
        let operation = Operation::prompt("a").child_of(run.span()).start();
        let tool = Tool::new("t").child_of(operation.span()).start();
        let turn = Turn::chat("openai", "m").child_of(tool.span()).start();
        tool.finish();
        let alone = Turn::chat("openai", "alone").start();
        (run, operation, tool, turn, alone)
    });
    assert_eq!(tracer.interrupt_open_spans(), 4);
    assert_eq!(tracer.interrupt_open_spans(), 0);
    drop(guards);
    let names: Vec<_> = recorder.spans().iter().map(|span| span.name.to_string()).collect();
    let place = |name: &str| names.iter().position(|other| other == name).expect(name);
    assert!(
        place("chat m") < place("invoke_agent a") && place("invoke_agent a") < place("invoke_workflow w"),
        "{names:?}"
    );
    for name in ["chat m", "chat alone", "invoke_agent a", "invoke_workflow w"] {
        assert_eq!(attribute(&recorder.span(name), "agentic.forced_close").as_deref(), Some("\"shutdown\""), "{name}");
    }
    assert_eq!(tracer.stats().open_spans, 0);
}

#[test]
fn a_chain_deeper_than_a_stack_is_swept() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let count = with_tracer(&recorder, &tracer, || {
        let run = Workflow::new("w").start();
        let mut chain = vec![Task::new("t").child_of(run.span()).start()];
        for _ in 0..1_000 {
            chain.push(Task::new("t").child_of(chain[chain.len() - 1].span()).start());
        }
        run.finish();
        // From the inside: a long chain of tracing spans that lets go from the outside overflows the registry's stack.
        while chain.pop().is_some() {}
    });
    assert!(count.starts_with("invoke_workflow w"));
    assert_eq!(recorder.spans().len(), 1_002);
    assert_eq!(tracer.stats().interrupted, 1_001);
}

#[test]
fn a_resumed_run_is_a_new_segment_that_links_to_the_last() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let tree = with_tracer(&recorder, &tracer, || {
        let run = Workflow::new("w").run_id("r").start();
        let operation = Operation::prompt("a").child_of(run.span()).start();
        let turn = Turn::chat("openai", "m").child_of(operation.span()).start();
        let resumed = Workflow::new("w").run_id("r").resume().start();
        drop((turn, operation, run));
        Operation::prompt("a").child_of(resumed.span()).start().finish();
        resumed.finish();
        Workflow::new("w").run_id("r").resume().start().finish();
    });
    assert_snapshot!(tree, @r#"
    invoke_workflow w ERROR
        agentic.forced_close = "resume"
        agentic.run.id = "r"
        agentic.run.segment = 0
        agentic.usage.turns = 1
        error.type = "interrupted"
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
      invoke_agent a ERROR
          agentic.forced_close = "resume"
          agentic.operation.kind = "prompt"
          agentic.run.id = "r"
          agentic.usage.turns = 1
          error.type = "interrupted"
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "invoke_agent"
        chat m CLIENT ERROR
            agentic.forced_close = "resume"
            agentic.run.id = "r"
            error.type = "interrupted"
            gen_ai.agent.name = "a"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "m"
    invoke_workflow w
        agentic.run.id = "r"
        agentic.run.segment = 1
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
      invoke_agent a
          agentic.operation.kind = "prompt"
          agentic.run.id = "r"
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "invoke_agent"
    invoke_workflow w
        agentic.run.id = "r"
        agentic.run.segment = 2
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
    "#);
    let segments: Vec<_> = recorder.spans().into_iter().filter(|span| span.name == "invoke_workflow w").collect();
    let [first, second, third] = segments.as_slice() else { panic!("three segments") };
    assert!(first.links.links.is_empty());
    assert_eq!(second.links.links[0].span_context, first.span_context);
    assert_eq!(third.links.links[0].span_context, second.span_context);
    assert_eq!(third.links.links.len(), 1);
}

#[test]
fn a_run_resumes_from_a_carrier_of_another_process() {
    const STORED: &str = r#"{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"#;
    let stored: Carrier = serde_json::from_str(STORED).expect("a carrier");
    let recorder = record(|| Workflow::new("w").run_id("r").resume_from(&stored).start().finish());
    let run = recorder.span("invoke_workflow w");
    assert_eq!(attribute(&run, "agentic.run.segment").as_deref(), Some("1"));
    assert_eq!(run.links.links[0].span_context.trace_id().to_string(), stored.trace_id());
    assert_eq!(run.links.links[0].span_context.span_id().to_string(), stored.span_id());
    assert_ne!(run.span_context.trace_id().to_string(), stored.trace_id());
}

#[test]
fn a_checkpoint_tells_run_and_segment_to_another_process() {
    let mut stored = String::new();
    record(|| {
        Workflow::new("w").run_id("r").start().finish();
        let run = Workflow::new("w").run_id("r").resume().start();
        stored = serde_json::to_string(&run.checkpoint().expect("a place")).expect("serializes");
        // What is sent to others does not tell.
        let carrier = serde_json::to_string(&run.carrier().expect("a place")).expect("serializes");
        assert!(!carrier.contains("run"), "{carrier}");
    });
    assert!(stored.ends_with(r#""run_id":"r","run_segment":1}"#), "{stored}");
    // A tracer that knows nothing of the first, as in another process.
    let checkpoint: Carrier = serde_json::from_str(&stored).expect("a carrier");
    let recorder = record(|| Workflow::new("w").resume_from(&checkpoint).start().finish());
    let run = recorder.span("invoke_workflow w");
    assert_eq!(attribute(&run, "agentic.run.id").as_deref(), Some("\"r\""));
    assert_eq!(attribute(&run, "agentic.run.segment").as_deref(), Some("2"));
    assert_eq!(run.links.links[0].span_context.span_id().to_string(), checkpoint.span_id());
    let odd = stored.replace("\"run_segment\":1", "\"run_segment\":\"x\"").replace("\"r\"", "7");
    let odd: Carrier = serde_json::from_str(&odd).expect("what is odd is left out");
    assert_eq!(odd.span_id(), checkpoint.span_id());
}

#[test]
fn a_run_resumes_from_its_own_carrier_and_ends_what_it_finds_open() {
    let recorder = record(|| {
        let run = Workflow::new("w").start();
        let turn = Turn::chat("openai", "m").child_of(run.span()).start();
        let carrier = run.carrier().expect("a place");
        let resumed = Workflow::new("w").resume_from(&carrier).start();
        drop((turn, run));
        resumed.finish();
    });
    assert_eq!(attribute(&recorder.span("chat m"), "agentic.forced_close").as_deref(), Some("\"resume\""));
}

#[test]
fn a_run_that_nobody_remembers_resumes_without_a_link() {
    let recorder = record(|| Workflow::new("w").run_id("r").resume().start().finish());
    let run = recorder.span("invoke_workflow w");
    assert!(run.links.links.is_empty());
    assert_eq!(attribute(&run, "agentic.run.segment").as_deref(), Some("1"));
}

/// Two runs with the same ids below them have nothing to do with each other.
#[test]
fn a_run_ends_only_its_own() {
    let recorder = record(|| {
        let start = |run: &str| {
            let run = Workflow::new("w").run_id(run).start();
            let operation = Operation::prompt("a").id("op_1").child_of(run.span()).start();
            let turn = Turn::chat("openai", "m").id("turn_1").child_of(operation.span()).start();
            (turn, operation, run)
        };
        let (first, second) = (start("run-a"), start("run-b"));
        first.2.finish();
        second.0.finish();
        second.1.finish();
        second.2.finish();
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_workflow w
        agentic.run.id = "run-a"
        agentic.run.segment = 0
        agentic.usage.turns = 1
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
      invoke_agent a ERROR
          agentic.forced_close = "run_end"
          agentic.operation.id = "op_1"
          agentic.operation.kind = "prompt"
          agentic.run.id = "run-a"
          agentic.usage.turns = 1
          error.type = "interrupted"
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "invoke_agent"
        chat m CLIENT ERROR
            agentic.forced_close = "run_end"
            agentic.run.id = "run-a"
            agentic.turn.id = "turn_1"
            error.type = "interrupted"
            gen_ai.agent.name = "a"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "m"
    invoke_workflow w
        agentic.run.id = "run-b"
        agentic.run.segment = 0
        agentic.usage.turns = 1
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
      invoke_agent a
          agentic.operation.id = "op_1"
          agentic.operation.kind = "prompt"
          agentic.run.id = "run-b"
          agentic.usage.turns = 1
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "invoke_agent"
        chat m CLIENT
            agentic.run.id = "run-b"
            agentic.turn.id = "turn_1"
            gen_ai.agent.name = "a"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "m"
    "#);
}

#[test]
fn a_second_start_of_the_same_is_none() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    let tree = with_tracer(&recorder, &tracer, || {
        let operation = Operation::prompt("a").id("op").start();
        let first = Tool::new("t").call_id("call_1").child_of(operation.span()).start();
        let second = Tool::new("t").call_id("call_1").child_of(operation.span()).start();
        // What starts in the second hangs in the first.
        second.in_scope(|| Turn::chat("openai", "m").start().finish());
        second.fail_with("timeout");
        let other = Tool::new("u").call_id("call_1").child_of(operation.span()).start();
        other.finish();
        first.finish();
        Tool::new("t").call_id("call_1").child_of(operation.span()).start().finish();
        operation.finish();
    });
    assert_snapshot!(tree, @r#"
    invoke_agent a
        agentic.operation.id = "op"
        agentic.operation.kind = "prompt"
        agentic.usage.turns = 1
        gen_ai.agent.name = "a"
        gen_ai.operation.name = "invoke_agent"
      execute_tool t
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "t"
        chat m CLIENT
            gen_ai.agent.name = "a"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "m"
      execute_tool u
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "u"
      execute_tool t
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_1"
          gen_ai.tool.name = "t"
    "#);
    assert_eq!(tracer.stats().duplicate_starts, 1);
}

#[test]
fn every_kind_with_an_id_is_started_once() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer();
    with_tracer(&recorder, &tracer, || {
        for _ in 0..2 {
            let run = Workflow::new("w").run_id("r").start();
            std::mem::forget(run);
        }
    });
    let tree = with_tracer(&recorder, &tracer, || {
        let run = Workflow::new("w").run_id("s").start();
        let again = Workflow::new("w").run_id("s").start();
        let operations = [(); 2].map(|()| Operation::prompt("a").id("o").child_of(run.span()).start());
        let tasks = [(); 2].map(|()| Task::new("b").id("t").child_of(operations[0].span()).start());
        let turns = [(); 2].map(|()| Turn::chat("openai", "m").id("n").child_of(operations[0].span()).start());
        // Ids that are counted from 1 anywhere, without a place: two turns.
        let anywhere = [(); 2].map(|()| Turn::chat("openai", "free").id("n").start());
        drop((anywhere, turns, tasks, operations, again, run));
    });
    assert_snapshot!(tree, @r#"
    invoke_workflow w
        agentic.run.id = "s"
        agentic.run.segment = 0
        agentic.usage.turns = 1
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "w"
      invoke_agent a
          agentic.operation.id = "o"
          agentic.operation.kind = "prompt"
          agentic.run.id = "s"
          agentic.usage.turns = 1
          gen_ai.agent.name = "a"
          gen_ai.operation.name = "invoke_agent"
        invoke_agent b
            agentic.outcome = "cancelled"
            agentic.run.id = "s"
            agentic.task.id = "t"
            gen_ai.agent.name = "b"
            gen_ai.operation.name = "invoke_agent"
        chat m CLIENT
            agentic.outcome = "cancelled"
            agentic.run.id = "s"
            agentic.turn.id = "n"
            gen_ai.agent.name = "a"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "m"
    chat free CLIENT
        agentic.outcome = "cancelled"
        agentic.turn.id = "n"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "free"
    chat free CLIENT
        agentic.outcome = "cancelled"
        agentic.turn.id = "n"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "free"
    "#);
    assert_eq!(tracer.stats().duplicate_starts, 5);
}

#[test]
fn the_oldest_that_nothing_runs_in_makes_room() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_max_open_spans(3);
    with_tracer(&recorder, &tracer, || {
        let run = Workflow::new("w").start();
        let open: Vec<_> = (0..5).map(|n| Turn::chat("openai", n.to_string()).child_of(run.span()).start()).collect();
        assert_eq!(tracer.stats().evicted, 3);
        drop(open);
        run.finish();
    });
    for (model, evicted) in [(0, true), (1, true), (2, true), (3, false), (4, false)] {
        let forced = attribute(&recorder.span(&format!("chat {model}")), "agentic.forced_close");
        assert_eq!(forced.as_deref(), evicted.then_some("\"capacity\""), "{model}");
    }
    assert_eq!(attribute(&recorder.span("invoke_workflow w"), "agentic.forced_close"), None);
}

#[test]
fn what_is_open_for_too_long_ends() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_open_span_ttl(Duration::ZERO);
    with_tracer(&recorder, &tracer, || {
        let run = Workflow::new("w").start();
        let mut open = vec![Turn::chat("openai", "old").child_of(run.span()).start()];
        // Every start looks at one sixteenth of the open spans.
        while tracer.stats().evicted == 0 {
            open.push(Turn::chat("openai", "young").child_of(run.span()).start());
            assert!(open.len() < 1_000, "nothing expires");
        }
    });
    let expired = recorder.spans().into_iter().filter(|span| attribute(span, "agentic.forced_close").is_some());
    let expired: Vec<_> = expired.map(|span| attribute(&span, "agentic.forced_close")).collect();
    assert!(expired.contains(&Some("\"expired\"".to_owned())), "{expired:?}");
}
