//! Log records as text: one line a record.
//!
//! All text of a record is untrusted and escaped. Only what [`SHOWN`] lists is printed: bodies never are, nor attributes that
//! hold content.
use super::line::printable;
use super::log::ReceivedLog;
use super::value::AttributeValue;
use crate::semconv::attr;

/// Longest name that is printed, in characters.
const MAX_NAME_CHARS: usize = 64;

/// Longest value that is printed, in characters.
const MAX_VALUE_CHARS: usize = 40;

/// How much of a trace id is printed: as much as people compare.
const ID_DIGITS: usize = 8;

/// What is shown of a record's attributes, in the order it is printed, and what stands before the value.
#[rustfmt::skip]
const SHOWN: &[(&str, &str)] = &[
    // attribute                              before its value
    (attr::GEN_AI_OPERATION_NAME,             ""),
    (attr::GEN_AI_AGENT_NAME,                 "agent "),
    (attr::GEN_AI_TOOL_NAME,                  "tool "),
    (attr::GEN_AI_REQUEST_MODEL,              ""),
    (attr::GEN_AI_USAGE_INPUT_TOKENS,         "tokens in "),
    (attr::GEN_AI_USAGE_OUTPUT_TOKENS,        "tokens out "),
    (attr::GEN_AI_EVALUATION_NAME,            ""),
    (attr::GEN_AI_EVALUATION_SCORE_LABEL,     ""),
    (attr::GEN_AI_EVALUATION_SCORE_VALUE,     "score "),
    (attr::AGENTIC_OUTCOME,                   ""),
    (attr::ERROR_TYPE,                        "error "),
    (attr::EXCEPTION_TYPE,                    "exception "),
];

/// First number of each severity, and its name.
const SEVERITIES: &[(i32, &str)] =
    &[(21, "FATAL"), (17, "ERROR"), (13, "WARN"), (9, "INFO"), (5, "DEBUG"), (1, "TRACE")];

/// `logs` for people: one line a record, with its time (UTC), severity, event name (else who wrote it) and what is known of it.
///
/// ```text
/// 14:03:21.123  DEBUG  gen_ai.client.inference.operation.details  chat · gpt-5 · tokens in 1204 · tokens out 310 · trace 4bf92f35
/// 14:03:22.004  WARN   gen_ai.client.operation.exception          chat · gpt-5 · exception Timeout · trace 4bf92f35
/// 14:03:22.010  INFO   my_agent::tools                            body not shown · trace 4bf92f35
/// ```
///
/// Bodies and content are never printed. Text is escaped, so that no name can forge a line. Empty for no logs.
pub fn render_logs(logs: &[ReceivedLog]) -> String {
    let names: Vec<String> = logs.iter().map(name).collect();
    let column = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    let line = |(log, name): (&ReceivedLog, &String)| {
        let line = format!("{}  {:5}  {name:column$}  {}", time(log), severity(log), notes(log).join(" · "));
        format!("{}\n", line.trim_end())
    };
    logs.iter().zip(&names).map(line).collect()
}

fn name(log: &ReceivedLog) -> String {
    let named = [log.event_name.as_str(), log.scope.name.as_str()].into_iter().find(|name| !name.is_empty());
    printable(named.unwrap_or("(no name)"), MAX_NAME_CHARS)
}

fn time(log: &ReceivedLog) -> String {
    let nanos = if log.time_unix_nanos == 0 { log.observed_unix_nanos } else { log.time_unix_nanos };
    let millis = nanos / 1_000_000;
    let (seconds, minutes, hours) = (millis / 1_000, millis / 60_000, millis / 3_600_000);
    format!("{:02}:{:02}:{:02}.{:03}", hours % 24, minutes % 60, seconds % 60, millis % 1_000)
}

fn severity(log: &ReceivedLog) -> String {
    let known = SEVERITIES.iter().find(|(first, _)| log.severity_number >= *first);
    known.map_or_else(|| printable(&log.severity_text, 5), |(_, name)| (*name).to_owned())
}

fn notes(log: &ReceivedLog) -> Vec<String> {
    let shown = |(key, before): &(&str, &str)| Some(format!("{before}{}", value(log.attribute(key)?)?));
    let mut notes: Vec<String> = SHOWN.iter().filter_map(shown).collect();
    if log.body.is_some() {
        notes.push("body not shown".to_owned());
    }
    if let Some(trace_id) = &log.trace_id {
        notes.push(format!("trace {}", printable(trace_id, ID_DIGITS).trim_end_matches('…')));
    }
    notes
}

fn value(value: &AttributeValue) -> Option<String> {
    match value {
        AttributeValue::Str(text) => Some(printable(text, MAX_VALUE_CHARS)),
        AttributeValue::Int(number) => Some(number.to_string()),
        AttributeValue::Double(number) => Some(number.to_string()),
        AttributeValue::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::collector::origin::ReceivedScope;
    use crate::semconv;

    fn record(millis: u64, event: &str, attributes: &[(&str, AttributeValue)]) -> ReceivedLog {
        ReceivedLog {
            time_unix_nanos: 1_700_000_000_000_000_000 + millis * 1_000_000,
            severity_number: 13,
            event_name: event.to_owned(),
            attributes: attributes.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
            trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
            ..ReceivedLog::default()
        }
    }

    fn text(text: &str) -> AttributeValue {
        AttributeValue::Str(text.to_owned())
    }

    #[test]
    fn records_are_lines_with_what_is_known_and_no_content() {
        let scope = ReceivedScope { name: "my_agent::tools".to_owned(), ..ReceivedScope::default() };
        let prompt = AttributeValue::Array(vec![text("c4nary-7312")]);
        let details = [
            ("gen_ai.request.model", text("gpt-5")),
            ("gen_ai.operation.name", text("chat")),
            ("gen_ai.input.messages", prompt),
            ("gen_ai.usage.input_tokens", AttributeValue::Int(1_204)),
        ];
        let evaluation = [
            ("gen_ai.evaluation.name", text("relevance")),
            ("gen_ai.evaluation.score.value", AttributeValue::Double(0.75)),
            ("gen_ai.evaluation.explanation", text("c4nary-7312")),
        ];
        let logs = [
            ReceivedLog { severity_number: 5, ..record(7, "gen_ai.client.inference.operation.details", &details) },
            record(3_661_010, "gen_ai.client.operation.exception", &[("exception.type", text("Timeout"))]),
            ReceivedLog { severity_number: 0, trace_id: None, ..record(20, "gen_ai.evaluation.result", &evaluation) },
            ReceivedLog { scope: Arc::new(scope), body: Some(text("c4nary-7312")), ..record(21, "", &[]) },
        ];
        let shown = render_logs(&logs);
        assert!(!shown.contains("c4nary"), "{shown}");
        insta::assert_snapshot!(shown, @"
        22:13:20.007  DEBUG  gen_ai.client.inference.operation.details  chat · gpt-5 · tokens in 1204 · trace 4bf92f35
        23:14:21.010  WARN   gen_ai.client.operation.exception          exception Timeout · trace 4bf92f35
        22:13:20.020         gen_ai.evaluation.result                   relevance · score 0.75
        22:13:20.021  WARN   my_agent::tools                            body not shown · trace 4bf92f35
        ");
    }

    #[test]
    fn names_cannot_forge_lines() {
        let forged = record(1, "a\n22:13:20.000  ERROR\u{202e}", &[("error.type", text("x\r\ny"))]);
        let shown = render_logs(&[ReceivedLog { severity_number: 0, severity_text: "\u{1b}[2J".into(), ..forged }]);
        assert_eq!(shown.lines().count(), 1);
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown}");
        assert_eq!(render_logs(&[]), "");
    }

    #[test]
    fn nothing_that_is_shown_is_content() {
        let content = |key: &str| semconv::attribute(key).is_none_or(|attribute| attribute.content);
        let wrong: Vec<&str> = SHOWN.iter().map(|row| row.0).filter(|key| content(key)).collect();
        assert_eq!(wrong, [""; 0]);
    }
}
