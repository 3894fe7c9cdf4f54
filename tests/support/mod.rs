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

/// Ends `count` GenAI spans through a subscriber of the test's own.
pub(crate) fn work(telemetry: &Telemetry, count: usize) {
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..count {
            tracing::debug_span!("chat", gen_ai.operation.name = "chat").in_scope(|| {});
        }
    });
}
