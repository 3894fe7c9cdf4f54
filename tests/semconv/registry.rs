//! The registry files as Rust types: the part of Weaver's `definition/2` format that is in use here and upstream.
//!
//! Unknown fields are refused, so that a misspelt or a new upstream field is seen and not passed over.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml_ng::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One registry: the content of its files, laid together.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Registry {
    pub(crate) file_format: String,
    pub(crate) attributes: Vec<AttributeDef>,
    pub(crate) entities: Vec<Entity>,
    pub(crate) attribute_groups: Vec<Group>,
    pub(crate) spans: Vec<Span>,
    pub(crate) span_refinements: Vec<Refinement>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) metric_refinements: Vec<Refinement>,
    pub(crate) events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeDef {
    pub(crate) key: String,
    #[serde(rename = "type")]
    pub(crate) value_type: Type,
    #[serde(flatten)]
    pub(crate) text: Text,
    pub(crate) examples: Option<Value>,
    pub(crate) stability: String,
    #[serde(default)]
    pub(crate) annotations: Annotations,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Type {
    Named(String),
    Enum { members: Vec<Member> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) value: String,
    pub(crate) stability: String,
    #[serde(flatten)]
    pub(crate) text: Text,
}

/// What is written for people.
#[derive(Default, Deserialize)]
pub(crate) struct Text {
    pub(crate) brief: Option<String>,
    pub(crate) note: Option<String>,
}

impl Text {
    /// Brief and note as one line.
    pub(crate) fn sentence(&self) -> String {
        let parts = [self.brief.as_deref(), self.note.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Annotations {
    #[serde(rename = "type")]
    pub(crate) shape: Option<Shape>,
    pub(crate) code_generation: CodeGeneration,
    pub(crate) tracing_genai: Own,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    pub(crate) json_schema: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CodeGeneration {
    pub(crate) metric_value_type: Option<String>,
}

/// The annotations of this crate; `README.md` beside the registry says what they mean.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Own {
    pub(crate) content: bool,
    pub(crate) buckets: Vec<f64>,
    pub(crate) severity: Option<u8>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Item {
    Group { ref_group: String },
    Attribute(AttributeRef),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributeRef {
    #[serde(rename = "ref")]
    pub(crate) key: String,
    pub(crate) requirement_level: Option<Level>,
    #[serde(default)]
    pub(crate) sampling_relevant: bool,
    #[serde(flatten)]
    pub(crate) text: Text,
    pub(crate) examples: Option<Value>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Level {
    Named(String),
    If(BTreeMap<String, String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) visibility: String,
    pub(crate) attributes: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entity {
    #[serde(rename = "type")]
    pub(crate) id: String,
    #[serde(flatten)]
    pub(crate) text: Text,
    pub(crate) stability: String,
    pub(crate) identity: Vec<Item>,
    #[serde(default)]
    pub(crate) description: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    #[serde(rename = "type")]
    pub(crate) id: String,
    pub(crate) requirement_level: Option<String>,
    pub(crate) kind: String,
    pub(crate) name: Name,
    #[serde(flatten)]
    pub(crate) text: Text,
    pub(crate) stability: String,
    #[serde(default)]
    pub(crate) entity_associations: Vec<String>,
    pub(crate) attributes: Vec<Item>,
}

/// How a span is named, in words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Name {
    pub(crate) note: String,
}

/// What a provider or a special case changes on a span or metric.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refinement {
    pub(crate) id: String,
    #[serde(rename = "ref")]
    pub(crate) of: String,
    pub(crate) name: Option<Name>,
    #[serde(flatten)]
    pub(crate) text: Text,
    pub(crate) stability: String,
    pub(crate) attributes: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) requirement_level: Option<String>,
    pub(crate) instrument: String,
    pub(crate) unit: String,
    #[serde(flatten)]
    pub(crate) text: Text,
    pub(crate) stability: String,
    #[serde(default)]
    pub(crate) annotations: Annotations,
    pub(crate) attributes: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) requirement_level: Option<String>,
    #[serde(flatten)]
    pub(crate) text: Text,
    pub(crate) stability: String,
    #[serde(default)]
    pub(crate) annotations: Annotations,
    pub(crate) attributes: Vec<Item>,
}

/// `manifest.yaml` of our registry.
#[derive(Deserialize)]
pub(crate) struct Manifest {
    pub(crate) pinned: Pinned,
}

/// The upstream state that the registry follows.
#[derive(Deserialize)]
pub(crate) struct Pinned {
    pub(crate) repository: String,
    pub(crate) commit: String,
    pub(crate) date: String,
}

impl Registry {
    /// Reads every registry file below `dir` that `wanted` accepts by its stem (`gen-ai-spans`, …); sorted by name.
    pub(crate) fn load(dir: &Path, wanted: impl Fn(&str) -> bool) -> Self {
        let mut all = Self::default();
        for path in files(dir) {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            if stem != "manifest" && wanted(stem) {
                all.extend(read(&path));
            }
        }
        assert!(!all.attributes.is_empty(), "no registry in {dir:?}");
        all.sort();
        all
    }

    fn extend(&mut self, file: Self) {
        self.attributes.extend(file.attributes);
        self.entities.extend(file.entities);
        self.attribute_groups.extend(file.attribute_groups);
        self.spans.extend(file.spans);
        self.span_refinements.extend(file.span_refinements);
        self.metrics.extend(file.metrics);
        self.metric_refinements.extend(file.metric_refinements);
        self.events.extend(file.events);
    }

    fn sort(&mut self) {
        self.attributes.sort_by(|a, b| a.key.cmp(&b.key));
        self.attribute_groups.sort_by(|a, b| a.id.cmp(&b.id));
        self.spans.sort_by(|a, b| a.id.cmp(&b.id));
        self.span_refinements.sort_by(|a, b| a.id.cmp(&b.id));
        self.metrics.sort_by(|a, b| a.name.cmp(&b.name));
        self.metric_refinements.sort_by(|a, b| a.id.cmp(&b.id));
        self.events.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// The attribute of that key.
    pub(crate) fn attribute(&self, key: &str) -> Option<&AttributeDef> {
        self.attributes.iter().find(|a| a.key == key)
    }
}

/// All YAML files below `dir`, sorted by path.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(dir).unwrap_or_else(|e| panic!("cannot list {dir:?}: {e}"));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|x| x == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Reads one YAML file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("cannot read {path:?}: {e}"));
    serde_yaml_ng::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"))
}
