//! Variables of an environment: their names stay, their values go.

use std::ops::Range;

use super::place::{byte, byte_before, is_reference, part, quoted, until};

/// A name in capitals and its `=` where a word of a command begins, or any name behind a word that makes variables.
pub(super) const ASSIGNMENT: &str = concat!(
    r#"(?-u:(?:^|[\s;|("'`=]|&&|\\[nrt])(?:[A-Z_][A-Z0-9_]+="#,
    r"|(?:export|env|declare -x|typeset -x|-e|--env|-E)(?:[ =]\\{0,3}[\x22']?|[ ])[A-Za-z_][A-Za-z0-9_]*=))",
);
pub(super) const STATEMENT: &str = concat!(
    r"(?-u:(?:^|[\s;&|(]|\\[nrt])(?:setenv [A-Za-z_][A-Za-z0-9_]* |set -g?xg? [A-Za-z_][A-Za-z0-9_]* ",
    r"|ENV [A-Z_][A-Z0-9_]+ |(?i:\$env:)[A-Za-z_][A-Za-z0-9_]*[ ]?=[ ]?))",
);
pub(super) const OBJECT: &str =
    r#"(?-u:\\*["'](?i:env|environ|environment|env_?vars|environment_?variables|extra_?env)\\*["']\s*:\s*[\[{])"#;

/// Ends of the keys, as they are written.
pub(super) const OBJECT_WORDS: &[&str] =
    &["nv\"", "nv'", "nv\\", "NV\"", "nviron", "NVIRON", "nv_vars", "nvVars", "nvvars", "NV_VARS"];

/// The word of a shell behind the match.
pub(super) fn assigned(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let start = matched.end;
    let (value, end) = match quoted(text, start) {
        Some(quoted) => (quoted.inside, quoted.end),
        None => (start..start, start),
    };
    let rest = word_end(text, end);
    // `"a"b` is one word as well.
    let value = if rest > end { start..rest } else { value };
    let found = part(text, value.clone());
    let compared = byte(text, start) == b'=';
    (!compared && !found.is_empty() && !is_reference(found)).then_some(value)
}

/// Where a word ends that goes on at `at`; what is quoted in it may have spaces.
fn word_end(text: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        at = until(text, at, b" \t\r\n\"'`;&|<>()\\");
        match byte(text, at) {
            b'(' if byte_before(text, at) == b'$' => at = until(text, at, b")\n") + 1,
            b'\\' if matches!(byte(text, at + 1), b' ' | b'$' | b'&') => at += 2,
            b'"' | b'\'' if byte_before(text, at) == b'=' => match quoted(text, at) {
                Some(quoted) => at = quoted.end,
                None => return at,
            },
            _ => return at.min(text.len()),
        }
    }
}

/// The values of an object that is written in JSON, or of a list of `NAME=value`.
pub(super) fn members(text: &str, matched: Range<usize>, found: &mut Vec<Range<usize>>) -> usize {
    let mut reader = Members { text, at: matched.end, in_list: byte_before(text, matched.end) == b'[' };
    while let Some(value) = reader.next_value() {
        if !value.is_empty() && !is_reference(part(text, value.clone())) {
            found.push(value);
        }
    }
    reader.at.max(matched.end)
}

struct Members<'a> {
    text: &'a str,
    at: usize,
    in_list: bool,
}

impl Members<'_> {
    /// The next string value; `None` at the end, or where it is no JSON.
    fn next_value(&mut self) -> Option<Range<usize>> {
        if self.in_list {
            let entry = self.string()?;
            let name = part(self.text, entry.clone()).find('=');
            return Some(name.map_or(entry.end..entry.end, |name| entry.start + name + 1..entry.end));
        }
        loop {
            self.string()?;
            self.skip();
            if byte(self.text, self.at) != b':' {
                return None;
            }
            self.at += 1;
            self.skip();
            if quoted(self.text, self.at).is_some() {
                return self.string();
            }
            let start = self.at;
            self.at = until(self.text, start, b",}]{[\"'\n");
            let value = part(self.text, start..self.at).trim_end();
            if value.bytes().any(|byte| byte.is_ascii_digit()) {
                return Some(start..start + value.len());
            }
        }
    }

    fn string(&mut self) -> Option<Range<usize>> {
        self.skip();
        let quoted = quoted(self.text, self.at)?;
        self.at = quoted.end;
        Some(quoted.inside)
    }

    /// Over spaces, commas and escaped line breaks.
    fn skip(&mut self) {
        loop {
            match (byte(self.text, self.at), byte(self.text, self.at + 1)) {
                (b' ' | b'\t' | b'\r' | b'\n' | b',', _) => self.at += 1,
                (b'\\', b'n' | b'r' | b't') => self.at += 2,
                _ => return,
            }
        }
    }
}
