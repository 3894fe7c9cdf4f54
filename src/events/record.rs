//! A log event before it is given to a logger.

use std::time::SystemTime;

use opentelemetry::Key;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, Severity};
use opentelemetry::trace::SpanContext;

use crate::semconv::Event;

/// One log event.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) name: &'static str,
    /// `None` where the conventions set none.
    pub(crate) severity: Option<Severity>,
    pub(crate) at: SystemTime,
    pub(crate) body: Option<AnyValue>,
    pub(crate) attributes: Vec<(Key, AnyValue)>,
}

impl Record {
    pub(crate) fn of(event: &'static Event, at: SystemTime, attributes: Vec<(Key, AnyValue)>) -> Self {
        Self { name: event.name, severity: severity(event), at, body: None, attributes }
    }

    /// Gives it to `logger`, if that wants it, in the context of the span it is about: the span that is current may be
    /// another, or none.
    pub(crate) fn write<L: Logger>(self, context: &SpanContext, logger: &L) {
        // Information is the severity of what has none.
        if !logger.event_enabled(self.severity.unwrap_or(Severity::Info), "", Some(self.name)) {
            return;
        }
        let mut record = logger.create_log_record();
        record.set_event_name(self.name);
        record.set_timestamp(self.at);
        if let Some(severity) = self.severity {
            record.set_severity_number(severity);
            record.set_severity_text(severity.name());
        }
        record.set_trace_context(context.trace_id(), context.span_id(), Some(context.trace_flags()));
        if let Some(body) = self.body {
            record.set_body(body);
        }
        record.add_attributes(self.attributes);
        logger.emit(record);
    }
}

/// The severity that the conventions give an event.
pub(crate) fn severity(event: &Event) -> Option<Severity> {
    match event.severity? {
        5 => Some(Severity::Debug),
        9 => Some(Severity::Info),
        13 => Some(Severity::Warn),
        17 => Some(Severity::Error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv::EVENTS;

    #[test]
    fn every_severity_of_the_registry_is_known() {
        for event in EVENTS {
            assert_eq!(severity(event).map(|known| known as u8), event.severity, "{}", event.name);
        }
    }
}
