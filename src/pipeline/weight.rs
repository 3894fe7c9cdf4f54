//! How heavy a span is, and what it loses where it is too heavy: content, before anything else.

use opentelemetry::trace::Status;
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::span::{is_content, is_error_description};

/// What an attribute weighs beside its texts.
const FLAT: usize = 32;

/// A rough size of `span` on the wire, in bytes: texts at their length, everything else at a flat rate.
pub(crate) fn weight(span: &SpanData) -> usize {
    let of = |list: &[KeyValue]| list.iter().map(pair_weight).sum::<usize>();
    let events = span.events.events.iter();
    let events: usize = events.map(|event| FLAT + event.name.len() + of(&event.attributes)).sum();
    let links: usize = span.links.links.iter().map(|link| 2 * FLAT + of(&link.attributes)).sum();
    let status = match &span.status {
        Status::Error { description } => description.len(),
        _ => 0,
    };
    4 * FLAT + span.name.len() + status + of(&span.attributes) + events + links
}

fn pair_weight(pair: &KeyValue) -> usize {
    FLAT + pair.key.as_str().len() + value_weight(&pair.value)
}

fn value_weight(value: &Value) -> usize {
    const EACH: usize = 12;
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => texts.iter().map(|text| EACH + text.as_str().len()).sum(),
        Value::Array(Array::Bool(list)) => EACH * list.len(),
        Value::Array(Array::I64(list)) => EACH * list.len(),
        Value::Array(Array::F64(list)) => EACH * list.len(),
        _ => EACH,
    }
}

/// Takes all content out of `span`, with the text of its status; says how many values that were.
pub(crate) fn strip_content(span: &mut SpanData) -> u64 {
    let mut stripped = strip_status(&mut span.status);
    stripped += strip(&mut span.attributes, &mut span.dropped_attributes_count);
    for event in &mut span.events.events {
        stripped += strip(&mut event.attributes, &mut event.dropped_attributes_count);
    }
    for link in &mut span.links.links {
        stripped += strip(&mut link.attributes, &mut link.dropped_attributes_count);
    }
    stripped
}

/// An error's text is on the event of the exception and here again.
fn strip_status(status: &mut Status) -> u64 {
    match status {
        Status::Error { description } if is_error_description(description) => {
            *status = Status::error("");
            1
        }
        _ => 0,
    }
}

fn strip(list: &mut Vec<KeyValue>, dropped: &mut u32) -> u64 {
    let before = list.len();
    list.retain(|pair| !is_content(pair.key.as_str()));
    let stripped = before - list.len();
    *dropped = dropped.saturating_add(u32::try_from(stripped).unwrap_or(u32::MAX));
    stripped as u64
}

/// Takes content out of `span`, the largest first, until it weighs no more than `most` or has none left; says how many
/// values that were.
pub(crate) fn shrink(span: &mut SpanData, most: usize) -> u64 {
    let mut weighs = weight(span);
    let mut stripped = 0;
    while weighs > most {
        let content = span.attributes.iter().enumerate().filter(|(_, pair)| is_content(pair.key.as_str()));
        let largest = content.map(|(place, pair)| (pair_weight(pair), place)).max();
        let Some((heaviest, place)) = largest else { return stripped + strip_content(span) };
        span.attributes.remove(place);
        span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(1);
        weighs -= heaviest;
        stripped += 1;
    }
    stripped
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Span as _, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};

    use super::*;

    fn span(attributes: Vec<KeyValue>) -> SpanData {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let mut span = provider.tracer("t").start("s");
        span.add_event("e", attributes.clone());
        span.set_attributes(attributes);
        span.end();
        exporter.get_finished_spans().unwrap().remove(0)
    }

    fn text(key: &'static str, length: usize) -> KeyValue {
        KeyValue::new(key, "x".repeat(length))
    }

    fn keys(span: &SpanData) -> Vec<&str> {
        span.attributes.iter().map(|pair| pair.key.as_str()).collect()
    }

    #[test]
    fn the_weight_follows_the_text() {
        let small = weight(&span(vec![text("k", 1)]));
        assert_eq!(weight(&span(vec![text("k", 1001)])), small + 2000);
    }

    #[test]
    fn content_goes_and_usage_stays() {
        let usage = || KeyValue::new("gen_ai.usage.input_tokens", 12);
        let mut heavy = span(vec![text("gen_ai.input.messages", 900), usage(), text("gen_ai.prompt.0.content", 9)]);
        assert_eq!(strip_content(&mut heavy), 4);
        assert_eq!(keys(&heavy), ["gen_ai.usage.input_tokens"]);
        assert_eq!(heavy.events.events[0].attributes, [usage()]);
        assert_eq!((heavy.dropped_attributes_count, heavy.events.events[0].dropped_attributes_count), (2, 2));
    }

    #[test]
    fn the_text_of_an_error_weighs_and_goes_with_the_content() {
        let failed = |text: &str| SpanData { status: Status::error(text.to_owned()), ..span(vec![]) };
        let mut heavy = failed(&"x".repeat(60_000));
        assert_eq!(weight(&heavy), weight(&failed("")) + 60_000);
        let most = weight(&heavy);
        assert_eq!((shrink(&mut heavy, most), shrink(&mut heavy, most - 1)), (0, 1));
        assert_eq!(heavy.status, Status::error(""));
        let mut told = failed("Model turn failed.");
        assert_eq!((strip_content(&mut told), told.status), (0, Status::error("Model turn failed.")));
    }

    #[test]
    fn content_under_the_name_of_a_profile_goes_too() {
        let usage = || KeyValue::new("flue.operation.usage.input_tokens", 12);
        let content = || vec![text("flue.turn.input", 900), usage(), text("flue.log.message", 9)];
        let mut heavy = span(content());
        let most = weight(&heavy) - 1;
        assert_eq!(shrink(&mut heavy, most), 1);
        assert_eq!(strip_content(&mut heavy), 3);
        assert_eq!(keys(&heavy), ["flue.operation.usage.input_tokens"]);
        assert_eq!(heavy.events.events[0].attributes, [usage()]);
    }

    #[test]
    fn a_heavy_span_loses_its_largest_content_until_it_fits() {
        let all = ["gen_ai.output.messages", "x", "gen_ai.input.messages", "gen_ai.system_instructions"];
        let make = || {
            let mut heavy = span(vec![]);
            heavy.attributes = vec![text(all[0], 500), text(all[1], 5000), text(all[2], 9000), text(all[3], 10)];
            heavy
        };
        let full = weight(&make());
        let kept = |most: usize| {
            let mut heavy = make();
            let stripped = shrink(&mut heavy, most);
            assert!(weight(&heavy) <= most || most == 0);
            (stripped, keys(&heavy).join(" "))
        };
        assert_eq!(kept(full), (0, all.join(" ")));
        assert_eq!(kept(full - 1), (1, [all[0], all[1], all[3]].join(" ")));
        assert_eq!(kept(full - 9100), (2, [all[1], all[3]].join(" ")));
        assert_eq!(kept(0), (3, all[1].to_owned()));
    }
}
