//! Spans of crates that are not driven here, copied by shape: names, fields and the order in which they are recorded.
//! `tests/foreign` drives rig and genai themselves.

use insta::assert_snapshot;
use tracing::field::{Empty, debug};
use tracing::{Span, info_span};

use crate::support::record;

const SECRET: &str = "canary";

/// `chat_span`, `agent_span` and `tool_span_ex` with the older keys, as it has them by default.
#[test]
fn agent_framework_core_0_14() {
    let recorder = record(|| {
        let agent = info_span!(
            "invoke_agent",
            otel.name = Empty,
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = "helper",
            gen_ai.agent.id = "agent-1",
            error.type = Empty,
            otel.status_code = Empty,
        );
        agent.record("otel.name", "invoke_agent helper");
        let _agent = agent.enter();
        let chat = info_span!(
            "chat",
            otel.name = Empty,
            gen_ai.operation.name = "chat",
            gen_ai.system = Empty,
            gen_ai.request.model = "gpt-4o",
            gen_ai.response.finish_reasons = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            gen_ai.usage.cache_creation.input_tokens = Empty,
            gen_ai.request.max_tokens = Empty,
            gen_ai.request.stop_sequences = Empty,
            gen_ai.input.messages = Empty,
        );
        chat.record("gen_ai.system", "azure_openai");
        chat.record("otel.name", "chat gpt-4o");
        chat.record("gen_ai.request.max_tokens", 64_u64);
        chat.record("gen_ai.request.stop_sequences", debug(["END"]));
        chat.record("gen_ai.input.messages", SECRET);
        chat.in_scope(|| ());
        chat.record("gen_ai.response.finish_reasons", "stop");
        chat.record("gen_ai.usage.input_tokens", 12_u64);
        chat.record("gen_ai.usage.output_tokens", 3_u64);
        chat.record("gen_ai.usage.cache_creation.input_tokens", 2_u64);
        drop(chat);
        let tool = info_span!(
            "execute_tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "search",
            gen_ai.tool.call.id = "call-1",
            gen_ai.tool.description = Empty,
            gen_ai.tool.type = "function",
            error.type = Empty,
            otel.status_code = Empty,
            otel.status_message = Empty,
        );
        tool.record("gen_ai.tool.description", SECRET);
        tool.in_scope(|| ());
        tool.record("error.type", "tool");
        tool.record("otel.status_code", "ERROR");
        tool.record("otel.status_message", SECRET);
    });
    assert!(!recorder.tree().contains(SECRET));
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent helper
        agentic.usage.cache_write.input_tokens = 2
        agentic.usage.input_tokens = 12
        agentic.usage.output_tokens = 3
        agentic.usage.turns = 1
        gen_ai.agent.id = "agent-1"
        gen_ai.agent.name = "helper"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.usage.input_tokens = 12
        gen_ai.usage.output_tokens = 3
      chat gpt-4o CLIENT
          gen_ai.agent.name = "helper"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "azure.ai.openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o"
          gen_ai.request.stop_sequences = ["END"]
          gen_ai.response.finish_reasons = ["stop"]
          gen_ai.usage.cache_write.input_tokens = 2
          gen_ai.usage.input_tokens = 12
          gen_ai.usage.output_tokens = 3
      execute_tool search ERROR
          error.type = "tool"
          gen_ai.agent.name = "helper"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call-1"
          gen_ai.tool.name = "search"
          gen_ai.tool.type = "function"
    "#);
}

/// `agent_run`, `chat` and `execute_tool` of a run whose model did not count tokens.
#[test]
fn harness_rs_loop_0_0_66() {
    let recorder = record(|| {
        let run = info_span!(
            target: "harness.telemetry",
            "agent_run",
            "gen_ai.operation.name" = "invoke_agent",
            "gen_ai.provider.name" = %"OpenAI",
            "gen_ai.request.model" = %"gpt-4o",
            outcome = Empty,
            "otel.status_code" = Empty,
            "otel.status_message" = Empty,
        );
        let _run = run.enter();
        for (input, reason) in [(0_u32, "EndTurn"), (7, "ToolUse")] {
            let chat = info_span!(
                target: "harness.telemetry",
                "chat",
                "otel.name" = %"chat gpt-4o",
                "otel.kind" = "client",
                "gen_ai.operation.name" = "chat",
                "gen_ai.provider.name" = %"OpenAI",
                "gen_ai.request.model" = %"gpt-4o",
                "gen_ai.usage.input_tokens" = Empty,
                "gen_ai.usage.output_tokens" = Empty,
                "gen_ai.usage.cached_input_tokens" = Empty,
                "gen_ai.response.finish_reasons" = Empty,
                tool_calls = Empty,
            );
            chat.in_scope(|| ());
            chat.record("gen_ai.usage.input_tokens", input)
                .record("gen_ai.usage.output_tokens", input)
                .record("gen_ai.usage.cached_input_tokens", input)
                .record("gen_ai.response.finish_reasons", reason)
                .record("tool_calls", 1_usize);
        }
        let tool = info_span!(
            target: "harness.telemetry",
            "execute_tool",
            "otel.name" = %"execute_tool read",
            "otel.status_code" = Empty,
            "otel.status_message" = Empty,
            "gen_ai.operation.name" = "execute_tool",
            "gen_ai.tool.name" = %"read",
            "gen_ai.tool.call.id" = %"call-1",
            ok = Empty,
        );
        tool.in_scope(|| ());
        tool.record("ok", false).record("otel.status_code", "error").record("otel.status_message", SECRET);
    });
    assert!(!recorder.tree().contains(SECRET));
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent
        agentic.usage.cache_read.input_tokens = 7
        agentic.usage.input_tokens = 7
        agentic.usage.output_tokens = 7
        agentic.usage.turns = 2
        gen_ai.operation.name = "invoke_agent"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.response.finish_reasons = ["ToolUse"]
        gen_ai.usage.input_tokens = 7
        gen_ai.usage.output_tokens = 7
      chat gpt-4o CLIENT
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o"
          gen_ai.response.finish_reasons = ["EndTurn"]
      chat gpt-4o CLIENT
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o"
          gen_ai.response.finish_reasons = ["ToolUse"]
          gen_ai.usage.cache_read.input_tokens = 7
          gen_ai.usage.input_tokens = 7
          gen_ai.usage.output_tokens = 7
      execute_tool read ERROR
          error.type = "_OTHER"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call-1"
          gen_ai.tool.name = "read"
    "#);
}

/// A run, and an effect that learns before it starts that it is a completion.
#[test]
fn agentplane_0_57() {
    let recorder = record(|| {
        let run = info_span!(
            "agentplane.run",
            "gen_ai.operation.name" = "invoke_agent",
            "agentplane.run.id" = display("run-1"),
            "gen_ai.agent.name" = "support",
            "gen_ai.conversation.id" = Some("case-1"),
            "agentplane.outcome" = Empty,
            "otel.name" = "invoke_agent support",
            "otel.kind" = "internal",
        );
        let _run = run.enter();
        let _step = info_span!("agentplane.step", "agentplane.step.id" = display("s-1")).entered();
        let effect = info_span!(
            "agentplane.effect",
            "agentplane.effect.kind" = display("model"),
            "agentplane.effect.attempt" = 1_u32,
            "gen_ai.operation.name" = Empty,
            "gen_ai.provider.name" = Empty,
            "gen_ai.request.model" = Empty,
            "gen_ai.response.model" = Empty,
            "gen_ai.response.finish_reasons" = Empty,
            "gen_ai.usage.input_tokens" = Empty,
            "gen_ai.usage.output_tokens" = Empty,
            "gen_ai.usage.cache_read.input_tokens" = Empty,
            "otel.name" = Empty,
            "otel.kind" = Empty,
        );
        effect.record("gen_ai.operation.name", "chat");
        effect.record("otel.kind", "client");
        effect.record("gen_ai.provider.name", "anthropic");
        effect.record("gen_ai.request.model", "claude-sonnet-4-5");
        effect.in_scope(|| ());
        effect.record("gen_ai.response.model", "claude-sonnet-4-5");
        effect.record("gen_ai.response.finish_reasons", "end_turn");
        effect.record("gen_ai.usage.input_tokens", 100_u64);
        effect.record("gen_ai.usage.output_tokens", 20_u64);
        effect.record("gen_ai.usage.cache_read.input_tokens", 80_u64);
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent support
        agentic.usage.cache_read.input_tokens = 80
        agentic.usage.input_tokens = 100
        agentic.usage.output_tokens = 20
        agentic.usage.turns = 1
        gen_ai.agent.name = "support"
        gen_ai.conversation.id = "case-1"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["end_turn"]
        gen_ai.usage.input_tokens = 100
        gen_ai.usage.output_tokens = 20
      agentplane.step
          agentplane.step.id = "s-1"
        chat claude-sonnet-4-5 CLIENT
            gen_ai.agent.name = "support"
            gen_ai.conversation.id = "case-1"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "anthropic"
            gen_ai.request.model = "claude-sonnet-4-5"
            gen_ai.response.finish_reasons = ["end_turn"]
            gen_ai.response.model = "claude-sonnet-4-5"
            gen_ai.usage.cache_read.input_tokens = 80
            gen_ai.usage.input_tokens = 100
            gen_ai.usage.output_tokens = 20
    "#);
}

/// `Debug`-printed options, a static name, and an operation that the registry does not know.
#[test]
fn llmprism_0_4() {
    let recorder = record(|| {
        let span = info_span!(
            "gen_ai.structured_output",
            "gen_ai.operation.name" = "structured_output",
            "gen_ai.provider.name" = "openai",
            "gen_ai.request.model" = %"gpt-4o",
            "gen_ai.request.temperature" = ?Some(0.5),
            "gen_ai.request.max_tokens" = ?Some(64_u32),
            "gen_ai.request.top_p" = ?None::<f64>,
            "gen_ai.usage.input_tokens" = Empty,
        );
        span.in_scope(|| ());
        span.record("gen_ai.usage.input_tokens", 9_u64);
        info_span!("gen_ai.rerank", "gen_ai.operation.name" = "rerank", "gen_ai.request.model" = %"r-1")
            .in_scope(|| tracing::info!("{SECRET}"));
    });
    assert!(!recorder.tree().contains(SECRET));
    assert_snapshot!(recorder.tree(), @r#"
    chat gpt-4o CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.max_tokens = 64
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.temperature = 0.5
        gen_ai.usage.input_tokens = 9
    gen_ai.rerank
        gen_ai.operation.name = "rerank"
        gen_ai.request.model = "r-1"
        * log agentic.log.level="INFO" agentic.log.target="it::foreign"
    "#);
}

/// `chat_streaming`, and counters that are 0 because nobody filled them.
#[test]
fn rig_core_0_21_to_0_40() {
    let recorder = record(|| {
        let span = info_span!(
            target: "rig::completions",
            "chat_streaming",
            gen_ai.operation.name = "chat_streaming",
            gen_ai.provider.name = "mistral",
            gen_ai.request.model = "mistral-large",
            gen_ai.usage.input_tokens = 0_u64,
            gen_ai.usage.output_tokens = 0_u64,
            gen_ai.usage.cached_input_tokens = 0_u64,
        );
        span.in_scope(|| ());
        info_span!("interactions", gen_ai.operation.name = "interactions", gen_ai.request.model = "gemini-3")
            .in_scope(|| ());
    });
    assert_snapshot!(recorder.tree(), @r#"
    chat mistral-large CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "mistral_ai"
        gen_ai.request.model = "mistral-large"
        gen_ai.request.stream = true
    generate_content gemini-3 CLIENT
        gen_ai.operation.name = "generate_content"
        gen_ai.request.model = "gemini-3"
    "#);
}

/// A tool of rig's that failed: it has a word for the error, in a field of its own.
#[test]
fn rig_agent_0_44_failing_tool() {
    let recorder = record(|| {
        let tool = info_span!(
            "execute_tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.type = "function",
            gen_ai.tool.name = Empty,
            gen_ai.tool.call.outcome = Empty,
            gen_ai.tool.error.type = Empty,
        );
        tool.in_scope(|| {
            Span::current().record("gen_ai.tool.name", "weather");
        });
        tool.record("gen_ai.tool.call.outcome", "error");
        tool.record("gen_ai.tool.error.type", "timeout");
    });
    assert_snapshot!(recorder.tree(), @r#"
    execute_tool weather ERROR
        error.type = "timeout"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "weather"
        gen_ai.tool.type = "function"
    "#);
}
