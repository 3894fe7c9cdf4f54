//! From references and groups to one flat table of attributes.

use crate::registry::{AttributeRef, Item, Level, Refinement, Registry};
use std::collections::BTreeMap;

/// Attributes of a span, metric or event by key.
pub(crate) type Table = BTreeMap<String, Row>;

/// How much an attribute is wanted.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) level: Level,
    pub(crate) sampling_relevant: bool,
}

impl Registry {
    /// All attributes of a span, metric or event, its groups included.
    ///
    /// A later reference overrides an earlier one; what it leaves out stays as it is.
    pub(crate) fn table(&self, items: &[Item]) -> Table {
        self.overlay(Table::new(), items)
    }

    fn overlay(&self, mut table: Table, items: &[Item]) -> Table {
        for item in items {
            match item {
                Item::Group { ref_group } => table.extend(self.table(self.group(ref_group))),
                Item::Attribute(r) => {
                    let row = merged(r, table.get(&r.key));
                    table.insert(r.key.clone(), row);
                }
            }
        }
        table
    }

    /// Every list of attributes with the name of its owner.
    pub(crate) fn lists(&self) -> Vec<(&str, &[Item])> {
        let mut all: Vec<(&str, &[Item])> = Vec::new();
        all.extend(self.attribute_groups.iter().map(|g| (&*g.id, &*g.attributes)));
        all.extend(self.entities.iter().map(|e| (&*e.id, &*e.identity)));
        all.extend(self.entities.iter().map(|e| (&*e.id, &*e.description)));
        all.extend(self.spans.iter().map(|s| (&*s.id, &*s.attributes)));
        all.extend(self.span_refinements.iter().map(|s| (&*s.id, &*s.attributes)));
        all.extend(self.metrics.iter().map(|m| (&*m.name, &*m.attributes)));
        all.extend(self.metric_refinements.iter().map(|m| (&*m.id, &*m.attributes)));
        all.extend(self.events.iter().map(|e| (&*e.name, &*e.attributes)));
        all
    }

    /// The attributes a refinement names; what it leaves out about them is as on the span or metric it refines.
    pub(crate) fn refined(&self, refinement: &Refinement) -> Table {
        let named = self.table(&refinement.attributes);
        let base = self.table(self.refined_items(&refinement.of));
        let mut table = self.overlay(base, &refinement.attributes);
        table.retain(|key, _| named.contains_key(key));
        table
    }

    fn refined_items(&self, name: &str) -> &[Item] {
        let span = self.spans.iter().find(|s| s.id == name).map(|s| &s.attributes);
        let metric = || self.metrics.iter().find(|m| m.name == name).map(|m| &m.attributes);
        span.or_else(metric).unwrap_or_else(|| panic!("nothing is named {name:?}, refine something that exists"))
    }

    fn group(&self, id: &str) -> &[Item] {
        if let Some(span) = id.strip_prefix("span.") {
            return self.refined_items(span);
        }
        let group = self.attribute_groups.iter().find(|g| g.id == id);
        &group.unwrap_or_else(|| panic!("no group {id:?}, mend the ref_group")).attributes
    }
}

fn merged(r: &AttributeRef, before: Option<&Row>) -> Row {
    let recommended = || Level::Named("recommended".into());
    let inherited = || before.map_or_else(recommended, |b| b.level.clone());
    Row {
        level: r.requirement_level.clone().unwrap_or_else(inherited),
        sampling_relevant: r.sampling_relevant || before.is_some_and(|b| b.sampling_relevant),
    }
}
