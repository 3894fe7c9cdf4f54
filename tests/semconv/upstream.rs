//! Our registry against the upstream model, if `SEMCONV_MODEL` names a directory that holds it.

use crate::prose::sentences;
use crate::registry::{AttributeDef, Level, Registry, Type};
use crate::resolve::Row;
use crate::semconv;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Files without a counterpart upstream: the core conventions live in another repository, `agentic` is ours.
const OURS_ALONE: &[&str] = &["agentic", "core"];

/// The upstream model and the part of ours that follows it.
fn both() -> Option<(Registry, Registry)> {
    let Some(model) = env::var_os("SEMCONV_MODEL").map(PathBuf::from) else {
        // Not `eprintln!`: the harness swallows what a passing test prints with the macros.
        let notice = "SKIPPED: SEMCONV_MODEL names no directory with the upstream model\n";
        io::stderr().write_all(notice.as_bytes()).unwrap();
        return None;
    };
    let ours = Registry::load(&semconv(), |stem| !OURS_ALONE.contains(&stem));
    Some((ours, Registry::load(&model, |_| true)))
}

#[test]
fn the_registry_says_what_upstream_says() {
    let Some((ours, theirs)) = both() else { return };
    let (ours, theirs) = (facts(&ours), facts(&theirs));
    let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let differing = names.into_iter().filter(|n| ours.get(*n) != theirs.get(*n));
    let differences: Vec<_> =
        differing.map(|n| format!("{n}\n  ours:     {:?}\n  upstream: {:?}", ours.get(n), theirs.get(n))).collect();
    assert!(differences.is_empty(), "{}\n{} differences", differences.join("\n"), differences.len());
}

#[test]
fn the_registry_says_it_in_its_own_words() {
    let Some((ours, theirs)) = both() else { return };
    let (ours, theirs) = (sentences(&ours), sentences(&theirs));
    let copied: Vec<_> = ours.intersection(&theirs).collect();
    assert!(copied.is_empty(), "in upstream's words, say it in your own: {copied:#?}");
}

#[test]
fn the_schemas_are_those_of_upstream() {
    let Some(model) = env::var_os("SEMCONV_MODEL").map(PathBuf::from) else { return };
    let theirs = schemas(&model.join("gen-ai"));
    assert!(!theirs.is_empty());
    assert!(schemas(&semconv().join("schemas")) == theirs, "copy upstream's schemas to semconv/schemas");
}

/// Names and texts of the JSON files in a directory.
fn schemas(dir: &Path) -> BTreeMap<OsString, String> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let schemas = files.filter(|file| file.extension().is_some_and(|extension| extension == "json"));
    schemas.map(|file| (file.file_name().unwrap().to_owned(), fs::read_to_string(&file).unwrap())).collect()
}

/// Everything a registry states that is not prose: name and fact.
fn facts(r: &Registry) -> BTreeMap<String, String> {
    let mut facts: BTreeMap<_, _> = r.attributes.iter().map(attribute).collect();
    facts.extend(signals(r));
    facts.extend(refinements_entities_and_groups(r));
    facts.extend(levels(r));
    facts
}

fn attribute(a: &AttributeDef) -> (String, String) {
    let value_type = match &a.value_type {
        Type::Named(name) => name.clone(),
        Type::Enum { members } => {
            let members = members.iter().map(|m| format!("{}={} {}", m.id, m.value, m.stability));
            format!("enum of {:?}", members.collect::<BTreeSet<_>>())
        }
    };
    let schema = a.annotations.shape.as_ref().map(|s| &s.json_schema);
    (format!("attribute {}", a.key), format!("{value_type} {} {schema:?}", a.stability))
}

fn signals(r: &Registry) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for s in &r.spans {
        let fact = format!("{} {:?} {:?}", s.kind, s.requirement_level, s.entity_associations);
        all.push((format!("span {}", s.id), format!("{fact} {}", s.stability)));
    }
    for m in &r.metrics {
        let number = m.annotations.code_generation.metric_value_type.as_deref();
        let fact = format!("{} {} {number:?} {:?}", m.instrument, m.unit, m.requirement_level);
        all.push((format!("metric {}", m.name), format!("{fact} {}", m.stability)));
    }
    for e in &r.events {
        all.push((format!("event {}", e.name), format!("{:?} {}", e.requirement_level, e.stability)));
    }
    all
}

fn refinements_entities_and_groups(r: &Registry) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for s in r.span_refinements.iter().chain(&r.metric_refinements) {
        all.push((format!("refinement {}", s.id), format!("{} {}", s.of, s.stability)));
    }
    for e in &r.entities {
        let identity: Vec<_> = r.table(&e.identity).into_keys().collect();
        all.push((format!("entity {}", e.id), format!("{identity:?} {}", e.stability)));
    }
    all.extend(r.attribute_groups.iter().map(|g| (format!("group {}", g.id), g.visibility.clone())));
    all
}

fn levels(r: &Registry) -> Vec<(String, String)> {
    let lists = r.lists().into_iter().map(|(owner, items)| (owner, r.table(items)));
    let refinements = r.span_refinements.iter().chain(&r.metric_refinements);
    // After the lists, so that inherited levels take the place of the default.
    let all = lists.chain(refinements.map(|s| (&*s.id, r.refined(s))));
    let rows = all.flat_map(|(owner, table)| table.into_iter().map(move |row| (owner, row)));
    rows.map(|(owner, (key, row))| (format!("{key} on {owner}"), level(&row))).collect()
}

/// The level without its condition, which is prose.
fn level(row: &Row) -> String {
    let level = match &row.level {
        Level::Named(level) => level.clone(),
        Level::If(map) => format!("{:?} under a condition", map.keys().collect::<Vec<_>>()),
    };
    let sampling = if row.sampling_relevant { ", relevant for sampling" } else { "" };
    format!("{level}{sampling}")
}
