//! What the conventions' JSON schemas ask for: which members stay, and how a gap is told about.

use super::value::Value;
use crate::content::Shape;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Message,
    Part,
    /// The details of a tool call that the provider made.
    ServerTool,
    Tool,
    Document,
    Record,
    /// Any JSON.
    Free,
}

/// What is to be done with a member of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Stays as it is.
    Whole,
    /// Stays, but may be cut.
    Must,
    /// May be cut or left out.
    May,
}

struct Row {
    of: Level,
    key: &'static str,
    need: Need,
    /// What its value is, or each of its values if that is an array.
    value: Level,
}

const fn row(of: Level, key: &'static str, need: Need, value: Level) -> Row {
    Row { of, key, need, value }
}

#[rustfmt::skip]
const MEMBERS: &[Row] = {
    use Level::*;
    use Need::*;
    &[
        //  of          key                          need    value
        row(Message,    "role",                      Whole,  Free),
        row(Message,    "name",                      Whole,  Free),
        row(Message,    "finish_reason",             Whole,  Free),
        row(Message,    "parts",                     Must,   Part),
        row(Part,       "type",                      Whole,  Free),
        row(Part,       "id",                        Whole,  Free),
        row(Part,       "name",                      Whole,  Free),
        row(Part,       "mime_type",                 Whole,  Free),
        row(Part,       "modality",                  Whole,  Free),
        row(Part,       "uri",                       Whole,  Free),
        row(Part,       "file_id",                   Whole,  Free),
        row(Part,       "content",                   Must,   Free),
        row(Part,       "response",                  Must,   Free),
        row(Part,       "server_tool_call",          Must,   ServerTool),
        row(Part,       "server_tool_call_response", Must,   ServerTool),
        row(ServerTool, "type",                      Whole,  Free),
        row(Tool,       "type",                      Whole,  Free),
        row(Tool,       "name",                      Whole,  Free),
        row(Document,   "id",                        Whole,  Free),
        row(Document,   "score",                     Whole,  Free),
        row(Record,     "id",                        Whole,  Free),
        row(Record,     "score",                     Whole,  Free),
        row(Record,     "content",                   Must,   Free),
    ]
};

impl Level {
    /// What the items of a list are; `None` if the shape is no list.
    pub(super) fn of_items(shape: Shape) -> Option<Self> {
        match shape {
            Shape::Messages => Some(Self::Message),
            Shape::Parts => Some(Self::Part),
            Shape::Tools => Some(Self::Tool),
            Shape::Documents => Some(Self::Document),
            Shape::Records => Some(Self::Record),
            Shape::Any => Some(Self::Free),
            Shape::Object | Shape::Text => None,
        }
    }

    /// What is to be done with the member of this name, and what its value is.
    pub(super) fn member(self, key: &str) -> (Need, Self) {
        let found = MEMBERS.iter().find(|row| row.of == self && row.key == key);
        found.map_or((Need::May, Self::Free), |row| (row.need, row.value))
    }

    /// What stands in an array of these for the ones left out; `first` is one of them.
    pub(super) fn marker(self, first: Value<'_>) -> Marker {
        match self {
            Self::Message => MESSAGES,
            Self::Part => PARTS,
            Self::Tool => TOOLS,
            Self::Document => DOCUMENTS,
            Self::Record => RECORDS,
            Self::Free | Self::ServerTool if first.first() == Some(b'{') => OBJECTS,
            Self::Free | Self::ServerTool => ITEMS,
        }
    }
}

/// What stands in an object for the members left out. It looks like the value of another one, so that the properties of
/// a JSON schema (the parameters of a tool) stay schemas.
pub(super) fn member_marker(first: Value<'_>) -> Marker {
    if first.first() == Some(b'{') { OBJECT_MEMBERS } else { MEMBERS_LEFT_OUT }
}

/// An item or member that tells about others that were left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marker {
    noun: &'static str,
    before: &'static str,
    after: &'static str,
}

const fn marker(noun: &'static str, before: &'static str, after: &'static str) -> Marker {
    Marker { noun, before, after }
}

const MESSAGES: Marker = marker("messages", r#"{"role":"omitted","parts":[{"type":"text","content":""#, r#""}]}"#);
const PARTS: Marker = marker("parts", r#"{"type":"text","content":""#, r#""}"#);
const TOOLS: Marker = marker("tools", r#"{"type":"omitted","name":""#, r#""}"#);
const DOCUMENTS: Marker = marker("documents", r#"{"content":""#, r#""}"#);
const RECORDS: Marker = marker("records", r#"{"content":""#, r#""}"#);
const ITEMS: Marker = marker("items", r#"""#, r#"""#);
const OBJECTS: Marker = marker("items", r#"{"omitted":""#, r#""}"#);
const MEMBERS_LEFT_OUT: Marker = marker("members", r#""…":""#, r#"""#);
const OBJECT_MEMBERS: Marker = marker("members", r#""…":{"omitted":""#, r#""}"#);

impl Marker {
    /// That `count` are left out, which had `bytes` together.
    pub(super) fn words(self, count: usize, bytes: usize) -> String {
        let Self { noun, before, after } = self;
        format!("{before}[{count} {noun} omitted, {bytes} bytes]{after}")
    }

    /// That some are left out, where there is no room for words.
    pub(super) fn short(self) -> String {
        format!("{}…{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_listed_once() {
        for (at, row) in MEMBERS.iter().enumerate() {
            let twins = MEMBERS.iter().filter(|twin| twin.of == row.of && twin.key == row.key).count();
            assert_eq!(twins, 1, "row {at}, {}", row.key);
        }
    }
}
