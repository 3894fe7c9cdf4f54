//! Where a text was found, in words.
use std::fmt;

use crate::collector::line::printable;
use crate::collector::signal::Signal;

/// Longest name or key that is printed, in characters.
const MAX_NAME_CHARS: usize = 100;

/// Where a text was found. Printed it names the place and quotes nothing of what is there:
/// `value of gen_ai.input.messages, span "chat gpt-4o" 00f067aa0ba902b7`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// What was received: a span, a metric or a log record.
    pub signal: Signal,
    /// Name of the span, metric or event, of the first one for a resource or scope; `None` if the text is in it.
    pub name: Option<String>,
    /// Id of the span, or of the span a log record belongs to, 16 hex digits; empty if there is none.
    pub span_id: String,
    /// What of it holds the text.
    pub holder: Holder,
    /// What of the holder it is.
    pub part: Part,
}

/// What holds the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holder {
    /// The span itself.
    Span,
    /// The event of that name; `None` if the text is in the name.
    Event(Option<String>),
    /// A link.
    Link,
    /// The metric itself.
    Metric,
    /// A point of the metric; its attributes are the labels.
    Point,
    /// An exemplar of a point.
    Exemplar,
    /// The log record or event itself.
    Log,
    /// The resource.
    Resource,
    /// The instrumentation scope.
    Scope,
}

/// What of its holder the text is in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// The name; of a log record that of its event.
    Name,
    /// The description of a metric.
    Description,
    /// The unit of a metric.
    Unit,
    /// What was measured.
    Number,
    /// The body of a log record.
    Body,
    /// The severity as text.
    SeverityText,
    /// The version of a scope.
    Version,
    /// The text of the status.
    StatusMessage,
    /// The `tracestate`.
    TraceState,
    /// The schema URL.
    SchemaUrl,
    /// A trace id or span id.
    Id,
    /// The key of an attribute, which is not shown.
    Key,
    /// The value of the attribute of that key.
    Value(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |name: &Option<String>| match name {
            Some(name) => format!("\"{}\"", printable(name, MAX_NAME_CHARS)),
            None => "(name not shown)".to_owned(),
        };
        match &self.part {
            Part::Name => f.write_str("name"),
            Part::Description => f.write_str("description"),
            Part::Unit => f.write_str("unit"),
            Part::Number => f.write_str("number"),
            Part::Body => f.write_str("body"),
            Part::SeverityText => f.write_str("severity text"),
            Part::Version => f.write_str("version"),
            Part::StatusMessage => f.write_str("status message"),
            Part::TraceState => f.write_str("trace state"),
            Part::SchemaUrl => f.write_str("schema URL"),
            Part::Id => f.write_str("id"),
            Part::Key => f.write_str("key of an attribute"),
            Part::Value(key) => write!(f, "value of {}", printable(key, MAX_NAME_CHARS)),
        }?;
        match &self.holder {
            Holder::Span | Holder::Metric | Holder::Log => Ok(()),
            Holder::Point => f.write_str(", point"),
            Holder::Exemplar => f.write_str(", exemplar"),
            Holder::Event(name) => write!(f, ", event {}", named(name)),
            Holder::Link => f.write_str(", link"),
            Holder::Resource => f.write_str(", resource"),
            Holder::Scope => f.write_str(", scope"),
        }?;
        match self.signal {
            Signal::Traces => write!(f, ", span {} {}", named(&self.name), self.span_id),
            Signal::Metrics => write!(f, ", metric {}", named(&self.name)),
            Signal::Logs if self.name.as_deref() == Some("") => write!(f, ", log record"),
            Signal::Logs => write!(f, ", log record {}", named(&self.name)),
        }
    }
}
