//! The six activities through both entrances.

use insta::assert_snapshot;
use tracing::field::Empty;
use tracing::info_span;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Usage, Workflow};

use crate::support::{Recorder, record, record_async};

#[test]
fn all_six_activities_through_both_entrances() {
    let recorder = record_async(async {
        let run = Workflow::new("triage-issue").run_id("run-7").user("u-1").start();
        run.scope(async {
            let operation = Operation::prompt("researcher").id("op-1").conversation("session-3").start();
            operation
                .scope(async {
                    let turn = Turn::chat("OpenAI", "gpt-4o").server("api.openai.com", 443).max_tokens(1024).start();
                    turn.scope(async {}).await;
                    turn.usage(Usage::new(120, 34).cache_read(80))
                        .response_id("r-1")
                        .finish_reason("tool_calls")
                        .finish();
                    let tool = Tool::new("delegate").call_id("call_1").start();
                    tool.scope(async {
                        let task = Task::new("summarizer").id("task-1").start();
                        task.scope(async {
                            let turn = Turn::generate_content("gemini", "gemini-2.5-pro").start();
                            turn.usage(Usage::new(7, 5)).finish_reason("stop").finish();
                        })
                        .await;
                    })
                    .await;
                    let compaction = Compaction::new(CompactionTrigger::Auto).tokens_before(900).start();
                    compaction.in_scope(|| {
                        let turn = Turn::chat("openai", "gpt-4o-mini").purpose("compaction").start();
                        turn.usage(Usage::new(900, 50)).finish_reason("length").finish();
                    });
                    compaction.tokens_after(60).compacted();
                    Turn::chat("openai", "gpt-4o").start().finish();
                })
                .await;
            operation.finish();
            Operation::new("review").start().finish();
        })
        .await;
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_workflow triage-issue
        agentic.run.id = "run-7"
        agentic.run.segment = 0
        agentic.usage.cache_read.input_tokens = 80
        agentic.usage.input_tokens = 1027
        agentic.usage.output_tokens = 89
        agentic.usage.turns = 4
        gen_ai.operation.name = "invoke_workflow"
        gen_ai.workflow.name = "triage-issue"
        user.id = "u-1"
      invoke_agent researcher
          agentic.operation.id = "op-1"
          agentic.operation.kind = "prompt"
          agentic.run.id = "run-7"
          agentic.usage.cache_read.input_tokens = 80
          agentic.usage.input_tokens = 1027
          agentic.usage.output_tokens = 89
          agentic.usage.turns = 4
          gen_ai.agent.name = "researcher"
          gen_ai.conversation.id = "session-3"
          gen_ai.operation.name = "invoke_agent"
          gen_ai.response.finish_reasons = ["tool_calls"]
          gen_ai.usage.input_tokens = 1020
          gen_ai.usage.output_tokens = 84
          user.id = "u-1"
        chat gpt-4o CLIENT
            agentic.run.id = "run-7"
            gen_ai.agent.name = "researcher"
            gen_ai.conversation.id = "session-3"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.max_tokens = 1024
            gen_ai.request.model = "gpt-4o"
            gen_ai.response.finish_reasons = ["tool_calls"]
            gen_ai.response.id = "r-1"
            gen_ai.usage.cache_read.input_tokens = 80
            gen_ai.usage.input_tokens = 120
            gen_ai.usage.output_tokens = 34
            server.address = "api.openai.com"
            server.port = 443
            user.id = "u-1"
        execute_tool delegate
            agentic.run.id = "run-7"
            gen_ai.agent.name = "researcher"
            gen_ai.conversation.id = "session-3"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.call.id = "call_1"
            gen_ai.tool.name = "delegate"
            user.id = "u-1"
          invoke_agent summarizer
              agentic.run.id = "run-7"
              agentic.task.id = "task-1"
              agentic.usage.input_tokens = 7
              agentic.usage.output_tokens = 5
              agentic.usage.turns = 1
              gen_ai.agent.name = "summarizer"
              gen_ai.conversation.id = "session-3"
              gen_ai.operation.name = "invoke_agent"
              gen_ai.response.finish_reasons = ["stop"]
              gen_ai.usage.input_tokens = 7
              gen_ai.usage.output_tokens = 5
              user.id = "u-1"
            generate_content gemini-2.5-pro CLIENT
                agentic.run.id = "run-7"
                gen_ai.agent.name = "summarizer"
                gen_ai.conversation.id = "session-3"
                gen_ai.operation.name = "generate_content"
                gen_ai.provider.name = "gcp.gemini"
                gen_ai.request.model = "gemini-2.5-pro"
                gen_ai.response.finish_reasons = ["stop"]
                gen_ai.usage.input_tokens = 7
                gen_ai.usage.output_tokens = 5
                user.id = "u-1"
        compact researcher
            agentic.compaction.outcome = "compacted"
            agentic.compaction.tokens_after = 60
            agentic.compaction.tokens_before = 900
            agentic.compaction.trigger = "auto"
            agentic.run.id = "run-7"
            agentic.usage.input_tokens = 900
            agentic.usage.output_tokens = 50
            agentic.usage.turns = 1
            gen_ai.agent.name = "researcher"
            gen_ai.conversation.id = "session-3"
            user.id = "u-1"
          chat gpt-4o-mini CLIENT
              agentic.run.id = "run-7"
              agentic.turn.purpose = "compaction"
              gen_ai.agent.name = "researcher"
              gen_ai.conversation.id = "session-3"
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "openai"
              gen_ai.request.model = "gpt-4o-mini"
              gen_ai.response.finish_reasons = ["length"]
              gen_ai.usage.input_tokens = 900
              gen_ai.usage.output_tokens = 50
              user.id = "u-1"
        chat gpt-4o CLIENT
            agentic.run.id = "run-7"
            gen_ai.agent.name = "researcher"
            gen_ai.conversation.compacted = true
            gen_ai.conversation.id = "session-3"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "gpt-4o"
            user.id = "u-1"
      operation review
          agentic.operation.kind = "review"
          agentic.run.id = "run-7"
          user.id = "u-1"
    "#);
    assert_eq!(by_fields().tree(), recorder.tree());
}

/// The same run without the typed guards.
fn by_fields() -> Recorder {
    record(|| {
        let run = info_span!(
            "run",
            gen_ai.operation.name = "invoke_workflow",
            gen_ai.workflow.name = "triage-issue",
            agentic.run.id = "run-7",
            user.id = "u-1",
        );
        run.in_scope(|| {
            let operation = info_span!(
                "operation",
                gen_ai.operation.name = "invoke_agent",
                gen_ai.agent.name = "researcher",
                gen_ai.conversation.id = "session-3",
                agentic.operation.id = "op-1",
                agentic.operation.kind = "prompt",
            );
            operation.in_scope(agent_by_fields);
            info_span!("op", agentic.operation.kind = "review").in_scope(|| ());
        });
    })
}

fn agent_by_fields() {
    let turn = info_span!(
        "turn",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "OpenAI",
        gen_ai.request.model = "gpt-4o",
        gen_ai.request.max_tokens = 1024_u64,
        gen_ai.response.id = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        gen_ai.usage.cache_read.input_tokens = Empty,
        server.address = "api.openai.com",
        server.port = 443,
    );
    turn.in_scope(|| ());
    turn.record("gen_ai.usage.input_tokens", 120_u64);
    turn.record("gen_ai.usage.output_tokens", 34_u64);
    turn.record("gen_ai.usage.cache_read.input_tokens", 80_u64);
    turn.record("gen_ai.response.id", "r-1");
    turn.record("gen_ai.response.finish_reasons", "tool_calls");
    drop(turn);
    let tool = info_span!(
        "tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = "delegate",
        gen_ai.tool.call.id = "call_1",
    );
    tool.in_scope(|| {
        let task = info_span!(
            "task",
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = "summarizer",
            agentic.task.id = "task-1",
        );
        task.in_scope(|| model_call("generate_content", "gemini", "gemini-2.5-pro", Some((7, 5, "stop"))));
    });
    let compaction = info_span!(
        "compaction",
        agentic.compaction.trigger = "auto",
        agentic.compaction.tokens_before = 900_u64,
        agentic.compaction.tokens_after = Empty,
        agentic.compaction.outcome = Empty,
    );
    compaction.in_scope(|| {
        model_call("chat", "openai", "gpt-4o-mini", Some((900, 50, "length")));
    });
    compaction.record("agentic.compaction.tokens_after", 60_u64);
    compaction.record("agentic.compaction.outcome", "compacted");
    drop(compaction);
    model_call("chat", "openai", "gpt-4o", None);
}

fn model_call(operation: &str, provider: &str, model: &str, usage: Option<(u64, u64, &str)>) {
    let span = info_span!(
        "call",
        gen_ai.operation.name = operation,
        gen_ai.provider.name = provider,
        gen_ai.request.model = model,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        agentic.turn.purpose = (model == "gpt-4o-mini").then_some("compaction"),
    );
    if let Some((input, output, reason)) = usage {
        span.record("gen_ai.usage.input_tokens", input);
        span.record("gen_ai.usage.output_tokens", output);
        span.record("gen_ai.response.finish_reasons", reason);
    }
}
