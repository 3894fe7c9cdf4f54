//! The same plants under a tracer that writes log events: what is in their records.

use opentelemetry::logs::AnyValue;
use opentelemetry_sdk::logs::SdkLogRecord;
use tracing_genai::activity::{Operation, Turn};
use tracing_genai::content::{Content, Destination, Kind};
use tracing_genai::events::Evaluation;

use super::plant::{Plant, Row, row};
use super::{fields, others, rows};
use crate::events::Logs;
use crate::support::{Recorder, with_tracer};

fn evaluate(evaluation: Evaluation) {
    let _ = Turn::chat("openai", "m").start().evaluate(evaluation);
}

fn evaluation() -> Evaluation {
    Evaluation::new("relevance")
}

/// Entrances whose texts leave by records alone.
#[rustfmt::skip]
pub(super) const RECORDS: &[Row] = &[
    row("Evaluation::new", &["gen_ai.evaluation.name"], |c| evaluate(Evaluation::new(c))),
    row("Evaluation::label", &["gen_ai.evaluation.score.label"], |c| evaluate(evaluation().label(c))),
    row("Evaluation::response_id", &["gen_ai.response.id"], |c| evaluate(evaluation().response_id(c))),
    row("Evaluation::error_type", &["error.type"], |c| evaluate(evaluation().error_type(c))),
    row("Evaluation::error_type", &[], |c| evaluate(evaluation().error_type(format!("{c} is ill").as_str()))),
    row("Evaluation::explanation", &[], |c| evaluate(evaluation().explanation(c))).tells(&[Kind::EvaluationExplanation]),
    row("Guard::evaluate", &["gen_ai.evaluation.name"], |c| {
        let _ = Operation::prompt("a").start().evaluate(Evaluation::new(c));
    }),
];

/// Where `canary` is in records: keys of attributes, and what else.
fn places(records: &[SdkLogRecord], canary: &str) -> Vec<String> {
    let holds = |value: &AnyValue| format!("{value:?}").contains(canary);
    let mut found = Vec::new();
    for record in records {
        let told = |part: &str| part.contains(canary).then(|| "another part".to_owned());
        found.extend(record.event_name().and_then(told));
        found.extend(record.target().and_then(|target| told(target)));
        found.extend(record.body().filter(|body| holds(body)).map(|_| "the body".to_owned()));
        for (key, value) in record.attributes_iter() {
            found.extend(told(key.as_str()));
            found.extend(holds(value).then(|| key.to_string()));
        }
    }
    found
}

/// What every row with such a plant leaves in records.
fn planted(content: &Content, mut check: impl FnMut(&Row, Vec<String>)) {
    for row in rows().chain(RECORDS) {
        let (recorder, logs) = (Recorder::default(), Logs::default());
        let tracer = recorder.tracer().with_content(content.clone()).with_logger_provider(logs.provider());
        let work = || match row.plant {
            Plant::Work(work) => work(fields::CANARY),
            Plant::Api(work) => work(&tracer, fields::CANARY),
            Plant::Tracer(_) | Plant::Pipeline(_) => {}
        };
        with_tracer(&recorder, &tracer, || {
            work();
            others::ordinary();
        });
        tracer.interrupt_open_spans();
        assert!(!logs.records().is_empty(), "{}: no record at all", row.entrance);
        check(row, places(&logs.records(), fields::CANARY));
    }
}

fn is_of(kind: Kind, key: &str) -> bool {
    key == kind.attribute() || kind == Kind::PromptVariable && key.starts_with("gen_ai.prompt.variable.")
}

#[test]
fn records_hold_what_is_meant_to_leave_and_no_content() {
    let off = [Content::off(), Content::all(), Content::all().with_destination(Destination::Reference)];
    for content in off {
        planted(&content, |row, places| {
            let elsewhere: Vec<_> = places.iter().filter(|place| !row.leaves.contains(&place.as_str())).collect();
            assert!(elsewhere.is_empty(), "{}: {elsewhere:?}", row.entrance);
        });
    }
}

#[test]
fn content_on_events_is_under_its_own_attribute() {
    let mut told = 0;
    planted(&Content::all().with_destination(Destination::Event), |row, places| {
        let is_meant = |place: &&String| {
            row.leaves.contains(&place.as_str()) || row.content.iter().any(|kind| is_of(*kind, place))
        };
        let elsewhere: Vec<_> = places.iter().filter(|place| !is_meant(place)).collect();
        assert!(elsewhere.is_empty(), "{}: {elsewhere:?}", row.entrance);
        told += places.iter().filter(|place| row.content.iter().any(|kind| is_of(*kind, place))).count();
    });
    assert!(told > 30, "only {told} times: are there events at all?");
}

#[test]
fn what_is_meant_to_leave_by_records_does() {
    for row in RECORDS {
        let (recorder, logs) = (Recorder::default(), Logs::default());
        let content = Content::all().with_destination(Destination::Event);
        let tracer = recorder.tracer().with_content(content).with_logger_provider(logs.provider());
        let Plant::Work(work) = row.plant else { panic!("{}", row.entrance) };
        with_tracer(&recorder, &tracer, || work("c4nary"));
        let places = places(&logs.records(), "c4nary");
        let missing = row.leaves.iter().find(|key| !places.iter().any(|place| place == *key));
        assert!(missing.is_none(), "{}: not under {missing:?}", row.entrance);
        assert!(row.content.iter().all(|kind| places.iter().any(|place| is_of(*kind, place))), "{}", row.entrance);
    }
}
