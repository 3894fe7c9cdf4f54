//! The programs around the agent, for the example in this process behind one loopback port, and the way to them.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use reqwest::Client;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{mcp, recorded, search, translator};

/// A server that takes and gives JSON.
pub(crate) struct Service {
    client: Client,
    address: SocketAddr,
}

/// Why a service gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServiceError {
    #[error("no answer from a service")]
    Transport(#[from] reqwest::Error),
    #[error("a service cannot be started")]
    Start(#[from] io::Error),
}

impl Service {
    /// Starts the server in the current runtime, on a free port.
    pub(crate) async fn start() -> Result<Self, ServiceError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let routes: Router =
            recorded::routes().merge(search::routes()).merge(mcp::routes()).merge(translator::routes());
        tokio::spawn(async { axum::serve(listener, routes).await });
        // A server nearby: without a proxy, and without the system's certificates, which a small container may not have.
        Ok(Self { client: Client::builder().no_proxy().tls_certs_only([]).build()?, address })
    }

    /// Sends `body`; what comes back.
    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Value, ServiceError> {
        let request = self.client.post(format!("http://{}{path}", self.address)).json(body);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// Host and port.
    pub(crate) fn server(&self) -> (String, u16) {
        (self.address.ip().to_string(), self.address.port())
    }

    /// Where its answers like OpenAI's begin.
    pub(crate) fn model_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}
