//! The bookkeeping of the company, an MCP server, and the call of its tool: one span at each end of the wire.

use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tracing_genai::Carrier;
use tracing_genai::activity::{Guard, McpClientRequest, McpServerRequest};

use crate::World;
use crate::service::ServiceError;

const PROTOCOL: &str = "2025-11-25";

/// How the result of a call looks to the caller.
pub(crate) enum Outcome {
    Result(String),
    /// The tool itself failed: `isError`.
    ToolError,
    /// There is no result at all: a JSON-RPC error with this code.
    Refused(i64),
}

/// Calls the tool `tool` of the MCP server.
pub(crate) async fn call(tool: &str, arguments: Value, world: &World) -> Result<Outcome, ServiceError> {
    let (address, port) = world.service.server();
    let request = McpClientRequest::tools_call(tool).request_id("1").protocol_version(PROTOCOL);
    let request = request.http("1.1").server(address, port).start();
    request.arguments(&arguments);
    // The place in the trace travels in the request's `_meta`: any transport carries it.
    let meta: Value = request.carrier().iter().flat_map(Carrier::headers).collect();
    let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    match request.scope(world.service.post("/mcp", &body)).await {
        Ok(response) => Ok(ended(&request, &response)),
        Err(error) => {
            request.fail(&error);
            Err(error)
        }
    }
}

fn ended(request: &Guard<McpClientRequest>, response: &Value) -> Outcome {
    if let Some(code) = response.pointer("/error/code").and_then(Value::as_i64) {
        request.error_response(code);
        return Outcome::Refused(code);
    }
    if response.pointer("/result/isError") == Some(&Value::Bool(true)) {
        request.tool_error();
        return Outcome::ToolError;
    }
    request.result(&response["result"]).finish();
    let text = response.pointer("/result/content/0/text").and_then(Value::as_str);
    Outcome::Result(text.unwrap_or_default().to_owned())
}

const INVOICES: &[(&str, &str)] =
    &[("INV-2014", "Team plan, 12 seats, May"), ("INV-1977", "Team plan, 9 seats, April")];

/// The MCP server.
pub(crate) fn routes() -> Router {
    Router::new().route("/mcp", post(|Json(request): Json<Value>| async move { Json(serve(&request)) }))
}

fn serve(request: &Value) -> Value {
    let params = &request["params"];
    let tool = params["name"].as_str().unwrap_or_default();
    let mut span = McpServerRequest::tools_call(tool).request_id(request["id"].to_string());
    let meta = |key: &str| params["_meta"][key].as_str();
    if let Ok(Some(sender)) = Carrier::from_headers(meta) {
        span = span.continues(&sender);
    }
    let span = span.protocol_version(PROTOCOL).http("1.1").start();
    span.arguments(&params["arguments"]);
    match span.in_scope(|| run(tool, &params["arguments"])) {
        Ok(text) => {
            span.result(&text).finish();
            json!({"jsonrpc": "2.0", "id": request["id"], "result": {"content": [{"type": "text", "text": text}]}})
        }
        Err(Failed::Tool(text)) => {
            span.tool_error();
            let content = json!([{"type": "text", "text": text}]);
            json!({"jsonrpc": "2.0", "id": request["id"], "result": {"content": content, "isError": true}})
        }
        Err(Failed::Request(code)) => {
            span.error_response(code);
            json!({"jsonrpc": "2.0", "id": request["id"], "error": {"code": code, "message": "unknown tool"}})
        }
    }
}

enum Failed {
    Tool(String),
    /// A code of JSON-RPC.
    Request(i64),
}

fn run(tool: &str, arguments: &Value) -> Result<String, Failed> {
    if tool != "find_invoice" {
        return Err(Failed::Request(-32602));
    }
    let number = arguments["number"].as_str().unwrap_or_default();
    let found = INVOICES.iter().find(|(known, _)| *known == number);
    found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| {
        // An ordinary log line. RUST_LOG prints it; of its text nothing is exported, since it may hold anything.
        tracing::warn!("the customer gave {number}, which is not in the books");
        Failed::Tool(format!("there is no invoice {number}"))
    })
}
