//! A service whose handlers run in spans.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::pin;

use rmcp::model::{Extensions, ProtocolVersion};
use rmcp::service::{InboundStreamOrigin, NotificationContext, RequestContext, ServiceRole};
use rmcp::{ErrorData, Service};
use tracing::Instrument;

use crate::activity::{Guard, McpServerRequest};
use crate::mcp::connection::{Answering, Connection};
use crate::mcp::form;
use crate::mcp::incoming::{self, Envelope};
use crate::mcp::role::{Reply, Role};
use crate::mcp::subject::{Ask, Notice};
use crate::mcp::traced::Traced;
use crate::mcp::transport::Received;
use crate::span::Carrier;

impl<R: Role, S: Service<R>> Service<R> for Traced<R, S> {
    async fn handle_request(&self, request: R::PeerReq, context: RequestContext<R>) -> Result<R::Resp, ErrorData> {
        let wanted = request.version().cloned();
        let is_received = !self.connection.is_seen() || context.extensions.get::<Received>().is_some();
        let envelope = Envelope {
            meta: &context.meta,
            extensions: &context.extensions,
            id: form::number(&context.id).filter(|_| is_received),
            caused_by: cause::<R>(&self.connection, &context.extensions, || self.connection.place_of_only_asked()),
            // Of a request that opens the session the peer has noted what it asks for.
            version: of_request(&context).or_else(|| R::version(&context.peer)).filter(|_| wanted.is_none()),
        };
        let guard = incoming::begin(&self.connection, &request.subject(), envelope);
        let token = context.meta.get_progress_token();
        let answering = self.connection.answering(&context.id, token, guard.carrier());
        let withdrawn = context.ct.clone();
        let result = inside(&guard, self.service.handle_request(request, context)).await;
        // Also cancelled where the connection is closed; what is answered then is sent. Who does not see messages cannot tell.
        let taken_back = || !self.connection.is_seen() || answering.as_ref().is_none_or(Answering::is_withdrawn);
        if withdrawn.is_cancelled() && taken_back() {
            // Nobody waits for it: rmcp does not send it. Dropped, the guard says so.
            return result;
        }
        let known = || self.service.supported_protocol_versions();
        if let Some(version) = wanted.and_then(|wanted| agreed(&wanted, result.as_ref().ok()?.version()?, &known())) {
            guard.protocol_version(version);
        }
        incoming::answered(&guard, result.as_ref());
        result
    }

    async fn handle_notification(
        &self,
        notification: R::PeerNot,
        context: NotificationContext<R>,
    ) -> Result<(), ErrorData> {
        let of_token = || self.connection.place_of_token_asked(notification.progressed()?);
        let envelope = Envelope {
            meta: &context.meta,
            extensions: &context.extensions,
            id: None,
            caused_by: cause::<R>(&self.connection, &context.extensions, of_token),
            version: R::version(&context.peer),
        };
        let guard = incoming::begin(&self.connection, &notification.subject(), envelope);
        let result = inside(&guard, self.service.handle_notification(notification, context)).await;
        match &result {
            Ok(()) => guard.finish(),
            Err(error) => guard.error_response(i64::from(error.code.0)),
        }
        result
    }

    fn get_info(&self) -> R::Info {
        self.service.get_info()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.service.supported_protocol_versions()
    }
}

/// What made a server send something to this client: the request of its stream, else `known`, else, of what rmcp asks in
/// the server's name, the call at hand. A client's reasons are its own.
fn cause<R: Role>(
    connection: &Connection,
    extensions: &Extensions,
    known: impl FnOnce() -> Option<Carrier>,
) -> Option<Carrier> {
    if !R::IS_CLIENT {
        return None;
    }
    let of_stream = || match extensions.get()? {
        InboundStreamOrigin::OutboundRequest(id) => connection.place_of_asked(id),
        InboundStreamOrigin::Unassociated => None,
    };
    of_stream().or_else(known).or_else(|| connection.here())
}

/// The version of the protocol that a request names, as the newer versions want it.
pub(crate) fn of_request<R: ServiceRole>(context: &RequestContext<R>) -> Option<String> {
    form::version(&context.meta.protocol_version()?)
}

/// The version that rmcp is going to answer `initialize` with: what is wanted, if the server has it, else the handler's
/// own. `None` where rmcp looks for a third one.
pub(crate) fn agreed(wanted: &ProtocolVersion, own: &ProtocolVersion, known: &[ProtocolVersion]) -> Option<String> {
    let versions = [Some(wanted).filter(|wanted| known.contains(wanted)), Some(own)];
    let agreed = versions.into_iter().flatten().find(|version| version.has_initialize())?;
    form::version(agreed)
}

/// Runs a handler in its span. A panic ends the span at once: tokio keeps it, and drops the rest when it likes.
pub(crate) async fn inside<F: Future>(guard: &Guard<McpServerRequest>, work: F) -> F::Output {
    let mut work = pin!(work.instrument(guard.span().clone()));
    poll_fn(|cx| guard.unless_panic(|| work.as_mut().poll(cx))).await
}
