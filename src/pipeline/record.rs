//! Log records, on their way out.

use std::sync::{Arc, LazyLock};

use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider};
use opentelemetry::{InstrumentationScope, Key};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLogger, SdkLoggerProvider};

use crate::content::contained;
use crate::span::LastGate;

use super::adapter::{self, Adapter};
use super::item::{Item, LARGEST_BATCH};
use super::limits::{RecordLimits, cut_any};

/// A log record that waits for its export.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) record: SdkLogRecord,
    #[cfg_attr(not(any(feature = "otlp-grpc", feature = "otlp-http")), expect(dead_code))]
    pub(crate) scope: Arc<InstrumentationScope>,
    pub(crate) place: Place,
}

/// Where a log record comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An event of the conventions, written by an observer of spans.
    Event,
    /// A log event of the application inside of a GenAI span: its text and fields are content.
    Inside,
    /// Any other.
    Outside,
}

/// What every record goes through on the export thread. What it may say was decided where it was made.
pub(crate) struct RecordGate {
    /// For counts.
    pub(crate) unmarked: LastGate,
    pub(crate) adapter: Arc<Adapter>,
    pub(crate) limits: RecordLimits,
}

impl Item for Record {
    type Ready = Self;
    type Gate = RecordGate;

    fn weight(&self) -> usize {
        const FLAT: usize = 128;
        let attributes = self.record.attributes_iter().map(|(key, value)| key.as_str().len() + weight(value));
        let body = self.record.body().map_or(0, weight);
        let target = self.record.target().map_or(0, |target| target.len());
        FLAT + body + target + attributes.sum::<usize>()
    }

    /// Where it comes from says what of it is content: text and fields inside of a GenAI span, the body of an event.
    fn strip(&mut self) -> u64 {
        adapter::strip(self.place, &mut self.record)
    }

    fn admit(mut self, gate: &RecordGate) -> Option<(Self, u64)> {
        contained(move || {
            gate.adapter.record(&gate.unmarked, self.place, &mut self.record);
            let mut stripped = 0;
            if self.weight() > LARGEST_BATCH {
                stripped = self.strip();
            }
            limit(&mut self.record, gate.limits);
            (self, stripped)
        })
    }

    fn ready_weight(record: &Self) -> usize {
        record.weight()
    }
}

fn weight(value: &AnyValue) -> usize {
    const FLAT: usize = 32;
    let inside: usize = match value {
        AnyValue::String(text) => text.as_str().len(),
        AnyValue::Bytes(bytes) => bytes.len(),
        AnyValue::ListAny(list) => list.iter().map(weight).sum(),
        AnyValue::Map(map) => map.iter().map(|(key, value)| key.as_str().len() + weight(value)).sum(),
        _ => 0,
    };
    FLAT + inside
}

/// Attributes in number and in length. A body has no limit.
fn limit(record: &mut SdkLogRecord, limits: RecordLimits) {
    let count = record.attributes_iter().count();
    if count <= limits.attributes && limits.value_length.is_none() {
        return;
    }
    let mut attributes: Vec<_> = record.attributes_iter().take(limits.attributes).cloned().collect();
    if let Some(length) = limits.value_length {
        attributes.iter_mut().for_each(|(_, value)| cut_any(value, length));
    }
    *record = rebuilt(record, record.body().cloned(), attributes);
}

/// How `tracing` names an event that has no name of its own: by file and line, which are nobody's business.
const BY_PLACE: &str = "event ";

/// The record with another body and other attributes. The SDK's records only grow, so this is a new one.
pub(crate) fn rebuilt(record: &SdkLogRecord, body: Option<AnyValue>, attributes: Vec<(Key, AnyValue)>) -> SdkLogRecord {
    static BLANK: LazyLock<SdkLogger> = LazyLock::new(|| SdkLoggerProvider::builder().build().logger(""));
    let mut new = BLANK.create_log_record();
    if let Some(name) = record.event_name().filter(|name| !name.starts_with(BY_PLACE)) {
        new.set_event_name(name);
    }
    if let Some(target) = record.target() {
        new.set_target(target.clone());
    }
    if let Some(time) = record.timestamp() {
        new.set_timestamp(time);
    }
    if let Some(time) = record.observed_timestamp() {
        new.set_observed_timestamp(time);
    }
    if let Some(text) = record.severity_text() {
        new.set_severity_text(text);
    }
    if let Some(number) = record.severity_number() {
        new.set_severity_number(number);
    }
    if let Some(place) = record.trace_context() {
        new.set_trace_context(place.trace_id, place.span_id, place.trace_flags);
    }
    if let Some(body) = body {
        new.set_body(body);
    }
    new.add_attributes(attributes);
    new
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use opentelemetry::logs::Severity;
    use opentelemetry::{SpanId, TraceFlags, TraceId};

    use super::*;

    fn full() -> SdkLogRecord {
        let mut record = rebuilt(&SdkLoggerProvider::builder().build().logger("").create_log_record(), None, vec![]);
        record.set_event_name("gen_ai.client.inference.operation.details");
        record.set_target("app");
        record.set_timestamp(SystemTime::UNIX_EPOCH);
        record.set_observed_timestamp(SystemTime::UNIX_EPOCH);
        record.set_severity_text("WARN");
        record.set_severity_number(Severity::Warn);
        record.set_trace_context(TraceId::from(1), SpanId::from(2), Some(TraceFlags::SAMPLED));
        record.set_body(AnyValue::from("body".to_owned()));
        record
            .add_attribute("gen_ai.input.messages", AnyValue::ListAny(Box::new(vec![AnyValue::from("x".repeat(900))])));
        record.add_attribute("gen_ai.usage.input_tokens", 12);
        record
    }

    fn queued() -> Record {
        Record { record: full(), scope: Arc::new(InstrumentationScope::default()), place: Place::Event }
    }

    #[test]
    fn nothing_is_lost_when_a_record_is_rebuilt() {
        let record = full();
        let attributes = record.attributes_iter().cloned().collect();
        assert_eq!(rebuilt(&record, record.body().cloned(), attributes), record);
    }

    #[test]
    fn content_goes_and_usage_stays() {
        let mut record = queued();
        let before = record.weight();
        assert!(before > 900);
        assert_eq!(record.strip(), 2);
        assert!(record.record.body().is_none() && record.weight() < before - 900);
        let keys: Vec<_> = record.record.attributes_iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["gen_ai.usage.input_tokens"]);
        assert_eq!(record.strip(), 0);
    }

    #[test]
    fn a_stripped_message_of_1_36_says_only_which_one_it_was() {
        let mut record = queued();
        let said = |key: &'static str, value: AnyValue| (Key::from_static_str(key), value);
        let body = [said("index", 0.into()), said("message", "secret".into())];
        record.record.set_event_name("gen_ai.choice");
        record.record.set_body(AnyValue::Map(Box::new(body.into_iter().collect())));
        assert_eq!(record.strip(), 2);
        let left = AnyValue::Map(Box::new([said("index", 0.into())].into_iter().collect()));
        assert_eq!(record.record.body(), Some(&left));
        assert_eq!(record.strip(), 0);
    }

    #[test]
    fn what_is_content_depends_on_the_place() {
        let mut inside = Record { place: Place::Inside, ..queued() };
        assert_eq!((inside.strip(), inside.record.attributes_iter().count()), (3, 0));
        let mut outside = Record { place: Place::Outside, ..queued() };
        assert_eq!(outside.strip(), 1);
        assert!(outside.record.body().is_some());
    }

    #[test]
    fn limits_hold_inside_of_structures() {
        let limits = RecordLimits { attributes: 1, value_length: Some(3) };
        let gate = RecordGate { unmarked: LastGate::new(Arc::default()), adapter: Arc::default(), limits };
        let (ready, stripped) = queued().admit(&gate).unwrap();
        assert_eq!(stripped, 0);
        let attributes: Vec<_> = ready.record.attributes_iter().collect();
        assert_eq!(attributes.len(), 1);
        assert_eq!(attributes[0].1, AnyValue::ListAny(Box::new(vec![AnyValue::from("xxx")])));
        // The limits are those of attributes.
        assert_eq!(ready.record.body(), Some(&AnyValue::from("body")));
    }
}
