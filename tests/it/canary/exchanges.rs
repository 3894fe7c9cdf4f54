//! Requests and replies of providers as they are: a canary in every text of them.

use serde_json::{Value, json};
use tracing_genai::activity::Turn;
use tracing_genai::content::Kind;
use tracing_genai::providers::{ErrorKind, Reading, Request, Response, StreamDecoder, WireFormat, read};

use super::plant::{Row, row};

const CHAT: WireFormat = WireFormat::OpenAiChat;

/// All that a reply leaves under: what the provider names, and nothing that was said.
pub(super) const OF_REPLY: &[&str] =
    &["agentic.response.service_tier", "gen_ai.response.finish_reasons", "gen_ai.response.id", "gen_ai.response.model"];

pub(super) fn request(c: &str) -> Value {
    json!({
        "model": c, "stop": [c], "user": c, "unknown": {"field": [c]}, "messages": [{"role": "user", "content": c}],
        "tools": [{"type": "function", "function": {"name": c, "description": c, "parameters": {"description": c}}}],
    })
}

pub(super) fn reply(c: &str) -> Value {
    let call = json!({"id": c, "type": "function", "function": {"name": c, "arguments": c}});
    json!({
        "id": c, "model": c, "system_fingerprint": c, "service_tier": c, "unknown": c,
        "choices": [{"finish_reason": c, "message": {"role": "assistant", "content": c, "tool_calls": [call]}}],
        "usage": {"prompt_tokens": c, "completion_tokens": 1},
    })
}

pub(super) fn error(c: &str) -> Value {
    json!({"error": {"message": c, "type": format!("no {c}"), "code": format!("what {c}"), "param": c}})
}

fn answered(response: &Response<'_>) {
    Turn::chat("custom", "m").start().finish_with(response);
}

fn asked(request: &Request<'_>) {
    Turn::from_request(request).start().finish();
}

fn streamed(decoder: &mut StreamDecoder, c: &str) {
    let chunk = json!({
        "id": c, "model": c, "choices": [{"index": 0, "finish_reason": c, "delta": {"role": "assistant", "content": c}}],
    });
    decoder.push(format!("event: {c}\ndata: {chunk}\n\ndata: {c}\n\nid: {c}\n\n").as_bytes());
}

#[rustfmt::skip]
pub(super) const EXCHANGES: &[Row] = &[
    row("Turn::from_request", &["gen_ai.request.model", "gen_ai.request.stop_sequences"], |c| asked(&Request::of(CHAT, &request(c)))),
    row("Request::of", &["gen_ai.request.model", "gen_ai.request.stop_sequences"], |c| asked(&Request::of(CHAT, &request(c)))),
    row("Request::from_json", &["gen_ai.provider.name", "gen_ai.request.model", "gen_ai.request.stop_sequences"], |c| {
        if let Some(request) = Request::from_json(c, &request(c)) {
            asked(&request);
        }
    }),
    row("Request::from_owned", &["gen_ai.request.model", "gen_ai.request.stop_sequences"], |c| asked(&Request::from_owned(CHAT, request(c)))),
    row("Request::for_model", &["gen_ai.request.model"], |c| asked(&Request::from_owned(CHAT, json!({})).for_model(c))),
    row("Request::to_provider", &["gen_ai.provider.name"], |c| asked(&Request::from_owned(CHAT, json!({"model": "m"})).to_provider(c))),
    row("Guard<Turn>::request_content", &[], |c| {
        let request = json!({"messages": [{"role": "user", "content": c}]});
        Turn::chat("custom", "m").start().request_content(&Request::of(CHAT, &request));
    }).tells(&[Kind::InputMessages]),
    row("Guard<Turn>::response", OF_REPLY, |c| { Turn::chat("custom", "m").start().response(&Response::from_json("custom", &reply(c))); }).tells(&[Kind::OutputMessages]),
    row("Guard<Turn>::finish_with", OF_REPLY, |c| answered(&Response::from_json("custom", &reply(c)))).tells(&[Kind::OutputMessages]),
    row("Response::from_json", &[], |c| answered(&Response::from_json(c, &error(c)))),
    row("Response::of", &[], |c| answered(&Response::of(CHAT, &error(c)))),
    row("Response::from_owned", OF_REPLY, |c| answered(&Response::from_owned(CHAT, "custom", reply(c)))).tells(&[Kind::OutputMessages]),
    row("StreamDecoder::push", &["gen_ai.response.finish_reasons", "gen_ai.response.id", "gen_ai.response.model"], |c| {
        let mut decoder = StreamDecoder::new(CHAT);
        streamed(&mut decoder, c);
        answered(&decoder.response("custom"));
    }),
    row("StreamDecoder::response", &[], |c| answered(&StreamDecoder::new(CHAT).response(c))),
    row("read", &[], |c| {
        // Its error is printed by whoever likes.
        let error = read(format!("{{\"{c}\": {c}").as_bytes(), Reading::Everything).err();
        Turn::chat("custom", format!("{error:?}").replace(|sign: char| !sign.is_ascii_alphanumeric(), "_")).start().finish();
    }),
];

#[rustfmt::skip]
pub(super) const EXEMPT: &[(&str, &str)] = &[
    ("ErrorKind::of",            "gives one of its words"),
    ("StreamDecoder::new",       "`StreamDecoder::push`"),
    ("WireFormat::of_reply",     "gives one of its words"),
    ("WireFormat::of_request",   "gives one of its words"),
];

#[test]
fn an_error_kind_holds_nothing_of_its_code() {
    assert_eq!(ErrorKind::of(Some("c4nary"), None), None);
}
