//! A request that was sent, from its sending to its answer; a notification, while it is sent.

use std::error::Error;
use std::sync::Arc;

use rmcp::RoleClient;
use rmcp::model::{ErrorCode, ProgressToken, RequestId};
use rmcp::service::RequestHandle;

use crate::activity::{Guard, McpClientRequest};
use crate::content::{Kind, Offered};
use crate::mcp::connection::{Connection, Network};
use crate::mcp::form;
use crate::mcp::role::Reply;
use crate::mcp::subject::Subject;
use crate::rules::{Activity, FieldId};
use crate::semconv::{SpanKind, attr};
use crate::span::content::Named;
use crate::span::{Carrier, End, Forced, Open};

const MCP_VERSION: FieldId = FieldId::of(attr::MCP_PROTOCOL_VERSION);
const PORT: FieldId = FieldId::of(attr::SERVER_PORT);
const PROTOCOL: FieldId = FieldId::of(attr::NETWORK_PROTOCOL_NAME);
const PROTOCOL_VERSION: FieldId = FieldId::of(attr::NETWORK_PROTOCOL_VERSION);
const REQUEST_ID: FieldId = FieldId::of(attr::JSONRPC_REQUEST_ID);
const SERVER: FieldId = FieldId::of(attr::SERVER_ADDRESS);
const STATUS_CODE: FieldId = FieldId::of(attr::RPC_RESPONSE_STATUS_CODE);
const TRANSPORT: FieldId = FieldId::of(attr::NETWORK_TRANSPORT);

/// See the module's documentation. Dropped without an end it was cancelled.
#[derive(Debug)]
pub(crate) struct Asked {
    guard: Guard<McpClientRequest>,
    /// Whether the application opened the span itself. It ends it, too.
    anothers: bool,
    /// By which the receiver tells how far it is.
    token: Option<ProgressToken>,
    /// The received request in whose handler it was sent.
    within: Option<RequestId>,
    /// Whether it is a subscription, which its receiver may end as well.
    listens: bool,
}

impl Asked {
    pub(crate) fn of(guard: Guard<McpClientRequest>) -> Self {
        Self { guard, anothers: false, token: None, within: None, listens: false }
    }

    pub(crate) fn with_token(mut self, token: Option<ProgressToken>) -> Self {
        self.token = token;
        self
    }

    pub(crate) fn within(mut self, received: Option<RequestId>) -> Self {
        self.within = received;
        self
    }

    pub(crate) fn listening(mut self, listens: bool) -> Self {
        self.listens = listens;
        self
    }

    pub(crate) fn listens(&self) -> bool {
        self.listens
    }

    pub(crate) fn sent_within(&self) -> Option<&RequestId> {
        self.within.as_ref()
    }

    pub(crate) fn has_token(&self, token: &ProgressToken) -> bool {
        self.token.as_ref() == Some(token)
    }

    /// The span that the application has opened for this very request, if it has: `above` is the nearest one.
    pub(crate) fn standing_for(above: Arc<dyn Open>, subject: &Subject<'_>) -> Option<Self> {
        let about = above.about();
        let same = about.message.as_deref() == Some(&*subject.name());
        let of_sender = about.activity() == Activity::Mcp && about.kind == SpanKind::Client;
        // One that has a number has its request.
        let free = above.is_open() && !above.has(REQUEST_ID);
        (same && of_sender && free).then(|| Self {
            guard: Guard::standing_for(above),
            anothers: true,
            token: None,
            within: None,
            listens: false,
        })
    }

    /// Writes what the start of a span of our own would say.
    pub(crate) fn complete(&self, id: &RequestId, network: &Network, version: Option<String>) {
        let texts = [
            (REQUEST_ID, form::number(id)),
            (MCP_VERSION, version),
            (TRANSPORT, network.medium.map(|medium| medium.transport.to_owned())),
            (PROTOCOL, network.medium.and_then(|medium| medium.protocol).map(str::to_owned)),
            (PROTOCOL_VERSION, network.version.clone()),
        ];
        for (attribute, text) in texts {
            text.into_iter().for_each(|text| self.guard.complete(attribute, text));
        }
        let has_server = self.guard.opened().is_some_and(|open| open.has(SERVER));
        if let Some((address, port)) = network.server.as_ref().filter(|_| !has_server) {
            self.guard.complete(SERVER, address.clone());
            self.guard.complete(PORT, i64::from(*port));
        }
    }

    pub(crate) fn tell(&self, connection: &Connection) {
        if let Some(open) = self.guard.opened() {
            connection.set_tracer(&open.about().shared);
        }
    }

    pub(crate) fn place(&self) -> Option<Carrier> {
        self.guard.carrier()
    }

    /// What it says, for the content policy. What the application gave stays: it may have left something out.
    pub(crate) fn content(&self, subject: &Subject<'_>) {
        if let Some(uri) = subject.uri {
            self.guard.complete_content(Named::of(Kind::ResourceUri), || Ok(Offered::Text(uri.into())));
        }
        if let Some(arguments) = subject.arguments_of_tool() {
            self.guard.complete_content(Named::of(Kind::ToolArguments), || Offered::json(arguments));
        }
        for (name, value) in subject.variables() {
            match Named::variable(name) {
                Some(named) => self.guard.complete_content(named, || Ok(Offered::Text(value.into()))),
                // Refused and counted.
                None => {
                    self.guard.prompt_variable(name, value);
                }
            }
        }
    }

    /// There is a result.
    pub(crate) fn answered(self, reply: &impl Reply) {
        if let Some(version) = reply.version().and_then(form::version) {
            self.guard.complete(MCP_VERSION, version);
        }
        let result = reply.of_tool();
        if let Some(result) = result {
            self.guard.complete_content(Named::of(Kind::ToolResult), || Offered::json(result));
        }
        match result.and_then(|result| result.is_error) {
            _ if self.anothers => {}
            Some(true) => self.guard.tool_error(),
            _ => self.guard.finish(),
        }
    }

    /// There is an error instead.
    pub(crate) fn refused(self, code: ErrorCode) {
        let code = i64::from(code.0);
        if self.anothers {
            self.guard.record(STATUS_CODE, code.to_string());
        } else {
            self.guard.error_response(code);
        }
    }

    /// It was withdrawn: rmcp says so when the caller gives up, and when the caller's time is over.
    pub(crate) fn withdrawn(self, reason: Option<&str>) {
        let timeouts = [
            RequestHandle::<RoleClient>::REQUEST_TIMEOUT_REASON,
            RequestHandle::<RoleClient>::REQUEST_MAX_TOTAL_TIMEOUT_REASON,
        ];
        if reason.is_some_and(|reason| timeouts.contains(&reason)) {
            self.failed("timeout");
        }
    }

    /// There are too many. Its answer may come yet: it ends as a span that has no room, and not as cancelled.
    pub(crate) fn pushed_out(self) {
        if let Some(open) = self.guard.opened().filter(|_| !self.anothers) {
            open.end(opentelemetry::time::now(), End::Forced(Forced::Capacity));
        }
    }

    /// The connection was closed before there was an answer.
    pub(crate) fn cut_off(self) {
        self.failed("connection_closed");
    }

    fn failed(self, error_type: &str) {
        if !self.anothers {
            self.guard.fail_with(error_type);
        }
    }

    /// A request could not be sent.
    pub(crate) fn not_sent(self, error: &(impl Error + 'static)) {
        if !self.anothers {
            self.guard.fail(error);
        }
    }

    /// A notification was sent.
    pub(crate) fn sent(self) {
        if !self.anothers {
            self.guard.finish();
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if self.anothers {
            self.guard.let_go();
        }
    }
}
