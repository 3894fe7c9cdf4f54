//! Telephone numbers.

use std::ops::Range;

use super::place::{behind_escape, byte, byte_before, part};

/// With `+` or `00` and country, in American groups, with a leading zero and a gap, or behind a word for it.
pub(super) const PATTERN: &str = concat!(
    r"(?:\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ ./-]?\d){5,12}",
    r"|00[1-9]\d{0,2}[ -](?:\(\d{1,4}\)[ -]?)?\d(?:[ /-]?\d){5,12}",
    r"|(?:1[ .-])?[2-9]\d{2}[.-][2-9]\d{2}[.-]\d{4}",
    r"|(?:1[ -]?)?\([2-9]\d{2}\) ?[2-9]\d{2}[ .-]\d{4}",
    r"|0[1-9]\d{1,4}[ /-]\d(?:[ -]?\d){5,9}",
    r"|(?i-u:(?:telephone|phone|mobile|whatsapp|\b(?:fax|tel|cell|handy|call(?: me)?(?: at| on)?))(?:[ _-]?(?:number|no\.?|nr\.?))?)",
    r#"["']?[ \t]{0,2}[:=]?(?: is)?[ \t]{0,2}["']?\(?\d(?:[ ().-]{0,2}\d){6,14})"#,
);

pub(super) fn number(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let found = part(text, matched.clone());
    // Behind the word; a `+` or `(` belongs to the number.
    let start = matched.start + found.find(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('))?;
    let named = start > matched.start;
    let digits = found.bytes().filter(u8::is_ascii_digit).count();
    let before = byte_before(text, matched.start);
    let escaped = behind_escape(text, matched.start.saturating_sub(1)) == matched.start;
    let after = byte(text, matched.end);
    let in_word = before.is_ascii_alphanumeric() && !escaped;
    let in_number =
        !named && (in_word || matches!(before, b'.' | b'-' | b'_' | b'/' | b'#' | b'$' | b'+' | b'*' | b'='));
    let goes_on = after.is_ascii_alphanumeric()
        || after == b'_'
        || (matches!(after, b'.' | b'-' | b'/' | b':') && byte(text, matched.end + 1).is_ascii_digit());
    let long_enough = digits >= if found.starts_with('+') { 8 } else { 7 };
    (!in_number && !goes_on && long_enough && digits <= 15).then_some(start..matched.end)
}
