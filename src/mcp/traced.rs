//! A service with spans, and what it is served with.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, ClientServiceExt, RunningService, ServerInitializeError, ServiceExt,
};
use rmcp::transport::{IntoTransport, Transport};
use rmcp::{RoleClient, RoleServer};

use crate::mcp::client::RunningClient;
use crate::mcp::connection::Connection;
use crate::mcp::medium::{self, Medium};
use crate::mcp::role::Role;
use crate::mcp::transport::TracedTransport;
use crate::semconv::value::network_transport;

/// A server with spans; give it what you would serve without.
///
/// ```
/// use rmcp::ServerHandler;
/// use tracing_genai::mcp;
///
/// struct Weather;
/// impl ServerHandler for Weather {}
///
/// async fn serve(transport: tokio::io::DuplexStream) -> Result<(), Box<dyn std::error::Error>> {
///     let server = mcp::server(Weather).serve(transport).await?;
///     server.waiting().await?;
///     Ok(())
/// }
/// ```
///
/// rmcp's HTTP server takes no services but handlers: give it a [`handler`](super::handler()).
pub fn server<S>(service: S) -> Traced<RoleServer, S> {
    Traced::new(service)
}

/// A client with spans; give it what you would serve without, `()` for one that handles nothing.
///
/// ```
/// use rmcp::model::CallToolRequestParams;
/// use tracing_genai::mcp;
///
/// async fn ask(transport: tokio::io::DuplexStream) -> Result<(), Box<dyn std::error::Error>> {
///     let client = mcp::client(()).serve(transport).await?;
///     let forecast = client.call_tool(CallToolRequestParams::new("weather")).await?;
///     # let _ = forecast;
///     client.cancel().await?;
///     Ok(())
/// }
/// ```
pub fn client<S>(service: S) -> Traced<RoleClient, S> {
    Traced::new(service)
}

/// A service whose requests and notifications have spans: of [`server`] or [`client`].
///
/// It is a [`Service`](rmcp::Service) as the one inside is, to which it derefs. One value is for one connection.
#[derive(Debug)]
#[must_use = "a service does nothing until it is served"]
pub struct Traced<R, S> {
    pub(crate) service: S,
    pub(crate) connection: Arc<Connection>,
    role: PhantomData<fn() -> R>,
}

impl<R, S> Traced<R, S> {
    fn new(service: S) -> Self {
        Self { service, connection: Arc::default(), role: PhantomData }
    }

    /// The connection is a pipe: `network.transport = pipe`. By default that of the transport's Rust type, if it is one
    /// of rmcp's or tokio's.
    pub fn stdio(self) -> Self {
        self.over(Medium { transport: network_transport::PIPE, protocol: None })
    }

    /// The connection is HTTP in that version (`1.1`, `2`, `3`): `network.transport` is `tcp`, for `3` it is `quic`;
    /// `network.protocol.name = http` and `network.protocol.version`. By default, of a server: as its requests come.
    pub fn http(self, version: impl Into<String>) -> Self {
        let version = version.into();
        let medium = medium::http(&version);
        self.connection.set_network(|network| network.version = Some(version));
        self.over(medium)
    }

    /// `server.address` and `server.port` of what it is connected to, on what it sends. Not given by default.
    pub fn peer_address(self, address: impl Into<String>, port: u16) -> Self {
        self.connection.set_network(|network| network.server = Some((address.into(), port)));
        self
    }

    fn over(self, medium: Medium) -> Self {
        self.connection.set_network(|network| network.medium = Some(medium));
        self
    }

    /// The transport to serve it with, where [`serve`](Traced::serve) is not what you serve with:
    ///
    /// ```
    /// use rmcp::service::serve_directly;
    /// use tracing_genai::mcp;
    ///
    /// # async fn ask(transport: tokio::io::DuplexStream) {
    /// let service = mcp::client(());
    /// let transport = service.transport(transport);
    /// let client = mcp::RunningClient::from(serve_directly(service, transport, None));
    /// # let _ = client;
    /// # }
    /// ```
    ///
    /// Without it, rmcp's own functions and `serve_with_ct` of its `ServiceExt` serve a connection that has spans for what is
    /// received, and none for what is sent.
    pub fn transport<T, E, A>(
        &self,
        transport: T,
    ) -> TracedTransport<R, impl Transport<R, Error = E> + use<R, S, T, E, A>>
    where
        R: Role,
        T: IntoTransport<R, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        self.connection.set_network(|network| network.medium = network.medium.or_else(medium::of::<T>));
        self.connection.set_home();
        TracedTransport::new(transport.into_transport(), &self.connection)
    }
}

impl<S: rmcp::Service<RoleClient>> Traced<RoleClient, S> {
    /// Connects over `transport`, as rmcp's [`serve`](ServiceExt::serve) does.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn serve<T, E, A: 'static>(self, transport: T) -> Result<RunningClient<S>, ClientInitializeError>
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let transport = self.transport(transport);
        ServiceExt::serve(self, transport).await.map(RunningClient::from)
    }

    /// Connects over `transport`, as rmcp's [`serve_with_lifecycle`](ClientServiceExt::serve_with_lifecycle) does.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn serve_with_lifecycle<T, E, A: 'static>(
        self,
        transport: T,
        lifecycle: ClientLifecycleMode,
    ) -> Result<RunningClient<S>, ClientInitializeError>
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let transport = self.transport(transport);
        ClientServiceExt::serve_with_lifecycle(self, transport, lifecycle).await.map(RunningClient::from)
    }
}

impl<S: rmcp::Service<RoleServer>> Traced<RoleServer, S> {
    /// Serves over `transport`, as rmcp's [`serve`](ServiceExt::serve) does.
    ///
    /// # Errors
    /// Those of rmcp, as they are.
    pub async fn serve<T, E, A: 'static>(
        self,
        transport: T,
    ) -> Result<RunningService<RoleServer, Self>, ServerInitializeError>
    where
        T: IntoTransport<RoleServer, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let transport = self.transport(transport);
        ServiceExt::serve(self, transport).await
    }
}

impl<R, S> Deref for Traced<R, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.service
    }
}
