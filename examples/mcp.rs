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
use tracing_genai::activity::{Operation, Retrieval, Tool};
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
                Retrieval::new("invoices").start().finish();
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

    // The request hangs below the span it is sent from.
    let tool = Tool::new("find_invoice").call_id("call_1").start();
    tool.scope(client.call_tool(CallToolRequestParams::new("find_invoice"))).await?;
    tool.finish();

    let sent = client.call_tool(CallToolRequestParams::new("send_invoice")).await?;
    assert_eq!(sent.is_error, Some(true));
    let refused = client.call_tool(CallToolRequestParams::new("pay_invoice")).await;
    assert!(refused.is_err());
    client.cancel().await?;
    Ok(())
}
