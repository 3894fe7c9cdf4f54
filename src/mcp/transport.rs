//! A transport that sees every message of a connection.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;

use crate::mcp::connection::Connection;
use crate::mcp::outgoing::{Sending, received};
use crate::mcp::role::Role;

/// A transport whose requests and notifications have spans on the way out: [`Traced::transport`](super::Traced::transport).
///
/// It passes everything on as it is, but for `traceparent` and `tracestate` in the `_meta` of what is sent.
#[derive(Debug)]
pub struct TracedTransport<R, T> {
    inner: T,
    connection: Arc<Connection>,
    role: PhantomData<fn() -> R>,
}

impl<R, T> TracedTransport<R, T> {
    pub(crate) fn new(inner: T, connection: Arc<Connection>) -> Self {
        Self { inner, connection, role: PhantomData }
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
        let sending = Sending::begin::<R>(&self.connection, &mut item);
        let send = self.inner.send(item);
        async move {
            let result = send.await;
            sending.end(&result);
            result
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<R>> {
        let message = self.inner.receive().await;
        match &message {
            Some(message) => received::<R>(&self.connection, message),
            None => self.connection.cut_off(),
        }
        message
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.connection.cut_off();
        self.inner.close().await
    }
}

impl<R, T> Drop for TracedTransport<R, T> {
    fn drop(&mut self) {
        self.connection.cut_off();
    }
}
