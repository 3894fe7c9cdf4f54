//! The guards against the registry: every attribute that is no content has a setter, or a reason why not.

use std::collections::BTreeSet;

use opentelemetry_sdk::trace::SpanData;
use tracing_genai::activity::{
    Compaction, CompactionTrigger, CreateAgent, Embeddings, FetchResponse, McpClientRequest, McpServerRequest, Memory,
    Operation, Plan, RemoteAgent, Retrieval, Task, Tool, Turn, Usage, Workflow,
};
use tracing_genai::semconv::{self, REFINEMENTS, Requirement, SPANS};

use crate::support::{Recorder, record};

/// What no guard sets by a call in this file: span type (or its beginning), attribute, reason.
#[rustfmt::skip]
const WITHOUT_SETTER: &[(&str, &str, &str)] = &[
    // span type               attribute                         why
    ("",                       "error.type",                     "comes with the end: `fail`"),
    ("",                       "agentic.forced_close",           "for spans ended from outside"),
    ("",                       "agentic.outcome",                "comes with the end: dropped"),
];

/// Every setter of every guard, once; a failed MCP request.
fn everything() -> Recorder {
    record(|| {
        Workflow::new("w").run_id("r").segment(1).conversation("c").start().in_scope(|| {
            agents();
            other_agents();
            turn();
            tools();
            data();
            mcp();
        });
    })
}

fn usage() -> Usage {
    let usage = Usage::new(90, 60).cache_read(30).cache_write(9).reasoning(5);
    let usage = usage.text_input(50).image_input(30).audio_input(10).text_output(40).image_output(10).audio_output(10);
    usage.text_cache_read(10).image_cache_read(10).audio_cache_read(10)
}

/// The setters of `requesting!`, which four descriptions share.
macro_rules! requesting {
    ($description:expr) => {
        $description
            .max_tokens(9)
            .temperature(0.5)
            .top_p(0.5)
            .frequency_penalty(0.5)
            .presence_penalty(0.5)
            .stop_sequences(["x"])
            .seed(1)
            .choice_count(2)
            .output_type("json")
    };
}

fn agents() {
    let agent = requesting!(Operation::prompt("a").id("o").model("m").data_source("d")).start();
    agent.in_scope(|| Turn::chat("openai", "m").start().usage(usage()).finish());
    agent.finish_reasons(["stop"]).finish();
    Operation::new("review").agent("a").id("o").start().finish();
    let task = requesting!(Task::new("t").id("t").call_id("c").model("m").data_source("d")).start();
    task.finish_reasons(["stop"]).finish();
    let compaction = Compaction::new(CompactionTrigger::Auto).agent("a").reason("r").strategy("s").messages_before(2);
    let compaction = compaction.tokens_before(2).estimated_tokens(2).start();
    compaction.messages_after(1).tokens_after(1).compacted();
    Plan::new().agent("a").start().finish();
}

fn other_agents() {
    let creation = CreateAgent::new("p").agent("a").agent_id("i").agent_version("1").model("m").server("h", 1);
    creation.start().finish();
    let remote = requesting!(RemoteAgent::new("p").agent("a").agent_id("i").agent_version("1")).data_source("d");
    let remote = remote.model("m").previous_response("r").server("h", 1).start();
    remote.usage(usage()).finish_reasons(["stop"]).finish();
    let fetch = FetchResponse::new("openai", "r").stream_cursor("c").api_type("responses").server("h", 1).start();
    fetch.response_model("m").status("completed").finish_reasons(["stop"]).response_service_tier("t").finish();
}

fn turn() {
    let turn = requesting!(Turn::chat("openai", "m").id("t").purpose("agent").agent("a")).top_k(3);
    let turn = turn.reasoning_level("high").previous_response("r").prompt_name("p").prompt_version("1").streaming();
    let turn = turn.api_type("responses").service_tier("flex").guardrail("g").knowledge_base("k");
    let turn = turn.resource_provider("Microsoft.CognitiveServices").server("h", 1).start();
    turn.first_chunk().usage(usage()).finish_reason("stop").response_id("r").response_model("m");
    turn.response_service_tier("flex").system_fingerprint("f").finish();
}

fn tools() {
    let tool = Tool::command("t").call_id("c").tool_type("function").agent("a").skill("s").skill_resource("r");
    tool.executable("e").executable_path("/e").start().exit_code(0).finish();
}

fn data() {
    let embeddings = Embeddings::new("p", "m").encoding_formats(["float"]).server("h", 1).start();
    embeddings.dimension_count(3).input_tokens(1).response_model("m").finish();
    Retrieval::new("d").provider("p").model("m").top_k(3).server("h", 1).start().finish();
    let memory = Memory::update().provider("p").store("s").record_id("r").server("h", 1).start();
    memory.record_count(1).finish();
}

fn mcp() {
    let call = McpClientRequest::tools_call("t").request_id("1").jsonrpc_version("1.0").mcp_session("s").http("3");
    call.protocol_version("v").server("h", 1).start().error_response(-32000);
    McpClientRequest::prompts_get("p").start().finish();
    let serving = McpServerRequest::tools_call("t").request_id("1").jsonrpc_version("1.0").mcp_session("s").http("3");
    serving.protocol_version("v").client("h", 1).start().error_response(-32000);
    McpServerRequest::prompts_get("p").start().finish();
}

/// Whether `span` is of the registry's type `id`.
fn is_of(span: &SpanData, id: &str) -> bool {
    let kind = format!("{:?}", span.span_kind).to_lowercase();
    let text =
        |key: &str| span.attributes.iter().find(|p| p.key.as_str() == key).map(|p| p.value.as_str().into_owned());
    let (operation, method) = (text("gen_ai.operation.name"), text("mcp.method.name"));
    let family = match (operation.as_deref(), method) {
        (_, Some(_)) => format!("mcp.{kind}"),
        (Some("chat"), _) => "gen_ai.client.inference".to_owned(),
        (Some(memory), _) if memory.contains("memory") => "gen_ai.memory.client".to_owned(),
        (Some(operation), _) => format!("gen_ai.{operation}.{kind}"),
        (None, None) if span.name.starts_with("compact") => "agentic.compaction.internal".to_owned(),
        (None, None) => "agentic.operation.internal".to_owned(),
    };
    family == id
}

fn metadata(requirements: &'static [Requirement]) -> impl Iterator<Item = &'static str> {
    let is_content = |key: &str| semconv::attribute(key).is_some_and(|attribute| attribute.content);
    requirements.iter().map(|requirement| requirement.key).filter(move |key| !is_content(key))
}

#[test]
fn every_attribute_of_the_registry_is_set_by_a_guard_or_has_a_reason() {
    let recorder = everything();
    let spans = recorder.spans();
    let mut missing = Vec::new();
    let mut reasons: BTreeSet<_> = WITHOUT_SETTER.iter().collect();
    let refined = REFINEMENTS.iter().map(|refinement| (refinement.of, refinement.attributes));
    for (id, requirements) in SPANS.iter().map(|span| (span.id, span.attributes)).chain(refined) {
        let ours: Vec<&SpanData> = spans.iter().filter(|span| is_of(span, id)).collect();
        assert!(!ours.is_empty(), "no guard makes a {id}");
        // What is summed from below has no setter.
        for key in metadata(requirements).filter(|key| !key.starts_with("agentic.usage.")) {
            let set = ours.iter().any(|span| span.attributes.iter().any(|pair| pair.key.as_str() == key));
            let reason = WITHOUT_SETTER.iter().find(|(of, without, _)| id.starts_with(of) && *without == key);
            match (set, reason) {
                (false, None) => missing.push(format!("{id}: {key}")),
                (false, Some(reason)) => drop(reasons.remove(reason)),
                (true, _) => {}
            }
        }
    }
    assert!(missing.is_empty(), "no guard sets\n{}", missing.join("\n"));
    assert!(reasons.is_empty(), "these rows have become needless: {reasons:?}");
}
