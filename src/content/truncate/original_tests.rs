//! Against the algorithm of the original exporter, written down from its description: never is less of the content kept.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{Shape, fit};

/// `truncateContent` of the original takes no budget below.
const LEAST_BUDGET: usize = 128;

/// How many bytes of `value` its result holds; 0 where it answers with a bare sentinel.
fn kept_by_original(value: &Value, budget: usize) -> usize {
    if value.to_string().len() <= budget {
        return value.to_string().len();
    }
    match value {
        Value::Array(items) => list_by_original(items, budget),
        Value::Object(_) => halved_by_original(value, budget),
        Value::String(text) => budget.saturating_sub(suffix(text.len()) + 2),
        _ => 0,
    }
}

/// Whole items are dropped from the front; the last one is halved if it does not fit alone.
fn list_by_original(items: &[Value], budget: usize) -> usize {
    let lengths: Vec<_> = items.iter().map(|item| item.to_string().len()).collect();
    for from in 1..items.len() {
        let kept: usize = lengths.iter().skip(from).map(|length| length + 1).sum();
        let bytes: usize = lengths.iter().take(from).sum();
        let sentinel = format!("[flue] {from} messages omitted ({bytes} bytes) to fit the attribute budget");
        let sentinel = json!({"role": "flue", "parts": [{"type": "text", "content": sentinel}]}).to_string();
        if kept + sentinel.len() + 2 <= budget {
            return kept + 1;
        }
    }
    let last = items.last().map_or(0, |last| {
        let room = budget.saturating_sub(2 + if items.len() > 1 { 110 } else { 0 });
        if room < LEAST_BUDGET { 0 } else { halved_by_original(last, room) }
    });
    if last == 0 { 0 } else { last + 2 }
}

/// The longest string is halved until everything fits.
fn halved_by_original(value: &Value, budget: usize) -> usize {
    let mut value = value.clone();
    let mut suffixes = 0;
    for _ in 0..10_000 {
        let length = value.to_string().len() + suffixes;
        if length <= budget {
            return length - suffixes;
        }
        let Some(longest) = longest(&mut value).filter(|text| text.len() > 1) else { return 0 };
        if !longest.ends_with('~') {
            suffixes += suffix(longest.len());
        }
        let half = longest.len() / 2;
        longest.truncate((0..=half).rev().find(|at| longest.is_char_boundary(*at)).unwrap());
        // It has its suffix: that stays one.
        longest.push('~');
    }
    0
}

fn longest(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items.iter_mut().filter_map(longest).max_by_key(|text| text.len()),
        Value::Object(members) => members.values_mut().filter_map(longest).max_by_key(|text| text.len()),
        _ => None,
    }
}

fn suffix(missing: usize) -> usize {
    format!(" [flue:truncated, {missing} more bytes]").len()
}

fn kept(shape: Shape, value: &Value, budget: usize) -> usize {
    let given = value.to_string();
    fit(shape, &given, budget).map_or(0, |fitted| given.len() - fitted.missing)
}

fn message(role: &str, text: &str) -> Value {
    json!({"role": role, "parts": [{"type": "text", "content": text}]})
}

#[test]
fn more_is_kept_where_the_original_is_weak() {
    let prompt = Value::from("x".repeat(100_000));
    let object = json!({ "prompt": prompt });
    let rows = json!({"rows": ["a".repeat(300), "b".repeat(500)]});
    let one = json!([message("user", &"x".repeat(5000))]);
    let cases = [
        (Shape::Object, &object, 40_937),
        (Shape::Object, &object, 300),
        (Shape::Object, &rows, 260),
        (Shape::Messages, &one, 128),
    ];
    let found = cases.map(|(shape, content, budget)| {
        let [original, ours] = [kept_by_original(content, budget), kept(shape, content, budget)];
        format!("{budget}: the original keeps {original}, we {ours}")
    });
    insta::assert_debug_snapshot!(found, @r#"
    [
        "40937: the original keeps 25014, we 40911",
        "300: the original keeps 210, we 274",
        "260: the original keeps 156, we 214",
        "128: the original keeps 0, we 104",
    ]
    "#);
}

fn text() -> impl Strategy<Value = String> {
    (select(vec!["word ", "ä", "日本 ", "\"q\" ", "line\n"]), 1..400usize).prop_map(|(piece, n)| piece.repeat(n))
}

fn messages() -> impl Strategy<Value = Value> {
    let role = select(vec!["system", "user", "assistant"]);
    prop::collection::vec((role, text()), 1..25)
        .prop_map(|all| all.into_iter().map(|(role, text)| message(role, &text)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_messages_never_less_is_kept(messages in messages(), budget in LEAST_BUDGET..20_000) {
        let original = kept_by_original(&messages, budget);
        let ours = kept(Shape::Messages, &messages, budget);
        // The original does not keep the system's messages. If whole newest ones happen to fill its budget, that beats ours
        // by the notes of two cut ones, and by the room that is too small for another.
        let has_system = messages.as_array().unwrap().iter().any(|message| message["role"] == "system");
        let note = if has_system { 160 } else { 0 };
        prop_assert!(ours + note >= original, "{ours} of {budget}, the original {original}");
    }

    #[test]
    fn of_objects_never_less_is_kept(
        texts in prop::collection::vec(text(), 1..10), rows in prop::collection::vec(text(), 0..10), budget in LEAST_BUDGET..8000,
    ) {
        let members: serde_json::Map<_, _> =
            texts.into_iter().enumerate().map(|(n, text)| (format!("key{n}"), text.into())).collect();
        let object = json!({"members": members, "rows": rows});
        let original = kept_by_original(&object, budget);
        let ours = kept(Shape::Object, &object, budget);
        prop_assert!(ours >= original, "{ours} of {budget}, the original {original}");
    }
}
