//! Documented replies of every provider, whole and in pieces, and what they say.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::content::Part;
use crate::providers::{Response, StreamDecoder, Usage, WireFormat, WireFormat::*};

/// A fixture and what it says. What it does not say is not written down.
type Case = (WireFormat, &'static str, &'static [u8], &'static str);

macro_rules! cases {
    ($($format:ident $path:literal $says:literal)*) => {
        &[$(($format, $path, include_bytes!(concat!("../../tests/fixtures/providers/", $path)), $says)),*]
    };
}

#[rustfmt::skip]
const REPLIES: &[Case] = cases![
    AnthropicMessages "anthropic_messages/reply.json" "id=msg_013Zva2CMHLNnXjNJJKqJ2EF model=claude-opus-4-6 why=stop<end_turn in=6197 out=503 cache_read=2051 cache_write=2051 searches=0 tier=standard messages=1"
    AnthropicMessages "anthropic_messages/tool_call.json" "id=msg_01Aq9w938a90dw8q model=claude-opus-4-6 why=tool_call<tool_use in=472 out=89 messages=1 calls=1"
    AnthropicMessages "anthropic_messages/thinking.json" "id=msg_01XFDUDYJgAACzvnptvVoYEL model=claude-sonnet-5 why=stop<end_turn in=43 out=1290 reasoning=1204 messages=1"
    AnthropicMessages "anthropic_messages/server_tool.json" "id=msg_a930390d3a model=claude-opus-4-6 why=stop<end_turn in=6039 out=931 searches=1 messages=1"
    AnthropicMessages "anthropic_messages/compaction.json" "id=msg_01Compaction model=claude-opus-4-6 why=stop<end_turn in=203000 out=4500 messages=1"
    AnthropicMessages "anthropic_messages/refusal.json" "id=msg_014p7gG3wDgGV9EUtLvnow3U model=claude-opus-4-6 why=content_filter<refusal in=564 out=22 cache_read=0 cache_write=0 messages=1"
    AnthropicMessages "anthropic_messages/truncated.json" "id=msg_01Truncated model=claude-haiku-4-5 why=length<max_tokens in=12 out=3 messages=1"
    AnthropicMessages "anthropic_messages/error_400.json" "failed=invalid_request_error kind=invalid_request"
    AnthropicMessages "anthropic_messages/error_401.json" "failed=authentication_error kind=authentication"
    AnthropicMessages "anthropic_messages/error_404.json" "failed=not_found_error kind=not_found"
    AnthropicMessages "anthropic_messages/error_429.json" "failed=rate_limit_error kind=rate_limit"
    AnthropicMessages "anthropic_messages/error_529.json" "failed=overloaded_error kind=overloaded"
    BedrockConverse "bedrock_converse/reply.json" "why=stop<end_turn in=1100 out=7 cache_read=1000 cache_write=80 tier=default messages=1"
    BedrockConverse "bedrock_converse/tool_call.json" "model=arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0 why=tool_call<tool_use in=423 out=65 messages=1 calls=1"
    BedrockConverse "bedrock_converse/content_filter.json" "why=content_filter<guardrail_intervened in=0 out=0 messages=1"
    BedrockConverse "bedrock_converse/truncated.json" "why=length<max_tokens in=12 out=2 messages=1"
    BedrockConverse "bedrock_converse/error_400.json" "failed=?"
    BedrockConverse "bedrock_converse/error_429.json" "failed=ThrottlingException kind=rate_limit"
    BedrockConverse "bedrock_converse/error_503.json" "failed=ServiceUnavailableException kind=overloaded"
    BedrockInvoke "bedrock_invoke/reply.json" "id=msg_bdrk_01BbCJbRbNxcMkMbGPqSJdZL model=claude-3-5-sonnet-20241022 why=stop<end_turn in=17 out=8 cache_read=0 cache_write=0 messages=1"
    BedrockInvoke "bedrock_invoke/error_400.json" "failed=?"
    CohereChat "cohere_chat/reply.json" "id=c14c80c3-18eb-4519-9460-6c92edd8cfb4 why=stop<COMPLETE in=5 out=418 cache_read=0 consumed_in=71 consumed_out=418 messages=1"
    CohereChat "cohere_chat/tool_call.json" "id=5b2a1c7a-8f6b-4b5c why=tool_call<TOOL_CALL in=37 out=23 consumed_in=894 consumed_out=58 messages=1 calls=1"
    CohereChat "cohere_chat/thinking.json" "id=think-cohere why=stop<COMPLETE in=18 out=64 consumed_in=1480 consumed_out=70 searches=1 messages=1"
    CohereChat "cohere_chat/content_filter.json" "id=toxic-1 why=content_filter<ERROR_TOXIC in=71 out=0 messages=1"
    CohereChat "cohere_chat/truncated.json" "id=cut-1 why=length<MAX_TOKENS in=5 out=1 consumed_in=71 consumed_out=1 messages=1"
    CohereChat "cohere_chat/error_401.json" "id=e1 failed=?"
    CohereChat "cohere_chat/error_429.json" "id=e2 failed=?"
    CohereEmbed "cohere_embed/reply.json" "id=da6e531f-54c5-4a73-bf92-f60566d8d753 in=2 dimensions=3"
    CohereEmbed "cohere_embed/error_400.json" "id=e3 failed=?"
    GeminiGenerateContent "gemini_generate_content/reply.json" "id=mAitaLmkHPPlz7IPvtfUqQ4 model=gemini-2.5-flash why=stop<STOP in=1057 out=22 cache_read=1024 text_in=799 image_in=258 text_cache=1024 text_out=22 messages=1"
    GeminiGenerateContent "gemini_generate_content/tool_call.json" "id=kwitaJ6nM model=gemini-3-pro-preview why=tool_call<STOP in=55 out=70 reasoning=55 text_in=55 messages=1 calls=1"
    GeminiGenerateContent "gemini_generate_content/thinking.json" "id=think-1 model=gemini-2.5-pro why=stop<STOP in=100 out=1500 reasoning=1300 tier=ON_DEMAND messages=1"
    GeminiGenerateContent "gemini_generate_content/image.json" "id=image-1 model=gemini-2.5-flash-image why=stop<STOP in=8 out=1295 text_in=8 image_out=1290 messages=1"
    GeminiGenerateContent "gemini_generate_content/choices.json" "id=two-1 model=gemini-2.0-flash why=stop<STOP,content_filter<SAFETY in=5 out=1 messages=2"
    GeminiGenerateContent "gemini_generate_content/content_filter.json" "id=blocked-1 model=gemini-2.5-flash why=content_filter<PROHIBITED_CONTENT in=9 text_in=9"
    GeminiGenerateContent "gemini_generate_content/truncated.json" "id=cut-1 model=gemini-2.5-flash why=length<MAX_TOKENS in=12 out=63 reasoning=63 messages=1"
    GeminiGenerateContent "gemini_generate_content/error_400.json" "failed=INVALID_ARGUMENT status=400 kind=invalid_request"
    GeminiGenerateContent "gemini_generate_content/error_400_key.json" "failed=API_KEY_INVALID status=400 kind=authentication"
    GeminiGenerateContent "gemini_generate_content/error_403.json" "failed=PERMISSION_DENIED status=403 kind=permission"
    GeminiGenerateContent "gemini_generate_content/error_404.json" "failed=NOT_FOUND status=404 kind=not_found"
    GeminiGenerateContent "gemini_generate_content/error_429.json" "failed=RESOURCE_EXHAUSTED status=429 kind=rate_limit"
    GeminiGenerateContent "gemini_generate_content/error_503.json" "failed=UNAVAILABLE status=503 kind=overloaded"
    GeminiEmbeddings "gemini_embeddings/reply.json" "dimensions=3"
    GeminiEmbeddings "gemini_embeddings/batch.json" "in=7 dimensions=2"
    OllamaChat "ollama_chat/reply.json" "model=llama3.2 why=stop<stop in=26 out=298 messages=1"
    OllamaChat "ollama_chat/cached.json" "model=llama3.2 why=stop<stop out=282 messages=1"
    OllamaChat "ollama_chat/tool_call.json" "model=llama3.2 why=tool_call<stop in=122 out=33 messages=1 calls=1"
    OllamaChat "ollama_chat/truncated.json" "model=llama3.2 why=length<length in=26 out=1 messages=1"
    OllamaChat "ollama_chat/error_404.json" "failed=?"
    OllamaGenerate "ollama_generate/reply.json" "model=llama3.2 why=stop<stop in=26 out=290 messages=1"
    OllamaEmbed "ollama_embed/reply.json" "model=all-minilm in=8 dimensions=4"
];

#[rustfmt::skip]
const STREAMS: &[Case] = cases![
    AnthropicMessages "anthropic_messages/stream.sse" "id=msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY model=claude-opus-4-6 why=stop<end_turn in=1105 out=15 cache_read=1000 cache_write=80 tier=standard messages=1"
    AnthropicMessages "anthropic_messages/stream_tool_call.sse" "id=msg_014p7gG3wDgGV9EUtLvnow3U model=claude-opus-4-6 why=tool_call<tool_use in=472 out=89 messages=1 calls=1"
    AnthropicMessages "anthropic_messages/stream_thinking.sse" "id=msg_01Thinking model=claude-sonnet-5 why=stop<end_turn in=43 out=131 reasoning=96 messages=1"
    AnthropicMessages "anthropic_messages/stream_error.sse" "id=msg_01Overloaded model=claude-opus-4-6 why=error<error in=25 failed=overloaded_error kind=overloaded messages=1"
    BedrockConverse "bedrock_converse/stream.bin" "why=stop<end_turn in=1100 out=7 cache_read=1000 cache_write=80 messages=1"
    BedrockConverse "bedrock_converse/stream_tool_call.bin" "why=tool_call<tool_use in=423 out=65 tier=priority messages=1 calls=1"
    BedrockConverse "bedrock_converse/stream_error.bin" "why=error<error failed=ThrottlingException kind=rate_limit messages=1"
    BedrockInvoke "bedrock_invoke/stream.bin" "id=msg_bdrk_01BbCJbRbNxcMkMbGPqSJdZL model=claude-3-5-sonnet-20241022 why=stop<end_turn in=17 out=8 messages=1"
    BedrockInvoke "bedrock_invoke/stream_error.bin" "id=msg_bdrk_01BbCJbRbNxcMkMbGPqSJdZL model=claude-3-5-sonnet-20241022 why=error<error in=17 failed=ModelStreamErrorException kind=server_error messages=1"
    CohereChat "cohere_chat/stream.sse" "id=29f14a5a-11de-4cae why=stop<COMPLETE in=5 out=2 consumed_in=71 consumed_out=2 messages=1"
    CohereChat "cohere_chat/stream_tool_call.sse" "id=29f14a5a-11de-4cae why=tool_call<TOOL_CALL in=37 out=23 consumed_in=894 consumed_out=58 messages=1 calls=1"
    CohereChat "cohere_chat/stream_error.sse" "id=29f14a5a-11de-4cae why=error<ERROR failed=? messages=1"
    GeminiGenerateContent "gemini_generate_content/stream.sse" "id=stream-1 model=gemini-2.5-flash why=stop<STOP in=8 out=50 reasoning=42 text_in=8 messages=1"
    GeminiGenerateContent "gemini_generate_content/stream.json" "id=stream-1 model=gemini-2.5-flash why=stop<STOP in=8 out=50 reasoning=42 text_in=8 messages=1"
    GeminiGenerateContent "gemini_generate_content/stream_tool_call.sse" "id=stream-2 model=gemini-3-pro-preview why=tool_call<STOP in=55 out=90 reasoning=60 messages=1 calls=2"
    GeminiGenerateContent "gemini_generate_content/stream_error.sse" "id=stream-1 model=gemini-2.5-flash why=error<error in=8 out=42 reasoning=42 failed=UNAVAILABLE status=503 kind=overloaded messages=1"
    OllamaChat "ollama_chat/stream.jsonl" "model=llama3.2 why=stop<stop in=26 out=282 messages=1"
    OllamaChat "ollama_chat/stream_tool_call.jsonl" "model=llama3.2 why=tool_call<stop in=167 out=12 messages=1 calls=1"
    OllamaChat "ollama_chat/stream_error.jsonl" "model=llama3.2 why=error<error failed=? messages=1"
    OllamaGenerate "ollama_generate/stream.jsonl" "model=llama3.2 why=stop<stop in=26 out=290 messages=1"
];

/// The classes of usage that are given, by name.
fn classes(usage: &Usage) -> Vec<(&'static str, u64)> {
    #[rustfmt::skip]
    let all = [
        ("in", usage.input_tokens()), ("out", usage.output), ("cache_read", usage.cache_read), ("cache_write", usage.cache_write),
        ("reasoning", usage.reasoning), ("text_in", usage.text_input), ("image_in", usage.image_input), ("audio_in", usage.audio_input),
        ("text_cache", usage.text_cache_read), ("image_cache", usage.image_cache_read), ("audio_cache", usage.audio_cache_read),
        ("text_out", usage.text_output), ("image_out", usage.image_output), ("audio_out", usage.audio_output),
        ("consumed_in", usage.consumed_input), ("consumed_out", usage.consumed_output), ("searches", usage.search_units),
    ];
    all.into_iter().filter_map(|(name, count)| Some((name, count?))).collect()
}

/// What a reply says, in a line.
fn says(response: &Response<'_>) -> String {
    let answered = response.answered();
    let mut line = String::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(line, "{name}={value} ").unwrap();
        }
    };
    add("id", answered.id.clone());
    add("model", answered.model.clone());
    let reasons = answered.finish_reasons.iter().map(|reason| format!("{}<{}", reason.as_str(), reason.raw));
    add("why", Some(reasons.collect::<Vec<_>>().join(",")).filter(|reasons| !reasons.is_empty()));
    classes(&answered.usage).into_iter().for_each(|(name, count)| add(name, Some(count.to_string())));
    add("tier", answered.service_tier.clone());
    add("dimensions", answered.dimension_count.map(|count| count.to_string()));
    if let Some(failed) = &answered.failure {
        add("failed", Some(failed.code.clone().unwrap_or("?".to_owned())));
        add("status", failed.status.map(|status| status.to_string()));
        add("kind", response.error_kind().map(|kind| kind.to_string()));
    }
    let messages = response.output_messages();
    let parts: Vec<&Part> = messages.iter().flat_map(|message| message.parts()).collect();
    let calls = parts.iter().filter(|part| matches!(part, Part::ToolCall { .. })).count();
    add("messages", Some(messages.len()).filter(|count| *count > 0).map(|count| count.to_string()));
    add("calls", Some(calls).filter(|count| *count > 0).map(|count| count.to_string()));
    line.trim_end().to_owned()
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn decoder(path: &str, format: WireFormat) -> StreamDecoder {
    let decoder = StreamDecoder::new(format);
    if path.ends_with(".json") { decoder.framed_by("application/json") } else { decoder }
}

/// All differences together are easier to read than the first.
fn different(path: &str, says: &str, wanted: &str, found: &mut String) {
    if says != wanted {
        writeln!(found, "{path} says {says}\n    not {wanted}").unwrap();
    }
}

#[test]
fn every_reply_says_what_it_says() {
    let mut found = String::new();
    for (format, path, bytes, wanted) in REPLIES {
        let value = json_of(bytes);
        let response = Response::of(*format, &value);
        different(path, &says(&response), wanted, &mut found);
        assert_eq!(response.skipped(), 0, "{path}");
        let messages = response.output_messages();
        for message in &messages {
            assert_eq!(message.role(), "assistant", "{path}");
            assert!(
                message
                    .parts()
                    .iter()
                    .all(|part| !matches!(part, Part::Generic(fields) if fields.contains_key("data")))
            );
        }
    }
    assert_eq!(found, "");
}

#[test]
fn every_streamed_reply_says_the_same_with_and_without_its_content() {
    let mut found = String::new();
    for (format, path, bytes, wanted) in STREAMS {
        let mut whole = decoder(path, *format).with_content();
        whole.push(bytes);
        let response = whole.response(format.provider());
        different(path, &says(&response), wanted, &mut found);
        assert_eq!((response.skipped(), whole.skipped()), (0, 0), "{path}");
        let mut facts = decoder(path, *format);
        facts.push(bytes);
        let facts = facts.response(format.provider());
        assert_eq!(facts.answered(), response.answered(), "{path}");
        assert_eq!(facts.output_messages(), [], "{path}");
    }
    assert_eq!(found, "");
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    for (format, path, bytes, _) in STREAMS {
        let of = |pieces: &[&[u8]]| {
            let mut decoder = decoder(path, *format).with_content();
            pieces.iter().for_each(|piece| decoder.push(piece));
            let response = decoder.response(format.provider());
            (says(&response), response.output_messages(), decoder.is_over(), decoder.skipped())
        };
        let wanted = of(&[bytes]);
        for at in 0..bytes.len() {
            assert_eq!(of(&[&bytes[..at], &bytes[at..]]), wanted, "{path} cut at {at}");
        }
        assert_eq!(of(&bytes.chunks(1).collect::<Vec<_>>()), wanted, "{path} byte by byte");
    }
}

#[test]
fn a_stream_that_ends_early_has_not_come_to_its_end() {
    for (format, path, bytes, wanted) in STREAMS {
        if wanted.contains("failed") {
            continue;
        }
        for cut in 0..bytes.len() {
            let mut decoder = decoder(path, *format);
            decoder.push(&bytes[..cut]);
            let early = decoder.response(format.provider());
            let reasons: Vec<&str> = early.finish_reasons().collect();
            let is_done = wanted.contains(&format!("why={}<", reasons.join(",")));
            assert!(reasons.is_empty() || reasons == ["error"] || is_done, "{path} cut at {cut}: {reasons:?}");
        }
    }
}

#[test]
fn each_format_is_known_by_its_fields() {
    for (format, path, bytes, wanted) in REPLIES {
        // Errors of many look alike; Bedrock's `InvokeModel` has the replies of the model's provider.
        if wanted.contains("failed") || *format == BedrockInvoke {
            continue;
        }
        assert_eq!(WireFormat::of_reply(&json_of(bytes)), Some(*format), "{path}");
    }
}

/// The places in a value, each as the way from its root.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, inner)| places(inner, &format!("{here}/{key}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, inner)| places(inner, &format!("{here}/{at}"), found));
        }
        _ => {}
    }
}

/// Values that are of a wrong type wherever a count, a text or an object is wanted.
fn wrong() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(-3),
        json!(1.5),
        json!("12"),
        json!([7]),
        json!({"n": 9}),
        json!(true),
        json!(1e300),
    ])
}

proptest! {
    #[test]
    fn a_value_of_a_wrong_type_never_becomes_a_number(
        case in prop::sample::select(REPLIES.to_vec()), at in any::<prop::sample::Index>(), wrong in wrong(),
    ) {
        let original = json_of(case.2);
        let mut found = Vec::new();
        places(&original, "", &mut found);
        let mut changed = original.clone();
        *changed.pointer_mut(at.get::<String>(&found)).unwrap() = wrong;
        let before = classes(&Response::of(case.0, &original).usage());
        let response = Response::of(case.0, &changed);
        for class in classes(&response.usage()) {
            prop_assert!(before.contains(&class), "{} {}: {class:?}", case.1, at.get::<String>(&found));
        }
        let _ = (response.output_messages(), says(&response));
        let _ = WireFormat::of_reply(&changed);
    }

    #[test]
    fn what_is_dropped_is_missing(case in prop::sample::select(REPLIES.to_vec()), at in any::<prop::sample::Index>()) {
        let original = json_of(case.2);
        let mut found = Vec::new();
        places(&original, "", &mut found);
        let (place, mut changed) = (at.get::<String>(&found), original.clone());
        if let Some((outer, key)) = place.rsplit_once('/') {
            changed.pointer_mut(outer).unwrap().as_object_mut().map(|fields| fields.remove(key));
        }
        let before = classes(&Response::of(case.0, &original).usage());
        for (name, count) in classes(&Response::of(case.0, &changed).usage()) {
            let was = before.iter().find(|(known, _)| *known == name);
            prop_assert!(was.is_some_and(|(_, was)| count <= *was || name != "cache_read"), "{} {place}: {name}", case.1);
        }
    }

    #[test]
    fn no_event_breaks_an_assembler(
        case in prop::sample::select(STREAMS.to_vec()), at in any::<prop::sample::Index>(), with in wrong(),
        cut in any::<prop::sample::Index>(),
    ) {
        // Bytes changed anywhere, and events of wrong types.
        let mut bytes = case.2.to_vec();
        let place = at.index(bytes.len());
        bytes[place] = bytes[place].wrapping_add(1);
        let mut decoder = decoder(case.1, case.0).with_content();
        decoder.push(&bytes[..cut.index(bytes.len())]);
        for name in ["", "message_start", "messageStop", "metadata", "exception", "chunk"] {
            decoder.push_event(name, &with);
            for kind in ["message_start", "content_block_start", "message_delta", "error", "message-start", "message-end", "tool-call-start"] {
                decoder.push_event(name, &json!({"type": kind, "message": with, "delta": with, "content_block": with, "usage": with}));
            }
        }
        let _ = says(&decoder.response("x"));
    }
}
