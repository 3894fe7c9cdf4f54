//! A tool as the model is told of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A tool that a model may call (`gen_ai.tool.definitions`).
///
/// ```
/// use serde_json::json;
/// use tracing_genai::content::ToolDefinition;
///
/// let search = ToolDefinition::function("search")
///     .description("Searches the web.")
///     .parameters(json!({"type": "object", "properties": {"query": {"type": "string"}}}));
/// # let _ = search;
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolDefinition {
    #[serde(rename = "type")]
    tool_type: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    parameters: Value,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl ToolDefinition {
    /// A function.
    pub fn function(name: impl Into<String>) -> Self {
        Self::new("function", name)
    }

    /// A tool of another type: `web_search`, `code_interpreter`.
    pub fn new(tool_type: impl Into<String>, name: impl Into<String>) -> Self {
        let (tool_type, name) = (tool_type.into(), name.into());
        Self { tool_type, name, description: None, parameters: Value::Null, others: Map::new() }
    }

    /// What the model is told of it. Not given by default.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// JSON schema of its parameters. Not given by default.
    #[must_use]
    pub fn parameters(mut self, schema: impl Into<Value>) -> Self {
        self.parameters = super::part::parsed(schema.into());
        self
    }

    /// A field that the schema does not name; those it names have setters of their own, and are left as they are.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let name = name.into();
        // These have setters of their own; a key must not be there twice.
        if !matches!(name.as_str(), "type" | "name" | "description" | "parameters") {
            self.others.insert(name, value.into());
        }
        self
    }

    /// What may hold text: the description, and the values of all else but type and name.
    pub(crate) fn texts_mut(&mut self) -> (Option<&mut String>, impl Iterator<Item = &mut Value>) {
        let values = std::iter::once(&mut self.parameters).chain(self.others.values_mut());
        (self.description.as_mut(), values)
    }

    /// The tool's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tool's type.
    pub fn tool_type(&self) -> &str {
        &self.tool_type
    }
}
