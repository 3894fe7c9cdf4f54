//! A log record as it came over the wire, in plain data.
use std::sync::Arc;

use super::origin::{ReceivedResource, ReceivedScope};
use super::value::{AttributeValue, Attributes, find};

/// One received log record, or event. Ids are lower-case hex, times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceivedLog {
    /// When it happened; 0 = not sent.
    pub time_unix_nanos: u64,
    /// When it was seen by whoever collected it; 0 = not sent.
    pub observed_unix_nanos: u64,
    /// Severity as OTLP numbers it: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal; 0 = not sent.
    pub severity_number: i32,
    /// Severity as the source calls it; empty when none was sent.
    pub severity_text: String,
    /// Name of the event; empty for an ordinary log record. Untrusted text.
    pub event_name: String,
    /// The body, which may be text or structured; `None` when none was sent.
    pub body: Option<AttributeValue>,
    /// Attributes of the record; structured values stay maps and lists.
    pub attributes: Attributes,
    /// Trace id, 32 hex digits; `None` when none or an invalid one was sent.
    pub trace_id: Option<String>,
    /// Span id, 16 hex digits; `None` when none or an invalid one was sent.
    pub span_id: Option<String>,
    /// OTLP flags: bits 0–7 are the W3C trace flags.
    pub flags: u32,
    /// What produced the record; shared by all of one `ResourceLogs`.
    pub resource: Arc<ReceivedResource>,
    /// What wrote it; shared by all of one `ScopeLogs`. Bridges put the target of a log record into its name.
    pub scope: Arc<ReceivedScope>,
    /// Attributes the sender dropped before sending.
    pub dropped_attributes: u32,
}

impl ReceivedLog {
    /// The attribute `key`, the first one if the sender repeated it.
    pub fn attribute(&self, key: &str) -> Option<&AttributeValue> {
        find(&self.attributes, key)
    }

    /// The attribute `key` if it is an integer on the wire; text that looks like a number is `None`.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.attribute(key)?.as_int()
    }

    /// The attribute `key` if it is text on the wire.
    pub fn str(&self, key: &str) -> Option<&str> {
        self.attribute(key)?.as_str()
    }
}
