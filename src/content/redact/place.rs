//! Where in a text something stands.

use std::ops::Range;

/// What of a match is replaced.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    /// All of it.
    Whole,
    /// What the function says, if anything; it may reach beyond the match.
    Value(fn(&str, Range<usize>) -> Option<Range<usize>>),
    /// The same; where it is nothing, a match may begin one byte later. For patterns of bounded length.
    Number(fn(&str, Range<usize>) -> Option<Range<usize>>),
    /// Several places. Returns where it stopped reading.
    Members(fn(&str, Range<usize>, &mut Vec<Range<usize>>) -> usize),
}

/// The byte at `at`; 0 outside of the text.
pub(super) fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(0)
}

/// The byte before `at`; 0 at the start.
pub(super) fn byte_before(text: &str, at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |at| byte(text, at))
}

/// The text in `range`, empty where there is none.
pub(super) fn part(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or("")
}

/// `at`, or the start of the character that it is in.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The first place from `from` whose byte is in `stops`, else the end. `stops` are ASCII.
pub(super) fn until(text: &str, from: usize, stops: &[u8]) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or(&[]);
    from + rest.iter().position(|byte| stops.contains(byte)).unwrap_or(rest.len())
}

/// How long an escape at the start of `text` is: `\n`, `\u0022`, `%20`.
pub(super) fn escape_length(text: &str) -> usize {
    match text.as_bytes() {
        [b'\\', b'u', rest @ ..] if rest.len() >= 4 && rest.iter().take(4).all(u8::is_ascii_hexdigit) => 6,
        [b'\\', b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
        [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 3,
        _ => 0,
    }
}

/// `start`, or behind an escape that it stands in: `\nfoo` is a line break and `foo`.
pub(super) fn behind_escape(text: &str, start: usize) -> usize {
    for back in [1, 2] {
        let Some(at) = start.checked_sub(back) else { break };
        let length = escape_length(text.get(at..).unwrap_or(""));
        if length > back {
            return at + length;
        }
    }
    start
}

/// A quoted text: what is between the quotes, and where it ends, quote included.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Quoted {
    pub(super) inside: Range<usize>,
    pub(super) end: usize,
}

/// The quoted text that starts at `at`, with as many backslashes before both quotes as the levels of JSON it is in. One
/// that does not end reaches to the end of its line.
pub(super) fn quoted(text: &str, at: usize) -> Option<Quoted> {
    let bytes = text.as_bytes();
    let level = bytes.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
    let quote = *bytes.get(at + level)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let start = at + level + 1;
    let mut escapes = 0;
    for (offset, byte) in bytes.get(start..)?.iter().enumerate() {
        match *byte {
            b'\\' => escapes += 1,
            found if found == quote && escapes <= level => {
                return Some(Quoted { inside: start..start + offset - escapes, end: start + offset + 1 });
            }
            b'\n' => return Some(Quoted { inside: start..start + offset, end: start + offset }),
            _ => escapes = 0,
        }
    }
    Some(Quoted { inside: start..text.len(), end: text.len() })
}

/// Whether `text` stands for a value that is not told: `${PASSWORD}`, `<password>`, `****`, `null`.
pub(super) fn is_placeholder(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "",
        "any",
        "bool",
        "boolean",
        "false",
        "hidden",
        "int",
        "integer",
        "masked",
        "nil",
        "none",
        "null",
        "number",
        "object",
        "optional",
        "redacted",
        "required",
        "str",
        "string",
        "true",
        "undefined",
        "unset",
    ];
    let trimmed = text.trim_matches(|c: char| "[]<>()*\"' ".contains(c));
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(trimmed))
        || text.chars().all(|c| "*.•xX-_ ".contains(c))
        || is_reference(text)
        || (text.starts_with('<') && text.ends_with('>'))
}

/// Whether `text` is the name of a variable: `$NAME`, `${NAME}`, `{{ name }}`, `%(name)s`.
pub(super) fn is_reference(text: &str) -> bool {
    let named = |c: char| c.is_ascii_alphanumeric() || "_.: -".contains(c);
    let Some(name) = text.strip_prefix(['$', '%', '{']) else { return false };
    let name = name.trim_start_matches(['{', '(']);
    let inner = name.trim_end_matches(['}', ')']).trim_end_matches(")s");
    let begins = inner.trim_start().starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && inner.chars().all(named) && (text.starts_with('$') || inner.len() < name.len())
}
