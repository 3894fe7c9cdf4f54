//! The same activities under other names.

use insta::assert_snapshot;
use tracing_genai::Profile;
use tracing_genai::activity::{
    Compaction, CompactionTrigger, Cost, Embeddings, Operation, Task, Tool, Turn, Usage, Workflow,
};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, attribute, with_tracer};

/// Runs `work` under the names of Flue; without durations, which are never the same.
fn flue(work: impl FnOnce()) -> Recorder {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_profile(Profile::Flue).with_attributes(["flue.instance.id"]);
    let subscriber = tracing_subscriber::registry().with(tracer.into_layer());
    tracing::subscriber::with_default(subscriber, work);
    recorder
}

fn tree(recorder: &Recorder) -> String {
    let mut spans = recorder.spans();
    for span in &mut spans {
        let all = span.attributes.len();
        span.attributes.retain(|pair| !pair.key.as_str().ends_with("duration_ms"));
        assert_eq!(span.attributes.len() + 1, all, "{} has one duration", span.name);
    }
    crate::support::tree(&spans)
}

fn turn(model: &str) {
    let turn = Turn::chat("anthropic", model).id("turn_1").purpose("agent").reasoning_level("medium").start();
    turn.usage(Usage::new(2092, 64).cache_read(1024).cache_write(256).reasoning(10));
    turn.cost(Cost::provider(0.00419, "USD")).response_model(model).finish_reason("toolUse").finish();
}

#[test]
fn the_six_activities_by_the_names_of_flue() {
    let recorder = flue(|| {
        let run = Workflow::new("triage-issue").run_id("run_1").session("default").start();
        let operation = Operation::prompt("a").id("op_1").conversation("c").child_of(run.span()).start();
        let _inside = operation.span().enter();
        turn("sonnet");
        tracing::info!(secret = "s", "Triage requested");
        Tool::new("lookup_issue").call_id("toolu_01A").start().finish();
        let task = Task::new("researcher").id("task_1").call_id("toolu_01B").start();
        task.in_scope(|| turn("haiku"));
        task.finish();
        let compaction = Compaction::new(CompactionTrigger::Auto).reason("threshold").estimated_tokens(181_234);
        let compaction = compaction.messages_before(12).start();
        compaction.in_scope(|| turn("haiku"));
        compaction.messages_after(4).compacted();
        Operation::new("shell").start().finish();
        operation.finish();
        run.finish();
    });
    assert_snapshot!(tree(&recorder), @r#"
    flue.workflow triage-issue
        flue.run.id = "run_1"
        flue.session.name = "default"
        flue.workflow.name = "triage-issue"
      flue.operation prompt
          flue.operation.id = "op_1"
          flue.operation.kind = "prompt"
          flue.operation.usage.cache_read_tokens = 3072
          flue.operation.usage.cache_write_tokens = 768
          flue.operation.usage.cost_total = 0.01257
          flue.operation.usage.input_tokens = 2436
          flue.operation.usage.output_tokens = 192
          flue.operation.usage.total_tokens = 6468
          flue.run.id = "run_1"
          flue.session.name = "default"
          * flue.log flue.log.level="INFO"
        chat sonnet CLIENT
            flue.run.id = "run_1"
            flue.session.name = "default"
            flue.turn.id = "turn_1"
            flue.turn.purpose = "agent"
            flue.turn.reasoning = "medium"
            flue.usage.cost_total = 0.00419
            flue.usage.total_tokens = 2156
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "anthropic"
            gen_ai.request.model = "sonnet"
            gen_ai.response.finish_reasons = ["toolUse"]
            gen_ai.response.model = "sonnet"
            gen_ai.usage.cache_creation.input_tokens = 256
            gen_ai.usage.cache_read.input_tokens = 1024
            gen_ai.usage.input_tokens = 812
            gen_ai.usage.output_tokens = 64
        flue.tool lookup_issue
            flue.run.id = "run_1"
            flue.session.name = "default"
            flue.tool.call_id = "toolu_01A"
            flue.tool.name = "lookup_issue"
        flue.task researcher
            flue.run.id = "run_1"
            flue.session.name = "default"
            flue.task.agent = "researcher"
            flue.task.id = "task_1"
          chat haiku CLIENT
              flue.run.id = "run_1"
              flue.session.name = "default"
              flue.turn.id = "turn_1"
              flue.turn.purpose = "agent"
              flue.turn.reasoning = "medium"
              flue.usage.cost_total = 0.00419
              flue.usage.total_tokens = 2156
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "anthropic"
              gen_ai.request.model = "haiku"
              gen_ai.response.finish_reasons = ["toolUse"]
              gen_ai.response.model = "haiku"
              gen_ai.usage.cache_creation.input_tokens = 256
              gen_ai.usage.cache_read.input_tokens = 1024
              gen_ai.usage.input_tokens = 812
              gen_ai.usage.output_tokens = 64
        flue.compaction
            flue.compaction.estimated_tokens = 181234
            flue.compaction.messages_after = 4
            flue.compaction.messages_before = 12
            flue.compaction.reason = "threshold"
            flue.compaction.usage.cache_read_tokens = 1024
            flue.compaction.usage.cache_write_tokens = 256
            flue.compaction.usage.cost_total = 0.00419
            flue.compaction.usage.input_tokens = 812
            flue.compaction.usage.output_tokens = 64
            flue.compaction.usage.total_tokens = 2156
            flue.run.id = "run_1"
            flue.session.name = "default"
          chat haiku CLIENT
              flue.run.id = "run_1"
              flue.session.name = "default"
              flue.turn.id = "turn_1"
              flue.turn.purpose = "agent"
              flue.turn.reasoning = "medium"
              flue.usage.cost_total = 0.00419
              flue.usage.total_tokens = 2156
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "anthropic"
              gen_ai.request.model = "haiku"
              gen_ai.response.finish_reasons = ["toolUse"]
              gen_ai.response.model = "haiku"
              gen_ai.usage.cache_creation.input_tokens = 256
              gen_ai.usage.cache_read.input_tokens = 1024
              gen_ai.usage.input_tokens = 812
              gen_ai.usage.output_tokens = 64
        flue.operation shell
            flue.operation.kind = "shell"
            flue.run.id = "run_1"
            flue.session.name = "default"
    "#);
}

#[test]
fn failures_have_flues_texts() {
    let recorder = flue(|| {
        let run = Workflow::new("w").start();
        let operation = Operation::prompt("a").child_of(run.span()).start();
        Tool::new("t").child_of(operation.span()).start().fail(&std::io::Error::other("secret"));
        Turn::chat("p", "m").child_of(operation.span()).start().fail_with("timeout");
        Task::new("b").child_of(operation.span()).start().fail_with("timeout");
        Compaction::new(CompactionTrigger::Auto).child_of(operation.span()).start().fail_with("timeout");
        let open = Turn::chat("p", "open").child_of(operation.span()).start();
        operation.fail_with("timeout");
        let swept = Tool::new("open").child_of(run.span()).start();
        run.fail_with("timeout");
        drop((open, swept));
    });
    assert_snapshot!(tree(&recorder), @r#"
    flue.workflow w ERRORWorkflow run failed.
        flue.workflow.name = "w"
      flue.operation prompt ERROROperation failed.
          flue.operation.kind = "prompt"
        flue.tool t ERRORTool call failed.
            flue.tool.name = "t"
            * exception exception.type="std::io::error::Error"
        chat m CLIENT ERRORModel turn failed.
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "p"
            gen_ai.request.model = "m"
        flue.task b ERRORTask failed.
            flue.task.agent = "b"
        flue.compaction ERRORCompaction failed.
        chat open CLIENT ERROROperation ended before this span received its terminal event.
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "p"
            gen_ai.request.model = "open"
      flue.tool open ERRORWorkflow run ended before this span received its terminal event.
          flue.tool.name = "open"
    "#);
}

#[test]
fn a_resumed_run_says_so_by_flues_name() {
    let recorder = flue(|| {
        let run = Workflow::new("w").run_id("r").start();
        Workflow::new("w").run_id("r").resume().start().finish();
        drop(run);
    });
    let marks: Vec<_> =
        recorder.spans().iter().map(|span| attribute(span, "flue.workflow.recovery_handling")).collect();
    assert_eq!(marks, [None, Some("true".to_owned())]);
}

#[test]
fn what_a_profile_has_no_name_for() {
    let recorder = flue(|| {
        let span = tracing::info_span!(
            "t",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "t",
            flue.instance.id = "i",
            prompt = "secret"
        );
        span.in_scope(|| Embeddings::new("openai", "e").start().finish());
    });
    let tool = recorder.span("flue.tool t");
    assert_eq!(attribute(&tool, "flue.instance.id").as_deref(), Some("\"i\""));
    assert_eq!(attribute(&tool, "gen_ai.operation.name"), None);
    assert_eq!(attribute(&tool, "prompt"), None);
    assert_eq!(attribute(&recorder.span("embeddings e"), "gen_ai.operation.name").as_deref(), Some("\"embeddings\""));
}

/// The predecessor's `exportContent`, with an edited copy: its names, and no change of the original.
#[test]
fn flues_content_hook_can_be_expressed() {
    use serde_json::json;
    use tracing_genai::activity::{Tool, Workflow};
    use tracing_genai::content::{Content, Decision, Item, Kind, Payload};

    let export_content = |mut item: Item| {
        if item.kind() == Kind::WorkflowInput {
            return Decision::Omit;
        }
        if let Payload::Json(args) = item.value_mut()
            && let Some(token) = args.get_mut("token")
        {
            *token = "[redacted]".into();
        }
        item.inline()
    };
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_profile(Profile::Flue).with_content(Content::custom(export_content));
    let args = json!({"id": 4711, "token": "s3cret"});
    with_tracer(&recorder, &tracer, || {
        let run = Workflow::new("triage").start();
        run.input(&json!({"issue": 1}));
        run.in_scope(|| {
            Tool::new("lookup").start().arguments(&args).result(&json!({"title": "Crash"})).finish();
            tracing::info!(characters = 1834, "Triage requested");
        });
        run.result(&json!({"of": 4302})).finish();
    });
    assert_eq!(args["token"], "s3cret");
    insta::assert_snapshot!(tree(&recorder), @r#"
    flue.workflow triage
        flue.workflow.name = "triage"
        flue.workflow.result = "{\"of\":4302}"
        * flue.log flue.log.level="INFO" flue.log.message="Triage requested" flue.log.attributes="{\"characters\":1834}"
      flue.tool lookup
          flue.tool.arguments = "{\"id\":4711,\"token\":\"[redacted]\"}"
          flue.tool.name = "lookup"
          flue.tool.result = "{\"title\":\"Crash\"}"
    "#);
}
