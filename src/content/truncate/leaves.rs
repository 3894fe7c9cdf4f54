//! Cuts the long strings of a value and leaves everything else as it is.

use std::ops::Range;

use memchr::memchr;

use super::piece::Piece;
use super::scan::{Elements, Members, blank, string_end};
use super::schema::{Level, Need};
use super::share::{LEAST_SHARE, fewest};
use super::text::{Form, cut};
use super::value::Value;

/// Strings up to this many bytes are not cut.
const SHORT: usize = 24;

/// This many strings may be cut to next to nothing. If more would have to be, it is better to leave some out.
const FEW: usize = 4;
const LEAST_OF_FEW: usize = 8;

/// `value` in at most `room` bytes; `None` if its strings cannot give so much, or it is no JSON.
pub(super) fn cut_strings(value: Value<'_>, of: Level, room: usize) -> Option<Piece> {
    let mut strings = Strings { all: value, room, found: Vec::new(), length: 0, least: 0 };
    strings.find(value, of)?;
    strings.write()
}

struct Strings<'a> {
    all: Value<'a>,
    room: usize,
    /// What stands between the quotes of those that may be cut.
    found: Vec<Range<usize>>,
    /// How much they have together.
    length: usize,
    /// How much of them stays at least, if they are many.
    least: usize,
}

impl Strings<'_> {
    fn find(&mut self, value: Value<'_>, of: Level) -> Option<()> {
        match value.first()? {
            b'[' if of != Level::Free => {
                let elements = Elements::of(value)?;
                elements.into_iter().try_for_each(|element| self.find(element.ok()?, of))
            }
            b'{' if of != Level::Free => {
                let members = Members::of(value)?;
                members.into_iter().try_for_each(|member| {
                    let member = member.ok()?;
                    let (need, of) = of.member(member.key.trim_matches('"'));
                    if need == Need::Whole { Some(()) } else { self.find(member.value, of) }
                })
            }
            _ => self.find_anywhere(value),
        }
    }

    /// All strings that are no keys: these have a colon behind them.
    fn find_anywhere(&mut self, value: Value<'_>) -> Option<()> {
        let bytes = value.text.as_bytes();
        let mut at = value.start;
        while let Some(offset) = memchr(b'"', bytes.get(at..value.end.min(self.most()))?) {
            let start = at + offset;
            at = string_end(bytes, start)?;
            if bytes.get(blank(bytes, at)) != Some(&b':') {
                self.add(start + 1..at - 1);
            }
            self.may_suffice(at)?;
        }
        self.may_suffice(value.end)
    }

    fn add(&mut self, string: Range<usize>) {
        if string.len() > SHORT {
            self.length += string.len();
            self.least += string.len().min(LEAST_SHARE);
            self.found.push(string);
        }
    }

    /// `None` if what is there up to `end` has no room already: this also bounds how many strings are remembered.
    fn may_suffice(&self, end: usize) -> Option<()> {
        (end <= self.most()).then_some(())
    }

    /// How far there is room if no more strings are found.
    fn most(&self) -> usize {
        let least = if self.found.len() > FEW { self.least } else { 0 };
        (self.all.start + self.room + self.length).saturating_sub(least)
    }

    fn write(&self) -> Option<Piece> {
        let room = self.room.checked_sub(self.all.len() - self.length)?;
        let lengths: Vec<_> = self.found.iter().map(Range::len).collect();
        let least = if lengths.len() > FEW { LEAST_SHARE } else { LEAST_OF_FEW };
        let few = fewest(&lengths, room, least)?;
        let share = |length: usize| if length > few.above { few.to } else { length };
        let mut spare = room.checked_sub(lengths.iter().copied().map(share).sum())?;
        let mut piece = Piece::default();
        let mut at = self.all.start;
        for string in &self.found {
            piece.keep(self.all.text.get(at..string.start)?);
            at = string.end;
            // What a cut leaves over, as it does not split characters, is for the next.
            let room = share(string.len()) + spare;
            let before = piece.len();
            let content = self.all.text.get(string.clone())?;
            if content.len() <= room {
                piece.keep(content);
            } else {
                piece.append(&cut(content, room, Form::Json)?);
            }
            spare = room.checked_sub(piece.len() - before)?;
        }
        piece.keep(self.all.text.get(at..self.all.end)?);
        Some(piece)
    }
}
