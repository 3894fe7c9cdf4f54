//! From the registry to `src/semconv/*.rs`, as text.

use crate::registry::{AttributeDef, Level, Manifest, Member, Refinement, Registry, Type};
use crate::resolve::Table;

const HEADER: &str = "\
// Generated from `semconv/*.yaml` by `UPDATE_SEMCONV=1 cargo test --test semconv`; not for editing.

";

/// The generated files by name.
pub(crate) fn render(registry: &Registry, manifest: &Manifest) -> Vec<(&'static str, String)> {
    let keys = keys(&registry.attributes);
    let table = attributes(&registry.attributes);
    vec![
        ("attributes.rs", format!("{HEADER}{}{keys}{table}", pinned(manifest))),
        ("values.rs", format!("{HEADER}{}", values(&registry.attributes))),
        ("spans.rs", format!("{HEADER}{}", spans(registry))),
        ("metrics.rs", format!("{HEADER}{}", metrics(registry))),
        ("events.rs", format!("{HEADER}{}", events(registry))),
    ]
}

fn pinned(manifest: &Manifest) -> String {
    let (repository, date) = (&manifest.pinned.repository, &manifest.pinned.date);
    let commit = &manifest.pinned.commit;
    let doc = format!("/// Commit of <{repository}> that the tables follow, of {date}.");
    format!("use super::{{Attribute, ValueType}};\n\n{doc}\npub const PINNED: &str = {commit:?};\n\n")
}

fn keys(all: &[AttributeDef]) -> String {
    let mut out = "/// Attribute keys, one constant each.\npub mod attr {\n".to_string();
    for a in all {
        let class = if content(a) { "; content" } else { "" };
        let text = format!("{}\n\nType `{}`{class}.", a.text.sentence(), type_name(a));
        let (name, key) = (upper(&a.key), &a.key);
        out += &format!("{}    pub const {name}: &str = {key:?};\n", doc(&text));
    }
    out + "}\n\n"
}

fn attributes(all: &[AttributeDef]) -> String {
    let mut out = "/// Every attribute of the registry, sorted by key.\n".to_string();
    out += "pub const ATTRIBUTES: &[Attribute] = &[\n";
    for a in all {
        let values: Vec<_> = members(a).iter().map(|m| &m.value).collect();
        let (key, value_type, content) = (&a.key, value_type(a), content(a));
        let template = type_name(a).starts_with("template[");
        out += &format!("    Attribute {{ key: {key:?}, value_type: ValueType::{value_type}, ");
        out += &format!("content: {content}, template: {template}, values: &{values:?} }},\n");
    }
    out + "];\n"
}

fn values(all: &[AttributeDef]) -> String {
    let mut modules = Vec::new();
    for a in all.iter().filter(|a| !members(a).is_empty()) {
        let (key, name) = (&a.key, upper(&a.key).to_lowercase());
        let mut out = format!("/// Known values of `{key}`.\npub mod {name} {{\n");
        for m in members(a) {
            let (name, value) = (upper(&m.id), &m.value);
            let doc = doc(&m.text.sentence());
            out += &format!("{doc}    pub const {name}: &str = {value:?};\n");
        }
        modules.push(out + "}\n");
    }
    modules.join("\n")
}

fn spans(registry: &Registry) -> String {
    let mut out = "use super::{Level, Refinement, Requirement, SpanKind, SpanType};\n\n".to_string();
    out += "/// Every span type of the registry, sorted by id.\n";
    out += "pub const SPANS: &[SpanType] = &[\n";
    for s in &registry.spans {
        let (id, kind, rows) = (&s.id, capital(&s.kind), rows(&registry.table(&s.attributes)));
        out += &format!("    SpanType {{ id: {id:?}, kind: SpanKind::{kind}, attributes: {rows} }},\n");
    }
    out += "];\n\n/// Every refinement of a span type, sorted by id.\n";
    out += "pub const REFINEMENTS: &[Refinement] = &[\n";
    out + &refinements(registry, &registry.span_refinements) + "];\n"
}

fn metrics(registry: &Registry) -> String {
    let mut out = "use super::{Instrument, Level, Metric, Refinement, Requirement};\n\n".to_string();
    out += "/// Every metric of the registry, sorted by name.\n";
    out += "pub const METRICS: &[Metric] = &[\n";
    for m in &registry.metrics {
        let instrument = match m.instrument.as_str() {
            "updowncounter" => "UpDownCounter".to_string(),
            other => capital(other),
        };
        let integer = m.annotations.code_generation.metric_value_type.as_deref() == Some("int");
        let (name, unit, buckets) = (&m.name, &m.unit, &m.annotations.tracing_genai.buckets);
        let rows = rows(&registry.table(&m.attributes));
        let brief = m.text.brief.as_deref().unwrap_or_default();
        out += &format!("    Metric {{ name: {name:?}, brief: {brief:?}, unit: {unit:?}, ");
        out += &format!("instrument: Instrument::{instrument}, integer: {integer}, ");
        out += &format!("buckets: &{buckets:?}, attributes: {rows} }},\n");
    }
    out += "];\n\n/// Every refinement of a metric, sorted by id.\n";
    out += "pub const METRIC_REFINEMENTS: &[Refinement] = &[\n";
    out + &refinements(registry, &registry.metric_refinements) + "];\n"
}

fn events(registry: &Registry) -> String {
    let mut out = "use super::{Event, Level, Requirement};\n\n".to_string();
    out += "/// Every event of the registry, sorted by name.\n";
    out += "pub const EVENTS: &[Event] = &[\n";
    for e in &registry.events {
        let (name, severity) = (&e.name, e.annotations.tracing_genai.severity);
        let rows = rows(&registry.table(&e.attributes));
        out += &format!("    Event {{ name: {name:?}, severity: {severity:?}, attributes: {rows} }},\n");
    }
    out + "];\n"
}

fn refinements(registry: &Registry, all: &[Refinement]) -> String {
    let row = |r: &Refinement| {
        let (id, of, rows) = (&r.id, &r.of, rows(&registry.refined(r)));
        format!("    Refinement {{ id: {id:?}, of: {of:?}, attributes: {rows} }},\n")
    };
    all.iter().map(row).collect()
}

fn rows(table: &Table) -> String {
    let mut out = "&[\n".to_string();
    for (key, row) in table {
        let (level, sampling) = (level(&row.level), row.sampling_relevant);
        out += &format!("        Requirement {{ key: {key:?}, level: Level::{level}, ");
        out += &format!("sampling_relevant: {sampling} }},\n");
    }
    out + "    ]"
}

fn content(a: &AttributeDef) -> bool {
    a.annotations.tracing_genai.content
}

fn level(level: &Level) -> String {
    let (word, condition) = match level {
        Level::Named(word) => (word.as_str(), None),
        Level::If(map) => map.iter().map(|(k, v)| (k.as_str(), Some(v))).next().unwrap(),
    };
    match (word, condition) {
        ("required", None) => "Required".into(),
        ("recommended", None) => "Recommended".into(),
        ("opt_in", None) => "OptIn".into(),
        ("conditionally_required", Some(c)) => format!("ConditionallyRequired({c:?})"),
        ("recommended", Some(c)) => format!("RecommendedIf({c:?})"),
        other => panic!("unknown requirement level {other:?}, use one of the convention"),
    }
}

fn value_type(a: &AttributeDef) -> &'static str {
    let name = type_name(a);
    match name.strip_prefix("template[").and_then(|t| t.strip_suffix(']')).unwrap_or(name) {
        "string" => "String",
        "int" => "Int",
        "double" => "Double",
        "boolean" => "Bool",
        "string[]" => "Strings",
        "any" => "Any",
        other => panic!("{}: no ValueType for {other:?}, add one to src/semconv/mod.rs", a.key),
    }
}

fn type_name(a: &AttributeDef) -> &str {
    match &a.value_type {
        Type::Named(name) => name,
        Type::Enum { .. } => "string",
    }
}

fn members(a: &AttributeDef) -> &[Member] {
    match &a.value_type {
        Type::Named(_) => &[],
        Type::Enum { members } => members,
    }
}

fn doc(text: &str) -> String {
    let line = |l: &str| format!("    /// {l}").trim_end().to_string() + "\n";
    text.lines().map(line).collect()
}

fn upper(name: &str) -> String {
    name.replace(['.', '-'], "_").to_uppercase()
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}
