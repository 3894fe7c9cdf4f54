//! Which entries of a container may stay, by their length, and the container made of those that do.

use super::entry::{Entry, Kept, pour};
use super::piece::Piece;
use super::scan::Rest;
use super::schema::Marker;

/// The entries of a container that may stay. There are no more than may have room, however long the container is.
#[derive(Debug, Default)]
pub(super) struct Selection<'a> {
    /// What has room before all others.
    pub(super) first: Vec<Entry<'a>>,
    /// The others, the most important first.
    pub(super) others: Vec<Entry<'a>>,
    /// How many entries the container has.
    pub(super) count: usize,
    /// How many bytes they have, without commas.
    pub(super) bytes: usize,
}

/// How much room is held for what tells about the missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reserve {
    Nothing,
    Short,
    Words,
}

/// What encloses a container.
#[derive(Clone, Copy, Debug)]
pub(super) enum Brackets {
    Array,
    Object,
}

impl Selection<'_> {
    /// Counts those that do not stay.
    pub(super) fn add(&mut self, rest: Rest) {
        self.count += rest.count;
        self.bytes += rest.bytes;
    }

    /// The container in at most `room` bytes, brackets included; `None` if not one entry fits, or not one that must.
    /// If any is left out, there has to be a reserve.
    pub(super) fn fit(&self, marker: Marker, reserve: Reserve, room: Room) -> Option<Container> {
        let held = match reserve {
            Reserve::Nothing => 0,
            Reserve::Short => marker.short().len() + 1,
            Reserve::Words => marker.words(self.count, self.bytes).len() + 1,
        };
        if reserve == Reserve::Nothing && self.first.len() + self.others.len() < self.count {
            return None;
        }
        // Two brackets, and one comma less than there are entries.
        let entries = room.bytes.checked_sub(1)?.checked_sub(held)?;
        let mut kept = Vec::new();
        let first = self.room_of_first(entries);
        let left = pour(&self.first, first, room.depth, &mut kept)?;
        pour(&self.others, entries - first + left, room.depth, &mut kept)?;
        if kept.is_empty() {
            return None;
        }
        kept.sort_unstable_by_key(|entry| entry.place);
        let missing = self.count - kept.len();
        let bytes = self.bytes.saturating_sub(kept.iter().map(|entry| entry.bytes).sum());
        let note = match reserve {
            _ if missing == 0 => None,
            Reserve::Nothing => return None,
            Reserve::Short => Some(marker.short()),
            Reserve::Words => Some(marker.words(missing, bytes)),
        };
        Some(Container { gap: last_gap(&kept, self.count), kept, note })
    }

    /// All they need if one of the others fits in besides; else half of the room, or what the others leave.
    fn room_of_first(&self, room: usize) -> usize {
        let all: usize = self.first.iter().map(Entry::cost).sum();
        let next = self.others.first().map_or(0, Entry::cost);
        if all + next <= room {
            return all;
        }
        let others = self.others.iter().map(Entry::cost).sum();
        (room / 2).max(room.saturating_sub(others)).min(all)
    }
}

/// Room for a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) bytes: usize,
    /// How many levels down containers may be taken apart.
    pub(super) depth: usize,
}

/// What stays of a container.
#[derive(Debug)]
pub(super) struct Container {
    kept: Vec<Kept>,
    /// In front of which of the kept ones the note stands.
    gap: usize,
    note: Option<String>,
}

impl Container {
    pub(super) fn write(&self, brackets: Brackets) -> Piece {
        let (open, close) = match brackets {
            Brackets::Array => ("[", "]"),
            Brackets::Object => ("{", "}"),
        };
        let mut piece = Piece::default();
        piece.keep(open);
        for (at, entry) in self.kept.iter().enumerate() {
            if at > 0 {
                piece.keep(",");
            }
            if let Some(note) = self.note.as_ref().filter(|_| at == self.gap) {
                piece.note(note);
                piece.note(",");
            }
            piece.append(&entry.piece);
        }
        if let Some(note) = self.note.as_ref().filter(|_| self.gap >= self.kept.len()) {
            piece.note(",");
            piece.note(note);
        }
        piece.keep(close);
        piece
    }
}

/// How many of the kept ones stand in front of the last one that is missing.
fn last_gap(kept: &[Kept], count: usize) -> usize {
    let behind = kept.iter().rev().zip((0..count).rev()).take_while(|(entry, place)| entry.place == *place).count();
    kept.len() - behind
}
