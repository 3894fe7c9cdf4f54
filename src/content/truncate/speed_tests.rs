//! How fast: `cargo test --release --lib speed -- --ignored --nocapture`.

use std::hint::black_box;
use std::time::Instant;

use super::{Shape, fit, fit_items};

const MIB: usize = 1 << 20;
const BUDGET: usize = 64 << 10;

fn messages(bytes: usize) -> Vec<String> {
    let text = r#"They said \"no\".\nThen the tool ran again, and it was green. "#.repeat(20);
    let message = |n: usize| match n % 3 {
        0 => format!(r#"{{"role":"user","parts":[{{"type":"text","content":"{n} {text}"}}]}}"#),
        1 => format!(
            r#"{{"role":"assistant","parts":[{{"type":"tool_call","id":"call_{n}","name":"run","arguments":{{"n":{n}}}}}]}}"#
        ),
        _ => format!(
            r#"{{"parts":[{{"id":"call_{n}","response":{{"out":"{text}"}},"type":"tool_call_response"}}],"role":"tool"}}"#
        ),
    };
    let mut total = 0;
    let all = (0..).map(message).take_while(|message| {
        total += message.len();
        total <= bytes
    });
    all.collect()
}

/// The best of the rounds: what else runs on the machine only ever makes it slower.
fn measure(name: &str, bytes: usize, work: impl Fn() -> usize) {
    let rounds = (256 * MIB / bytes).clamp(3, 200);
    let round = || {
        let began = Instant::now();
        let length = black_box(work());
        (began.elapsed().as_secs_f64(), length)
    };
    let (seconds, length) = (0..rounds).map(|_| round()).min_by(|one, other| one.0.total_cmp(&other.0)).unwrap();
    let rate = bytes as f64 / seconds / 1e6;
    println!("{name:42} {rate:8.0} MB/s {:9.3} ms, {length} bytes", seconds * 1e3);
}

fn measure_text(name: &str, shape: Shape, text: &str) {
    measure(name, text.len(), || fit(shape, text, BUDGET).map_or(0, |fitted| fitted.text.len()));
}

#[test]
#[ignore = "measures, and shows nothing in a debug build"]
fn speed() {
    for mib in [1, 16] {
        let items = messages(mib * MIB);
        measure_text(&format!("{mib} MiB of messages"), Shape::Messages, &format!("[{}]", items.join(",")));
        let items: Vec<_> = items.iter().map(String::as_str).collect();
        let bytes = items.iter().map(|item| item.len()).sum();
        measure(&format!("{mib} MiB of messages, as items"), bytes, || {
            fit_items(Shape::Messages, &items, BUDGET).map_or(0, |fitted| fitted.text.len())
        });
    }
    measure_text("16 MiB of text", Shape::Text, &"All work and no play. ".repeat(16 * MIB / 22));
    let one = r#"All work\nand no play. "#.repeat(16 * MIB / 23);
    let one = format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{one}"}}]}}]"#);
    measure_text("16 MiB of text in one message", Shape::Messages, &one);
    let numbers: Vec<_> = (0..MIB / 7).map(|n| (n * 7919 % 1_000_000).to_string()).collect();
    measure_text("1 MiB of numbers", Shape::Any, &format!("[{}]", numbers.join(",")));
    measure_text("1 MiB of numbers in an object", Shape::Object, &format!(r#"{{"n":[{}]}}"#, numbers.join(",")));
    let rows: Vec<_> = numbers.iter().map(|n| format!(r#"{{"id":{n},"name":"row {n}"}}"#)).collect();
    measure_text("4 MiB of small rows", Shape::Object, &format!(r#"{{"rows":[{}]}}"#, rows.join(",")));
    let deep = format!("{}{}", "[".repeat(8 * MIB), "]".repeat(8 * MIB));
    measure_text("16 MiB of brackets", Shape::Any, &deep);
    repeated("small messages", Shape::Messages, r#"{"role":"user","parts":[]}"#);
    repeated("empty messages", Shape::Messages, "{}");
    repeated("numbers for messages", Shape::Messages, "1");
    for (name, element) in
        [("empty strings", r#""""#), ("empty arrays", "[]"), ("escapes", r#""\"\"\\\"""#), ("blanks", " 1 ")]
    {
        repeated(name, Shape::Any, element);
    }
    let result: Vec<_> = rows.iter().map(|row| format!(r#"{row},{{"a":[1,2,{{"b":null}}]}}"#)).collect();
    let result = format!(r#"{{"result":{{"data":{{"rows":[{}]}}}}}}"#, result.join(","));
    let message = format!(r#"[{{"role":"tool","parts":[{{"type":"tool_call_response","response":{result}}}]}}]"#);
    measure_text("one message with a large result", Shape::Messages, &message);
}

fn repeated(name: &str, shape: Shape, element: &str) {
    let list = vec![element; 4 * MIB / (element.len() + 1)];
    measure_text(&format!("4 MiB of {name}"), shape, &format!("[{}]", list.join(",")));
}
