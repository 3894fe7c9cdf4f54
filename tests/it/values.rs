//! Any value in any field: no panic, and what comes out has the attribute's type.

use opentelemetry::trace::{SpanBuilder, TraceContextExt, Tracer};
use opentelemetry::{Array, KeyValue, Value};
use proptest::prelude::*;
use tracing_genai::activity::{Turn, Usage};
use tracing_genai::semconv::{self, ATTRIBUTES, ValueType};

use crate::support::{Recorder, attribute, record};

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)].prop_map(Value::from),
        any::<u64>().prop_map(|number| Value::from(number.to_string())),
        any::<i128>().prop_map(|number| Value::from(number.to_string())),
        ".*".prop_map(Value::from),
        prop_oneof![Just(""), Just("\0"), Just("\u{1b}[2J\r\n"), Just("\u{202e}")].prop_map(Value::from),
        Just(Value::from("x".repeat(1 << 20))),
        proptest::collection::vec(".*", 0..4).prop_map(|texts| Value::from(format!("{texts:?}"))),
        proptest::collection::vec(any::<i64>(), 0..4).prop_map(|list| Value::Array(Array::I64(list))),
    ]
}

fn fits(wanted: ValueType, value: &Value) -> bool {
    match (wanted, value) {
        (ValueType::Bool, Value::Bool(_)) | (ValueType::Int, Value::I64(_)) => true,
        (ValueType::Double, Value::F64(number)) => number.is_finite(),
        (ValueType::String, Value::String(text)) => !text.as_str().is_empty(),
        (ValueType::Strings, Value::Array(Array::String(_))) => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn exported_values_have_the_type_of_their_attribute(
        pairs in proptest::collection::vec((0..ATTRIBUTES.len(), any_value()), 1..12),
        operation in prop_oneof![Just("chat"), Just("execute_tool"), Just("invoke_agent"), Just("embeddings")],
    ) {
        let recorder = Recorder::default();
        let tracer = recorder.tracer();
        let pair = |(row, value): &(usize, Value)| KeyValue::new(ATTRIBUTES[*row].key, value.clone());
        let mut start: Vec<_> = pairs.iter().map(pair).collect();
        start.insert(0, KeyValue::new("gen_ai.operation.name", operation));
        let builder = SpanBuilder::from_name("x").with_attributes(start);
        let context = opentelemetry::Context::new().with_span(tracer.build_with_context(builder, &Default::default()));
        context.span().set_attributes(pairs.iter().map(pair));
        context.span().end();
        let spans = recorder.spans();
        prop_assert_eq!(spans.len(), 1);
        let mut keys: Vec<_> = spans[0].attributes.iter().map(|pair| pair.key.as_str()).collect();
        for pair in &spans[0].attributes {
            let known = semconv::attribute(pair.key.as_str()).expect("of the registry");
            prop_assert!(!known.content && fits(known.value_type, &pair.value), "{:?}", pair);
        }
        keys.sort_unstable();
        prop_assert!(keys.windows(2).all(|two| two[0] != two[1]), "{:?}", keys);
        let name = &spans[0].name;
        prop_assert!(name.len() <= 256 && !name.chars().any(char::is_control), "{}", name);
    }
}

#[test]
fn numbers_too_large_for_an_attribute_are_left_out() {
    let recorder = record(|| {
        let turn = Turn::chat("openai", "m").max_tokens(u64::MAX).temperature(f64::NAN).start();
        turn.usage(Usage::new(u64::MAX, 1)).finish();
    });
    let span = recorder.span("chat m");
    assert_eq!(attribute(&span, "gen_ai.request.max_tokens"), None);
    assert_eq!(attribute(&span, "gen_ai.request.temperature"), None);
    assert_eq!(attribute(&span, "gen_ai.usage.input_tokens"), None);
    assert_eq!(attribute(&span, "gen_ai.usage.output_tokens").as_deref(), Some("1"));
}

#[test]
fn nothing_is_exported_as_an_empty_text() {
    let recorder = record(|| Turn::chat("", "").conversation("").id("").start().response_id("").finish());
    let span = recorder.span("chat");
    let keys: Vec<_> = span.attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(keys, ["gen_ai.operation.name"]);
}
