//! What Amazon's own crate writes as an event stream, and what the library reads of it.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use serde_json::json;
use tracing_genai::providers::{StreamDecoder, WireFormat};

fn text(value: &'static str) -> HeaderValue {
    HeaderValue::String(value.into())
}

/// A frame with headers of every type around the two that count.
fn frame(kind: &'static str, name: (&'static str, &'static str), payload: &serde_json::Value) -> Vec<u8> {
    let headers = [
        ("true", HeaderValue::Bool(true)),
        ("false", HeaderValue::Bool(false)),
        ("byte", HeaderValue::Byte(-1)),
        ("short", HeaderValue::Int16(-2)),
        ("integer", HeaderValue::Int32(3)),
        ("long", HeaderValue::Int64(4)),
        (name.0, text(name.1)),
        ("bytes", HeaderValue::ByteArray(b"\0\x07"[..].to_vec().into())),
        ("time", HeaderValue::Timestamp(DateTime::from_secs(1_700_000_000))),
        ("uuid", HeaderValue::Uuid(0x0123_4567_89ab_cdef)),
        (":message-type", text(kind)),
    ];
    let message = Message::new_from_parts(
        headers.map(|(name, value)| Header::new(name, value)).to_vec(),
        payload.to_string().into_bytes(),
    );
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).expect("written");
    bytes
}

fn event(name: &'static str, payload: &serde_json::Value) -> Vec<u8> {
    frame("event", (":event-type", name), payload)
}

#[test]
fn frames_of_amazons_crate_are_read() {
    let stream = [
        event("messageStart", &json!({"role": "assistant"})),
        event("contentBlockDelta", &json!({"contentBlockIndex": 0, "delta": {"text": "hi ".repeat(20_000)}})),
        event("messageStop", &json!({"stopReason": "end_turn"})),
        event("metadata", &json!({"usage": {"inputTokens": 20, "cacheReadInputTokens": 1000, "outputTokens": 7}})),
    ]
    .concat();
    for size in [1, 7, 4096, stream.len()] {
        let mut decoder = StreamDecoder::new(WireFormat::BedrockConverse).with_content();
        stream.chunks(size).for_each(|piece| decoder.push(piece));
        let response = decoder.response("aws.bedrock");
        assert_eq!((response.usage().input_tokens(), response.usage().output_tokens()), (Some(1020), Some(7)));
        assert_eq!(response.finish_reasons().collect::<Vec<_>>(), ["stop"]);
        assert_eq!((response.output_messages().len(), decoder.skipped(), decoder.is_over()), (1, 0, true));
    }
}

#[test]
fn an_exception_of_amazons_crate_is_an_error() {
    let mut decoder = StreamDecoder::new(WireFormat::BedrockConverse);
    let name = (":exception-type", "throttlingException");
    decoder.push(&frame("exception", name, &json!({"message": "Too many requests"})));
    assert_eq!(decoder.response("aws.bedrock").error_code(), Some("ThrottlingException"));
}
