//! Requests and notifications of the Model Context Protocol, at both ends.

use opentelemetry::trace::SpanKind;

use crate::activity::guard::{Activity, Description, Guard, sealed};
use crate::activity::setters::{calling, described, recorded, startable};
use crate::rules::FieldId;
use crate::rules::operations;
use crate::semconv::attr;
use crate::semconv::value::{mcp_method_name as method, network_transport};

/// A request or notification of the Model Context Protocol as its sender sees it: span `{method} {tool or prompt}`,
/// CLIENT.
///
/// The sender need not be the MCP client: a server that asks for a sample sends, too. Send the guard's
/// [`carrier`](Guard::carrier) in the request's `_meta`, and the receiver's span ([`McpServerRequest`]) hangs below this one.
/// A tool that is nothing but an MCP call needs no [`Tool`](super::Tool) around it. The URI of a resource does not
/// leave the process.
///
/// ```
/// use tracing_genai::activity::McpClientRequest;
///
/// let request = McpClientRequest::tools_call("weather").request_id("12").http("1.1").server("localhost", 8080).start();
/// // … send, with `request.carrier()` in `_meta`; read the response …
/// let (error_code, is_error) = (None, true);
/// match (error_code, is_error) {
///     (Some(code), _) => request.error_response(code),
///     (None, true) => request.tool_error(),
///     (None, false) => request.finish(),
/// }
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct McpClientRequest(Description);

/// A request or notification of the Model Context Protocol as its receiver sees it: span `{method} {tool or prompt}`,
/// SERVER.
///
/// ```
/// use tracing_genai::Carrier;
/// use tracing_genai::activity::McpServerRequest;
///
/// # let meta = std::collections::HashMap::from([("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]);
/// let mut request = McpServerRequest::tools_call("weather").request_id("12").http("1.1");
/// if let Ok(Some(sender)) = Carrier::from_headers(|key| meta.get(key).copied()) {
///     request = request.continues(&sender);
/// }
/// let request = request.start();
/// // … answer …
/// request.finish();
/// ```
///
/// Dropped without [`finish`](Guard::finish) or [`fail`](Guard::fail) it was cancelled, unless the work in its
/// [`scope`](Guard::scope) ran to its end.
#[derive(Debug)]
#[must_use = "a description does nothing until it is started"]
pub struct McpServerRequest(Description);

/// Constructors and setters that both sides have.
macro_rules! of_the_protocol {
    ($description:ident, $kind:expr) => {
        impl $description {
            /// A request or notification by its method, such as `tools/list` or `notifications/cancelled`: a value of
            /// [`mcp.method.name`](crate::semconv::value::mcp_method_name) or one of your own.
            pub fn new(method: impl Into<String>) -> Self {
                let method = method.into();
                let mut description = Description::new(operations::mcp(&method));
                description.ask($kind);
                description.give(const { FieldId::of(attr::MCP_METHOD_NAME) }, method);
                Self(description)
            }

            /// A call of the tool `tool`: `tools/call`.
            pub fn tools_call(tool: impl Into<String>) -> Self {
                let mut request = Self::new(method::TOOLS_CALL);
                request.0.give(const { FieldId::of(attr::GEN_AI_TOOL_NAME) }, tool.into());
                request
            }

            /// A request for the prompt `prompt`: `prompts/get`.
            pub fn prompts_get(prompt: impl Into<String>) -> Self {
                let mut request = Self::new(method::PROMPTS_GET);
                request.0.give(const { FieldId::of(attr::GEN_AI_PROMPT_NAME) }, prompt.into());
                request
            }

            /// The connection is a pipe: `network.transport = pipe`.
            pub fn stdio(self) -> Self {
                self.network_transport(network_transport::PIPE)
            }

            /// The connection is HTTP in that version (`1.1`, `2`, `3`): `network.transport` is `tcp`, for `3` it is
            /// `quic`; `network.protocol.name` is `http`, `network.protocol.version` is `version`.
            pub fn http(self, version: &str) -> Self {
                let transport = if version.starts_with('3') { network_transport::QUIC } else { network_transport::TCP };
                self.network_transport(transport).network_protocol_name("http").network_protocol_version(version)
            }

            /// Hangs it under the span that `parent` holds.
            pub(crate) fn below(mut self, parent: opentelemetry::Context) -> Self {
                self.0.start.parent = Some(parent);
                self
            }

            /// Hangs it under nothing that is current here: the loop of a connection is nobody's place.
            pub(crate) fn detached(mut self) -> Self {
                self.0.parent = Some(tracing::Span::none());
                self
            }

            described! {
                /// `jsonrpc.request.id`: the identifier of the request, as text; a notification has none. Not given by
                /// default, like all that follow.
                request_id: text => JSONRPC_REQUEST_ID,
                /// `jsonrpc.protocol.version`; left out if it is `2.0`.
                jsonrpc_version: text => JSONRPC_PROTOCOL_VERSION,
                /// `mcp.session.id`.
                mcp_session: text => MCP_SESSION_ID,
                /// `mcp.protocol.version`, such as `2025-11-25`.
                protocol_version: text => MCP_PROTOCOL_VERSION,
                /// `network.transport`; [`stdio`](Self::stdio) and [`http`](Self::http) know it.
                network_transport: text => NETWORK_TRANSPORT,
                /// `network.protocol.name`, such as `websocket`.
                network_protocol_name: text => NETWORK_PROTOCOL_NAME,
                /// `network.protocol.version`.
                network_protocol_version: text => NETWORK_PROTOCOL_VERSION,
            }
        }

        impl Guard<$description> {
            recorded! {
                /// `mcp.session.id`, if the response to `initialize` gives it.
                mcp_session: text => MCP_SESSION_ID,
                /// `mcp.protocol.version`, as negotiated.
                protocol_version: text => MCP_PROTOCOL_VERSION,
            }

            /// Ends it as failed: the response is a JSON-RPC error with this code. `rpc.response.status_code` and
            /// `error.type` are the code; the error's message stays in the process.
            pub fn error_response(&self, code: i64) {
                self.record(const { FieldId::of(attr::RPC_RESPONSE_STATUS_CODE) }, code.to_string());
                self.fail_with_code(code);
            }

            /// Ends it as failed: the tool's result has `isError`. `error.type` is `tool_error`.
            pub fn tool_error(&self) {
                self.fail_with("tool_error");
            }
        }

        impl Activity for $description {}
        impl sealed::Sealed for $description {
            const DROPPED_IS_CANCELLED: bool = true;
            const SCOPE_COMPLETES: bool = true;
        }
    };
}

of_the_protocol!(McpClientRequest, SpanKind::Client);
calling!(McpClientRequest);
startable!(McpClientRequest, "mcp_client_request");

of_the_protocol!(McpServerRequest, SpanKind::Server);
startable!(McpServerRequest, "mcp_server_request");

impl McpServerRequest {
    /// `client.address` and `client.port` of the sender. Not given by default.
    pub fn client(mut self, address: impl Into<String>, port: u16) -> Self {
        self.0.give(const { FieldId::of(attr::CLIENT_ADDRESS) }, address.into());
        self.0.give(const { FieldId::of(attr::CLIENT_PORT) }, i64::from(port));
        self
    }
}
