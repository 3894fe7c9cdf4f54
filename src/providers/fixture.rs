//! What a recorded reply says, as one line: how the tests of the formats read their fixtures.

use std::fmt::Write as _;

use serde_json::Value;

use crate::content::Part;
use crate::providers::usage::Usage;
use crate::providers::{Reading, Request, Response, StreamDecoder, WireFormat, read};

/// A recorded reply and what it says.
pub(super) struct Case {
    pub(super) file: &'static str,
    pub(super) bytes: &'static [u8],
    pub(super) provider: &'static str,
    pub(super) facts: &'static str,
}

macro_rules! case {
    ($file:literal, $provider:literal, $facts:literal) => {
        crate::providers::fixture::Case {
            file: $file,
            bytes: include_bytes!(concat!("../../tests/fixtures/providers/", $file)),
            provider: $provider,
            facts: $facts,
        }
    };
}
pub(super) use case;

impl Case {
    fn is_stream(&self) -> bool {
        !self.file.ends_with(".json")
    }

    fn value(&self) -> Value {
        read(self.bytes, Reading::Everything).expect("fixtures are JSON")
    }

    /// The reply, whichever way it came.
    pub(super) fn response(&self, format: WireFormat, reading: Reading) -> Response<'static> {
        if self.is_stream() {
            return streamed(format, self.provider, reading, [self.bytes]);
        }
        Response::from_owned(format, self.provider, read(self.bytes, reading).expect("fixtures are JSON"))
    }
}

pub(super) fn streamed<'a>(
    format: WireFormat,
    provider: &str,
    reading: Reading,
    pushes: impl IntoIterator<Item = &'a [u8]>,
) -> Response<'static> {
    let mut decoder = StreamDecoder::new(format);
    if reading == Reading::Everything {
        decoder = decoder.with_content();
    }
    pushes.into_iter().for_each(|push| decoder.push(push));
    decoder.response(provider)
}

fn counts(usage: &Usage) -> Vec<(&'static str, Option<u64>)> {
    vec![
        ("in", usage.input_tokens()),
        ("out", usage.output),
        ("cache_read", usage.cache_read),
        ("cache_write", usage.cache_write),
        ("reasoning", usage.reasoning),
        ("text_in", usage.text_input),
        ("image_in", usage.image_input),
        ("audio_in", usage.audio_input),
        ("text_cache_read", usage.text_cache_read),
        ("image_cache_read", usage.image_cache_read),
        ("audio_cache_read", usage.audio_cache_read),
        ("text_out", usage.text_output),
        ("image_out", usage.image_output),
        ("audio_out", usage.audio_output),
        ("consumed_in", usage.consumed_input),
        ("consumed_out", usage.consumed_output),
        ("search_units", usage.search_units),
    ]
}

fn listed<'a>(items: impl Iterator<Item = &'a str>) -> Option<String> {
    Some(items.collect::<Vec<_>>().join(",")).filter(|text| !text.is_empty())
}

/// All that a reply says but its content, as `name=value` with blanks between.
pub(super) fn facts(response: &Response<'_>) -> String {
    let mut line = String::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let blank = if line.is_empty() { "" } else { " " };
            let _ = write!(line, "{blank}{name}={value}");
        }
    };
    let answered = response.answered();
    put("id", answered.id.clone());
    put("model", answered.model.clone());
    put("raw", listed(response.raw_finish_reasons()));
    put("reasons", listed(response.finish_reasons()));
    for (name, count) in counts(&response.usage()) {
        put(name, count.map(|count| count.to_string()));
    }
    put("tier", answered.service_tier.clone());
    put("fingerprint", answered.system_fingerprint.clone());
    put("conversation", answered.conversation.clone());
    put("dimensions", answered.dimension_count.map(|count| count.to_string()));
    put("cost", answered.cost.map(|cost| cost.to_string()));
    put("error", response.is_error().then(|| response.error_code().unwrap_or("?").to_owned()));
    put("kind", response.error_kind().map(|kind| kind.to_string()));
    put("skipped", Some(response.skipped()).filter(|count| *count > 0).map(|count| count.to_string()));
    line
}

/// `messages=1 calls=2`.
fn content(response: &Response<'_>) -> String {
    let messages = response.output_messages();
    let is_call = |part: &&Part| matches!(part, Part::ToolCall { .. });
    let calls = messages.iter().flat_map(|message| message.parts()).filter(is_call).count();
    format!("messages={} calls={calls}", messages.len())
}

/// Reads every case, in every way it can come, and compares.
pub(super) fn check(all: &[(WireFormat, &[Case])]) {
    let mut wrong = String::new();
    for (format, cases) in all {
        compare(*format, cases, &mut wrong);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn compare(format: WireFormat, cases: &[Case], wrong: &mut String) {
    for case in cases {
        let whole = case.response(format, Reading::Everything);
        let got = format!("{} {}", facts(&whole), content(&whole));
        let got = got.trim();
        if got != case.facts {
            let _ = writeln!(wrong, "{}\n   got {got}\n  want {}", case.file, case.facts);
        }
        if !case.is_stream() && !whole.is_error() {
            assert_eq!(WireFormat::of_reply(&case.value()), Some(format), "{}", case.file);
        }
        let lean = case.response(format, Reading::Facts);
        assert_eq!(facts(&lean), facts(&whole), "{}", case.file);
        assert!(!whole.is_error() || !whole.error_code().is_some_and(|code| code.contains(' ')));
    }
}

/// Cuts of one round are so many bytes apart.
const CUT_EVERY: usize = 61;

/// A stream says the same, wherever it is cut: every round cuts at other places, all rounds together at every byte, the last
/// one at all of them.
pub(super) fn check_cuts(format: WireFormat, cases: &[Case]) {
    for case in cases.iter().filter(|case| case.is_stream()) {
        for reading in [Reading::Facts, Reading::Everything] {
            let said = |response: Response<'_>| (facts(&response), response.output_messages());
            let whole = said(case.response(format, reading));
            for first in 0..CUT_EVERY.min(case.bytes.len()) {
                let (one, others) = case.bytes.split_at(first);
                let pushes = [one].into_iter().chain(others.chunks(CUT_EVERY));
                let cut = said(streamed(format, case.provider, reading, pushes));
                assert_eq!(cut, whole, "{} from {first} on", case.file);
            }
            let bytes = case.bytes.chunks(1);
            assert_eq!(said(streamed(format, case.provider, reading, bytes)), whole, "{}", case.file);
        }
    }
}

/// Every field of every reply is replaced by what it should not be, and dropped: nothing panics, and no number is said
/// that was not before, or is a sum of such.
pub(super) fn check_mutations(format: WireFormat, cases: &[Case]) {
    let odd = [
        Value::Null,
        Value::from(-7),
        Value::from(7.5),
        Value::from("7"),
        Value::from(vec![7]),
        serde_json::json!({"a": {"b": "7"}}),
        Value::from(true),
    ];
    for case in cases.iter().filter(|case| !case.is_stream()) {
        let value = case.value();
        let before: Vec<u64> = numbers(&value);
        for path in paths(&value) {
            let mut changed: Vec<Value> = odd.iter().map(|odd| replaced(&value, &path, Some(odd))).collect();
            changed.push(replaced(&value, &path, None));
            for changed in changed {
                let response = Response::from_owned(format, case.provider, changed.clone());
                let _ = (response.output_messages(), WireFormat::of_reply(&changed));
                let _ = Request::of(format, &changed).input();
                for (name, count) in counts(&response.usage()) {
                    let Some(count) = count else { continue };
                    assert!(is_sum(count, &before), "{} {path}: {name}={count} of {changed}", case.file);
                }
            }
        }
    }
}

/// Whether `count` is one of `numbers`, or a sum of up to three: no zero where there is none.
fn is_sum(count: u64, numbers: &[u64]) -> bool {
    if count == 0 {
        return numbers.contains(&0);
    }
    let with_none = || numbers.iter().copied().chain([0]);
    with_none().any(|a| with_none().any(|b| with_none().any(|c| a.saturating_add(b).saturating_add(c) == count)))
}

fn numbers(value: &Value) -> Vec<u64> {
    match value {
        Value::Number(number) => number.as_u64().into_iter().collect(),
        Value::Array(items) => items.iter().take(3).flat_map(numbers).collect(),
        Value::Object(fields) => fields.values().flat_map(numbers).collect(),
        _ => Vec::new(),
    }
}

/// JSON pointers of all that is in `value`, of lists only to the first items.
fn paths(value: &Value) -> Vec<String> {
    let below = |key: String, value: &Value| {
        let inside = paths(value).into_iter().map(move |path| format!("/{key}{path}"));
        inside.collect::<Vec<_>>()
    };
    let inside: Vec<String> = match value {
        Value::Array(items) => {
            items.iter().enumerate().take(3).flat_map(|(at, item)| below(at.to_string(), item)).collect()
        }
        Value::Object(fields) => fields.iter().flat_map(|(key, value)| below(key.replace('/', "~1"), value)).collect(),
        _ => Vec::new(),
    };
    [String::new()].into_iter().chain(inside).collect()
}

/// `value` with something else at `path`, or nothing.
fn replaced(value: &Value, path: &str, by: Option<&Value>) -> Value {
    let mut value = value.clone();
    if let Some(by) = by {
        value.pointer_mut(path).into_iter().for_each(|at| *at = by.clone());
        return value;
    }
    if let Some((parent, key)) = path.rsplit_once('/')
        && let Some(Value::Object(fields)) = value.pointer_mut(parent)
    {
        fields.remove(&key.replace("~1", "/"));
    }
    value
}
