//! Bytes of anybody, read as every format in every way: nothing panics, and where a stream is cut makes no difference.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tracing_genai::providers::{Reading, Request, Response, StreamDecoder, WireFormat, read};

const FORMATS: &[WireFormat] = &[
    WireFormat::AnthropicMessages,
    WireFormat::BedrockConverse,
    WireFormat::BedrockInvoke,
    WireFormat::CohereChat,
    WireFormat::CohereEmbed,
    WireFormat::GeminiEmbeddings,
    WireFormat::GeminiGenerateContent,
    WireFormat::OllamaChat,
    WireFormat::OllamaEmbed,
    WireFormat::OllamaGenerate,
    WireFormat::OpenAiAgents,
    WireFormat::OpenAiChat,
    WireFormat::OpenAiCompletions,
    WireFormat::OpenAiEmbeddings,
    WireFormat::OpenAiResponses,
];

const CONTENT_TYPES: &[&str] =
    &["", "text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream", "application/json"];

const PROVIDERS: &[&str] = &["openai", "x_ai", "openrouter", "perplexity"];

/// All that a reply says.
fn said(response: &Response<'_>) -> String {
    let (reasons, usage) = (response.raw_finish_reasons().collect::<Vec<_>>(), response.usage());
    let error = (response.is_error(), response.error_code(), response.error_kind());
    assert!(response.error_code().is_none_or(|code| code.len() <= 64 && !code.contains(' ')));
    format!("{:?} {:?} {reasons:?} {usage:?} {error:?}", response.id(), response.model())
}

fn streamed<'a>(format: WireFormat, content_type: &str, pushes: impl IntoIterator<Item = &'a [u8]>) -> [String; 2] {
    let decoder = || StreamDecoder::new(format).framed_by(content_type);
    let mut decoders = [decoder(), decoder().with_content()];
    for push in pushes {
        decoders.iter_mut().for_each(|decoder| decoder.push(push));
    }
    decoders.map(|mut decoder| {
        let response = decoder.response("openai");
        format!("{} {} {:?}", said(&response), decoder.skipped(), response.output_messages())
    })
}

fn whole(bytes: &[u8], provider: &str) {
    for reading in [Reading::Facts, Reading::Everything] {
        let Ok(value) = read(bytes, reading) else { continue };
        let _ = (WireFormat::of_reply(&value), Request::from_json(provider, &value));
        for format in FORMATS {
            let response = Response::from_owned(*format, provider, value.clone());
            let _ = (said(&response), response.output_messages().len());
            let request = Request::of(*format, &value);
            let _ = (request.model().is_some(), request.skipped(), format!("{request:?}"));
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let [bytes @ .., which, cut] = data else { return };
    whole(bytes, PROVIDERS[usize::from(*which) % PROVIDERS.len()]);
    let format = FORMATS[usize::from(*which) % FORMATS.len()];
    let content_type = CONTENT_TYPES[usize::from(*cut) % CONTENT_TYPES.len()];
    let once = streamed(format, content_type, [bytes]);
    let at = usize::from(*cut).min(bytes.len());
    assert_eq!(streamed(format, content_type, [&bytes[..at], &bytes[at..]]), once);
    assert_eq!(streamed(format, content_type, bytes.chunks(usize::from(cut % 7) + 1)), once);
});
