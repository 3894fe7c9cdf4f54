//! Where in a text something may stand: a fast search, so that patterns are tried at few places only.

use std::sync::LazyLock;

use regex::Regex;

use super::place::{byte, byte_before};
use super::rows::{Hint, ROWS};
use super::words::Words;

/// One bit for each row.
pub(super) type Rows = u64;

/// A place where some rows are worth trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) rows: Rows,
}

/// Digits are counted in blocks, which compilers turn into vector instructions.
const BLOCK: usize = 16;

#[derive(Debug)]
struct Searches {
    words: Words,
    at: Regex,
    encoded_at: Regex,
    equals: Regex,
}

static SEARCHES: LazyLock<Option<Searches>> = LazyLock::new(|| Searches::new().ok());

impl Searches {
    fn new() -> Result<Self, regex::Error> {
        let words = ROWS.iter().enumerate().filter_map(|(number, row)| match row.hint {
            Hint::Words(words) => Some(words.iter().map(move |word| (*word, 1 << number))),
            _ => None,
        });
        Ok(Self {
            words: Words::new(words.flatten()),
            at: Regex::new("@")?,
            encoded_at: Regex::new("%40")?,
            equals: Regex::new("=")?,
        })
    }
}

/// The rows with such a hint.
fn rows_with(is: fn(&Hint) -> bool) -> Rows {
    ROWS.iter().enumerate().filter(|(_, row)| is(&row.hint)).fold(0, |rows, (number, _)| rows | 1 << number)
}

static WORDS: LazyLock<Rows> = LazyLock::new(|| rows_with(|hint| matches!(hint, Hint::Words(_))));
static AT: LazyLock<Rows> = LazyLock::new(|| rows_with(|hint| matches!(hint, Hint::At)));
static EQUALS: LazyLock<Rows> = LazyLock::new(|| rows_with(|hint| matches!(hint, Hint::Equals)));

/// Where in `text` one of `wanted` may stand, in order for each row. `None`: it cannot be looked for.
pub(super) fn find(text: &str, wanted: Rows) -> Option<Vec<Place>> {
    let searches = SEARCHES.as_ref()?;
    let mut places = Vec::new();
    if wanted & *WORDS != 0 {
        searches.words.find(text, |start, end, rows| {
            if rows & wanted != 0 {
                places.push(Place { start, end, rows: rows & wanted });
            }
        });
    }
    if wanted & *AT != 0 {
        let between =
            |at: &usize| !byte_before(text, *at).is_ascii_whitespace() && !byte(text, at + 1).is_ascii_whitespace();
        let found = searches.at.find_iter(text).map(|found| found.start()).filter(between);
        places.extend(found.map(|start| Place { start, end: start + 1, rows: *AT & wanted }));
        let found = searches.encoded_at.find_iter(text);
        places.extend(found.map(|found| Place { start: found.start(), end: found.end(), rows: *AT & wanted }));
    }
    if wanted & *EQUALS != 0 {
        let named = |at: &usize| is_name(byte_before(text, *at));
        let found = searches.equals.find_iter(text).map(|found| found.start()).filter(named);
        places.extend(found.map(|start| Place { start, end: start + 1, rows: *EQUALS & wanted }));
    }
    numbers(text, wanted, &mut places);
    places.sort_unstable_by_key(|place| place.start);
    Some(places)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// What is counted in a block.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    digits: u8,
    dots: u8,
    colons: u8,
}

impl Counts {
    fn of(block: &[u8]) -> Self {
        let count = |is: fn(u8) -> bool| block.iter().fold(0_u8, |sum, byte| sum + u8::from(is(*byte)));
        Self {
            digits: count(|byte| byte.wrapping_sub(b'0') < 10),
            dots: count(|byte| byte == b'.'),
            colons: count(|byte| byte == b':'),
        }
    }

    fn and(self, other: Self) -> Self {
        Self { digits: self.digits + other.digits, dots: self.dots + other.dots, colons: self.colons + other.colons }
    }
}

/// The rows of numbers that a row's name stands for, and what three blocks in a row have at least.
#[rustfmt::skip]
static NUMBERS: LazyLock<Vec<(Rows, Counts)>> = LazyLock::new(|| {
    [
        ("card",  Counts { digits: 13, dots: 0, colons: 0 }),
        ("ip_v4", Counts { digits: 4,  dots: 3, colons: 0 }),
        ("ip_v6", Counts { digits: 1,  dots: 0, colons: 2 }),
        ("phone", Counts { digits: 7,  dots: 0, colons: 0 }),
    ]
    .into_iter()
    .filter_map(|(name, least)| Some((1 << ROWS.iter().position(|row| row.name == name)?, least)))
    .collect()
});

fn numbers(text: &str, wanted: Rows, places: &mut Vec<Place>) {
    let rows: Vec<(Rows, Counts)> = NUMBERS.iter().filter(|(row, _)| row & wanted != 0).copied().collect();
    if rows.is_empty() {
        return;
    }
    let (mut first, mut second) = (Counts::default(), Counts::default());
    for (number, block) in text.as_bytes().chunks(BLOCK).enumerate() {
        let third = Counts::of(block);
        let all = first.and(second).and(third);
        (first, second) = (second, third);
        if all.digits == 0 {
            continue;
        }
        let enough =
            |least: &Counts| all.digits >= least.digits && all.dots >= least.dots && all.colons >= least.colons;
        let rows = rows.iter().filter(|(_, least)| enough(least)).fold(0, |rows, (row, _)| rows | row);
        if rows != 0 {
            let end = number * BLOCK + block.len();
            places.push(Place { start: end.saturating_sub(3 * BLOCK), end, rows });
        }
    }
}
