//! Rules that our registry keeps, whatever upstream does.

use crate::registry::{self, Item, Level, Manifest, Registry, Type};
use crate::semconv;
use serde_yaml_ng::Value;
use std::collections::HashSet;
use std::fs;

fn ours() -> Registry {
    Registry::load(&semconv(), |_| true)
}

fn assert_rising(what: &str, names: &[&str]) {
    for pair in names.windows(2) {
        assert!(pair[0] < pair[1], "{what}: {:?} stands before {:?}, sort and keep each once", pair[0], pair[1]);
    }
}

#[test]
fn every_reference_resolves() {
    let r = ours();
    for (owner, items) in r.lists() {
        for key in r.table(items).keys() {
            assert!(r.attribute(key).is_some(), "{owner}: no attribute {key:?}");
        }
    }
    for refinement in r.span_refinements.iter().chain(&r.metric_refinements) {
        assert!(!r.refined(refinement).is_empty(), "{}: refines nothing", refinement.id);
    }
    for span in &r.spans {
        for entity in &span.entity_associations {
            assert!(r.entities.iter().any(|e| e.id == *entity), "{}: no entity {entity:?}", span.id);
        }
    }
}

/// The names a registry defines, by what they name.
fn names(r: &Registry) -> [(&'static str, Vec<&str>); 6] {
    let refinements = r.span_refinements.iter().chain(&r.metric_refinements);
    [
        ("attribute", r.attributes.iter().map(|a| &*a.key).collect()),
        ("group", r.attribute_groups.iter().map(|g| &*g.id).collect()),
        ("span", r.spans.iter().map(|s| &*s.id).collect()),
        ("refinement", refinements.map(|s| &*s.id).collect()),
        ("metric", r.metrics.iter().map(|m| &*m.name).collect()),
        ("event", r.events.iter().map(|e| &*e.name).collect()),
    ]
}

#[test]
fn every_file_is_sorted() {
    for path in registry::files(&semconv()).iter().filter(|p| !p.ends_with("manifest.yaml")) {
        let file: Registry = registry::read(path);
        assert_eq!(file.file_format, "definition/2", "{path:?}");
        for (what, mut names) in names(&file) {
            if what == "refinement" {
                // Those of spans and of metrics are two lists.
                let (spans, metrics) = names.split_at_mut(file.span_refinements.len());
                assert_rising(&format!("{path:?}"), spans);
                names = metrics.to_vec();
            }
            assert_rising(&format!("{path:?}"), &names);
        }
    }
}

#[test]
fn no_name_is_defined_in_two_files() {
    for (what, mut names) in names(&ours()) {
        names.sort_unstable();
        assert_rising(what, &names);
    }
}

/// Groups come first, as they may be overridden by what follows; the rest is sorted and named once.
#[test]
fn every_attribute_list_is_sorted() {
    let r = ours();
    for (owner, items) in r.lists() {
        let is_group = |i: &Item| matches!(i, Item::Group { .. });
        let split = items.iter().position(|i| !is_group(i)).unwrap_or(items.len());
        let names: Vec<_> = items
            .iter()
            .map(|i| match i {
                Item::Group { ref_group } => &**ref_group,
                Item::Attribute(a) => &*a.key,
            })
            .collect();
        assert!(!items[split..].iter().any(is_group), "{owner}: put groups before attributes");
        assert_rising(owner, &names[..split]);
        assert_rising(owner, &names[split..]);
    }
}

#[test]
fn opt_in_text_is_content() {
    let r = ours();
    let spans = r.spans.iter().map(|s| r.table(&s.attributes));
    let refined = r.span_refinements.iter().map(|s| r.refined(s));
    let events = r.events.iter().map(|e| r.table(&e.attributes));
    let mut checked = 0;
    for (key, row) in spans.chain(refined).chain(events).flatten() {
        let a = r.attribute(&key).unwrap();
        let text = matches!(&a.value_type, Type::Named(t) if t.contains("string") || t == "any");
        if text && matches!(&row.level, Level::Named(l) if l == "opt_in") {
            assert!(a.annotations.tracing_genai.content, "{key}: opt-in text, mark it as content");
            checked += 1;
        }
    }
    assert!(checked > 20, "only {checked} opt-in attributes found");
}

#[test]
fn structured_values_are_content() {
    for a in &ours().attributes {
        if matches!(&a.value_type, Type::Named(t) if t == "any") {
            assert!(a.annotations.tracing_genai.content, "{}: of type any, mark it as content", a.key);
        }
    }
}

#[test]
fn enum_members_are_unique() {
    for a in &ours().attributes {
        if let Type::Enum { members } = &a.value_type {
            let ids: HashSet<_> = members.iter().map(|m| &m.id).collect();
            let values: HashSet<_> = members.iter().map(|m| &m.value).collect();
            assert_eq!((ids.len(), values.len()), (members.len(), members.len()), "{}", a.key);
            assert!(members.iter().all(|m| m.text.brief.is_some()), "{}: a member has no brief", a.key);
        }
    }
}

/// Weaver refuses examples of another type than the attribute's.
#[test]
fn examples_have_the_attributes_type() {
    let r = ours();
    let of_attributes = r.attributes.iter().map(|a| (&a.key, a.examples.as_ref()));
    let items = r.lists().into_iter().flat_map(|(_, items)| items);
    let of_references = items.filter_map(|i| match i {
        Item::Attribute(a) => Some((&a.key, a.examples.as_ref())),
        Item::Group { .. } => None,
    });
    for (key, examples) in of_attributes.chain(of_references) {
        let Some(Value::Sequence(values)) = examples else {
            continue;
        };
        let value_type = match &r.attribute(key).unwrap().value_type {
            Type::Named(name) => name.trim_start_matches("template[").trim_end_matches("]"),
            Type::Enum { .. } => "string",
        };
        for value in values {
            let fits = match value_type {
                "int" => value.is_i64(),
                "double" => value.is_f64(),
                "string[" => value.is_sequence(),
                _ => value.is_string(),
            };
            assert!(fits, "{key}: example {value:?} is no {value_type}");
        }
    }
}

#[test]
fn histograms_have_rising_buckets_and_nothing_else_has_any() {
    for m in &ours().metrics {
        let buckets = &m.annotations.tracing_genai.buckets;
        assert_eq!(m.instrument == "histogram", !buckets.is_empty(), "{}", m.name);
        assert!(buckets.windows(2).all(|w| w[0] < w[1]), "{}: {buckets:?}", m.name);
    }
}

#[test]
fn the_readme_names_the_pinned_state() {
    let manifest: Manifest = registry::read(&semconv().join("manifest.yaml"));
    let readme = fs::read_to_string(semconv().join("README.md")).unwrap();
    let pinned = manifest.pinned;
    for text in [pinned.repository, pinned.commit, pinned.date] {
        assert!(readme.contains(&text), "semconv/README.md does not name {text:?} of manifest.yaml");
    }
}
