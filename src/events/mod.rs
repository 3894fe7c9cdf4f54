//! Log events of the conventions: what a model was called with, why an operation failed, how an answer was judged.
//!
//! They are log records with an event name, in the trace context of their span. A [`Pipeline`](crate::pipeline) writes
//! them by itself; a tracer of your own does with [`GenAiTracer::with_logger_provider`].
//!
//! | event | severity | when | tells |
//! |---|---|---|---|
//! | `gen_ai.client.inference.operation.details` | DEBUG | a turn (`chat`, `generate_content`, `text_completion`) ends, however | every attribute that the registry lists for it |
//! | `gen_ai.client.operation.exception` | WARN | a span of kind CLIENT fails with an error: [`fail`], an `exception` event of the OpenTelemetry API, a field `exception.type` | the error's type; of its span operation, provider, model, `error.type` and server |
//! | `gen_ai.evaluation.result` | none | [`GenAiTracer::evaluate`] is called, or that of a guard | the [`Evaluation`] |
//!
//! [`fail`]: crate::activity::Guard::fail
//!
//! Of a turn inside a turn (a guard around another crate's own span for the same call) the outer one has the events. Spans
//! that are not sampled have theirs too, with the trace flags that say so, and without content. Requests of the Model
//! Context Protocol have none, as the conventions have none for them.
//!
//! # Content
//!
//! Only what [`Content`](crate::content::Content) sends to events
//! ([`Destination::Event`](crate::content::Destination::Event) or `SpanAndEvent`), through the same policy, redactors
//! and budgets as on spans: messages, instructions, tool definitions and prompt variables on the details, text and
//! stack of the error on the exception, the explanation on the evaluation. What has a schema is structured: lists and
//! maps, no JSON text. `null` has no place in log records: members that are `null` are left out, in lists the text `null`
//! stands for it. What is told about an item (`agentic.content.ref.*`, `.truncated.*`) stands where the item does; of
//! one that is stored only, on the span.
//!
//! # States of the conventions
//!
//! Details and evaluations are the same up to names since 1.37 and 1.38. In 1.36 there was an event for each message
//! instead: `gen_ai.system.message`, `gen_ai.user.message`, `gen_ai.assistant.message`, `gen_ai.tool.message` and
//! `gen_ai.choice`, with the message as their body; without content `gen_ai.choice` alone, with index and finish
//! reason. Under several [`Dialects`] both are written.

use std::fmt;
use std::sync::Arc;

use opentelemetry::logs::{Logger, LoggerProvider};
use opentelemetry::{InstrumentationScope, KeyValue};

use crate::semconv;
use crate::span::{Dialects, Ending, GenAiTracer, Observer, Stated, hook};

mod details;
mod evaluation;
mod exception;
mod messages;
mod record;
mod rows;
pub(crate) mod structured;

pub(crate) use evaluation::evaluate;
pub use evaluation::{Evaluation, EvaluationTarget};

use crate::rules::events::{EVALUATION, has};

use record::Record;
use rows::ROWS;

/// Writes log events with the logger `L`.
pub(crate) struct Events<L> {
    logger: Arc<L>,
    dialects: Dialects,
}

impl<L: Logger> Events<L> {
    pub(crate) fn new(logger: L, dialects: Dialects) -> Self {
        Self { logger: Arc::new(logger), dialects }
    }

    fn write(&self, span: &Ending<'_>) {
        for row in ROWS {
            let Some(dialects) = row.of(self.dialects).filter(|_| (row.is_told)(span)) else { continue };
            if row.names.iter().any(|name| self.logger.event_enabled(row.severity, "", Some(name))) {
                (row.records)(span, dialects)
                    .into_iter()
                    .for_each(|record| record.write(&span.about.context, &*self.logger));
            }
        }
    }
}

impl<L> fmt::Debug for Events<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("dialects", &self.dialects).finish_non_exhaustive()
    }
}

impl<L: Logger + Send + Sync + 'static> Observer for Events<L> {
    fn writes_events(&self) -> bool {
        true
    }

    fn has_place(&self, key: &str) -> bool {
        let is_written = |row: &&rows::Row| row.of(self.dialects).is_some();
        has(EVALUATION, key) || ROWS.iter().filter(is_written).any(|row| (row.has_place)(key))
    }

    fn in_dialects(&self, dialects: Dialects) -> Option<Arc<dyn Observer>> {
        Some(Arc::new(Self { logger: Arc::clone(&self.logger), dialects }))
    }

    fn ended(&self, span: &Ending<'_>) {
        if ROWS.iter().any(|row| (row.is_told)(span)) {
            // Processors are the application's: they may log themselves.
            hook::call(&span.about.shared, "observer", || self.write(span));
        }
    }

    fn stated(&self, stated: &Stated) {
        let mut attributes = stated.attributes.iter().filter_map(structured::attribute_of).collect();
        self.dialects.rewrite(&mut attributes);
        Record::of(stated.event, stated.at, attributes).write(&stated.context, &*self.logger);
    }
}

/// The instrumentation scope of log events: the version of this crate, and the pinned state of the conventions, since
/// there is no schema URL to name.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("tracing-genai")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_attributes([KeyValue::new("agentic.semconv.pinned", semconv::PINNED)])
        .build()
}

impl<T> GenAiTracer<T> {
    /// Writes log events ([`events`](crate::events)) with a logger of `provider`. By default there are none; a
    /// [`Pipeline`](crate::pipeline) has a provider of its own.
    ///
    /// ```
    /// use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider};
    /// use tracing_genai::GenAiTracer;
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    ///
    /// let exporter = InMemoryLogExporter::default();
    /// let logs = SdkLoggerProvider::builder().with_simple_exporter(exporter).build();
    /// let tracer = GenAiTracer::new(tracer).with_logger_provider(&logs);
    /// ```
    #[must_use]
    pub fn with_logger_provider<P>(self, provider: &P) -> Self
    where
        P: LoggerProvider,
        P::Logger: Send + Sync + 'static,
    {
        let logger = provider.logger_with_scope(scope());
        self.set(|settings| settings.observers.add(Arc::new(Events::new(logger, settings.dialects))))
    }

    /// Records the result of an evaluation as `gen_ai.evaluation.result`, in the context of the span that was evaluated.
    /// Without a logger nothing is recorded, and that is said once on standard error.
    ///
    /// ```
    /// # use tracing_genai::{Carrier, GenAiTracer};
    /// # let tracer = GenAiTracer::new(opentelemetry::trace::noop::NoopTracer::new());
    /// use tracing_genai::events::Evaluation;
    ///
    /// // Afterwards, in another process: the place was stored with the answer.
    /// let answer: Carrier = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
    /// tracer.evaluate(&answer, Evaluation::new("relevance").score(0.8).label("relevant").response_id("resp-1"));
    /// # Ok::<(), tracing_genai::CarrierError>(())
    /// ```
    pub fn evaluate(&self, target: impl Into<EvaluationTarget>, evaluation: Evaluation) {
        evaluation::evaluate(&self.shared, &target.into(), evaluation);
    }
}
