//! genai 0.7.2, the real crate: its spans under `tracing-opentelemetry` 0.34, and under ours.

use foreign::genai_chat::Program;
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
    invoke_agent clerk
        busy_ns
        code.line.number
        gen_ai.agent.name = "clerk"
        gen_ai.operation.name = "invoke_agent"
        idle_ns
        target = "genai::otel::agent"
        thread.id
        thread.name
        * AI Response body:
      chat gpt-4o-mini-2024-07-18 CLIENT
          busy_ns
          code.line.number
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = false
          gen_ai.request.temperature = 0.2
          gen_ai.response.finish_reasons = "[\"completed\"]"
          gen_ai.response.id = "resp_Ae1"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          idle_ns
          server.address = "127.0.0.1"
          server.port
          target = "genai::otel::span"
          thread.id
          thread.name
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
        gen_ai.response.finish_reasons = ["completed"]
        gen_ai.usage.input_tokens = 57
        gen_ai.usage.output_tokens = 9
        * log
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "clerk"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.temperature = 0.2
          gen_ai.response.finish_reasons = ["completed"]
          gen_ai.response.id = "resp_Ae1"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          server.address = "127.0.0.1"
          server.port
    "#);
}

#[test]
fn tool_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, tool)), @r#"
    invoke_agent forecaster
        busy_ns
        code.line.number
        gen_ai.agent.name = "forecaster"
        gen_ai.operation.name = "invoke_agent"
        idle_ns
        target = "genai::otel::agent"
        thread.id
        thread.name
        * AI Response body:
        * AI Response body:
      chat gpt-4o-mini-2024-07-18 CLIENT
          busy_ns
          code.line.number
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = false
          gen_ai.request.temperature = 0.2
          gen_ai.response.finish_reasons = "[\"completed\"]"
          gen_ai.response.id = "resp_Ad0"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          idle_ns
          server.address = "127.0.0.1"
          server.port
          target = "genai::otel::span"
          thread.id
          thread.name
      execute_tool weather
          busy_ns
          code.line.number
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.call.id = "call_9hT4"
          gen_ai.tool.name = "weather"
          gen_ai.tool.type = "function"
          idle_ns
          target = "genai::otel::agent"
          thread.id
          thread.name
      chat gpt-4o-mini-2024-07-18 CLIENT
          busy_ns
          code.line.number
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = false
          gen_ai.request.temperature = 0.2
          gen_ai.response.finish_reasons = "[\"completed\"]"
          gen_ai.response.id = "resp_Ae1"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          idle_ns
          server.address = "127.0.0.1"
          server.port
          target = "genai::otel::span"
          thread.id
          thread.name
    "#);
}

#[test]
fn tool_after() {
    let spans = spans!(Stack::After, tool);
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    invoke_agent forecaster
        agentic.usage.cache_read.input_tokens = 64
        agentic.usage.input_tokens = 114
        agentic.usage.output_tokens = 18
        agentic.usage.reasoning.output_tokens = 8
        agentic.usage.turns = 2
        gen_ai.agent.name = "forecaster"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["completed"]
        gen_ai.usage.input_tokens = 114
        gen_ai.usage.output_tokens = 18
        * log
        * log
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "forecaster"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.temperature = 0.2
          gen_ai.response.finish_reasons = ["completed"]
          gen_ai.response.id = "resp_Ad0"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          server.address = "127.0.0.1"
          server.port
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
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.temperature = 0.2
          gen_ai.response.finish_reasons = ["completed"]
          gen_ai.response.id = "resp_Ae1"
          gen_ai.response.model = "gpt-4o-mini-2024-07-18"
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          server.address = "127.0.0.1"
          server.port
    "#);
}

#[test]
fn streamed_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, streamed)), @r#"
    invoke_agent writer
        busy_ns
        code.line.number
        gen_ai.agent.name = "writer"
        gen_ai.operation.name = "invoke_agent"
        idle_ns
        target = "genai::otel::agent"
        thread.id
        thread.name
      chat gpt-4o-mini-2024-07-18 CLIENT
          busy_ns
          code.line.number
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = true
          gen_ai.request.temperature = 0.2
          gen_ai.response.finish_reasons = "[\"completed\"]"
          gen_ai.response.id = "resp_Ae1"
          gen_ai.response.time_to_first_chunk
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          idle_ns
          server.address = "127.0.0.1"
          server.port
          target = "genai::otel::span"
          thread.id
          thread.name
    "#);
}

#[test]
fn streamed_after() {
    let spans = spans!(Stack::After, streamed);
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    invoke_agent writer
        agentic.usage.cache_read.input_tokens = 32
        agentic.usage.input_tokens = 57
        agentic.usage.output_tokens = 9
        agentic.usage.reasoning.output_tokens = 4
        agentic.usage.turns = 1
        gen_ai.agent.name = "writer"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["completed"]
        gen_ai.usage.input_tokens = 57
        gen_ai.usage.output_tokens = 9
      chat gpt-4o-mini-2024-07-18 CLIENT
          gen_ai.agent.name = "writer"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = true
          gen_ai.request.temperature = 0.2
          gen_ai.response.finish_reasons = ["completed"]
          gen_ai.response.id = "resp_Ae1"
          gen_ai.response.time_to_first_chunk
          gen_ai.usage.cache_read.input_tokens = 32
          gen_ai.usage.input_tokens = 57
          gen_ai.usage.output_tokens = 9
          gen_ai.usage.reasoning.output_tokens = 4
          server.address = "127.0.0.1"
          server.port
    "#);
}

#[test]
fn refused_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, refused)), @r#"
    invoke_agent pusher ERROR
        busy_ns
        code.line.number
        error.type = "429"
        gen_ai.agent.name = "pusher"
        gen_ai.operation.name = "invoke_agent"
        idle_ns
        target = "genai::otel::agent"
        thread.id
        thread.name
        * AI Response failed. Body:
      chat gpt-4o-mini-2024-07-18 CLIENT ERROR
          busy_ns
          code.line.number
          error.type = "429"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.stream = false
          gen_ai.request.temperature = 0.2
          idle_ns
          server.address = "127.0.0.1"
          server.port
          target = "genai::otel::span"
          thread.id
          thread.name
    "#);
}

#[test]
fn refused_after() {
    let spans = spans!(Stack::After, refused);
    assert_nothing_said(&spans);
    assert_snapshot!(tree(&spans), @r#"
    invoke_agent pusher ERROR
        agentic.usage.turns = 1
        error.type = "429"
        gen_ai.agent.name = "pusher"
        gen_ai.operation.name = "invoke_agent"
        * log
      chat gpt-4o-mini-2024-07-18 CLIENT ERROR
          error.type = "429"
          gen_ai.agent.name = "pusher"
          gen_ai.operation.name = "chat"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 64
          gen_ai.request.model = "gpt-4o-mini-2024-07-18"
          gen_ai.request.temperature = 0.2
          server.address = "127.0.0.1"
          server.port
    "#);
}

#[test]
fn embedding_before() {
    assert_snapshot!(tree(&spans!(Stack::Before, embedding)), @r#"
    embeddings text-embedding-3-small CLIENT
        busy_ns
        code.line.number
        gen_ai.embeddings.dimension.count = 3
        gen_ai.operation.name = "embeddings"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "text-embedding-3-small"
        gen_ai.response.model = "text-embedding-3-small"
        gen_ai.usage.input_tokens = 6
        idle_ns
        server.address = "127.0.0.1"
        server.port
        target = "genai::otel::span"
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
        gen_ai.embeddings.dimension.count = 3
        gen_ai.operation.name = "embeddings"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "text-embedding-3-small"
        gen_ai.response.model = "text-embedding-3-small"
        gen_ai.usage.input_tokens = 6
        server.address = "127.0.0.1"
        server.port
    "#);
}
