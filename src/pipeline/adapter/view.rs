//! What is known of a span on its way to one backend.

use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::content::{Kind, Origin, Scope};
use crate::semconv::attr;
use crate::span::LastGate;

/// See the module's documentation.
pub(crate) struct View<'a> {
    pub(crate) gate: &'a LastGate,
    /// What it is about, by the word a content policy is told; `None` if it is no GenAI span.
    pub(crate) activity: Option<&'static str>,
}

impl<'a> View<'a> {
    pub(crate) fn of(gate: &'a LastGate, span: &SpanData) -> Self {
        Self { gate, activity: gate.activity(&span.attributes) }
    }

    /// The value of `key`: the span's own, else what flowed down to it.
    pub(crate) fn value(&self, span: &SpanData, key: &str) -> Option<Value> {
        let own = last(&span.attributes, key).cloned();
        own.or_else(|| self.gate.identity()?.get(key).map(|text| Value::from(text.clone())))
    }

    /// What a content policy is told of an item.
    pub(crate) fn scope(&self, span: &SpanData, kind: Kind) -> Scope {
        let text = |key: &str| match self.value(span, key)? {
            Value::String(text) => Some(text.as_str().into()),
            _ => None,
        };
        let origin = Origin {
            agent: text(attr::GEN_AI_AGENT_NAME),
            conversation: text(attr::GEN_AI_CONVERSATION_ID),
            tool: text(attr::GEN_AI_TOOL_NAME),
        };
        let (trace_id, span_id) = (span.span_context.trace_id().to_bytes(), span.span_context.span_id().to_bytes());
        Scope {
            kind,
            activity: self.activity.unwrap_or_default(),
            origin,
            sampled: true,
            event: false,
            trace_id,
            span_id,
        }
    }
}

/// The last value of `key`, which is the one that counts.
pub(crate) fn last<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    attributes.iter().rev().find(|pair| pair.key.as_str() == key).map(|pair| &pair.value)
}
