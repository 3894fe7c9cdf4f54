//! The ids and names that flow down the tree.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::{KeyValue, Value};

use crate::content::Origin;
use crate::rules::FieldId;
use crate::rules::inherit::{AGENT, CONVERSATION, COUNT, FIELDS, INHERITED, RUN};
use crate::rules::operations::Operation;
use crate::span::attributes::Attributes;
use crate::span::limits;

/// One value for each row of [`INHERITED`]; shared, because every span of a run carries the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inherited([Option<Arc<str>>; COUNT]);

impl Inherited {
    /// Keeps the text of `pair` if it flows down the tree, and shares it with the pair.
    #[inline(always)]
    pub(crate) fn keep(&mut self, id: FieldId, pair: &mut KeyValue) {
        if let Some(place) = id.inherited {
            self.share(place, pair);
        }
    }

    fn share(&mut self, place: u8, pair: &mut KeyValue) {
        if let (Value::String(text), Some(slot)) = (&pair.value, self.0.get_mut(usize::from(place))) {
            let text: Arc<str> = Arc::from(text.as_str());
            *slot = Some(Arc::clone(&text));
            pair.value = Value::from(text);
        }
    }

    pub(crate) fn put(&mut self, id: FieldId, text: Arc<str>) {
        if let Some(slot) = id.inherited.and_then(|place| self.0.get_mut(usize::from(place))) {
            *slot = Some(text);
        }
    }

    /// Fills what this span does not say itself from the span above it.
    pub(crate) fn inherit(&mut self, from: &Inherited, operation: &Operation) {
        for ((row, own), above) in INHERITED.iter().zip(&mut self.0).zip(&from.0) {
            if own.is_none() && (row.taken_over)(operation) {
                own.clone_from(above);
            }
        }
    }

    /// Itself within the limits, for what came past the gate; `cut` hears what had to be changed.
    pub(crate) fn within_limits(&self, mut cut: impl FnMut(FieldId)) -> Cow<'_, Self> {
        let longest = |id: FieldId| usize::from(id.longest);
        let is_plain = |(id, text): (FieldId, &Option<Arc<str>>)| match text {
            Some(text) => limits::is_plain(text, longest(id)),
            None => true,
        };
        if FIELDS.into_iter().zip(&self.0).all(is_plain) {
            return Cow::Borrowed(self);
        }
        let mut within = self.clone();
        for (id, slot) in FIELDS.into_iter().zip(&mut within.0) {
            let text = slot.as_deref().map(|text| limits::within(text, longest(id)));
            if let Some(Cow::Owned(text)) = text {
                cut(id);
                *slot = (!text.is_empty()).then(|| Arc::from(text));
            }
        }
        Cow::Owned(within)
    }

    /// Fills what is missing.
    pub(crate) fn fill(&mut self, from: &Inherited) {
        for (own, from) in self.0.iter_mut().zip(&from.0).filter(|(own, _)| own.is_none()) {
            own.clone_from(from);
        }
    }

    /// Writes every value that the attributes lack and a span of `operation` shows.
    pub(crate) fn write(&self, attributes: &mut Attributes, operation: &Operation) {
        for ((id, own), row) in FIELDS.into_iter().zip(&self.0).zip(&INHERITED) {
            if let Some(text) = own
                && !attributes.has(id)
                && (row.shown)(operation)
            {
                attributes.set(id, Arc::clone(text));
            }
        }
    }

    /// The value of `key`, if it flows down the tree.
    pub(crate) fn get(&self, key: &str) -> Option<&Arc<str>> {
        let place = FIELDS.iter().position(|id| id.key() == key)?;
        self.0.get(place).and_then(Option::as_ref)
    }

    pub(crate) fn run(&self) -> Option<&Arc<str>> {
        self.0.get(RUN).and_then(Option::as_ref)
    }

    /// What a content policy is told of it.
    pub(crate) fn origin(&self, tool: Option<Arc<str>>) -> Origin {
        let agent = self.0.get(AGENT).cloned().flatten();
        Origin { agent, conversation: self.conversation().cloned(), tool }
    }

    pub(crate) fn conversation(&self) -> Option<&Arc<str>> {
        self.0.get(CONVERSATION).and_then(Option::as_ref)
    }
}
