//! A running client that notes where its requests are sent from.

use std::ops::{Deref, DerefMut};

use rmcp::RoleClient;
use rmcp::service::{QuitReason, RunningService, Service};
use tokio::task::JoinError;

use crate::mcp::traced::Traced;

/// A running client, whose requests hang below the span they are sent from: of [`Traced::serve`].
///
/// It derefs to rmcp's [`RunningService`], and has the methods of that and of its [`Peer`](rmcp::Peer), by the same names
/// and with the same results, but for `listen` and `listen_with_capacity`, which stay the `Peer`'s: rmcp leaves no room for a
/// place in them. A `Peer` that was cloned out of it does not know who calls: what it sends hangs where the
/// connection was opened, as long as that span is open; wrap the parameters in [`here`](super::here) to say where.
#[derive(Debug)]
pub struct RunningClient<S>
where
    S: Service<RoleClient>,
{
    pub(crate) running: RunningService<RoleClient, Traced<RoleClient, S>>,
}

impl<S: Service<RoleClient>> RunningClient<S> {
    /// [`RunningService::waiting`].
    ///
    /// # Errors
    /// If the loop of the connection panicked.
    pub async fn waiting(self) -> Result<QuitReason, JoinError> {
        self.running.waiting().await
    }

    /// [`RunningService::cancel`].
    ///
    /// # Errors
    /// If the loop of the connection panicked.
    pub async fn cancel(self) -> Result<QuitReason, JoinError> {
        self.running.cancel().await
    }

    /// rmcp's own.
    pub fn into_inner(self) -> RunningService<RoleClient, Traced<RoleClient, S>> {
        self.running
    }
}

/// Of a connection over a [`transport`](Traced::transport) with spans.
impl<S: Service<RoleClient>> From<RunningService<RoleClient, Traced<RoleClient, S>>> for RunningClient<S> {
    fn from(running: RunningService<RoleClient, Traced<RoleClient, S>>) -> Self {
        Self { running }
    }
}

impl<S: Service<RoleClient>> Deref for RunningClient<S> {
    type Target = RunningService<RoleClient, Traced<RoleClient, S>>;

    fn deref(&self) -> &Self::Target {
        &self.running
    }
}

impl<S: Service<RoleClient>> DerefMut for RunningClient<S> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.running
    }
}
