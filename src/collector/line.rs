//! What one line of the tree says about a span: its name, how long it took, and notes in a fixed order.
//!
//! All text of a span is untrusted: [`printable`] escapes what could move the cursor, start a line or reorder text.
use crate::semconv::attr;

use super::span::{ReceivedSpan, StatusCode};
use super::value::AttributeValue;

/// Longest name printed, in characters.
pub(super) const MAX_NAME_CHARS: usize = 64;

/// Longest text printed inside a note, in characters.
const MAX_NOTE_CHARS: usize = 40;

/// The notes of a line, in the order they are printed.
const NOTES: &[fn(&ReceivedSpan) -> Option<String>] =
    &[model, tokens, cost, compaction_tokens, compaction_outcome, outcome, error];

/// The name, escaped and cut to [`MAX_NAME_CHARS`].
pub(super) fn name(span: &ReceivedSpan) -> String {
    if span.name.is_empty() {
        return "(no name)".to_owned();
    }
    printable(&span.name, MAX_NAME_CHARS)
}

/// Everything after name and duration, for example `120→34 tokens, 80 cached · error rate_limit`.
pub(super) fn notes(span: &ReceivedSpan) -> Vec<String> {
    NOTES.iter().filter_map(|note| note(span)).collect()
}

/// The model that answered, unless the name tells already. A dated snapshot of the model asked for
/// (`gpt-5` → `gpt-5-2025-08-07`) is no news; another model is.
fn model(span: &ReceivedSpan) -> Option<String> {
    let asked = span.str(attr::GEN_AI_REQUEST_MODEL);
    let answered = span.str(attr::GEN_AI_RESPONSE_MODEL).or(asked)?;
    let named = |model: &str| !model.is_empty() && span.name.contains(model);
    let is_snapshot = asked.is_some_and(|asked| named(asked) && answered.starts_with(asked));
    (!is_snapshot && !named(answered)).then(|| printable(answered, MAX_NOTE_CHARS))
}

fn tokens(span: &ReceivedSpan) -> Option<String> {
    let count = match (span.int(attr::GEN_AI_USAGE_INPUT_TOKENS), span.int(attr::GEN_AI_USAGE_OUTPUT_TOKENS)) {
        (Some(input), Some(output)) => format!("{input}→{output} tokens"),
        (Some(input), None) => format!("{input} tokens in"),
        (None, Some(output)) => format!("{output} tokens out"),
        (None, None) => return None,
    };
    match span.int(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS) {
        Some(cached) if cached != 0 => Some(format!("{count}, {cached} cached")),
        _ => Some(count),
    }
}

/// The cost of a call, else the sum of what is below: `0.0125 USD`, with a `+` if the sum lacks parts.
fn cost(span: &ReceivedSpan) -> Option<String> {
    const KEYS: [(&str, &str); 2] = [
        (attr::AGENTIC_COST_TOTAL, attr::AGENTIC_COST_CURRENCY),
        (attr::AGENTIC_USAGE_COST_TOTAL, attr::AGENTIC_USAGE_COST_CURRENCY),
    ];
    let known = |(total, currency)| match span.attribute(total) {
        Some(AttributeValue::Double(total)) => Some((*total, span.str(currency)?)),
        _ => None,
    };
    let (total, currency) = KEYS.into_iter().find_map(known)?;
    let lacks = span.attribute(attr::AGENTIC_USAGE_COST_INCOMPLETE).map_or("", |_| "+");
    Some(printable(&format!("{total}{lacks} {currency}"), MAX_NOTE_CHARS))
}

fn compaction_tokens(span: &ReceivedSpan) -> Option<String> {
    let (before, after) =
        (span.int(attr::AGENTIC_COMPACTION_TOKENS_BEFORE)?, span.int(attr::AGENTIC_COMPACTION_TOKENS_AFTER)?);
    Some(format!("{}→{} tokens", rounded(before), rounded(after)))
}

fn compaction_outcome(span: &ReceivedSpan) -> Option<String> {
    let outcome = span.str(attr::AGENTIC_COMPACTION_OUTCOME)?;
    // A compaction that compacted shows by its tokens.
    (outcome != "compacted").then(|| printable(outcome, MAX_NOTE_CHARS))
}

fn outcome(span: &ReceivedSpan) -> Option<String> {
    span.str(attr::AGENTIC_OUTCOME).map(|outcome| printable(outcome, MAX_NOTE_CHARS))
}

fn error(span: &ReceivedSpan) -> Option<String> {
    match span.attribute(attr::ERROR_TYPE).and_then(AttributeValue::as_str) {
        Some(kind) => Some(format!("error {}", printable(kind, MAX_NOTE_CHARS))),
        None if span.status != StatusCode::Error => None,
        None if span.status_message.is_empty() => Some("error".to_owned()),
        None => Some(format!("error: {}", printable(&span.status_message, MAX_NOTE_CHARS))),
    }
}

/// A token count to two digits or so: `870`, `3.2k`, `12k`, `1.4M`.
fn rounded(count: i64) -> String {
    const UNITS: &[(i64, &str)] = &[(1_000_000, "M"), (1_000, "k")];
    let Some((size, unit)) = UNITS.iter().find(|(size, _)| count >= *size) else {
        return count.to_string();
    };
    let (whole, tenth) = (count / size, count % size / (size / 10));
    if whole < 10 && tenth != 0 { format!("{whole}.{tenth}{unit}") } else { format!("{whole}{unit}") }
}

/// A duration in at most seven characters: `850 µs`, `212 ms`, `4.21 s`, `3m 05s`, `2h 05m`; `?` if unknown.
pub(super) fn duration(nanos: Option<u64>) -> String {
    let Some(nanos) = nanos else {
        return "?".to_owned();
    };
    let micros = nanos / 1_000;
    let seconds = micros / 1_000_000;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..60_000_000 => format!("{seconds}.{:02} s", micros / 10_000 % 100),
        60_000_000..3_600_000_000 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
    }
}

/// `text` on one line, at most `max` characters of it (`…` stands for the rest), every deceiving character escaped.
pub(super) fn printable(text: &str, max: usize) -> String {
    let mut shown = String::new();
    for (n, character) in text.chars().enumerate() {
        if n == max {
            shown.push('…');
            break;
        }
        if deceives(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Control characters move the cursor and start lines; the rest hides or reorders text around it.
fn deceives(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            // zero-width, direction marks; line and paragraph separator, bidi embeddings and overrides
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            // invisible operators, bidi isolates
            | '\u{2060}'..='\u{206f}'
            // interlinear annotations, tags
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(name: &str, attributes: &[(&str, AttributeValue)]) -> ReceivedSpan {
        ReceivedSpan {
            name: name.to_owned(),
            attributes: attributes.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
            ..ReceivedSpan::default()
        }
    }

    fn text(value: &str) -> AttributeValue {
        AttributeValue::Str(value.to_owned())
    }

    #[test]
    fn model_is_shown_when_the_name_does_not_tell() {
        let cases = [
            ("chat gpt-5", Some("gpt-5"), Some("gpt-5"), None),
            ("chat gpt-5", Some("gpt-5"), Some("gpt-5-2025-08-07"), None),
            ("chat gpt-5", Some("gpt-5"), Some("o3"), Some("o3")),
            ("chat gpt-5", Some("gpt-5"), None, None),
            ("chat", Some("gpt-5"), Some("gpt-5-2025-08-07"), Some("gpt-5-2025-08-07")),
            ("chat", Some("gpt-5"), None, Some("gpt-5")),
            ("chat", None, None, None),
        ];
        for (name, asked, answered, expected) in cases {
            let attributes: Vec<_> = [(attr::GEN_AI_REQUEST_MODEL, asked), (attr::GEN_AI_RESPONSE_MODEL, answered)]
                .into_iter()
                .filter_map(|(key, value)| Some((key, text(value?))))
                .collect();
            assert_eq!(model(&span(name, &attributes)).as_deref(), expected, "{name} {answered:?}");
        }
    }

    #[test]
    fn tokens_say_what_was_reported_and_nothing_else() {
        use AttributeValue::Int;
        let (input, output) = (attr::GEN_AI_USAGE_INPUT_TOKENS, attr::GEN_AI_USAGE_OUTPUT_TOKENS);
        let cached = attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS;
        type Case<'a> = (&'a [(&'a str, AttributeValue)], Option<&'a str>);
        let cases: &[Case<'_>] = &[
            (&[(input, Int(120)), (output, Int(34)), (cached, Int(80))], Some("120→34 tokens, 80 cached")),
            (&[(input, Int(120)), (output, Int(34)), (cached, Int(0))], Some("120→34 tokens")),
            (&[(input, Int(120))], Some("120 tokens in")),
            (&[(output, Int(0))], Some("0 tokens out")),
            (&[(input, text("120"))], None),
            (&[], None),
        ];
        for (attributes, expected) in cases {
            assert_eq!(tokens(&span("chat", attributes)).as_deref(), *expected);
        }
    }

    #[test]
    fn errors_prefer_the_type_over_the_text() {
        let typed = span("chat", &[(attr::ERROR_TYPE, text("rate_limit"))]);
        let failed = ReceivedSpan { status: StatusCode::Error, ..span("chat", &[]) };
        let told = ReceivedSpan { status_message: "no\nluck".to_owned(), ..failed.clone() };
        let shown = [typed, failed, told, span("chat", &[])].map(|s| notes(&s).join(" "));
        assert_eq!(shown, ["error rate_limit", "error", "error: no\\u{a}luck", ""]);
    }

    #[test]
    fn counts_stay_short() {
        let counts = [-5, 0, 999, 1_000, 3_249, 9_999, 12_400, 999_999, 1_400_000, i64::MAX];
        assert_eq!(
            counts.map(rounded),
            ["-5", "0", "999", "1k", "3.2k", "9.9k", "12k", "999k", "1.4M", "9223372036854M"]
        );
    }

    #[test]
    fn durations_stay_short() {
        let millis = [0, 1, 999, 1_000, 4_219, 59_999, 60_000, 185_000, 3_600_000, 7_500_000];
        assert_eq!(
            millis.map(|ms| duration(Some(ms * 1_000_000))),
            ["0 µs", "1 ms", "999 ms", "1.00 s", "4.21 s", "59.99 s", "1m 00s", "3m 05s", "1h 00m", "2h 05m"]
        );
        assert_eq!(duration(Some(850_999)), "850 µs");
        assert_eq!(duration(None), "?");
    }

    #[test]
    fn deceiving_characters_are_escaped_and_long_text_is_cut() {
        let name = "a\nb\r\x1b[31mc\u{202e}d\u{9b}e\u{200b}f\u{2028}g";
        assert_eq!(printable(name, 99), "a\\u{a}b\\u{d}\\u{1b}[31mc\\u{202e}d\\u{9b}e\\u{200b}f\\u{2028}g");
        assert_eq!(printable("grüße 世界 🦀", 99), "grüße 世界 🦀");
        assert_eq!(printable("abcd", 4), "abcd");
        assert_eq!(printable("abcde", 4), "abcd…");
    }
}
