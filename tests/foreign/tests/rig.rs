//! rig 0.44, the real crate: its spans under `tracing-opentelemetry` 0.34, and under ours.

use foreign::rig_agent::Program;
use foreign::stack::{Stack, record};
use foreign::tree::tree;
use foreign::{CANARY, server};
use insta::assert_snapshot;
use opentelemetry_sdk::trace::SpanData;

/// What one scenario leaves behind under `stack`.
macro_rules! spans {
    ($stack:expr, $scenario:ident) => {
        record($stack, async { program().await.$scenario().await.unwrap() })
    };
}

async fn program() -> Program {
    Program::new(server::serve().await.unwrap())
}

#[track_caller]
fn assert_nothing_said(spans: &[SpanData]) {
    assert!(!format!("{spans:?}").contains(CANARY), "content in\n{spans:#?}");
}

#[test]
fn plain_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, plain)), @r#"
    invoke_agent
        busy_ns
        code.line.number
        gen_ai.agent.name = "clerk"
        gen_ai.completion = "12 degrees, canary-7f3a"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.prompt = "hello, canary-7f3a"
        gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
        gen_ai.usage.cache_read.input_tokens = "32"
        gen_ai.usage.input_tokens = "57"
        gen_ai.usage.output_tokens = "9"
        gen_ai.usage.reasoning_tokens = "4"
        idle_ns
        target = "rig_agent::agent::telemetry"
        thread.id
        thread.name
        * Agent run finished
      chat
          busy_ns
          code.line.number
          gen_ai.agent.name = "clerk"
          gen_ai.input.messages = "[{\"role\":\"system\",\"parts\":[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]},{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"hello, canary-7f3a\"}]}]"
          gen_ai.operation.name = "chat"
          gen_ai.operation.name = "chat"
          gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"12 degrees, canary-7f3a\"}],\"finish_reason\":\"unknown\"}]"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = false
          gen_ai.response.id = "chatcmpl-Ae1"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
          gen_ai.usage.cache_read.input_tokens = "32"
          gen_ai.usage.input_tokens = "57"
          gen_ai.usage.output_tokens = "9"
          gen_ai.usage.reasoning_tokens = "4"
          idle_ns
          rig.completion_parent = true
          target = "rig::agent_chat"
          thread.id
          thread.name
          * OpenAI Chat Completions request: {
          * reply: {
    "#);
}

#[test]
fn plain_after() {
    let spans = spans!(Stack::After, plain);
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    invoke_agent clerk
        agentic.usage.cache_read.input_tokens = 32
        agentic.usage.input_tokens = 57
        agentic.usage.output_tokens = 9
        agentic.usage.reasoning.output_tokens = 4
        agentic.usage.turns = 1
        gen_ai.agent.name = "clerk"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.usage.input_tokens = 57
        gen_ai.usage.output_tokens = 9
        * log
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "clerk"
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

#[test]
fn tool_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, tool)), @r#"
    invoke_agent
        busy_ns
        code.line.number
        gen_ai.agent.name = "forecaster"
        gen_ai.completion = "12 degrees, canary-7f3a"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.prompt = "how warm is it, canary-7f3a?"
        gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
        gen_ai.usage.cache_read.input_tokens = "64"
        gen_ai.usage.input_tokens = "98"
        gen_ai.usage.output_tokens = "18"
        gen_ai.usage.reasoning_tokens = "8"
        idle_ns
        target = "rig_agent::agent::telemetry"
        thread.id
        thread.name
        * Current conversation Turns: 1/3
        * Current conversation Turns: 2/3
        * Agent run finished
      chat
          busy_ns
          code.line.number
          gen_ai.agent.name = "forecaster"
          gen_ai.input.messages = "[{\"role\":\"system\",\"parts\":[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]},{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"how warm is it, canary-7f3a?\"}]}]"
          gen_ai.operation.name = "chat"
          gen_ai.operation.name = "chat"
          gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"tool_call\",\"id\":\"call_9hT4\",\"name\":\"weather\",\"arguments\":{\"city\":\"canary-7f3a\"}}],\"finish_reason\":\"tool_call\"}]"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = false
          gen_ai.response.id = "chatcmpl-Ad0"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
          gen_ai.usage.cache_read.input_tokens = "32"
          gen_ai.usage.input_tokens = "41"
          gen_ai.usage.output_tokens = "9"
          gen_ai.usage.reasoning_tokens = "4"
          idle_ns
          rig.completion_parent = true
          target = "rig::agent_chat"
          thread.id
          thread.name
          * OpenAI Chat Completions request: {
          * reply: {
      execute_tool
          busy_ns
          code.line.number
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.arguments = "{\"city\":\"canary-7f3a\"}"
          gen_ai.tool.call.id = "call_9hT4"
          gen_ai.tool.call.outcome = "success"
          gen_ai.tool.call.result = "12 degrees in canary-7f3a"
          gen_ai.tool.name = "weather"
          gen_ai.tool.type = "function"
          idle_ns
          target = "rig_agent::agent::telemetry"
          thread.id
          thread.name
      chat
          busy_ns
          code.line.number
          gen_ai.agent.name = "forecaster"
          gen_ai.input.messages = "[{\"role\":\"system\",\"parts\":[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]},{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"how warm is it, canary-7f3a?\"}]},{\"role\":\"assistant\",\"parts\":[{\"type\":\"tool_call\",\"id\":\"call_9hT4\",\"name\":\"weather\",\"arguments\":{\"city\":\"canary-7f3a\"}}]},{\"role\":\"user\",\"parts\":[{\"type\":\"tool_call_response\",\"id\":\"call_9hT4\",\"response\":\"12 degrees in canary-7f3a\"}]}]"
          gen_ai.operation.name = "chat"
          gen_ai.operation.name = "chat"
          gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"12 degrees, canary-7f3a\"}],\"finish_reason\":\"unknown\"}]"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = false
          gen_ai.response.id = "chatcmpl-Ae1"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
          gen_ai.usage.cache_read.input_tokens = "32"
          gen_ai.usage.input_tokens = "57"
          gen_ai.usage.output_tokens = "9"
          gen_ai.usage.reasoning_tokens = "4"
          idle_ns
          rig.completion_parent = true
          target = "rig::agent_chat"
          thread.id
          thread.name
          * OpenAI Chat Completions request: {
          * reply: {
    "#);
}

#[test]
fn tool_after() {
    let spans = spans!(Stack::After, tool);
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    invoke_agent forecaster
        agentic.usage.cache_read.input_tokens = 64
        agentic.usage.input_tokens = 98
        agentic.usage.output_tokens = 18
        agentic.usage.reasoning.output_tokens = 8
        agentic.usage.turns = 2
        gen_ai.agent.name = "forecaster"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.usage.input_tokens = 98
        gen_ai.usage.output_tokens = 18
        * log
        * log
        * log
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
          gen_ai.agent.name = "forecaster"
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

#[test]
fn streamed_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, streamed)), @r#"
    invoke_agent
        busy_ns
        code.line.number
        gen_ai.agent.name = "writer"
        gen_ai.completion = "canary-7f3a"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.prompt = "write, canary-7f3a"
        gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
        gen_ai.usage.cache_read.input_tokens = "32"
        gen_ai.usage.input_tokens = "44"
        gen_ai.usage.output_tokens = "9"
        gen_ai.usage.reasoning_tokens = "4"
        idle_ns
        target = "rig_agent::agent::telemetry"
        thread.id
        thread.name
        * Agent run finished
      chat
          busy_ns
          code.line.number
          gen_ai.agent.name = "writer"
          gen_ai.input.messages = "[{\"role\":\"system\",\"parts\":[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]},{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"write, canary-7f3a\"}]}]"
          gen_ai.operation.name = "chat"
          gen_ai.operation.name = "chat"
          gen_ai.output.messages = "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"canary-7f3a\"}],\"finish_reason\":\"unknown\"}]"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = true
          gen_ai.response.id = "chatcmpl-Af2"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
          gen_ai.usage.cache_read.input_tokens = "32"
          gen_ai.usage.cache_read.input_tokens = "32"
          gen_ai.usage.input_tokens = "44"
          gen_ai.usage.input_tokens = "44"
          gen_ai.usage.output_tokens = "9"
          gen_ai.usage.output_tokens = "9"
          gen_ai.usage.reasoning_tokens = "4"
          gen_ai.usage.reasoning_tokens = "4"
          idle_ns
          rig.completion_parent = true
          target = "rig::agent_chat"
          thread.id
          thread.name
          * OpenAI Chat Completions request: {
          * reply: {
    "#);
}

#[test]
fn streamed_after() {
    let spans = spans!(Stack::After, streamed);
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    invoke_agent writer
        agentic.usage.cache_read.input_tokens = 32
        agentic.usage.input_tokens = 44
        agentic.usage.output_tokens = 9
        agentic.usage.reasoning.output_tokens = 4
        agentic.usage.turns = 1
        gen_ai.agent.name = "writer"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.usage.input_tokens = 44
        gen_ai.usage.output_tokens = 9
        * log
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "writer"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = true
          gen_ai.response.id = "chatcmpl-Af2"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 44
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          * log
          * log
    "#);
}

#[test]
fn refused_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, refused)), @r#"
    invoke_agent
        busy_ns
        code.line.number
        gen_ai.agent.name = "pusher"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.prompt = "too much, canary-7f3a"
        gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
        idle_ns
        target = "rig_agent::agent::telemetry"
        thread.id
        thread.name
      chat
          busy_ns
          code.line.number
          gen_ai.agent.name = "pusher"
          gen_ai.input.messages = "[{\"role\":\"system\",\"parts\":[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]},{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"too much, canary-7f3a\"}]}]"
          gen_ai.operation.name = "chat"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = false
          gen_ai.system_instructions = "[{\"type\":\"text\",\"content\":\"be brief, canary-7f3a\"}]"
          idle_ns
          rig.completion_parent = true
          target = "rig::agent_chat"
          thread.id
          thread.name
          * OpenAI Chat Completions request: {
    "#);
}

#[test]
fn refused_after() {
    let spans = spans!(Stack::After, refused);
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    invoke_agent pusher
        agentic.usage.turns = 1
        gen_ai.agent.name = "pusher"
        gen_ai.operation.name = "invoke_agent"
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "pusher"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          * log
    "#);
}

#[test]
fn embedding_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, embedding)), @r#"
    embeddings
        busy_ns
        code.line.number
        gen_ai.operation.name = "embeddings"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "text-embedding-3-small"
        gen_ai.response.model = "text-embedding-3-small"
        gen_ai.usage.input_tokens = "6"
        gen_ai.usage.output_tokens = "0"
        idle_ns
        target = "rig::modalities"
        thread.id
        thread.name
    "#);
}

#[test]
fn embedding_after() {
    let spans = spans!(Stack::After, embedding);
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    embeddings text-embedding-3-small CLIENT
        gen_ai.operation.name = "embeddings"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "text-embedding-3-small"
        gen_ai.response.model = "text-embedding-3-small"
        gen_ai.usage.input_tokens = 6
        gen_ai.usage.output_tokens = 0
    "#);
}
