//! A run with one activity of each sort, sent to one backend.

use std::time::Duration;

use serde_json::json;
use tracing_genai::activity::{
    Compaction, CompactionTrigger, Cost, Embeddings, Operation, Plan, Retrieval, Tool, Turn, Usage, Workflow,
};
use tracing_genai::content::{Content, Message, Part};
use tracing_genai::pipeline::{Backend, BackendConfig, Env, Pipeline, PipelineBuilder};
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::{Receiver, Span};

/// In every text of content.
pub(crate) const CANARY: &str = "c4n4ry";

/// What every backend needs to know; keys are made up.
pub(crate) const VARIABLES: &[(&str, &str)] = &[
    ("DD_API_KEY", "dd-key"),
    ("HONEYCOMB_API_KEY", "hc-key"),
    ("LANGFUSE_PUBLIC_KEY", "pk-lf"),
    ("LANGFUSE_SECRET_KEY", "sk-lf"),
    ("LANGSMITH_API_KEY", "ls-key"),
    ("LANGSMITH_PROJECT", "travel"),
    ("LOGFIRE_TOKEN", "pylf_v1_us_key"),
    ("MLFLOW_EXPERIMENT_ID", "7"),
    ("PHOENIX_API_KEY", "px-key"),
    ("PHOENIX_PROJECT_NAME", "travel"),
    ("POSTHOG_API_KEY", "phc_key"),
    ("SENTRY_DSN", "https://abc@sentry.example.com/42"),
];

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn pipeline() -> PipelineBuilder {
    Pipeline::builder().with_env(Env::from_iter(VARIABLES.iter().copied())).with_service_name("travel")
}

/// The run as `backend` gets it, content and all.
pub(crate) fn at(backend: Backend) -> Vec<Span> {
    let receiver = Receiver::start();
    send(pipeline().with_content(Content::all()).backend(backend.config().with_endpoint(receiver.url())));
    let spans = receiver.spans();
    assert_eq!(spans.len(), RUN.len(), "{:?}", spans.iter().map(|span| &span.name).collect::<Vec<_>>());
    spans
}

/// Runs [`run`] through `builder`'s pipeline and ends it.
pub(crate) fn send(builder: PipelineBuilder) {
    let telemetry = builder.build().unwrap();
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, run);
    let report = telemetry.shutdown();
    assert_eq!((report.failed, report.dropped), (0, 0), "{report}");
}

/// Settings of a backend that is at `receiver`.
pub(crate) fn with(backend: Backend, receiver: &Receiver) -> BackendConfig {
    backend.config().with_endpoint(receiver.url())
}

/// The names of its spans.
pub(crate) const RUN: &[&str] = &[
    "invoke_workflow trip",
    "invoke_agent scout",
    "plan scout",
    "query",
    "chat m-large",
    "execute_tool search",
    "compact scout",
    "chat m-small",
    "retrieval docs",
    "embeddings e",
    "operation review",
];

/// The span `name`.
pub(crate) fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span {name}"))
}

pub(crate) fn run() {
    let workflow = Workflow::new("trip").run_id("r1").conversation("c1").user("u1").start();
    workflow.input(&json!({"where": CANARY}));
    workflow.in_scope(|| {
        let agent = Operation::prompt("scout").start();
        agent.in_scope(|| {
            Plan::new().agent("scout").start().finish();
            tracing::info_span!("query", db.system.name = "postgresql").in_scope(turn);
            let tool = Tool::new("search").call_id("c1").start();
            tool.arguments(&json!({"q": CANARY})).result(&json!({"hits": 3, "first": CANARY})).finish();
            compaction();
            Retrieval::new("docs").start().query(CANARY).finish();
            let embeddings = Embeddings::new("openai", "e").start();
            embeddings.input_tokens(8).finish();
        });
        agent.finish();
        Operation::new("review").start().finish();
    });
    workflow.result(CANARY).finish();
}

fn turn() {
    let turn = Turn::chat("anthropic", "m-large").streaming().prompt_name("ask").prompt_version("3").start();
    let long = format!("{CANARY} {}", "Where is it warm in March? ".repeat(200));
    turn.system_instructions("Be brief.").input_messages(&[Message::user(long)]);
    turn.first_chunk_after(Duration::from_millis(250));
    turn.output_messages(&[Message::assistant(CANARY)
        .part(Part::tool_call("c1", "search", json!({"q": "x"})))
        .finish_reason("stop")]);
    // 50 new, 40 from the cache, 10 into it; of the output 5 are reasoning.
    turn.usage(Usage::new(100, 20).cache_read(40).cache_write(10).reasoning(5).text_input(100));
    turn.cost(Cost::provider(0.0125, "USD"));
    turn.response_model("m-large-1").finish();
}

fn compaction() {
    let compaction = Compaction::new(CompactionTrigger::Auto).start();
    compaction.in_scope(|| {
        let turn = Turn::chat("anthropic", "m-small").start();
        turn.usage(Usage::new(30, 3)).finish();
    });
    compaction.compacted();
    compaction.finish();
}
