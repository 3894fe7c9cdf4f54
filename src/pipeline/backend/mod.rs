//! Backends: where they listen, how they know who sends, what they read, as rows of a table.

use crate::content::Content;
use crate::span::Dialects;

use super::env::Env;
use super::error::InitError;
use super::route::{Connection, Route};

/// A backend whose needs are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Any OTLP receiver, by the `OTEL_EXPORTER_OTLP_*` variables.
    Otlp,
    /// Langfuse.
    Langfuse,
}

/// A [`Backend`] with settings of its own.
#[derive(Clone)]
#[must_use = "give it to PipelineBuilder::backend"]
pub struct BackendConfig {
    pub(crate) backend: Backend,
    pub(crate) connection: Connection,
    pub(crate) content: Option<Content>,
    pub(crate) dialects: Option<Dialects>,
}

impl From<Backend> for BackendConfig {
    fn from(backend: Backend) -> Self {
        Self { backend, connection: Connection::default(), content: None, dialects: None }
    }
}

impl BackendConfig {
    /// The way to it.
    ///
    /// # Errors
    /// If a variable that it needs is missing or means nothing.
    pub(crate) fn route(self, _env: &Env) -> Result<Route, InitError> {
        Ok(Route { connection: self.connection, ..Route::default() })
    }
}
