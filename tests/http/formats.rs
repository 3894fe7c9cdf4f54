//! Every provider's replies, whole and streamed, as they come over HTTP.

use std::path::Path;

use crate::calls::only;
use crate::server::{Server, reply};
use crate::support::{attribute, record_async};
use crate::wire::{middleware, plain};

/// Path, content type, fixture; operation, requested model, input and output tokens.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    (&'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>),
);

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";
const LINES: &str = "application/x-ndjson";
const AWS: &str = "application/vnd.amazon.eventstream";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("/v1/chat/completions", JSON, "openai_chat/reply.json", ("chat", None, Some("2006"), Some("10"))),
    ("/v1/chat/completions", EVENTS, "openai_chat/stream.sse", ("chat", None, Some("19"), Some("10"))),
    ("/v1/completions", EVENTS, "openai_completions/stream.sse", ("text_completion", None, Some("5"), Some("2"))),
    ("/v1/responses", JSON, "openai_responses/reply.json", ("chat", None, Some("36"), Some("87"))),
    ("/v1/responses", EVENTS, "openai_responses/stream.sse", ("chat", None, Some("37"), Some("11"))),
    ("/v1/embeddings", JSON, "openai_embeddings/reply.json", ("embeddings", None, Some("8"), None)),
    ("/openai/deployments/mine/chat/completions", JSON, "openai_chat/reply.json", ("chat", Some("mine"), Some("2006"), Some("10"))),
    ("/v1/messages", JSON, "anthropic_messages/reply.json", ("chat", None, Some("6197"), Some("503"))),
    ("/v1/messages", EVENTS, "anthropic_messages/stream.sse", ("chat", None, Some("1105"), Some("15"))),
    ("/v1beta/models/gemini-2.5-flash:generateContent", JSON, "gemini_generate_content/reply.json", ("generate_content", Some("gemini-2.5-flash"), Some("1057"), Some("22"))),
    ("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse", EVENTS, "gemini_generate_content/stream.sse", ("generate_content", Some("gemini-2.5-flash"), Some("8"), Some("50"))),
    ("/v1beta/models/gemini-2.5-flash:streamGenerateContent", JSON, "gemini_generate_content/stream.json", ("generate_content", Some("gemini-2.5-flash"), Some("8"), Some("50"))),
    ("/model/anthropic.claude-3%3A0/converse", JSON, "bedrock_converse/reply.json", ("chat", Some("anthropic.claude-3:0"), Some("1100"), Some("7"))),
    ("/model/anthropic.claude-3%3A0/converse-stream", AWS, "bedrock_converse/stream.bin", ("chat", Some("anthropic.claude-3:0"), Some("1100"), Some("7"))),
    ("/model/m/invoke-with-response-stream", AWS, "bedrock_invoke/stream.bin", ("chat", Some("m"), Some("17"), Some("8"))),
    ("/v2/chat", JSON, "cohere_chat/reply.json", ("chat", None, Some("5"), Some("418"))),
    ("/v2/chat", EVENTS, "cohere_chat/stream.sse", ("chat", None, Some("5"), Some("2"))),
    ("/api/chat", JSON, "ollama_chat/reply.json", ("chat", None, Some("26"), Some("298"))),
    ("/api/chat", LINES, "ollama_chat/stream.jsonl", ("chat", None, Some("26"), Some("282"))),
    ("/api/generate", LINES, "ollama_generate/stream.jsonl", ("text_completion", None, Some("26"), Some("290"))),
];

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/providers").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn what_each_provider_counts_is_on_the_turn() {
    for (path, content_type, name, expected) in ROWS {
        let body = fixture(name);
        let mut bytes = reply(200, &[("content-type", content_type)], "");
        let head = String::from_utf8(std::mem::take(&mut bytes)).expect("ASCII");
        bytes = head.replace("content-length: 0", &format!("content-length: {}", body.len())).into_bytes();
        bytes.extend_from_slice(&body);
        let server = Server::always(bytes);
        let client = reqwest_middleware::ClientBuilder::new(plain()).with(middleware()).build();
        let recorder = record_async(async {
            let response = client.post(server.url(path)).body("{}").send().await.expect("sent");
            assert_eq!(response.bytes().await.expect("a body"), body, "{name}");
        });
        let turn = only(&recorder);
        let value = |key| attribute(&turn, key).map(|value| value.trim_matches('"').to_owned());
        let told = (
            value("gen_ai.operation.name").expect("an operation"),
            value("gen_ai.request.model"),
            value("gen_ai.usage.input_tokens"),
            value("gen_ai.usage.output_tokens"),
        );
        let expected = (
            expected.0.to_owned(),
            expected.1.map(str::to_owned),
            expected.2.map(str::to_owned),
            expected.3.map(str::to_owned),
        );
        assert_eq!(told, expected, "{name}");
        assert_eq!((value("error.type"), value("agentic.outcome")), (None, None), "{name}");
    }
}
