//! The other kinds of spans, by guard and by fields: both give the same span.

use insta::assert_snapshot;
use opentelemetry::trace::SpanKind;
use tracing::field::Empty;
use tracing::info_span;
use tracing_genai::activity::{
    CreateAgent, Embeddings, FetchResponse, McpClientRequest, McpServerRequest, Memory, Plan, RemoteAgent, Retrieval,
    Tool, Turn, Usage,
};

use crate::support::{attribute, in_agent, record, record_async};

#[test]
fn planning_and_remote_agents() {
    let by_guard = in_agent(|| {
        let creation = CreateAgent::new("openai").agent("translator").agent_version("3").model("gpt-4o");
        creation.server("api.openai.com", 443).start().agent_id("asst_1").finish();
        let plan = Plan::new().start();
        plan.in_scope(|| Turn::chat("openai", "gpt-4o").start().finish());
        plan.finish();
        let remote = RemoteAgent::new("openai").agent("translator").agent_id("asst_1").max_tokens(99);
        let remote = remote.previous_response("resp_0").server("api.openai.com", 443).start();
        remote.usage(Usage::new(21, 8).audio_input(3).cache_read(2)).finish_reasons(["stop"]).finish();
        let fetch = FetchResponse::new("openai", "resp_1").stream_cursor("7").api_type("responses").start();
        fetch.response_model("gpt-4o-2024-08-06").status("completed").finish_reasons(["stop"]).finish();
    });
    assert_snapshot!(by_guard.tree(), @r#"
    invoke_agent support
        agentic.operation.kind = "prompt"
        agentic.usage.cache_read.input_tokens = 2
        agentic.usage.input_tokens = 21
        agentic.usage.output_tokens = 8
        agentic.usage.turns = 1
        gen_ai.agent.name = "support"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
      create_agent translator CLIENT
          gen_ai.agent.id = "asst_1"
          gen_ai.agent.name = "translator"
          gen_ai.agent.version = "3"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "create_agent"
          gen_ai.provider.name = "openai"
          gen_ai.request.model = "gpt-4o"
          server.address = "api.openai.com"
          server.port = 443
      plan support
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "plan"
        chat gpt-4o CLIENT
            gen_ai.agent.name = "support"
            gen_ai.conversation.id = "c-1"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "gpt-4o"
      invoke_agent translator CLIENT
          agentic.usage.cache_read.input_tokens = 2
          agentic.usage.input_tokens = 21
          agentic.usage.output_tokens = 8
          gen_ai.agent.id = "asst_1"
          gen_ai.agent.name = "translator"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "invoke_agent"
          gen_ai.provider.name = "openai"
          gen_ai.request.max_tokens = 99
          gen_ai.request.previous_response.id = "resp_0"
          gen_ai.response.finish_reasons = ["stop"]
          gen_ai.usage.audio.input_tokens = 3
          gen_ai.usage.cache_read.input_tokens = 2
          gen_ai.usage.input_tokens = 21
          gen_ai.usage.output_tokens = 8
          server.address = "api.openai.com"
          server.port = 443
      fetch_response CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "fetch_response"
          gen_ai.provider.name = "openai"
          gen_ai.request.stream_cursor = "7"
          gen_ai.response.finish_reasons = ["stop"]
          gen_ai.response.id = "resp_1"
          gen_ai.response.model = "gpt-4o-2024-08-06"
          gen_ai.response.status = "completed"
          openai.api.type = "responses"
    "#);
    let by_fields = in_agent(|| {
        let creation = info_span!(
            "any name",
            gen_ai.operation.name = "create_agent",
            gen_ai.provider.name = "openai",
            gen_ai.agent.name = "translator",
            gen_ai.agent.version = "3",
            gen_ai.agent.id = Empty,
            gen_ai.request.model = "gpt-4o",
            server.address = "api.openai.com",
            server.port = 443,
        );
        creation.record("gen_ai.agent.id", "asst_1");
        drop(creation);
        info_span!("planning", gen_ai.operation.name = "plan").in_scope(|| {
            info_span!(
                "call",
                gen_ai.operation.name = "chat",
                gen_ai.provider.name = "openai",
                gen_ai.request.model = "gpt-4o"
            );
        });
        info_span!(
            "remote",
            otel.kind = "client",
            gen_ai.operation.name = "invoke_agent",
            gen_ai.provider.name = "openai",
            gen_ai.agent.name = "translator",
            gen_ai.agent.id = "asst_1",
            gen_ai.request.max_tokens = 99_u64,
            gen_ai.request.previous_response.id = "resp_0",
            gen_ai.usage.input_tokens = 21_u64,
            gen_ai.usage.output_tokens = 8_u64,
            gen_ai.usage.audio.input_tokens = 3_u64,
            gen_ai.usage.cache_read.input_tokens = 2_u64,
            gen_ai.response.finish_reasons = "stop",
            server.address = "api.openai.com",
            server.port = 443,
        );
        info_span!(
            "fetch",
            gen_ai.operation.name = "fetch_response",
            gen_ai.provider.name = "openai",
            gen_ai.response.id = "resp_1",
            gen_ai.request.stream_cursor = "7",
            openai.api.type = "responses",
            gen_ai.response.model = "gpt-4o-2024-08-06",
            gen_ai.response.status = "completed",
            gen_ai.response.finish_reasons = ?["stop"],
        );
    });
    assert_eq!(by_fields.tree(), by_guard.tree());
}

#[test]
fn retrieval_and_memory() {
    let by_guard = in_agent(|| {
        Tool::new("search").start().in_scope(|| {
            let retrieval = Retrieval::new("help-articles").top_k(5).server("localhost", 6334).start();
            retrieval.in_scope(|| {
                let embeddings = Embeddings::new("openai", "text-embedding-3-small").encoding_formats(["float"]);
                let embeddings = embeddings.server("api.openai.com", 443).start();
                embeddings.input_tokens(7).dimension_count(1536).response_model("text-embedding-3-small").finish();
            });
        });
        Memory::search().store("customers").in_process().start().record_count(2).finish();
        Memory::upsert().provider("mem0").store("customers").server("mem0.example", 443).start().finish();
        Memory::create_store().start().store("new").finish();
        Memory::create().start().record_id("r-1").finish();
        Memory::update().record_id("r-1").start().finish();
        Memory::delete().record_id("r-1").start().finish();
        Memory::delete_store().store("new").start().finish();
    });
    assert_snapshot!(by_guard.tree(), @r#"
    invoke_agent support
        agentic.operation.kind = "prompt"
        agentic.usage.input_tokens = 7
        gen_ai.agent.name = "support"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
      execute_tool search
          gen_ai.agent.name = "support"
          gen_ai.conversation.id = "c-1"
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.name = "search"
        retrieval help-articles CLIENT
            gen_ai.conversation.id = "c-1"
            gen_ai.data_source.id = "help-articles"
            gen_ai.operation.name = "retrieval"
            gen_ai.retrieval.top_k = 5
            server.address = "localhost"
            server.port = 6334
          embeddings text-embedding-3-small CLIENT
              gen_ai.conversation.id = "c-1"
              gen_ai.embeddings.dimension.count = 1536
              gen_ai.operation.name = "embeddings"
              gen_ai.provider.name = "openai"
              gen_ai.request.encoding_formats = ["float"]
              gen_ai.request.model = "text-embedding-3-small"
              gen_ai.response.model = "text-embedding-3-small"
              gen_ai.usage.input_tokens = 7
              server.address = "api.openai.com"
              server.port = 443
      search_memory
          gen_ai.conversation.id = "c-1"
          gen_ai.memory.record.count = 2
          gen_ai.memory.store.id = "customers"
          gen_ai.operation.name = "search_memory"
      upsert_memory CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.memory.store.id = "customers"
          gen_ai.operation.name = "upsert_memory"
          gen_ai.provider.name = "mem0"
          server.address = "mem0.example"
          server.port = 443
      create_memory_store CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.memory.store.id = "new"
          gen_ai.operation.name = "create_memory_store"
      create_memory CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.memory.record.id = "r-1"
          gen_ai.operation.name = "create_memory"
      update_memory CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.memory.record.id = "r-1"
          gen_ai.operation.name = "update_memory"
      delete_memory CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.memory.record.id = "r-1"
          gen_ai.operation.name = "delete_memory"
      delete_memory_store CLIENT
          gen_ai.conversation.id = "c-1"
          gen_ai.memory.store.id = "new"
          gen_ai.operation.name = "delete_memory_store"
    "#);
    let by_fields = in_agent(|| {
        info_span!("tool", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "search").in_scope(|| {
            info_span!(
                "query",
                gen_ai.operation.name = "retrieval",
                gen_ai.data_source.id = "help-articles",
                gen_ai.retrieval.top_k = 5_u64,
                gen_ai.retrieval.query.text = "CANARY",
                server.address = "localhost",
                server.port = 6334,
            )
            .in_scope(|| {
                info_span!(
                    "embed",
                    gen_ai.operation.name = "embeddings",
                    gen_ai.provider.name = "openai",
                    gen_ai.request.model = "text-embedding-3-small",
                    gen_ai.request.encoding_formats = ?["float"],
                    gen_ai.usage.input_tokens = 7_u64,
                    gen_ai.embeddings.dimension.count = 1536_u64,
                    gen_ai.response.model = "text-embedding-3-small",
                    server.address = "api.openai.com",
                    server.port = 443,
                );
            });
        });
        let memory = |operation, kind, store, record| {
            info_span!(
                "memory",
                otel.kind = kind,
                gen_ai.operation.name = operation,
                gen_ai.memory.store.id = store,
                gen_ai.memory.record.id = record,
                gen_ai.memory.record.count = Empty,
                gen_ai.memory.query.text = "CANARY",
                gen_ai.provider.name = Empty,
                server.address = Empty,
                server.port = Empty,
            )
        };
        let customers = Some("customers");
        memory("search_memory", "internal", customers, None).record("gen_ai.memory.record.count", 2_u64);
        let upsert = memory("upsert_memory", "client", customers, None);
        upsert.record("gen_ai.provider.name", "mem0").record("server.address", "mem0.example");
        upsert.record("server.port", 443);
        drop(upsert);
        memory("create_memory_store", "client", Some("new"), None);
        memory("create_memory", "client", None, Some("r-1"));
        memory("update_memory", "client", None, Some("r-1"));
        memory("delete_memory", "client", None, Some("r-1"));
        memory("delete_memory_store", "client", Some("new"), None);
    });
    assert_eq!(by_fields.tree(), by_guard.tree());
}

#[test]
fn a_model_in_the_same_process_is_internal() {
    let recorder = record(|| Turn::chat("llama.cpp", "qwen3").in_process().start().finish());
    assert_eq!(recorder.span("chat qwen3").span_kind, SpanKind::Internal);
}

#[test]
fn the_agents_name_passes_through_what_does_not_show_it() {
    let recorder = in_agent(|| {
        Memory::upsert().start().in_scope(|| Turn::chat("openai", "gpt-4o").start().finish());
    });
    assert_eq!(attribute(&recorder.span("upsert_memory"), "gen_ai.agent.name"), None);
    assert_eq!(attribute(&recorder.span("chat gpt-4o"), "gen_ai.agent.name").as_deref(), Some("\"support\""));
}

/// `$start` dropped at once, after its scope, and failed: what became of it.
macro_rules! ends {
    ($($start:expr),+ $(,)?) => {
        [$({
            let recorder = record(|| drop($start.start()));
            let [dropped] = &recorder.spans()[..] else { panic!("one span") };
            let scoped = record(|| $start.start().in_scope(|| ()));
            let failed = record(|| $start.start().fail_with("rate_limit"));
            let [failed] = &failed.spans()[..] else { panic!("one span") };
            let (outcome, error) = (attribute(dropped, "agentic.outcome"), attribute(failed, "error.type"));
            let after_scope = attribute(&scoped.spans()[0], "agentic.outcome");
            format!("{}: {outcome:?}, {after_scope:?}, {error:?} {:?}", dropped.name, failed.status)
        }),+].join("\n")
    };
}

#[test]
fn dropped_is_cancelled_unless_the_work_was_done_and_failed_is_an_error() {
    let ends = ends![
        Plan::new(),
        Embeddings::new("openai", "e"),
        Retrieval::new("d"),
        Memory::search(),
        CreateAgent::new("openai"),
        RemoteAgent::new("openai"),
        FetchResponse::new("openai", "r"),
        McpClientRequest::tools_call("t"),
        McpServerRequest::tools_call("t"),
        Tool::command("bash"),
    ];
    assert_snapshot!(ends, @r#"
    plan: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    embeddings e: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    retrieval d: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    search_memory: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    create_agent: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    invoke_agent: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    fetch_response: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    tools/call t: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    tools/call t: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    execute_tool bash: Some("\"cancelled\""), None, Some("\"rate_limit\"") Error { description: "" }
    "#);
}

#[test]
fn an_error_of_the_work_fails_any_kind() {
    let recorder = record_async(async {
        let answer = Retrieval::new("d").start().run(async { Err::<(), _>(std::io::Error::other("CANARY")) }).await;
        assert!(answer.is_err());
    });
    assert_snapshot!(recorder.tree(), @r#"
    retrieval d CLIENT ERROR
        error.type = "std.Error"
        gen_ai.data_source.id = "d"
        gen_ai.operation.name = "retrieval"
        * exception exception.type="std::io::error::Error"
    "#);
}
