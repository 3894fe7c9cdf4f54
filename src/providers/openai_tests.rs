//! What the recorded replies of OpenAI and of those who speak its formats say.

use super::fixture::{Case, case, check, check_cuts, check_mutations};
use crate::content::{Message, Part};
use crate::providers::request::Asked;
use crate::providers::*;

#[rustfmt::skip]
const CHAT: &[Case] = &[
    //    file                                           provider             what it says
    case!("openai_chat/reply.json",                      "openai",            "id=chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT model=gpt-5.4-2026-03-05 raw=stop reasons=stop in=2006 out=10 cache_read=1920 reasoning=0 audio_in=0 audio_out=0 tier=default fingerprint=fp_44709d6fcb messages=1 calls=0"),
    case!("openai_chat/tool_call.json",                  "openai",            "id=chatcmpl-abc123 model=gpt-5.4 raw=tool_calls reasons=tool_call in=82 out=17 reasoning=0 messages=1 calls=2"),
    case!("openai_chat/function_call.json",              "openai",            "id=chatcmpl-D3xWqTgR1nVbYk0sJmPzLc8Uh5aEo model=gpt-4o-mini-2024-07-18 raw=tool_calls reasons=tool_call in=68 out=17 cache_read=0 reasoning=0 audio_in=0 audio_out=0 tier=default fingerprint=fp_44709d6fcb messages=1 calls=1"),
    case!("openai_chat/reasoning.json",                  "openai",            "id=chatcmpl-r1 model=o4-mini-2025-04-16 raw=stop reasons=stop in=29 out=1103 cache_read=0 reasoning=1024 audio_in=0 audio_out=0 tier=flex messages=1 calls=0"),
    case!("openai_chat/refusal.json",                    "openai",            "id=chatcmpl-r2 model=gpt-4o-2024-08-06 raw=stop reasons=stop in=81 out=11 fingerprint=fp_3407719c7f messages=1 calls=0"),
    case!("openai_chat/truncated.json",                  "openai",            "id=chatcmpl-t1 model=gpt-4o-mini-2024-07-18 raw=length,length reasons=length,length in=12 out=4 messages=2 calls=0"),
    case!("openai_chat/audio.json",                      "openai",            "id=chatcmpl-a1 model=gpt-4o-audio-preview-2025-06-03 raw=stop reasons=stop in=170 out=66 cache_read=64 reasoning=0 text_in=70 image_in=0 audio_in=100 text_cache_read=64 audio_cache_read=0 text_out=16 audio_out=50 messages=1 calls=0"),
    case!("openai_chat/azure_content_filter.json",       "azure.ai.openai",   "id=chatcmpl-az1 model=gpt-4o-2024-11-20 raw=content_filter reasons=content_filter in=23 out=2 fingerprint=fp_az messages=1 calls=0"),
    case!("openai_chat/mistral.json",                    "mistral_ai",        "id=cmpl-e5cc70bb28c444948073e77776eb30ef model=mistral-large-latest raw=model_length reasons=length in=16 out=34 cache_read=8 messages=1 calls=0"),
    case!("openai_chat/groq.json",                       "groq",              "id=chatcmpl-f51b2cd2-bef7-417e-964e-a08f0b513c22 model=openai/gpt-oss-20b raw=stop reasons=stop in=18 out=556 reasoning=310 tier=on_demand fingerprint=fp_179b0f92c9 messages=1 calls=0"),
    case!("openai_chat/deepseek.json",                   "deepseek",          "id=930c60df-bf64-41c9-a88e-3ec75f81e00e model=deepseek-reasoner raw=stop reasons=stop in=1600 out=40 cache_read=1536 reasoning=30 fingerprint=fp_a49d71b8a1 messages=1 calls=0"),
    case!("openai_chat/xai.json",                        "x_ai",              "id=0daf962f-a275-4a3c-839a-047854645532 model=grok-4-1-fast raw=stop reasons=stop in=32 out=103 cache_read=6 reasoning=94 text_in=32 image_in=0 audio_in=0 audio_out=0 fingerprint=fp_84ff176447 cost=0.0037756 messages=1 calls=0"),
    case!("openai_chat/litellm.json",                    "litellm",           "id=chatcmpl-ll1 model=claude-3-5-sonnet-20241022 raw=stop reasons=stop in=1100 out=13 cache_read=1000 cache_write=80 messages=1 calls=0"),
    case!("openai_chat/openrouter.json",                 "openrouter",        "id=gen-1755000000-abcdef model=anthropic/claude-sonnet-4.5 raw=tool_calls reasons=tool_call in=194 out=2 cache_read=0 cache_write=100 reasoning=0 audio_in=0 image_out=0 cost=0.95 messages=1 calls=1"),
    case!("openai_chat/perplexity.json",                 "perplexity",        "id=6de1d3a6-6e0c-4b0e-8f0a-000000000001 model=sonar-deep-research raw=stop reasons=stop in=33 out=81160 reasoning=73997 search_units=15 cost=0.3944 messages=1 calls=0"),
    case!("openai_chat/moonshot.json",                   "moonshot_ai",       "id=cmpl-04ea926191a14749b7f2c7a48a68abc6 model=kimi-k2.5 raw=stop reasons=stop in=19 out=21 cache_read=10 messages=1 calls=0"),
    case!("openai_chat/qwen.json",                       "qwen",              "id=chatcmpl-q1 model=qwen3-vl-plus raw=stop reasons=stop in=1270 out=54 cache_read=512 cache_write=128 text_in=24 image_in=1246 text_out=54 messages=1 calls=0"),
    case!("openai_chat/error_429.json",                  "openai",            "error=rate_limit_exceeded kind=rate_limit messages=0 calls=0"),
    case!("openai_chat/error_quota.json",                "openai",            "error=insufficient_quota kind=quota messages=0 calls=0"),
    case!("openai_chat/error_context_length.json",       "openai",            "error=context_length_exceeded kind=context_length messages=0 calls=0"),
    case!("openai_chat/error_401.json",                  "openai",            "error=invalid_api_key kind=authentication messages=0 calls=0"),
    case!("openai_chat/error_500.json",                  "openai",            "error=server_error kind=server_error messages=0 calls=0"),
    case!("openai_chat/azure_error_content_filter.json", "azure.ai.openai",   "error=content_filter kind=content_filter messages=0 calls=0"),
    case!("openai_chat/azure_error_429.json",            "azure.ai.openai",   "error=? kind=rate_limit messages=0 calls=0"),
    case!("openai_chat/azure_error_401.json",            "azure.ai.openai",   "error=? kind=authentication messages=0 calls=0"),
    case!("openai_chat/mistral_error.json",              "mistral_ai",        "error=invalid_model kind=not_found messages=0 calls=0"),
    case!("openai_chat/mistral_error_422.json",          "mistral_ai",        "error=? messages=0 calls=0"),
    case!("openai_chat/groq_error.json",                 "groq",              "error=json_validate_failed kind=invalid_request messages=0 calls=0"),
    case!("openai_chat/deepseek_error_402.json",         "deepseek",          "error=invalid_request_error kind=quota messages=0 calls=0"),
    case!("openai_chat/xai_error.json",                  "x_ai",              "error=? kind=authentication messages=0 calls=0"),
    case!("openai_chat/litellm_error.json",              "litellm",           "error=? kind=rate_limit messages=0 calls=0"),
    case!("openai_chat/openrouter_error.json",           "openrouter",        "error=? kind=quota messages=0 calls=0"),
    case!("openai_chat/vllm_error.json",                 "vllm",              "error=BadRequestError kind=context_length messages=0 calls=0"),
    case!("openai_chat/stream.sse",                      "openai",            "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=stop reasons=stop in=19 out=10 cache_read=8 reasoning=4 audio_in=0 audio_out=0 tier=default fingerprint=fp_44709d6fcb messages=1 calls=0"),
    case!("openai_chat/stream_tool_calls.sse",           "openai",            "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=tool_calls reasons=tool_call tier=default fingerprint=fp_44709d6fcb messages=1 calls=2"),
    case!("openai_chat/stream_choices.sse",              "openai",            "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=error,stop reasons=error,stop tier=default fingerprint=fp_44709d6fcb messages=2 calls=0"),
    case!("openai_chat/stream_error.sse",                "openai",            "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=error reasons=error tier=default fingerprint=fp_44709d6fcb error=server_error kind=server_error messages=1 calls=0"),
    case!("openai_chat/azure_stream.sse",                "azure.ai.openai",   "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=length reasons=length tier=default fingerprint=fp_44709d6fcb messages=1 calls=0"),
    case!("openai_chat/groq_stream.sse",                 "groq",              "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=stop reasons=stop in=18 out=5 tier=default fingerprint=fp_44709d6fcb messages=1 calls=0"),
    case!("openai_chat/deepseek_stream.sse",             "deepseek",          "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=stop reasons=stop in=13 out=9 cache_read=0 reasoning=5 tier=default fingerprint=fp_44709d6fcb messages=1 calls=0"),
    case!("openai_chat/openrouter_stream_error.sse",     "openrouter",        "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=error reasons=error tier=default fingerprint=fp_44709d6fcb error=? kind=server_error messages=1 calls=0"),
    case!("openai_chat/vllm_stream.sse",                 "vllm",              "id=chatcmpl-123 model=gpt-5.4-mini-2026-03-17 raw=stop reasons=stop in=9 out=3 tier=default fingerprint=fp_44709d6fcb messages=1 calls=0"),
];

#[rustfmt::skip]
const COMPLETIONS: &[Case] = &[
    case!("openai_completions/reply.json", "openai", "id=cmpl-uqkvlQyYK7bGYrRHQ0eXlWi7 model=gpt-3.5-turbo-instruct raw=length reasons=length in=5 out=7 fingerprint=fp_44709d6fcb messages=1 calls=0"),
    case!("openai_completions/stream.sse", "openai", "id=cmpl-7iA7iJjj8V2zOkCGvWF2hAkDWBQZe model=gpt-3.5-turbo-instruct raw=stop reasons=stop in=5 out=2 fingerprint=fp_44709d6fcb messages=1 calls=0"),
];

#[rustfmt::skip]
const RESPONSES: &[Case] = &[
    case!("openai_responses/background.json", "openai", "id=resp_6 model=gpt-5.4-2026-03-05 tier=default messages=0 calls=0"),
    case!("openai_responses/content_filter.json", "openai", "id=resp_3 model=gpt-5.4-2026-03-05 raw=content_filter reasons=content_filter in=12 out=3 cache_read=0 reasoning=0 tier=default messages=0 calls=0"),
    case!("openai_responses/error_429.json", "openai", "error=rate_limit_exceeded kind=rate_limit messages=0 calls=0"),
    case!("openai_responses/error_previous.json", "openai", "error=previous_response_not_found kind=not_found messages=0 calls=0"),
    case!("openai_responses/failed.json", "openai", "id=resp_5 model=gpt-5.4-2026-03-05 raw=failed reasons=error tier=default error=server_error kind=server_error messages=0 calls=0"),
    case!("openai_responses/incomplete.json", "openai", "id=resp_2 model=gpt-5.4-2026-03-05 raw=max_output_tokens reasons=length in=12 out=16 cache_read=0 reasoning=0 tier=default messages=1 calls=0"),
    case!("openai_responses/reasoning.json", "openai", "id=resp_67ccd7eca01881908ff0b5146584e408 model=gpt-5.4-2026-03-05 raw=completed reasons=stop in=81 out=1035 cache_read=0 reasoning=832 tier=flex conversation=conv_689667905b048191b4740501625afd940c7533ace33a2dab messages=1 calls=0"),
    case!("openai_responses/refusal.json", "openai", "id=resp_4 model=gpt-5.4-2026-03-05 raw=completed reasons=stop in=81 out=11 cache_read=0 reasoning=0 tier=default messages=1 calls=0"),
    case!("openai_responses/reply.json", "openai", "id=resp_67ccd2bed1ec8190b14f964abc054267 model=gpt-5.4-2026-03-05 raw=completed reasons=stop in=36 out=87 cache_read=16 reasoning=0 tier=default messages=1 calls=0"),
    case!("openai_responses/stream.sse", "openai", "id=resp_s1 model=gpt-5.4-2026-03-05 raw=completed reasons=stop in=37 out=11 cache_read=0 reasoning=0 tier=default messages=1 calls=0"),
    case!("openai_responses/stream_cut.sse", "openai", "id=resp_s1 model=gpt-5.4-2026-03-05 raw=error reasons=error tier=default messages=1 calls=0"),
    case!("openai_responses/stream_error.sse", "openai", "id=resp_s1 model=gpt-5.4-2026-03-05 raw=error reasons=error tier=default error=server_error kind=server_error messages=0 calls=0"),
    case!("openai_responses/stream_failed.sse", "openai", "id=resp_s1 model=gpt-5.4-2026-03-05 raw=failed reasons=error tier=default error=rate_limit_exceeded kind=rate_limit messages=0 calls=0"),
    case!("openai_responses/stream_incomplete.sse", "openai", "id=resp_s1 model=gpt-5.4-2026-03-05 raw=max_output_tokens reasons=length in=37 out=16 cache_read=0 reasoning=16 tier=default messages=0 calls=0"),
    case!("openai_responses/stream_tool_calls.sse", "openai", "id=resp_s1 model=gpt-5.4-2026-03-05 raw=completed reasons=tool_call in=60 out=15 cache_read=0 reasoning=0 tier=default messages=1 calls=1"),
    case!("openai_responses/stream_tool_calls_cut.sse", "openai", "id=resp_s1 model=gpt-5.4-2026-03-05 raw=error reasons=error tier=default messages=1 calls=1"),
    case!("openai_responses/stream_unnamed.sse", "openai", "id=resp_s1 model=gpt-5.4-2026-03-05 raw=completed reasons=stop in=37 out=11 cache_read=0 reasoning=0 tier=default messages=1 calls=0"),
    case!("openai_responses/tool_call.json", "openai", "id=resp_67ca09c5efe0819096d0511c92b8c890 model=gpt-5.4-2026-03-05 raw=completed reasons=tool_call in=291 out=23 cache_read=0 reasoning=0 tier=default messages=1 calls=1"),
    case!("openai_responses/xai.json", "x_ai", "id=f3e1c2aa-0000-4000-8000-000000000001 model=grok-4-1-fast raw=completed reasons=stop in=32 out=103 cache_read=6 reasoning=94 tier=default cost=0.0037756 messages=1 calls=0"),
];

#[rustfmt::skip]
const EMBEDDINGS: &[Case] = &[
    case!("openai_embeddings/base64.json", "openai", "model=text-embedding-3-small in=8 dimensions=1536 messages=0 calls=0"),
    case!("openai_embeddings/base64_short.json", "openai", "model=text-embedding-3-small in=5 dimensions=16 messages=0 calls=0"),
    case!("openai_embeddings/error_400.json", "openai", "error=invalid_request_error kind=context_length messages=0 calls=0"),
    case!("openai_embeddings/mistral.json", "mistral_ai", "id=cf79f7daaee244b1a0ae5c7b1444424a model=mistral-embed in=32 dimensions=4 messages=0 calls=0"),
    case!("openai_embeddings/reply.json", "openai", "model=text-embedding-3-small in=8 dimensions=256 messages=0 calls=0"),
];

#[rustfmt::skip]
const AGENTS: &[Case] = &[
    case!("openai_agents/context.json", "openai", "in=250 out=29 cache_read=90 reasoning=8 messages=1 calls=0"),
    case!("openai_agents/javascript.json", "openai", "id=resp_9 in=40 out=7 cache_read=10 reasoning=2 messages=1 calls=0"),
    case!("openai_agents/nothing.json", "openai", "messages=1 calls=0"),
    case!("openai_agents/python.json", "openai", "id=resp_2 in=250 out=29 cache_read=90 reasoning=8 messages=1 calls=0"),
];

const ALL: &[(WireFormat, &[Case])] = &[
    (WireFormat::OpenAiAgents, AGENTS),
    (WireFormat::OpenAiChat, CHAT),
    (WireFormat::OpenAiCompletions, COMPLETIONS),
    (WireFormat::OpenAiEmbeddings, EMBEDDINGS),
    (WireFormat::OpenAiResponses, RESPONSES),
];

#[test]
fn recorded_replies_say_what_the_table_says() {
    check(ALL);
}

#[test]
fn streams_say_the_same_wherever_they_are_cut() {
    ALL.iter().for_each(|(format, cases)| check_cuts(*format, cases));
}

#[test]
fn no_field_of_a_wrong_type_panics_or_becomes_a_number() {
    ALL.iter().for_each(|(format, cases)| check_mutations(*format, cases));
}

macro_rules! request {
    ($file:literal) => {
        read(include_bytes!(concat!("../../tests/fixtures/providers/", $file)), Reading::Everything).unwrap()
    };
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn requests_for_chat_say_what_is_asked() {
    let body = request!("openai_chat/request.json");
    let request = Request::from_json("openai", &body).unwrap();
    assert_eq!((request.format(), request.skipped()), (WireFormat::OpenAiChat, 0));
    let wanted = Asked {
        model: Some("gpt-5.4".into()),
        stream: true,
        max_tokens: Some(512),
        temperature: Some(0.2),
        top_p: Some(0.9),
        frequency_penalty: Some(0.1),
        presence_penalty: Some(-0.5),
        stop_sequences: texts(&["END", "STOP"]),
        seed: Some(42),
        choice_count: Some(2),
        output_type: Some("json"),
        reasoning_level: Some("low".into()),
        service_tier: Some("flex".into()),
        ..Asked::default()
    };
    assert_eq!(*request.asked(), wanted);
    let input = request.input();
    assert_eq!((input.messages.len(), input.tools.len()), (4, 1));
    assert_eq!(input.messages[1].parts().len(), 4);
    assert_eq!(input.messages[3].parts(), [Part::tool_call_response("call_1", "A cat")]);
}

#[test]
fn requests_for_responses_say_what_is_asked() {
    let body = request!("openai_responses/request.json");
    let request = Request::from_json("openai", &body).unwrap();
    assert_eq!((request.format(), request.skipped()), (WireFormat::OpenAiResponses, 0));
    let wanted = Asked {
        model: Some("gpt-5.4".into()),
        stream: true,
        max_tokens: Some(300),
        temperature: Some(0.3),
        top_p: Some(0.8),
        output_type: Some("json"),
        reasoning_level: Some("high".into()),
        service_tier: Some("priority".into()),
        previous_response: Some("resp_0".into()),
        conversation: Some("conv_1".into()),
        ..Asked::default()
    };
    assert_eq!(*request.asked(), wanted);
    let input = request.input();
    assert_eq!(input.system, [Part::text("Be brief.")]);
    assert_eq!(input.messages.iter().map(Message::role).collect::<Vec<_>>(), ["user", "assistant", "tool"]);
    assert_eq!(input.tools.len(), 2);
}

#[test]
fn requests_for_embeddings_and_completions_say_what_is_asked() {
    let body = request!("openai_embeddings/request.json");
    let request = Request::from_json("openai", &body).unwrap();
    assert_eq!(request.format(), WireFormat::OpenAiEmbeddings);
    assert_eq!(request.asked().encoding_formats, ["base64"]);
    let body = request!("openai_completions/request.json");
    let request = Request::from_json("openai", &body).unwrap();
    assert_eq!(request.format(), WireFormat::OpenAiCompletions);
    assert_eq!((request.asked().max_tokens, request.asked().temperature), (Some(7), Some(0.0)));
    assert_eq!(request.input().messages, [Message::user("Say this is a test")]);
}

#[test]
fn a_request_of_wrong_types_says_nothing_of_them() {
    let body = serde_json::json!({"messages": [7], "max_tokens": "many", "temperature": {}, "stop": [1], "seed": 1.5,
        "n": -1, "top_k": -1, "modalities": 3, "response_format": "json", "tools": 4, "stream": "yes"});
    let request = Request::of(WireFormat::OpenAiChat, &body);
    assert_eq!((request.asked(), request.skipped()), (&Asked::default(), 8));
}

#[test]
fn a_stream_says_what_the_model_said() {
    let messages = |format, bytes: &[u8]| {
        let mut decoder = StreamDecoder::new(format).with_content();
        decoder.push(bytes);
        decoder.response("openai").output_messages()
    };
    let chat =
        messages(WireFormat::OpenAiChat, include_bytes!("../../tests/fixtures/providers/openai_chat/stream.sse"));
    assert_eq!(chat, [Message::assistant("Hello, \"usage\": wörld\n").finish_reason("stop")]);
    let calls = include_bytes!("../../tests/fixtures/providers/openai_chat/stream_tool_calls.sse");
    let weather = Part::tool_call("call_1", "get_weather", r#"{"city":"Paris"}"#);
    let time = Part::tool_call("call_2", "get_time", "{}");
    let called = Message::new("assistant").part(weather.clone()).part(time).finish_reason("tool_call");
    assert_eq!(messages(WireFormat::OpenAiChat, calls), [called]);
    let cut = include_bytes!("../../tests/fixtures/providers/openai_responses/stream_cut.sse");
    assert_eq!(messages(WireFormat::OpenAiResponses, cut), [Message::assistant("Hi there!").finish_reason("error")]);
    let cut = include_bytes!("../../tests/fixtures/providers/openai_responses/stream_tool_calls_cut.sse");
    let called = Message::new("assistant").part(weather).finish_reason("error");
    assert_eq!(messages(WireFormat::OpenAiResponses, cut), [called]);
}

#[test]
fn without_content_memory_does_not_grow_with_the_stream() {
    let mut decoder = StreamDecoder::new(WireFormat::OpenAiChat);
    for n in 0..1000 {
        let call = serde_json::json!({"id": "c", "choices": [{"index": n, "delta": {"content": "canary".repeat(100),
            "tool_calls": [{"index": n, "id": n.to_string(), "function": {"name": "f", "arguments": "canary"}}]}}], "x": n});
        decoder.push(format!("data: {call}\n\n").as_bytes());
    }
    let response = decoder.response("openai");
    assert_eq!(response.raw_finish_reasons().count(), 128);
    assert!(decoder.skipped() >= 872, "{}", decoder.skipped());
    assert!(!format!("{response:?}").contains("canary"));
}

#[test]
fn content_of_a_stream_is_bounded_and_what_is_beyond_is_counted() {
    let mut decoder = StreamDecoder::new(WireFormat::OpenAiChat).with_content();
    let text = "x".repeat(1 << 19);
    let chunk = serde_json::json!({"id": "c", "choices": [{"index": 0, "delta": {"content": text}}]});
    let event = format!("data: {chunk}\n\n");
    (0..40).for_each(|_| decoder.push(event.as_bytes()));
    let messages = decoder.response("openai").output_messages();
    let Some(Part::Text { content }) = messages[0].parts().first() else { panic!("no text") };
    assert!(content.len() <= crate::content::MAX_CONTENT_BYTES && content.len() > 15 << 20);
    assert!(decoder.skipped() >= 8, "{}", decoder.skipped());
}

#[test]
fn a_body_of_no_format_is_no_error() {
    for body in [
        serde_json::json!({"message": "hello"}),
        serde_json::json!({"message": {"code": 1}, "code": 2}),
        serde_json::json!([]),
    ] {
        let response = Response::from_json("openai", &body);
        assert!(!response.is_error() && response.usage().is_empty(), "{body}");
    }
}
