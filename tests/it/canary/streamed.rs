//! Replies that come in pieces.

use serde_json::json;
use tokio_stream::StreamExt;
use tracing_genai::activity::{Guard, Turn};
use tracing_genai::content::Kind;
use tracing_genai::providers::{StreamDecoder, WireFormat};

use super::plant::{Row, now, row};

fn turn() -> Guard<Turn> {
    Turn::chat("anthropic", "m").start()
}

fn decoder() -> StreamDecoder {
    StreamDecoder::new(WireFormat::AnthropicMessages)
}

fn event(data: &serde_json::Value) -> String {
    format!("data: {data}\n\n")
}

/// A reply whose text, call and thoughts are the canary.
fn said(canary: &str) -> String {
    let start = |index: u32, block| json!({"type": "content_block_start", "index": index, "content_block": block});
    let delta = |index: u32, delta| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let events = [
        json!({"type": "message_start", "message": {"id": "msg", "role": "assistant", "content": []}}),
        start(0, json!({"type": "thinking", "thinking": canary})),
        delta(0, json!({"type": "thinking_delta", "thinking": canary})),
        start(1, json!({"type": "text", "text": ""})),
        delta(1, json!({"type": "text_delta", "text": canary})),
        start(2, json!({"type": "tool_use", "id": "t", "name": "f", "input": {}})),
        delta(2, json!({"type": "input_json_delta", "partial_json": format!("{{\"city\":\"{canary}\"}}")})),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1, "note": canary}}),
        json!({"type": "message_stop", "note": canary}),
    ];
    events.iter().map(event).collect()
}

/// All of them.
#[rustfmt::skip]
pub(super) const STREAMED: &[Row] = &[
    row("TurnStream::decode", &[], |c| {
        let body = tokio_stream::iter([Ok::<_, std::io::Error>(said(c))]);
        drop(now(turn().try_stream(body).decode(decoder()).collect::<Vec<_>>()));
    }).tells(&[Kind::OutputMessages]),
    row("StreamDecoder::push", &["gen_ai.response.id"], |c| {
        let mut decoder = decoder();
        decoder.push(event(&json!({"type": "message_start", "message": {"id": c, "note": c, "stop_sequence": c}})).as_bytes());
        decoder.push(event(&json!({"type": "error", "error": {"type": format!("an error of {c}"), "message": c}, "request_id": c})).as_bytes());
        decoder.push(c.as_bytes());
        turn().finish_with(&decoder.response("anthropic"));
    }),
    row("StreamDecoder::push_event", &["gen_ai.response.model"], |c| {
        let mut decoder = decoder();
        decoder.push_event(c, &json!({"type": "message_start", "message": {"model": c, "note": c}}));
        decoder.push_event(c, &json!({"type": c, "delta": {"text": c}}));
        turn().finish_with(&decoder.response("anthropic"));
    }),
    row("StreamDecoder::framed_by", &[], |c| {
        let mut decoder = decoder().framed_by(c);
        decoder.push(said("hi").as_bytes());
        turn().finish_with(&decoder.response("anthropic"));
    }),
    row("StreamDecoder::of_provider", &[], |c| {
        let body = tokio_stream::iter([Ok::<_, std::io::Error>(said("hi"))]);
        drop(now(turn().try_stream(body).decode(decoder().of_provider(c)).collect::<Vec<_>>()));
    }),
    row("StreamDecoder::response", &[], |c| {
        let mut decoder = decoder();
        decoder.push(said("hi").as_bytes());
        turn().finish_with(&decoder.response(c));
    }),
];
