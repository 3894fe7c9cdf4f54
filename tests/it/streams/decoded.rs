//! Bodies of replies that are read along.

use std::io::{Error, ErrorKind};
use std::pin::pin;

use insta::assert_snapshot;
use tokio_stream::{StreamExt, iter};
use tracing_genai::activity::{Guard, Turn};
use tracing_genai::content::Content;
use tracing_genai::providers::{StreamDecoder, WireFormat};
use tracing_subscriber::layer::SubscriberExt;

use super::{all, cancelled, counted, failed, outcome, poll, succeeded, untimed};
use crate::support::{Recorder, attribute};

const HELLO: &[u8] = include_bytes!("../../fixtures/providers/anthropic_messages/stream.sse");
const OVERLOADED: &[u8] = include_bytes!("../../fixtures/providers/anthropic_messages/stream_error.sse");
const CONVERSE: &[u8] = include_bytes!("../../fixtures/providers/bedrock_converse/stream.bin");

fn decoder() -> StreamDecoder {
    StreamDecoder::new(WireFormat::AnthropicMessages)
}

fn turn() -> Guard<Turn> {
    Turn::chat("anthropic", "m").streaming().start()
}

/// A body in pieces of seven bytes.
fn body(bytes: &'static [u8]) -> Vec<Result<&'static [u8], Error>> {
    bytes.chunks(7).map(Ok).collect()
}

#[test]
fn the_turn_says_what_the_reply_says_and_the_bytes_pass() {
    let (recorder, _) = counted(|| {
        let stream = turn().try_stream(iter(body(HELLO))).decode(decoder());
        let passed: Vec<u8> = all(stream).into_iter().flatten().flatten().copied().collect();
        assert_eq!(passed, HELLO);
    });
    assert_snapshot!(untimed(&recorder), @r#"
    chat m CLIENT
        agentic.response.finish_reasons = ["end_turn"]
        agentic.response.service_tier = "standard"
        agentic.stream.chunks = 145
        agentic.stream.max_time_per_chunk = [s]
        agentic.stream.time_per_chunk = [s]
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "anthropic"
        gen_ai.request.model = "m"
        gen_ai.request.stream = true
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.response.id = "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY"
        gen_ai.response.model = "claude-opus-4-6"
        gen_ai.response.time_to_first_chunk = [s]
        gen_ai.usage.cache_read.input_tokens = 1000
        gen_ai.usage.cache_write.input_tokens = 80
        gen_ai.usage.input_tokens = 1105
        gen_ai.usage.output_tokens = 15
    "#);
}

#[test]
fn the_event_that_ends_the_reply_ends_the_turn() {
    let (recorder, _) = counted(|| {
        let rest = [Ok(&b"data: {}\n\n"[..]), Err(Error::other("after the end"))];
        let items = body(HELLO).into_iter().chain(rest);
        assert!(all(turn().try_stream(iter(items)).decode(decoder())).last().expect("items").is_err());
    });
    assert_eq!(outcome(&recorder), succeeded());
}

#[test]
fn an_error_in_the_middle_of_the_reply_fails_the_turn() {
    let (recorder, _) = counted(|| {
        all(turn().try_stream(iter(body(OVERLOADED))).decode(decoder()));
    });
    assert_eq!(outcome(&recorder), failed("overloaded"));
    let span = recorder.span("chat m");
    assert_eq!(attribute(&span, "gen_ai.usage.input_tokens").as_deref(), Some("25"));
    // It counted one token before it knew how many there would be.
    assert_eq!(attribute(&span, "gen_ai.usage.output_tokens"), None);
    assert_eq!(attribute(&span, "gen_ai.response.finish_reasons").as_deref(), Some("[\"error\"]"));
}

#[test]
fn a_body_that_fails_leaves_what_is_known() {
    let (recorder, _) = counted(|| {
        let broken = [Err(Error::from(ErrorKind::ConnectionReset))];
        let items = body(&HELLO[..450]).into_iter().chain(broken);
        all(turn().try_stream(iter(items)).decode(decoder()));
    });
    assert_eq!(outcome(&recorder).2.as_deref(), Some("\"connection_reset\""));
    assert_eq!(attribute(&recorder.span("chat m"), "gen_ai.usage.input_tokens").as_deref(), Some("1105"));
}

#[test]
fn a_stream_that_is_dropped_early_was_cancelled_with_what_is_known() {
    let (recorder, _) = counted(|| {
        all(turn().try_stream(iter(body(HELLO))).decode(decoder()).take(450 / 7));
    });
    assert_eq!(outcome(&recorder), cancelled());
    let span = recorder.span("chat m");
    assert_eq!(attribute(&span, "gen_ai.usage.cache_read.input_tokens").as_deref(), Some("1000"));
    assert_eq!(attribute(&span, "gen_ai.response.finish_reasons").as_deref(), Some("[\"error\"]"));
}

#[test]
fn a_reader_that_stops_at_the_last_text_has_read_the_reply() {
    let (recorder, _) = counted(|| {
        let end = HELLO.windows(12).position(|bytes| bytes == b"message_stop").expect("an end");
        let mut stream = pin!(turn().try_stream(iter([Ok::<_, Error>(&HELLO[..end])])).decode(decoder()));
        assert!(poll(stream.as_mut()).is_ready());
    });
    assert_eq!(outcome(&recorder), succeeded());
}

#[test]
fn a_turn_that_has_ended_takes_nothing_more() {
    let (recorder, stats) = counted(|| {
        let stream = turn().try_stream(iter(body(HELLO))).decode(decoder());
        stream.turn().finish();
        all(stream);
    });
    assert_eq!((outcome(&recorder), stats.after_end), (succeeded(), 0));
    assert_eq!(attribute(&recorder.span("chat m"), "gen_ai.response.id"), None);
}

#[test]
fn messages_are_put_together_only_if_a_policy_wants_them() {
    for (content, wanted) in [(Content::off(), None), (Content::all(), Some("In Lisbon."))] {
        let recorder = Recorder::default();
        let tracer = recorder.tracer().with_content(content);
        let subscriber = tracing_subscriber::registry().with(tracer.into_layer());
        tracing::subscriber::with_default(subscriber, || {
            let turn = Turn::chat("aws.bedrock", "m").streaming().start();
            all(turn.try_stream(iter(body(CONVERSE))).decode(StreamDecoder::new(WireFormat::BedrockConverse)));
        });
        let messages = attribute(&recorder.span("chat m"), "gen_ai.output.messages");
        assert_eq!(messages.is_some(), wanted.is_some());
        assert!(wanted.is_none_or(|text| messages.is_some_and(|messages| messages.contains(text))));
    }
}
