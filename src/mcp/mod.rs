//! The Model Context Protocol through [`rmcp`](https://docs.rs/rmcp) 3.9: one line at each end, and every request and
//! notification that goes out or comes in has its span.
//!
//! At the client's end `mcp::client(handler)` instead of `handler`, at the server's `mcp::server(handler)`:
//!
//! ```
//! use rmcp::ServerHandler;
//! use rmcp::model::CallToolRequestParams;
//! use tracing_genai::mcp;
//!
//! struct Weather;
//! impl ServerHandler for Weather {}
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (near, far) = tokio::io::duplex(4096); // stdio, a child process, HTTP …
//! let server = mcp::server(Weather).serve(far); // Weather.serve(far)
//! let client = mcp::client(()).serve(near); // ().serve(near)
//! let (server, client) = tokio::try_join!(
//!     async { server.await.map_err(Box::<dyn std::error::Error>::from) },
//!     async { client.await.map_err(Box::<dyn std::error::Error>::from) },
//! )?;
//!
//! // In the span that is current here, and the server's handler in a span below.
//! let forecast = client.call_tool(CallToolRequestParams::new("weather")).await;
//! assert!(forecast.is_err(), "Weather has no tools");
//! client.cancel().await?;
//! server.waiting().await?;
//! # Ok(())
//! # }
//! ```
//!
//! rmcp's HTTP server takes handlers: `StreamableHttpService::new(|| Ok(mcp::handler(Weather)), …)`, see [`handler()`].
//!
//! The spans are those of [`McpClientRequest`](crate::activity::McpClientRequest) and
//! [`McpServerRequest`](crate::activity::McpServerRequest):
//!
//! | what happens | span |
//! |---|---|
//! | a request is sent, by the client or the server | `{method} {tool or prompt}`, CLIENT, until the answer |
//! | a request is received | the same, SERVER; its handler runs in it |
//! | a notification is sent, or received | `{method}`, CLIENT, or SERVER |
//! | the answer is a JSON-RPC error | ends as failed, `error.type` and `rpc.response.status_code` are its code |
//! | the tool's result has `isError` | ends as failed, `error.type = tool_error` |
//! | the caller drops the future, or withdraws the request | `agentic.outcome = cancelled`, at both ends; at the receiver when its handler returns |
//! | the server ends a subscription by `notifications/cancelled` | `agentic.outcome = cancelled`, of `subscriptions/listen` |
//! | a handler returns and has given up what it asked for | `agentic.outcome = cancelled`, of what it asked for |
//! | rmcp's timeout | ends as failed, `error.type = timeout` |
//! | the message cannot be sent | ends as failed, `error.type` is the type of the error |
//! | the connection, or the stream of HTTP, closes before the answer | ends as failed, `error.type = connection_closed` |
//! | 1024 requests are open that were sent before the answer | ends as failed, `error.type = interrupted`, `agentic.forced_close = capacity` |
//! | the handler panics | ends as failed, `error.type = panic` |
//! | a guard of yours, [`McpClientRequest`](crate::activity::McpClientRequest), is open around the call | yours gets the attributes, there is no other; you end it |
//! | a [`Tool`](crate::activity::Tool) of yours is open around the call | both: the call of a tool over MCP needs no `Tool` |
//! | the result is in rmcp's cache | none: nothing is sent |
//!
//! What rmcp's loop refuses before it reaches a handler has no span at the receiver. A request that was sent without waiting, by
//! `send_request_with_option`, ends with its answer, its withdrawal or the connection, not with its `RequestHandle`.
//!
//! # Where they hang
//!
//! The place in the trace travels in `params._meta`, as `traceparent` and `tracestate`; baggage does not. What else is in
//! `_meta` stays; a `traceparent` of yours becomes the parent of our span, whose own is sent.
//!
//! | span | hangs below |
//! |---|---|
//! | sent by a [`RunningClient`] | the current span |
//! | a request that a server sends from a handler | the request that is being handled |
//! | a notification that an end sends while it handles one request | that request; as a `Peer`'s while it handles several |
//! | `notifications/progress`, `notifications/cancelled` | the request they are about |
//! | sent by a `Peer` of rmcp, also by `listen` | what [`here`] noted; else the span the connection was opened in, while that is open |
//! | received with a place in `_meta`, else in the headers of HTTP | that place |
//! | received by a client without a place | the request of its stream, or the one it has open, if there is no other; else as a `Peer`'s |
//! | any other | nothing: a trace of its own, unless the [root-context resolver](crate::GenAiTracer::with_root_context) has a parent |
//!
//! # Content
//!
//! Arguments and results of tools, what prompts are filled with and the URIs of resources are content: they stay in the process
//! unless a [policy](crate::content) lets them out. So does what a peer writes where a name or an identifier belongs, and is none:
//! names of methods, tools and prompts are of letters, digits and a few signs, without blanks, else they are `_OTHER`; the number of a
//! request and the session's identifier are left out.
//!
//! rmcp prints whole messages as events of `tracing`. A [`pipeline`](crate::pipeline) of ours does not listen to them; in
//! a subscriber of your own, filter out the target `rmcp`.

mod asked;
mod calls;
mod client;
mod completions;
mod connection;
mod describe;
mod form;
mod handler;
mod incoming;
mod medium;
mod outgoing;
mod place;
mod role;
mod service;
mod subject;
mod traced;
mod transport;

pub use client::RunningClient;
pub use handler::{TracedHandler, handler};
pub use place::here;
pub use role::Role;
pub use traced::{Traced, client, server};
pub use transport::TracedTransport;
