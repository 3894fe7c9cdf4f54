//! What a search brought: documents of a retrieval, records of a memory.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A document that was retrieved (`gen_ai.retrieval.documents`): its identifier, how well it fits, and what else is
/// known of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Document {
    /// The document `id`.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..Self::default() }
    }

    /// How well it fits; the scale is the search's own. Not given by default.
    #[must_use]
    pub fn score(mut self, score: f64) -> Self {
        self.score = score.is_finite().then_some(score);
        self
    }

    /// Its text, as the field `content`. Not given by default.
    #[must_use]
    pub fn content(self, text: impl Into<String>) -> Self {
        self.field("content", text.into())
    }

    /// A field that the schema does not name; those it names have setters of their own, and are left as they are.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let name = name.into();
        // These have setters of their own; a key must not be there twice.
        if !matches!(name.as_str(), "id" | "score") {
            self.others.insert(name, value.into());
        }
        self
    }

    /// Its identifier.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The fields that the schema does not name, to change them.
    pub fn fields_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.others
    }
}

/// A record of a memory (`gen_ai.memory.records`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemoryRecord {
    content: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

impl MemoryRecord {
    /// A record that holds `content`: text or any JSON.
    pub fn new(content: impl Into<Value>) -> Self {
        Self { content: content.into(), id: None, score: None, metadata: None }
    }

    /// Its identifier. Not given by default.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// How well it fits; the scale is the memory's own. Not given by default.
    #[must_use]
    pub fn score(mut self, score: f64) -> Self {
        self.score = score.is_finite().then_some(score);
        self
    }

    /// One more piece of metadata. None by default.
    #[must_use]
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.get_or_insert_with(Map::new).insert(name.into(), value.into());
        self
    }

    /// What it holds.
    pub fn content(&self) -> &Value {
        &self.content
    }

    pub(crate) fn texts_mut(&mut self) -> (&mut Value, Option<&mut Map<String, Value>>) {
        (&mut self.content, self.metadata.as_mut())
    }

    /// What it holds, to change it.
    pub fn content_mut(&mut self) -> &mut Value {
        &mut self.content
    }
}
