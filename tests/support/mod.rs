//! What the tests of the pipeline have in common. Each test binary uses its part.
#![allow(dead_code)]

pub(crate) mod receiver;

use receiver::Receiver;
use tracing_genai::pipeline::{Env, Pipeline, PipelineBuilder, Protocol, Telemetry};
use tracing_subscriber::layer::SubscriberExt;

/// Stands in header values; nothing may show it.
pub(crate) const CANARY: &str = "c4n4ry-5ecret";

pub(crate) const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson];

/// A receiver that speaks `protocol`.
pub(crate) fn receiver(protocol: Protocol) -> Receiver {
    match protocol {
        Protocol::Grpc => Receiver::grpc(),
        _ => Receiver::http(),
    }
}

/// A builder that ignores the process environment.
pub(crate) fn to(url: &str, protocol: Protocol) -> PipelineBuilder {
    Pipeline::builder().with_env(Env::empty()).with_endpoint(url).with_protocol(protocol)
}

/// Switches off all but spans.
pub(crate) const TRACES_ONLY: [(&str, &str); 2] = [("OTEL_METRICS_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none")];

/// Waits until `condition` holds, and fails if it never does.
pub(crate) fn wait_for(condition: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !condition() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "waited in vain");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// Ends `count` GenAI spans through a subscriber of the test's own.
pub(crate) fn work(telemetry: &Telemetry, count: usize) {
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..count {
            tracing::debug_span!("chat", gen_ai.operation.name = "chat").in_scope(|| {});
        }
    });
}
