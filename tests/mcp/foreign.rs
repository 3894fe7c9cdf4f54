//! Peers that know nothing of us, and peers that mean no good.

use insta::assert_snapshot;
use rmcp::model::CallToolRequestParams;
use rmcp::{ServiceError, ServiceExt};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tracing_genai::activity::Operation;
use tracing_genai::mcp;

use crate::support::attribute;
use crate::weather::{User, Weather};
use crate::{ended, names, record};

#[test]
fn requests_of_a_foreign_client_are_roots() {
    let recorder = record(async |recorder| {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (server, client) = tokio::join!(mcp::server(Weather::default()).serve(far), ().serve(near));
        let (server, client) = (server.expect("initialized"), client.expect("initialized"));
        ended(recorder, 2).await;
        recorder.forget();
        client.call_tool(CallToolRequestParams::new("broken")).await.expect("a result");
        client.list_all_tools().await.expect("tools");
        client.cancel().await.expect("the client's loop");
        server.waiting().await.expect("the server's loop");
    });
    assert_snapshot!(names(&recorder), @"
    tools/call broken SERVER ERROR
    tools/list SERVER
    ");
}

#[test]
fn a_foreign_server_takes_what_we_send() {
    let recorder = record(async |recorder| {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (server, client) = tokio::join!(Weather::default().serve(far), mcp::client(User::default()).serve(near));
        let (server, client) = (server.expect("initialized"), client.expect("initialized"));
        recorder.forget();
        let agent = Operation::prompt("guide").start();
        agent.scope(client.call_tool(CallToolRequestParams::new("ask"))).await.expect("a result");
        agent.scope(client.call_tool(CallToolRequestParams::new("report"))).await.expect("a result");
        client.service().progressed.notified().await;
        agent.finish();
        client.cancel().await.expect("the client's loop");
        server.waiting().await.expect("the server's loop");
    });
    assert_snapshot!(names(&recorder), @"
    invoke_agent guide
      tools/call ask CLIENT
        sampling/createMessage SERVER
          chat claude-haiku-4-5 CLIENT
      tools/call report CLIENT
        notifications/progress SERVER
    ");
}

/// The reply of a traced server to requests that are written by hand.
async fn by_hand(requests: &[serde_json::Value]) -> Vec<serde_json::Value> {
    let (near, far) = tokio::io::duplex(1 << 22);
    let server = tokio::spawn(mcp::server(Weather::default()).serve(far));
    let (read, mut write) = tokio::io::split(near);
    let mut lines = BufReader::new(read).lines();
    let opening =
        json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}});
    let opening = json!({"jsonrpc": "2.0", "id": "opening", "method": "initialize", "params": opening});
    let mut replies = Vec::new();
    for request in std::iter::once(&opening).chain(requests) {
        write.write_all(format!("{request}\n").as_bytes()).await.expect("written");
        let line = lines.next_line().await.expect("read").expect("a reply");
        replies.push(serde_json::from_str(&line).expect("JSON"));
    }
    drop((lines, write));
    server.await.expect("no panic").expect("initialized").waiting().await.expect("the server's loop");
    replies
}

#[test]
fn a_hostile_meta_is_ignored() {
    let call = |id: u64, meta: serde_json::Value| {
        let params = json!({"name": "broken", "arguments": {}, "_meta": meta});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    };
    let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let baggage = format!("session.id=stolen,{}", "k=v,".repeat(256 * 1024));
    let requests = [
        call(1, json!({"traceparent": "00-zz-zz-01"})),
        call(2, json!({"traceparent": 7, "tracestate": [], "baggage": {}})),
        call(3, json!({"traceparent": "00-00000000000000000000000000000000-b7ad6b7169203331-01"})),
        call(4, json!({"traceparent": "x".repeat(1 << 20)})),
        call(9, json!({"io.modelcontextprotocol/protocolVersion": "what is the weather, canary?"})),
        call(5, json!({"traceparent": good, "tracestate": "no state, =", "baggage": baggage})),
    ];
    let recorder = record(async |_| {
        let replies = by_hand(&requests).await;
        let (good, bad): (Vec<_>, Vec<_>) = replies[1..].iter().partition(|reply| reply["id"] != 9);
        assert!(good.iter().all(|reply| reply["result"]["isError"] == true), "{replies:?}");
        assert!(bad.iter().all(|reply| reply["error"]["code"].is_i64()), "{replies:?}");
    });
    for span in recorder.spans().iter().filter(|span| span.name == "tools/call broken") {
        let id = attribute(span, "jsonrpc.request.id").expect("a number");
        let continued = span.span_context.trace_id().to_string() == "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(continued, id == "\"5\"", "request {id}");
        assert_eq!(span.parent_span_is_remote, id == "\"5\"");
        assert_eq!(span.span_context.trace_state().header(), "");
        assert_eq!(attribute(span, "session.id"), None);
        assert!(!format!("{span:?}").contains("canary"), "{span:?}");
    }
    assert_eq!(recorder.spans().len(), 7);
}

#[test]
fn a_connection_that_is_closed_fails_what_is_open() {
    let recorder = record(async |recorder| {
        let (near, far) = tokio::io::duplex(1 << 16);
        let server = async {
            let (read, mut write) = tokio::io::split(far);
            let mut lines = BufReader::new(read).lines();
            let request = lines.next_line().await.expect("read").expect("initialize");
            let request: serde_json::Value = serde_json::from_str(&request).expect("JSON");
            let info = json!({"name": "x", "version": "1"});
            let result = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "serverInfo": info});
            let reply = json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
            write.write_all(format!("{reply}\n").as_bytes()).await.expect("written");
            // Hangs up on the first call.
            while !lines.next_line().await.expect("read").expect("a line").contains("tools/call") {}
        };
        let client = async {
            let client = mcp::client(User::default()).serve(near).await.expect("initialized");
            recorder.forget();
            client.call_tool(CallToolRequestParams::new("slow")).await.expect_err("nobody answers")
        };
        let (error, ()) = tokio::join!(client, server);
        assert!(matches!(error, ServiceError::TransportClosed), "{error}");
    });
    let error = attribute(&recorder.span("tools/call slow"), "error.type");
    assert_eq!(error.as_deref(), Some("\"connection_closed\""));
}

#[test]
fn a_text_where_a_name_or_a_number_belongs_does_not_leave() {
    let text = "what is the weather, canary?";
    let request = |method: &str, id: &str| {
        let params = json!({"name": text, "arguments": {}});
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
    };
    let requests = [request("tools/call", text), request("prompts/get", "req-7")];
    let recorder = record(async |_| {
        let replies = by_hand(&requests).await;
        assert_eq!(replies[1]["id"], text, "the peer gets its own back");
    });
    assert_snapshot!(recorder.tree(), @r#"
    initialize SERVER
        jsonrpc.request.id = "opening"
        mcp.method.name = "initialize"
        mcp.protocol.version = "2025-06-18"
    tools/call _OTHER SERVER ERROR
        error.type = "-32602"
        gen_ai.operation.name = "execute_tool"
        gen_ai.tool.name = "_OTHER"
        mcp.method.name = "tools/call"
        mcp.protocol.version = "2025-06-18"
        rpc.response.status_code = "-32602"
    prompts/get _OTHER SERVER ERROR
        error.type = "-32602"
        gen_ai.prompt.name = "_OTHER"
        jsonrpc.request.id = "req-7"
        mcp.method.name = "prompts/get"
        mcp.protocol.version = "2025-06-18"
        rpc.response.status_code = "-32602"
    "#);

    let recorder = record(async |_| {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (server, client) = tokio::join!(Weather::default().serve(far), mcp::client(User::default()).serve(near));
        let (server, client) = (server.expect("initialized"), client.expect("initialized"));
        client.call_tool(CallToolRequestParams::new(text)).await.expect_err("no such tool");
        client.cancel().await.expect("the client's loop");
        server.waiting().await.expect("the server's loop");
    });
    assert!(!format!("{:?}", recorder.spans()).contains("canary"), "{}", recorder.tree());
    recorder.span("tools/call _OTHER");
}
