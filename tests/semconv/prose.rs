//! Our words against upstream's.

use crate::registry::{Item, Level, Registry, Text, Type};
use std::collections::BTreeSet;

/// Shorter ones are names and set phrases, which two authors hit on alike.
const WORDS_OF_A_SENTENCE: usize = 5;

/// Every sentence of a registry, without case and punctuation.
pub(crate) fn sentences(r: &Registry) -> BTreeSet<String> {
    let texts = texts(r).into_iter().flat_map(|t| [&t.brief, &t.note]).flatten();
    let prose = texts.chain(names(r)).chain(conditions(r));
    let sentences = prose.flat_map(|p| p.split(['.', ';', '\n'])).map(plain);
    sentences.filter(|s| s.split(' ').count() >= WORDS_OF_A_SENTENCE).collect()
}

fn texts(r: &Registry) -> Vec<&Text> {
    let mut all: Vec<&Text> = r.attributes.iter().map(|a| &a.text).collect();
    for a in &r.attributes {
        if let Type::Enum { members } = &a.value_type {
            all.extend(members.iter().map(|m| &m.text));
        }
    }
    all.extend(r.spans.iter().map(|s| &s.text));
    all.extend(r.span_refinements.iter().map(|s| &s.text));
    all.extend(r.metrics.iter().map(|m| &m.text));
    all.extend(r.metric_refinements.iter().map(|m| &m.text));
    all.extend(r.events.iter().map(|e| &e.text));
    all.extend(r.entities.iter().map(|e| &e.text));
    for (_, items) in r.lists() {
        all.extend(items.iter().filter_map(|i| match i {
            Item::Attribute(a) => Some(&a.text),
            Item::Group { .. } => None,
        }));
    }
    all
}

fn names(r: &Registry) -> impl Iterator<Item = &String> {
    let refined = r.span_refinements.iter().filter_map(|s| s.name.as_ref());
    r.spans.iter().map(|s| &s.name).chain(refined).map(|n| &n.note)
}

fn conditions(r: &Registry) -> impl Iterator<Item = &String> {
    let items = r.lists().into_iter().flat_map(|(_, items)| items);
    let levels = items.filter_map(|i| match i {
        Item::Attribute(a) => a.requirement_level.as_ref(),
        Item::Group { .. } => None,
    });
    levels.flat_map(|l| match l {
        Level::If(conditions) => conditions.values().collect(),
        Level::Named(_) => Vec::new(),
    })
}

fn plain(sentence: &str) -> String {
    let words = sentence.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}
