//! What holds for any content and any budget.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::{Shape, fit, fit_items};

/// From here on something always fits.
const ALWAYS: usize = 128;

const SCHEMAS: &[(Shape, &[&str])] = &[
    (Shape::Messages, &["input-messages", "output-messages"]),
    (Shape::Parts, &["system-instructions"]),
    (Shape::Tools, &["tool-definitions"]),
    (Shape::Documents, &["retrieval-documents"]),
    (Shape::Records, &["memory-records"]),
    (Shape::Object, &["tool-call-arguments", "tool-call-result"]),
];

static VALIDATORS: LazyLock<Vec<(Shape, Validator)>> = LazyLock::new(|| {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("semconv/schemas");
    let read = |name: &&str| std::fs::read_to_string(dir.join(format!("gen-ai-{name}.json"))).unwrap();
    // What is a schema is asked apart.
    let of_schemas = r#""$ref": "http://json-schema.org/draft-07/schema#""#;
    let compile = |name: &&str| {
        let text = read(name).replace(of_schemas, r#""type": ["object", "boolean"]"#);
        jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
    };
    SCHEMAS.iter().flat_map(|(shape, names)| names.iter().map(move |name| (*shape, compile(name)))).collect()
});

fn assert_valid(shape: Shape, value: &Value) {
    for (_, validator) in VALIDATORS.iter().filter(|(of, _)| *of == shape) {
        if let Err(error) = validator.validate(value) {
            panic!("{shape:?}: {error} in {value}");
        }
    }
    if shape == Shape::Tools {
        let parameters = value.as_array().unwrap().iter().filter_map(|tool| tool.get("parameters"));
        parameters.for_each(|schema| assert!(jsonschema::draft7::meta::is_valid(schema), "{schema}"));
    }
}

/// What truncation adds: markers with one comma, and notes in strings.
static ADDED: LazyLock<Regex> = LazyLock::new(|| {
    let words = r#"(\[\d+ [a-z]+ omitted, \d+ bytes\]|…)"#;
    let markers = [
        format!(r#"\{{"role":"omitted","parts":\[\{{"type":"text","content":"{words}"\}}\]\}}"#),
        format!(r#"\{{"type":"text","content":"{words}"\}}"#),
        format!(r#"\{{"type":"omitted","name":"{words}"\}}"#),
        format!(r#"\{{"content":"{words}"\}}"#),
        format!(r#""…":\{{"omitted":"{words}"\}}"#),
        format!(r#"\{{"omitted":"{words}"\}}"#),
        format!(r#""…":"{words}""#),
        r#""\[\d+ [a-z]+ omitted, \d+ bytes\]""#.to_owned(),
        r#""…""#.to_owned(),
    ];
    Regex::new(&format!("({}),|,?({})|… \\[\\d+ bytes omitted\\]|…", markers.join("|"), markers.join("|"))).unwrap()
});

fn text() -> impl Strategy<Value = String> {
    let piece = select(vec!["word ", "ä", "日本", "😀", "\"", "\\", "\n", "\u{1}", "x", "/", "0"]);
    let short = prop::collection::vec(piece.clone(), 0..12).prop_map(|pieces| pieces.concat());
    let long = (prop::collection::vec(piece, 1..6), 1..200usize).prop_map(|(pieces, n)| pieces.concat().repeat(n));
    prop_oneof![short, long]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        (0..400usize).prop_map(|n| (0..n).collect()),
        (0..100usize)
            .prop_map(|n| (0..n).map(|n| (format!("key{n}"), json!({ "n": n }))).collect::<Map<_, _>>().into()),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            object_of(inner).prop_map(Value::from),
        ]
    })
}

fn object_of(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let key = prop_oneof![select(vec!["type", "id", "name", "content", "a\"b"]).prop_map(str::to_owned), text()];
    prop::collection::vec((key, inner), 0..6).prop_map(|members| members.into_iter().collect())
}

fn part() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text().prop_map(|text| json!({"type": "text", "content": text})),
        1 => text().prop_map(|text| json!({"type": "reasoning", "content": text})),
        1 => json().prop_map(|any| json!({"type": "tool_call", "id": "call_1", "name": "run", "arguments": any})),
        2 => json().prop_map(|any| json!({"type": "tool_call_response", "id": "call_1", "response": any})),
        1 => text().prop_map(|text| json!({"type": "blob", "modality": "image", "content": text})),
        1 => text().prop_map(|text| json!({"type": "uri", "modality": "image", "uri": text, "mime_type": null})),
        1 => (text(), json()).prop_map(|(name, any)| json!({
            "type": "server_tool_call", "name": name, "server_tool_call": {"type": "search", "query": any},
        })),
    ]
}

fn message() -> impl Strategy<Value = Value> {
    let role = select(vec!["system", "user", "assistant", "tool"]);
    let message = |(role, parts)| json!({"role": role, "parts": Value::Array(parts)});
    (role, prop::collection::vec(part(), 0..4)).prop_map(message)
}

fn tool() -> impl Strategy<Value = Value> {
    let properties = prop::collection::btree_map("[a-z]{1,9}", text(), 0..20).prop_map(|properties| {
        let schema = |(name, text)| (name, json!({"type": "string", "description": text}));
        Value::Object(properties.into_iter().map(schema).collect())
    });
    ("[a-z]{1,30}", text(), properties).prop_map(|(name, text, properties)| {
        json!({"type": "function", "name": name, "description": text,
               "parameters": {"type": "object", "properties": properties, "required": []}})
    })
}

fn list_of(item: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec(item, 0..12).prop_map(Value::from)
}

fn content() -> impl Strategy<Value = (Shape, Value)> {
    let document = (text(), text(), object_of(json()))
        .prop_map(|(id, text, more)| json!({"id": id, "score": 0.5, "content": text, "more": more}));
    let record = (json(), object_of(json()))
        .prop_map(|(content, more)| json!({"content": content, "id": null, "metadata": more}));
    prop_oneof![
        3 => list_of(message()).prop_map(|list| (Shape::Messages, list)),
        1 => list_of(part()).prop_map(|list| (Shape::Parts, list)),
        1 => list_of(tool()).prop_map(|list| (Shape::Tools, list)),
        1 => list_of(document).prop_map(|list| (Shape::Documents, list)),
        1 => list_of(record).prop_map(|list| (Shape::Records, list)),
        1 => object_of(json()).prop_map(|object| (Shape::Object, object.into())),
        1 => json().prop_map(|any| (Shape::Any, any)),
    ]
}

/// The same JSON as others write it: with white space, or in ASCII.
fn written(value: &Value, how: usize) -> String {
    match how {
        0 => value.to_string(),
        1 => serde_json::to_string_pretty(value).unwrap(),
        _ => {
            let ascii = |unit| char::from_u32(u32::from(unit)).filter(char::is_ascii);
            let write = |unit: u16| ascii(unit).map_or_else(|| format!("\\u{unit:04x}"), String::from);
            value.to_string().encode_utf16().map(write).collect()
        }
    }
}

/// Few, as each is checked against a schema; more with `PROPTEST_CASES`.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_fits_is_valid_and_says_what_is_missing(
        ((shape, value), how, budget) in (content(), 0..3usize, 1..6000usize)
    ) {
        let given = written(&value, how);
        let Some(fitted) = fit(shape, &given, budget) else {
            prop_assert!(budget < ALWAYS, "nothing of {given}");
            return Ok(());
        };
        prop_assert!(fitted.text.len() <= budget);
        let parsed: Value = serde_json::from_str(&fitted.text).expect(&fitted.text);
        assert_valid(shape, &parsed);
        if fitted.missing == 0 {
            prop_assert_eq!(&*fitted.text, given.as_str());
        } else {
            let kept = ADDED.replace_all(&fitted.text, "").len();
            // A string of which nothing is left looks like a marker, but its quotes and comma were there.
            let most = given.len() - kept;
            let least = most - 3 * fitted.text.matches("\"…\"").count();
            prop_assert!((least..=most).contains(&fitted.missing), "{} of {}", fitted.missing, fitted.text);
        }
    }

    #[test]
    fn text_is_cut_to_the_budget((text, budget) in (text(), 3..3000usize)) {
        let fitted = fit(Shape::Text, &text, budget).unwrap();
        prop_assert!(fitted.text.len() <= budget);
        let kept = text.bytes().zip(fitted.text.bytes()).take_while(|(a, b)| a == b).count();
        prop_assert!(fitted.missing == 0 || fitted.text.len() + 6 > budget);
        prop_assert!(text.len() - fitted.missing <= kept);
    }

    #[test]
    fn cuttable_text_uses_the_budget(
        (texts, how, budget) in (prop::collection::vec(text(), 1..20), 0..3usize, 200..6000usize)
    ) {
        // Each item could fill the budget alone.
        let long = |text: String| json!({"role": "user", "parts": [{"type": "text", "content": text + &"long ".repeat(2000)}]});
        let given = written(&texts.into_iter().map(long).collect(), how);
        let fitted = fit(Shape::Messages, &given, budget).unwrap();
        // What an escape or a character takes that had no room any more.
        prop_assert!(fitted.text.len() + 14 >= budget || fitted.text.len() * 100 >= budget * 98, "{} of {budget}", fitted.text.len());
    }

    #[test]
    fn items_come_out_as_their_list_does(((shape, value), budget) in (content(), 1..6000usize)) {
        let Some(list) = value.as_array() else { return Ok(()) };
        let items: Vec<_> = list.iter().map(Value::to_string).collect();
        let items: Vec<_> = items.iter().map(String::as_str).collect();
        let given = value.to_string();
        if given.len() > budget && shape != Shape::Any {
            prop_assert_eq!(fit_items(shape, &items, budget), fit(shape, &given, budget));
        }
    }

    #[test]
    fn damaged_json_is_no_reason_to_panic(((shape, value), at, budget) in (content(), any::<prop::sample::Index>(), 1..500usize)) {
        let given = value.to_string();
        let mut chars: Vec<_> = given.chars().collect();
        if !chars.is_empty() {
            chars.remove(at.index(chars.len()));
        }
        let given: String = chars.into_iter().collect();
        if let Some(fitted) = fit(shape, &given, budget) {
            prop_assert!(fitted.text.len() <= budget);
            let is_json = serde_json::from_str::<Value>(&fitted.text).is_ok();
            prop_assert!(is_json || given.len() <= budget || shape == Shape::Any, "{}", fitted.text);
        }
    }
}
