//! Finds where JSON values begin and end, without reading what is in them.
//!
//! Strings are skipped with `memchr`, and of the brackets only one kind is counted: in valid JSON the other kind is
//! balanced in between. So what is found in text that is not JSON is not JSON either; the caller checks the result, which
//! is short, instead of the given text, which is not.

use std::ops::Range;

use memchr::{memchr, memchr3};

/// The text is not JSON.
#[derive(Debug)]
pub(super) struct Broken;

/// The values of the array that begins at a place in a text.
pub(super) struct Elements<'a> {
    entries: Entries<'a>,
}

/// The members of the object that begins at a place in a text.
pub(super) struct Members<'a> {
    entries: Entries<'a>,
}

/// Where a member of an object stands.
#[derive(Debug)]
pub(super) struct Member {
    /// With its quotes.
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

impl<'a> Elements<'a> {
    /// `None` if there is no array at `at`.
    pub(super) fn of(text: &'a str, at: usize) -> Option<Self> {
        Some(Self { entries: Entries::of(text, at, b'[')? })
    }

    /// Whether the array was read to its end, and nothing but white space is behind it.
    pub(super) fn is_all(&self) -> bool {
        let Entries { bytes, at, .. } = self.entries;
        blank(bytes, at) == bytes.len()
    }
}

impl<'a> Members<'a> {
    /// `None` if there is no object at `at`.
    pub(super) fn of(text: &'a str, at: usize) -> Option<Self> {
        Some(Self { entries: Entries::of(text, at, b'{')? })
    }
}

impl Iterator for Elements<'_> {
    type Item = Result<Range<usize>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.next(|bytes, at| {
            let end = value_end(bytes, at)?;
            Some((at..end, end))
        })
    }
}

impl Iterator for Members<'_> {
    type Item = Result<Member, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.next(|bytes, at| {
            if bytes.get(at) != Some(&b'"') {
                return None;
            }
            let key = at..string_end(bytes, at)?;
            let colon = blank(bytes, key.end);
            if bytes.get(colon) != Some(&b':') {
                return None;
            }
            let at = blank(bytes, colon + 1);
            let end = value_end(bytes, at)?;
            Some((Member { key, value: at..end }, end))
        })
    }
}

/// What stands between the brackets of a container, separated by commas.
struct Entries<'a> {
    bytes: &'a [u8],
    at: usize,
    close: u8,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begun,
    Within,
    Over,
}

impl<'a> Entries<'a> {
    fn of(text: &'a str, at: usize, open: u8) -> Option<Self> {
        let bytes = text.as_bytes();
        let at = blank(bytes, at);
        let close = if open == b'[' { b']' } else { b'}' };
        (bytes.get(at) == Some(&open)).then_some(Self { bytes, at: at + 1, close, state: State::Begun })
    }

    /// `read` answers with an entry and the place behind it.
    fn next<T>(&mut self, read: impl Fn(&'a [u8], usize) -> Option<(T, usize)>) -> Option<Result<T, Broken>> {
        if self.state == State::Over {
            return None;
        }
        let mut at = blank(self.bytes, self.at);
        if self.bytes.get(at) == Some(&self.close) {
            self.at = at + 1;
            self.state = State::Over;
            return None;
        }
        if self.state == State::Within {
            if self.bytes.get(at) != Some(&b',') {
                return self.broken();
            }
            at = blank(self.bytes, at + 1);
        }
        let Some((entry, end)) = read(self.bytes, at) else { return self.broken() };
        self.at = end;
        self.state = State::Within;
        Some(Ok(entry))
    }

    fn broken<T>(&mut self) -> Option<Result<T, Broken>> {
        self.state = State::Over;
        Some(Err(Broken))
    }
}

/// The first place from `at` on that is no white space.
pub(super) fn blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// The place behind the string whose opening quote stands at `at`.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let quote = from + memchr(b'"', bytes.get(from..)?)?;
        let escapes = bytes.get(from..quote)?.iter().rev().take_while(|byte| **byte == b'\\').count();
        from = quote + 1;
        if escapes % 2 == 0 {
            return Some(from);
        }
    }
}

fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => string_end(bytes, at),
        b'{' => container_end(bytes, at, b'}'),
        b'[' => container_end(bytes, at, b']'),
        _ => scalar_end(bytes, at),
    }
}

fn container_end(bytes: &[u8], at: usize, close: u8) -> Option<usize> {
    let open = *bytes.get(at)?;
    let mut depth = 1usize;
    let mut from = at + 1;
    while depth > 0 {
        let found = from + bracket_or_quote(bytes.get(from..)?, open, close)?;
        let byte = *bytes.get(found)?;
        from = found + 1;
        if byte == b'"' {
            from = string_end(bytes, found)?;
        } else if byte == open {
            depth += 1;
        } else {
            depth -= 1;
        }
    }
    Some(from)
}

/// `memchr3` is the fastest over a distance, and the slowest for the next byte.
fn bracket_or_quote(bytes: &[u8], open: u8, close: u8) -> Option<usize> {
    let near = bytes.get(..NEAR).unwrap_or(bytes);
    let found = near.iter().position(|byte| *byte == b'"' || *byte == open || *byte == close);
    found.or_else(|| Some(NEAR + memchr3(b'"', open, close, bytes.get(NEAR..)?)?))
}

const NEAR: usize = 8;

/// A number, `true`, `false` or `null`.
fn scalar_end(bytes: &[u8], at: usize) -> Option<usize> {
    let stops = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b':' | b'"' | b' ' | b'\n' | b'\r' | b'\t');
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(stops).unwrap_or(rest.len());
    (length > 0).then_some(at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Option<Vec<&str>> {
        let mut elements = Elements::of(text, 0)?;
        let found: Option<Vec<_>> = elements.by_ref().map(|range| text.get(range.ok()?)).collect();
        elements.is_all().then_some(found?)
    }

    fn members(text: &str) -> Option<Vec<(&str, &str)>> {
        Members::of(text, 0)?
            .map(|member| {
                let member = member.ok()?;
                Some((text.get(member.key)?, text.get(member.value)?))
            })
            .collect()
    }

    #[test]
    fn elements_end_where_they_end() {
        let text = r#" [ 1 ,-2.5e3,"a,]\\\"",[[1],{"b":"]"}] , {"c":[{}]},null ] "#;
        let expected = ["1", "-2.5e3", r#""a,]\\\"""#, r#"[[1],{"b":"]"}]"#, r#"{"c":[{}]}"#, "null"];
        assert_eq!(elements(text).unwrap(), expected);
        assert_eq!(elements("[]").unwrap(), [""; 0]);
    }

    #[test]
    fn members_have_a_key_and_a_value() {
        let text = r#"{ "a" : 1 ,"b\"":{"x":"}"},"":[]}"#;
        assert_eq!(members(text).unwrap(), [(r#""a""#, "1"), (r#""b\"""#, r#"{"x":"}"}"#), (r#""""#, "[]")]);
        assert_eq!(members("{}").unwrap(), []);
    }

    #[test]
    fn what_is_no_json_is_broken() {
        for text in ["", "[", "[1", "[1 2]", "[,]", "[1,]", r#"["a]"#, "[[]", r#"[{"a":1]"#, "[1]2", r#"["\"]"#] {
            assert!(elements(text).is_none(), "{text}");
        }
        for text in ["{", "{a:1}", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1"#, r#"{"a" 1}"#, r#"{"a":1 "b":2}"#] {
            assert!(members(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nesting_costs_no_stack() {
        let deep = format!("[{}{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(elements(&deep).unwrap().len(), 1);
    }
}
