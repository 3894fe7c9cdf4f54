//! The entries of a container, and how those that stay are brought into its room.

use super::piece::Piece;
use super::schema::{Level, Need};
use super::share::{LEAST_SHARE, allot};
use super::shrink::shrink;
use super::value::Value;

/// An element of an array or a member of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// Which one it is of its container.
    pub(super) place: usize,
    /// With its quotes; empty in arrays.
    pub(super) key: &'a str,
    pub(super) value: Value<'a>,
    pub(super) of: Level,
    pub(super) need: Need,
}

/// One that stays.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) place: usize,
    pub(super) piece: Piece,
    /// How many bytes it had.
    pub(super) bytes: usize,
}

impl Entry<'_> {
    pub(super) fn bytes(&self) -> usize {
        self.lead() + self.value.len()
    }

    /// What it costs in its container: with a comma.
    pub(super) fn cost(&self) -> usize {
        self.bytes() + 1
    }

    /// What it may have to be content with.
    pub(super) fn least_cost(&self) -> usize {
        self.cost().min(LEAST_SHARE)
    }

    /// What is in front of the value.
    fn lead(&self) -> usize {
        if self.key.is_empty() { 0 } else { self.key.len() + 1 }
    }

    fn fit(&self, room: usize, depth: usize) -> Option<Kept> {
        let room = room.checked_sub(self.lead() + 1)?;
        if self.need == Need::Whole && self.value.len() > room {
            return None;
        }
        let mut piece = Piece::default();
        if !self.key.is_empty() {
            piece.keep(self.key);
            piece.keep(":");
        }
        if self.value.len() <= room {
            piece.keep(self.value.as_str());
        } else {
            piece.append(&shrink(self.value, self.of, room, depth)?);
        }
        Some(Kept { place: self.place, piece, bytes: self.bytes() })
    }
}

/// Brings what fits of `entries`, the most important first, into `room`, adds it to `kept` and answers with the room
/// that is left; `None` if one that must stay cannot.
pub(super) fn pour(entries: &[Entry<'_>], room: usize, depth: usize, kept: &mut Vec<Kept>) -> Option<usize> {
    let costs: Vec<_> = entries.iter().map(Entry::cost).collect();
    let shares = allot(&costs, room);
    let mut left = room.checked_sub(shares.iter().sum())?;
    let (sharing, others) = entries.split_at(shares.len());
    let mut missed = false;
    for (entry, share) in sharing.iter().zip(shares) {
        left += share;
        let Some(fitted) = entry.fit(left, depth) else {
            (entry.need == Need::May).then_some(())?;
            missed = true;
            continue;
        };
        left = left.checked_sub(fitted.piece.len() + 1)?;
        kept.push(fitted);
    }
    for entry in others {
        (entry.need == Need::May).then_some(())?;
        // The room of one that could not be cut is for those behind it, as they are.
        if missed && entry.cost() <= left {
            let fitted = entry.fit(left, depth)?;
            left = left.checked_sub(fitted.piece.len() + 1)?;
            kept.push(fitted);
        }
    }
    Some(left)
}
