//! A JSON document that comes bit by bit: the items of an array, or objects one after another.

use memchr::memchr2;

use crate::providers::stream::{MAX_PIECE_BYTES, Piece};

/// What is left of an object that has not come to its end.
#[derive(Debug, Default)]
pub(crate) struct JsonArray {
    object: Vec<u8>,
    /// Objects and arrays around the next byte, those of the object only.
    depth: u32,
    place: Place,
    is_too_long: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    InString,
    AfterBackslash,
}

impl JsonArray {
    /// Hands every object that `bytes` complete to `each`; `None` for one that is too long. What is around the objects,
    /// the array and its commas, says nothing.
    pub(crate) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
        let (mut from, mut at) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            if self.depth == 0 && *byte != b'{' {
                at += 1;
                from = at;
                continue;
            }
            at = self.step(*byte, bytes, at);
            if self.depth == 0 {
                self.end(bytes.get(from..at).unwrap_or_default(), each);
                from = at;
            }
        }
        self.keep(bytes.get(from..).unwrap_or_default());
    }

    /// Takes the byte at `at` and returns where the next one is that counts.
    fn step(&mut self, byte: u8, bytes: &[u8], at: usize) -> usize {
        match (self.place, byte) {
            (Place::AfterBackslash, _) => self.place = Place::InString,
            (Place::InString, b'"') => self.place = Place::Outside,
            (Place::InString, b'\\') => self.place = Place::AfterBackslash,
            (Place::InString, _) => {
                let rest = bytes.get(at..).unwrap_or_default();
                return memchr2(b'"', b'\\', rest).map_or(bytes.len(), |next| at + next);
            }
            (Place::Outside, b'"') => self.place = Place::InString,
            (Place::Outside, b'{' | b'[') => self.depth = self.depth.saturating_add(1),
            (Place::Outside, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
            (Place::Outside, _) => {}
        }
        at + 1
    }

    fn end(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
        if self.object.is_empty() && !self.is_too_long && bytes.len() <= MAX_PIECE_BYTES {
            each(Some(Piece { name: "", data: bytes }));
            return;
        }
        self.keep(bytes);
        if std::mem::take(&mut self.is_too_long) {
            each(None);
        } else {
            each(Some(Piece { name: "", data: &self.object }));
        }
        self.object.clear();
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.is_too_long || self.object.len().saturating_add(bytes.len()) > MAX_PIECE_BYTES {
            self.is_too_long = true;
            self.object = Vec::new();
        } else {
            self.object.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<Option<String>> {
        let (mut array, mut found) = (JsonArray::default(), Vec::new());
        let mut each = |piece: Option<Piece<'_>>| {
            found.push(piece.map(|piece| String::from_utf8_lossy(piece.data).into_owned()));
        };
        pieces.iter().for_each(|piece| array.push(piece, &mut each));
        found
    }

    #[test]
    fn items_come_one_by_one_however_they_are_cut() {
        let text = br#"[{"a":"}\"]\\"},
            {"b":[{},[1,"{"]]} ,{"c":{}}]"#;
        let wanted = [r#"{"a":"}\"]\\"}"#, r#"{"b":[{},[1,"{"]]}"#, r#"{"c":{}}"#].map(|item| Some(item.to_owned()));
        for at in 0..=text.len() {
            assert_eq!(read(&[&text[..at], &text[at..]]), wanted, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(read(&bytes), wanted);
    }

    #[test]
    fn an_object_alone_is_one_and_other_values_are_none() {
        assert_eq!(read(&[b"{}{\"a\":1}\n"]), [Some("{}".to_owned()), Some("{\"a\":1}".to_owned())]);
        assert_eq!(read(&[b"[1, \"x\", null]"]), []);
    }

    #[test]
    fn an_item_that_is_too_long_is_one_and_not_kept() {
        let long = vec![b'x'; MAX_PIECE_BYTES];
        assert_eq!(read(&[b"[{\"a\":\"", &long, &long, b"\"},{}]"]), [None, Some("{}".to_owned())]);
    }
}
