//! Runs that are taken up again.

use insta::assert_snapshot;
use tracing_genai::Carrier;
use tracing_genai::activity::{Operation, Turn, Workflow};

use crate::support::{Recorder, attribute, record, with_tracer};

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

#[test]
fn a_run_that_resumes_in_its_own_scope_is_a_root_all_the_same() {
    let recorder = record(|| {
        let run = Workflow::new("w").run_id("r").start();
        run.in_scope(|| {
            let operation = Operation::prompt("a").start();
            operation.in_scope(|| Workflow::new("w").run_id("r").resume().start().finish());
            // Another run is a child as ever.
            Workflow::new("inner").run_id("i").start().finish();
        });
    });
    let runs: Vec<_> = recorder.spans().into_iter().filter(|span| span.name == "invoke_workflow w").collect();
    let [first, second] = runs.as_slice() else { panic!("two segments") };
    assert_eq!(second.parent_span_id, opentelemetry::trace::SpanId::INVALID);
    assert_ne!(second.span_context.trace_id(), first.span_context.trace_id());
    assert_eq!(second.links.links[0].span_context, first.span_context);
    assert_eq!(recorder.span("invoke_workflow inner").parent_span_id, first.span_context.span_id());
}
