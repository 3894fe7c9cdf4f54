//! What is open already is not started again, and what is open for ever makes room.

use std::time::Duration;

use insta::assert_snapshot;
use tracing_genai::activity::{Operation, Task, Tool, Turn, Workflow};

use crate::support::{Recorder, attribute, with_tracer};

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
