//! Media in JSON in JSON, with as many backslashes as it has levels.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::media_in_json_text;

const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Base64 of an image, with many slashes; `length` is a multiple of 4.
fn image(length: usize) -> String {
    let rest = (0..length - 12).map(|at| if at % 40 == 0 { '/' } else { char::from(DIGITS[at * at * 7 % 61]) });
    "iVBORw0KGgoA".chars().chain(rest).collect()
}

/// `text` as a value of JSON in JSON, slashes escaped in the innermost.
fn nested(text: &str, depth: usize) -> String {
    let inner = json!({"image": text}).to_string().replace('/', "\\/");
    (0..depth).fold(inner, |inner, _| json!({"arguments": inner}).to_string())
}

fn without_media(written: &str) -> String {
    let redacted = media_in_json_text(written).into_owned();
    serde_json::from_str::<Value>(&redacted).unwrap_or_else(|error| panic!("{error}: {redacted}"));
    redacted
}

#[test]
fn slashes_escaped_at_any_depth_are_in_the_run() {
    let marker = without_media(&nested(&image(200), 0));
    assert!(marker.starts_with("{\"image\":\"[redacted:media image/png 150 bytes"), "{marker}");
    for depth in 0..4 {
        for data in [image(200), image(200).replace("iVBORw0KGgoA", "/9j/4AAQSkZJ"), "Zm9vYg/".repeat(70)] {
            let plain =
                (0..depth).fold(without_media(&nested(&data, 0)), |inner, _| json!({"arguments": inner}).to_string());
            assert_eq!(without_media(&nested(&data, depth)), plain, "{data}");
        }
    }
}

#[test]
fn lines_broken_at_any_depth_are_in_the_run() {
    for end in ["\n", "\r\n"] {
        let unknown: String = image(1200).replace("iVBORw0KGgoA", "Qm9Hx8Zz3Yk1");
        let lines: Vec<&str> =
            unknown.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
        for depth in 0..4 {
            let redacted = without_media(&nested(&format!("see\n{}", lines.join(end)), depth));
            assert!(redacted.contains("[redacted:media application/octet-stream 900 bytes"), "{redacted}");
            assert!(lines.iter().all(|line| !redacted.contains(&line[1..12])), "{redacted}");
        }
    }
}

fn texts() -> impl Strategy<Value = (String, Vec<String>)> {
    let digits = proptest::collection::vec(0..72_usize, 256..420);
    let digit = |at: usize| DIGITS.get(at).map_or('/', |digit| char::from(*digit));
    let data = digits.prop_map(move |digits| digits.into_iter().map(digit).collect::<String>());
    let data = proptest::collection::vec(data, 1..3);
    let between = proptest::collection::vec("[\\\\/ \"\nnrtu.é{0-9]{0,6}", 3);
    (data, between, 0..4_usize).prop_map(|(data, between, depth)| {
        let all: String =
            between.iter().zip(data.iter().chain([&String::new()])).map(|(a, b)| format!("{a}{b}")).collect();
        (nested(&all, depth), data)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_in_json_stays_json_and_no_long_run_stays((written, data) in texts()) {
        let redacted = without_media(&written).replace('\\', "");
        for data in data {
            let left = (0..=data.len() - 256).find(|at| redacted.contains(&data[*at..at + 256]));
            prop_assert_eq!(left, None, "{}", redacted);
        }
    }
}
