//! Headers of replies → attributes: the request's id and the rate limits.

use http::HeaderMap;
use opentelemetry::Value;

use crate::activity::record::say;
use crate::rules::FieldId;
use crate::semconv::attr;
use crate::span::Open;

const STATUS: FieldId = FieldId::of(attr::AGENTIC_HTTP_RESPONSE_STATUS_CODE);
const REQUEST_ID: FieldId = FieldId::of(attr::AGENTIC_HTTP_REQUEST_ID);
const LIMIT_REQUESTS: FieldId = FieldId::of(attr::AGENTIC_RATE_LIMIT_LIMIT_REQUESTS);
const LIMIT_TOKENS: FieldId = FieldId::of(attr::AGENTIC_RATE_LIMIT_LIMIT_TOKENS);
const LEFT_REQUESTS: FieldId = FieldId::of(attr::AGENTIC_RATE_LIMIT_REMAINING_REQUESTS);
const LEFT_TOKENS: FieldId = FieldId::of(attr::AGENTIC_RATE_LIMIT_REMAINING_TOKENS);
const RETRY_AFTER: FieldId = FieldId::of(attr::AGENTIC_RATE_LIMIT_RETRY_AFTER);

/// Form that a header's value must have. Any other value stays in: whoever writes it may write anything.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    /// `[A-Za-z0-9_.-]{1,128}`.
    Id,
    /// A whole number.
    Count,
    Seconds,
    Milliseconds,
}

#[derive(Debug)]
struct Row {
    header: &'static str,
    field: FieldId,
    form: Form,
}

const fn row(header: &'static str, field: FieldId, form: Form) -> Row {
    Row { header, field, form }
}

/// Of several headers for one attribute the first that has its form counts.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    //  header                                    attribute        form                whose
    row("x-request-id",                            REQUEST_ID,     Form::Id),       // OpenAI, Mistral, xAI, Fireworks
    row("request-id",                              REQUEST_ID,     Form::Id),       // Anthropic
    row("x-amzn-requestid",                        REQUEST_ID,     Form::Id),       // Bedrock
    row("apim-request-id",                         REQUEST_ID,     Form::Id),       // Azure
    row("x-ms-request-id",                         REQUEST_ID,     Form::Id),       // Azure
    row("x-goog-request-id",                       REQUEST_ID,     Form::Id),       // Google
    row("x-groq-id",                               REQUEST_ID,     Form::Id),
    row("x-ds-trace-id",                           REQUEST_ID,     Form::Id),       // DeepSeek
    row("x-generation-id",                         REQUEST_ID,     Form::Id),       // OpenRouter
    row("x-debug-trace-id",                        REQUEST_ID,     Form::Id),       // Cohere
    row("cf-ray",                                  REQUEST_ID,     Form::Id),       // Together, Perplexity
    row("x-ratelimit-limit-requests",              LIMIT_REQUESTS, Form::Count),    // OpenAI, Groq, Azure, Fireworks
    row("anthropic-ratelimit-requests-limit",      LIMIT_REQUESTS, Form::Count),
    row("x-ratelimit-limit",                       LIMIT_REQUESTS, Form::Count),    // Together, OpenRouter
    row("x-ratelimit-limit-tokens",                LIMIT_TOKENS,   Form::Count),    // OpenAI, Groq, Azure
    row("anthropic-ratelimit-tokens-limit",        LIMIT_TOKENS,   Form::Count),
    row("x-tokenlimit-limit",                      LIMIT_TOKENS,   Form::Count),    // Together
    row("x-ratelimit-remaining-requests",          LEFT_REQUESTS,  Form::Count),
    row("anthropic-ratelimit-requests-remaining",  LEFT_REQUESTS,  Form::Count),
    row("x-ratelimit-remaining",                   LEFT_REQUESTS,  Form::Count),
    row("x-ratelimit-remaining-tokens",            LEFT_TOKENS,    Form::Count),
    row("anthropic-ratelimit-tokens-remaining",    LEFT_TOKENS,    Form::Count),
    row("x-tokenlimit-remaining",                  LEFT_TOKENS,    Form::Count),
    row("retry-after-ms",                          RETRY_AFTER,    Form::Milliseconds), // OpenAI, Azure
    row("retry-after",                             RETRY_AFTER,    Form::Seconds),
];

/// Says what the head of a reply says: that of the last one counts.
pub(crate) fn note(open: &dyn Open, status: u16, headers: &HeaderMap) {
    say(open, STATUS, Value::I64(status.into()));
    let mut done: Option<FieldId> = None;
    for row in ROWS {
        if done != Some(row.field)
            && let Some(value) = headers.get(row.header).and_then(|value| read(row.form, value.as_bytes()))
        {
            say(open, row.field, value);
            done = Some(row.field);
        }
    }
}

fn read(form: Form, value: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(value).ok()?.trim();
    match form {
        Form::Id => is_id(text).then(|| text.to_owned().into()),
        Form::Count => count(text).map(Value::I64),
        Form::Seconds => number(text).map(Value::F64),
        Form::Milliseconds => number(text).map(|ms| Value::F64(ms / 1000.0)),
    }
}

fn is_id(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    matches!(text.len(), 1..=128) && text.bytes().all(inner)
}

fn count(text: &str) -> Option<i64> {
    let is_number = matches!(text.len(), 1..=15) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Not the date that `retry-after` may have instead.
fn number(text: &str) -> Option<f64> {
    let is_number = matches!(text.len(), 1..=15) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_number { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lower_case_unique_and_one_attribute_beside_the_other() {
        let mut seen = Vec::new();
        for (at, row) in ROWS.iter().enumerate() {
            assert!(http::HeaderName::from_lowercase(row.header.as_bytes()).is_ok(), "{}", row.header);
            assert!(!ROWS.iter().take(at).any(|other| other.header == row.header), "{}", row.header);
            let is_new = seen.last() != Some(&row.field);
            assert!(!is_new || !seen.contains(&row.field), "{}: its attribute's rows stand apart", row.header);
            seen.push(row.field);
        }
    }

    #[test]
    fn a_value_without_its_form_stays_in() {
        for text in ["", "a b", "é", "x\u{7f}", "a/b", &"a".repeat(129)] {
            assert_eq!(read(Form::Id, text.as_bytes()), None, "{text}");
        }
        for text in ["", "-1", "1.5", "secret", "9999999999999999", "1 2"] {
            assert_eq!(read(Form::Count, text.as_bytes()), None, "{text}");
        }
        for text in ["", "inf", "nan", "1e3", "1.2.3", "Wed, 21 Oct 2026 07:28:00 GMT", "-1"] {
            assert_eq!(read(Form::Seconds, text.as_bytes()), None, "{text}");
        }
        assert_eq!(read(Form::Id, b"req_011CSHoEeqs5C35K2UUqR7Fy"), Some("req_011CSHoEeqs5C35K2UUqR7Fy".into()));
        assert_eq!(read(Form::Count, b"4000"), Some(Value::I64(4000)));
        assert_eq!(read(Form::Seconds, b"1.5"), Some(Value::F64(1.5)));
        assert_eq!(read(Form::Milliseconds, b"250"), Some(Value::F64(0.25)));
    }
}
