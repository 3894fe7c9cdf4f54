//! Whose content an item is.

use std::sync::Arc;

use crate::content::kind::Kind;

/// Where an item of content comes from.
#[derive(Clone, Debug)]
pub struct Scope {
    pub(crate) kind: Kind,
    pub(crate) activity: &'static str,
    pub(crate) origin: Origin,
    pub(crate) sampled: bool,
    /// Whether a log event is written that has a place for it.
    pub(crate) event: bool,
    pub(crate) trace_id: [u8; 16],
    pub(crate) span_id: [u8; 8],
}

/// The names and ids of the span an item belongs to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) agent: Option<Arc<str>>,
    pub(crate) conversation: Option<Arc<str>>,
    pub(crate) tool: Option<Arc<str>>,
}

impl Scope {
    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the span is about: `chat`, `execute_tool`, `invoke_agent` and the other operations of the conventions,
    /// or `operation`, `compact`.
    pub fn activity(&self) -> &'static str {
        self.activity
    }

    /// `gen_ai.agent.name`, if it is known.
    pub fn agent(&self) -> Option<&str> {
        self.origin.agent.as_deref()
    }

    /// `gen_ai.tool.name`, on spans of tools.
    pub fn tool(&self) -> Option<&str> {
        self.origin.tool.as_deref()
    }

    /// `gen_ai.conversation.id`, if it is known.
    pub fn conversation(&self) -> Option<&str> {
        self.origin.conversation.as_deref()
    }

    /// The trace's id: 32 hex digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.trace_id))
    }

    /// The span's id: 16 hex digits.
    pub fn span_id(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.span_id))
    }

    /// Whether the span is exported. If it is not, [`Reference`](super::Decision::Reference) still stores content;
    /// nothing is put on the span.
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn scope(kind: Kind) -> Scope {
        let origin = Origin { agent: Some("a".into()), ..Origin::default() };
        Scope { kind, activity: "chat", origin, sampled: true, event: false, trace_id: [1; 16], span_id: [2; 8] }
    }

    #[test]
    fn ids_are_in_hex() {
        let scope = scope(Kind::InputMessages);
        assert_eq!(scope.trace_id(), "01010101010101010101010101010101");
        assert_eq!(scope.span_id(), "0202020202020202");
    }
}
