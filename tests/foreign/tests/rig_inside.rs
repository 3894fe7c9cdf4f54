//! rig inside spans of the application, and guards inside rig's: neither makes the other disappear.

use foreign::rig_agent::Program;
use foreign::stack::{Stack, record};
use foreign::tree::tree;
use foreign::{CANARY, server};
use insta::assert_snapshot;
use opentelemetry_sdk::trace::SpanData;
use tracing::Instrument;
use tracing_genai::activity::Operation;

async fn program() -> Program {
    Program::new(server::serve().await.unwrap())
}

#[track_caller]
fn assert_nothing_said(spans: &[SpanData]) {
    assert!(!format!("{spans:?}").contains(CANARY), "content in\n{spans:#?}");
}

/// rig opens no `invoke_agent` span where it finds a span of the application's. Inside our guard that is what is
/// wanted: the guard is the agent.
#[test]
fn inside_an_operation_the_guard_is_the_agent() {
    let spans = record(Stack::After, async {
        let guard = Operation::prompt("support").conversation("conv-1").start();
        guard.run(async { program().await.tool().await.map_err(|error| Failed(error.to_string())) }).await.unwrap();
    });
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    invoke_agent support
        agentic.operation.kind = "prompt"
        agentic.usage.cache_read.input_tokens = 64
        agentic.usage.input_tokens = 98
        agentic.usage.output_tokens = 18
        agentic.usage.reasoning.output_tokens = 8
        agentic.usage.turns = 2
        gen_ai.agent.name = "support"
        gen_ai.conversation.id = "conv-1"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.usage.input_tokens = 98
        gen_ai.usage.output_tokens = 18
        * log
        * log
        * log
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "forecaster"
          gen_ai.conversation.id = "conv-1"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.response.id = "chatcmpl-Ad0"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 41
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          * log
          * log
      execute_tool weather
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "conv-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_9hT4"
          gen_ai.tool.name = "weather"
          gen_ai.tool.type = "function"
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "forecaster"
          gen_ai.conversation.id = "conv-1"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.response.id = "chatcmpl-Ae1"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          * log
          * log
    "#);
}

/// Inside any other span rig leaves its agent span out as well: its turns and tools are complete, but no span says that
/// an agent was at work. That is rig's choice; an `Operation` around the call tells it.
#[test]
fn inside_a_plain_span_the_turns_and_tools_are_complete() {
    let spans = record(Stack::After, async {
        let request = tracing::info_span!("GET /weather");
        async { program().await.tool().await.unwrap() }.instrument(request).await;
    });
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    GET /weather
        * Current conversation Turns: 1/3
        * Current conversation Turns: 2/3
        * Agent run finished
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "forecaster"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.response.id = "chatcmpl-Ad0"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 41
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          * log
          * log
      execute_tool weather
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_9hT4"
          gen_ai.tool.name = "weather"
          gen_ai.tool.type = "function"
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "forecaster"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.response.id = "chatcmpl-Ae1"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          * log
          * log
    "#);
}

/// A guard inside a tool of rig's, or beside it, is not lost either.
#[test]
fn a_guard_under_a_span_of_rigs_hangs_there() {
    let spans = record(Stack::After, async {
        let chat = rig::telemetry::SpanBuilder::new("openai", "m", rig::telemetry::GenAiOperation::Chat).build();
        chat.in_scope(|| tracing_genai::activity::Tool::new("look_up").start().finish());
    });
    assert_snapshot!(tree(&spans), @r#"
    chat m CLIENT
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
      execute_tool look_up
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.name = "look_up"
    "#);
}

#[derive(Debug)]
struct Failed(String);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}
