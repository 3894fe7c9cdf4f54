//! One JSON value in less room: first its strings give, then entries of its containers are left out.

use super::entry::Entry;
use super::leaves::cut_strings;
use super::outline::{LARGE, Outline};
use super::piece::Piece;
use super::scan::{Broken, Elements, Member, Members, Values};
use super::schema::{Level, Marker, Need, member_marker};
use super::selection::{Brackets, Reserve, Room, Selection};
use super::value::Value;

/// How many levels down containers are taken apart. What is below stays or goes as a whole, which bounds the time that
/// text nested on purpose takes.
pub(super) const DEPTH: usize = 8;

/// From this room on a container says how many entries are missing.
const ROOM_FOR_WORDS: usize = 160;

/// `value` in at most `room` bytes, as JSON of the same type; `None` if it cannot be made so short, or is no JSON.
pub(super) fn shrink(value: Value<'_>, of: Level, room: usize, depth: usize) -> Option<Piece> {
    if value.len() <= room {
        return Some(Piece::whole(value.as_str()));
    }
    let is_container = matches!(value.first()?, b'[' | b'{');
    if !is_container || value.len() <= LARGE || value.outline().is_some() {
        return taken_apart(value, of, room, depth);
    }
    let large = Outline::of_large(value.text.as_bytes(), value.start)?;
    let is_all = large.first()?.end == value.end;
    is_all.then(|| taken_apart(Value { large: &large, ..value }, of, room, depth))?
}

fn taken_apart(value: Value<'_>, of: Level, room: usize, depth: usize) -> Option<Piece> {
    if let Some(piece) = cut_strings(value, of, room) {
        return Some(piece);
    }
    let room = Room { bytes: room, depth: depth.checked_sub(1)? };
    match value.first()? {
        b'[' => array(value, of, room),
        b'{' => object(value, of, room),
        _ => None,
    }
}

fn array(value: Value<'_>, of: Level, room: Room) -> Option<Piece> {
    let selection = leading(&mut Elements::of(value)?, of, room.bytes).ok()?;
    let marker = of.marker(selection.others.first()?.value);
    rest(&selection, marker, room, Brackets::Array)
}

fn object(value: Value<'_>, of: Level, room: Room) -> Option<Piece> {
    let selection = members(value, of, room.bytes).ok()?;
    let marker = member_marker(selection.first.iter().chain(&selection.others).next()?.value);
    rest(&selection, marker, room, Brackets::Object)
}

/// What stays of a container, or what tells that nothing does.
fn rest(selection: &Selection<'_>, marker: Marker, room: Room, brackets: Brackets) -> Option<Piece> {
    let reserve = match room.bytes {
        // If an only one does not stay, there is no container to tell about it in.
        _ if selection.others.is_empty() || selection.count == 1 => Reserve::Nothing,
        ROOM_FOR_WORDS.. => Reserve::Words,
        _ => Reserve::Short,
    };
    if let Some(container) = selection.fit(marker, reserve, room) {
        return Some(container.write(brackets));
    }
    // Where nothing has to stay.
    selection.first.is_empty().then(|| alone(marker, selection, room.bytes, brackets))?
}

/// A container with nothing but what tells about the missing.
pub(super) fn alone(marker: Marker, all: &Selection<'_>, room: usize, brackets: Brackets) -> Option<Piece> {
    let room = room.checked_sub(2)?;
    let words = marker.words(all.count, all.bytes);
    let note = [words, marker.short()].into_iter().find(|note| note.len() <= room)?;
    let (open, close) = match brackets {
        Brackets::Array => ("[", "]"),
        Brackets::Object => ("{", "}"),
    };
    let mut piece = Piece::default();
    piece.keep(open);
    piece.note(&note);
    piece.keep(close);
    Some(piece)
}

/// The first ones of a list.
pub(super) fn leading<'a>(values: &mut impl Values<'a>, of: Level, room: usize) -> Result<Selection<'a>, Broken> {
    let mut all = Selection::default();
    let mut left = room;
    while let Some(value) = values.next() {
        let entry = Entry { place: all.count, key: "", value: value?, of, need: Need::May };
        all.count += 1;
        all.bytes += entry.bytes();
        // The last one that stays may be cut to what is left.
        all.others.extend((left > 0).then_some(entry));
        left = left.saturating_sub(entry.least_cost());
        if left == 0 {
            all.add(values.rest()?);
        }
    }
    Ok(all)
}

/// The members of an object: what stays whole, what stays, and the first ones of the others.
fn members(value: Value<'_>, of: Level, room: usize) -> Result<Selection<'_>, Broken> {
    let mut all = Selection::default();
    let mut left = room;
    let mut members = Members::of(value).ok_or(Broken)?;
    while let Some(member) = members.next() {
        let Member { key, value } = member?;
        let (need, level) = of.member(key.trim_matches('"'));
        let entry = Entry { place: all.count, key, value, of: level, need };
        all.count += 1;
        all.bytes += entry.bytes();
        match need {
            Need::May => {
                all.others.extend((left > 0).then_some(entry));
                left = left.saturating_sub(entry.least_cost());
            }
            // The same name again and again: no object that the schemas know.
            _ if all.first.len() >= MOST_NEEDED => return Err(Broken),
            Need::Whole | Need::Must => all.first.push(entry),
        }
        if left == 0 && of == Level::Free {
            all.add(members.rest()?);
        }
    }
    all.first.sort_by_key(|entry| entry.need == Need::Must);
    Ok(all)
}

/// More than any schema names.
const MOST_NEEDED: usize = 16;
