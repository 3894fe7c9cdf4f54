//! A transport that sees every message of a connection.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use rmcp::model::{GetExtensions, JsonRpcMessage};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;

use crate::mcp::connection::Connection;
use crate::mcp::outgoing::{Sending, received};
use crate::mcp::role::Role;

/// Marks a request that came over the transport. What a result asks for, rmcp hands to the handler itself, with a key of
/// the server's in the place of a number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received;

/// A transport whose requests and notifications have spans on the way out: [`Traced::transport`](super::Traced::transport).
///
/// It passes everything on as it is, but for `traceparent` and `tracestate` in the `_meta` of what is sent. An error of the
/// transport is in rmcp's `DynamicTransportError` as it would be without; but its `transport_type_id`, and with it its `downcast`,
/// is about this type: ask `error.error.downcast_ref::<E>()` for an error `E` of the transport inside.
#[derive(Debug)]
pub struct TracedTransport<R, T> {
    inner: T,
    /// `None` around a transport that has spans already.
    connection: Option<Arc<Connection>>,
    role: PhantomData<fn() -> R>,
}

impl<R, T> TracedTransport<R, T> {
    pub(crate) fn new(inner: T, connection: &Arc<Connection>) -> Self {
        let connection = (!connection.set_seen(true)).then(|| Arc::clone(connection));
        Self { inner, connection, role: PhantomData }
    }

    fn cut_off(&self) {
        if let Some(connection) = &self.connection {
            connection.cut_off();
        }
    }
}

impl<R: Role, T: Transport<R>> Transport<R> for TracedTransport<R, T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        mut item: TxJsonRpcMessage<R>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let sending = self.connection.as_ref().map(|connection| Sending::begin::<R>(connection, &mut item));
        let send = self.inner.send(item);
        async move {
            let result = send.await;
            sending.into_iter().for_each(|sending| sending.end(&result));
            result
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<R>> {
        let mut message = self.inner.receive().await;
        if let Some(JsonRpcMessage::Request(received)) = &mut message {
            received.request.extensions_mut().insert(Received);
        }
        match (&message, &self.connection) {
            (Some(message), Some(connection)) => received::<R>(connection, message),
            (Some(_), None) => {}
            (None, _) => self.cut_off(),
        }
        message
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.cut_off();
        self.inner.close().await
    }
}

impl<R, T> Drop for TracedTransport<R, T> {
    fn drop(&mut self) {
        self.cut_off();
        if let Some(connection) = &self.connection {
            connection.set_seen(false);
        }
    }
}
