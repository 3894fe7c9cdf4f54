//! E-mail addresses.

use std::ops::Range;

use super::place::{behind_escape, part};

pub(super) const PATTERN: &str = r"[\w.%+'-]+(?:@|%40)(?:[\w-]+\.)+\w{2,24}";

/// The longest that RFC 5321 allows: 64 before the `@`, 255 behind.
const MAX_LOCAL: usize = 64;

pub(super) fn address(text: &str, matched: Range<usize>) -> Option<Range<usize>> {
    let found = part(text, matched.clone());
    let (at, width) = found.rfind('@').map(|at| (at, 1)).or_else(|| found.rfind("%40").map(|at| (at, 3)))?;
    let (local, domain) = (found.get(..at)?, found.get(at + width..)?);
    let (name, top) = domain.rsplit_once('.')?;
    // `package@1.2.3`, `icon@2x.png`.
    let numbered = name.split('.').next_back()?.chars().all(|c| c.is_ascii_digit() || c == 'x');
    let end = top.find(|c: char| !c.is_alphabetic()).unwrap_or(top.len());
    let scp = matches!(local, "git" | "hg") || part(text, 0..matched.start).ends_with("//");
    if numbered || scp || end < 2 {
        return None;
    }
    let start = behind_escape(text, matched.start).min(matched.start + at);
    let long = (matched.start + at).saturating_sub(MAX_LOCAL).max(start);
    let start = (long..matched.start + at).find(|at| text.is_char_boundary(*at))?;
    let skipped = part(text, start..matched.start + at).trim_start_matches(['.', '\'', '-', '%', '+']);
    let start = matched.start + at - skipped.len();
    (!skipped.is_empty()).then(|| start..matched.end - (top.len() - end))
}
