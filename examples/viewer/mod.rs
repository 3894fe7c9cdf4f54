//! Shows what an example sends.
//!
//! The examples are plain programs: what they export goes where `OTEL_EXPORTER_OTLP_ENDPOINT` says. If it says nothing,
//! [`show`] starts a collector on a free loopback port, runs the example once more as a process of its own that exports
//! to it, and prints what came over the wire.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::{self, Command, Stdio};

use tracing_genai::collector::{Collector, render};

const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

const SIGNALS: [&str; 3] = ["TRACES", "METRICS", "LOGS"];

/// Runs the example and prints its trace, then whatever it prints itself; gives what received it, or `None` if an endpoint is
/// set and there is nothing to do here.
pub(crate) fn show() -> Result<Option<Collector>, Box<dyn Error>> {
    if ENDPOINTS.iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return Ok(None);
    }
    let collector = Collector::builder().start()?;
    let mut example = Command::new(env::current_exe()?);
    example.args(env::args_os().skip(1)).stderr(Stdio::inherit());
    for signal in SIGNALS {
        // The signals' own variables beat the general ones, whatever those are set to.
        example
            .env(format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"), collector.grpc_endpoint())
            .env(format!("OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"), "grpc");
    }
    if env::var_os("RUST_LOG").is_none() {
        // A trace reads better without log lines above it.
        example.env("RUST_LOG", "error");
    }
    let ended = example.output()?;
    collector.stop();
    let mut out = io::stdout().lock();
    writeln!(out, "{}", render(&collector.spans()))?;
    out.write_all(&ended.stdout)?;
    match ended.status.code() {
        Some(0) => Ok(Some(collector)),
        // It has said why.
        code => process::exit(code.unwrap_or(1)),
    }
}
