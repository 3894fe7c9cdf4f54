//! Limits: counts for the SDK, lengths and finite numbers for every batch.

use opentelemetry::logs::AnyValue;
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanLimits};

use crate::semconv::attr;

use super::env::Env;
use super::error::InitError;
#[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
use super::record::{Record, rebuilt};

/// Attributes, events and links a span keeps, and attributes a log record keeps, if no variable says otherwise (OpenTelemetry SDK specification).
pub const DEFAULT_SPAN_LIMIT: u32 = 128;

const MEND: &str = "write a whole number from 0 to 4294967295";
const GENERAL_COUNT: &str = "OTEL_ATTRIBUTE_COUNT_LIMIT";
const GENERAL_LENGTH: &str = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";

/// Limits on what one span may carry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) counts: SpanLimits,
    /// Characters of one string value; `None` is no limit. The SDK has no such limit, so batches are cut before export.
    pub(crate) value_length: Option<usize>,
}

impl Limits {
    pub(crate) fn read(env: &Env) -> Result<Self, InitError> {
        let count = |names: &[&'static str]| {
            let limit = env.parse::<u32>(names, MEND)?;
            Ok::<_, InitError>(limit.unwrap_or(DEFAULT_SPAN_LIMIT))
        };
        let counts = SpanLimits {
            max_attributes_per_span: count(&["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", GENERAL_COUNT])?,
            max_events_per_span: count(&["OTEL_SPAN_EVENT_COUNT_LIMIT"])?,
            max_links_per_span: count(&["OTEL_SPAN_LINK_COUNT_LIMIT"])?,
            max_attributes_per_event: count(&["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", GENERAL_COUNT])?,
            max_attributes_per_link: count(&["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", GENERAL_COUNT])?,
        };
        const LENGTH: &[&str] = &["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", GENERAL_LENGTH];
        let value_length = env.parse::<u32>(LENGTH, MEND)?;
        Ok(Self { counts, value_length: value_length.map(as_usize) })
    }
}

/// Limits on what one log record may carry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordLimits {
    pub(crate) attributes: usize,
    /// Characters of one string value; `None` is no limit.
    pub(crate) value_length: Option<usize>,
}

impl RecordLimits {
    pub(crate) fn read(env: &Env) -> Result<Self, InitError> {
        const COUNT: &[&str] = &["OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", GENERAL_COUNT];
        const LENGTH: &[&str] = &["OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", GENERAL_LENGTH];
        let number = |names| Ok::<_, InitError>(env.parse::<u32>(names, MEND)?.map(as_usize));
        let attributes = number(COUNT)?.unwrap_or(as_usize(DEFAULT_SPAN_LIMIT));
        Ok(Self { attributes, value_length: number(LENGTH)? })
    }
}

fn as_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Attributes whose beginning leads nowhere: `agentic.content.ref.{kind}` and its digest.
const WHOLE_OR_NOT: [&str; 2] = [attr::AGENTIC_CONTENT_REF, attr::AGENTIC_CONTENT_SHA256];

/// Cuts strings and string arrays of spans, events and links to `limit` characters; what is of no use cut is left out.
pub(crate) fn cut_values(batch: &mut [SpanData], limit: Option<usize>) {
    let Some(limit) = limit else { return };
    for span in batch.iter_mut() {
        leave_out(&mut span.attributes, &mut span.dropped_attributes_count, limit);
    }
    for_each_value(batch, |value| match value {
        Value::String(text) => cut(text, limit),
        Value::Array(Array::String(texts)) => texts.iter_mut().for_each(|text| cut(text, limit)),
        _ => {}
    });
}

/// Writes infinite and undefined numbers as the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
///
/// Over http/json the exporter would write `null` for them, which is no OTLP value (opentelemetry-otlp 0.33; JSON has no
/// such numbers). An array that holds one becomes an array of strings, because OTLP arrays hold one type.
#[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
pub(crate) fn spell_non_finite(batch: &mut [SpanData]) {
    for_each_value(batch, |value| match value {
        Value::F64(number) if !number.is_finite() => *value = Value::from(spelled(*number)),
        Value::Array(Array::F64(numbers)) if numbers.iter().any(|number| !number.is_finite()) => {
            let texts = numbers.iter().map(|number| StringValue::from(spelled(*number)));
            *value = Value::Array(Array::String(texts.collect()));
        }
        _ => {}
    });
}

/// As [`spell_non_finite`], for log records.
#[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
pub(crate) fn spell_non_finite_in_records(batch: &mut [Record]) {
    for Record { record, .. } in batch {
        if record.attributes_iter().map(|(_, value)| value).chain(record.body()).any(is_not_finite) {
            let mut body = record.body().cloned();
            let mut attributes: Vec<_> = record.attributes_iter().cloned().collect();
            attributes.iter_mut().map(|(_, value)| value).chain(&mut body).for_each(spell);
            *record = rebuilt(record, body, attributes);
        }
    }
}

#[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
fn is_not_finite(value: &AnyValue) -> bool {
    match value {
        AnyValue::Double(number) => !number.is_finite(),
        AnyValue::ListAny(list) => list.iter().any(is_not_finite),
        AnyValue::Map(map) => map.values().any(is_not_finite),
        _ => false,
    }
}

#[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
fn spell(value: &mut AnyValue) {
    match value {
        AnyValue::Double(number) if !number.is_finite() => *value = AnyValue::from(spelled(*number)),
        AnyValue::ListAny(list) => list.iter_mut().for_each(spell),
        AnyValue::Map(map) => map.values_mut().for_each(spell),
        _ => {}
    }
}

/// Cuts the strings in `value` to `limit` characters.
pub(crate) fn cut_any(value: &mut AnyValue, limit: usize) {
    match value {
        AnyValue::String(text) => cut(text, limit),
        AnyValue::ListAny(list) => list.iter_mut().for_each(|value| cut_any(value, limit)),
        AnyValue::Map(map) => map.values_mut().for_each(|value| cut_any(value, limit)),
        _ => {}
    }
}

fn for_each_value(batch: &mut [SpanData], mut change: impl FnMut(&mut Value)) {
    for span in batch {
        let events = span.events.events.iter_mut().flat_map(|event| &mut event.attributes);
        let links = span.links.links.iter_mut().flat_map(|link| &mut link.attributes);
        for attribute in span.attributes.iter_mut().chain(events).chain(links) {
            change(&mut attribute.value);
        }
    }
}

/// Leaves out of a span's attributes what may not be cut and is too long.
fn leave_out(list: &mut Vec<KeyValue>, dropped: &mut u32, limit: usize) {
    let is_whole = |pair: &KeyValue| match &pair.value {
        Value::String(text) => !is_longer(text, limit) || !is_of_use_whole_only(pair.key.as_str()),
        _ => true,
    };
    let before = list.len();
    list.retain(is_whole);
    *dropped = dropped.saturating_add(u32::try_from(before - list.len()).unwrap_or(u32::MAX));
}

fn is_of_use_whole_only(key: &str) -> bool {
    WHOLE_OR_NOT.iter().any(|start| key.strip_prefix(start).is_some_and(|rest| rest.starts_with('.')))
}

fn is_longer(text: &StringValue, limit: usize) -> bool {
    // Bytes are never fewer than characters, so short texts need no counting.
    text.as_str().len() > limit && text.as_str().chars().nth(limit).is_some()
}

fn cut(text: &mut StringValue, limit: usize) {
    if is_longer(text, limit) {
        *text = text.as_str().chars().take(limit).collect::<String>().into();
    }
}

#[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
fn spelled(number: f64) -> String {
    // The spelling of proto3 JSON.
    match number {
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        number => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::SystemTime;

    use opentelemetry::InstrumentationScope;
    use opentelemetry::trace::{Event, Link, SpanContext, SpanId, SpanKind, Status};
    use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

    use super::*;

    fn span(value: Value) -> SpanData {
        let attributes = || vec![KeyValue::new("k", value.clone())];
        let mut events = SpanEvents::default();
        events.events.push(Event::new("e", SystemTime::UNIX_EPOCH, attributes(), 0));
        let mut links = SpanLinks::default();
        links.links.push(Link::new(SpanContext::empty_context(), attributes(), 0));
        SpanData {
            span_context: SpanContext::empty_context(),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: Cow::Borrowed("s"),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: attributes(),
            dropped_attributes_count: 0,
            events,
            links,
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::builder("t").build(),
        }
    }

    fn values(span: &SpanData) -> [&Value; 3] {
        let event = &span.events.events[0].attributes[0].value;
        [&span.attributes[0].value, event, &span.links.links[0].attributes[0].value]
    }

    #[test]
    fn strings_are_cut_at_characters_everywhere() {
        let array = |texts: [&'static str; 2]| Value::Array(Array::String(texts.map(Into::into).to_vec()));
        let cases = [
            (Value::from("äöüß"), Value::from("äö")),
            (Value::from("ab"), Value::from("ab")),
            (array(["äöü", "b"]), array(["äö", "b"])),
            (Value::from(12345), Value::from(12345)),
        ];
        for (given, expected) in cases {
            let mut batch = [span(given)];
            cut_values(&mut batch, Some(2));
            assert_eq!(values(&batch[0]), [&expected; 3]);
        }
    }

    #[test]
    fn a_reference_leaves_whole_or_not_at_all() {
        let mut span = span(Value::from("abcdefgh"));
        let told = [
            ("agentic.content.ref.input_messages", "s3://bucket/a"),
            ("agentic.content.sha256.input_messages", "0123456789"),
            ("agentic.content.ref.tool_result", "file:///"),
        ];
        span.attributes.extend(told.map(|(key, value)| KeyValue::new(key, value)));
        let mut batch = [span];
        cut_values(&mut batch, Some(8));
        let left: Vec<_> = batch[0].attributes.iter().map(|pair| (pair.key.as_str(), pair.value.as_str())).collect();
        assert_eq!(left, [("k", "abcdefgh".into()), ("agentic.content.ref.tool_result", "file:///".into())]);
        assert_eq!(batch[0].dropped_attributes_count, 2);
    }

    #[test]
    fn without_a_limit_nothing_is_cut() {
        let mut batch = [span(Value::from("x".repeat(10_000)))];
        cut_values(&mut batch, None);
        assert_eq!(values(&batch[0])[0].as_str().len(), 10_000);
    }

    #[test]
    fn numbers_json_cannot_write_become_words() {
        let array = Value::Array(Array::F64(vec![1.5, f64::NEG_INFINITY]));
        let words = Value::Array(Array::String(vec!["1.5".into(), "-Infinity".into()]));
        let cases = [
            (Value::from(f64::NAN), Value::from("NaN")),
            (Value::from(f64::INFINITY), Value::from("Infinity")),
            (Value::from(0.5), Value::from(0.5)),
            (array, words),
        ];
        for (given, expected) in cases {
            let mut batch = [span(given)];
            spell_non_finite(&mut batch);
            assert_eq!(values(&batch[0]), [&expected; 3]);
        }
    }

    #[test]
    fn own_limit_beats_the_general_one() {
        let env = Env::from_iter([
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "7"),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "3"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "100"),
        ]);
        let limits = Limits::read(&env).unwrap();
        assert_eq!(limits.counts.max_attributes_per_span, 7);
        assert_eq!(limits.counts.max_attributes_per_event, 7);
        assert_eq!(limits.counts.max_attributes_per_link, 3);
        assert_eq!(limits.counts.max_events_per_span, DEFAULT_SPAN_LIMIT);
        assert_eq!(limits.value_length, Some(100));
    }

    #[test]
    fn a_negative_limit_is_refused() {
        let env = Env::from_iter([("OTEL_SPAN_LINK_COUNT_LIMIT", "-1")]);
        let error = Limits::read(&env).unwrap_err().to_string();
        assert!(error.contains("\"-1\" in OTEL_SPAN_LINK_COUNT_LIMIT"), "{error}");
    }
}
