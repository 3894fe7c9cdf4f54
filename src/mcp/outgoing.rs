//! What is sent: its span, its place in `_meta`, its end.

use std::error::Error;
use std::sync::Arc;

use rmcp::ErrorData;
use rmcp::model::{
    ErrorCode, GetExtensions, GetMeta, JsonRpcMessage, NotificationMetaObject, RequestId, RequestMetaObject,
};
use rmcp::service::{OriginatingRequestId, RxJsonRpcMessage, TxJsonRpcMessage};

use crate::activity::{Guard, McpClientRequest};
use crate::mcp::asked::Asked;
use crate::mcp::connection::Connection;
use crate::mcp::describe::{Describe, Facts};
use crate::mcp::form;
use crate::mcp::place;
use crate::mcp::role::{Reply, Role};
use crate::mcp::subject::{Ask, Notice, Subject};
use crate::semconv::value::mcp_method_name as method;
use crate::span::Carrier;

/// What opens a session is sent by whoever opens it, all else by the loop of the connection.
const OPENING: &[&str] = &[method::INITIALIZE, method::NOTIFICATIONS_INITIALIZED, "server/discover"];

const LISTEN: &str = "subscriptions/listen";

/// What has to be done once a message is sent.
pub(crate) enum Sending {
    Request(Arc<Connection>, RequestId),
    Notification(Asked),
    /// An answer: its span is the receiver's.
    Answer,
}

impl Sending {
    /// Opens the span of `message`, and writes its place into it.
    pub(crate) fn begin<R: Role>(connection: &Arc<Connection>, message: &mut TxJsonRpcMessage<R>) -> Self {
        match message {
            JsonRpcMessage::Request(sent) => {
                let asked = request(connection, &mut sent.request, &sent.id);
                connection.hold(sent.id.clone(), asked);
                Self::Request(Arc::clone(connection), sent.id.clone())
            }
            JsonRpcMessage::Notification(sent) => {
                let asked = notification(connection, &mut sent.notification);
                withdraw(connection, &sent.notification);
                Self::Notification(asked)
            }
            JsonRpcMessage::Response(answer) => {
                if let Some(version) = answer.result.version() {
                    connection.set_version(version);
                }
                Self::Answer
            }
            JsonRpcMessage::Error(_) => Self::Answer,
        }
    }

    pub(crate) fn end<E: Error + 'static>(self, result: &Result<(), E>) {
        match (self, result) {
            (Self::Request(connection, id), Err(error)) => {
                connection.take(&id).into_iter().for_each(|asked| asked.not_sent(error));
            }
            (Self::Notification(asked), Err(error)) => asked.not_sent(error),
            (Self::Notification(asked), Ok(())) => asked.sent(),
            (Self::Request(..), Ok(())) | (Self::Answer, _) => {}
        }
    }
}

/// Ends the request that `message` answers.
pub(crate) fn received<R: Role>(connection: &Connection, message: &RxJsonRpcMessage<R>) {
    match message {
        JsonRpcMessage::Response(response) => {
            if let Some(version) = response.result.version() {
                connection.set_version(version);
            }
            connection.take(&response.id).into_iter().for_each(|asked| asked.answered(&response.result));
        }
        JsonRpcMessage::Error(error) => {
            let asked = error.id.as_ref().and_then(|id| connection.take(id));
            match is_cut_off(&error.error) {
                true => asked.into_iter().for_each(Asked::cut_off),
                false => asked.into_iter().for_each(|asked| asked.refused(error.error.code)),
            }
        }
        JsonRpcMessage::Notification(received) => {
            let cancelled = received.notification.cancelled().and_then(|cancelled| cancelled.request_id.as_ref());
            if let Some(id) = cancelled {
                connection.withdraw_answering(id);
                // A server takes back what its client listens to; dropped, it is cancelled.
                drop(connection.take_subscription(id));
            }
        }
        JsonRpcMessage::Request(_) => {}
    }
}

/// Whether rmcp itself wrote the error, in the place of an answer whose stream of HTTP ended without. Its mark is a number
/// of the process that only rmcp knows; a server that writes another one gets no more than another `error.type`.
fn is_cut_off(error: &ErrorData) -> bool {
    let mark = error.data.as_ref().and_then(|data| data.get("io.modelcontextprotocol/transportClosed"));
    error.code == ErrorCode::INTERNAL_ERROR && mark.is_some_and(serde_json::Value::is_u64)
}

fn request<Q>(connection: &Connection, request: &mut Q, id: &RequestId) -> Asked
where
    Q: Ask + GetMeta<Metadata = RequestMetaObject> + GetExtensions,
{
    let subject = request.subject();
    let within = request.extensions().get::<OriginatingRequestId>().map(|within| within.0.clone());
    let place = place::read(request.get_meta())
        .or_else(|| place::read(request.params_meta()?))
        .or_else(|| connection.place_of_answering(within.as_ref()?));
    let token = request.get_meta().get_progress_token();
    let version = request.get_meta().protocol_version().as_ref().and_then(form::version);
    let asked = begin(connection, &subject, Sent { id: Some(id), place, version })
        .with_token(token)
        .within(within)
        .listening(subject.method == LISTEN);
    asked.content(&subject);
    asked.tell(connection);
    if let Some(place) = asked.place() {
        place::write(&place, request.get_meta_mut());
    }
    asked
}

fn notification<N>(connection: &Connection, notification: &mut N) -> Asked
where
    N: Notice + GetMeta<Metadata = NotificationMetaObject>,
{
    let subject = notification.subject();
    let place = place::read(notification.get_meta())
        .or_else(|| connection.place_of_token_answering(notification.progressed()?))
        .or_else(|| connection.place_of_asked(notification.cancelled()?.request_id.as_ref()?))
        .or_else(|| connection.place_of_only_answering());
    let asked = begin(connection, &subject, Sent { place, ..Sent::default() });
    asked.content(&subject);
    if let Some(place) = asked.place() {
        place::write(&place, notification.get_meta_mut());
    }
    asked
}

/// Ends the request that a notification takes back.
fn withdraw(connection: &Connection, notification: &impl Notice) {
    let Some(cancelled) = notification.cancelled() else { return };
    let asked = cancelled.request_id.as_ref().and_then(|id| connection.take(id));
    asked.into_iter().for_each(|asked| asked.withdrawn(cancelled.reason.as_deref()));
}

/// What is known of a message that is sent.
#[derive(Default)]
struct Sent<'a> {
    id: Option<&'a RequestId>,
    place: Option<Carrier>,
    /// The version of the protocol that it names itself, as the newer versions want it.
    version: Option<String>,
}

fn begin(connection: &Connection, subject: &Subject<'_>, sent: Sent<'_>) -> Asked {
    let Sent { id, place, version } = sent;
    let network = connection.network();
    let version = version.or_else(|| connection.version());
    let around = place.as_ref().and_then(|place| connection.tracer()?.table.above(place.span_context()));
    if let Some(id) = id
        && let Some(asked) = around.and_then(|open| Asked::standing_for(open, subject))
    {
        asked.complete(id, &network, version);
        return asked;
    }
    let facts = Facts { network: &network, version, id: id.and_then(form::number) };
    let mut described = McpClientRequest::describe(subject, facts);
    if let Some((address, port)) = &network.server {
        described = described.server(address.as_str(), *port);
    }
    Asked::of(start(connection, described, place, subject.method))
}

/// Below the place it is from, else where the connection was opened, else nowhere: the loop that sends it is nobody's
/// place, it runs as long as the connection.
fn start(
    connection: &Connection,
    described: McpClientRequest,
    place: Option<Carrier>,
    method: &str,
) -> Guard<McpClientRequest> {
    match place.or_else(|| connection.home()) {
        Some(place) => described.below(connection.context(&place)).start(),
        None if OPENING.contains(&method) => described.start(),
        None => described.detached().start(),
    }
}

#[cfg(test)]
mod tests {
    use rmcp::RoleClient;
    use rmcp::model::{CancelledNotification, CancelledNotificationParam, NumberOrString};

    use super::*;

    #[test]
    fn a_subscription_that_the_server_ends_has_ended() {
        let connection = Connection::default();
        let asked = |method: &str| Asked::of(McpClientRequest::new(method).start()).listening(method == LISTEN);
        let (listening, calling) = (NumberOrString::Number(1), NumberOrString::Number(2));
        connection.hold(listening.clone(), asked(LISTEN));
        connection.hold(calling.clone(), asked(method::TOOLS_CALL));
        for id in [&listening, &calling] {
            let cancelled = CancelledNotification::new(CancelledNotificationParam::new(Some(id.clone()), None));
            received::<RoleClient>(&connection, &JsonRpcMessage::notification(cancelled.into()));
        }
        assert!(connection.take(&listening).is_none());
        assert!(connection.take(&calling).is_some(), "a server cannot take back a call");
    }
}
