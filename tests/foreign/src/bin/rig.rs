//! Sends the spans of rig over OTLP: `rig before` through tracing-opentelemetry, `rig after` through tracing-genai.
//!
//! They go to `OTEL_EXPORTER_OTLP_ENDPOINT`, by gRPC.

use foreign::rig_agent::Program;
use foreign::{Outcome, server, stack};

fn main() -> Outcome {
    let runtime = stack::runtime();
    let server = runtime.block_on(server::serve())?;
    foreign::export::install(std::env::args().nth(1), server, &runtime)?
        .run(&runtime, Program::new(server).telling_outcome().all())
}
