//! Names by profile: what spans and attributes are called for readers that do not follow the conventions.
//!
//! A profile names all it exports: what has no row is left out. Rows are read over the attributes of the conventions,
//! so every entrance and every rule works the same under any profile.

use std::collections::BTreeSet;

use crate::rules::Activity;
use crate::rules::fields::FieldId;
use crate::semconv::{attr, value::agentic_forced_close as forced_close};

/// Which names spans and attributes have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// Those of the OpenTelemetry GenAI conventions.
    #[default]
    GenAi,
    /// Those of the observer of Flue 1.0.0-beta.1 (`flue.workflow`, `flue.operation`, `flue.tool` …), for dashboards and
    /// recordings made with it.
    Flue,
}

impl Profile {
    /// Its name in Markdown.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::GenAi => "the conventions",
            Self::Flue => "`flue`",
        }
    }

    /// The names of the profile; `None` for those of the conventions.
    pub(crate) fn names(self) -> Option<&'static Names> {
        match self {
            Self::GenAi => None,
            Self::Flue => Some(&FLUE),
        }
    }
}

/// Whether an attribute of this key holds content under the name that some profile has for it.
pub(crate) fn is_content_anywhere(key: &str) -> bool {
    NAMES.iter().any(|names| names.content_of(key).is_some())
}

/// Whether `text` is some profile's for a span that failed.
pub(crate) fn is_status_anywhere(text: &str) -> bool {
    NAMES.iter().any(|names| names.is_status(text))
}

/// The tables of one profile.
#[derive(Debug)]
pub(crate) struct Names {
    spans: &'static [SpanNames],
    /// The span event that stands for a log event.
    pub(crate) log: &'static str,
    pub(crate) log_level: &'static str,
    /// Where a content policy lets them out.
    pub(crate) log_message: &'static str,
    pub(crate) log_attributes: &'static str,
}

/// How one kind of span is called.
#[derive(Debug)]
pub(crate) struct SpanNames {
    activity: Activity,
    /// Only spans that have this at their start.
    having: Option<FieldId>,
    pub(crate) word: &'static str,
    /// Second word of the name, when the span has it.
    pub(crate) target: Option<FieldId>,
    /// Attribute with the span's duration in milliseconds.
    pub(crate) duration: &'static str,
    /// Text of the status of a span that failed: that it did, and nothing of what happened.
    pub(crate) failed: &'static str,
    /// `agentic.forced_close` → that text for a span ended from outside; the last one for any other value.
    interrupted: &'static [(&'static str, &'static str)],
    /// Its attributes, and those of every span.
    keys: [&'static [KeyRow]; 2],
}

/// One attribute of the profile.
#[derive(Debug)]
pub(crate) struct KeyRow {
    pub(crate) value: From,
    pub(crate) key: &'static str,
}

/// Where a value is from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    Same(FieldId),
    /// The first less the others, of what is there.
    Less(FieldId, &'static [FieldId]),
    Sum(FieldId, FieldId),
    /// `true` where the attribute is above zero, else nothing.
    IsPositive(FieldId),
}

impl Names {
    /// Every attribute that a span may have, sorted.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        let rows = self.spans.iter().flat_map(|span| span.keys().map(|row| row.key).chain([span.duration]));
        rows.collect::<BTreeSet<_>>().into_iter()
    }

    /// The content attribute of the conventions that has the name `key` here.
    pub(crate) fn content_of(&self, key: &str) -> Option<&'static str> {
        let logs = [(self.log_message, attr::AGENTIC_LOG_MESSAGE), (self.log_attributes, attr::AGENTIC_LOG_ATTRIBUTES)];
        let of_log = logs.into_iter().find(|(name, _)| *name == key).map(|(_, of)| of);
        let rows = self.spans.iter().flat_map(SpanNames::keys).filter(|row| row.key == key);
        of_log.or_else(|| rows.filter_map(KeyRow::content).next())
    }

    /// Whether spans or events of the profile have the attribute `key`.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        let of_span = |span: &SpanNames| key == span.duration || span.keys().any(|row| row.key == key);
        key == self.log_level || key == self.log_message || key == self.log_attributes || self.spans.iter().any(of_span)
    }

    /// Whether `text` is the profile's for a span that failed.
    pub(crate) fn is_status(&self, text: &str) -> bool {
        let of_span = |span: &SpanNames| text == span.failed || span.interrupted.iter().any(|(_, why)| text == *why);
        self.spans.iter().any(of_span)
    }

    /// How a span is called that has what `has` says at its start; `None` keeps the conventions' names.
    pub(crate) fn span(&self, activity: Activity, has: impl Fn(FieldId) -> bool) -> Option<&'static SpanNames> {
        self.spans.iter().find(|row| row.activity == activity && row.having.is_none_or(&has))
    }
}

impl KeyRow {
    /// The content attribute that it renames.
    pub(crate) fn content(&self) -> Option<&'static str> {
        match self.value {
            From::Same(id) if id.content => Some(id.key()),
            _ => None,
        }
    }
}

impl SpanNames {
    /// The attributes of such a span.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static KeyRow> {
        self.keys.into_iter().flatten()
    }

    /// The text of the status of a span that was ended from outside.
    pub(crate) fn interrupted(&self, why: &str) -> &'static str {
        let row = self.interrupted.iter().find(|(reason, _)| *reason == why).or(self.interrupted.last());
        row.map_or("", |(_, text)| text)
    }
}

type SpanRow = (Activity, Option<&'static str>, &'static str, Option<&'static str>, &'static str, &'static str);

const fn span((activity, having, word, target, duration, failed): SpanRow, keys: &'static [KeyRow]) -> SpanNames {
    let (having, target, keys) = (field(having), field(target), [keys, FLUE_EVERYWHERE]);
    SpanNames { activity, having, word, target, duration, failed, interrupted: FLUE_INTERRUPTED, keys }
}

const fn field(key: Option<&str>) -> Option<FieldId> {
    match key {
        Some(key) => Some(FieldId::of(key)),
        None => None,
    }
}

const fn same(from: &str, key: &'static str) -> KeyRow {
    KeyRow { value: From::Same(FieldId::of(from)), key }
}

const fn less(from: &str, others: &'static [FieldId], key: &'static str) -> KeyRow {
    KeyRow { value: From::Less(FieldId::of(from), others), key }
}

const fn sum(one: &str, other: &str, key: &'static str) -> KeyRow {
    KeyRow { value: From::Sum(FieldId::of(one), FieldId::of(other)), key }
}

/// Flue counts what came from the cache and what went into it apart from the input.
const CACHED: &[FieldId] = &[
    FieldId::of(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
    FieldId::of(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),
];
const ALL_CACHED: &[FieldId] = &[
    FieldId::of(attr::AGENTIC_USAGE_CACHE_READ_INPUT_TOKENS),
    FieldId::of(attr::AGENTIC_USAGE_CACHE_WRITE_INPUT_TOKENS),
];

use Activity::{Agent, Compaction, Operation, Tool, Turn, Workflow};

/// Those of every profile that has names of its own.
static NAMES: [&Names; 1] = [&FLUE];

/// The observer of Flue at commit `05f9d478` (1.0.0-beta.1).
#[rustfmt::skip]
static FLUE: Names = Names {
    spans: &[
        //    of         having                             word              second word                       duration                     failed
        span((Workflow,   None,                              "flue.workflow",  Some(attr::GEN_AI_WORKFLOW_NAME),   "flue.workflow.duration_ms", "Workflow run failed."), FLUE_WORKFLOW),
        span((Agent,      Some(attr::AGENTIC_OPERATION_KIND), "flue.operation", Some(attr::AGENTIC_OPERATION_KIND), "flue.duration_ms",         "Operation failed."),    FLUE_OPERATION),
        span((Operation,  None,                              "flue.operation", Some(attr::AGENTIC_OPERATION_KIND), "flue.duration_ms",          "Operation failed."),    FLUE_OPERATION),
        span((Agent,      None,                              "flue.task",      Some(attr::GEN_AI_AGENT_NAME),      "flue.duration_ms",          "Task failed."),         FLUE_TASK),
        span((Turn,       None,                              "chat",           Some(attr::GEN_AI_REQUEST_MODEL),   "flue.duration_ms",          "Model turn failed."),   FLUE_TURN),
        span((Tool,       None,                              "flue.tool",      Some(attr::GEN_AI_TOOL_NAME),       "flue.duration_ms",          "Tool call failed."),    FLUE_TOOL),
        span((Compaction, None,                              "flue.compaction", None,                              "flue.duration_ms",          "Compaction failed."),   FLUE_COMPACTION),
    ],
    log: "flue.log",
    log_level: "flue.log.level",
    log_message: "flue.log.message",
    log_attributes: "flue.log.attributes",
};

#[rustfmt::skip]
const FLUE_INTERRUPTED: &[(&str, &str)] = &[
    (forced_close::OPERATION_END, "Operation ended before this span received its terminal event."),
    (forced_close::RUN_END,       "Workflow run ended before this span received its terminal event."),
    (forced_close::RESUME,        "Workflow execution was interrupted before this span received its terminal event."),
];

#[rustfmt::skip]
const FLUE_EVERYWHERE: &[KeyRow] = &[
    same(attr::AGENTIC_OPERATION_ID, "flue.operation.id"),
    same(attr::AGENTIC_RUN_ID,       "flue.run.id"),
    same(attr::AGENTIC_TASK_ID,      "flue.task.id"),
    same(attr::AGENTIC_TURN_ID,      "flue.turn.id"),
    same(attr::SESSION_ID,           "flue.session.name"),
];

#[rustfmt::skip]
const FLUE_WORKFLOW: &[KeyRow] = &[
    same(attr::GEN_AI_WORKFLOW_NAME, "flue.workflow.name"),
    KeyRow { value: From::IsPositive(FieldId::of(attr::AGENTIC_RUN_SEGMENT)), key: "flue.workflow.recovery_handling" },
    same(attr::AGENTIC_WORKFLOW_INPUT,  "flue.workflow.payload"),
    same(attr::AGENTIC_WORKFLOW_RESULT, "flue.workflow.result"),
];

#[rustfmt::skip]
const FLUE_OPERATION: &[KeyRow] = &[
    same(attr::AGENTIC_OPERATION_KIND, "flue.operation.kind"),
    less(attr::AGENTIC_USAGE_INPUT_TOKENS, ALL_CACHED,                        "flue.operation.usage.input_tokens"),
    same(attr::AGENTIC_USAGE_OUTPUT_TOKENS,                                   "flue.operation.usage.output_tokens"),
    same(attr::AGENTIC_USAGE_CACHE_READ_INPUT_TOKENS,                         "flue.operation.usage.cache_read_tokens"),
    same(attr::AGENTIC_USAGE_CACHE_WRITE_INPUT_TOKENS,                        "flue.operation.usage.cache_write_tokens"),
    sum(attr::AGENTIC_USAGE_INPUT_TOKENS, attr::AGENTIC_USAGE_OUTPUT_TOKENS,  "flue.operation.usage.total_tokens"),
    same(attr::AGENTIC_USAGE_COST_TOTAL,                                      "flue.operation.usage.cost_total"),
    same(attr::GEN_AI_OUTPUT_MESSAGES,                                        "flue.operation.result"),
];

#[rustfmt::skip]
const FLUE_TASK: &[KeyRow] = &[
    same(attr::GEN_AI_AGENT_NAME,      "flue.task.agent"),
    same(attr::AGENTIC_TASK_PROMPT,    "flue.task.prompt"),
    same(attr::AGENTIC_TASK_DIRECTORY, "flue.task.cwd"),
    same(attr::GEN_AI_OUTPUT_MESSAGES, "flue.task.result"),
];

#[rustfmt::skip]
const FLUE_TURN: &[KeyRow] = &[
    same(attr::AGENTIC_TURN_PURPOSE,                                      "flue.turn.purpose"),
    same(attr::GEN_AI_OPERATION_NAME,                                     attr::GEN_AI_OPERATION_NAME),
    same(attr::GEN_AI_PROVIDER_NAME,                                      attr::GEN_AI_PROVIDER_NAME),
    same(attr::GEN_AI_REQUEST_MODEL,                                      attr::GEN_AI_REQUEST_MODEL),
    same(attr::GEN_AI_REQUEST_REASONING_LEVEL,                            "flue.turn.reasoning"),
    same(attr::OPENAI_API_TYPE,                                           "flue.turn.provider_api"),
    same(attr::GEN_AI_RESPONSE_MODEL,                                     attr::GEN_AI_RESPONSE_MODEL),
    same(attr::GEN_AI_RESPONSE_FINISH_REASONS,                            attr::GEN_AI_RESPONSE_FINISH_REASONS),
    less(attr::GEN_AI_USAGE_INPUT_TOKENS, CACHED,                         attr::GEN_AI_USAGE_INPUT_TOKENS),
    same(attr::GEN_AI_USAGE_OUTPUT_TOKENS,                                attr::GEN_AI_USAGE_OUTPUT_TOKENS),
    same(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,                      attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
    same(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,                     "gen_ai.usage.cache_creation.input_tokens"),
    sum(attr::GEN_AI_USAGE_INPUT_TOKENS, attr::GEN_AI_USAGE_OUTPUT_TOKENS, "flue.usage.total_tokens"),
    same(attr::AGENTIC_COST_TOTAL,                                        "flue.usage.cost_total"),
    same(attr::GEN_AI_INPUT_MESSAGES,                                     "flue.turn.input"),
    same(attr::GEN_AI_OUTPUT_MESSAGES,                                    "flue.turn.output"),
];

#[rustfmt::skip]
const FLUE_TOOL: &[KeyRow] = &[
    same(attr::GEN_AI_TOOL_NAME,    "flue.tool.name"),
    same(attr::GEN_AI_TOOL_CALL_ID, "flue.tool.call_id"),
    same(attr::GEN_AI_TOOL_CALL_ARGUMENTS, "flue.tool.arguments"),
    same(attr::GEN_AI_TOOL_CALL_RESULT,    "flue.tool.result"),
];

#[rustfmt::skip]
const FLUE_COMPACTION: &[KeyRow] = &[
    same(attr::AGENTIC_COMPACTION_REASON,                                     "flue.compaction.reason"),
    same(attr::AGENTIC_COMPACTION_ESTIMATED_TOKENS,                           "flue.compaction.estimated_tokens"),
    same(attr::AGENTIC_COMPACTION_MESSAGES_BEFORE,                            "flue.compaction.messages_before"),
    same(attr::AGENTIC_COMPACTION_MESSAGES_AFTER,                             "flue.compaction.messages_after"),
    less(attr::AGENTIC_USAGE_INPUT_TOKENS, ALL_CACHED,                        "flue.compaction.usage.input_tokens"),
    same(attr::AGENTIC_USAGE_OUTPUT_TOKENS,                                   "flue.compaction.usage.output_tokens"),
    same(attr::AGENTIC_USAGE_CACHE_READ_INPUT_TOKENS,                         "flue.compaction.usage.cache_read_tokens"),
    same(attr::AGENTIC_USAGE_CACHE_WRITE_INPUT_TOKENS,                        "flue.compaction.usage.cache_write_tokens"),
    sum(attr::AGENTIC_USAGE_INPUT_TOKENS, attr::AGENTIC_USAGE_OUTPUT_TOKENS,  "flue.compaction.usage.total_tokens"),
    same(attr::AGENTIC_USAGE_COST_TOTAL,                                      "flue.compaction.usage.cost_total"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_written_twice_and_content_stays_what_it_is() {
        for span in FLUE.spans {
            let mut keys: Vec<_> = span.keys().map(|row| row.key).collect();
            keys.push(span.duration);
            keys.sort_unstable();
            assert!(keys.is_sorted_by(|a, b| a < b), "a key of {} is there twice: {keys:?}", span.word);
            for row in span.keys() {
                // Content is held apart: nothing can be computed of it.
                if let From::Less(from, _) | From::Sum(from, _) | From::IsPositive(from) = row.value {
                    assert!(!from.content, "{} is made of content", row.key);
                }
            }
        }
    }

    #[test]
    fn content_is_known_by_the_names_of_every_profile() {
        for key in ["flue.turn.input", "flue.tool.result", "flue.log.message", "flue.log.attributes"] {
            assert!(is_content_anywhere(key), "{key}");
        }
        for key in ["flue.turn.purpose", "flue.log.level", "flue.duration_ms", "gen_ai.usage.input_tokens"] {
            assert!(!is_content_anywhere(key), "{key}");
        }
        assert!(is_status_anywhere("Model turn failed.") && !is_status_anywhere("failed"));
        for profile in [Profile::GenAi, Profile::Flue] {
            let is_listed = |names: &&Names| NAMES.iter().any(|listed| std::ptr::eq(*listed, *names));
            assert!(profile.names().iter().all(is_listed), "{profile:?} is not in NAMES");
        }
    }

    #[test]
    fn an_operation_is_no_task() {
        let kind = |id: FieldId| id == FieldId::of(attr::AGENTIC_OPERATION_KIND);
        assert_eq!(FLUE.span(Agent, kind).map(|row| row.word), Some("flue.operation"));
        assert_eq!(FLUE.span(Agent, |_| false).map(|row| row.word), Some("flue.task"));
        assert!(FLUE.span(Activity::Other, |_| false).is_none());
    }

    #[test]
    fn every_reason_has_a_text() {
        for span in FLUE.spans {
            assert!(span.interrupted(forced_close::OPERATION_END).starts_with("Operation ended"));
            assert!(span.interrupted(forced_close::SHUTDOWN).starts_with("Workflow execution was interrupted"));
        }
    }
}
