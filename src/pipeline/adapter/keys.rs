//! Keys that one backend reads and the conventions do not have: rows, and what a span has under them.

use opentelemetry::{Key, KeyValue, SpanId, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::content::Shape;
use crate::semconv::attr;
use crate::span::content::kind_of;

use super::time;
use super::view::{View, last};

/// One key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extra {
    pub(crate) on: On,
    pub(crate) key: &'static str,
    pub(crate) value: From,
}

/// Which spans have it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum On {
    /// All, plain ones inside of a GenAI span too.
    Every,
    /// The root of a trace.
    Root,
    /// GenAI spans that are about one of these.
    About(&'static [&'static str]),
}

/// Where its value comes from. A span that has none does not get the key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    /// The first of these attributes that there is, or that flowed down to the span.
    First(&'static [&'static str]),
    /// As `First`, if it is a whole number, also one in text.
    Int(&'static str),
    Constant(bool),
    /// A word for what the span is about.
    Word(&'static [(&'static str, &'static str)]),
    /// `gen_ai.operation.name` behind these words.
    Operation(&'static str),
    /// The start plus the seconds of this attribute, as RFC 3339.
    After(&'static str),
    /// The cost, if it is in US dollars.
    Dollars,
    /// The same as a JSON object with this member.
    DollarsAs(&'static str),
    /// The first of these attributes that there is, as JSON.
    Json(&'static [&'static str]),
    /// Which attributes hold JSON, as a JSON schema.
    Schema,
    /// The span's name.
    Name,
}

/// Usage under names that a backend would add up with that of other spans, or take for a type of its own. It goes under
/// `agentic.usage.` instead of `gen_ai.usage.`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aside {
    pub(crate) on: On,
    pub(crate) keys: &'static [&'static str],
}

/// The rows' keys for `span`, but for those it has.
pub(crate) fn of(rows: &[Extra], view: &View<'_>, span: &SpanData) -> Vec<KeyValue> {
    let missing = |row: &&Extra| last(&span.attributes, row.key).is_none();
    let rows = rows.iter().filter(|row| applies(row.on, view, span)).filter(missing);
    rows.filter_map(|row| Some(KeyValue::new(row.key, value(row.value, view, span)?))).collect()
}

fn applies(on: On, view: &View<'_>, span: &SpanData) -> bool {
    match on {
        On::Every => true,
        On::Root => span.parent_span_id == SpanId::INVALID,
        On::About(activities) => view.activity.is_some_and(|activity| activities.contains(&activity)),
    }
}

fn value(from: From, view: &View<'_>, span: &SpanData) -> Option<Value> {
    match from {
        From::First(keys) => keys.iter().find_map(|key| view.value(span, key)),
        From::Int(key) => int(&view.value(span, key)?),
        From::Constant(value) => Some(value.into()),
        From::Word(words) => {
            words.iter().find(|(activity, _)| view.activity == Some(*activity)).map(|(_, word)| (*word).into())
        }
        From::Operation(before) => {
            let name = last(&span.attributes, attr::GEN_AI_OPERATION_NAME)?;
            Some(format!("{before}{}", name.as_str()).into())
        }
        From::After(key) => time::after(span.start_time, number(last(&span.attributes, key)?)?).map(Value::from),
        From::Dollars => dollars(span).map(Value::from),
        From::DollarsAs(member) => dollars(span).map(|cost| serde_json::json!({ member: cost }).to_string().into()),
        From::Json(keys) => keys.iter().find_map(|key| last(&span.attributes, key)).and_then(json),
        From::Schema => schema(&span.attributes).map(Value::from),
        From::Name => Some(span.name.to_string().into()),
    }
}

fn int(value: &Value) -> Option<Value> {
    match value {
        Value::I64(number) => Some((*number).into()),
        Value::String(text) => text.as_str().parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::F64(number) => Some(*number),
        #[expect(clippy::cast_precision_loss, reason = "seconds that long are no moment anyway")]
        Value::I64(number) => Some(*number as f64),
        _ => None,
    }
}

/// The cost of this span alone. Without a currency it may be in any.
fn dollars(span: &SpanData) -> Option<f64> {
    let currency = last(&span.attributes, attr::AGENTIC_COST_CURRENCY)?;
    let cost = number(last(&span.attributes, attr::AGENTIC_COST_TOTAL)?)?;
    (currency.as_str() == "USD" && cost.is_finite()).then_some(cost)
}

/// Text that is no JSON becomes a JSON string.
fn json(value: &Value) -> Option<Value> {
    let text = value.as_str();
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    let text = if is_json { text.into_owned() } else { serde_json::to_string(&*text).ok()? };
    Some(text.into())
}

fn schema(attributes: &[KeyValue]) -> Option<String> {
    let of = |pair: &KeyValue| {
        let Value::String(text) = &pair.value else { return None };
        let begins = |with: char| text.as_str().starts_with(with);
        let is = match kind_of(pair.key.as_str())?.shape() {
            Shape::Messages | Shape::Parts | Shape::Tools | Shape::Documents | Shape::Records => "array",
            Shape::Any if begins('[') => "array",
            Shape::Object => "object",
            Shape::Any if begins('{') => "object",
            Shape::Any | Shape::Text => return None,
        };
        Some((pair.key.as_str().to_owned(), serde_json::json!({ "type": is })))
    };
    let properties: serde_json::Map<_, _> = attributes.iter().filter_map(of).collect();
    let schema = || serde_json::json!({ "type": "object", "properties": properties });
    (!properties.is_empty()).then(|| schema().to_string())
}

/// Renames the usage of the rows.
pub(crate) fn set_aside(rows: &[Aside], view: &View<'_>, span: &mut SpanData) {
    let keys = rows.iter().filter(|row| applies(row.on, view, span)).flat_map(|row| row.keys);
    let present: Vec<&str> = keys.copied().filter(|key| last(&span.attributes, key).is_some()).collect();
    for key in present {
        let Some(usage) = key.strip_prefix("gen_ai.usage.") else { continue };
        let to = format!("agentic.usage.{usage}");
        if last(&span.attributes, &to).is_some() {
            span.attributes.retain(|pair| pair.key.as_str() != key);
        }
        for pair in span.attributes.iter_mut().filter(|pair| pair.key.as_str() == key) {
            pair.key = Key::from(to.clone());
        }
    }
}
