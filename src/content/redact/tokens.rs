//! Keys and tokens that are known by how they begin.

use std::ops::Range;

use super::base64::Decoder;
use super::place::{byte, part};

/// Keys of up to RSA-16384 are shorter.
const MAX_PEM: usize = 16 * 1024;

/// All of it, if it looks like chosen by chance: `sk-learn-based-classifier` does not.
pub(super) fn random(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    looks_random(part(text, matched.clone())).then_some(matched)
}

/// Whether a part of `token` has a digit and length, or else capitals among small letters.
pub(super) fn looks_random(token: &str) -> bool {
    token.split(['-', '_', '.', '/']).any(|piece| {
        let has = |kind: fn(&u8) -> bool| piece.bytes().any(|byte| kind(&byte));
        let (digit, small, capital) =
            (has(u8::is_ascii_digit), has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase));
        (digit && (small || capital) && piece.len() >= 10) || (small && capital && piece.len() >= 20)
    })
}

/// An AWS access key id is 20 letters and digits, no more.
pub(super) fn aws(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let with_secret = matched.len() > 20;
    let follows = byte(text, matched.end);
    let longer = follows.is_ascii_alphanumeric() || follows == b'_';
    match (with_secret, longer) {
        (_, false) => Some(matched),
        // What follows is longer than a secret key: only the id is one.
        (true, true) => Some(matched.start..matched.start + 20),
        (false, true) => None,
    }
}

pub(super) fn after_equals(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let key = part(text, matched.clone()).find('=')?;
    Some(matched.start + key + 1..matched.end)
}

pub(super) fn bearer(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    const WORD: usize = "bearer".len();
    let rest = part(text, matched.start + WORD..matched.end);
    let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let space = if rest.starts_with("%20") { 3 } else { space };
    let value = matched.start + WORD + space..matched.end;
    let token = part(text, value.clone()).trim_end_matches('.');
    let mixed = token.bytes().any(|byte| byte.is_ascii_digit()) && token.bytes().any(|byte| byte.is_ascii_alphabetic());
    (mixed || looks_random(token)).then_some(value)
}

/// Base64 of `user:password`.
pub(super) fn basic(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let word = part(text, matched.clone());
    let value = word.rfind([' ', '\t'])? + 1;
    let mut decoded = Vec::new();
    let mut decoder = Decoder::default();
    decoder.feed(word.get(value..)?, |bytes| decoded.extend_from_slice(bytes));
    decoder.finish(|bytes| decoded.extend_from_slice(bytes));
    let user_and_password = std::str::from_utf8(&decoded).ok()?;
    let said = user_and_password.contains(':') && !user_and_password.chars().any(char::is_control);
    said.then_some(matched.start + value..matched.end)
}

/// From `BEGIN` to `END`; without an end as far as it looks like a key.
pub(super) fn pem(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let body = text.as_bytes().get(matched.end..)?;
    let window = body.get(..MAX_PEM).unwrap_or(body);
    let in_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\\ \t\r\n:,-.".contains(byte);
    let length = window.iter().position(|byte| !in_key(byte)).unwrap_or(window.len());
    let key = part(text, matched.end..matched.end + length);
    let Some(end) = key.find("-----END") else { return Some(matched.start..matched.end + length) };
    let last = key.get(end + "-----END".len()..).and_then(|rest| rest.find("-----"));
    Some(matched.start..matched.end + last.map_or(length, |last| end + "-----END".len() + last + "-----".len()))
}
