//! What really goes over the wire: the same trace by three protocols, decoded by the collector and by an independent
//! receiver, and the bytes themselves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tracing_genai::activity::{Operation, Tool, Turn, Usage, Workflow};
use tracing_genai::collector::{AttributeValue, Collector, ReceivedSpan, SpanKind, StatusCode};
use tracing_genai::pipeline::{Compression, Env, Pipeline, PipelineBuilder, Protocol, Report};
use tracing_subscriber::layer::SubscriberExt;

use crate::content::{CANARY, sing};
use crate::support::record;

const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson];

const PATIENCE: Duration = Duration::from_secs(20);

fn pipeline(protocol: Protocol, endpoint: &str) -> PipelineBuilder {
    Pipeline::builder().with_env(Env::empty()).with_protocol(protocol).with_endpoint(endpoint).with_service_name("wire")
}

fn export(pipeline: PipelineBuilder, work: impl FnOnce()) -> Report {
    let telemetry = pipeline.build().expect("good settings");
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, work);
    telemetry.shutdown()
}

fn endpoint(collector: &Collector, protocol: Protocol) -> String {
    if protocol == Protocol::Grpc { collector.grpc_endpoint() } else { collector.http_endpoint() }
}

fn work() {
    let run = Workflow::new("w").run_id("r-1").start();
    run.in_scope(|| {
        let agent = Operation::prompt("a").conversation("c-1").start();
        agent.in_scope(|| {
            let turn =
                Turn::chat("openai", "gpt-4o").temperature(0.5).stop_sequences(["END", "é\0"]).streaming().start();
            tracing::info!("a text that stays");
            turn.usage(Usage::new(120, 34)).finish_reasons(["stop", "length"]).finish();
            Tool::new("t").start().fail_with("timeout");
        });
    });
}

/// The tree of [`crate::support`], from received spans.
fn tree(spans: &[ReceivedSpan]) -> String {
    let mut text = String::new();
    write_children(&mut text, spans, None, 0);
    text
}

fn write_children(text: &mut String, spans: &[ReceivedSpan], parent: Option<&str>, depth: usize) {
    let mut children: Vec<_> = spans.iter().filter(|span| span.parent_span_id.as_deref() == parent).collect();
    children.sort_by_key(|span| span.start_unix_nanos);
    for span in children {
        let indent = "  ".repeat(depth);
        let kind = if span.kind == SpanKind::Client { " CLIENT" } else { "" };
        let failed = if span.status == StatusCode::Error { " ERROR" } else { "" };
        text.push_str(&format!("{indent}{}{kind}{failed}{}\n", span.name, span.status_message));
        let mut attributes: Vec<_> = span.attributes.iter().collect();
        attributes.sort_by(|a, b| a.0.cmp(&b.0));
        for (key, value) in attributes {
            text.push_str(&format!("{indent}    {key} = {}\n", show(value)));
        }
        for event in &span.events {
            let attributes: Vec<_> =
                event.attributes.iter().map(|(key, value)| format!("{key}={}", show(value))).collect();
            text.push_str(&format!("{indent}    * {} {}\n", event.name, attributes.join(" ")));
        }
        write_children(text, spans, Some(&span.span_id), depth + 1);
    }
}

fn show(value: &AttributeValue) -> String {
    match value {
        AttributeValue::Str(text) => format!("{text:?}"),
        AttributeValue::Bool(value) => value.to_string(),
        AttributeValue::Int(number) => number.to_string(),
        AttributeValue::Double(number) => number.to_string(),
        AttributeValue::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| format!("\"{}\"", item.as_str().expect("text"))).collect();
            format!("[{}]", items.join(","))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn the_collector_receives_what_was_recorded_by_every_protocol() {
    let expected = record(work).tree();
    for protocol in PROTOCOLS {
        for compression in [None, Some(Compression::Gzip)] {
            let collector = Collector::builder().start().expect("a free port");
            let mut pipeline = pipeline(protocol, &endpoint(&collector, protocol));
            if let Some(compression) = compression {
                pipeline = pipeline.with_compression(compression);
            }
            let report = export(pipeline, work);
            assert_eq!((report.exported, report.failed, report.dropped), (4, 0, 0), "{protocol:?}: {report}");
            assert!(collector.wait_for(4, PATIENCE));
            let spans = collector.spans();
            assert_eq!(tree(&spans), expected, "{protocol:?} {compression:?}");
            let scope = &spans[0].scope;
            assert_eq!((scope.name.as_str(), scope.version.as_str()), ("tracing-genai", env!("CARGO_PKG_VERSION")));
            assert_eq!(scope.schema_url, "");
            assert_eq!(spans[0].resource.attribute("service.name").and_then(AttributeValue::as_str), Some("wire"));
        }
    }
}

/// A relay that keeps what the client sent.
fn recording(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let sent = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&sent);
    std::thread::spawn(move || {
        while let Ok((mut client, _)) = listener.accept() {
            let mut server = TcpStream::connect(to).expect("the collector listens");
            let (mut back, mut answer) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
            std::thread::spawn(move || std::io::copy(&mut answer, &mut back));
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                let mut buffer = [0; 8192];
                while let Ok(length @ 1..) = client.read(&mut buffer) {
                    kept.lock().expect("not poisoned").extend_from_slice(&buffer[..length]);
                    if server.write_all(&buffer[..length]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    (address, sent)
}

#[test]
fn the_canary_is_in_no_byte_that_leaves() {
    for protocol in PROTOCOLS {
        let collector = Collector::builder().start().expect("a free port");
        let behind = if protocol == Protocol::Grpc { collector.grpc_addr() } else { collector.http_addr() };
        let (relay, sent) = recording(behind);
        let report = export(pipeline(protocol, &format!("http://{relay}")), sing);
        assert_eq!((report.exported, report.failed), (7, 0), "{protocol:?}: {report}");
        let sent = sent.lock().expect("not poisoned").clone();
        let holds = |needle: &[u8]| sent.windows(needle.len()).any(|window| window == needle);
        assert!(holds(b"invoke_workflow w"), "{protocol:?}: the relay saw the spans");
        assert!(!holds(b"c4nary"), "{protocol:?}");
        assert!(CANARY.contains("c4nary"));
        assert!(collector.wait_for(7, PATIENCE));
        collector.assert_no_content(CANARY);
    }
}

/// What is hard to put into protobuf or JSON, on a plain and on a GenAI span.
fn odd_values() {
    let megabyte = "é".repeat(1 << 19);
    let plain = tracing::info_span!(
        "plain",
        otel.name = "",
        nan = f64::NAN,
        infinite = f64::NEG_INFINITY,
        unsigned = u64::MAX,
        huge = i128::MIN,
        nul = "a\0b",
        escape = "\u{1b}[2J\u{202e}",
        megabyte = megabyte.as_str(),
        empty = "",
    );
    plain.in_scope(|| tracing::info!(nan = f64::NAN, "\0"));
    let chat = tracing::info_span!(
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.request.model = "a\0b\u{1b}",
        gen_ai.response.id = megabyte.as_str(),
        gen_ai.request.temperature = f64::INFINITY,
        gen_ai.request.top_p = f64::NAN,
        gen_ai.usage.input_tokens = u64::MAX,
        gen_ai.usage.output_tokens = i128::MAX,
        gen_ai.request.max_tokens = i64::MAX as u64,
        gen_ai.agent.name = "",
    );
    chat.in_scope(|| ());
}

#[test]
fn odd_values_are_valid_in_every_protocol() {
    for protocol in PROTOCOLS {
        let collector = Collector::builder().start().expect("a free port");
        let report = export(pipeline(protocol, &endpoint(&collector, protocol)), odd_values);
        assert_eq!((report.exported, report.failed, report.dropped), (2, 0, 0), "{protocol:?}: {report}");
        assert!(collector.wait_for(2, PATIENCE));
        let spans = collector.spans();
        let chat = spans.iter().find(|span| span.name == "chat ab").expect("printable");
        assert_eq!(chat.int("gen_ai.request.max_tokens"), Some(i64::MAX), "{protocol:?}");
        let keys: Vec<_> = chat.attributes.iter().map(|(key, _)| key.as_str()).collect();
        assert!(
            !keys.iter().any(|key| key.contains("top_p") || key.contains("usage") || key.contains("agent")),
            "{keys:?}"
        );
        let plain = spans.iter().find(|span| span.name == "unnamed").expect("OTLP wants a name");
        assert_eq!(plain.str("nul"), Some("a\0b"), "{protocol:?}");
        assert_eq!(plain.str("megabyte").map(str::len), Some(1 << 20));
    }
}

/// An independent receiver: the program that `OTLP_SINK` names, or one that lies beside the checkout.
struct Sink {
    child: Child,
    grpc: u64,
    http: u64,
    out: PathBuf,
}

impl Sink {
    /// `Err` with the reason if there is none on this machine.
    fn start(name: &str) -> Result<Self, String> {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/tools/otlp_sink.py");
        let program = std::env::var_os("OTLP_SINK").unwrap_or_else(|| beside.into());
        if !PathBuf::from(&program).exists() {
            return Err("no independent receiver (set OTLP_SINK to one)".to_owned());
        }
        let out = std::env::temp_dir().join(format!("{name}-{}.jsonl", std::process::id()));
        let mut child = Command::new("python3")
            .arg(program)
            .args(["--grpc-port", "0", "--http-port", "0", "--out"])
            .arg(&out)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("no python3: {error}"))?;
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line or the end");
        let ports = line.strip_prefix("READY ").and_then(|json| serde_json::from_str::<serde_json::Value>(json).ok());
        let Some((grpc, http)) = ports.and_then(|ports| ports["grpc"].as_u64().zip(ports["http"].as_u64())) else {
            let _ = child.wait();
            return Err("the receiver did not start (its Python packages are missing?)".to_owned());
        };
        Ok(Self { child, grpc, http, out })
    }

    fn endpoint(&self, protocol: Protocol) -> String {
        format!("http://127.0.0.1:{}", if protocol == Protocol::Grpc { self.grpc } else { self.http })
    }

    fn records(&self) -> Vec<serde_json::Value> {
        // Python writes a double that is no number as a bare word, which is no JSON.
        let text = std::fs::read_to_string(&self.out).expect("written before the answer");
        let text = text.replace(": NaN", ": null").replace(": -Infinity", ": null");
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.out);
    }
}

#[test]
fn an_independent_receiver_finds_nothing_wrong() {
    for protocol in PROTOCOLS {
        let sink = match Sink::start(&format!("{protocol:?}")) {
            Ok(sink) => sink,
            Err(reason) => {
                // Not `eprintln`: the test harness would hide it.
                let _ = writeln!(std::io::stderr(), "SKIPPED an_independent_receiver_finds_nothing_wrong: {reason}");
                return;
            }
        };
        let report = export(pipeline(protocol, &sink.endpoint(protocol)), || {
            work();
            sing();
            odd_values();
        });
        assert_eq!((report.exported, report.failed), (13, 0), "{protocol:?}: {report}");
        let records = sink.records();
        for record in &records {
            let problems: Vec<_> = record["problems"].as_array().into_iter().flatten().collect();
            assert!(problems.is_empty(), "{protocol:?}: {problems:?} on {}", record["name"]);
            assert!(!record.to_string().contains("c4nary"), "{protocol:?}: {record}");
        }
        let of = |signal: &str| records.iter().filter(|record| record["signal"] == signal).collect::<Vec<_>>();
        let spans = of("span");
        assert_eq!(spans.len(), 13);
        assert!(!of("metric").is_empty() && !of("log").is_empty(), "{protocol:?}: {records:?}");
        let turn = spans.iter().find(|span| span["name"] == "chat gpt-4o").expect("exported");
        let attributes = &turn["attributes"];
        assert_eq!(attributes["gen_ai.usage.input_tokens"], 120, "{protocol:?}: {turn}");
        assert_eq!(attributes["gen_ai.response.finish_reasons"], serde_json::json!(["stop", "length"]));
        assert_eq!(attributes["gen_ai.request.stop_sequences"], serde_json::json!(["END", "é"]));
        assert_eq!(attributes["gen_ai.request.temperature"], 0.5);
        assert_eq!(attributes["gen_ai.request.stream"], true);
    }
}
