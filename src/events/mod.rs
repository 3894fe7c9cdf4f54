//! Log events: what the conventions tell of a span as records of their own.

use std::fmt;
use std::sync::Arc;

use opentelemetry::logs::{Logger, LoggerProvider};

use crate::span::{Dialects, Ending, GenAiTracer, Observer};

/// Writes log events with the logger `L`.
pub(crate) struct Events<L> {
    _logger: L,
    _dialects: Dialects,
}

impl<L: Logger> Events<L> {
    pub(crate) fn new(logger: L, dialects: Dialects) -> Self {
        Self { _logger: logger, _dialects: dialects }
    }
}

impl<L> fmt::Debug for Events<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl<L: Logger + Send + Sync> Observer for Events<L> {
    fn ended(&self, _span: &Ending<'_>) {}
}

impl<T> GenAiTracer<T> {
    /// Writes log events with a logger of `provider`. By default there are none; a [`Pipeline`](crate::pipeline) has a
    /// provider of its own.
    #[must_use]
    pub fn with_logger_provider<P>(self, provider: &P) -> Self
    where
        P: LoggerProvider,
        P::Logger: Send + Sync + 'static,
    {
        let logger = provider.logger("tracing-genai");
        self.set(|settings| settings.observers.add(Arc::new(Events::new(logger, settings.dialects))))
    }
}
