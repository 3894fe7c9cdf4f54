//! Numbers of payment cards.

use std::ops::Range;

use super::place::{behind_escape, byte, byte_before, part};

pub(super) const PATTERN: &str = r"[2-6]\d{2,3}(?:[ -]?\d){9,16}";

/// First digits, and how many there are in all.
#[rustfmt::skip]
const ISSUERS: &[(&str, &str, Range<usize>)] = &[
    // from     to       digits
    ("300",     "305",   14..15),
    ("34",      "34",    15..16),
    ("3528",    "3589",  16..20),
    ("36",      "36",    14..20),
    ("37",      "37",    15..16),
    ("38",      "39",    14..20),
    ("4",       "4",     13..20),
    ("50",      "50",    13..20),
    ("51",      "55",    16..17),
    ("56",      "58",    13..20),
    ("6011",    "6011",  16..20),
    ("62",      "62",    16..20),
    ("63",      "63",    16..20),
    ("644",     "659",   16..20),
    ("67",      "67",    13..20),
    ("2221",    "2720",  16..17),
];

/// The longest number that starts here and is a card's.
pub(super) fn number(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let before = byte_before(text, matched.start);
    let part_of_more = matches!(before, b'.' | b'-' | b'+' | b'#');
    let escaped = behind_escape(text, matched.start.saturating_sub(1)) == matched.start;
    if part_of_more || before == b'_' || (before.is_ascii_alphanumeric() && !escaped) {
        return None;
    }
    let mut ends: Vec<usize> = vec![matched.end];
    let found = part(text, matched.clone());
    ends.extend(found.char_indices().rev().filter(|(_, c)| !c.is_ascii_digit()).map(|(at, _)| matched.start + at));
    ends.into_iter().map(|end| matched.start..end).find(|range| is_card(text, range.clone()))
}

fn is_card(text: &str, range: Range<usize>) -> bool {
    let follows = byte(text, range.end);
    let decimals = follows == b'.' && byte(text, range.end + 1).is_ascii_digit();
    if follows.is_ascii_alphanumeric() || follows == b'_' || decimals {
        return false;
    }
    let found = part(text, range);
    let digits: Vec<u8> = found.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
    let groups: Vec<usize> = found.split([' ', '-']).map(str::len).collect();
    let grouped = groups.len() == 1 || (groups.len() <= 5 && groups.iter().all(|group| (3..=7).contains(group)));
    let separators: Vec<char> = found.chars().filter(|c| !c.is_ascii_digit()).collect();
    let alike = separators.windows(2).all(|pair| pair.first() == pair.last());
    let varied = digits.windows(2).any(|pair| pair.first() != pair.last());
    (13..=19).contains(&digits.len()) && grouped && alike && varied && is_issued(&digits) && has_check_digit(&digits)
}

fn is_issued(digits: &[u8]) -> bool {
    let number = |length: usize| digits.iter().take(length).fold(0, |all, digit| all * 10 + u32::from(*digit));
    let bound = |text: &str| text.parse::<u32>().unwrap_or(0);
    ISSUERS.iter().any(|(from, to, lengths)| {
        lengths.contains(&digits.len()) && (bound(from)..=bound(to)).contains(&number(from.len()))
    })
}

/// Luhn's sum.
fn has_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit) * 2) {
            (0, _) => u32::from(*digit),
            (_, double) => double / 10 + double % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}
