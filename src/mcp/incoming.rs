//! What is received: its span, which its handler runs in, and its end.

use http::request::Parts;
use rmcp::ErrorData;
use rmcp::model::{Extensions, MetaObject, NotificationMetaObject};

use crate::activity::{Guard, McpServerRequest};
use crate::mcp::connection::{Connection, Network};
use crate::mcp::describe::{Describe, Facts};
use crate::mcp::form;
use crate::mcp::medium;
use crate::mcp::place;
use crate::mcp::role::Reply;
use crate::mcp::subject::Subject;
use crate::span::Carrier;

/// The header of HTTP that names the session.
const SESSION: &str = "mcp-session-id";

/// What came with a message.
pub(crate) struct Envelope<'a> {
    pub(crate) meta: &'a MetaObject,
    pub(crate) extensions: &'a Extensions,
    /// The number of a request, as text.
    pub(crate) id: Option<String>,
    /// The place of what made the peer send it, as far as that is known here.
    pub(crate) caused_by: Option<Carrier>,
    /// The version of the protocol that was agreed upon with this peer.
    pub(crate) version: Option<String>,
}

/// Opens the span of a request or notification.
pub(crate) fn begin(connection: &Connection, subject: &Subject<'_>, envelope: Envelope<'_>) -> Guard<McpServerRequest> {
    let parts = envelope.extensions.get::<Parts>();
    let version = envelope.version;
    let facts = Facts { network: &network(connection, parts), version, id: envelope.id };
    let mut described = McpServerRequest::describe(subject, facts);
    if let Some(session) = parts.and_then(|parts| form::session(parts.headers.get(SESSION)?.to_str().ok()?)) {
        described = described.mcp_session(session);
    }
    // rmcp 3.9 leaves that of a notification in the extensions.
    let of_notification = || place::read(envelope.extensions.get::<NotificationMetaObject>()?);
    let sender = place::read(envelope.meta).or_else(of_notification).or_else(|| of_headers(parts?));
    let guard = match (sender, envelope.caused_by) {
        (Some(sender), _) => described.continues(&sender).start(),
        (None, Some(place)) => described.below(connection.context(&place)).start(),
        // The loop of the connection is nobody's place.
        (None, None) => described.detached().start(),
    };
    content(&guard, subject);
    if let Some(open) = guard.opened() {
        connection.set_tracer(&open.about().shared);
    }
    guard
}

/// The HTTP server of rmcp puts the head of the request into the message.
fn network(connection: &Connection, parts: Option<&Parts>) -> Network {
    let known = connection.network();
    let Some(parts) = parts.filter(|_| known.medium.is_none()) else { return known };
    let version = match parts.version {
        http::Version::HTTP_10 => Some("1.0"),
        http::Version::HTTP_11 => Some("1.1"),
        http::Version::HTTP_2 => Some("2"),
        http::Version::HTTP_3 => Some("3"),
        _ => None,
    };
    let medium = Some(medium::http(version.unwrap_or_default()));
    Network { medium, version: version.map(str::to_owned), ..known }
}

/// A client that knows nothing of `_meta` may still send headers.
fn of_headers(parts: &Parts) -> Option<Carrier> {
    let header = |name: &str| parts.headers.get(name).filter(|_| name != "baggage")?.to_str().ok();
    Carrier::from_headers(header).ok().flatten()
}

fn content(guard: &Guard<McpServerRequest>, subject: &Subject<'_>) {
    if let Some(uri) = subject.uri {
        guard.resource_uri(uri);
    }
    if let Some(arguments) = subject.arguments_of_tool() {
        guard.arguments(arguments);
    }
    for (name, value) in subject.variables() {
        guard.prompt_variable(name, value);
    }
}

/// Ends the span of a request by its result.
pub(crate) fn answered(guard: &Guard<McpServerRequest>, result: Result<&impl Reply, &ErrorData>) {
    let reply = match result {
        Ok(reply) => reply,
        Err(error) => return guard.error_response(i64::from(error.code.0)),
    };
    let result = reply.of_tool();
    if let Some(result) = result {
        guard.result(result);
    }
    match result.and_then(|result| result.is_error) {
        Some(true) => guard.tool_error(),
        _ => guard.finish(),
    }
}
