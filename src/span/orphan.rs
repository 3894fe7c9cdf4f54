//! The orphan detector: tells of spans that lost their parent, in tests and while developing.

use std::fmt;
use std::sync::Arc;

use crate::rules::FieldId;
use crate::semconv::attr;
use crate::span::GenAiTracer;
use crate::span::attributes::Attributes;
use crate::span::hook;
use crate::span::shared::Shared;
use crate::span::start::Start;

const FILE: FieldId = FieldId::of(attr::CODE_FILE_PATH);
const LINE: FieldId = FieldId::of(attr::CODE_LINE_NUMBER);

pub(crate) type OrphanDetector = Arc<dyn Fn(&Orphan<'_>) + Send + Sync>;

/// A GenAI span that belongs below another one and has no parent, as the orphan detector sees it.
///
/// Printed it is `chat gpt-4o at src/agent.rs:42`.
#[derive(Debug)]
pub struct Orphan<'a> {
    name: &'a str,
    operation: Option<&'static str>,
    location: Option<(&'a str, u32)>,
}

impl Orphan<'_> {
    /// The name of the span.
    pub fn name(&self) -> &str {
        self.name
    }

    /// `gen_ai.operation.name`; `None` for a compaction, which the conventions do not list.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// File and line: where a typed guard was started, or where a span with fields is written if its layer adds
    /// [`with_location(true)`](tracing_opentelemetry::OpenTelemetryLayer::with_location). `None` if neither is known.
    pub fn location(&self) -> Option<(&str, u32)> {
        self.location
    }
}

impl fmt::Display for Orphan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.location {
            Some((file, line)) => write!(f, " at {file}:{line}"),
            None => Ok(()),
        }
    }
}

impl<T> GenAiTracer<T> {
    /// Sets the orphan detector: called for a GenAI span that starts without a parent although another GenAI span of
    /// this tracer is open, and that belongs below one: any but a workflow, an agent, an operation and
    /// an MCP request. Nearly always
    /// it starts in a task that was spawned without its span (`.instrument(span)`), or on a thread of its own.
    ///
    /// For tests and for developing: a program may have a reason for such a span. The detector runs without a
    /// `tracing` subscriber, before the span starts; a panic in it is caught and counted, so collect what it is
    /// told and look at it later. By default there is none, and nothing is looked at.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// # use tracing_genai::GenAiTracer;
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    /// let (orphans, found) = mpsc::channel();
    /// let tracer = GenAiTracer::new(tracer).with_orphan_detector(move |orphan| {
    ///     let _ = orphans.send(orphan.to_string()); // "chat gpt-4o at src/agent.rs:42"
    /// });
    /// // … the test …
    /// assert_eq!(found.try_iter().collect::<Vec<_>>(), [] as [&str; 0]);
    /// # drop(tracer);
    /// ```
    #[must_use]
    pub fn with_orphan_detector<F>(self, detector: F) -> Self
    where
        F: Fn(&Orphan<'_>) + Send + Sync + 'static,
    {
        self.set(|settings| settings.orphan_detector = Some(Arc::new(detector)))
    }
}

/// Tells the detector, if there is one, of a span without a parent.
#[inline]
pub(crate) fn detect(shared: &Shared, start: &Start, late: &Attributes, name: impl FnOnce() -> String) {
    if let Some(detector) = &shared.settings.orphan_detector
        && start.operation.belongs_below()
        && shared.table.count_open() > 0
    {
        let orphan = Orphan { name: &name(), operation: start.operation.name, location: location(start, late) };
        hook::call(shared, "orphan_detector", || detector(&orphan));
    }
}

fn location<'a>(start: &Start, late: &'a Attributes) -> Option<(&'a str, u32)> {
    match start.location {
        Some(caller) => Some((caller.file(), caller.line())),
        None => late.text(FILE).zip(late.int(LINE).and_then(|line| u32::try_from(line).ok())),
    }
}
