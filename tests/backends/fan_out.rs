//! Several backends at once: each gets its own, and none waits for another.

use std::time::Duration;

use tracing_genai::content::{Content, Decision, Destination, Item, Kind};
use tracing_genai::pipeline::{Backend, Env, Pipeline, Signal};
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::Receiver;
use crate::scenario::{CANARY, PATIENCE, RUN, named, pipeline, run, send, with};

#[test]
fn content_is_only_where_it_was_asked_for() {
    let (asked, metadata) = (Receiver::start(), Receiver::start());
    let builder = pipeline()
        .backend(with(Backend::Langfuse, &asked).with_content(Content::all()))
        .backend(with(Backend::Honeycomb, &metadata));
    send(builder);
    assert!(asked.bodies().contains(CANARY));
    assert!(!metadata.bodies().contains(CANARY));
    for receiver in [&asked, &metadata] {
        assert_eq!(receiver.spans().len(), RUN.len());
        assert_eq!(named(&receiver.spans(), "chat m-large").int("gen_ai.usage.input_tokens"), Some(100));
    }
    assert!(metadata.spans().iter().all(|span| span.attributes.keys().all(|key| !key.starts_with("agentic.content."))));
}

#[test]
fn content_on_events_is_only_where_it_was_asked_for() {
    let (asked, on_spans, metadata) = (Receiver::start(), Receiver::start(), Receiver::start());
    let all = || Content::all().with_destination(Destination::SpanAndEvent);
    let builder = pipeline()
        .with_content(Content::all())
        .backend(with(Backend::Honeycomb, &asked).with_content(all()))
        .backend(with(Backend::Honeycomb, &on_spans))
        .backend(with(Backend::Honeycomb, &metadata).with_content(Content::off()));
    send(builder);
    let logs = |receiver: &Receiver| receiver.bodies_of("/v1/logs");
    assert!(logs(&asked).contains(CANARY));
    for receiver in [&on_spans, &metadata] {
        assert!(logs(receiver).contains("gen_ai.client.inference.operation.details"));
        assert!(!logs(receiver).contains(CANARY));
    }
    assert!(on_spans.bodies_of("/v1/traces").contains(CANARY));
    assert!(!metadata.bodies().contains(CANARY));
}

#[test]
fn each_backend_has_a_policy_of_its_own() {
    let (tools, output, own) = (Receiver::start(), Receiver::start(), Receiver::start());
    let policy = |item: Item| if item.scope().activity() == "chat" { Decision::Omit } else { item.inline() };
    let builder = pipeline()
        .with_content(Content::only([Kind::SystemInstructions]))
        .backend(with(Backend::Jaeger, &tools).with_content(Content::custom(policy)))
        .backend(with(Backend::Jaeger, &output).with_content(Content::only([Kind::OutputMessages])))
        .backend(with(Backend::Jaeger, &own));
    send(builder);
    let keys = |receiver: &Receiver, name: &str| -> Vec<String> {
        let spans = receiver.spans();
        let content = ["instructions", "messages", "arguments", "result"];
        let keys = named(&spans, name).attributes.keys();
        keys.filter(|key| key.starts_with("gen_ai.") && content.iter().any(|end| key.ends_with(end))).cloned().collect()
    };
    assert_eq!(keys(&tools, "chat m-large"), [""; 0]);
    assert_eq!(keys(&tools, "execute_tool search"), ["gen_ai.tool.call.arguments", "gen_ai.tool.call.result"]);
    assert_eq!(keys(&output, "chat m-large"), ["gen_ai.output.messages"]);
    assert_eq!(keys(&own, "chat m-large"), ["gen_ai.system_instructions"]);
}

#[test]
fn no_content_in_the_environment_beats_every_backend() {
    let receiver = Receiver::start();
    let env = Env::from_iter([("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "NO_CONTENT")]);
    let config = with(Backend::Jaeger, &receiver).with_content(Content::all());
    send(Pipeline::builder().with_env(env).backend(config));
    assert_eq!(receiver.spans().len(), RUN.len());
    assert!(!receiver.bodies().contains(CANARY));
}

#[test]
fn a_backend_that_hangs_does_not_delay_another() {
    let (hanging, fine) = (Receiver::hanging(), Receiver::start());
    let telemetry = pipeline()
        .with_shutdown_timeout(Duration::from_millis(300))
        .backend(with(Backend::Jaeger, &hanging))
        .backend(with(Backend::Tempo, &fine).with_signals([Signal::Traces]))
        .with_schedule_delay(Duration::from_millis(20))
        .build()
        .unwrap();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, run);
    let begun = std::time::Instant::now();
    while fine.spans().len() < RUN.len() {
        assert!(begun.elapsed() < PATIENCE, "{} of {}", fine.spans().len(), RUN.len());
        std::thread::yield_now();
    }
    drop(telemetry);
}
