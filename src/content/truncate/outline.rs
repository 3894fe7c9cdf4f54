//! What is known of a container without its entries: where it ends, how many there are and how long they are together.
//!
//! Every byte of a container takes the same few steps, whatever it is: a table says what comes of it in and out of strings, and
//! only brackets and the ends of long strings are branches. So text that was made to be slow is not.

use std::cmp::Reverse;

use super::scan::string_end;

/// Containers longer than this are looked at once, and remembered for all levels of what they are in. What is shorter
/// is soon looked at again.
pub(super) const LARGE: usize = 16 << 10;

/// How many levels down large containers are remembered: as far as they are taken apart.
const LEVELS: usize = super::shrink::DEPTH + 1;

/// A container, or what is left of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) start: usize,
    /// Behind its closing bracket.
    pub(super) end: usize,
    pub(super) commas: usize,
    /// White space between its entries, and around their colons.
    pub(super) blanks: usize,
}

impl Outline {
    /// How many bytes the entries have, given how many are brackets.
    pub(super) fn bytes(&self, brackets: usize) -> usize {
        (self.end - self.start).saturating_sub(self.commas + self.blanks + brackets)
    }

    /// What stands from `at` on to the end of the container that `at` is in.
    pub(super) fn from(bytes: &[u8], at: usize) -> Option<Self> {
        Walk::new(at).run(bytes, at, 1)
    }

    /// The container at `at` and the large ones in it, by their place.
    pub(super) fn of_large(bytes: &[u8], at: usize) -> Option<Vec<Self>> {
        let mut walk = Walk::new(at);
        let all = walk.run(bytes, at + 1, LEVELS)?;
        let mut large = walk.large;
        large.push(all);
        large.sort_unstable_by_key(|outline| (outline.start, Reverse(outline.end)));
        Some(large)
    }
}

/// The way through a container.
struct Walk {
    here: Outline,
    /// Those that it is in.
    above: Vec<Outline>,
    /// How many levels we are below what is looked at.
    below: usize,
    /// Those behind us.
    large: Vec<Outline>,
}

impl Walk {
    fn new(start: usize) -> Self {
        Self { here: Outline { start, ..Outline::default() }, above: Vec::new(), below: 0, large: Vec::new() }
    }

    fn run(&mut self, bytes: &[u8], from: usize, levels: usize) -> Option<Outline> {
        let mut from = from;
        let mut state = OUTSIDE;
        loop {
            let rest = bytes.get(from..).filter(|rest| !rest.is_empty())?;
            let block = rest.get(..BLOCK).unwrap_or(rest);
            let (mut commas, mut blanks) = (0, 0);
            for (at, byte) in (from..).zip(block) {
                let cell = (STEPS.get(usize::from(*byte)).copied().unwrap_or_default() >> state) & CELL;
                state = cell & STATE;
                let does = cell & !STATE;
                commas += usize::from(does == COMMA);
                blanks += usize::from(does == BLANK);
                if does >= OPEN {
                    self.count(commas, blanks);
                    (commas, blanks) = (0, 0);
                    if does == OPEN {
                        self.open(at, levels);
                    } else if self.close(at + 1) {
                        return Some(self.here);
                    }
                }
            }
            self.count(commas, blanks);
            from += block.len();
            // A string that is not over after so much may be long.
            if state == STRING {
                from = string_end(bytes, from - 1)?;
                state = OUTSIDE;
            }
        }
    }

    fn count(&mut self, commas: usize, blanks: usize) {
        if self.below == 0 {
            self.here.commas += commas;
            self.here.blanks += blanks;
        }
    }

    fn open(&mut self, at: usize, levels: usize) {
        if self.below > 0 || self.above.len() + 1 >= levels {
            self.below += 1;
        } else {
            self.above.push(self.here);
            self.here = Outline { start: at, ..Outline::default() };
        }
    }

    /// Whether that was the last one.
    fn close(&mut self, end: usize) -> bool {
        if self.below > 0 {
            self.below -= 1;
            return false;
        }
        self.here.end = end;
        let Some(above) = self.above.pop() else { return true };
        if end - self.here.start > LARGE {
            self.large.push(self.here);
        }
        self.here = above;
        false
    }
}

const BLOCK: usize = 64;

// Where a byte stands. It says by how much to shift the row of the byte, to find what comes of it.
const OUTSIDE: u32 = 0;
const STRING: u32 = 8;
const ESCAPE: u32 = 16;
const STATE: u32 = 31;
const CELL: u32 = 255;

// What it does, if it stands outside of strings.
const COMMA: u32 = 1 << 5;
const BLANK: u32 = 2 << 5;
const OPEN: u32 = 3 << 5;
const CLOSE: u32 = 4 << 5;

/// For each byte what comes next and what it does, in three cells: outside, in a string, behind a backslash.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static STEPS: [u32; 256] = {
    let mut steps = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (outside, string) = match byte as u8 {
            b'"' => (STRING, OUTSIDE),
            b'\\' => (OUTSIDE, ESCAPE),
            b',' => (COMMA, STRING),
            b' ' | b'\n' | b'\r' | b'\t' => (BLANK, STRING),
            b'[' | b'{' => (OPEN, STRING),
            b']' | b'}' => (CLOSE, STRING),
            _ => (OUTSIDE, STRING),
        };
        steps[byte] = outside | string << STRING | STRING << ESCAPE;
        byte += 1;
    }
    steps
};

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Option<[usize; 3]> {
        let found = Outline::from(text.as_bytes(), 1)?;
        Some([found.end, found.commas, found.bytes(1)])
    }

    #[test]
    fn entries_are_counted_where_they_are() {
        assert_eq!(outline("[]"), Some([2, 0, 0]));
        assert_eq!(outline("[ 1 , 2 ] "), Some([9, 1, 2]));
        assert_eq!(outline(r#"[",]\\\",",[1,[2, 3]]]"#), Some([22, 1, 19]));
        assert_eq!(outline(r#"{"a" : {"b,}": 1, "c":2},"":0}"#), Some([30, 1, 25]));
        for open in ["[", "[1", "[[]", r#"["]"#, r#"["\"]"#] {
            assert_eq!(outline(open), None, "{open}");
        }
    }

    #[test]
    fn strings_may_end_anywhere() {
        for length in 0..4 * BLOCK {
            for end in ["", r#"\""#, r"\\", r#"\\\""#] {
                let text = format!(r#"["{}{end}",",]"]"#, "x".repeat(length));
                assert_eq!(outline(&text), Some([text.len(), 1, text.len() - 3]), "{text}");
            }
        }
    }

    #[test]
    fn large_ones_are_found_at_every_level() {
        let numbers = "[1,2, 3]".repeat(LARGE / 8 + 1).replace("][", "],[");
        let text = format!(r#"{{"a":[],"b":{{"c":[{numbers}]}},"d":[{numbers}]}}"#);
        let found = Outline::of_large(text.as_bytes(), 0).unwrap();
        let begins: Vec<_> = found.iter().map(|large| text.get(large.start..large.start + 7).unwrap()).collect();
        assert_eq!(begins, [r#"{"a":[]"#, r#"{"c":[["#, "[[1,2, ", "[[1,2, "]);
        let commas: Vec<_> = found.iter().map(|large| large.commas).collect();
        assert_eq!(commas, [2, 0, LARGE / 8, LARGE / 8]);
        let deep = format!("{}{}", "[".repeat(LARGE), "]".repeat(LARGE));
        assert_eq!(Outline::of_large(deep.as_bytes(), 0).unwrap().len(), LEVELS);
    }
}
