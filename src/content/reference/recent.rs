//! The digests that came last: what is among them is stored, or waits for it.

use std::collections::{HashSet, VecDeque};

use super::encode::Digest;

/// 4096 digests are 300 KiB, and thousands of turns of one conversation.
const MOST: usize = 4096;

#[derive(Default)]
pub(super) struct Recent {
    known: HashSet<Digest>,
    /// The oldest first.
    order: VecDeque<Digest>,
}

impl Recent {
    pub(super) fn contains(&self, digest: &Digest) -> bool {
        self.known.contains(digest)
    }

    pub(super) fn insert(&mut self, digest: Digest) {
        if !self.known.insert(digest) {
            return;
        }
        if self.order.len() >= MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(digest);
    }

    /// Forgets a digest whose content could not be stored.
    pub(super) fn remove(&mut self, digest: &Digest) {
        if self.known.remove(digest) {
            self.order.retain(|other| other != digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: usize) -> Digest {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&number.to_le_bytes());
        digest
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut recent = Recent::default();
        (0..MOST + 10).for_each(|number| recent.insert(digest(number)));
        assert_eq!((recent.known.len(), recent.order.len()), (MOST, MOST));
        assert!(!recent.contains(&digest(9)));
        assert!(recent.contains(&digest(10)) && recent.contains(&digest(MOST + 9)));
    }

    #[test]
    fn what_was_removed_takes_no_room() {
        let mut recent = Recent::default();
        for _ in 0..MOST + 10 {
            recent.insert(digest(1));
            recent.insert(digest(1));
            recent.remove(&digest(1));
        }
        recent.remove(&digest(2));
        assert_eq!((recent.known.len(), recent.order.len()), (0, 0));
    }
}
