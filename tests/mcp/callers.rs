//! Where a request hangs, and what travels in its `_meta`.

use insta::assert_snapshot;
use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest, ProtocolVersion, RequestMetaObject};
use rmcp::service::{ClientLifecycleMode, PeerRequestOptions, serve_directly};
use rmcp::{ClientHandler, ServerHandler};
use tracing_genai::activity::{McpClientRequest, Operation, Tool};
use tracing_genai::mcp;

use crate::support::attribute;
use crate::weather::{User, Weather};
use crate::{Ends, ended, exchange, names, record};

fn call() -> CallToolRequestParams {
    CallToolRequestParams::new("forecast")
}

#[test]
fn concurrent_callers_keep_their_own_requests() {
    let recorder = exchange(async |ends, _| {
        let (one, two) = (Tool::new("one").start(), Tool::new("two").start());
        let (first, second) = tokio::join!(
            one.scope(ends.client.call_tool(call())),
            two.scope(ends.client.call_tool(CallToolRequestParams::new("broken")))
        );
        first.expect("a forecast");
        second.expect("a result");
        one.finish();
        two.finish();
    });
    let parents: Vec<_> = ["tools/call forecast", "tools/call broken"]
        .map(|name| {
            let sent = recorder.spans().into_iter().find(|span| span.name == name && !span.parent_span_is_remote);
            sent.expect("the request").parent_span_id
        })
        .into();
    let tools = ["execute_tool one", "execute_tool two"].map(|name| recorder.span(name).span_context.span_id());
    assert_eq!(parents, tools);
}

#[test]
fn a_span_of_the_application_for_the_same_request_is_completed() {
    let recorder = exchange(async |ends, _| {
        let request = McpClientRequest::tools_call("forecast").start();
        request.scope(ends.client.call_tool(call())).await.expect("a forecast");
        request.finish();
    });
    assert_snapshot!(recorder.tree(), @r#"
    invoke_agent guide
        agentic.operation.kind = "prompt"
        agentic.usage.input_tokens = 12
        agentic.usage.output_tokens = 3
        agentic.usage.turns = 1
        gen_ai.agent.name = "guide"
        gen_ai.operation.name = "invoke_agent"
      tools/call forecast CLIENT
          gen_ai.operation.name = "execute_tool"
          gen_ai.tool.name = "forecast"
          jsonrpc.request.id = "1"
          mcp.method.name = "tools/call"
          mcp.protocol.version = "2025-11-25"
        tools/call forecast SERVER < 0000000000000009
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.name = "forecast"
            jsonrpc.request.id = "1"
            mcp.method.name = "tools/call"
            mcp.protocol.version = "2025-11-25"
          chat gpt-4o-mini CLIENT
              gen_ai.agent.name = "guide"
              gen_ai.operation.name = "chat"
              gen_ai.provider.name = "openai"
              gen_ai.request.model = "gpt-4o-mini"
              gen_ai.usage.input_tokens = 12
              gen_ai.usage.output_tokens = 3
            look_up
    "#);
}

#[test]
fn a_peer_that_does_not_know_its_caller_is_told_or_hangs_where_it_was_opened() {
    let recorder = record(async |recorder| {
        let agent = Operation::prompt("guide").start();
        let ends = agent.scope(Ends::connect()).await;
        ended(recorder, 4).await;
        recorder.forget();
        let peer = ends.client.peer().clone();
        let tool = Tool::new("forecast").child_of(agent.span()).start();
        tool.scope(peer.call_tool(call())).await.expect("a forecast");
        tool.scope(async { peer.call_tool(mcp::here(call())).await }).await.expect("a forecast");
        tool.finish();
        agent.finish();
        // The agent has ended: it is nobody's place any more.
        peer.call_tool(call()).await.expect("a forecast");
        ends.close().await;
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      execute_tool forecast
        tools/call forecast CLIENT
          tools/call forecast SERVER < 000000000000000c
            chat gpt-4o-mini CLIENT
              look_up
      tools/call forecast CLIENT
        tools/call forecast SERVER < 0000000000000008
          chat gpt-4o-mini CLIENT
            look_up
    tools/call forecast CLIENT
      tools/call forecast SERVER < 0000000000000010
        chat gpt-4o-mini CLIENT
          look_up
    ");
}

#[test]
fn what_the_application_put_into_meta_stays() {
    let recorder = exchange(async |ends, _| {
        let mut meta = RequestMetaObject::new();
        meta.insert("shop.example/cart".to_owned(), 7.into());
        meta.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        meta.set_tracestate("vendor=1");
        meta.set_baggage("tenant=acme");
        let options = PeerRequestOptions::default().with_meta(meta);
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(CallToolRequestParams::new("echo")));
        let request = ends.client.send_request_with_option(request, options).await.expect("sent");
        request.await_response().await.expect("the meta");
        let seen = ends.server.service().seen.lock().expect("not poisoned").clone().expect("the meta");
        assert_eq!(seen["shop.example/cart"], 7);
        assert_eq!(seen["baggage"], "tenant=acme");
        assert_eq!(seen["tracestate"], "vendor=1");
        assert!(seen.contains_key("progressToken"));
        let traceparent = seen["traceparent"].as_str().expect("text");
        assert!(traceparent.starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{traceparent}");
        assert!(!traceparent.contains("b7ad6b7169203331"), "of our span, which hangs below: {traceparent}");
    });
    let sent = recorder.spans().into_iter().find(|span| attribute(span, "jsonrpc.request.id").is_some());
    assert_eq!(sent.expect("a request").span_context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
}

#[test]
fn without_a_tracer_nothing_is_sent_that_would_not_be() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let ends = Ends::connect().await;
        ends.client.call_tool(CallToolRequestParams::new("echo")).await.expect("the meta");
        let seen = ends.server.service().seen.lock().expect("not poisoned").clone().expect("the meta");
        assert_eq!(seen.keys().collect::<Vec<_>>(), ["progressToken"]);
        ends.close().await;
    });
}

#[test]
fn a_notification_of_the_client_hangs_where_it_is_sent_from() {
    let recorder = exchange(async |ends, recorder| {
        let tool = Tool::new("forecast").start();
        tool.scope(ends.client.notify_roots_list_changed()).await.expect("sent");
        tool.finish();
        ended(recorder, 3).await;
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      execute_tool forecast
        notifications/roots/list_changed CLIENT
          notifications/roots/list_changed SERVER < 000000000000000a
    ");
}

/// Both ends, connected without `initialize`.
async fn connect_newest() -> Ends {
    let (near, far) = tokio::io::duplex(1 << 16);
    let newest = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    let server = tokio::spawn(mcp::server(Weather::default()).serve(far));
    let client = mcp::client(User::default()).serve_with_lifecycle(near, newest).await.expect("discovered");
    // The server takes its first request for the opening.
    client.list_tools(None).await.expect("tools");
    Ends { client, server: server.await.expect("no panic").expect("served") }
}

#[test]
fn a_session_without_initialize_has_spans_with_the_version_of_each_request() {
    let recorder = record(async |_| connect_newest().await.close().await);
    assert_snapshot!(recorder.tree(), @r#"
    server/discover CLIENT
        jsonrpc.request.id = "0"
        mcp.method.name = "server/discover"
        mcp.protocol.version = "2026-07-28"
      server/discover SERVER < 0000000000000001
          jsonrpc.request.id = "0"
          mcp.method.name = "server/discover"
          mcp.protocol.version = "2026-07-28"
    tools/list CLIENT
        jsonrpc.request.id = "1"
        mcp.method.name = "tools/list"
        mcp.protocol.version = "2026-07-28"
      tools/list SERVER < 0000000000000004
          jsonrpc.request.id = "1"
          mcp.method.name = "tools/list"
          mcp.protocol.version = "2026-07-28"
    "#);
}

#[test]
fn what_a_result_asks_for_hangs_where_the_call_is_made() {
    let recorder = record(async |recorder| {
        let ends = connect_newest().await;
        recorder.forget();
        let tool = Tool::new("ask_back").start();
        tool.scope(ends.client.call_tool(CallToolRequestParams::new("ask_back"))).await.expect("a result");
        tool.finish();
        ends.close().await;
    });
    assert_snapshot!(names(&recorder), @"
    execute_tool ask_back
      tools/call ask_back CLIENT
        tools/call ask_back SERVER < 0000000000000009
      sampling/createMessage SERVER
        chat claude-haiku-4-5 CLIENT
      tools/call ask_back CLIENT
        tools/call ask_back SERVER < 000000000000000d
    ");
    let asked = recorder.span("sampling/createMessage");
    assert_eq!(attribute(&asked, "jsonrpc.request.id"), None, "the server's key is no number of a request");
}

#[test]
fn a_guard_of_the_application_is_not_claimed_by_another_request() {
    let recorder = exchange(async |ends, _| {
        let request = McpClientRequest::tools_call("forecast").start();
        // What the application does before it calls the tool that the guard is about.
        request
            .scope(async {
                ends.client.call_tool(CallToolRequestParams::new("broken")).await.expect("a result");
                ends.client.list_tools(None).await.expect("tools");
                ends.client.call_tool(call()).await.expect("a forecast");
            })
            .await;
        request.finish();
        let listed = McpClientRequest::new("prompts/list").start();
        listed.scope(ends.client.list_tools(None)).await.expect("tools");
        listed.finish();
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      tools/call forecast CLIENT
        tools/call broken CLIENT ERROR
          tools/call broken SERVER ERROR < 000000000000000a
        tools/list CLIENT
          tools/list SERVER < 000000000000000c
        tools/call forecast SERVER < 0000000000000009
          chat gpt-4o-mini CLIENT
            look_up
      prompts/list CLIENT
        tools/list CLIENT
          tools/list SERVER < 0000000000000012
    ");
}

#[test]
fn a_place_that_the_application_wrote_is_not_mixed_with_another() {
    let recorder = exchange(async |ends, _| {
        let written = |trace: &str| {
            let mut meta = RequestMetaObject::new();
            meta.set_traceparent(format!("00-{trace}-b7ad6b7169203331-01"));
            meta
        };
        let tool = Tool::new("forecast").start();
        let mut params = CallToolRequestParams::new("broken");
        params.meta = Some(written("11111111111111111111111111111111"));
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        tool.scope(ends.client.send_request(request)).await.expect("a result");
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(CallToolRequestParams::new("broken")));
        let options = PeerRequestOptions::default().with_meta(written("22222222222222222222222222222222"));
        let request = tool.scope(ends.client.send_request_with_option(request, options)).await.expect("sent");
        request.await_response().await.expect("a result");
        tool.finish();
    });
    let sent = recorder.spans().into_iter().filter(|span| span.name == "tools/call broken");
    let traces: Vec<_> = sent.map(|span| span.span_context.trace_id().to_string()).collect();
    assert_eq!(traces.len(), 4, "{}", recorder.tree());
    for trace in ["11111111111111111111111111111111", "22222222222222222222222222222222"] {
        assert_eq!(traces.iter().filter(|of| *of == trace).count(), 2, "{traces:?}");
    }
}

#[test]
fn the_first_request_of_a_connection_without_an_opening_is_not_doubled() {
    let recorder = record(async |_| {
        let (near, far) = tokio::io::duplex(1 << 16);
        let server = mcp::server(Weather::default());
        let (io, config) = (server.transport(far), User::default().get_info());
        let server = serve_directly(server, io, Some(config));
        let agent = Operation::prompt("guide").start();
        let client = agent.in_scope(|| {
            let client = mcp::client(User::default());
            let io = client.transport(near);
            mcp::RunningClient::from(serve_directly(client, io, Some(Weather::default().get_info().into())))
        });
        // Where it was opened.
        client.peer().call_tool(CallToolRequestParams::new("broken")).await.expect("a result");
        agent.finish();
        client.cancel().await.expect("the client's loop");
        server.waiting().await.expect("the server's loop");

        let (near, far) = tokio::io::duplex(1 << 16);
        let server = mcp::server(Weather::default());
        let (io, config) = (server.transport(far), User::default().get_info());
        let server = serve_directly(server, io, Some(config));
        let client = mcp::client(User::default());
        let io = client.transport(near);
        let client = mcp::RunningClient::from(serve_directly(client, io, Some(Weather::default().get_info().into())));
        let request = McpClientRequest::tools_call("broken").start();
        request.scope(client.call_tool(CallToolRequestParams::new("broken"))).await.expect("a result");
        request.finish();
        client.cancel().await.expect("the client's loop");
        server.waiting().await.expect("the server's loop");
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      tools/call broken CLIENT ERROR
        tools/call broken SERVER ERROR < 0000000000000003
    tools/call broken CLIENT
      tools/call broken SERVER ERROR < 0000000000000005
    ");
}

#[test]
fn a_completed_guard_has_the_network_of_its_connection() {
    let recorder = record(async |_| {
        let (near, far) = tokio::io::duplex(1 << 16);
        let client = mcp::client(User::default()).http("3").peer_address("mcp.example", 443);
        let (server, client) = tokio::join!(mcp::server(Weather::default()).serve(far), client.serve(near));
        let (server, client) = (server.expect("initialized"), client.expect("initialized"));
        let request = McpClientRequest::tools_call("broken").start();
        request.scope(client.call_tool(CallToolRequestParams::new("broken"))).await.expect("a result");
        request.finish();
        client.cancel().await.expect("the client's loop");
        server.waiting().await.expect("the server's loop");
    });
    let sent =
        recorder.spans().into_iter().find(|span| span.name == "tools/call broken" && !span.parent_span_is_remote);
    let sent = sent.expect("the request");
    for (key, value) in [
        ("network.protocol.name", "\"http\""),
        ("network.protocol.version", "\"3\""),
        ("network.transport", "\"quic\""),
        ("server.address", "\"mcp.example\""),
        ("server.port", "443"),
    ] {
        assert_eq!(attribute(&sent, key).as_deref(), Some(value), "{key}");
    }
}

#[test]
fn a_transport_that_has_spans_gets_no_second_ones() {
    let recorder = record(async |_| {
        let (near, far) = tokio::io::duplex(1 << 16);
        let client = mcp::client(User::default());
        // As it was served before there was a method for it.
        let io = client.transport(near);
        let client = client.serve_with_lifecycle(io, ClientLifecycleMode::Initialize);
        let (server, client) = tokio::join!(mcp::server(Weather::default()).serve(far), client);
        let (server, client) = (server.expect("initialized"), client.expect("initialized"));
        client.call_tool(CallToolRequestParams::new("broken")).await.expect("a result");
        client.cancel().await.expect("the client's loop");
        server.waiting().await.expect("the server's loop");
    });
    assert_snapshot!(names(&recorder), @"
    initialize CLIENT
      initialize SERVER < 0000000000000001
    notifications/initialized CLIENT
      notifications/initialized SERVER < 0000000000000004
    tools/call broken CLIENT ERROR
      tools/call broken SERVER ERROR < 0000000000000006
    ");
}
