//! What one backend gets otherwise than it was recorded: less content, older names, keys of its own, shorter values.
//!
//! It runs on the export thread, after the last gate:
//!
//! ```text
//! the last gate ─► content of this backend ─► its dialects ─► its keys ─► its limits ─► the exporter
//!                  content.rs                                 keys.rs     limits.rs
//! ```
//!
//! The backend's keys are made of attributes under the pinned names, before the dialects rename any.

mod any_value;
mod content;
mod keys;
mod limits;
mod log_fields;
mod record;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod tests;
mod time;
mod view;

use opentelemetry::KeyValue;
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;

use crate::content::{Content, contained};
use crate::span::{Count, Dialects, LastGate};

use super::record::Place;
use super::weight::strip_content;

pub(crate) use keys::{Aside, Extra, From, On};
pub(crate) use limits::Limits;
pub(crate) use record::strip;

use view::View;

/// See the module's documentation. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Adapter {
    pub(crate) dialects: Dialects,
    /// Of what the pipeline lets out, what this backend gets; `None` is all of it.
    pub(crate) content: Option<Content>,
    /// Keys of its own.
    pub(crate) keys: &'static [Extra],
    /// Usage that it would count twice.
    pub(crate) aside: &'static [Aside],
    pub(crate) limits: Limits,
}

impl Adapter {
    /// Whether the marks of spans have to say whose they are.
    pub(crate) fn wants_identity(&self) -> bool {
        !self.keys.is_empty() || self.content.is_some()
    }

    /// Brings a span into the form for this backend; `gate` is the one it went through. Never panics: what cannot be
    /// brought into that form goes without content.
    pub(crate) fn span(&self, gate: &LastGate, span: &mut SpanData) {
        if contained(|| self.adapt(gate, span)).is_none() {
            gate.count(Count::HookPanic, "adapter");
            strip_content(span);
        }
    }

    fn adapt(&self, gate: &LastGate, span: &mut SpanData) {
        if let Some(content) = &self.content {
            content::choose(content, gate, span);
        }
        let mut extra = match self.keys {
            [] => Vec::new(),
            rows => keys::of(rows, &View::of(gate, span), span),
        };
        if !self.dialects.is_latest() {
            each_list(span, |attributes| self.dialects.rewrite(attributes));
        }
        if !self.aside.is_empty() {
            let view = View::of(gate, span);
            keys::set_aside(self.aside, &view, span);
        }
        // The dialects may have written the same key.
        extra.retain(|pair| view::last(&span.attributes, pair.key.as_str()).is_none());
        span.attributes.extend(extra);
        limits::keep(self.limits, gate, span);
    }

    /// Brings a log record into the form for this backend. Its names are those of the backend's dialects from the start.
    /// Never panics: what cannot be brought into that form goes without content.
    pub(crate) fn record(&self, gate: &LastGate, place: Place, record: &mut SdkLogRecord) {
        let Some(content) = &self.content else { return };
        if contained(|| record::choose(content, gate, place, record)).is_none() {
            gate.count(Count::HookPanic, "adapter");
            record::strip(place, record);
        }
    }
}

/// Changes every list of attributes that a span has.
fn each_list(span: &mut SpanData, mut change: impl FnMut(&mut Vec<KeyValue>)) {
    change(&mut span.attributes);
    span.events.events.iter_mut().for_each(|event| change(&mut event.attributes));
    span.links.links.iter_mut().for_each(|link| change(&mut link.attributes));
}
