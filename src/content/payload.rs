//! The value of one item: as it is handed over, and as a policy sees it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::content::found::{Document, MemoryRecord};
use crate::content::json::{MAX_CONTENT_BYTES, Refused, to_text};
use crate::content::kind::{Kind, Shape};
use crate::content::message::Message;
use crate::content::part::{Part, parsed};
use crate::content::redaction::Redaction;
use crate::content::tool_definition::ToolDefinition;

/// The value of an item, detached from the application's own: a policy may change it as it likes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Payload {
    /// Input and output messages.
    Messages(Vec<Message>),
    /// System instructions.
    Parts(Vec<Part>),
    /// Definitions of tools.
    Tools(Vec<ToolDefinition>),
    /// Retrieved documents.
    Documents(Vec<Document>),
    /// Records of a memory.
    Records(Vec<MemoryRecord>),
    /// Any JSON: arguments, results, fields of log events.
    Json(Value),
    /// Text: queries, prompts, descriptions, errors.
    Text(String),
}

/// What an activity hands over, borrowed where it can be.
#[derive(Debug)]
pub(crate) enum Offered<'a> {
    Messages(Cow<'a, [Message]>),
    Parts(Cow<'a, [Part]>),
    Tools(Cow<'a, [ToolDefinition]>),
    Documents(Cow<'a, [Document]>),
    Records(Cow<'a, [MemoryRecord]>),
    /// JSON text that [`to_text`] wrote.
    Json(String),
    Text(Cow<'a, str>),
}

/// The texts of an item, ready for its attribute.
pub(crate) enum Rendered {
    /// Items of a list, each by itself: only those that stay are copied.
    Items(Vec<std::sync::Arc<str>>),
    Whole(String),
}

impl Rendered {
    /// Bytes of the whole.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Items(items) => 2 + items.iter().map(|item| item.len() + 1).sum::<usize>().saturating_sub(1),
            Self::Whole(text) => text.len(),
        }
    }

    /// The whole.
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Whole(text) => text,
            Self::Items(_) => self.to_text(),
        }
    }

    /// A copy of the whole.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Items(items) => {
                let mut text = String::with_capacity(2 + items.iter().map(|item| item.len() + 1).sum::<usize>());
                text.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        text.push(',');
                    }
                    text.push_str(item);
                }
                text.push(']');
                text
            }
        }
    }
}

impl Offered<'_> {
    /// A serialisable value, for kinds whose schema is any JSON or an object.
    pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Refused> {
        to_text(value).map(Self::Json)
    }

    /// Its texts after redaction.
    pub(crate) fn render(&self, shape: Shape, redaction: &Redaction) -> Result<Rendered, Refused> {
        if let Self::Messages(messages) = self {
            let texts: Result<_, _> = messages.iter().map(|message| message.text(redaction)).collect();
            return texts.map(Rendered::Items);
        }
        redaction.apply(shape, self.whole(shape)?).map(Rendered::Whole)
    }

    fn whole(&self, shape: Shape) -> Result<String, Refused> {
        match self {
            Self::Messages(messages) => to_text(messages),
            Self::Parts(parts) => to_text(parts),
            Self::Tools(tools) => to_text(tools),
            Self::Documents(documents) => to_text(documents),
            Self::Records(records) => to_text(records),
            Self::Json(text) => Ok(formed(shape, text)),
            Self::Text(text) if text.len() > MAX_CONTENT_BYTES => Err(Refused::TooLarge),
            Self::Text(text) => Ok(text.clone().into_owned()),
        }
    }

    /// Refuses what is too large or too deep: copying a value that is too deep would end the stack.
    pub(crate) fn check(&self) -> Result<(), Refused> {
        match self {
            Self::Json(_) => Ok(()),
            other => other.whole(Shape::Any).map(drop),
        }
    }

    /// The value as a policy sees it. Only after [`check`](Self::check).
    pub(crate) fn into_payload(self, shape: Shape) -> Result<Payload, Refused> {
        Ok(match self {
            Self::Messages(messages) => Payload::Messages(messages.into_owned()),
            Self::Parts(parts) => Payload::Parts(parts.into_owned()),
            Self::Tools(tools) => Payload::Tools(tools.into_owned()),
            Self::Documents(documents) => Payload::Documents(documents.into_owned()),
            Self::Records(records) => Payload::Records(records.into_owned()),
            Self::Json(text) => return Payload::read(shape, &text).map_err(|_| Refused::Unserialisable),
            Self::Text(text) => Payload::Text(text.into_owned()),
        })
    }
}

impl Payload {
    /// What JSON text of a shape holds: that of fields has the same types as that of guards.
    fn read(shape: Shape, text: &str) -> serde_json::Result<Self> {
        Ok(match shape {
            Shape::Messages => Self::Messages(serde_json::from_str(text)?),
            Shape::Parts => Self::Parts(serde_json::from_str(text)?),
            Shape::Tools => Self::Tools(serde_json::from_str(text)?),
            Shape::Documents => Self::Documents(serde_json::from_str(text)?),
            Shape::Records => Self::Records(serde_json::from_str(text)?),
            Shape::Object | Shape::Any | Shape::Text => Self::Json(parsed(serde_json::from_str(text)?)),
        })
    }

    /// Its texts after redaction, if it is still what the attribute's schema wants.
    pub(crate) fn render(self, kind: Kind, redaction: &Redaction) -> Result<Rendered, Refused> {
        let shape = kind.shape();
        let offered = match (shape, self) {
            (Shape::Messages, Self::Messages(messages)) => Offered::Messages(messages.into()),
            (Shape::Parts, Self::Parts(parts)) => Offered::Parts(parts.into()),
            (Shape::Tools, Self::Tools(tools)) => Offered::Tools(tools.into()),
            (Shape::Documents, Self::Documents(documents)) => Offered::Documents(documents.into()),
            (Shape::Records, Self::Records(records)) => Offered::Records(records.into()),
            (Shape::Object | Shape::Any, Self::Json(value)) => Offered::Json(to_text(&value)?),
            (Shape::Any | Shape::Text, Self::Text(text)) => Offered::Text(text.into()),
            (Shape::Object, Self::Text(text)) => Offered::Json(to_text(&text)?),
            _ => return Err(Refused::Unserialisable),
        };
        offered.render(shape, redaction)
    }
}

/// JSON text in the form its attribute has: what should be an object and is none becomes the member of one.
fn formed(shape: Shape, text: &str) -> String {
    let inner = held_in_text(text);
    let text = inner.as_deref().unwrap_or(text);
    match shape {
        Shape::Object if !text.starts_with('{') => format!(r#"{{"value":{text}}}"#),
        // Text is no JSON: without its quotes.
        Shape::Any | Shape::Text if text.starts_with('"') => {
            serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
        }
        _ => text.to_owned(),
    }
}

/// The JSON document that a JSON string holds: arguments as models write them.
fn held_in_text(text: &str) -> Option<String> {
    if !text.starts_with('"') {
        return None;
    }
    let inner: String = serde_json::from_str(text).ok()?;
    let holds_json = inner.trim_start().starts_with(['{', '[']);
    let value: Value = holds_json.then(|| serde_json::from_str(&inner).ok()).flatten()?;
    to_text(&value).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(kind: Kind, value: &Value) -> String {
        Offered::json(value).unwrap().render(kind.shape(), &Redaction::default()).unwrap().into_text()
    }

    #[test]
    fn objects_stay_objects_and_all_else_becomes_one() {
        #[rustfmt::skip]
        let cases = [
            (json!({"a": 1}),         r#"{"a":1}"#),
            (json!("{\"a\": 1}"),     r#"{"a":1}"#),
            (json!("[1, 2]"),         r#"{"value":[1,2]}"#),
            (json!("three hits"),     r#"{"value":"three hits"}"#),
            (json!("{not json"),      r#"{"value":"{not json"}"#),
            (json!(null),             r#"{"value":null}"#),
            (json!(7),                r#"{"value":7}"#),
        ];
        for (value, wanted) in cases {
            assert_eq!(text(Kind::ToolResult, &value), wanted);
        }
        assert_eq!(text(Kind::WorkflowInput, &json!("plain")), "plain");
        assert_eq!(text(Kind::WorkflowInput, &json!("[1]")), "[1]");
        assert_eq!(text(Kind::WorkflowInput, &json!([1])), "[1]");
    }

    #[test]
    fn the_length_of_items_is_that_of_their_list() {
        for count in 0..4 {
            let messages = vec![Message::user("é"); count];
            let rendered =
                Offered::Messages(messages.clone().into()).render(Shape::Messages, &Redaction::default()).unwrap();
            let len = rendered.len();
            let text = rendered.into_text();
            assert_eq!((len, text.as_str()), (text.len(), to_text(&messages).unwrap().as_str()));
        }
    }

    #[test]
    fn a_policy_cannot_change_the_form_of_an_attribute() {
        assert!(Payload::Text("x".into()).render(Kind::InputMessages, &Redaction::default()).is_err());
        assert!(Payload::Json(json!([])).render(Kind::InputMessages, &Redaction::default()).is_err());
        assert_eq!(
            Payload::Text("x".into()).render(Kind::ToolResult, &Redaction::default()).unwrap().into_text(),
            r#"{"value":"x"}"#
        );
    }
}
