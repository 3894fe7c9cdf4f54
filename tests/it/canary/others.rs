//! What is not a setter of a guard: carriers, identities, settings, the OpenTelemetry API; and what is no entrance.

use std::collections::HashMap;

use opentelemetry::trace::{
    Link, Span, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt, TraceId, TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};
use rmcp::{RoleClient, ServerHandler, ServiceExt};
use tracing_genai::activity::{Memory, Operation, Retrieval, Tool, Turn, Usage};
use tracing_genai::content::{Document, Kind, MemoryRecord, Message, ToolDefinition};
use tracing_genai::mcp::{self, Traced};
use tracing_genai::pipeline::{Backend, Env, Signal};
use tracing_genai::{Carrier, ErrorType, Failure, Identity, Price, PriceTable, SessionId};

use super::plant::{Broken, Row, api, broken, now, pipeline, row, tracer, unwinding};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn chat() {
    drop(Turn::chat("openai", "m").start());
}

fn continued(carrier: &Carrier) {
    drop(Turn::chat("openai", "m").continues(carrier).start());
    Context::map_current(|_| ());
    let _attached = carrier.context().attach();
    chat();
    drop(format!("{:?}", carrier.headers().count()));
}

fn carrier() -> Carrier {
    TRACEPARENT.parse().expect("valid")
}

/// Opens a session of the Model Context Protocol, in memory.
fn session(client: Traced<RoleClient, ()>) {
    struct Quiet;
    impl ServerHandler for Quiet {}
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (client, server) = tokio::join!(client.serve(near), Quiet.serve(far));
        client.expect("initialized").cancel().await.expect("the client's loop");
        server.expect("initialized").waiting().await.expect("the server's loop");
    });
}

/// A context whose span and baggage hold the canary.
fn foreign(canary: &str) -> Context {
    let carrier = Carrier::new(TRACEPARENT, Some(&format!("vendor={canary}"))).expect("valid");
    carrier.with_baggage_entry("user.id", canary).context()
}

fn open(canary: &str) -> KeyValue {
    KeyValue::new("server.address", canary.to_owned())
}

/// A text that is no name: names of fields and settings are shown on standard error.
fn text(canary: &str) -> String {
    format!("{canary} is ill")
}

fn content(canary: &str) -> Vec<KeyValue> {
    vec![KeyValue::new("gen_ai.input.messages", canary.to_owned()), KeyValue::new(text(canary), canary.to_owned())]
}

fn everything(canary: &str) -> SpanBuilder {
    let mut attributes = content(canary);
    attributes.push(KeyValue::new("gen_ai.operation.name", "chat"));
    let link = Link::new(
        SpanContext::new(1.into(), 2.into(), Default::default(), false, TraceState::NONE),
        content(canary),
        0,
    );
    let event = opentelemetry::trace::Event::new(canary.to_owned(), std::time::SystemTime::now(), content(canary), 0);
    SpanBuilder::from_name(canary.to_owned())
        .with_attributes(attributes)
        .with_events(vec![event])
        .with_links(vec![link])
}

fn by_every_method(span: &mut impl Span, canary: &str) {
    span.add_event(canary.to_owned(), content(canary));
    span.add_event_with_timestamp(canary.to_owned(), std::time::SystemTime::now(), content(canary));
    span.record_error(&broken(canary));
    content(canary).into_iter().for_each(|pair| span.set_attribute(pair));
    span.set_attributes(content(canary));
    span.set_status(Status::error(canary.to_owned()));
    span.update_name(canary.to_owned());
    span.add_link(SpanContext::new(3.into(), 4.into(), Default::default(), false, TraceState::NONE), content(canary));
    span.end();
    span.set_attributes(content(canary));
}

/// A failure of the application's own, whose type may be called anything.
struct Named(Broken, &'static str);

impl Failure for Named {
    fn as_error(&self) -> &(dyn std::error::Error + 'static) {
        &self.0
    }

    fn type_name(&self) -> &'static str {
        self.1
    }
}

/// A sampler that adds content, to GenAI spans and their attributes' names.
#[derive(Clone, Debug)]
struct Telling(String);

impl ShouldSample for Telling {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let trace_state = TraceState::from_key_value([("v", self.0.as_str())]).unwrap_or_default();
        SamplingResult { decision: SamplingDecision::RecordAndSample, attributes: content(&self.0), trace_state }
    }
}

/// One row an entrance, more where it takes more than one text or leads both ways.
#[rustfmt::skip]
pub(super) const OTHERS: &[Row] = &[
    row("Carrier::new", &["tracestate"], |c| continued(&Carrier::new(TRACEPARENT, Some(&format!("v={c}"))).expect("valid"))),
    row("Carrier::new", &[], |c| drop(Carrier::new(c, None).map(|carrier| continued(&carrier)))),
    row("Carrier: FromStr", &[], |c| drop(c.parse::<Carrier>().map(|carrier| continued(&carrier)))),
    row("Carrier: Deserialize", &["tracestate"], |c| {
        let json = format!(r#"{{"traceparent":"{TRACEPARENT}","tracestate":"v={c}","baggage":"user.id={c}"}}"#);
        continued(&serde_json::from_str(&json).expect("a carrier"));
    }),
    row("Carrier::from_headers", &[], |c| {
        let header = |name: &str| if name == "traceparent" { Some(TRACEPARENT) } else { Some(c).filter(|_| name == "baggage") };
        continued(&Carrier::from_headers(header).expect("valid").expect("there"));
    }),
    row("Carrier::extract", &[], |c| {
        let baggage = format!("user.id={c},{c}={c}");
        let headers = HashMap::from([("traceparent".to_owned(), TRACEPARENT.to_owned()), ("baggage".to_owned(), baggage)]);
        continued(&Carrier::extract(&headers).expect("valid").expect("there"));
    }),
    row("Carrier::with_baggage", &[], |c| continued(&carrier().with_baggage([c]))),
    row("Carrier::with_baggage_entry", &[], |c| continued(&carrier().with_baggage_entry("user.id", c).with_baggage_entry(c, "v"))),
    row("ErrorType::new", &["error.type"], |c| Turn::chat("openai", "m").start().fail_with(ErrorType::new(c))),
    row("ErrorType::new", &[], |c| Turn::chat("openai", "m").start().fail_with(ErrorType::new(&format!("{c} is ill")))),
    row("ErrorType: From<&str>", &[], |c| Turn::chat("openai", "m").start().fail_with(format!("{c} is ill").as_str())),
    row("ErrorType::of", &[], |c| Turn::chat("openai", "m").start().fail_with(ErrorType::of(&broken(c)))),
    row("trait Failure", &[], |c| Turn::chat("openai", "m").start().fail(&Named(broken(c), "my::Error"))).tells(&[Kind::ErrorMessage]),
    // The name of a type is text of the program.
    row("trait Failure", &["error.type", "exception.type"], |c| Turn::chat("openai", "m").start().fail(&Named(broken(c), c.to_owned().leak()))).tells(&[Kind::ErrorMessage]),
    row("trait Failure", &["exception.type"], |c| Turn::chat("openai", "m").start().fail(&Named(broken(c), text(c).leak()))).tells(&[Kind::ErrorMessage]),
    row("Identity::conversation", &["gen_ai.conversation.id"], |c| Identity::new().conversation(c).in_scope(chat)),
    row("Identity::session", &["session.id"], |c| Identity::new().session(c).in_scope(chat)),
    row("Identity::user", &["user.id"], |c| Identity::new().user(c).in_scope(chat)),
    row("Identity::run", &["agentic.run.id"], |c| Identity::new().run(c).in_scope(chat)),
    row("Identity::in_scope", &[], |c| unwinding(|| Identity::new().user("u").in_scope(|| {
        chat();
        std::panic::resume_unwind(Box::new(c.to_owned()))
    }))),
    row("Identity::scope", &[], |c| now(Identity::new().user("u").scope(async { Operation::prompt("a").start().in_scope(|| tracing::warn!("{c}")) }))).tells(&[Kind::LogMessage]),
    row("PriceTable::new", &[], |c| drop(PriceTable::new(c))),
    // A session id is a UUID, which holds no text.
    row("SessionId: FromStr", &[], |c| drop(c.parse::<SessionId>().map(|id| Identity::new().session(id).in_scope(chat)))),
    row("SessionId::from_workflow", &[], |c| Identity::new().session(SessionId::from_workflow(c, c)).in_scope(chat)),
    api("GenAiTracer: Tracer", &[], |tracer, c| drop(tracer.build_with_context(everything(c), &Context::new()))).tells(&[Kind::InputMessages]),
    api("GenAiTracer: Tracer", &["tracestate"], |tracer, c| {
        let builder = SpanBuilder::from_name("x").with_attributes([KeyValue::new("gen_ai.operation.name", "chat")]);
        drop(tracer.build_with_context(builder, &foreign(c)));
    }),
    api("GenAiSpan: Span", &[], |tracer, c| by_every_method(&mut tracer.build_with_context(everything("x"), &Context::new()), c)).tells(&[Kind::InputMessages, Kind::ErrorMessage]),
    api("GenAiSpan: Span", &[], |tracer, c| {
        let mut span = tracer.build_with_context(everything("x"), &Context::new());
        let stack = KeyValue::new("exception.stacktrace", c.to_owned());
        span.add_event("exception", vec![stack]);
        for key in ["gen_ai.main_agent.description", "gen_ai.evaluation.explanation"] {
            span.set_attribute(KeyValue::new(key, c.to_owned()));
        }
    }).tells(&[Kind::ErrorStack, Kind::MainAgentDescription, Kind::EvaluationExplanation]),
    api("GenAiSpan: Span", &[], |tracer, c| {
        // A plain span inside of a GenAI span.
        let agent = Context::new().with_span(tracer.build_with_context(everything("x"), &Context::new()));
        let mut plain = tracer.build_with_context(SpanBuilder::from_name("x"), &agent);
        plain.add_event(c.to_owned(), content(c).into_iter().take(1).collect());
        plain.record_error(&broken(c));
        plain.set_status(Status::error(c.to_owned()));
        plain.set_attribute(KeyValue::new("gen_ai.input.messages", c.to_owned()));
        plain.end();
    }).tells(&[Kind::InputMessages, Kind::ErrorMessage]),
    tracer("GenAiTracer::with_attributes", &[], |tracer, c| tracer.with_attributes([c])),
    tracer("GenAiTracer::with_baggage", &[], |tracer, c| tracer.with_baggage([text(c)])),
    tracer("GenAiTracer::with_default_attributes", &["server.address"], |tracer, c| {
        let c = c.to_owned();
        tracer.with_default_attributes(move |_| content(&c).into_iter().chain([open(&c)]).collect())
    }),
    tracer("GenAiTracer::with_orphan_detector", &[], |tracer, c| {
        let c = c.to_owned();
        tracer.with_orphan_detector(move |_| std::panic::resume_unwind(Box::new(c.clone())))
    }),
    tracer("GenAiTracer::with_root_context", &[], |tracer, c| {
        let c = c.to_owned();
        tracer.with_root_context(move |_| std::panic::resume_unwind(Box::new(c.clone())))
    }),
    tracer("GenAiTracer::with_root_context", &["tracestate"], |tracer, c| {
        let c = c.to_owned();
        tracer.with_root_context(move |_| Some(foreign(&c)))
    }),
    tracer("PriceTable::with_price", &[], |tracer, c| {
        let prices = PriceTable::new("USD").and_then(|table| table.with_price(c, c, Price::new(1.0, 1.0)));
        tracer.with_prices(prices.expect("a table"))
    }),
    tracer("PriceTable: Deserialize", &[], |tracer, c| {
        let json = format!(r#"{{"currency":"USD","prices":[{{"provider":"openai","model":"{c}","input":1}}]}}"#);
        tracer.with_prices(serde_json::from_str(&json).expect("a table"))
    }),
    pipeline("Env: FromIterator<(K, V)>", &[], |builder, c| {
        let headers = format!("x-key={c}");
        builder.with_env(Env::from_iter([("OTEL_EXPORTER_OTLP_HEADERS", headers.as_str()), ("NOT_OURS", c)]))
    }),
    pipeline("Env: FromIterator<(K, V)>", &["team"], |builder, c| {
        builder.with_env(Env::from_iter([("OTEL_RESOURCE_ATTRIBUTES", format!("team={c}"))]))
    }),
    pipeline("BackendConfig::with_header", &[], |builder, c| builder.backend(Backend::Otlp.config().with_header("x-key", c))),
    pipeline("PipelineBuilder::backend", &[], |builder, c| builder.backend(Backend::Otlp.config().with_header("x-key", c).with_signals([Signal::Traces]))),
    pipeline("PipelineBuilder::with_attributes", &[], |builder, c| builder.with_attributes([c])),
    pipeline("PipelineBuilder::with_baggage", &[], |builder, c| builder.with_baggage([text(c)])),
    pipeline("PipelineBuilder::with_default_attributes", &["server.address"], |builder, c| {
        let c = c.to_owned();
        builder.with_default_attributes(move |_| content(&c).into_iter().chain([open(&c)]).collect())
    }),
    pipeline("PipelineBuilder::with_header", &[], |builder, c| builder.with_header("x-key", c)),
    pipeline("PipelineBuilder::with_orphan_detector", &[], |builder, c| {
        let c = c.to_owned();
        builder.with_orphan_detector(move |_| std::panic::resume_unwind(Box::new(c.clone())))
    }),
    pipeline("PipelineBuilder::with_resource_attribute", &["team"], |builder, c| builder.with_resource_attribute("team", c.to_owned())),
    pipeline("PipelineBuilder::with_root_context", &[], |builder, c| {
        let c = c.to_owned();
        builder.with_root_context(move |_| std::panic::resume_unwind(Box::new(c.clone())))
    }),
    pipeline("PipelineBuilder::with_sampler", &["tracestate"], |builder, c| builder.with_sampler(Telling(c.to_owned()))),
    pipeline("PipelineBuilder::with_service_name", &["service.name"], |builder, c| builder.with_service_name(c.to_owned())),
    row("Traced::http", &["network.protocol.version"], |c| session(mcp::client(()).http(c))),
    row("Traced::peer_address", &["server.address"], |c| session(mcp::client(()).peer_address(c, 1))),
];

/// No entrances, and why.
#[rustfmt::skip]
pub(super) const EXEMPT: &[(&str, &str)] = &[
    ("DecodedStream: Stream",            "`TurnStream::decode`"),
    ("StreamDecoder::new",               "formats, which hold no text"),
    ("Carrier: TryFrom<Wire<'_>>",       "behind `Carrier: Deserialize`"),
    ("Content::except",                  "kinds, which hold no text: `switched_on.rs`"),
    ("Content::only",                    "kinds, which hold no text: `switched_on.rs`"),
    ("Content::with_references",         "`trait Store`"),
    ("Decision: IntoDecision",           "`Decision::Inline` and its others"),
    ("FileStore: Store",                 "`FileStore::new`"),
    ("ObjectStorage: Store",             "`ObjectStorage::new`"),
    ("Redactor::apply",                  "gives back what it was given"),
    ("References::to",                   "`trait Store`"),
    ("Report.content",                   "given out: counts"),
    ("StoreError::new",                  "`trait Store`"),
    ("StoreError::with_source",          "`trait Store`"),
    ("trait Instructions",               "`Guard<Turn>::system_instructions`"),
    ("Carrier::inject",                  "gives, takes nothing"),
    ("Dialects: From<Dialect>",          "states of the conventions, which hold no text"),
    ("Dialects: FromIterator<Dialect>",  "states of the conventions, which hold no text"),
    ("Dialects: From<[Dialect ; N]>",    "states of the conventions, which hold no text"),
    ("GenAiTracer::with_semconv",        "states of the conventions, which hold no text"),
    ("PipelineBuilder::with_semconv",    "states of the conventions, which hold no text"),
    ("FlushError::Failed",               "given out: the last error of an export"),
    ("EvaluationTarget: From<&Carrier>", "a place in a trace; its `tracestate` is not on log records"),
    ("EvaluationTarget: From<&Guard<A>>", "a place in a trace"),
    ("EvaluationTarget: From<(TraceId, SpanId)>", "numbers"),
    ("FlushError::Signal",               "given out: the last error of an export"),
    ("GenAiTracer::evaluate",            "`Evaluation::new` and its others"),
    ("GenAiTracer::new",                 "another tracer"),
    ("GenAiTracer::with_logger_provider", "another logger"),
    ("GenAiTracer::with_meter",          "a meter; labels: `metrics.rs`"),
    ("IdentityScope: Future",            "`Identity::scope`"),
    ("BackendConfig: From<Backend>",     "a name"),
    ("BackendConfig::with_endpoint",     "its own test: another address is another receiver"),
    ("BackendConfig::with_semconv",      "states of the conventions, which hold no text"),
    ("BackendConfig::with_signals",      "signals, which hold no text"),
    ("PipelineBuilder::with_endpoint",   "its own test: another address is another receiver"),
    ("PriceTable: TryFrom<Listed>",      "behind `PriceTable: Deserialize`"),
    ("Protocol: FromStr",                "one of three words, else an error"),
    ("Report.last_error",                "given out: the last error of an export"),
    ("Report.routes",                    "given out: counts, and the last error of an export"),
    ("RouteReport.last_error",           "given out: the last error of an export"),
    ("RouteReport.name",                 "given out: the name of a backend"),
    ("Run: Future",                      "`Guard::run`"),
    ("Scope: Future",                    "`Guard::scope`"),
    ("SpanStart::attribute",             "a key to look up"),
    ("TurnStream: FusedStream",          "`Guard<Turn>::stream`"),
    ("TurnStream: Stream",               "`Guard<Turn>::stream`"),
    ("trait Activity",                   "sealed"),
    ("RunningClient: Deref",             "rmcp's own"),
    ("RunningClient: DerefMut",          "rmcp's own"),
    ("RunningClient: From<RunningService<RoleClient, Traced<RoleClient, S>>>", "a connection"),
    ("RunningClient::complete_prompt_argument", "`tests/mcp/content.rs`"),
    ("RunningClient::complete_prompt_simple", "`tests/mcp/content.rs`"),
    ("RunningClient::complete_resource_argument", "`tests/mcp/content.rs`"),
    ("RunningClient::complete_resource_simple", "`tests/mcp/content.rs`"),
    ("RunningClient::discover",          "`tests/mcp/content.rs`"),
    ("RunningClient::send_cancellable_request", "`tests/mcp/content.rs`"),
    ("RunningClient::send_notification", "`tests/mcp/content.rs`"),
    ("RunningClient::send_request",      "`tests/mcp/content.rs`"),
    ("RunningClient::send_request_with_option", "`tests/mcp/content.rs`"),
    ("Traced: Deref",                    "the application's own"),
    ("Traced: Service<R>",               "`tests/mcp/content.rs`"),
    ("Traced::serve",                    "`tests/mcp/content.rs`"),
    ("Traced::serve_with_lifecycle",     "`tests/mcp/content.rs`"),
    ("Traced::transport",                "`tests/mcp/content.rs`"),
    ("TracedHandler: ServerHandler",     "`tests/mcp/content.rs`"),
    ("TracedTransport: Transport<R>",    "`tests/mcp/content.rs`"),
    ("client",                           "`tests/mcp/content.rs`"),
    ("handler",                          "`tests/mcp/content.rs`"),
    ("here",                             "`tests/mcp/content.rs`"),
    ("server",                           "`tests/mcp/content.rs`"),
    ("trait Ask",                        "rmcp's messages: `tests/mcp/content.rs`"),
    ("trait Notice",                     "rmcp's messages: `tests/mcp/content.rs`"),
    ("trait Reply",                      "rmcp's messages: `tests/mcp/content.rs`"),
    ("trait Role",                       "sealed"),
    ("layer",                            "another tracer"),
];

/// Ordinary work, under a setting.
pub(super) fn ordinary() {
    Operation::prompt("a").start().in_scope(|| {
        tracing::info!("working");
        let turn = Turn::chat("openai", "m").start();
        turn.system_instructions("Be brief.").tool_definitions(&[ToolDefinition::function("f")]);
        turn.input_messages(&[Message::user("hi")]).usage(Usage::new(3, 4)).finish();
        Tool::new("t").start().arguments("{}").finish();
        Retrieval::new("d").start().query("q").documents(&[Document::new("1")]).finish();
        Memory::search().start().records(&[MemoryRecord::new("r")]).finish();
    });
    let _open = Operation::prompt("a").start();
    chat();
}

/// Whether the setting is a secret: not even shown by `Debug`.
pub(super) fn is_secret(row: &Row) -> bool {
    row.entrance.ends_with("with_header") || row.entrance.starts_with("Env:") && row.leaves.is_empty()
}
