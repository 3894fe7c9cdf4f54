//! The ids and names that flow down the tree.

use std::sync::Arc;

use opentelemetry::Value;

use crate::rules::inherit::{CONVERSATION, COUNT, INHERITED, INHERITED_FIELDS};
use crate::rules::{Activity, FieldId};
use crate::span::attributes::Attributes;

/// One value for each row of [`INHERITED`]; shared, because every span of a run carries the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity([Option<Arc<str>>; COUNT]);

impl Identity {
    /// Keeps the text if `id` flows down the tree; `false` otherwise.
    #[inline]
    pub(crate) fn keep(&mut self, id: FieldId, value: &Value) -> bool {
        match value {
            Value::String(text) if INHERITED_FIELDS.contains(id) => self.put(id, text.as_str()),
            _ => false,
        }
    }

    pub(crate) fn put(&mut self, id: FieldId, text: &str) -> bool {
        let slot = INHERITED.iter().zip(&mut self.0).find(|(inherited, _)| inherited.field == id);
        if let Some((_, slot)) = slot {
            *slot = Some(Arc::from(text));
            return true;
        }
        false
    }

    /// Fills what this span does not say itself from the span above it.
    pub(crate) fn inherit(&mut self, from: &Identity, activity: Activity) {
        for ((inherited, own), above) in INHERITED.iter().zip(&mut self.0).zip(&from.0) {
            if own.is_none() && (inherited.on)(activity) {
                own.clone_from(above);
            }
        }
    }

    /// Writes every value as an attribute.
    pub(crate) fn write(&self, attributes: &mut Attributes) {
        for (inherited, own) in INHERITED.iter().zip(&self.0) {
            if let Some(text) = own {
                attributes.set(inherited.field, Arc::clone(text));
            }
        }
    }

    pub(crate) fn conversation(&self) -> Option<&Arc<str>> {
        self.0.get(CONVERSATION).and_then(Option::as_ref)
    }
}
