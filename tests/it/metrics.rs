//! What is measured of spans: read off the OpenTelemetry SDK, as a backend would get it.

mod agree;
mod limits;
pub(crate) mod reader;
mod together;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, Tracer as _};
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::Sampler;
use tracing_genai::activity::{
    Compaction, CompactionTrigger, Cost, Embeddings, FetchResponse, McpClientRequest, McpServerRequest, Memory,
    Operation, Plan, RemoteAgent, Retrieval, Task, Tool, Turn, Usage, Workflow,
};
use tracing_genai::{Price, PriceTable};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Recorder, with_tracer};
use reader::Reader;

fn measure(work: impl FnOnce()) -> Reader {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    with_tracer(&recorder, &tracer, work);
    reader
}

fn turn() -> tracing_genai::activity::Guard<Turn> {
    Turn::chat("openai", "gpt-4o").server("api.openai.com", 443).start()
}

/// Everything that is measured, once.
fn everything() {
    let run = Workflow::new("nightly").start();
    run.in_scope(|| {
        Operation::prompt("support").start().in_scope(|| {
            let streamed = turn();
            streamed.response_model("gpt-4o-2024-08-06").response_service_tier("default").system_fingerprint("fp_1");
            streamed.chunk().chunk().chunk();
            let usage = Usage::new(120, 34).cache_read(80).cache_write(10).reasoning(20);
            let usage = usage.text_input(100).image_input(15).text_cache_read(80).text_output(34);
            streamed.usage(usage).cost(Cost::provider(0.25, "USD")).finish();
            Tool::new("search").tool_type("function").start().finish();
            Tool::new("search").start().fail_with("timeout");
            Task::new("helper").start().in_scope(|| turn().usage(Usage::new(7, 3)).finish());
            let compaction = Compaction::new(CompactionTrigger::Auto).tokens_before(1000).start();
            compaction.tokens_after(200).compacted();
            drop(turn());
            Plan::new().start().finish();
        });
        Embeddings::new("openai", "text-embedding-3").start().input_tokens(12).finish();
        Retrieval::new("docs").start().finish();
        Memory::search().start().finish();
        RemoteAgent::new("openai").agent("far").start().finish();
        FetchResponse::new("openai", "resp_1").start().finish();
        McpClientRequest::tools_call("weather").http("1.1").server("localhost", 8080).start().finish();
        McpServerRequest::tools_call("weather").stdio().start().tool_error();
    });
    run.finish();
}

#[test]
fn every_metric_once() {
    insta::assert_snapshot!(measure(everything).text(), @r#"
    agentic.cancelled {activity}
        = 1 agentic.activity="turn"
    agentic.compaction.reclaimed_tokens {token}
        = 800 agentic.compaction.trigger="auto" gen_ai.agent.name="support"
    agentic.compactions {compaction}
        = 1 agentic.compaction.outcome="compacted" agentic.compaction.trigger="auto" gen_ai.agent.name="support"
    agentic.context.tokens {token}
        = 10 gen_ai.agent.name="helper" gen_ai.request.model="gpt-4o"
        = 154 gen_ai.agent.name="support" gen_ai.request.model="gpt-4o"
    agentic.inference.cost {cost}
        = 0.25 agentic.cost.currency="USD" agentic.cost.source="provider" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06"
    gen_ai.client.inference.duration s
        1 x gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
        2 x gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.operation.input_tokens {token}
        1 x, sum 120 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
        1 x, sum 7 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.operation.output_tokens {token}
        1 x, sum 34 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
        1 x, sum 3 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.time_per_output_chunk s
        2 x gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.time_to_first_chunk s
        1 x gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.usage.cache_read.input_tokens {token}
        = 80 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" gen_ai.token.modality="text" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.usage.cache_write.input_tokens {token}
        = 10 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" gen_ai.token.modality="unknown" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.usage.input_tokens {token}
        = 15 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" gen_ai.token.modality="image" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
        = 100 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" gen_ai.token.modality="text" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
        = 5 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" gen_ai.token.modality="unknown" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
        = 7 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.usage.output_tokens {token}
        = 34 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" gen_ai.token.modality="text" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
        = 3 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.usage.reasoning.output_tokens {token}
        = 20 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.response.model="gpt-4o-2024-08-06" gen_ai.token.modality="unknown" openai.response.service_tier="default" openai.response.system_fingerprint="fp_1" server.address="api.openai.com" server.port=443
    gen_ai.client.operation.duration s
        1 x gen_ai.operation.name="embeddings" gen_ai.provider.name="openai" gen_ai.request.model="text-embedding-3"
        1 x gen_ai.operation.name="fetch_response" gen_ai.provider.name="openai"
        1 x gen_ai.operation.name="invoke_agent" gen_ai.provider.name="openai"
        1 x gen_ai.operation.name="retrieval"
        1 x gen_ai.operation.name="search_memory"
    gen_ai.execute_tool.duration s
        1 x error.type="timeout" gen_ai.agent.name="support" gen_ai.tool.name="search"
        1 x gen_ai.agent.name="support" gen_ai.tool.name="search" gen_ai.tool.type="function"
    gen_ai.invoke_agent.duration s
        1 x gen_ai.agent.name="helper"
        1 x gen_ai.agent.name="support"
    gen_ai.invoke_agent.inference_calls {inference_call}
        1 x, sum 1 gen_ai.agent.name="helper"
        1 x, sum 2 gen_ai.agent.name="support"
    gen_ai.invoke_agent.tool_calls {tool_call}
        1 x, sum 0 gen_ai.agent.name="helper"
        1 x, sum 2 gen_ai.agent.name="support"
    gen_ai.invoke_workflow.duration s
        1 x gen_ai.workflow.name="nightly"
    mcp.client.operation.duration s
        1 x gen_ai.operation.name="execute_tool" gen_ai.tool.name="weather" mcp.method.name="tools/call" network.protocol.name="http" network.protocol.version="1.1" network.transport="tcp" server.address="localhost" server.port=8080
    mcp.server.operation.duration s
        1 x error.type="tool_error" gen_ai.operation.name="execute_tool" gen_ai.tool.name="weather" mcp.method.name="tools/call" network.transport="pipe"
    "#);
}

#[test]
fn unsampled_spans_are_measured_all_the_same() {
    let (recorder, reader) = (Recorder::with_sampler(Sampler::AlwaysOff), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    with_tracer(&recorder, &tracer, everything);
    assert!(recorder.spans().is_empty());
    assert_eq!(reader.text(), measure(everything).text());
}

#[test]
fn failed_interrupted_and_cancelled_turns_are_measured() {
    let reader = measure(|| {
        turn().usage(Usage::new(5, 1)).fail_with("rate_limited");
        drop(turn());
        let agent = Operation::prompt("support").start();
        let interrupted = agent.in_scope(turn);
        interrupted.usage(Usage::new(6, 0));
        agent.finish();
    });
    let wanted =
        ["gen_ai.client.inference.duration", "gen_ai.client.inference.usage", "agentic.", "gen_ai.invoke_agent"];
    insta::assert_snapshot!(reader.text_of(&wanted), @r#"
    agentic.cancelled {activity}
        = 1 agentic.activity="turn"
    agentic.context.tokens {token}
        = 6 gen_ai.agent.name="support" gen_ai.request.model="gpt-4o"
    agentic.telemetry.forced_closes {span}
        = 1 agentic.telemetry.reason="interrupted"
    gen_ai.client.inference.duration s
        1 x error.type="interrupted" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" server.address="api.openai.com" server.port=443
        1 x error.type="rate_limited" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" server.address="api.openai.com" server.port=443
        1 x gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.usage.input_tokens {token}
        = 11 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.usage.output_tokens {token}
        = 1 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown" server.address="api.openai.com" server.port=443
    gen_ai.invoke_agent.duration s
        1 x gen_ai.agent.name="support"
    gen_ai.invoke_agent.inference_calls {inference_call}
        1 x, sum 1 gen_ai.agent.name="support"
    gen_ai.invoke_agent.tool_calls {tool_call}
        1 x, sum 0 gen_ai.agent.name="support"
    "#);
}

#[test]
fn a_turn_inside_a_turn_is_one_call() {
    let reader = measure(|| {
        Operation::prompt("support").start().in_scope(|| {
            let guard = Turn::chat("openai", "gpt-4o").start();
            guard.in_scope(|| {
                let inner = Turn::chat("openai", "gpt-4o-2024").start();
                inner.usage(Usage::new(100, 20)).cost(Cost::provider(0.5, "EUR")).finish();
            });
            guard.finish();
        });
    });
    insta::assert_snapshot!(reader.text_of(&["gen_ai", "agentic.inference"]), @r#"
    agentic.inference.cost {cost}
        = 0.5 agentic.cost.currency="EUR" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o"
    gen_ai.client.inference.duration s
        1 x gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o"
    gen_ai.client.inference.operation.input_tokens {token}
        1 x, sum 100 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o"
    gen_ai.client.inference.operation.output_tokens {token}
        1 x, sum 20 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o"
    gen_ai.client.inference.usage.input_tokens {token}
        = 100 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown"
    gen_ai.client.inference.usage.output_tokens {token}
        = 20 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown"
    gen_ai.invoke_agent.duration s
        1 x gen_ai.agent.name="support"
    gen_ai.invoke_agent.inference_calls {inference_call}
        1 x, sum 1 gen_ai.agent.name="support"
    gen_ai.invoke_agent.tool_calls {tool_call}
        1 x, sum 0 gen_ai.agent.name="support"
    "#);
}

#[test]
fn a_turn_inside_a_turn_is_one_call_without_an_agent_too() {
    let reader = measure(|| {
        let guard = Turn::chat("openai", "gpt-4o").start();
        guard.usage(Usage::new(1, 1));
        guard.in_scope(|| Turn::chat("openai", "gpt-4o").start().usage(Usage::new(100, 20)).finish());
        guard.finish();
    });
    insta::assert_snapshot!(reader.text_of(&["gen_ai"]), @r#"
    gen_ai.client.inference.duration s
        1 x gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o"
    gen_ai.client.inference.operation.input_tokens {token}
        1 x, sum 1 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o"
    gen_ai.client.inference.operation.output_tokens {token}
        1 x, sum 1 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o"
    gen_ai.client.inference.usage.input_tokens {token}
        = 1 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown"
    gen_ai.client.inference.usage.output_tokens {token}
        = 1 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown"
    "#);
}

#[test]
fn calls_are_those_an_agent_made_itself() {
    let reader = measure(|| {
        Operation::prompt("top").start().in_scope(|| {
            turn().fail_with("timeout");
            // Some frameworks hang the tools of a turn below it.
            let asking = turn();
            asking.in_scope(|| Tool::new("a").start().in_scope(|| turn().finish()));
            asking.finish();
            McpClientRequest::tools_call("weather").start().finish();
            Compaction::new(CompactionTrigger::Auto).start().in_scope(|| turn().finish());
            Task::new("sub").start().in_scope(|| {
                turn().finish();
                Tool::new("b").start().fail_with("timeout");
            });
            Tool::new("c").start().in_scope(|| Tool::new("d").start().finish());
        });
    });
    insta::assert_snapshot!(reader.text_of(&["gen_ai.invoke_agent.inference", "gen_ai.invoke_agent.tool"]), @r#"
    gen_ai.invoke_agent.inference_calls {inference_call}
        1 x, sum 1 gen_ai.agent.name="sub"
        1 x, sum 3 gen_ai.agent.name="top"
    gen_ai.invoke_agent.tool_calls {tool_call}
        1 x, sum 1 gen_ai.agent.name="sub"
        1 x, sum 3 gen_ai.agent.name="top"
    "#);
}

#[test]
fn an_agent_that_tells_only_its_usage_has_no_number_of_calls() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    let attributes = [
        KeyValue::new("gen_ai.operation.name", "invoke_agent"),
        KeyValue::new("gen_ai.agent.name", "opaque"),
        KeyValue::new("gen_ai.usage.input_tokens", 5),
    ];
    tracer.span_builder("a").with_attributes(attributes).start(&tracer).end();
    insta::assert_snapshot!(reader.text_of(&["gen_ai"]), @r#"
    gen_ai.invoke_agent.duration s
        1 x gen_ai.agent.name="opaque"
    "#);
}

#[test]
fn parts_that_contradict_the_whole_are_of_unknown_modality() {
    let reader = measure(|| {
        turn().usage(Usage::new(10, 1).text_input(8).audio_input(8)).finish();
    });
    insta::assert_snapshot!(reader.text_of(&["gen_ai.client.inference.usage.input"]), @r#"
    gen_ai.client.inference.usage.input_tokens {token}
        = 10 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown" server.address="api.openai.com" server.port=443
    "#);
}

#[test]
fn labels_of_openai_are_for_openai_only() {
    let reader = measure(|| {
        let guard = Turn::chat("groq", "llama").start();
        guard.response_service_tier("default").system_fingerprint("fp_1").finish();
    });
    insta::assert_snapshot!(reader.text_of(&["gen_ai"]), @r#"
    gen_ai.client.inference.duration s
        1 x gen_ai.operation.name="chat" gen_ai.provider.name="groq" gen_ai.request.model="llama"
    "#);
}

#[test]
fn a_call_of_an_unknown_provider_is_measured_without_it() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    let attributes = [KeyValue::new("gen_ai.operation.name", "chat"), KeyValue::new("gen_ai.request.model", "m")];
    tracer.span_builder("chat").with_attributes(attributes).start(&tracer).end();
    insta::assert_snapshot!(reader.text_of(&["gen_ai"]), @r#"
    gen_ai.client.inference.duration s
        1 x gen_ai.operation.name="chat" gen_ai.request.model="m"
    "#);
}

#[test]
fn a_price_table_gives_the_cost_metric() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let prices = PriceTable::new("USD").expect("a currency").with_price("openai", "gpt-4o", Price::new(1.0, 2.0));
    let tracer = recorder.tracer().with_prices(prices.expect("a price")).with_meter(&reader.meter());
    with_tracer(&recorder, &tracer, || {
        turn().usage(Usage::new(1_000_000, 500_000)).finish();
        turn().usage(Usage::new(1_000_000, 0)).finish();
    });
    insta::assert_snapshot!(reader.text_of(&["agentic.inference"]), @r#"
    agentic.inference.cost {cost}
        = 3 agentic.cost.currency="USD" agentic.cost.source="price_table" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o"
    "#);
}

#[test]
fn the_health_of_the_crate_is_that_of_its_stats() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    // A setter after the meter's makes another tracer.
    let tracer = recorder.tracer().with_meter(&reader.meter()).with_attributes(["tenant"]);
    let text = std::cell::RefCell::new(String::new());
    with_tracer(&recorder, &tracer, || {
        let agent = Operation::prompt("support").start();
        drop(
            agent.in_scope(|| tracing::info_span!("chat", gen_ai.operation.name = "chat", nonsense = 1).in_scope(turn)),
        );
        *text.borrow_mut() = reader.text_of(&["agentic.open_spans"]);
        drop(agent);
        let late = turn();
        late.finish();
        late.usage(Usage::new(1, 1));
    });
    insta::assert_snapshot!(text.into_inner() + &reader.text_of(&["agentic.telemetry", "agentic.open_spans"]), @r#"
    agentic.open_spans {span}
        = 1 
    agentic.telemetry.dropped {item}
        = 2 agentic.telemetry.reason="after_end"
    agentic.telemetry.omitted {item}
        = 1 agentic.telemetry.reason="unknown_field"
    "#);
    let stats = tracer.stats();
    assert_eq!((stats.unknown_fields, stats.after_end), (1, 2));
}

#[test]
fn a_reader_of_totals_and_one_of_changes_get_the_same() {
    let (recorder, reader) = (Recorder::default(), Reader::both());
    let tracer = recorder.tracer().with_meter(&reader.meter());
    let work = || turn().usage(Usage::new(10, 2)).finish();
    with_tracer(&recorder, &tracer, work);
    let wanted = ["gen_ai.client.inference.usage.input", "gen_ai.client.inference.operation.input"];
    let first = reader.text_of(&wanted);
    with_tracer(&recorder, &tracer, || (0..2).for_each(|_| work()));
    assert_eq!(
        first,
        reader.text_in(Temporality::Delta, &wanted).replace("= 20", "= 10").replace("2 x, sum 20", "1 x, sum 10")
    );
    insta::assert_snapshot!(reader.text_of(&wanted), @r#"
    gen_ai.client.inference.operation.input_tokens {token}
        3 x, sum 30 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" server.address="api.openai.com" server.port=443
    gen_ai.client.inference.usage.input_tokens {token}
        = 30 gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="gpt-4o" gen_ai.token.modality="unknown" server.address="api.openai.com" server.port=443
    "#);
}

#[test]
fn nothing_that_a_user_wrote_is_a_label() {
    let reader = measure(|| {
        Operation::prompt("support").conversation("c4nary").user("c4nary").session("c4nary").start().in_scope(|| {
            let guard = Turn::chat("openai", "gpt-4o").id("c4nary").prompt_name("p").start();
            guard.response_id("c4nary").finish_reason("c4nary").finish();
            Tool::new("t").call_id("c4nary").start().arguments("c4nary").fail(&std::io::Error::other("c4nary"));
            tracing::error!("c4nary");
            turn().fail_with("c4nary of a user");
            Compaction::new(CompactionTrigger::Auto).reason("c4nary").start().compacted();
        });
    });
    let text = reader.text();
    assert!(!text.contains("c4nary"), "{text}");
    assert!(text.contains("error.type=\"_OTHER\""), "{text}");
}

#[test]
fn what_waits_is_handed_over_when_the_tracer_is_gone() {
    let reader = measure(|| {
        turn().finish();
    });
    assert!(reader.text().contains("gen_ai.client.inference.duration"));
}

#[test]
fn a_layer_over_the_tracer_measures() {
    let (recorder, reader) = (Recorder::default(), Reader::default());
    let layer = tracing_opentelemetry::layer().with_tracer(recorder.tracer().with_meter(&reader.meter()));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || turn().finish());
    assert!(reader.text().contains("gen_ai.client.inference.duration"));
}
