//! Where a trace begins: the application's say in the parent of a span that would be a root.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue, Value};

use crate::semconv::SpanKind;
use crate::span::shared::Shared;
use crate::span::stats::Count;

/// A GenAI span that is about to start, as the application's hooks see it: the root-context resolver and the default
/// attributes.
#[derive(Debug)]
pub struct SpanStart<'a> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: SpanKind,
    pub(crate) operation: Option<&'static str>,
    pub(crate) attributes: &'a [KeyValue],
}

impl SpanStart<'_> {
    /// The name of the span, complete.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind of the span.
    pub fn kind(&self) -> SpanKind {
        self.kind
    }

    /// `gen_ai.operation.name`; `None` for an operation or a compaction, which the conventions do not list.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// The value of attribute `key` at the start of the span; keys are in [`semconv::attr`](crate::semconv::attr).
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        self.attributes.iter().find(|held| held.key.as_str() == key).map(|held| &held.value)
    }
}

/// Asks the application's resolver, if there is one, for the context that a root should hang in.
pub(crate) fn resolve(shared: &Shared, start: &SpanStart<'_>) -> Option<Context> {
    let resolver = shared.settings.root_context.as_ref()?;
    // The layer holds locks of this span while its tracer runs: a resolver that logs or opens spans would wait for
    // them for ever, so it runs without a subscriber.
    let nobody = tracing::Dispatch::none();
    let answer = tracing::dispatcher::with_default(&nobody, || catch_unwind(AssertUnwindSafe(|| resolver(start))));
    match answer {
        Ok(context) => context.filter(|context| context.span().span_context().is_valid()),
        Err(_) => {
            shared.count(Count::HookPanic, "root_context");
            None
        }
    }
}
