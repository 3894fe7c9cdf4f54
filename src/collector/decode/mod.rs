//! OTLP messages into plain data.
//!
//! Recursion over nested values is bounded by the decoders in front: prost stops at 100 levels, serde_json at 128.
mod logs;
mod metrics;
mod spans;

use std::fmt::Write as _;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::origin::{ReceivedResource, ReceivedScope};
use super::value::{AttributeValue, Attributes};

pub(super) use logs::logs;
pub(super) use metrics::metrics;
pub(super) use spans::spans;

const TRACE_ID_BYTES: usize = 16;
const SPAN_ID_BYTES: usize = 8;

/// What one export request holds.
#[derive(Debug, PartialEq)]
pub(super) struct Batch<T> {
    pub(super) items: Vec<T>,
    /// What was left out because it is invalid: spans, points.
    pub(super) rejected: u64,
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self { items: Vec::new(), rejected: 0 }
    }
}

fn resource(message: Option<Resource>, schema_url: String) -> ReceivedResource {
    ReceivedResource { attributes: attributes(message.unwrap_or_default().attributes), schema_url }
}

fn scope(message: Option<InstrumentationScope>, schema_url: String) -> ReceivedScope {
    let message = message.unwrap_or_default();
    ReceivedScope {
        name: message.name,
        version: message.version,
        attributes: attributes(message.attributes),
        schema_url,
    }
}

fn id(bytes: &[u8], length: usize) -> Option<String> {
    (bytes.len() == length && bytes.iter().any(|b| *b != 0)).then(|| hex(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    pairs.into_iter().map(|pair| (pair.key, value(pair.value))).collect()
}

fn value(message: Option<AnyValue>) -> AttributeValue {
    match message.and_then(|any| any.value) {
        // An index into a string table belongs to the profiling signal; elsewhere it counts as absent.
        None | Some(Value::StringValueStrindex(_)) => AttributeValue::Empty,
        Some(Value::StringValue(text)) => AttributeValue::Str(text),
        Some(Value::BoolValue(flag)) => AttributeValue::Bool(flag),
        Some(Value::IntValue(number)) => AttributeValue::Int(number),
        Some(Value::DoubleValue(number)) => AttributeValue::Double(number),
        Some(Value::BytesValue(bytes)) => AttributeValue::Bytes(bytes),
        Some(Value::ArrayValue(array)) => {
            AttributeValue::Array(array.values.into_iter().map(|v| value(Some(v))).collect())
        }
        Some(Value::KvlistValue(list)) => AttributeValue::Map(attributes(list.values)),
    }
}
