//! A canary through every public entrance: it leaves where it is meant to, or not at all.
//!
//! The entrances are read off the sources ([`surface`]), so that a new one fails here until it has a row.

mod calls;
mod contents;
mod exchanges;
mod fields;
mod keys;
mod nested;
mod others;
mod plant;
mod policies;
mod records;
mod rows;
mod streamed;
mod surface;
mod switched_on;
mod tokens;

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use tracing_genai::collector::{Collector, Holder, Part, Place};
use tracing_genai::pipeline::{Env, Pipeline, PipelineBuilder, Protocol, Telemetry};
use tracing_subscriber::layer::SubscriberExt;

use plant::{Plant, Row};

const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson];

/// In variables of the process that the test runs in.
const ENVIRONMENT: &str = "c4nary-env-7312";

const PATIENCE: Duration = Duration::from_secs(20);

/// Attributes whose text is in the span's name, too.
const NAMING: &[&str] = &[
    "agentic.operation.kind",
    "gen_ai.agent.name",
    "gen_ai.data_source.id",
    "gen_ai.prompt.name",
    "gen_ai.request.model",
    "gen_ai.skill.name",
    "gen_ai.skill.resource.name",
    "gen_ai.tool.name",
    "gen_ai.workflow.name",
    "mcp.method.name",
    "process.executable.name",
];

fn rows() -> impl Iterator<Item = &'static Row> {
    rows::GUARDS
        .iter()
        .chain(contents::CONTENTS)
        .copied()
        .flatten()
        .chain(others::OTHERS)
        .chain(policies::POLICIES)
        .chain(streamed::STREAMED)
        .chain(exchanges::EXCHANGES)
        .chain(calls::CALLS)
}

/// A pipeline to a collector of its own.
struct Stage {
    collector: Collector,
    telemetry: Telemetry,
}

impl Stage {
    fn new(protocol: Protocol, set: impl FnOnce(PipelineBuilder) -> PipelineBuilder) -> Self {
        let collector = Collector::builder().start().expect("a free port");
        let grpc = protocol == Protocol::Grpc;
        let endpoint = if grpc { collector.grpc_endpoint() } else { collector.http_endpoint() };
        let builder = set(Pipeline::builder().with_env(Env::empty()));
        let telemetry = builder.with_protocol(protocol).with_endpoint(endpoint).build().expect("good settings");
        Self { collector, telemetry }
    }

    /// Runs `work` under `tracer`, exports it and gives how often `canary` came out where.
    fn observe(&self, tracer: &plant::Tracer, canary: &str, work: impl FnOnce()) -> Vec<Place> {
        let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
        tracing::subscriber::with_default(subscriber, work);
        tracer.interrupt_open_spans();
        self.telemetry.flush(PATIENCE).expect("exported");
        let places = self.collector.find_text(canary);
        if places.is_empty() {
            assert!(!self.collector.spans().is_empty(), "no span came out");
        }
        self.collector.take_all();
        self.collector.take_metrics();
        self.collector.take_logs();
        places
    }

    /// Runs `work` under the pipeline's own tracer.
    fn run(&self, canary: &str, work: impl FnOnce()) -> Vec<Place> {
        self.observe(&self.telemetry.tracer(), canary, work)
    }

    fn plant(&self, row: &Row, canary: &str) -> Vec<Place> {
        let tracer = self.telemetry.tracer();
        match row.plant {
            Plant::Work(work) => self.run(canary, || {
                work(canary);
                others::ordinary();
            }),
            Plant::Api(work) => self.run(canary, || {
                work(&tracer, canary);
                others::ordinary();
            }),
            Plant::Tracer(set) => self.observe(&set(tracer, canary), canary, others::ordinary),
            Plant::Pipeline(set) => {
                let stage = Self::new(Protocol::HttpProtobuf, |builder| set(builder, canary));
                let places = stage.run(canary, others::ordinary);
                let mut shown = format!("{:?} {:?}", stage.telemetry, stage.telemetry.tracer().stats());
                shown.push_str(&format!("{:?}", stage.telemetry.shutdown()));
                assert!(!others::is_secret(row) || !shown.contains(canary), "{} is shown", row.entrance);
                places
            }
        }
    }
}

/// The attribute, or other part, that a place is.
fn part(place: &Place) -> Option<&str> {
    match (&place.holder, &place.part) {
        // Labels and attributes of log events are attributes of spans, and no others.
        (Holder::Span | Holder::Resource | Holder::Point | Holder::Log, Part::Value(key)) => Some(key),
        (Holder::Event(Some(name)), Part::Value(key)) if name == "exception" && key.starts_with("exception.") => {
            Some(key)
        }
        (Holder::Event(Some(name)), Part::Value(key)) if name == "log" && key.starts_with("agentic.log.") => Some(key),
        (Holder::Event(Some(name)), Part::Value(key))
            if name == "log" && key.starts_with("agentic.content.ref.log_") =>
        {
            Some(key)
        }
        (Holder::Span, Part::TraceState) => Some("tracestate"),
        _ => None,
    }
}

fn is_meant(row: &Row, place: &Place) -> bool {
    let names = row.leaves.iter().any(|key| NAMING.contains(key));
    let is_name = place.holder == Holder::Span && place.part == Part::Name;
    is_name && names || part(place).is_some_and(|key| row.leaves.contains(&key))
}

#[test]
fn every_entrance_has_a_row() {
    let found = surface::entrances();
    let told: BTreeSet<String> = rows()
        .chain(records::RECORDS)
        .map(|row| row.entrance)
        .chain(others::EXEMPT.iter().chain(exchanges::EXEMPT).chain(calls::EXEMPT).map(|row| row.0))
        .map(String::from)
        .collect();
    let without: Vec<_> = found.difference(&told).collect();
    assert!(without.is_empty(), "plant a canary through these, in tests/it/canary/rows.rs or others.rs: {without:#?}");
    let gone: Vec<_> = told.difference(&found).collect();
    assert!(gone.is_empty(), "these are no entrances any more: {gone:#?}");
    assert!(found.len() > 200, "{} entrances: are the sources read at all?", found.len());
}

fn every_canary_stays_in_or_leaves_where_it_is_meant_to() {
    let stage = Stage::new(Protocol::HttpProtobuf, |builder| builder);
    let mut wrong = Vec::new();
    for (number, row) in rows().enumerate() {
        let canary = format!("c4nary{number:04}x");
        let places = stage.plant(row, &canary);
        let elsewhere = places.iter().filter(|place| !is_meant(row, place));
        wrong.extend(elsewhere.map(|place| format!("{}: {place}", row.entrance)));
        let missing = row.leaves.iter().filter(|key| !places.iter().any(|place| part(place) == Some(key)));
        wrong.extend(missing.map(|key| format!("{}: not under {key}", row.entrance)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_audit_tells_of_every_attribute_that_text_leaves_under() {
    let noop = opentelemetry::trace::noop::NoopTracer::new();
    let audit = tracing_genai::GenAiTracer::new(noop).audit().to_string();
    let of_resource = |row: &&Row| matches!(row.plant, Plant::Pipeline(_));
    for row in rows().filter(|row| !of_resource(row)) {
        for key in row.leaves {
            let template = key.rsplit_once('.').map(|(of, _)| format!("{of}.*")).unwrap_or_default();
            let is_told = |key: &str| audit.lines().any(|line| line.starts_with(&format!("| `{key}` |")));
            let told = is_told(key) || is_told(&template);
            assert!(told, "{}: {key} is not in\n{audit}", row.entrance);
        }
    }
    for key in NAMING {
        assert!(audit.lines().any(|line| line == format!("- `{key}`")), "{key} is in no name by\n{audit}");
    }
}

/// All that stays in, by every protocol, at once.
fn nothing_that_stays_in_is_on_the_wire() {
    for protocol in PROTOCOLS {
        let stage = Stage::new(protocol, |builder| builder.with_header("x-key", fields::CANARY));
        let subscriber = tracing_subscriber::registry().with(stage.telemetry.layer());
        tracing::subscriber::with_default(subscriber, || {
            for row in rows().filter(|row| row.leaves.is_empty()) {
                match row.plant {
                    Plant::Work(work) => work(fields::CANARY),
                    Plant::Api(work) => work(&stage.telemetry.tracer(), fields::CANARY),
                    Plant::Tracer(_) | Plant::Pipeline(_) => {}
                }
            }
            crate::content::sing();
            fields::sing();
        });
        let Stage { collector, telemetry } = stage;
        let shown = format!("{telemetry:?} {:?}", telemetry.tracer().stats());
        let report = telemetry.shutdown();
        assert!(!format!("{shown}{report:?}{report}").contains("c4nary"), "{report}");
        assert!(report.exported > 40 && report.failed + report.dropped == 0, "{report}");
        collector.assert_no_content(fields::CANARY);
        collector.assert_no_content(crate::content::CANARY);
    }
}

/// What the process was started with; see the test below.
fn nothing_of_the_environment_leaves() {
    for protocol in PROTOCOLS {
        let stage = Stage::new(protocol, |builder| builder.with_env(Env::process()));
        assert_eq!(stage.run(fields::CANARY, others::ordinary), [], "{protocol:?}");
        assert_eq!(stage.run(ENVIRONMENT, others::ordinary), [], "{protocol:?}");
        let shown = format!("{:?} {:?}", stage.telemetry, Env::process());
        let shown = format!("{shown} {:?}", stage.telemetry.shutdown());
        assert!(!shown.contains(ENVIRONMENT), "{shown}");
    }
}

/// User and password of an address are a secret as headers are.
#[test]
fn an_address_is_shown_without_its_password() {
    for url in [
        "http://u:c4nary-7312@127.0.0.1:1",
        "http://c4nary-7312@127.0.0.1:1",
        "ftp://u:c4nary-7312@x",
        "http://u:c4nary-7312@ x",
    ] {
        for protocol in PROTOCOLS {
            let builder = Pipeline::builder().with_env(Env::empty()).with_protocol(protocol).with_endpoint(url);
            let mut shown = format!("{builder:?}");
            match builder
                .with_timeout(Duration::from_millis(50))
                .with_shutdown_timeout(Duration::from_millis(50))
                .build()
            {
                Ok(telemetry) => {
                    shown.push_str(&format!("{telemetry:?}"));
                    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
                    tracing::subscriber::with_default(subscriber, others::ordinary);
                    shown.push_str(&format!("{:?}", telemetry.shutdown()));
                }
                Err(error) => {
                    let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
                    chain.for_each(|error| shown.push_str(&format!("{error} {error:?}")));
                }
            }
            assert!(!shown.contains("c4nary"), "{protocol:?} {url}: {shown}");
        }
    }
}

/// The whole of it in a process of its own: what it prints is looked at, too.
#[test]
fn nothing_is_said_on_standard_output_or_error() {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", "canary::all_canaries", "--ignored", "--nocapture"]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("OTEL_")) {
        command.env_remove(name);
    }
    let header = format!("x-key={ENVIRONMENT}");
    command.env("OTEL_EXPORTER_OTLP_HEADERS", &header).env("OTEL_EXPORTER_OTLP_TRACES_HEADERS", &header);
    command.env("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    command.env("BAGGAGE", format!("user.id={ENVIRONMENT},{ENVIRONMENT}=1")).env("RUST_BACKTRACE", "0");
    let output = command.output().expect("started");
    let shown = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
    let lines: Vec<_> = shown.lines().filter(|line| line.to_lowercase().contains("c4nary")).collect();
    assert!(lines.is_empty(), "{lines:#?}");
    assert!(shown.contains("tracing-genai: a GenAI span has a field"), "nothing was said at all: {shown}");
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn all_canaries() {
    every_canary_stays_in_or_leaves_where_it_is_meant_to();
    nothing_that_stays_in_is_on_the_wire();
    nothing_of_the_environment_leaves();
    switched_on::all_of_it_leaves_under_its_own_attribute();
    switched_on::only_the_chosen_kind_leaves();
    switched_on::nothing_leaves_where_it_is_not_meant_to();
}
