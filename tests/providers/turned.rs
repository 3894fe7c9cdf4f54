//! What came of a call.

use opentelemetry::{Array, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::check::violations;
use crate::facts::{Case, TOLD};

/// What a request does not have to say.
const UNASKED: &[&str] = &["gen_ai.request.encoding_formats"];

/// The spans of one call, what its caller got, and how often it was sent.
pub(crate) struct Turned {
    pub(crate) spans: Vec<SpanData>,
    pub(crate) passed: Result<Vec<u8>, reqwest_middleware::Error>,
    pub(crate) requests: usize,
}

impl Turned {
    /// The only turn, below the agent.
    pub(crate) fn turn(&self) -> Option<&SpanData> {
        let [turn, agent] = self.spans.as_slice() else { return None };
        (turn.parent_span_id == agent.span_context.span_id()).then_some(turn)
    }

    pub(crate) fn text(&self, key: &str) -> Option<String> {
        let attributes = &self.turn()?.attributes;
        attributes.iter().find(|pair| pair.key.as_str() == key).map(|pair| match &pair.value {
            Value::Array(Array::String(texts)) => texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join(","),
            value => value.to_string(),
        })
    }

    /// What is wrong with the turn by the conventions, but that it lacks what the recording does not tell.
    pub(crate) fn violations(&self, case: &Case) -> Vec<String> {
        let Some(turn) = self.turn() else { return Vec::new() };
        let mut found = violations(&self.spans);
        found.retain(|what| what.starts_with(turn.name.as_ref()));
        found.retain(|what| {
            let missing = what.rsplit_once("no ").map(|(_, key)| key);
            missing.is_none_or(|key| case.tells(key) && !UNASKED.contains(&key))
        });
        found
    }

    /// The facts that the turn does not tell, or tells and are none.
    pub(crate) fn differences(&self, case: &Case, provider: &str) -> Vec<String> {
        if self.turn().is_none() {
            return vec![format!("not one turn: {:?}", self.spans.iter().map(|span| &span.name).collect::<Vec<_>>())];
        }
        let mut found = Vec::new();
        let mut compare = |key: &str, wanted: Option<&str>| {
            let got = self.text(key);
            if got.as_deref() != wanted {
                found.push(format!("{key}: {got:?} and not {wanted:?}"));
            }
        };
        for (names, key) in TOLD {
            compare(key, case.fact(names));
        }
        compare("gen_ai.provider.name", Some(provider));
        compare("gen_ai.response.finish_reasons", case.reasons().as_deref());
        if let Some(kind) = case.fact(&["kind"]) {
            compare("error.type", Some(kind));
        }
        let error = case.fact(&["error", "failed"]);
        if let Some(code) = error.filter(|code| *code != "?") {
            compare("agentic.error.code", Some(code));
        }
        if error.is_some() != self.text("error.type").is_some() {
            found.push(format!("error.type: {:?}", self.text("error.type")));
        }
        found
    }
}
