//! Log events: what is written for what code, and what never is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use opentelemetry::KeyValue;
use opentelemetry::logs::AnyValue;
use opentelemetry::trace::{Span, SpanBuilder, SpanId, Status, TraceId, Tracer};
use opentelemetry_sdk::logs::{InMemoryLogExporter, LogProcessor, SdkLogRecord, SdkLoggerProvider};
use opentelemetry_sdk::trace::{Sampler, SdkTracer};
use serde_json::{Value, json};
use tracing::info_span;
use tracing_genai::activity::{Embeddings, McpClientRequest, Operation, RemoteAgent, Retrieval, Tool, Turn, Usage};
use tracing_genai::content::{Content, Destination, Kind, Message, Part, Redactor, ToolDefinition};
use tracing_genai::events::Evaluation;
use tracing_genai::{Carrier, GenAiTracer};

use crate::support::{Recorder, with_tracer};

mod contents;
mod states;

/// A logger provider that keeps what it is given.
pub(crate) struct Logs {
    provider: SdkLoggerProvider,
    exporter: InMemoryLogExporter,
}

impl Default for Logs {
    fn default() -> Self {
        let exporter = InMemoryLogExporter::default();
        let provider = SdkLoggerProvider::builder().with_simple_exporter(exporter.clone()).build();
        Self { provider, exporter }
    }
}

impl Logs {
    pub(crate) fn provider(&self) -> &SdkLoggerProvider {
        &self.provider
    }

    pub(crate) fn records(&self) -> Vec<SdkLogRecord> {
        let logs = self.exporter.get_emitted_logs().expect("in memory");
        logs.into_iter().map(|log| log.record).collect()
    }

    /// The records of that event.
    fn of(&self, name: &str) -> Vec<SdkLogRecord> {
        self.records().into_iter().filter(|record| record.event_name() == Some(name)).collect()
    }

    /// Each record with its place, then its body and its attributes by key.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for record in self.records() {
            let place = record.trace_context().expect("a place");
            let severity = record.severity_number().map_or("-", |severity| severity.name());
            let flags = place.trace_flags.expect("flags").to_u8();
            let (trace, span) =
                (u128::from_be_bytes(place.trace_id.to_bytes()), u64::from_be_bytes(place.span_id.to_bytes()));
            let name = record.event_name().expect("a name");
            let _ = writeln!(text, "{name} {severity} {trace:x}/{span:x}/{flags}");
            if let Some(body) = record.body() {
                let _ = writeln!(text, "    {}", json_of(body));
            }
            for (key, value) in attributes(&record) {
                let _ = writeln!(text, "    {key} = {value}");
            }
        }
        text
    }
}

/// The attributes of a record by key; each must be there once.
pub(crate) fn attributes(record: &SdkLogRecord) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (key, value) in record.attributes_iter() {
        assert!(all.insert(key.to_string(), json_of(value)).is_none(), "{key} twice");
    }
    all
}

pub(crate) fn json_of(value: &AnyValue) -> Value {
    match value {
        AnyValue::Int(value) => json!(value),
        AnyValue::Double(value) => json!(value),
        AnyValue::String(value) => json!(value.as_str()),
        AnyValue::Boolean(value) => json!(value),
        AnyValue::ListAny(items) => items.iter().map(json_of).collect(),
        AnyValue::Map(members) => {
            Value::Object(members.iter().map(|(key, value)| (key.to_string(), json_of(value))).collect())
        }
        other => panic!("{other:?}"),
    }
}

/// Runs `work` under a tracer with a logger, changed by `set`.
pub(crate) fn with_events(
    set: impl FnOnce(GenAiTracer<SdkTracer>) -> GenAiTracer<SdkTracer>,
    work: impl FnOnce(),
) -> (Recorder, Logs) {
    let (recorder, logs) = (Recorder::default(), Logs::default());
    let tracer = set(recorder.tracer()).with_logger_provider(logs.provider());
    with_tracer(&recorder, &tracer, work);
    (recorder, logs)
}

pub(crate) fn content(content: Content) -> impl FnOnce(GenAiTracer<SdkTracer>) -> GenAiTracer<SdkTracer> {
    move |tracer| tracer.with_content(content)
}

#[derive(Debug, thiserror::Error)]
#[error("no quota for {0}")]
pub(crate) struct NoQuota(pub(crate) &'static str);

/// A turn with everything.
pub(crate) fn turn() {
    let turn = Turn::chat("openai", "gpt-4o").temperature(0.5).server("api.openai.com", 443).start();
    turn.system_instructions("Be brief.")
        .tool_definitions(&[ToolDefinition::function("search")])
        .input_messages(&[Message::user("Find it."), Message::tool("c0", "nothing")])
        .prompt_variable("city", "Berlin")
        .output_messages(&[Message::assistant("Looking.")
            .part(Part::tool_call("c1", "search", r#"{"q":"it"}"#))
            .finish_reason("tool_call")]);
    turn.usage(Usage::new(120, 34)).finish_reason("tool_call").response_id("resp-1").finish();
}

#[test]
fn a_turn_tells_its_details() {
    let (_, logs) = with_events(
        |tracer| tracer,
        || {
            Operation::prompt("support").conversation("c-1").start().in_scope(turn);
        },
    );
    insta::assert_snapshot!(logs.text(), @r#"
    gen_ai.client.inference.operation.details DEBUG 2/3/1
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        gen_ai.request.temperature = 0.5
        gen_ai.response.finish_reasons = ["tool_call"]
        gen_ai.response.id = "resp-1"
        gen_ai.usage.input_tokens = 120
        gen_ai.usage.output_tokens = 34
        server.address = "api.openai.com"
        server.port = 443
    "#);
    let record = &logs.records()[0];
    assert!(record.timestamp().is_some() && record.body().is_none());
}

#[test]
fn a_record_says_who_wrote_it_and_when() {
    let (recorder, logs) = with_events(|tracer| tracer, turn);
    let log = logs.exporter.get_emitted_logs().unwrap().remove(0);
    assert_eq!(log.instrumentation.name(), "tracing-genai");
    assert_eq!(log.instrumentation.version(), Some(env!("CARGO_PKG_VERSION")));
    let span = recorder.span("chat gpt-4o");
    assert_eq!(log.record.timestamp(), Some(span.end_time));
    assert_eq!(log.record.trace_context().unwrap().span_id, span.span_context.span_id());
}

#[test]
fn only_turns_have_details_and_of_two_for_one_call_the_outer_one() {
    let (_, logs) = with_events(
        |tracer| tracer,
        || {
            Embeddings::new("openai", "e").start().finish();
            Tool::new("t").start().finish();
            Retrieval::new("d").start().finish();
            let outer = Turn::chat("openai", "outer").start();
            outer.in_scope(|| {
                let plain = info_span!("http");
                let _plain = plain.enter();
                info_span!(
                    "x",
                    gen_ai.operation.name = "chat",
                    gen_ai.request.model = "inner",
                    gen_ai.provider.name = "openai"
                )
                .in_scope(|| ());
                // What a tool asks a model is another call.
                Tool::new("t").start().in_scope(|| Turn::chat("openai", "other").start().finish());
            });
            outer.finish();
        },
    );
    let models: Vec<_> =
        logs.records().iter().map(|record| attributes(record)["gen_ai.request.model"].clone()).collect();
    assert_eq!(models, ["other", "outer"]);
}

#[test]
fn interrupted_and_cancelled_turns_are_told_and_have_no_exception() {
    let (_, logs) = with_events(
        |tracer| tracer,
        || {
            drop(Turn::chat("openai", "cancelled").start());
            let agent = Operation::prompt("a").start();
            let left = agent.in_scope(|| Turn::chat("openai", "interrupted").start());
            agent.finish();
            drop(left);
        },
    );
    insta::assert_snapshot!(logs.text(), @r#"
    gen_ai.client.inference.operation.details DEBUG 2/1/1
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "cancelled"
    gen_ai.client.inference.operation.details DEBUG 4/5/1
        error.type = "interrupted"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "interrupted"
    "#);
}

#[test]
fn an_unsampled_turn_tells_its_details_without_content() {
    let (recorder, logs) = (Recorder::with_sampler(Sampler::AlwaysOff), Logs::default());
    let tracer = recorder.tracer().with_logger_provider(logs.provider());
    let tracer = tracer.with_content(Content::all().with_destination(Destination::SpanAndEvent));
    with_tracer(&recorder, &tracer, turn);
    let [record] = logs.records().try_into().expect("one");
    assert_eq!(record.trace_context().unwrap().trace_flags.unwrap().to_u8(), 0);
    let attributes = attributes(&record);
    assert_eq!(attributes["gen_ai.usage.input_tokens"], 120);
    assert!(!attributes.keys().any(|key| key.contains("messages")), "{attributes:?}");
    assert!(recorder.spans().is_empty());
}

#[test]
fn a_failed_client_operation_has_an_exception() {
    let (_, logs) = with_events(
        |tracer| tracer,
        || {
            Turn::chat("openai", "gpt-4o").server("api.openai.com", 443).start().fail(&NoQuota("ann"));
            RemoteAgent::new("openai").agent("a").start().fail(&NoQuota("ann"));
            Embeddings::new("openai", "e").start().fail_with_stack(&NoQuota("ann"), &"at main.rs:1");
            // No client operations, and nothing known of the error.
            Tool::new("t").start().fail(&NoQuota("ann"));
            McpClientRequest::tools_call("t").start().fail(&NoQuota("ann"));
            Embeddings::new("openai", "e").start().fail_with("timeout");
        },
    );
    let details = "gen_ai.client.inference.operation.details";
    assert_eq!(logs.of(details).len(), 1);
    insta::assert_snapshot!(logs.text(), @r#"
    gen_ai.client.operation.exception WARN 2/1/1
        error.type = "NoQuota"
        exception.type = "it::events::NoQuota"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        server.address = "api.openai.com"
        server.port = 443
    gen_ai.client.inference.operation.details DEBUG 2/1/1
        error.type = "NoQuota"
        gen_ai.operation.name = "chat"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "gpt-4o"
        server.address = "api.openai.com"
        server.port = 443
    gen_ai.client.operation.exception WARN 4/3/1
        error.type = "NoQuota"
        exception.type = "it::events::NoQuota"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.provider.name = "openai"
    gen_ai.client.operation.exception WARN 6/5/1
        error.type = "NoQuota"
        exception.type = "it::events::NoQuota"
        gen_ai.operation.name = "embeddings"
        gen_ai.provider.name = "openai"
        gen_ai.request.model = "e"
    "#);
}

#[test]
fn an_exception_may_come_by_the_api_or_by_fields() {
    let (recorder, logs) = (Recorder::default(), Logs::default());
    let tracer = recorder.tracer().with_logger_provider(logs.provider());
    let chat = || {
        let attributes = [("gen_ai.operation.name", "chat"), ("gen_ai.provider.name", "openai")]
            .map(|(key, value)| KeyValue::new(key, value));
        tracer
            .build_with_context(SpanBuilder::from_name("x").with_attributes(attributes), &opentelemetry::Context::new())
    };
    let mut span = chat();
    span.add_event("exception", vec![KeyValue::new("exception.type", "First")]);
    span.add_event(
        "exception",
        vec![KeyValue::new("exception.type", "Last"), KeyValue::new("exception.message", "CANARY")],
    );
    span.set_status(Status::error("CANARY"));
    span.end();
    let mut fine = chat();
    fine.add_event("exception", vec![KeyValue::new("exception.type", "Handled")]);
    fine.end();
    with_tracer(&recorder, &tracer, || {
        let fields = info_span!(
            "x",
            gen_ai.operation.name = "embeddings",
            gen_ai.provider.name = "openai",
            exception.r#type = "Field",
            error.r#type = "timeout",
            exception.message = "CANARY"
        );
        fields.in_scope(|| ());
    });
    let told: Vec<_> = logs
        .of("gen_ai.client.operation.exception")
        .iter()
        .map(|record| attributes(record)["exception.type"].clone())
        .collect();
    assert_eq!(told, ["Last", "Field"]);
    assert!(!logs.text().contains("CANARY"));
}

#[test]
fn an_evaluation_is_about_a_guard_a_carrier_or_ids() {
    let (recorder, logs) = (Recorder::default(), Logs::default());
    let tracer = recorder.tracer().with_logger_provider(logs.provider());
    with_tracer(&recorder, &tracer, || {
        let agent = Operation::prompt("a").start();
        agent.evaluate(Evaluation::new("live").score(1.0)).finish();
        agent.evaluate(Evaluation::new("ended").label("pass"));
        tracer.evaluate(&agent, Evaluation::new("target").explanation("CANARY"));
        let carrier: Carrier = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00".parse().unwrap();
        tracer.evaluate(&carrier, Evaluation::new("carried").error_type("timeout").response_id("resp-1"));
        tracer.evaluate((TraceId::from(5), SpanId::from(6)), Evaluation::new("ids").score(-0.5));
    });
    assert!(!logs.text().contains("CANARY"));
    insta::assert_snapshot!(logs.text(), @r#"
    gen_ai.evaluation.result - 2/1/1
        gen_ai.evaluation.name = "live"
        gen_ai.evaluation.score.value = 1.0
    gen_ai.evaluation.result - 2/1/1
        gen_ai.evaluation.name = "ended"
        gen_ai.evaluation.score.label = "pass"
    gen_ai.evaluation.result - 2/1/1
        gen_ai.evaluation.name = "target"
    gen_ai.evaluation.result - af7651916cd43dd8448eb211c80319c/b7ad6b7169203331/0
        error.type = "timeout"
        gen_ai.evaluation.name = "carried"
        gen_ai.response.id = "resp-1"
    gen_ai.evaluation.result - 5/6/1
        gen_ai.evaluation.name = "ids"
        gen_ai.evaluation.score.value = -0.5
    "#);
    assert_eq!(tracer.stats().content_omitted, 1);
}

#[test]
fn an_activity_that_was_open_already_is_evaluated_as_the_first() {
    let (_, logs) = with_events(
        |tracer| tracer,
        || {
            let operation = Operation::prompt("a").start();
            let first = Tool::new("t").call_id("call_1").child_of(operation.span()).start();
            let again = Tool::new("t").call_id("call_1").child_of(operation.span()).start();
            first.evaluate(Evaluation::new("first"));
            again.evaluate(Evaluation::new("again"));
        },
    );
    let told = logs.of("gen_ai.evaluation.result");
    let places: Vec<_> = told.iter().map(|record| record.trace_context().expect("a place").span_id).collect();
    assert!(places.len() == 2 && places[0] == places[1], "{places:?}");
}

#[test]
fn bad_evaluations_are_refused_and_counted() {
    let (recorder, logs) = (Recorder::default(), Logs::default());
    let tracer = recorder.tracer().with_logger_provider(logs.provider());
    let target = (TraceId::from(5), SpanId::from(6));
    tracer.evaluate(target, Evaluation::new(""));
    tracer.evaluate((TraceId::INVALID, SpanId::INVALID), Evaluation::new("nowhere"));
    assert_eq!((logs.records().len(), tracer.stats().refused_values), (0, 2));
    tracer.evaluate(target, Evaluation::new("nan").score(f64::NAN));
    tracer.evaluate(target, Evaluation::new("infinite").score(f64::INFINITY).label("l".repeat(10_000)));
    let labels: Vec<_> = logs.records().iter().map(|record| attributes(record).len()).collect();
    assert_eq!((labels, tracer.stats().refused_values, tracer.stats().values_cut), (vec![1, 2], 4, 1));
    let without = recorder.tracer();
    without.evaluate(target, Evaluation::new("unheard"));
    assert_eq!(without.stats().refused_values, 0);
}

/// A processor that panics.
#[derive(Debug)]
struct Broken;

impl LogProcessor for Broken {
    fn emit(&self, _: &mut SdkLogRecord, _: &opentelemetry::InstrumentationScope) {
        std::panic::resume_unwind(Box::new("as asked"));
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

#[test]
fn a_log_processor_that_panics_is_counted_and_the_span_ends() {
    let recorder = Recorder::default();
    let provider = SdkLoggerProvider::builder().with_log_processor(Broken).build();
    let tracer = recorder.tracer().with_logger_provider(&provider);
    with_tracer(&recorder, &tracer, || {
        let turn = Turn::chat("openai", "gpt-4o").start();
        turn.evaluate(Evaluation::new("relevance"));
        turn.fail(&NoQuota("ann"));
    });
    assert_eq!(recorder.span("chat gpt-4o").status, Status::error(""));
    assert_eq!(tracer.stats().hook_panics, 2);
}

/// A processor that logs by `tracing` and opens spans, in the end of a span.
#[derive(Debug)]
struct Talking;

impl LogProcessor for Talking {
    fn emit(&self, _: &mut SdkLogRecord, _: &opentelemetry::InstrumentationScope) {
        tracing::error!("in the end of a span");
        Turn::chat("openai", "again").start().finish();
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

#[test]
fn a_log_processor_may_use_tracing() {
    let recorder = Recorder::default();
    let provider = SdkLoggerProvider::builder().with_log_processor(Talking).build();
    let tracer = recorder.tracer().with_logger_provider(&provider);
    with_tracer(&recorder, &tracer, turn);
    assert_eq!(recorder.spans().len(), 1, "{}", recorder.tree());
}
