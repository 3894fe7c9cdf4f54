//! Shows what an example sends.
//!
//! The examples are plain programs: what they export goes where `OTEL_EXPORTER_OTLP_ENDPOINT` says. If it says nothing,
//! [`show`] starts a collector on a free loopback port, runs the example once more as a process of its own that exports
//! to it, and prints the spans as they came over the wire. [`show_all`] prints log events and metrics, too.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::{self, Command, Stdio};

use tracing_genai::collector::{Collector, render, render_logs, render_metrics};

const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// The signal's own variables beat the general ones, whatever those are set to.
#[rustfmt::skip]
const OWN: [[&str; 2]; 3] = [
    ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",  "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"],
    ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"],
    ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"],
];

/// Runs the example and prints its trace, then whatever it prints itself; `false` if an endpoint is set and there is
/// nothing to do here.
#[allow(dead_code)] // Each example takes one of the two.
pub(crate) fn show() -> Result<bool, Box<dyn Error>> {
    shown(|collector| render(&collector.spans()))
}

/// [`show`], with log events and metrics.
#[allow(dead_code)]
pub(crate) fn show_all() -> Result<bool, Box<dyn Error>> {
    shown(|collector| {
        let parts = [render(&collector.spans()), render_logs(&collector.logs()), render_metrics(&collector.metrics())];
        parts.join("\n")
    })
}

fn shown(text: impl FnOnce(&Collector) -> String) -> Result<bool, Box<dyn Error>> {
    if ENDPOINTS.iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return Ok(false);
    }
    let collector = Collector::builder().start()?;
    let mut example = Command::new(env::current_exe()?);
    example.args(env::args_os().skip(1)).stderr(Stdio::inherit());
    for [endpoint, protocol] in OWN {
        example.env(endpoint, collector.grpc_endpoint()).env(protocol, "grpc");
    }
    if env::var_os("RUST_LOG").is_none() {
        // A trace reads better without log lines above it.
        example.env("RUST_LOG", "error");
    }
    let ended = example.output()?;
    collector.stop();
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text(&collector))?;
    out.write_all(&ended.stdout)?;
    match ended.status.code() {
        Some(0) => Ok(true),
        // It has said why.
        code => process::exit(code.unwrap_or(1)),
    }
}
