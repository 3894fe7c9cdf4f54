//! What one backend gets otherwise than it was recorded: older names, keys of its own, less content, shorter values.
//!
//! It runs on the export thread, after the last gate.

use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;

use crate::content::Content;
use crate::span::Dialects;

/// See the module's documentation. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Adapter {
    pub(crate) dialects: Dialects,
    /// Of what the pipeline lets out, what this backend gets; `None` is all of it.
    pub(crate) content: Option<Content>,
}

impl Adapter {
    /// Brings a span into the form for this backend.
    pub(crate) fn span(&self, _span: &mut SpanData) {}

    /// Brings a log record into the form for this backend.
    pub(crate) fn record(&self, _record: &mut SdkLogRecord) {}
}
