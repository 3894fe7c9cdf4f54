//! Global state, standard error and self-tracing: each case runs in a process of its own, against a receiver here.

#![cfg(all(feature = "otlp-grpc", feature = "otlp-http"))]

mod support;

use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_proto::tonic::trace::v1::Span;
use support::receiver::Receiver;
use support::{CANARY, TRACES_ONLY};
use tracing::field::Field;
use tracing::metadata::LevelFilter;
use tracing_genai::Carrier;
use tracing_genai::activity::Workflow;
use tracing_genai::pipeline::{InitErrorKind, Pipeline, Protocol};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

/// Runs the ignored test `case` of this file in a new process.
fn run(case: &str, env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", case, "--ignored", "--nocapture"]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OTEL_")) {
        command.env_remove(name);
    }
    for name in ["TRACEPARENT", "TRACESTATE", "BAGGAGE", "TRACING_GENAI_SESSION_ID"] {
        command.env_remove(name);
    }
    let headers = format!("x-key={CANARY}");
    let secret = ("OTEL_EXPORTER_OTLP_HEADERS", headers.as_str());
    command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE");
    let output = command.envs([secret]).envs(env.iter().copied()).output().unwrap();
    let shown = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("1 passed"), "no such case: {case}\n{shown}");
    assert!(!shown.contains(CANARY), "{shown}");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn chat() {
    tracing::debug_span!("chat", gen_ai.operation.name = "chat").in_scope(|| {
        tracing::info!(prompt = "hello", "asking");
    });
}

#[cfg(target_os = "linux")]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[cfg(not(target_os = "linux"))]
fn threads() -> usize {
    0
}

#[test]
fn everything_comes_from_the_environment() {
    for (protocol, receiver) in [("grpc", Receiver::grpc()), ("http/json", Receiver::http())] {
        let url = receiver.url();
        let env = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_SERVICE_NAME", "from-env"),
            ("RUST_LOG", "off"),
        ];
        let output = run("init_once", &env);
        assert_eq!(text(&output.stderr), "", "RUST_LOG=off prints nothing");
        assert_eq!(receiver.names(), ["chat"], "and exports all the same");
        assert_eq!(receiver.headers()["x-key"], CANARY);
    }
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn init_once() {
    let _telemetry = tracing_genai::init().unwrap();
    chat();
}

#[test]
fn a_header_of_code_beats_the_one_of_the_process() {
    for (protocol, receiver) in [("grpc", Receiver::grpc()), ("http/protobuf", Receiver::http())] {
        let url = receiver.url();
        let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
        run("init_with_header", &env);
        assert_eq!(receiver.headers()["x-key"], "from code");
    }
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn init_with_header() {
    let builder = Pipeline::builder().with_header("x-key", "from code");
    let _telemetry = builder.install().unwrap();
    chat();
}

#[test]
fn a_proxy_is_not_asked_for_a_receiver_on_this_machine() {
    let receiver = Receiver::http();
    let url = format!("http://localhost:{}", receiver.address.port());
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str());
    run("init_once", &[endpoint, ("HTTP_PROXY", "http://127.0.0.1:1"), ("http_proxy", "http://127.0.0.1:1")]);
    assert_eq!(receiver.names(), ["chat"]);
}

#[test]
fn a_second_init_is_refused_and_leaves_the_first_working() {
    let receiver = Receiver::http();
    run("init_twice", &[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url())]);
    assert_eq!(receiver.names(), ["chat"]);
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn init_twice() {
    let _telemetry = tracing_genai::init().unwrap();
    let before = threads();
    let error = tracing_genai::init().unwrap_err();
    assert_eq!(error.kind(), InitErrorKind::AlreadyInitialized);
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(threads(), before);
    chat();
}

#[test]
fn a_foreign_subscriber_is_left_alone() {
    run("init_after_another", &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1")]);
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn init_after_another() {
    let seen = Targets::default();
    let subscriber = Registry::default().with(seen.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let before = threads();
    let error = tracing_genai::init().unwrap_err();
    assert_eq!(error.kind(), InitErrorKind::AlreadyInitialized);
    assert_eq!(threads(), before);
    chat();
    // The SDK may report, at debug level, that the provider of the refused pipeline was dropped.
    let seen = seen.0.lock().unwrap();
    let own = seen.iter().filter(|target| *target != "opentelemetry_sdk");
    assert_eq!(own.collect::<Vec<_>>(), ["init", "init"]);
}

#[test]
fn losses_are_told_in_one_line_on_standard_error() {
    let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("RUST_LOG", "off")];
    let output = run("init_once", &env);
    let printed = text(&output.stderr);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    assert!(printed.starts_with("tracing-genai: 0 spans exported, 1 failed, 0 dropped; "), "{printed}");
    assert!(printed.contains("; last error: "), "{printed}");
    assert!(printed.contains("refused"), "{printed}");
}

#[test]
fn log_lines_go_to_standard_error_from_info_on() {
    let [metrics, logs] = TRACES_ONLY;
    let output = run("init_once", &[("OTEL_TRACES_EXPORTER", "none"), metrics, logs]);
    let printed = text(&output.stderr);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    assert!(printed.contains("asking"), "{printed}");
}

#[test]
fn the_console_shows_a_line_a_span_and_no_content() {
    let [metrics, logs] = TRACES_ONLY;
    let output = run("print", &[("OTEL_TRACES_EXPORTER", "console"), ("RUST_LOG", "off"), metrics, logs]);
    let printed = text(&output.stdout);
    let lines: Vec<&str> = printed.lines().filter(|line| line.contains("trace=")).collect();
    assert_eq!(lines.len(), 1, "{printed}");
    assert!(lines[0].contains("chat\\u{a}x  internal  "), "{printed}");
    assert!(lines[0].contains("gen_ai.request.model=m"), "{printed}");
    assert!(!printed.contains("hello"), "{printed}");
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn print() {
    let _telemetry = tracing_genai::init().unwrap();
    tracing::info_span!("chat", otel.name = "chat\nx", gen_ai.request.model = "m", gen_ai.input.messages = "hello",);
}

#[test]
fn the_console_shows_all_signals_and_no_content() {
    let env = ["TRACES", "METRICS", "LOGS"].map(|signal| format!("OTEL_{signal}_EXPORTER"));
    let env: Vec<_> = env.iter().map(|name| (name.as_str(), "console")).chain([("RUST_LOG", "off")]).collect();
    let output = run("print_with_a_meter", &env);
    let printed = text(&output.stdout);
    for line in ["own.counter  3{call} gen_ai.operation.name=chat", "init  warn", "chat\\u{a}x  internal"] {
        assert!(printed.lines().any(|printed| printed.starts_with(line)), "{line} in {printed}");
    }
    assert!(!printed.contains("hello"), "{printed}");
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn print_with_a_meter() {
    let telemetry = Pipeline::builder().with_log_events(LevelFilter::WARN).install().unwrap();
    let meter = telemetry.meter_provider().unwrap().meter("own");
    let labels = [KeyValue::new("gen_ai.operation.name", "chat"), KeyValue::new("prompt", "hello")];
    meter.u64_counter("own.counter").with_unit("{call}").build().add(3, &labels);
    tracing::warn!(prompt = "hello", "hello");
    tracing::info_span!("chat", otel.name = "chat\nx", gen_ai.request.model = "m", gen_ai.input.messages = "hello",);
}

#[test]
fn a_refused_signal_is_told_once() {
    let cases = [
        (Receiver::http_for_traces(), "http/protobuf", ["405 (method not allowed)", "404 (not found)"]),
        (Receiver::grpc_for_traces(), "grpc", ["UNIMPLEMENTED", "UNIMPLEMENTED"]),
    ];
    for (receiver, protocol, [metrics, logs]) in cases {
        let url = receiver.url() + "/?key=c4n4ry-5ecret";
        let env = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("RUST_LOG", "off"),
        ];
        let printed = text(&run("use_what_is_refused", &env).stderr);
        let mut lines: Vec<&str> = printed.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines.len(), 2, "{printed}");
        for (line, signal, answer) in [(lines[0], "logs", logs), (lines[1], "metrics", metrics)] {
            let begin = format!("tracing-genai: no more {signal} are sent: {}", receiver.url());
            assert!(line.starts_with(&begin), "{line}");
            assert!(line.contains(&format!(" answers {answer}; ")), "{line}");
            assert!(line.contains(&format!("OTEL_{}_EXPORTER=none", signal.to_uppercase())), "{line}");
        }
        assert_eq!(receiver.names(), ["chat"; 2]);
    }
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn use_what_is_refused() {
    let telemetry = Pipeline::builder().with_log_events(LevelFilter::INFO).install().unwrap();
    let meter = telemetry.meter_provider().unwrap().meter("own");
    for _ in 0..2 {
        meter.u64_counter("own.counter").build().add(1, &[]);
        tracing::info!("hello");
        chat();
        telemetry.flush(Duration::from_secs(5)).unwrap();
    }
    let report = telemetry.shutdown();
    assert_eq!((report.exported, report.failed, report.dropped), (2, 0, 0), "{report}");
    assert_eq!((report.metrics.exported, report.metrics.failed, report.metrics.refused), (0, 0, 1), "{report}");
    assert_eq!((report.logs.exported, report.logs.failed, report.logs.dropped), (0, 0, 0), "{report}");
    assert!(report.logs.refused >= 2, "{report}");
}

/// Records the target of every span and event, at every level.
#[derive(Clone, Default)]
struct Targets(Arc<Mutex<Vec<String>>>);

impl Layer<Registry> for Targets {
    fn on_new_span(&self, span: &tracing::span::Attributes<'_>, _: &tracing::Id, _: Context<'_, Registry>) {
        self.0.lock().unwrap().push(span.metadata().target().to_owned());
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, Registry>) {
        event.record(&mut |_: &Field, _: &dyn std::fmt::Debug| {});
        self.0.lock().unwrap().push(event.metadata().target().to_owned());
    }
}

#[test]
fn export_never_traces_itself() {
    // By name, so that resolving it takes part.
    for (protocol, receiver) in [("grpc", Receiver::grpc()), ("http/protobuf", Receiver::http())] {
        let url = format!("http://localhost:{}", receiver.address.port());
        let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
        run("record_targets", &env);
        assert_eq!(receiver.names(), ["chat"]);
        let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
        run("record_targets", &env);
    }
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn record_targets() {
    let targets = Targets::default();
    let telemetry = Pipeline::builder().build().unwrap();
    let subscriber = Registry::default().with(targets.clone());
    tracing::subscriber::set_global_default(subscriber.with(telemetry.layer())).unwrap();
    chat();
    // The outcome differs by parent: a receiver, or nobody.
    let _ = telemetry.flush(Duration::from_secs(5));
    let _ = telemetry.shutdown();
    assert_eq!(*targets.0.lock().unwrap(), ["init", "init"]);
}

#[test]
fn a_bad_variable_is_told_once_and_nothing_runs() {
    run("init_with_bad_protocol", &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http")]);
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn init_with_bad_protocol() {
    let before = threads();
    let error = tracing_genai::init().unwrap_err();
    assert_eq!(error.kind(), InitErrorKind::Variable);
    let mend = "use grpc, http/protobuf or http/json";
    let expected = format!("bad value \"http\" in OTEL_EXPORTER_OTLP_PROTOCOL: {mend}");
    assert_eq!(error.to_string(), expected);
    assert_eq!(threads(), before);
    // The process is as before: a good configuration can still be installed.
    let env = tracing_genai::pipeline::Env::from_iter([("OTEL_SDK_DISABLED", "true")]);
    let _telemetry = Pipeline::builder().with_env(env).install().unwrap();
}

/// A job in a queue: the carrier beside what the job itself needs.
#[derive(serde::Serialize, serde::Deserialize)]
struct Job {
    #[serde(flatten)]
    place: Option<Carrier>,
    ticket: u32,
}

#[test]
fn a_started_process_and_a_queued_job_go_on_in_the_trace() {
    let receiver = Receiver::http();
    let url = receiver.url();
    let telemetry = support::to(&url, Protocol::HttpProtobuf).build().unwrap();
    let place = tracing::subscriber::with_default(Registry::default().with(telemetry.layer()), || {
        Workflow::new("starter").start().carrier().unwrap()
    });
    let _ = telemetry.shutdown();
    let place = place.with_baggage_entry("session.id", "s-1");
    let job = serde_json::to_string(&Job { place: Some(place.clone()), ticket: 7 }).unwrap();
    let mut env = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()), ("JOB", &job), ("RUST_LOG", "off")];
    let own: Vec<_> = place.envs().collect();
    env.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
    let output = run("go_on", &env);
    assert_eq!(text(&output.stderr), "");
    let spans = receiver.spans();
    let starter = spans.iter().find(|span| span.name == "invoke_workflow starter").unwrap();
    for name in ["invoke_workflow started", "invoke_workflow job"] {
        let span = spans.iter().find(|span| span.name == name).unwrap();
        assert_eq!((&span.trace_id, &span.parent_span_id), (&starter.trace_id, &starter.span_id), "{name}");
        let session = span.attributes.iter().find(|attribute| attribute.key == "session.id").unwrap();
        assert!(format!("{session:?}").contains("s-1"), "{name}: {session:?}");
    }
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn go_on() {
    let _telemetry = Pipeline::builder().with_baggage(["session.id"]).install().unwrap();
    assert_eq!(Carrier::from_env().unwrap().unwrap().traceparent(), std::env::var("TRACEPARENT").unwrap());
    Workflow::new("started").start().finish();
    let job: Job = serde_json::from_str(&std::env::var("JOB").unwrap()).unwrap();
    assert_eq!(job.ticket, 7);
    let place = job.place.unwrap().with_baggage(["session.id"]);
    Workflow::new("job").continues(&place).start().finish();
}

/// The first process dies with the run open; the second has only what was stored.
#[test]
fn a_run_resumes_in_another_process() {
    let receiver = Receiver::http();
    let url = receiver.url();
    let telemetry = support::to(&url, Protocol::HttpProtobuf).build().unwrap();
    let stored = tracing::subscriber::with_default(Registry::default().with(telemetry.layer()), || {
        let run = Workflow::new("w").run_id("r").start();
        let stored = serde_json::to_string(&run.checkpoint().unwrap()).unwrap();
        std::mem::forget(run);
        stored
    });
    assert_eq!(telemetry.shutdown().interrupted, 1);
    run(
        "go_on_with_the_run",
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()), ("STORED", &stored), ("RUST_LOG", "off")],
    );
    let spans = receiver.spans();
    let [first, second] = spans.as_slice() else { panic!("two segments: {spans:#?}") };
    let is = |span: &Span, key: &str, value: any_value::Value| {
        let held = span.attributes.iter().find(|attribute| attribute.key == key).and_then(|held| held.value.as_ref());
        held.is_some_and(|held| held.value == Some(value))
    };
    assert!(is(first, "agentic.forced_close", any_value::Value::StringValue("shutdown".into())));
    assert!(is(second, "agentic.run.segment", any_value::Value::IntValue(1)));
    assert!(is(second, "agentic.run.id", any_value::Value::StringValue("r".into())));
    assert_eq!((&second.links[0].trace_id, &second.links[0].span_id), (&first.trace_id, &first.span_id));
    assert!(second.parent_span_id.is_empty() && second.trace_id != first.trace_id);
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn go_on_with_the_run() {
    let _telemetry = Pipeline::builder().install().unwrap();
    let checkpoint: Carrier = serde_json::from_str(&std::env::var("STORED").unwrap()).unwrap();
    Workflow::new("w").resume_from(&checkpoint).start().finish();
}

/// `session.id` of the only span that arrived.
fn session(receiver: &Receiver) -> String {
    let spans = receiver.spans();
    let session = spans[0].attributes.iter().find(|attribute| attribute.key == "session.id").unwrap();
    match session.value.clone().unwrap().value {
        Some(any_value::Value::StringValue(id)) => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_session_of_the_environment_beats_that_of_code() {
    let (code, variable) = ("4cc42e54-cd46-54a6-acbd-e2e92e71cbbd", "ee76931b-06fa-5da6-a019-5a8237efd496");
    for (given, expected) in [("", code), (variable, variable)] {
        let receiver = Receiver::http();
        let url = receiver.url();
        let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()), ("TRACING_GENAI_SESSION_ID", given), ("CODE", code)];
        run("init_with_session", &env);
        assert_eq!(session(&receiver), expected);
    }
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn init_with_session() {
    let id = std::env::var("CODE").unwrap().parse().unwrap();
    let _telemetry = Pipeline::builder().with_session_id(id).install().unwrap();
    chat();
}

#[test]
fn a_bad_place_or_session_is_told_in_one_line_and_keeps_nothing_from_running() {
    let receiver = Receiver::http();
    let url = receiver.url();
    let long = "x\n".repeat(100);
    let env = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
        ("TRACEPARENT", "00-0-0-0"),
        ("TRACING_GENAI_SESSION_ID", &long),
        ("RUST_LOG", "off"),
    ];
    let printed = text(&run("init_once", &env).stderr);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 2, "{printed}");
    // Without the values: they came from outside, and what they hold nobody knows.
    assert_eq!(lines[0], "tracing-genai: bad value: malformed; in TRACEPARENT, traces begin here instead");
    assert!(lines[1].starts_with("tracing-genai: no UUID; in TRACING_GENAI_SESSION_ID, the session is "), "{printed}");
    assert!(receiver.spans()[0].parent_span_id.is_empty());
    assert!(lines[1].contains(&session(&receiver)), "the new session is told: {printed}");
}
