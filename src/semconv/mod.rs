//! Keys, values and tables of the GenAI conventions, generated from `semconv/*.yaml`.
//!
//! ```
//! use tracing_genai::semconv::{self, attr, value};
//!
//! assert_eq!(attr::GEN_AI_OPERATION_NAME, "gen_ai.operation.name");
//! assert_eq!(value::gen_ai_operation_name::CHAT, "chat");
//!
//! let key = "gen_ai.input.messages";
//! assert!(semconv::attribute(key).is_some_and(|attribute| attribute.content));
//! ```
//!
//! The convention is in development and has neither releases nor a schema URL: [`PINNED`] is the state these tables
//! follow. What the convention does not define has keys that begin with `agentic.`.

// Skipped by rustfmt: one row a line is what makes a table's diff readable.
#[rustfmt::skip]
mod attributes;
#[rustfmt::skip]
mod events;
#[rustfmt::skip]
mod metrics;
#[rustfmt::skip]
mod spans;
#[rustfmt::skip]
mod values;

pub use attributes::{ATTRIBUTES, PINNED, attr};
pub use events::EVENTS;
pub use metrics::{METRIC_REFINEMENTS, METRICS};
pub use spans::{REFINEMENTS, SPANS};

/// Known values of the enum attributes: one module an attribute, one constant a value.
///
/// Apart from `gen_ai.token.modality`, other values are allowed too.
pub mod value {
    pub use super::values::*;
}

/// Type of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueType {
    /// `boolean`.
    Bool,
    /// `int`: signed, 64 bits.
    Int,
    /// `double`: 64 bits.
    Double,
    /// `string`; enum attributes, too.
    String,
    /// `string[]`.
    Strings,
    /// `any`: a structured value, on spans its JSON text.
    Any,
}

/// An attribute of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// Key, such as `gen_ai.request.model`; of a template what stands before the last dot.
    pub key: &'static str,
    /// Type of the value; of a template that of each of its attributes.
    pub value_type: ValueType,
    /// Whether the value holds content (prompts, answers, tool arguments …), which is off by default.
    pub content: bool,
    /// Whether the key is a prefix: `gen_ai.prompt.variable` stands for `gen_ai.prompt.variable.city`.
    pub template: bool,
    /// Known values of an enum attribute, else empty.
    pub values: &'static [&'static str],
}

/// Kind of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanKind {
    /// Work inside the process.
    Internal,
    /// Call of something remote.
    Client,
    /// Answer to something remote.
    Server,
}

/// How much an attribute is wanted on a span, metric or event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// Always.
    Required,
    /// Under the condition in words.
    ConditionallyRequired(&'static str),
    /// Where it can be had.
    Recommended,
    /// Where it can be had, under the condition in words.
    RecommendedIf(&'static str),
    /// Only if the user asks for it.
    OptIn,
}

/// One attribute of a span, metric or event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Requirement {
    /// Key of the attribute.
    pub key: &'static str,
    /// How much it is wanted.
    pub level: Level,
    /// Whether it should be set when the span starts, so that samplers see it.
    pub sampling_relevant: bool,
}

/// A span type of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanType {
    /// Id within the registry, such as `gen_ai.client.inference`; never exported.
    pub id: &'static str,
    /// Kind of the span.
    pub kind: SpanKind,
    /// Its attributes, sorted by key.
    pub attributes: &'static [Requirement],
}

/// What a provider or a special case changes on a span type or metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refinement {
    /// Id within the registry, such as `openai.gen_ai.client.inference`; never exported.
    pub id: &'static str,
    /// Id of the span type, or name of the metric, that is refined.
    pub of: &'static str,
    /// Attributes added or changed, sorted by key; all others stay as they are on `of`.
    pub attributes: &'static [Requirement],
}

/// Instrument of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Instrument {
    /// A sum that only grows.
    Counter,
    /// A distribution.
    Histogram,
    /// A sum that grows and shrinks.
    UpDownCounter,
    /// A value at a time.
    Gauge,
}

/// A metric of the registry.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// Name, such as `gen_ai.client.inference.duration`.
    pub name: &'static str,
    /// What it measures, in a sentence.
    pub brief: &'static str,
    /// Unit, in UCUM notation: `s`, `{token}` …
    pub unit: &'static str,
    /// Instrument.
    pub instrument: Instrument,
    /// Whether values are integers, else doubles.
    pub integer: bool,
    /// Bucket boundaries that the convention advises, rising, in `unit`; empty for other instruments than histograms.
    pub buckets: &'static [f64],
    /// Its attributes, sorted by key.
    pub attributes: &'static [Requirement],
}

/// An event of the registry, exported as a log record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Name, such as `gen_ai.evaluation.result`.
    pub name: &'static str,
    /// Severity number of the log record (5 is DEBUG, 13 is WARN), if the convention sets one.
    pub severity: Option<u8>,
    /// Its attributes, sorted by key.
    pub attributes: &'static [Requirement],
}

/// The attribute of that key, a template's attributes included; `None` if the registry has none.
#[must_use]
pub fn attribute(key: &str) -> Option<&'static Attribute> {
    let find = |key: &str| {
        let index = ATTRIBUTES.binary_search_by(|a| a.key.cmp(key)).ok()?;
        ATTRIBUTES.get(index)
    };
    // A variable's name may hold dots itself, hence every prefix and not the longest alone.
    let prefixes = std::iter::successors(key.rsplit_once('.'), |(rest, _)| rest.rsplit_once('.'));
    let template = || prefixes.filter_map(|(prefix, _)| find(prefix)).find(|a| a.template);
    find(key).or_else(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_by_key() {
        for a in ATTRIBUTES {
            assert_eq!(attribute(a.key), Some(a));
        }
        assert_eq!(attribute("gen_ai.request"), None);
        assert_eq!(attribute("gen_ai.request.model.name"), None);
        assert_eq!(attribute(""), None);
    }

    #[test]
    fn a_template_answers_for_its_attributes() {
        for key in ["gen_ai.prompt.variable.city", "gen_ai.prompt.variable.a.b"] {
            let found = attribute(key).unwrap();
            assert_eq!(found.key, attr::GEN_AI_PROMPT_VARIABLE);
            assert!(found.template && found.content);
        }
        assert_eq!(attribute("gen_ai.prompt.variables"), None);
    }

    #[test]
    fn enum_values_are_listed() {
        let output = attribute(attr::GEN_AI_OUTPUT_TYPE).unwrap();
        assert_eq!(
            output.values,
            [
                value::gen_ai_output_type::TEXT,
                value::gen_ai_output_type::JSON,
                value::gen_ai_output_type::IMAGE,
                value::gen_ai_output_type::SPEECH
            ]
        );
        assert_eq!(output.value_type, ValueType::String);
    }
}
