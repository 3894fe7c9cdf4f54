//! What is still open when the activity around it ends or the program shuts down.

use insta::assert_snapshot;
use opentelemetry::trace::Status;
use tracing::info_span;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Usage, Workflow};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute, record, with_tracer};

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
