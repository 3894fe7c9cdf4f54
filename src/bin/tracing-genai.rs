//! `tracing-genai collect`: prints what a program sends over OTLP: one tree a trace, one line a log record, and the metrics.
#![forbid(unsafe_code)]

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use tracing_genai::collector::{Collector, CollectorBuilder, render, render_logs, render_metrics};

const HELP: &str = "\
Prints the traces, metrics and log records that programs on this machine send over OTLP.

Usage: tracing-genai collect [--grpc ADDR] [--http ADDR]

  --grpc ADDR   listen for OTLP/gRPC here [default: 127.0.0.1:4317]
  --http ADDR   listen for OTLP/HTTP here [default: 127.0.0.1:4318]
  --help, --version

ADDR is a loopback address with a port; port 0 takes a free one.
A trace is printed when its root is there and nothing new came for a moment, or on Ctrl-C; a log record when it comes;
the metrics when they have changed. Neither bodies of log records nor content are printed.
";
const VERSION: &str = concat!("tracing-genai ", env!("CARGO_PKG_VERSION"), "\n");

/// A trace is printed when nothing new came for this long; exporters send a trace in several batches.
const QUIET: Duration = Duration::from_millis(500);

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let asked_for = |flag: &str| args.iter().any(|arg| arg == flag);
    let outcome = match parse(&args) {
        _ if asked_for("--help") => print(HELP),
        _ if asked_for("--version") => print(VERSION),
        Ok(builder) => collect(builder),
        Err(error) => return fail(2, &*error),
    };
    outcome.map_or_else(|error| fail(1, &*error), |()| ExitCode::SUCCESS)
}

fn fail(code: u8, error: &dyn Error) -> ExitCode {
    let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
    eprintln!("error: {error}{cause}\nSee tracing-genai --help");
    ExitCode::from(code)
}

fn parse(args: &[OsString]) -> Outcome<CollectorBuilder> {
    let mut args = args.iter();
    let command = args.next().and_then(|arg| arg.to_str()).unwrap_or_default();
    if command != "collect" {
        return Err(format!("unknown command {command:?}: there is \"collect\"").into());
    }
    let mut builder = Collector::builder()
        .with_grpc_address(SocketAddr::from(([127, 0, 0, 1], 4317)))
        .with_http_address(SocketAddr::from(([127, 0, 0, 1], 4318)));
    while let Some(arg) = args.next() {
        builder = match arg.to_str() {
            Some("--grpc") => builder.with_grpc_address(address("--grpc", args.next())?),
            Some("--http") => builder.with_http_address(address("--http", args.next())?),
            _ => return Err(format!("unknown argument {arg:?}: there are --grpc, --http").into()),
        };
    }
    Ok(builder)
}

fn address(name: &str, value: Option<&OsString>) -> Outcome<SocketAddr> {
    let value = value.ok_or_else(|| format!("{name} needs an address and a port"))?;
    let address = value.to_str().and_then(|text| text.parse().ok());
    Ok(address.ok_or_else(|| format!("{name}: {value:?} is not like 127.0.0.1:4317"))?)
}

#[tokio::main(flavor = "current_thread")]
async fn collect(builder: CollectorBuilder) -> Outcome {
    let collector = builder.start()?;
    let (grpc, http) = (collector.grpc_endpoint(), collector.http_endpoint());
    let listening = format!("OTLP/gRPC on {grpc}\nOTLP/HTTP on {http}\nCtrl-C ends\n");
    print(&listening)?;
    let mut printed = 0;
    let mut metrics = Metrics::default();
    let mut interrupted = pin!(interrupted());
    loop {
        let traces = tokio::select! {
            ended = &mut interrupted => { ended?; collector.stop(); collector.take_all() }
            () = tokio::time::sleep(QUIET / 5) => collector.take_settled(QUIET),
        };
        for trace in &traces {
            print(&format!("\n{}", render(trace)))?;
        }
        printed += traces.len();
        let logs = collector.take_logs();
        if !logs.is_empty() {
            print(&format!("\n{}", render_logs(&logs)))?;
        }
        metrics.print(&collector)?;
        if collector.is_stopped() {
            let stats = collector.stats();
            return print(&format!("\n{printed} traces printed; {stats}\n"));
        }
    }
}

/// What was last printed of the metrics. Senders repeat them in intervals, changed or not.
#[derive(Default)]
struct Metrics {
    /// Points received when they were last looked at.
    received: u64,
    shown: String,
}

impl Metrics {
    fn print(&mut self, collector: &Collector) -> Outcome {
        let received = collector.stats().metric_points.received;
        if received == self.received {
            return Ok(());
        }
        self.received = received;
        let shown = render_metrics(&collector.metrics());
        if shown != self.shown {
            print(&format!("\n{shown}"))?;
            self.shown = shown;
        }
        Ok(())
    }
}

#[cfg(unix)]
async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
use tokio::signal::ctrl_c as interrupted;

/// To standard output at once; a closed pipe is an error, not a panic as with `print!`.
fn print(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
