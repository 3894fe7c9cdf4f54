//! A set of attributes: one bit for each of the registry.

use crate::rules::FieldId;
use crate::semconv::ATTRIBUTES;

/// A set of registry attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet([u64; FieldSet::WORDS]);

impl FieldSet {
    const WORDS: usize = ATTRIBUTES.len().div_ceil(64);

    #[inline]
    pub(crate) fn contains(&self, id: FieldId) -> bool {
        self.0.get(id.index as usize / 64).is_some_and(|word| word & (1 << (id.index % 64)) != 0)
    }

    /// Adds `id`; `false` if it was there already.
    #[inline]
    pub(crate) fn insert(&mut self, id: FieldId) -> bool {
        let bit = 1 << (id.index % 64);
        match self.0.get_mut(id.index as usize / 64) {
            Some(word) if *word & bit == 0 => {
                *word |= bit;
                true
            }
            _ => false,
        }
    }

    /// Takes `id` out; `false` if it was not there.
    pub(crate) fn remove(&mut self, id: FieldId) -> bool {
        let had = self.contains(id);
        if let (true, Some(word)) = (had, self.0.get_mut(id.index as usize / 64)) {
            *word &= !(1 << (id.index % 64));
        }
        had
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv::attr;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let (model, tool) = (FieldId::of(attr::GEN_AI_REQUEST_MODEL), FieldId::of(attr::GEN_AI_TOOL_NAME));
        let mut set = FieldSet::default();
        assert!(set.insert(model) && !set.insert(model));
        assert!(set.contains(model) && !set.contains(tool));
        assert!(set.remove(model) && !set.remove(model) && !set.contains(model));
    }
}
