//! Streamable HTTP on loopback.

use std::sync::Arc;

use insta::assert_snapshot;
use rmcp::model::{CallToolRequestParams, GetPromptRequestParams, ReadResourceRequestParams};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ServiceError, ServiceExt};
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tracing_genai::activity::Operation;
use tracing_genai::mcp;

use crate::support::attribute;
use crate::weather::{CANARY, User, Weather};
use crate::{ended, names, record};

/// A traced server; the port it is at.
async fn serve() -> u16 {
    let sessions = Arc::new(LocalSessionManager::default());
    let config = StreamableHttpServerConfig::default();
    let service = StreamableHttpService::new(|| Ok(mcp::handler(Weather::default())), sessions, config);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let router = axum::Router::new().nest_service("/mcp", service);
    tokio::spawn(async { axum::serve(listener, router).await });
    port
}

#[test]
fn both_ends_are_one_trace() {
    record(async |recorder| {
        let port = serve().await;
        let transport = StreamableHttpClientTransport::from_uri(format!("http://127.0.0.1:{port}/mcp"));
        let client = mcp::client(User::default()).http("1.1").peer_address("127.0.0.1", port);
        let client = client.serve(transport).await.expect("initialized");
        ended(recorder, 4).await;
        recorder.forget();
        let agent = Operation::prompt("guide").start();
        agent.scope(client.call_tool(CallToolRequestParams::new("broken"))).await.expect("a result");
        agent.finish();
        let handled = recorder.spans().into_iter().find(|span| span.parent_span_is_remote).expect("the handler");
        let tree = recorder.tree().replace(&port.to_string(), "PORT");
        let session = attribute(&handled, "mcp.session.id").expect("a session");
        assert_snapshot!(tree.replace(&session, "SESSION"), @r#"
        invoke_agent guide
            agentic.operation.kind = "prompt"
            gen_ai.agent.name = "guide"
            gen_ai.operation.name = "invoke_agent"
          tools/call broken CLIENT ERROR
              error.type = "tool_error"
              gen_ai.operation.name = "execute_tool"
              gen_ai.tool.name = "broken"
              jsonrpc.request.id = "1"
              mcp.method.name = "tools/call"
              mcp.protocol.version = "2025-11-25"
              network.protocol.name = "http"
              network.protocol.version = "1.1"
              network.transport = "tcp"
              server.address = "127.0.0.1"
              server.port = PORT
            tools/call broken SERVER ERROR < 0000000000000009
                error.type = "tool_error"
                gen_ai.operation.name = "execute_tool"
                gen_ai.tool.name = "broken"
                jsonrpc.request.id = "1"
                mcp.method.name = "tools/call"
                mcp.protocol.version = "2025-11-25"
                mcp.session.id = SESSION
                network.protocol.name = "http"
                network.protocol.version = "1.1"
                network.transport = "tcp"
        "#);
        client.cancel().await.expect("the client's loop");
    });
}

#[test]
fn a_client_that_sends_headers_only_is_continued() {
    let recorder = record(async |recorder| {
        let port = serve().await;
        let client = reqwest::Client::new();
        let opening = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"},
        }});
        let reply = client
            .post(format!("http://127.0.0.1:{port}/mcp"))
            .header("accept", "application/json, text/event-stream")
            .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            .json(&opening)
            .send()
            .await
            .expect("a reply");
        assert!(reply.status().is_success(), "{}", reply.status());
        ended(recorder, 1).await;
    });
    let opened = recorder.span("initialize");
    assert_eq!(opened.parent_span_id.to_string(), "b7ad6b7169203331");
    assert_eq!(opened.span_context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
}

#[test]
fn requests_of_a_foreign_client_over_http_are_roots() {
    let recorder = record(async |_| {
        let port = serve().await;
        let transport = StreamableHttpClientTransport::from_uri(format!("http://127.0.0.1:{port}/mcp"));
        let client = ().serve(transport).await.expect("initialized");
        client.call_tool(CallToolRequestParams::new("broken")).await.expect("a result");
        client.cancel().await.expect("the client's loop");
    });
    assert_snapshot!(names(&recorder), @"
    initialize SERVER
    notifications/initialized SERVER
    tools/call broken SERVER ERROR
    ");
}

#[test]
fn no_content_leaves_a_handler_by_default() {
    let recorder = record(async |_| {
        let port = serve().await;
        let transport = StreamableHttpClientTransport::from_uri(format!("http://127.0.0.1:{port}/mcp"));
        let client = mcp::client(User::default()).serve(transport).await.expect("initialized");
        let arguments: Map<String, Value> = [("city".to_owned(), CANARY.into())].into_iter().collect();
        for tool in ["forecast", "broken", "ask", "report"] {
            let call = CallToolRequestParams::new(tool).with_arguments(arguments.clone());
            client.call_tool(call).await.expect("a result");
        }
        let prompt = GetPromptRequestParams::new("greeting").with_arguments(arguments);
        client.get_prompt(prompt).await.expect("a prompt");
        let uri = format!("file:///{CANARY}");
        client.read_resource(ReadResourceRequestParams::new(uri)).await.expect("a resource");
        client.cancel().await.expect("the client's loop");
    });
    assert!(!format!("{:?}", recorder.spans()).contains(CANARY), "{}", recorder.tree());
    assert_snapshot!(names(&recorder), @"
    initialize CLIENT
      initialize SERVER < 0000000000000001
    notifications/initialized CLIENT
      notifications/initialized SERVER < 0000000000000004
    tools/call forecast CLIENT
      tools/call forecast SERVER < 0000000000000007
        chat gpt-4o-mini CLIENT
          look_up
    tools/call broken CLIENT ERROR
      tools/call broken SERVER ERROR < 000000000000000c
    tools/call ask CLIENT
      tools/call ask SERVER < 000000000000000f
      sampling/createMessage SERVER
        chat claude-haiku-4-5 CLIENT
    tools/call report CLIENT
      tools/call report SERVER < 0000000000000014
      notifications/progress SERVER
    prompts/get greeting CLIENT
      prompts/get greeting SERVER < 0000000000000018
    resources/read CLIENT
      resources/read SERVER < 000000000000001b
    ");
}

#[test]
fn a_stream_that_ends_without_an_answer_is_no_error_of_the_server() {
    let recorder = record(async |recorder| {
        // Opens a session, and then answers with nothing.
        let opened = serde_json::json!({"protocolVersion": "2025-06-18", "capabilities": {},
            "serverInfo": {"name": "x", "version": "1"}});
        let answer = move |axum::Json(message): axum::Json<Value>| async move {
            let content = [("content-type", "text/event-stream")];
            match message["method"].as_str() {
                Some("initialize") => {
                    let reply = serde_json::json!({"jsonrpc": "2.0", "id": message["id"], "result": opened});
                    (axum::http::StatusCode::OK, content, format!("data: {reply}\n\n"))
                }
                Some("tools/call") => (axum::http::StatusCode::OK, content, ": wait\n\n".to_owned()),
                _ => (axum::http::StatusCode::ACCEPTED, content, String::new()),
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let router = axum::Router::new().route("/mcp", axum::routing::post(answer));
        tokio::spawn(async { axum::serve(listener, router).await });
        let transport = StreamableHttpClientTransport::from_uri(format!("http://127.0.0.1:{port}/mcp"));
        let client = mcp::client(User::default()).serve(transport).await.expect("initialized");
        recorder.forget();
        let error = client.call_tool(CallToolRequestParams::new("broken")).await.expect_err("no answer");
        assert!(matches!(error, ServiceError::TransportClosed), "{error}");
        client.cancel().await.expect("the client's loop");
    });
    let call = recorder.span("tools/call broken");
    assert_eq!(attribute(&call, "error.type").as_deref(), Some("\"connection_closed\""));
    assert_eq!(attribute(&call, "rpc.response.status_code"), None);
}
