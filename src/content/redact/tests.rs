//! Redactors on texts and on JSON, and how fast they are.

use std::time::Instant;

use proptest::prelude::*;
use serde_json::json;

use super::rows::ROWS;
use super::*;

fn all(text: &str) -> String {
    let mut text = text.to_owned();
    redact_text(&Redactor::all(), &mut text);
    text
}

#[test]
fn every_pattern_of_the_table_compiles() {
    for row in ROWS {
        if let Err(error) = Regex::new(&row.expression()) {
            panic!("{}: {error}", row.name);
        }
    }
}

fn secret() -> String {
    ["sk-", "proj-"].concat() + "Zx81Kq02LmNbVcXz7TgRfEdW"
}

/// What everything finds in `value`.
fn walked(mut value: Value) -> (Value, usize) {
    let count = redact_json(&Redactor::all(), &mut value);
    (value, count)
}

#[test]
fn values_go_by_their_keys_and_keys_stay() {
    let (value, count) = walked(json!({
        "user": "ada", "password": "hunter", "pin": 12, "secret": 1234, "max_tokens": 4096, "token": "next",
        "headers": {"Authorization": "Basic abc", "Accept": "*/*"}, "passwords": ["one", "two"], "note": "a@example.org",
    }));
    assert_eq!(
        value,
        json!({
            "user": "ada", "password": "[redacted:credential]", "pin": 12, "secret": "[redacted:credential]",
            "max_tokens": 4096, "token": "next",
            "headers": {"Authorization": "[redacted:credential]", "Accept": "*/*"},
            "passwords": ["[redacted:credential]", "[redacted:credential]"], "note": "[redacted:email]",
        })
    );
    assert_eq!(count, 6);
}

#[test]
fn variables_keep_their_names() {
    let (value, count) = walked(json!({
        "env": {"OWNER": "initech", "PORT": 80, "HOME": "$HOME", "nested": {"A": "b"}},
        "Env": ["OWNER=initech", "FLAG"],
        "environment": [{"name": "OWNER", "value": "initech"}],
        "tool": {"env": {"type": "object", "description": "variables"}},
        "events": {"a": "b"},
    }));
    assert_eq!(
        value,
        json!({
            "env": {"OWNER": "[redacted:env_member]", "PORT": "[redacted:env_member]", "HOME": "$HOME", "nested": {"A": "[redacted:env_member]"}},
            "Env": ["OWNER=[redacted:env_member]", "FLAG"],
            "environment": [{"name": "OWNER", "value": "[redacted:env_member]"}],
            "tool": {"env": {"type": "object", "description": "variables"}},
            "events": {"a": "b"},
        })
    );
    assert_eq!(count, 5);
}

#[test]
fn one_leaf_goes_by_its_nearest_key() {
    assert_eq!(Redactor::secrets().redact(Some("password"), "hunter2"), "[redacted:credential]");
    assert_eq!(Redactor::secrets().redact(Some("password"), "[redacted:hunter2]"), "[redacted:credential]");
    assert_eq!(Redactor::secrets().redact(Some("name"), "hunter2"), "hunter2");
    assert_eq!(Redactor::emails().redact(Some("password"), "hunter2"), "hunter2");
    assert_eq!(Redactor::shell_environment().redact(Some("env"), "A=b"), "A=[redacted:env_member]");
}

#[test]
fn a_key_that_is_a_secret_goes_too() {
    let (value, count) = walked(json!({"ada@example.org": 1, "bob@example.org": 2, "name": 3}));
    assert_eq!(value, json!({"[redacted:email]": 1, "[redacted:email]#2": 2, "name": 3}));
    assert_eq!(count, 2);
    let (value, _) = walked(json!({secret(): {secret(): secret()}}));
    assert!(!value.to_string().contains(&secret()[8..]));
}

#[test]
fn a_card_may_be_a_number() {
    let (value, count) = walked(json!({"pan": 4_111_111_111_111_111_u64, "at": 1_737_012_345_678_u64}));
    assert_eq!((value, count), (json!({"pan": "[redacted:card]", "at": 1_737_012_345_678_u64}), 1));
}

#[test]
fn no_depth_is_too_much() {
    let mut value = json!({"password": "hunter2"});
    for _ in 0..2_000 {
        value = Value::Array(vec![value]);
    }
    assert_eq!(redact_json(&Redactor::all(), &mut value), 1);
}

#[test]
fn what_is_around_a_password_stays() {
    assert_eq!(all("postgres://app:s3cr3t@db:5432/x"), "postgres://app:[redacted:url_password]@db:5432/x");
    let inner = json!({"password": "tr0ub4dor", "n": 1}).to_string();
    let outer = json!({"arguments": inner}).to_string();
    let redacted: Value = serde_json::from_str(&all(&outer)).expect("JSON");
    let inner: Value = serde_json::from_str(redacted["arguments"].as_str().expect("text")).expect("JSON");
    assert_eq!(inner, json!({"password": "[redacted:credential]", "n": 1}));
}

#[test]
fn media_leaves_its_type_size_and_digest() {
    let pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    let marker =
        "[redacted:media image/png 70 bytes sha256:497790947d4666760ce38f3c00e852c71fdb66cae849bae8e9ede352719e1581]";
    assert_eq!(Redactor::media().apply(pixel), marker);
    assert_eq!(Redactor::media().apply(&format!("![a](data:image/png;base64,{pixel})")), format!("![a]({marker})"));
    assert_eq!(Redactor::media().apply(marker), marker);
    let escaped = format!(r#"{{"url":"data:image\/png;base64,{}"}}"#, pixel.replace('/', "\\/")).replace("\\\\", "\\");
    assert_eq!(media_in_json_text(&escaped), format!(r#"{{"url":"{marker}"}}"#));
}

#[test]
fn media_in_json_stays_in_its_string() {
    let text = r#"{"a":"data:image/svg+xml,<svg id=\"x\">","b":"</svg>","c":"data:;base64,QUJD"}"#;
    let redacted = media_in_json_text(text);
    let value: Value = serde_json::from_str(&redacted).expect("JSON");
    assert_eq!(value["b"], "</svg>");
    assert!(!redacted.contains("QUJD"), "{redacted}");
    assert!(matches!(media_in_json_text(r#"{"a":"nothing"}"#), Cow::Borrowed(_)));
}

#[test]
fn what_is_cut_within_a_character_is_searched_all_the_same() {
    for length in 0..200 {
        let after = format!("{}\u{10000}\u{10000}", " ".repeat(length));
        let text = all(&format!("data:;base64,QUJDREVG{after}"));
        assert!(text.starts_with("[redacted:media ") && text.ends_with(&after), "{text}");
    }
    assert_eq!(
        all("Authorization: Token ab12cd\u{10000}\u{10000}\u{10000}"),
        "Authorization: Token [redacted:credential]"
    );
}

#[test]
fn a_pattern_of_the_application_has_a_name_of_its_own() {
    let tickets = Redactor::pattern("ticket", r"(?i)\bacme-\d+\b").expect("a pattern");
    assert_eq!(tickets.apply("ACME-1 acme-2 acme"), "[redacted:ticket] [redacted:ticket] acme");
    // It finds its own marker, and stops all the same.
    let greedy = Redactor::pattern("ticket", "ticket|redacted|x*").expect("a pattern");
    assert_eq!(greedy.apply("a ticket xx"), "a [redacted:ticket] [redacted:ticket]");
    for name in ["", "Ticket", "1st", "a b", "email", "media", &"x".repeat(33)] {
        assert_eq!(Redactor::pattern(name, "x").expect_err(name).kind(), RedactorErrorKind::Name);
    }
    assert_eq!(Redactor::pattern("ticket", "(").expect_err("a parenthesis").kind(), RedactorErrorKind::Pattern);
}

#[test]
fn what_only_looks_like_a_marker_is_no_shelter() {
    assert_eq!(all("password=[redacted:hunter2]"), all("password=[redacted:hunter2]"));
    let text = format!("[redacted:{}]", secret());
    assert!(!all(&text).contains("Zx81"), "{}", all(&text));
    assert_eq!(all("password=[redacted:credential]"), "password=[redacted:credential]");
}

/// Made of pieces that patterns are made for, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        ".{0,12}",
        "[a-zA-Z0-9_=:./@ -]{0,24}",
        "[0-9 .:+()-]{0,30}",
        Just("password=".to_owned()),
        Just("\\\"env\\\": {\\\"".to_owned()),
        Just(["-----BEGIN ", "PRIVATE KEY-----"].concat()),
        Just("data:image/svg+xml,<svg".to_owned()),
        Just("data:;base64,".to_owned()),
        Just("postgres://u:".to_owned()),
        Just("FOO=\"".to_owned()),
        Just("[redacted:email]".to_owned()),
        Just("[redacted".to_owned()),
        Just("\\n".to_owned()),
        Just("Bearer ".to_owned()),
        Just("a@b.co".to_owned()),
        Just(secret()),
        Just("Zm9v/9j/".repeat(40)),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn doing_it_twice_changes_nothing_more(text in pieces()) {
        let once = all(&text);
        prop_assert_eq!(all(&once), once);
    }

    #[test]
    fn each_alone_and_twice(text in pieces()) {
        for redactor in Redactor::all() {
            let once = redactor.apply(&text).into_owned();
            prop_assert_eq!(redactor.apply(&once), once.as_str());
        }
    }

    #[test]
    fn a_secret_between_anything_is_gone(before in pieces(), after in pieces()) {
        // Another one than may be in the pieces, glued to something.
        let planted = secret() + "Planted7";
        let text = format!("{before} {planted} {after}");
        prop_assert!(!all(&text).contains(&planted));
    }

    #[test]
    fn json_stays_json_without_its_media(text in pieces(), key in "[a-z]{1,8}") {
        let written = json!({key: [text, 1]}).to_string();
        let redacted = media_in_json_text(&written).into_owned();
        prop_assert!(serde_json::from_str::<Value>(&redacted).is_ok(), "{}", redacted);
        prop_assert_eq!(media_in_json_text(&redacted), redacted.as_str());
    }

    #[test]
    fn json_of_any_kind_is_walked(text in pieces(), key in pieces()) {
        let mut value = json!({"env": {key.clone(): text.clone()}, key: [text, {"password": 1}]});
        redact_json(&Redactor::all(), &mut value);
        let once = value.clone();
        redact_json(&Redactor::all(), &mut value);
        prop_assert_eq!(value, once);
    }
}

/// What makes searches slow that try again from every place.
const HOSTILE: &[&str] = &[
    "1",
    "1 ",
    "4111 ",
    "a@",
    "a@a.",
    "A",
    "aB3",
    "/9j/",
    "x/9j/",
    "-----BEGIN X PRIVATE KEY-----!",
    "password=",
    "token='",
    "token=\"a ",
    "data:image/svg+xml,<svg ",
    "data:;base64,",
    "eyJ",
    "-eyJ",
    "sk-",
    "xsk-",
    "FOO=\"",
    "A1=",
    "\"env\": {\"",
    "://a:",
    "a:b@",
    ":",
    "::",
    "1.",
    "+1",
    "\\",
    "%40",
    "[redacted",
    "[redacted:email]",
    "\\\"password\\\": \\\"",
    "curl -u a:",
    "(",
];

#[test]
fn a_hostile_megabyte_is_read_once() {
    // Without optimisation a smaller one: what is quadratic shows there too.
    const SIZE: usize = if cfg!(debug_assertions) { 1 << 15 } else { 1 << 20 };
    for piece in HOSTILE {
        let text = piece.repeat(SIZE / piece.len());
        let start = Instant::now();
        let redacted = all(&text);
        println!("{piece:32?} {:6.0} ms, {} bytes left", start.elapsed().as_secs_f64() * 1e3, redacted.len());
        let start = Instant::now();
        let json = media_in_json_text(&text);
        println!("{:32} {:6.0} ms, media alone, {} bytes", "", start.elapsed().as_secs_f64() * 1e3, json.len());
    }
}

/// What the figures are measured on: text, messages in JSON, a program.
fn measured_texts() -> [(&'static str, String); 4] {
    let prose = include_str!("../../../ARCHITECTURE.md").repeat(12);
    let messages = |content: &str| {
        let call = json!({"type": "tool_call", "id": "call_8d1f2c", "name": "search", "arguments": {"query": "spans", "limit": 20}});
        let parts = json!([{"type": "text", "content": content}, call]);
        let turn = json!({"role": "assistant", "finish_reason": "stop", "parts": parts});
        serde_json::to_string(&vec![turn; 12]).expect("JSON")
    };
    let code = include_str!("engine.rs").repeat(16);
    let clean = messages(include_str!("../../../ARCHITECTURE.md"));
    // A finding in every kilobyte.
    let found = messages(include_str!("../../../CONTRIBUTING.md"));
    [("prose", prose), ("code", code), ("messages", clean), ("found in", found)]
}

#[test]
#[ignore = "prints figures: cargo test --release --lib redact::tests::speed -- --ignored --nocapture"]
fn speed() {
    let rate = |text: &str, work: &dyn Fn()| {
        let best = (0..60)
            .map(|_| {
                let start = Instant::now();
                work();
                start.elapsed()
            })
            .min()
            .expect("some");
        text.len() as f64 / best.as_secs_f64() / 1e6
    };
    for (name, text) in measured_texts() {
        let everything = Redactor::all();
        let every = rate(&text, &|| drop(engine::redact(&Pass::new(&everything), &text)));
        println!("{name:9} {:5.2} MB   all {every:7.0} MB/s", text.len() as f64 / 1e6);
        let hints = || hints::find(&text, u64::MAX).expect("hints");
        println!("{name:9} hints {:7.0} MB/s, {} places", rate(&text, &|| drop(hints())), hints().len());
        for class in Class::ALL {
            let one = rate(&text, &|| drop(engine::redact(&Pass::of(class), &text)));
            println!("{name:9} {class:?} {one:7.0} MB/s, found {}", engine::redact(&Pass::of(class), &text).count);
        }
        println!("{name:9} media in JSON text {:7.0} MB/s", rate(&text, &|| drop(media_in_json_text(&text))));
    }
    let everything = Redactor::all();
    for (name, text) in measured_texts().into_iter().skip(2) {
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let walked = rate(&text, &|| {
            let _ = redact_json(&everything, &mut value.clone());
        });
        println!("{name:9} redact_json, with a clone {walked:7.0} MB/s");
    }
}
