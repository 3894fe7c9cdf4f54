//! A recorded value → the type the registry gives the attribute.
//!
//! `tracing` has no arrays and `tracing-opentelemetry` no unsigned integers: `120u64` arrives as the string `"120"`,
//! `Some(120)` as `"Some(120)"`, a vector as `["stop"]`. What cannot be read as the attribute's type is refused: a
//! wrong number is worse than none.

use std::mem;

use opentelemetry::{Array, StringValue, Value};

use crate::rules::fields::{Default, OMITTED};
use crate::rules::{FieldId, providers};
use crate::semconv::{ValueType, attr};
use crate::span::error_type::ErrorType;
use crate::span::limits;
use crate::span::usage::{Currency, is_amount};

/// What became of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Coerced {
    Value(Value),
    /// Says no more than absence does: left out, nothing is lost.
    Omitted,
    /// Not of the attribute's type.
    Refused,
}

/// How a value got in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Brought {
    Whole,
    /// It was too long, or had characters that do not belong into a name or an id.
    Cut,
}

const PROVIDER: FieldId = FieldId::of(attr::GEN_AI_PROVIDER_NAME);
const ERROR_TYPE: FieldId = FieldId::of(attr::ERROR_TYPE);
const COST: FieldId = FieldId::of(attr::AGENTIC_COST_TOTAL);
const CURRENCY: FieldId = FieldId::of(attr::AGENTIC_COST_CURRENCY);

/// Brings `value` into the type of attribute `id`; the reason if it stays out.
#[inline(always)]
pub(crate) fn bring(id: FieldId, value: &mut Value) -> Result<Brought, Coerced> {
    // Nearly every value comes as it should be, and is not even moved.
    if !id.looked_at && fits(id, value) { Ok(Brought::Whole) } else { normalise(id, value) }
}

#[inline(never)]
fn normalise(id: FieldId, value: &mut Value) -> Result<Brought, Coerced> {
    if fits(id, value) && is_normal(id, value) {
        return Ok(Brought::Whole);
    }
    if let (ValueType::Strings, Value::String(text)) = (id.value_type, &*value)
        && limits::is_plain(text.as_str(), usize::from(id.longest))
        && let Some(only) = only_item(text.as_str())
    {
        *value = Value::Array(Array::String(vec![only]));
        return Ok(Brought::Whole);
    }
    match coerce(id, mem::replace(value, Value::Bool(false))) {
        Coerced::Value(brought) => {
            *value = brought;
            if !limits::bring_within(value, usize::from(id.longest)) {
                return Ok(Brought::Whole);
            }
            // Of a text without anything that may be shown nothing is left.
            if *value == Value::from("") { Err(Coerced::Refused) } else { Ok(Brought::Cut) }
        }
        stays => Err(stays),
    }
}

/// Whether a value that is looked at is as it should be already.
fn is_normal(id: FieldId, value: &Value) -> bool {
    match value {
        Value::String(text) if id == PROVIDER => providers::is_well_known(text.as_str()),
        Value::String(text) if id == ERROR_TYPE => ErrorType::is_valid(text.as_str()),
        Value::String(text) if id == CURRENCY => Currency::parse(text.as_str()).is_some(),
        Value::F64(total) if id == COST => is_amount(*total),
        other => id != PROVIDER && id != ERROR_TYPE && !is_omitted(id, other),
    }
}

/// Whether `value` is as it should be, at a glance.
#[inline(always)]
fn fits(id: FieldId, value: &Value) -> bool {
    let longest = usize::from(id.longest);
    match (id.value_type, value) {
        (ValueType::Int, Value::I64(_)) | (ValueType::Bool, Value::Bool(_)) => true,
        (ValueType::Strings, Value::Array(Array::String(items))) => {
            limits::are_plain(items, longest) && says_something(items)
        }
        (ValueType::Double, Value::F64(number)) => number.is_finite(),
        // Empty, `Debug`-quoted or `None`: see `string`.
        (ValueType::String, Value::String(text)) => {
            !matches!(text.as_str().as_bytes().first(), None | Some(b'"' | b'N'))
                && limits::is_plain(text.as_str(), longest)
        }
        _ => false,
    }
}

/// [`bring`] for any value.
pub(crate) fn coerce(id: FieldId, value: Value) -> Coerced {
    let value = match value {
        Value::String(text) => match id.value_type {
            ValueType::String | ValueType::Any => string(text),
            typed => from_text(typed, text.as_str()),
        },
        other => from_number(id.value_type, other),
    };
    match value {
        Coerced::Value(value) if is_omitted(id, &value) => Coerced::Omitted,
        Coerced::Value(Value::String(text)) if id == PROVIDER => provider(text),
        Coerced::Value(Value::String(text)) if id == ERROR_TYPE => {
            Coerced::Value(Value::String(ErrorType::new(text.as_str()).into_text()))
        }
        Coerced::Value(Value::String(text)) if id == CURRENCY && Currency::parse(text.as_str()).is_none() => {
            Coerced::Refused
        }
        Coerced::Value(Value::F64(total)) if id == COST && !is_amount(total) => Coerced::Refused,
        other => other,
    }
}

fn provider(text: StringValue) -> Coerced {
    Coerced::Value(providers::well_known(text.as_str()).map_or(Value::String(text), Value::from))
}

fn is_omitted(id: FieldId, value: &Value) -> bool {
    OMITTED.iter().any(|(omitted, default)| {
        *omitted == id.key()
            && match (default, value) {
                (Default::Bool(default), Value::Bool(value)) => default == value,
                (Default::Int(default), Value::I64(value)) => default == value,
                (Default::Text(default), Value::String(value)) => *default == value.as_str(),
                _ => false,
            }
    })
}

/// Text for a text attribute: empty says nothing; `Debug` quotes around the whole are not part of the value.
fn string(text: StringValue) -> Coerced {
    match text.as_str() {
        "" | "\"\"" | "None" => Coerced::Omitted,
        quoted if quoted.len() > 1 && quoted.starts_with('"') && quoted.ends_with('"') => {
            match debug_items(quoted).map(|mut items| (items.pop(), items.is_empty())) {
                Some((Some(only), true)) => Coerced::Value(Value::String(only)),
                _ => Coerced::Value(Value::String(text)),
            }
        }
        _ => Coerced::Value(Value::String(text)),
    }
}

/// Text for an attribute of another type.
fn from_text(wanted: ValueType, text: &str) -> Coerced {
    let text = text.strip_prefix("Some(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    if text.is_empty() || text == "None" {
        return Coerced::Omitted;
    }
    let value = match wanted {
        ValueType::Int => text.parse().ok().map(Value::I64),
        ValueType::Double => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::F64),
        ValueType::Bool => text.parse().ok().map(Value::Bool),
        ValueType::Strings => return strings(text),
        ValueType::String | ValueType::Any => None,
    };
    value.map_or(Coerced::Refused, Coerced::Value)
}

/// The item of a list with one, `["stop"]`: the finish reasons of nearly every turn.
fn only_item(text: &str) -> Option<StringValue> {
    let item = text.strip_prefix("[\"")?.strip_suffix("\"]")?;
    let plain = !item.is_empty() && !item.bytes().any(|byte| matches!(byte, b'"' | b'\\'));
    plain.then(|| StringValue::from(item.to_owned()))
}

fn strings(text: &str) -> Coerced {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match inner.map(debug_items) {
        Some(Some(items)) => array(items),
        Some(None) => Coerced::Refused,
        None => array(vec![StringValue::from(text.to_owned())]),
    }
}

/// A list of nothing, or of empty texts only, says nothing.
fn array(items: Vec<StringValue>) -> Coerced {
    if says_something(&items) { Coerced::Value(Value::Array(Array::String(items))) } else { Coerced::Omitted }
}

fn says_something(items: &[StringValue]) -> bool {
    items.iter().any(|item| !item.as_str().is_empty())
}

/// The items of a `Debug`-printed list without its brackets: `"a\"b", Stop` → `a"b`, `Stop`.
fn debug_items(text: &str) -> Option<Vec<StringValue>> {
    // Finish reasons and stop sequences: rarely more than one.
    let mut items = Vec::with_capacity(1);
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (item, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let (item, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                (item.trim_end().to_owned(), after)
            }
        };
        items.push(StringValue::from(item));
        rest = after.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if rest.is_empty() => rest,
            None => return None,
        };
    }
    Some(items)
}

/// Reads up to the closing quote; gives the text with its escapes resolved, and what follows.
fn unquote(text: &str) -> Option<(String, &str)> {
    let (mut item, mut rest) = (String::new(), text);
    loop {
        let (plain, after) = rest.split_at(rest.find(['"', '\\'])?);
        item.push_str(plain);
        let mut chars = after.chars();
        if chars.next()? == '"' {
            return Some((item, chars.as_str()));
        }
        item.push(unescape(&mut chars)?);
        rest = chars.as_str();
    }
}

fn unescape(chars: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        'u' => {
            let (code, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
            *chars = rest.chars();
            char::from_u32(u32::from_str_radix(code, 16).ok()?)?
        }
        other => other,
    })
}

fn from_number(wanted: ValueType, value: Value) -> Coerced {
    match (wanted, value) {
        (ValueType::Int, value @ Value::I64(_))
        | (ValueType::Bool, value @ Value::Bool(_))
        | (ValueType::Any, value) => Coerced::Value(value),
        (ValueType::Strings, Value::Array(Array::String(items))) => array(items),
        (ValueType::Double, Value::F64(number)) if number.is_finite() => Coerced::Value(Value::F64(number)),
        (ValueType::Double, Value::I64(number)) => Coerced::Value(Value::F64(number as f64)),
        (ValueType::Int, Value::F64(number)) => whole(number),
        (ValueType::String, value @ (Value::I64(_) | Value::Bool(_))) => {
            Coerced::Value(Value::from(value.as_str().into_owned()))
        }
        _ => Coerced::Refused,
    }
}

/// `120.0` is 120 tokens; `120.5` is a mistake, and 2⁵³ is where doubles stop counting by one.
fn whole(number: f64) -> Coerced {
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
        Coerced::Value(Value::I64(number as i64))
    } else {
        Coerced::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(key: &str) -> FieldId {
        match crate::rules::keys::find(key) {
            crate::rules::Lookup::Attribute(id) | crate::rules::Lookup::Alias(id) => id,
            other => panic!("{key}: {other:?}"),
        }
    }

    fn strings(items: &[&str]) -> Coerced {
        array(items.iter().map(|item| StringValue::from((*item).to_owned())).collect())
    }

    const TOKENS: &str = "gen_ai.usage.input_tokens";
    const REASONS: &str = "gen_ai.response.finish_reasons";
    const COST_TOTAL: &str = "agentic.cost.total";
    const TEMPERATURE: &str = "gen_ai.request.temperature";

    #[test]
    fn values_take_the_type_of_their_attribute() {
        let table: &[(&str, Value, Coerced)] = &[
            (TOKENS, "120".into(), Coerced::Value(120.into())),
            (TOKENS, "Some(120)".into(), Coerced::Value(120.into())),
            (TOKENS, "None".into(), Coerced::Omitted),
            (TOKENS, 120.0.into(), Coerced::Value(120.into())),
            (TOKENS, 120.5.into(), Coerced::Refused),
            (TOKENS, f64::NAN.into(), Coerced::Refused),
            (TOKENS, "18446744073709551615".into(), Coerced::Refused),
            (TOKENS, "many".into(), Coerced::Refused),
            (TEMPERATURE, 1.into(), Coerced::Value(1.0.into())),
            (TEMPERATURE, f64::INFINITY.into(), Coerced::Refused),
            (TEMPERATURE, "NaN".into(), Coerced::Refused),
            (REASONS, r#"["stop", "tool \"x\"\n"]"#.into(), strings(&["stop", "tool \"x\"\n"])),
            (REASONS, "[Stop, Length]".into(), strings(&["Stop", "Length"])),
            (REASONS, "stop".into(), strings(&["stop"])),
            (REASONS, "[]".into(), Coerced::Omitted),
            (REASONS, r#"[""]"#.into(), Coerced::Omitted),
            (REASONS, Value::Array(Array::String(vec!["".into()])), Coerced::Omitted),
            (REASONS, Value::Array(Array::String(vec!["".into(), "stop".into()])), strings(&["", "stop"])),
            (REASONS, r#"["stop"#.into(), strings(&[r#"["stop"#])),
            (REASONS, r#"["stop" x]"#.into(), Coerced::Refused),
            (COST_TOTAL, 0.0125.into(), Coerced::Value(0.0125.into())),
            (COST_TOTAL, "0.0125".into(), Coerced::Value(0.0125.into())),
            (COST_TOTAL, (-0.5).into(), Coerced::Refused),
            (COST_TOTAL, (-1).into(), Coerced::Refused),
            (COST_TOTAL, f64::NAN.into(), Coerced::Refused),
            ("agentic.cost.currency", "USD".into(), Coerced::Value("USD".into())),
            ("agentic.cost.currency", "usd".into(), Coerced::Refused),
            ("agentic.cost.currency", "$".into(), Coerced::Refused),
            ("gen_ai.request.stream", "true".into(), Coerced::Value(true.into())),
            ("gen_ai.request.stream", false.into(), Coerced::Omitted),
            ("gen_ai.request.choice.count", 1.into(), Coerced::Omitted),
            ("jsonrpc.protocol.version", "2.0".into(), Coerced::Omitted),
            ("jsonrpc.protocol.version", "1.0".into(), Coerced::Value("1.0".into())),
            ("openai.request.service_tier", "\"auto\"".into(), Coerced::Omitted),
            ("gen_ai.response.id", "".into(), Coerced::Omitted),
            ("gen_ai.response.id", 7.into(), Coerced::Value("7".into())),
            ("gen_ai.operation.name", "\"chat\"".into(), Coerced::Value("chat".into())),
            ("gen_ai.provider.name", "OpenAI".into(), Coerced::Value("openai".into())),
            ("error.type", "my secret is 42".into(), Coerced::Value("_OTHER".into())),
        ];
        for (key, value, wanted) in table {
            assert_eq!(coerce(id(key), value.clone()), *wanted, "{key} = {value:?}");
            let mut brought = value.clone();
            let outcome = bring(id(key), &mut brought).map_or_else(|stays| stays, |_| Coerced::Value(brought));
            let mut within = wanted.clone();
            if let Coerced::Value(value) = &mut within {
                limits::bring_within(value, usize::from(id(key).longest));
            }
            assert_eq!(outcome, within, "{key} = {value:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".*", debug in proptest::collection::vec(".*", 0..4)) {
            for key in ["gen_ai.response.finish_reasons", "gen_ai.usage.input_tokens", "gen_ai.response.id", "gen_ai.request.stream"] {
                let _ = coerce(id(key), Value::from(text.clone()));
            }
            if !debug.is_empty() {
                let printed = format!("{debug:?}");
                let items = debug.into_iter().map(StringValue::from).collect();
                proptest::prop_assert_eq!(super::strings(&printed), array(items));
            }
        }
    }
}
