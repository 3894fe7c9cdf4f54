//! An agent that uses a tool of an MCP server: one trace over two processes, with one line at each end.
//!
//! The server is this program, started once more and spoken to over its standard input and output, as most MCP servers
//! are. The place in the trace travels in the request's `_meta`.
//!
//! ```text
//! cargo run --example mcp
//! ```

mod viewer;

use std::env;
use std::error::Error;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::{TokioChildProcess, stdio};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::process::Command;
use tracing_genai::activity::{Operation, Retrieval, Turn, Usage};
use tracing_genai::mcp;

/// The tools of the server.
struct Invoices;

impl ServerHandler for Invoices {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    /// Runs in the span of the request: what is started here hangs below it.
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        match request.name.as_ref() {
            "find_invoice" => {
                Retrieval::new("invoices").server("localhost", 5432).top_k(1).start().finish();
                Ok(CallToolResult::success(vec![ContentBlock::text("INV-2014")]).into())
            }
            "send_invoice" => Ok(CallToolResult::error(vec![ContentBlock::text("the mail server is down")]).into()),
            _ => Err(ErrorData::invalid_params("no such tool", None)),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // For the example only: shows the trace if there is no endpoint to send it to.
    if viewer::show()? {
        return Ok(());
    }
    let telemetry = tracing_genai::init()?;
    if env::args().nth(1).as_deref() == Some("serve") {
        // The server's line: `Invoices.serve(stdio())` without.
        mcp::server(Invoices).serve(stdio()).await?.waiting().await?;
        telemetry.shutdown();
        return Ok(());
    }

    let agent = Operation::prompt("bookkeeper").conversation("chat-17").start();
    agent.scope(ask()).await?;
    agent.finish();
    println!("{}", telemetry.shutdown());
    Ok(())
}

async fn ask() -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("serve");
    // The client's line: `().serve(…)` without.
    let client = mcp::client(()).serve(TokioChildProcess::new(command)?).await?;

    // A request hangs below the span it is sent from, and ends by itself. Its span is that of the tool's call, too: with a
    // `Tool` around it there would be two.
    for call in call_the_model() {
        let _for_the_model = client.call_tool(CallToolRequestParams::new(call)).await;
    }
    client.cancel().await?;
    Ok(())
}

/// What a client library does; here it is made up. The agent of `examples/agent` calls a real server.
fn call_the_model() -> [&'static str; 3] {
    let turn = Turn::chat("openai", "gpt-4o-mini").server("api.openai.com", 443).start();
    turn.response_id("chatcmpl-Cb3Jp0fVn2").response_model("gpt-4o-mini-2024-07-18");
    turn.usage(Usage::new(83, 16)).finish_reason("tool_calls").finish();
    ["find_invoice", "send_invoice", "pay_invoice"]
}
