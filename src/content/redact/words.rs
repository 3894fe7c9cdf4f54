//! Many words searched at once.
//!
//! What lost: one regular expression of all words. From some sixty words on it is an automaton that goes byte by byte, and
//! in groups of thirty with vector instructions it reads the text four times.

use super::hints::Rows;

/// The first three bytes of every word decide by a table of bits; only behind a set bit words are compared.
#[derive(Debug)]
pub(super) struct Words {
    bits: Box<[u64; 1 << 10]>,
    /// First three bytes, word and rows, sorted.
    words: Vec<(u32, &'static str, Rows)>,
}

impl Words {
    /// Words shorter than three bytes are never found.
    pub(super) fn new(words: impl Iterator<Item = (&'static str, Rows)>) -> Self {
        let mut new = Self { bits: Box::new([0; 1 << 10]), words: Vec::new() };
        for (word, rows) in words {
            let &[a, b, c, ..] = word.as_bytes() else { continue };
            let start = u32::from_le_bytes([a, b, c, 0]);
            let (slot, bit) = slot(start);
            if let Some(bits) = new.bits.get_mut(slot) {
                *bits |= 1 << bit;
            }
            match new.words.iter_mut().find(|(_, known, _)| *known == word) {
                Some((.., known)) => *known |= rows,
                None => new.words.push((start, word, rows)),
            }
        }
        new.words.sort_unstable();
        new
    }

    /// Calls `found` with the place and the rows of every word in `text`.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(usize, usize, Rows)) {
        let mut three = 0;
        for (at, byte) in text.bytes().enumerate() {
            three = three >> 8 | u32::from(byte) << 16;
            let (slot, bit) = slot(three);
            if self.bits.get(slot).is_some_and(|bits| bits >> bit & 1 != 0) && at >= 2 {
                self.compare(text, at - 2, three, &mut found);
            }
        }
    }

    #[cold]
    fn compare(&self, text: &str, at: usize, start: u32, found: &mut impl FnMut(usize, usize, Rows)) {
        let rest = text.as_bytes().get(at..).unwrap_or(&[]);
        let first = self.words.partition_point(|(known, ..)| *known < start);
        let alike = self.words.get(first..).unwrap_or(&[]).iter().take_while(|(known, ..)| *known == start);
        for (_, word, rows) in alike {
            if rest.starts_with(word.as_bytes()) {
                found(at, at + word.len(), *rows);
            }
        }
    }
}

/// Where the bit of three bytes is.
fn slot(three: u32) -> (usize, u32) {
    let hash = three.wrapping_mul(0x9E37_79B1) >> 16;
    ((hash >> 6) as usize & 0x3ff, hash & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_word_wherever_it_stands() {
        let words = Words::new([("sk-", 1), ("sk-ant", 2), ("token", 4), ("sk-", 8)].into_iter());
        let mut found = Vec::new();
        words.find("sk-ant, token, task-", |start, end, rows| found.push((start, end, rows)));
        assert_eq!(found, [(0, 3, 9), (0, 6, 2), (8, 13, 4), (17, 20, 9)]);
        words.find("", |_, _, _| panic!("nothing to find"));
        words.find("sk", |_, _, _| panic!("nothing to find"));
    }
}
