//! The attributes of one span: each key once, the last value counts.

use std::mem;

use opentelemetry::{Key, KeyValue, Value};

use crate::rules::operations::Operation;
use crate::rules::{Activity, FieldId, FieldSet, Lookup, keys};

/// What a list begins with: most spans get one or two attributes late, if any.
const FEW: usize = 2;

/// A list of registry attributes without repetition, in the order they first came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes {
    has: FieldSet,
    list: Vec<KeyValue>,
}

impl Attributes {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { has: FieldSet::default(), list: Vec::with_capacity(capacity) }
    }

    /// For what a span of `operation` gets after its start: a turn gets a reply and its usage, all others next to
    /// nothing.
    pub(crate) fn late(operation: &Operation) -> Self {
        if operation.activity == Activity::Turn { Self::with_capacity(16) } else { Self::default() }
    }

    /// Of `list` what `keep` knows as an attribute, in place; the last of a repeated key counts.
    pub(crate) fn of(mut list: Vec<KeyValue>, mut keep: impl FnMut(&mut KeyValue) -> Option<FieldId>) -> Self {
        let mut has = FieldSet::default();
        let mut repeated = Vec::new();
        list.retain_mut(|pair| {
            let Some(id) = keep(pair) else { return false };
            let first = has.insert(id);
            if !first {
                repeated.push((id, take(pair)));
            }
            first
        });
        let mut attributes = Self { has, list };
        for (id, pair) in repeated {
            attributes.put(id, pair);
        }
        attributes
    }

    /// Sets `id`, replacing what it had.
    #[inline]
    pub(crate) fn set(&mut self, id: FieldId, value: impl Into<Value>) {
        self.put(id, KeyValue::new(Key::from_static_str(id.key()), value));
    }

    /// Sets `id`, unless it has a value.
    pub(crate) fn complete(&mut self, id: FieldId, value: impl Into<Value>) {
        if !self.has(id) {
            self.set(id, value);
        }
    }

    /// Sets what `others` has and this has not.
    pub(crate) fn complete_all(&mut self, others: Self) {
        for pair in others.list {
            if let Lookup::Attribute(id) = keys::find(pair.key.as_str())
                && !self.has(id)
            {
                self.put(id, pair);
            }
        }
    }

    /// Sets `id` by the pair that has its key.
    #[inline(always)]
    pub(crate) fn put(&mut self, id: FieldId, pair: KeyValue) {
        if self.has.insert(id) {
            if self.list.capacity() == 0 {
                self.list.reserve_exact(FEW);
            }
            self.list.push(pair);
        } else {
            self.replace(pair);
        }
    }

    #[cold]
    fn replace(&mut self, pair: KeyValue) {
        if let Some(held) = self.list.iter_mut().find(|held| held.key == pair.key) {
            *held = pair;
        }
    }

    pub(crate) fn remove(&mut self, id: FieldId) {
        if self.has.remove(id) {
            self.list.retain(|held| held.key.as_str() != id.key());
        }
    }

    #[inline]
    pub(crate) fn has(&self, id: FieldId) -> bool {
        self.has.contains(id)
    }

    pub(crate) fn get(&self, id: FieldId) -> Option<&Value> {
        if !self.has.contains(id) {
            return None;
        }
        let key = id.key();
        self.list.iter().find(|held| held.key.as_str() == key).map(|held| &held.value)
    }

    pub(crate) fn text(&self, id: FieldId) -> Option<&str> {
        match self.get(id) {
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        }
    }

    pub(crate) fn int(&self, id: FieldId) -> Option<i64> {
        match self.get(id) {
            Some(Value::I64(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn keys(&self) -> FieldSet {
        self.has
    }

    pub(crate) fn into_list(self) -> Vec<KeyValue> {
        self.list
    }

    pub(crate) fn as_slice(&self) -> &[KeyValue] {
        &self.list
    }
}

/// Moves a pair out of a list that is about to drop what is left of it.
pub(crate) fn take(pair: &mut KeyValue) -> KeyValue {
    mem::replace(pair, KeyValue::new("", false))
}
