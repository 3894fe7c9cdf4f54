//! How much a backend takes: of one value, of one span.

use opentelemetry::trace::Status;
use opentelemetry::{Array, Key, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::content::{Kind, shortened};
use crate::semconv::attr;
use crate::span::content::Named;
use crate::span::{Count, LastGate};

use super::super::weight::shrink;
use super::each_list;

/// Bytes that a backend takes; `None` is no limit that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Of one text. Longer content is cut inside of its JSON.
    pub(crate) value: Option<usize>,
    /// Of one span, by estimate. Content goes first, the largest before others.
    pub(crate) span: Option<usize>,
}

/// Brings `span` within `limits`.
pub(crate) fn keep(limits: Limits, gate: &LastGate, span: &mut SpanData) {
    if let Some(most) = limits.value {
        each_list(span, |attributes| values(most, gate, attributes));
        if let Status::Error { description } = &span.status
            && description.len() > most
        {
            span.status = Status::error(cut(description, most).to_owned());
        }
    }
    if let Some(most) = limits.span {
        for _ in 0..shrink(span, most) {
            gate.count(Count::ContentDropped, "size of a span");
        }
    }
}

/// Brings every value of a list within `most` bytes.
fn values(most: usize, gate: &LastGate, attributes: &mut Vec<KeyValue>) {
    if !attributes.iter().any(|pair| longest(&pair.value) > most) {
        return;
    }
    let mut missing = Vec::new();
    attributes.retain_mut(|pair| match value(most, pair) {
        Fit::Whole => true,
        Fit::Cut => {
            gate.count(Count::ValueCut, pair.key.as_str());
            true
        }
        Fit::Content(bytes) => {
            gate.count(Count::ContentTruncated, pair.key.as_str());
            let about = |named: Named<'_>| named.about(attr::AGENTIC_CONTENT_TRUNCATED);
            missing.extend(Named::of_attribute(pair.key.as_str()).map(|named| (about(named), bytes)));
            true
        }
        Fit::Not => {
            gate.count(Count::ContentDropped, pair.key.as_str());
            false
        }
    });
    missing.into_iter().for_each(|(key, bytes)| add_missing(attributes, key, bytes));
}

/// Tells that `bytes` more are missing.
pub(super) fn add_missing(attributes: &mut Vec<KeyValue>, key: Key, bytes: usize) {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    match attributes.iter_mut().find(|pair| pair.key == key) {
        Some(KeyValue { value: Value::I64(before), .. }) => *before = before.saturating_add(bytes),
        Some(pair) => pair.value = bytes.into(),
        None => attributes.push(KeyValue::new(key, bytes)),
    }
}

fn longest(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => texts.iter().map(|text| text.as_str().len()).max().unwrap_or(0),
        _ => 0,
    }
}

/// What became of a value.
enum Fit {
    Whole,
    Cut,
    /// Content, by so many bytes shorter.
    Content(usize),
    /// Content of which nothing fits.
    Not,
}

fn value(most: usize, pair: &mut KeyValue) -> Fit {
    match &mut pair.value {
        Value::String(text) if text.as_str().len() > most => {
            let named = Named::of_attribute(pair.key.as_str());
            let fitted = match named {
                Some(named) => shortened(named.kind, text.as_str(), most),
                // What looks like JSON is cut as such.
                None if text.as_str().starts_with(['{', '[']) => shortened(Kind::WorkflowInput, text.as_str(), most),
                None => Some((cut(text.as_str(), most).to_owned(), 0)),
            };
            let Some((short, missing)) = fitted else { return Fit::Not };
            pair.value = short.into();
            if named.is_some() { Fit::Content(missing) } else { Fit::Cut }
        }
        Value::Array(Array::String(texts)) => {
            let long = texts.iter_mut().filter(|text| text.as_str().len() > most);
            let cut = long.map(|text| *text = StringValue::from(cut(text.as_str(), most).to_owned())).count();
            if cut > 0 { Fit::Cut } else { Fit::Whole }
        }
        _ => Fit::Whole,
    }
}

/// The beginning of `text`, up to the last character that fits.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
