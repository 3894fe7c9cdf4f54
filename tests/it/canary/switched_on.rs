//! Content switched on, the same plants: each leaves under its own attribute, and only if it was chosen.

use std::process::Command;
use std::time::Duration;

use opentelemetry::trace::{Span as _, SpanBuilder, Tracer as _};
use opentelemetry::{Context, KeyValue};
use tracing_genai::activity::{Operation, Tool, Turn};
use tracing_genai::collector::{Holder, Part, Place, Signal};
use tracing_genai::content::{Content, Decision, Destination, Item, Kind};
use tracing_genai::pipeline::{Env, Protocol};
use tracing_subscriber::layer::SubscriberExt;

use super::plant::{Plant, Row};
use super::{Stage, fields, is_meant, others, part, rows};

/// In what may leave.
const CHOSEN: &str = "the c4nary-4711 is chosen";

const VARIABLE: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

/// Whether content of `kind` is meant to be there.
fn is_place_of(kind: Kind, place: &Place) -> bool {
    match (&place.holder, &place.part) {
        (Holder::Span, Part::StatusMessage) => kind == Kind::ErrorMessage,
        (Holder::Event(Some(name)), Part::Value(key)) => {
            let holds_it = match kind {
                Kind::ErrorMessage | Kind::ErrorStack => name == "exception" || name == "event",
                Kind::LogMessage | Kind::LogFields => name == "log",
                _ => true,
            };
            holds_it && key == kind.attribute()
        }
        (Holder::Span | Holder::Log, Part::Value(key)) if kind == Kind::PromptVariable => {
            key.starts_with("gen_ai.prompt.variable.")
        }
        // Events have a record of their own.
        (Holder::Span | Holder::Log, Part::Value(key)) => key == kind.attribute(),
        _ => false,
    }
}

/// What is wrong with where a canary is, if all kinds may leave.
fn mistakes(row: &Row, places: &[Place]) -> Vec<String> {
    let kinds = || row.content.iter().copied();
    let elsewhere =
        places.iter().filter(|place| !is_meant(row, place) && !kinds().any(|kind| is_place_of(kind, place)));
    let missing = kinds().filter(|kind| !places.iter().any(|place| is_place_of(*kind, place)));
    let elsewhere = elsewhere.map(|place| format!("{}: {place}", row.entrance));
    elsewhere.chain(missing.map(|kind| format!("{}: not as {kind}", row.entrance))).collect()
}

pub(super) fn all_of_it_leaves_under_its_own_attribute() {
    let stage = Stage::new(Protocol::HttpProtobuf, |builder| builder.with_content(Content::all()));
    let planted = rows().filter(|row| matches!(row.plant, Plant::Work(_) | Plant::Api(_))).enumerate();
    let mistakes: Vec<_> = planted
        .flat_map(|(number, row)| {
            let canary = format!("c4nary{number:04}x");
            mistakes(row, &stage.plant(row, &canary))
        })
        .collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    let stats = stage.telemetry.tracer().stats();
    assert_eq!((stats.content_dropped, stats.content_truncated, stats.content_refused), (0, 0, 0), "{stats:?}");
}

/// Everything that stays in by default is planted at once, as one canary what may leave as `chosen`, as another what
/// may not; where they are.
fn sow(content: Content, chosen: Option<Kind>) -> [Vec<Place>; 2] {
    let stage = Stage::new(Protocol::HttpProtobuf, |builder| builder.with_content(content).with_max_queue_size(10_000));
    let tracer = stage.telemetry.tracer();
    let plant = |row: &Row| {
        let canary = if chosen.is_some_and(|kind| row.content.contains(&kind)) { CHOSEN } else { fields::CANARY };
        match row.plant {
            Plant::Work(work) => work(canary),
            Plant::Api(work) => work(&tracer, canary),
            Plant::Tracer(_) | Plant::Pipeline(_) => {}
        }
    };
    let subscriber = tracing_subscriber::registry().with(tracer.clone().into_layer());
    tracing::subscriber::with_default(subscriber, || {
        rows().filter(|row| row.leaves.is_empty()).for_each(plant);
    });
    tracer.interrupt_open_spans();
    stage.telemetry.flush(super::PATIENCE).expect("exported");
    assert!(stage.collector.spans().len() > 100);
    [CHOSEN, fields::CANARY].map(|canary| stage.collector.find_text(canary))
}

pub(super) fn only_the_chosen_kind_leaves() {
    for kind in Kind::all() {
        let [places, others] = sow(Content::only([kind]), Some(kind));
        let elsewhere: Vec<_> = places.iter().filter(|place| !is_place_of(kind, place)).collect();
        assert!(elsewhere.is_empty() && others.is_empty(), "{kind}: {elsewhere:#?} {others:#?}");
        let told = rows().filter(|row| row.leaves.is_empty() && row.content.contains(&kind)).count();
        assert!(places.len() >= told, "{kind}: {told} rows, {places:#?}");
    }
    let [places, _] = sow(Content::all().except([Kind::InputMessages]), Some(Kind::InputMessages));
    assert!(!places.iter().any(|place| is_place_of(Kind::InputMessages, place)), "{places:#?}");
}

pub(super) fn nothing_leaves_where_it_is_not_meant_to() {
    let panics = |_: Item| -> Decision { std::panic::resume_unwind(Box::new("as asked")) };
    let [_, places] = sow(Content::all().with_destination(Destination::Event), None);
    let of_content = |key: &str| Kind::all().any(|kind| key.starts_with(kind.attribute()));
    let is_place = |place: &&Place| place.signal == Signal::Logs && part(place).is_some_and(of_content);
    let elsewhere: Vec<_> = places.iter().filter(|place| !is_place(place)).collect();
    assert!(elsewhere.is_empty() && !places.is_empty(), "{elsewhere:#?}");
    for content in [
        Content::all().with_destination(Destination::Reference),
        Content::custom(|_: Item| Decision::Omit),
        Content::custom(panics).with_time_limit(Duration::from_secs(20)),
    ] {
        let shown = format!("{content:?}");
        assert_eq!(sow(content, None)[1], [], "{shown}");
    }
}

/// Every kind has a plant, or it is told why not.
#[test]
fn every_kind_is_planted() {
    let told: Vec<_> = rows().flat_map(|row| row.content).collect();
    let without: Vec<_> = Kind::all().filter(|kind| !told.contains(&kind)).collect();
    assert!(without.is_empty(), "{without:?}");
}

/// The environment says no: whatever the code says, nothing leaves.
#[test]
fn the_environment_can_switch_it_off() {
    for value in ["NO_CONTENT", "false", "no such word"] {
        let mut command = Command::new(std::env::current_exe().expect("this test"));
        command.args(["--exact", "canary::switched_on::switched_off_from_outside", "--ignored", "--nocapture"]);
        let output = command.env(VARIABLE, value).output().expect("started");
        let shown = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success() && shown.contains("1 passed"), "{value}: {shown}");
        assert!(!shown.contains("c4nary"), "{value}: {shown}");
    }
}

#[test]
#[ignore = "run by its parent in a process of its own"]
fn switched_off_from_outside() {
    let stage = Stage::new(Protocol::HttpProtobuf, |builder| builder);
    let by_code = stage.telemetry.tracer().with_content(Content::all());
    let by_pipeline =
        Stage::new(Protocol::HttpProtobuf, |builder| builder.with_env(Env::process()).with_content(Content::all()));
    for (stage, tracer) in [(&stage, by_code), (&by_pipeline, by_pipeline.telemetry.tracer())] {
        let work = || {
            for row in rows().filter(|row| row.leaves.is_empty()) {
                match row.plant {
                    Plant::Work(work) => work(fields::CANARY),
                    Plant::Api(work) => work(&tracer, fields::CANARY),
                    Plant::Tracer(_) | Plant::Pipeline(_) => {}
                }
            }
            fields::sing();
            others::ordinary();
        };
        assert_eq!(stage.observe(&tracer, fields::CANARY, work), []);
    }
}

#[test]
fn the_audit_tells_what_of_content_leaves() {
    let audit = |content: Content| {
        let noop = opentelemetry::trace::noop::NoopTracer::new();
        tracing_genai::GenAiTracer::new(noop).with_content(content).audit().to_string()
    };
    assert!(audit(Content::off()).contains("| content that leaves, `with_content` | none |"));
    let chosen = audit(Content::only([Kind::ToolArguments, Kind::ToolResult]).with_attribute_budget(10));
    for line in [
        "| attributes | `gen_ai.tool.call.arguments`, `gen_ai.tool.call.result` |",
        "| who decides | all of these |",
        "| in a store | no |",
        "| bytes on spans | 10 an attribute, 262144 a span |",
        "| redactors | 0 |",
    ] {
        assert!(chosen.contains(line), "{line} is not in\n{chosen}");
    }
    let custom = audit(Content::custom(|item: Item| item.inline()).with_destination(Destination::Reference));
    let all = Kind::all().all(|kind| custom.contains(kind.attribute()));
    assert!(all && custom.contains("| who decides | a policy") && custom.contains("| on spans | no |"), "{custom}");
}

/// What waits for the end of its span is in nobody's `Debug`.
#[test]
fn content_that_is_held_is_not_shown() {
    let stage = Stage::new(Protocol::HttpProtobuf, |builder| builder.with_content(Content::all()));
    let tracer = stage.telemetry.tracer();
    let mut shown = String::new();
    let places = stage.observe(&tracer, "c4nary-7312", || {
        let agent = Operation::prompt("a").start();
        agent.agent_description("c4nary-7312");
        agent.in_scope(|| {
            tracing::error!("c4nary-7312");
            let turn = Turn::chat("openai", "m").start();
            turn.system_instructions("c4nary-7312");
            let tool = Tool::new("t").start();
            tool.arguments("c4nary-7312").result_with(|| "c4nary-7312");
            let context = opentelemetry::Context::current();
            shown = format!("{agent:?} {turn:?} {tool:?} {tracer:?} {:?} {context:?}", tracing::Span::current());
            let inside = |name: &'static str| SpanBuilder::from_name(name);
            let chat =
                vec![KeyValue::new("gen_ai.operation.name", "chat"), KeyValue::new("gen_ai.prompt", "c4nary-7312")];
            for builder in [inside("x").with_attributes(chat), inside("plain")] {
                let mut span = tracer.build_with_context(builder, &Context::current());
                span.record_error(&super::plant::broken("c4nary-7312"));
                span.add_event("exception", vec![KeyValue::new("exception.message", "c4nary-7312")]);
                shown.push_str(&format!("{span:?}"));
            }
        });
        shown.push_str(&format!("{:?} {:?} {:?}", stage.telemetry, tracer.stats(), tracer.audit()));
    });
    assert!(!shown.contains("c4nary") && shown.contains("gen_ai.input.messages"), "{shown}");
    assert!(places.len() > 4, "{places:#?}");
}
