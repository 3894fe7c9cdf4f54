//! A message of a conversation, and its JSON: written once, however many turns send it again.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::content::json::{Refused, to_text_of};
use crate::content::kind::Shape;
use crate::content::part::Part;
use crate::content::redaction::Redaction;

/// A message of a model's input or output, as the conventions' schema has it: a role and parts.
///
/// ```
/// use tracing_genai::content::Message;
///
/// let history = vec![
///     Message::system("You are a travel agent."),
///     Message::user("Where is it warm?"),
///     Message::assistant("Lisbon.").finish_reason("stop"),
/// ];
/// # let _ = history;
/// ```
///
/// A history grows turn by turn, and every turn sends all of it. Keep the messages, and what was exported of them
/// before is not serialised again: a message remembers its JSON, clones included, until it is changed.
#[derive(Clone, Deserialize)]
pub struct Message {
    role: String,
    parts: Vec<Part>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    finish_reason: Option<String>,
    /// What was exported of it, and by which redactors.
    #[serde(skip)]
    exported: OnceLock<(u64, Arc<str>)>,
}

/// The schema's view of a message.
#[derive(Serialize)]
struct Fields<'a> {
    role: &'a str,
    parts: &'a [Part],
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
}

impl Message {
    /// A message of `role`, without parts: `system`, `user`, `assistant`, `tool` or a role of the provider's own.
    pub fn new(role: impl Into<String>) -> Self {
        Self { role: role.into(), parts: Vec::new(), name: None, finish_reason: None, exported: OnceLock::new() }
    }

    /// An instruction that is part of the history.
    pub fn system(text: impl Into<String>) -> Self {
        Self::new("system").part(Part::text(text))
    }

    /// What a user said.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new("user").part(Part::text(text))
    }

    /// What the model said.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new("assistant").part(Part::text(text))
    }

    /// What the tool answered that was called by `call_id`.
    pub fn tool(call_id: impl Into<String>, response: impl Into<Value>) -> Self {
        Self::new("tool").part(Part::tool_call_response(call_id, response))
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, part: Part) -> Self {
        self.parts_mut().push(part);
        self
    }

    /// Who speaks, where a role has several speakers. Not given by default.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.exported = OnceLock::new();
        self.name = Some(name.into());
        self
    }

    /// Why the model stopped, for messages of its output: `stop`, `length`, `content_filter`, `tool_call`,
    /// `compaction`, `error` or the provider's own word. Not given by default.
    #[must_use]
    pub fn finish_reason(mut self, reason: impl Into<String>) -> Self {
        self.exported = OnceLock::new();
        self.finish_reason = Some(reason.into());
        self
    }

    /// Whose message it is.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// What it is made of.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Its parts, to change them.
    pub fn parts_mut(&mut self) -> &mut Vec<Part> {
        self.exported = OnceLock::new();
        &mut self.parts
    }

    /// Its JSON after redaction, written at most once for the same redactors.
    pub(crate) fn text(&self, redaction: &Redaction) -> Result<Arc<str>, Refused> {
        if let Some((by, text)) = self.exported.get()
            && *by == redaction.id
        {
            return Ok(Arc::clone(text));
        }
        let text: Arc<str> = redaction.apply(Shape::Object, to_text_of(&self.fields(), self.expected_bytes())?)?.into();
        // Another tracer with other redactors may have been first; then this one writes it again every time.
        self.exported.get_or_init(|| (redaction.id, Arc::clone(&text)));
        Ok(text)
    }

    /// About as many bytes as its JSON will have: growing step by step would copy it several times.
    fn expected_bytes(&self) -> usize {
        let text = |part: &Part| match part {
            Part::Text { content } | Part::Reasoning { content } => content.len(),
            _ => 256,
        };
        let texts: usize = self.parts.iter().map(text).sum();
        128 + texts + texts / 8
    }

    fn fields(&self) -> Fields<'_> {
        let Self { role, parts, name, finish_reason, .. } = self;
        Fields { role, parts, name: name.as_deref(), finish_reason: finish_reason.as_deref() }
    }
}

impl Serialize for Message {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields().serialize(serializer)
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        let Self { role, parts, name, finish_reason, .. } = self;
        (role, parts, name, finish_reason) == (&other.role, &other.parts, &other.name, &other.finish_reason)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { role, parts, name, finish_reason, .. } = self;
        let mut debug = f.debug_struct("Message");
        debug.field("role", role).field("parts", parts).field("name", name).field("finish_reason", finish_reason);
        debug.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::redact::Redactor;

    #[test]
    fn a_message_forgets_its_json_when_it_is_changed() {
        let mut message = Message::user("one");
        let none = Redaction::default();
        assert_eq!(&*message.text(&none).unwrap(), r#"{"role":"user","parts":[{"type":"text","content":"one"}]}"#);
        let clone = message.clone();
        assert!(Arc::ptr_eq(&clone.text(&none).unwrap(), &message.text(&none).unwrap()));
        message.parts_mut().push(Part::text("two"));
        assert!(message.text(&none).unwrap().contains("two") && !clone.text(&none).unwrap().contains("two"));
        let named = message.name("ann").finish_reason("stop");
        assert!(named.text(&none).unwrap().ends_with(r#""name":"ann","finish_reason":"stop"}"#));
    }
    #[test]
    fn other_redactors_see_it_anew() {
        let message = Message::user("ask ada@example.org");
        let (none, emails) = (Redaction::default(), Redaction::default().with([Redactor::emails()]));
        for _ in 0..2 {
            assert!(message.text(&none).unwrap().contains("ada@"));
            assert!(!message.text(&emails).unwrap().contains("ada@"));
        }
    }
}
