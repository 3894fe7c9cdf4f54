//! A service whose handlers run in spans.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::pin;

use rmcp::model::ProtocolVersion;
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::{ErrorData, Service};
use tracing::Instrument;

use crate::activity::{Guard, McpServerRequest};
use crate::mcp::incoming::{self, Envelope};
use crate::mcp::role::{Reply, Role};
use crate::mcp::subject::{Ask, Notice};
use crate::mcp::traced::Traced;

impl<R: Role, S: Service<R>> Service<R> for Traced<R, S> {
    async fn handle_request(&self, request: R::PeerReq, context: RequestContext<R>) -> Result<R::Resp, ErrorData> {
        let wanted = request.version().cloned();
        let envelope = Envelope {
            meta: &context.meta,
            extensions: &context.extensions,
            id: Some(context.id.to_string()),
            // Of a request that opens the session the peer has noted what it asks for.
            version: R::version(&context.peer).filter(|_| wanted.is_none()),
        };
        let guard = incoming::begin(&self.connection, &request.subject(), envelope);
        let _answering = self.connection.answering(context.id.clone(), guard.carrier());
        let withdrawn = context.ct.clone();
        let result = inside(&guard, self.service.handle_request(request, context)).await;
        if withdrawn.is_cancelled() {
            // Nobody waits for it: rmcp does not send it. Dropped, the guard says so.
            return result;
        }
        if let Some(version) = wanted.and_then(|wanted| self.agreed(&wanted, result.as_ref().ok()?.version()?)) {
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
        let envelope = Envelope {
            meta: &context.meta,
            extensions: &context.extensions,
            id: None,
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

impl<R, S> Traced<R, S> {
    /// The version that rmcp is going to answer `initialize` with: what is wanted, if the server has it, else the
    /// handler's own. `None` where rmcp looks for a third one.
    fn agreed(&self, wanted: &ProtocolVersion, own: &ProtocolVersion) -> Option<String>
    where
        R: Role,
        S: Service<R>,
    {
        let known = self.service.supported_protocol_versions().contains(wanted);
        let agreed = [Some(wanted).filter(|_| known), Some(own)];
        let agreed = agreed.into_iter().flatten().find(|version| version.has_initialize());
        agreed.map(|version| version.as_str().to_owned())
    }
}

/// Runs a handler in its span. A panic ends the span at once: tokio keeps it, and drops the rest when it likes.
async fn inside<F: Future>(guard: &Guard<McpServerRequest>, work: F) -> F::Output {
    let mut work = pin!(work.instrument(guard.span().clone()));
    poll_fn(|cx| guard.unless_panic(|| work.as_mut().poll(cx))).await
}
