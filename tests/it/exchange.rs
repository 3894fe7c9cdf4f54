//! A provider's request and reply as they are, handed to a turn.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tracing_genai::activity::{Turn, Usage};
use tracing_genai::content::Content;
use tracing_genai::providers::{Request, Response, WireFormat};

use crate::support::{Recorder, record};

const CANARY: &str = "the c4nary's song";

fn request() -> Value {
    json!({
        "model": "gpt-4o", "temperature": 0.2, "max_tokens": 64, "stop": ["END"],
        "messages": [{"role": "user", "content": CANARY}],
    })
}

fn reply() -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": CANARY}}],
        "usage": {
            "prompt_tokens": 57, "completion_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 32}, "completion_tokens_details": {"reasoning_tokens": 4},
        },
    })
}

fn exchange() {
    let (request, reply) = (request(), reply());
    let request = Request::of(WireFormat::OpenAiChat, &request);
    let turn = Turn::from_request(&request).server("api.openai.com", 443).start();
    turn.request_content(&request);
    turn.finish_with(&Response::of(WireFormat::OpenAiChat, &reply));
}

#[test]
fn a_request_describes_a_turn_and_a_reply_finishes_it() {
    let recorder = record(exchange);
    assert!(!format!("{:?}", recorder.spans()).contains("c4nary"));
    assert_snapshot!(recorder.tree(), @r#"
    chat gpt-4o CLIENT
        agentic.response.finish_reasons = ["tool_calls"]
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.max_tokens = 64
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.stop_sequences = ["END"]
        gen_ai.request.temperature = 0.2
        gen_ai.response.finish_reasons = ["tool_call"]
        gen_ai.response.id = "chatcmpl-1"
        gen_ai.response.model = "gpt-4o-2024-08-06"
        gen_ai.usage.cache_read.input_tokens = 32
        gen_ai.usage.input_tokens = 57
        gen_ai.usage.output_tokens = 9
        gen_ai.usage.reasoning.output_tokens = 4
        server.address = "api.openai.com"
        server.port = 443
    "#);
}

#[test]
fn its_content_leaves_where_a_policy_wants_it() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_content(Content::all());
    crate::support::with_tracer(&recorder, &tracer, exchange);
    let span = recorder.span("chat gpt-4o");
    assert_snapshot!(crate::support::attribute(&span, "gen_ai.input.messages").unwrap(), @r#""[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"the c4nary's song\"}]}]""#);
    assert_snapshot!(crate::support::attribute(&span, "gen_ai.output.messages").unwrap(), @r#""[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"the c4nary's song\"}],\"finish_reason\":\"tool_call\"}]""#);
}

#[test]
fn what_the_application_said_stays() {
    let recorder = record(|| {
        let reply = reply();
        let turn = Turn::chat("openai", "m").start();
        turn.usage(Usage::new(1, 2)).response_id("mine");
        turn.finish_with(&Response::of(WireFormat::OpenAiChat, &reply));
    });
    assert_snapshot!(recorder.tree(), @r#"
    chat m CLIENT
        agentic.response.finish_reasons = ["tool_calls"]
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
        gen_ai.response.finish_reasons = ["tool_call"]
        gen_ai.response.id = "mine"
        gen_ai.response.model = "gpt-4o-2024-08-06"
        gen_ai.usage.input_tokens = 1
        gen_ai.usage.output_tokens = 2
    "#);
}

#[test]
fn a_reply_that_is_an_error_fails_the_turn() {
    let recorder = record(|| {
        for code in ["rate_limit_exceeded", "so much text, and a canary"] {
            let reply = json!({"error": {"message": CANARY, "type": code, "code": code}});
            Turn::chat("openai", "m").start().finish_with(&Response::of(WireFormat::OpenAiChat, &reply));
        }
    });
    assert!(!format!("{:?}", recorder.spans()).contains("canary"));
    assert_snapshot!(recorder.tree(), @r#"
    chat m CLIENT ERROR
        agentic.error.code = "rate_limit_exceeded"
        agentic.error.retryable = true
        error.type = "rate_limit"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
    chat m CLIENT ERROR
        error.type = "_OTHER"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "m"
    "#);
}
