//! What is wrong with spans by the GenAI conventions, counted: enough of the rules that a regression is seen here.
#![allow(unreachable_pub)] // Public in the package `tests/foreign`.

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Array, Value};
use opentelemetry_sdk::trace::SpanData;
use tracing_genai::semconv::{self, Level, SpanType, ValueType};

const INFERENCE: &[&str] = &["chat", "generate_content", "text_completion"];
/// Recommended, but not there unless the application asked for it or the provider told it.
const NOT_ALWAYS: &[&str] = &[
    "gen_ai.request.frequency_penalty",
    "gen_ai.request.max_tokens",
    "gen_ai.request.presence_penalty",
    "gen_ai.request.stop_sequences",
    "gen_ai.request.temperature",
    "gen_ai.request.top_k",
    "gen_ai.request.top_p",
    "gen_ai.tool.description",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
];
const FROM_RESPONSE: &[&str] = &["gen_ai.response.", "gen_ai.usage.", "gen_ai.embeddings."];

/// One line for every violation.
pub fn violations(spans: &[SpanData]) -> Vec<String> {
    spans.iter().flat_map(|span| Checked { span, all: spans }.violations()).collect()
}

struct Checked<'a> {
    span: &'a SpanData,
    all: &'a [SpanData],
}

fn value<'a>(span: &'a SpanData, key: &str) -> Option<&'a Value> {
    span.attributes.iter().find(|pair| pair.key.as_str() == key).map(|pair| &pair.value)
}

fn text(span: &SpanData, key: &str) -> Option<String> {
    value(span, key).map(|value| value.as_str().into_owned())
}

fn operation_of(span: &SpanData) -> Option<String> {
    text(span, "gen_ai.operation.name")
}

impl Checked<'_> {
    fn violations(&self) -> Vec<String> {
        let mut found = self.attributes();
        found.extend(self.status());
        if let Some(operation) = operation_of(self.span) {
            found.extend(self.by_operation(&operation));
        }
        found.iter().map(|what| format!("{}: {what}", self.span.name)).collect()
    }

    /// Types, unknown keys and keys that are there twice.
    fn attributes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (place, pair) in self.span.attributes.iter().enumerate() {
            let key = pair.key.as_str();
            if self.span.attributes[..place].iter().any(|before| before.key == pair.key) {
                found.push(format!("{key} twice"));
            }
            match semconv::attribute(key) {
                Some(attribute) if !fits(attribute.value_type, &pair.value) => found.push(format!("type of {key}")),
                Some(attribute) if attribute.content => found.push(format!("content in {key}")),
                Some(_) => {}
                None if key.starts_with("gen_ai.") || !key.contains('.') => found.push(format!("unknown {key}")),
                None => {}
            }
        }
        found
    }

    fn status(&self) -> Vec<String> {
        let failed = matches!(self.span.status, Status::Error { .. });
        match (failed, value(self.span, "error.type").is_some()) {
            (true, false) => vec!["failed without error.type".into()],
            (false, true) => vec!["error.type without failure".into()],
            _ if self.span.status == Status::Ok => vec!["status OK".into()],
            _ => Vec::new(),
        }
    }

    fn by_operation(&self, operation: &str) -> Vec<String> {
        let types = span_types(operation);
        let Some(first) = types.first() else { return vec![format!("operation {operation}")] };
        let same_kind = |kind: semconv::SpanKind| {
            matches!(
                (kind, &self.span.span_kind),
                (semconv::SpanKind::Client, SpanKind::Client) | (semconv::SpanKind::Internal, SpanKind::Internal)
            )
        };
        let Some(span_type) = types.iter().find(|span_type| same_kind(span_type.kind)) else {
            return vec![format!("kind, should be {:?}", first.kind)];
        };
        let mut found = self.missing(span_type);
        found.extend(self.name(operation));
        found.extend(self.above(operation));
        found
    }

    fn missing(&self, span_type: &SpanType) -> Vec<String> {
        let failed = matches!(self.span.status, Status::Error { .. });
        let wanted = |level: Level| matches!(level, Level::Required | Level::Recommended);
        let excused = |key: &str| {
            NOT_ALWAYS.contains(&key) || failed && FROM_RESPONSE.iter().any(|prefix| key.starts_with(prefix))
        };
        let missing = |key: &str| value(self.span, key).is_none() && !excused(key);
        let keys = span_type.attributes.iter().filter(|requirement| wanted(requirement.level)).map(|it| it.key);
        keys.filter(|key| missing(key)).map(|key| format!("no {key}")).collect()
    }

    fn name(&self, operation: &str) -> Option<String> {
        let target = match operation {
            "execute_tool" => "gen_ai.tool.name",
            "invoke_agent" | "create_agent" | "plan" => "gen_ai.agent.name",
            "invoke_workflow" => "gen_ai.workflow.name",
            _ => "gen_ai.request.model",
        };
        let wanted = text(self.span, target).map_or(operation.to_owned(), |target| format!("{operation} {target}"));
        (self.span.name != wanted).then(|| format!("name, should be {wanted}"))
    }

    fn above(&self, operation: &str) -> Vec<String> {
        let (mut above, mut found) = (Vec::new(), Vec::new());
        let mut at = self.span;
        while let Some(parent) = self.all.iter().find(|other| other.span_context.span_id() == at.parent_span_id) {
            above.push(parent);
            at = parent;
        }
        let genai = || above.iter().filter(|span| operation_of(span).is_some());
        if (INFERENCE.contains(&operation) || operation == "execute_tool") && genai().next().is_none() {
            found.push("no agent above".into());
        }
        for pair in self.span.attributes.iter().filter(|pair| pair.key.as_str().starts_with("gen_ai.usage.")) {
            let key = pair.key.as_str();
            let is_total = matches!(key, "gen_ai.usage.input_tokens" | "gen_ai.usage.output_tokens");
            if !is_total && genai().any(|span| value(span, key).is_some()) {
                found.push(format!("{key} above, too"));
            }
        }
        found
    }
}

fn span_types(operation: &str) -> Vec<&'static SpanType> {
    let stem = match operation {
        operation if INFERENCE.contains(&operation) => "gen_ai.client.inference".to_owned(),
        operation => format!("gen_ai.{operation}."),
    };
    semconv::SPANS.iter().filter(|span_type| span_type.id.starts_with(&stem)).collect()
}

fn fits(wanted: ValueType, value: &Value) -> bool {
    matches!(
        (wanted, value),
        (ValueType::String, Value::String(_))
            | (ValueType::Int, Value::I64(_))
            | (ValueType::Double, Value::F64(_))
            | (ValueType::Bool, Value::Bool(_))
            | (ValueType::Strings, Value::Array(Array::String(_)))
            | (ValueType::Any, _)
    )
}
