//! Lists whose items the conventions know: messages, parts, tools, documents, records.

use std::collections::VecDeque;

use super::entry::Entry;
use super::piece::Piece;
use super::scan::{Broken, Members, Values};
use super::schema::{Level, Marker, Need};
use super::selection::{Brackets, Reserve, Room, Selection};
use super::shrink::{DEPTH, alone, leading};
use super::value::Value;

/// The list of `values` in at most `room` bytes; `None` if nothing of it fits that tells something.
pub(super) fn list<'a>(values: &mut impl Values<'a>, of: Level, room: usize) -> Result<Option<Piece>, Broken> {
    let selection = if of == Level::Message { newest(values, room)? } else { leading(values, of, room)? };
    let Some(any) = selection.others.first().or(selection.first.first()) else { return Ok(None) };
    Ok(fit(&selection, of.marker(any.value), room))
}

fn fit(selection: &Selection<'_>, marker: Marker, room: usize) -> Option<Piece> {
    let depth = Room { bytes: room, depth: DEPTH };
    let container = selection
        .fit(marker, Reserve::Nothing, depth)
        .or_else(|| selection.fit(marker, Reserve::Words, depth))
        .or_else(|| selection.fit(marker, Reserve::Short, depth));
    let whole = container.map(|container| container.write(Brackets::Array));
    whole.or_else(|| alone(marker, selection, room, Brackets::Array))
}

/// The system's messages, and the newest of the others with the newest first.
fn newest<'a>(values: &mut impl Values<'a>, room: usize) -> Result<Selection<'a>, Broken> {
    let mut all = Selection::default();
    let mut room_of_first = room / 2;
    let mut window = Window { entries: VecDeque::new(), least: 0, room };
    for value in values {
        let entry = Entry { place: all.count, key: "", value: value?, of: Level::Message, need: Need::May };
        all.count += 1;
        all.bytes += entry.bytes();
        match room_of_first.checked_sub(entry.least_cost()).filter(|_| is_of_system(entry.value)) {
            Some(rest) => {
                room_of_first = rest;
                all.first.push(entry);
            }
            None => window.push(entry),
        }
    }
    all.others = window.entries.into_iter().rev().collect();
    Ok(all)
}

/// The last entries, as many as may have room.
struct Window<'a> {
    entries: VecDeque<Entry<'a>>,
    least: usize,
    room: usize,
}

impl<'a> Window<'a> {
    fn push(&mut self, entry: Entry<'a>) {
        self.entries.push_back(entry);
        self.least += entry.least_cost();
        while let Some(oldest) = self.entries.front().map(Entry::least_cost) {
            // One more than has room stays: it may be cut to what is left.
            if self.least - oldest <= self.room {
                return;
            }
            self.least -= oldest;
            self.entries.pop_front();
        }
    }
}

/// Whether the model was told so by whoever runs it. `developer` is what a provider calls the same.
fn is_of_system(message: Value<'_>) -> bool {
    let Some(mut members) = Members::of(message) else { return false };
    let role = members.find_map(|member| {
        let member = member.ok()?;
        (member.key == r#""role""#).then(|| member.value.as_str())
    });
    matches!(role, Some(r#""system""# | r#""developer""#))
}
