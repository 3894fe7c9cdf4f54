//! Every text of a value, for policies that edit all alike.

use serde_json::{Map, Value};

use crate::content::part::Part;
use crate::content::payload::Payload;

impl Payload {
    /// Calls `edit` with every text in the value: what somebody said, wrote or was told, strings inside of JSON included.
    /// Not with what only names: roles, types, ids, names and keys of objects.
    ///
    /// ```
    /// use tracing_genai::content::{Content, Item};
    ///
    /// let content = Content::custom(|mut item: Item| {
    ///     item.value_mut().edit_texts(|text| *text = text.replace("Ada King", "[customer]"));
    ///     item.inline()
    /// });
    /// # let _ = content;
    /// ```
    pub fn edit_texts(&mut self, mut edit: impl FnMut(&mut String)) {
        let edit: &mut dyn FnMut(&mut String) = &mut edit;
        match self {
            Self::Text(text) => edit(text),
            Self::Json(value) => json(value, edit),
            Self::Parts(parts) => parts.iter_mut().for_each(|one| part(one, edit)),
            Self::Messages(messages) => {
                messages.iter_mut().flat_map(|message| message.parts_mut()).for_each(|one| part(one, edit));
            }
            Self::Tools(tools) => tools.iter_mut().for_each(|tool| {
                let (description, values) = tool.texts_mut();
                description.into_iter().for_each(&mut *edit);
                values.into_iter().for_each(|value| json(value, edit));
            }),
            Self::Documents(documents) => {
                documents.iter_mut().for_each(|document| object(document.fields_mut(), edit));
            }
            Self::Records(records) => records.iter_mut().for_each(|record| {
                let (content, metadata) = record.texts_mut();
                json(content, edit);
                metadata.into_iter().for_each(|fields| object(fields, edit));
            }),
        }
    }
}

fn part(part: &mut Part, edit: &mut dyn FnMut(&mut String)) {
    match part {
        Part::Text { content } | Part::Reasoning { content } | Part::Uri { uri: content, .. } => edit(content),
        Part::Compaction { content, .. } => content.iter_mut().for_each(edit),
        Part::ToolCall { arguments: value, .. } | Part::ToolCallResponse { response: value, .. } => json(value, edit),
        Part::ServerToolCall { server_tool_call: fields, .. }
        | Part::ServerToolCallResponse { server_tool_call_response: fields, .. }
        | Part::Generic(fields) => object(fields, edit),
        Part::Blob { .. } | Part::File { .. } => {}
    }
}

/// All but the type, by which the object is known.
fn object(fields: &mut Map<String, Value>, edit: &mut dyn FnMut(&mut String)) {
    fields.iter_mut().filter(|(key, _)| *key != "type").for_each(|(_, value)| json(value, edit));
}

/// With a list and no recursion: a policy may have made it as deep as it likes.
fn json(value: &mut Value, edit: &mut dyn FnMut(&mut String)) {
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::String(text) => edit(text),
            Value::Array(items) => left.extend(items.iter_mut().rev()),
            Value::Object(fields) => left.extend(fields.values_mut().rev()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::content::{Document, MemoryRecord, Message, ToolDefinition};

    /// The texts of a value, and what it is after each was replaced.
    fn texts(mut payload: Payload) -> Vec<String> {
        let mut found = Vec::new();
        payload.edit_texts(|text| found.push(std::mem::take(text)));
        let mut left = 0;
        payload.edit_texts(|text| left += text.len());
        assert_eq!(left, 0, "{payload:?}");
        found
    }

    #[test]
    fn every_text_is_met_and_no_name() {
        let message = Message::new("role").name("name").part(Part::text("a")).part(Part::reasoning("b"));
        let message = message.part(Part::tool_call("id", "tool", json!({"key": ["c", {"k": "d"}], "n": 1})));
        let message = message.part(Part::tool_call_response("id", "e")).part(Part::compaction("f"));
        let message = message.part(Part::generic("type", json!({"x": "g"}).as_object().cloned().unwrap()));
        assert_eq!(texts(Payload::Messages(vec![message])), ["a", "b", "c", "d", "e", "f", "g"]);
        let tool = ToolDefinition::function("name").description("a").parameters(json!({"x": "b"})).field("y", "c");
        assert_eq!(texts(Payload::Tools(vec![tool])), ["a", "b", "c"]);
        assert_eq!(texts(Payload::Documents(vec![Document::new("id").content("a")])), ["a"]);
        let record = MemoryRecord::new("a").id("id").metadata("key", "b");
        assert_eq!(texts(Payload::Records(vec![record])), ["a", "b"]);
        assert_eq!(texts(Payload::Parts(vec![Part::text("a")])), ["a"]);
        assert_eq!(texts(Payload::Text("a".into())), ["a"]);
    }
}
