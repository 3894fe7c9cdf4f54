//! Addresses of the Internet Protocol.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::place::{byte, byte_before, part};

pub(super) const V4: &str = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}";
pub(super) const V6: &str = r"(?i-u)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:(?:\.\d{1,3}){3})?";

/// Words before four numbers that are a version.
const VERSION_WORDS: &[&str] = &["version", "ver", "release", "build", "v", "rev", "oid", "section", "chapter", "§"];

pub(super) fn v4(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let address: Ipv4Addr = part(text, matched.clone()).parse().ok()?;
    let tells_nothing = address.is_loopback() || address.is_unspecified() || address.is_broadcast();
    let alone = !is_part_of_more(text, &matched) && !is_version(text, matched.start);
    (alone && !tells_nothing).then_some(matched)
}

fn is_part_of_more(text: &str, matched: &Range<usize>) -> bool {
    let before = byte_before(text, matched.start);
    let (after, next) = (byte(text, matched.end), byte(text, matched.end + 1));
    let escaped = super::place::behind_escape(text, matched.start.saturating_sub(1)) == matched.start;
    let word = before.is_ascii_alphanumeric() && !(escaped && matched.start > 0);
    let starts_inside = word
        || matches!(before, b'.' | b'_' | b'+' | b'~' | b'^')
        || (before == b'-' && is_name(text, matched.start - 1));
    let goes_on = after.is_ascii_alphanumeric()
        || matches!(after, b'_' | b'+')
        || (after == b'.' && next.is_ascii_alphanumeric())
        || (after == b'-' && next.is_ascii_alphabetic());
    starts_inside || goes_on
}

/// Whether a letter stands before `at`: `name-1.2.3.4`.
fn is_name(text: &str, at: usize) -> bool {
    byte_before(text, at).is_ascii_alphabetic()
}

/// `version 1.2.3.4`, `Chrome/120.0.0.0`, `name==1.2.3.4`.
fn is_version(text: &str, start: usize) -> bool {
    let from = (start.saturating_sub(24)..=start).find(|at| text.is_char_boundary(*at)).unwrap_or(start);
    let before = part(text, from..start);
    if before.ends_with("==") || before.ends_with(">=") || before.ends_with("~=") {
        return true;
    }
    if let Some(name) = before.strip_suffix('/') {
        return name.ends_with(|c: char| c.is_ascii_alphanumeric());
    }
    let word = before.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '§');
    let lower = word.to_lowercase();
    lower.ends_with("version")
        || VERSION_WORDS
            .iter()
            .any(|known| lower.rsplit(|c: char| !c.is_alphanumeric() && c != '§').next() == Some(known))
}

pub(super) fn v6(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let before = byte_before(text, matched.start);
    if before.is_ascii_alphanumeric()
        && super::place::behind_escape(text, matched.start.saturating_sub(1)) != matched.start
    {
        return None;
    }
    let found = part(text, matched.clone());
    // A colon behind it is punctuation.
    let shorter = found.strip_suffix(':').filter(|rest| !rest.ends_with(':')).unwrap_or(found);
    let address: Ipv6Addr = shorter.parse().ok()?;
    let end = matched.start + shorter.len();
    let after = byte(text, end);
    let goes_on = after.is_ascii_alphanumeric() || matches!(after, b'_' | b'(' | b'<');
    (matches!(
        before,
        0..=32
            | b'['
            | b'"'
            | b'\''
            | b'('
            | b'='
            | b'/'
            | b','
            | b'@'
            | b'`'
            | b'>'
            | b'<'
            | b'n'
            | b'r'
            | b't'
            | b';'
            | b':'
            | b'|'
    ) && !goes_on
        && is_somebodys(address))
    .then_some(matched.start..end)
}

/// Addresses that are in use, so that `add::fee` in a program is none.
fn is_somebodys(address: Ipv6Addr) -> bool {
    let mapped = address.to_ipv4_mapped().is_some();
    let first = address.segments().first().copied().unwrap_or(0);
    mapped || matches!(first, 0x2000..=0x3fff | 0xfc00..=0xfeff | 0xff00..=0xff0f) || first == 0x64
}
