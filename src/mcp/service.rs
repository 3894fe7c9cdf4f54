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
use crate::mcp::role::Role;
use crate::mcp::subject::{Ask, Notice};
use crate::mcp::traced::Traced;

impl<R: Role, S: Service<R>> Service<R> for Traced<R, S> {
    async fn handle_request(&self, request: R::PeerReq, context: RequestContext<R>) -> Result<R::Resp, ErrorData> {
        let envelope = Envelope {
            meta: &context.meta,
            extensions: &context.extensions,
            id: Some(context.id.to_string()),
            version: R::version(&context.peer),
        };
        let guard = incoming::begin(&self.connection, &request.subject(), envelope);
        let _answering = self.connection.answering(context.id.clone(), guard.carrier());
        let withdrawn = context.ct.clone();
        let result = inside(&guard, self.service.handle_request(request, context)).await;
        if withdrawn.is_cancelled() {
            // Nobody waits for it: rmcp does not send it. Dropped, the guard says so.
            return result;
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

/// Runs a handler in its span. A panic ends the span at once: tokio keeps it, and drops the rest when it likes.
async fn inside<F: Future>(guard: &Guard<McpServerRequest>, work: F) -> F::Output {
    let mut work = pin!(work.instrument(guard.span().clone()));
    poll_fn(|cx| guard.unless_panic(|| work.as_mut().poll(cx))).await
}
