//! Looks through a text for everything at once, and puts markers in place of what it finds.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::hints::{self, Place};
use super::media::{self, Media, Written};
use super::place::{Check, escape_length, floor, part};
use super::rows::{Hint, Left, ROWS, Row};
use super::{Class, Custom, Pass};

/// What stands in place of a text that could not be looked through.
pub(super) const UNUSABLE: &str = "[redacted]";

/// What a marker makes of its surroundings may be found in turn; after so many rounds the text is left out.
const MAX_ROUNDS: usize = 6;

/// Before a word: no other word, or an escape of JSON or of a URL.
const BEFORE_WORD: &str = r"(?:\b{start-half}|\\[nrtbf]|\\u00[0-9a-fA-F]{2}|%[0-9a-fA-F]{2})";

const MARKER: &str = r"\[redacted(?::([a-z][a-z0-9_]*)(?: [a-z0-9/.+-]+ \d+ bytes sha256:[0-9a-f]{64})?)?\]";

/// How far before a hint a match may begin.
const BEFORE_HINT: usize = 64;
/// Before an `@` stand 64 characters of an e-mail address, or the whole password of a URL.
const BEFORE_AT: usize = 320;

/// How far behind a hint a match is looked for; one that reaches so far is looked for again, farther.
const BEHIND_HINT: usize = 96;

#[derive(Debug)]
struct Compiled {
    rows: Vec<Regex>,
    marker: Regex,
}

static COMPILED: LazyLock<Option<Compiled>> = LazyLock::new(|| Compiled::new().ok());

impl Compiled {
    fn new() -> Result<Self, regex::Error> {
        let patterns: Vec<String> = ROWS.iter().map(Row::expression).collect();
        Ok(Self {
            rows: patterns.iter().map(|pattern| Regex::new(pattern)).collect::<Result<_, _>>()?,
            marker: Regex::new(MARKER)?,
        })
    }
}

impl Row {
    pub(super) fn expression(&self) -> String {
        match self.left {
            Left::Word => format!("(?-u:{BEFORE_WORD}(?:{}))", self.pattern),
            Left::Any => self.pattern.to_owned(),
        }
    }

    /// Everything this row finds at `places`.
    fn find(&self, regex: &Regex, text: &str, places: &[Place], found: &mut Vec<Range<usize>>) {
        let (back, behind) = match self.hint {
            Hint::At => (BEFORE_AT, BEHIND_HINT),
            // The pattern ends with the `=`.
            Hint::Equals => (BEFORE_HINT, 1),
            Hint::Words(_) | Hint::Digits => (BEFORE_HINT, BEHIND_HINT),
        };
        let mut done = 0;
        for place in places {
            let mut window = Window {
                at: floor(text, place.start.saturating_sub(back)).max(done),
                end: ceil(text, place.end + behind),
            };
            while let Some(matched) = window.next(regex, text) {
                window.at = ceil(text, self.take(text, matched, found));
            }
            done = window.at;
        }
    }

    /// What of a match is found. Returns where to go on.
    fn take(&self, text: &str, matched: Range<usize>, found: &mut Vec<Range<usize>>) -> usize {
        let lead = if self.left == Left::Word { escape_length(part(text, matched.clone())) } else { 0 };
        let range = matched.start + lead..matched.end;
        let next = matched.end.max(matched.start + 1);
        match self.check {
            Check::Whole => {
                found.push(range);
                next
            }
            Check::Value(check) => check(text, range).map_or(next, |value| taken(value, found).max(next)),
            Check::Number(check) => match check(text, range) {
                Some(value) => taken(value, found).max(matched.start + 1),
                None => matched.start + 1,
            },
            Check::Members(check) => check(text, range, found).max(next),
        }
    }
}

/// A part of a text that a pattern is tried in.
struct Window {
    at: usize,
    end: usize,
}

impl Window {
    /// The next match. What stands before the window counts for boundaries of words.
    fn next(&mut self, regex: &Regex, text: &str) -> Option<Range<usize>> {
        loop {
            if self.at >= self.end {
                return None;
            }
            let matched = regex.find_at(text.get(..self.end)?, self.at)?.range();
            if matched.end < self.end || self.end == text.len() {
                return Some(matched);
            }
            // It may go on behind the window.
            self.end = ceil(text, self.end + 2 * (self.end - matched.start));
        }
    }
}

fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

fn taken(value: Range<usize>, found: &mut Vec<Range<usize>>) -> usize {
    let end = value.end;
    found.push(value);
    end
}

/// What is found somewhere.
#[derive(Debug)]
struct Finding<'a> {
    range: Range<usize>,
    what: What<'a>,
    /// Of two that are equally long the lower one counts.
    order: usize,
}

#[derive(Debug)]
enum What<'a> {
    Named(&'a str),
    Media(Media),
}

/// A text without what was found in it.
pub(super) struct Redacted<'a> {
    pub(super) text: Cow<'a, str>,
    /// How much was replaced.
    pub(super) count: usize,
}

impl Redacted<'static> {
    pub(super) fn whole(marker: impl Into<Cow<'static, str>>) -> Self {
        Self { text: marker.into(), count: 1 }
    }
}

/// `text` without what `pass` finds in it. Done again until nothing is found, so that doing it twice changes nothing.
pub(super) fn redact<'a>(pass: &Pass<'_>, text: &'a str) -> Redacted<'a> {
    let mut redacted = Redacted { text: Cow::Borrowed(text), count: 0 };
    for _ in 0..MAX_ROUNDS {
        let Some(findings) = findings(pass, &redacted.text) else { return Redacted::whole(UNUSABLE) };
        if findings.is_empty() {
            return redacted;
        }
        redacted.count += findings.len();
        redacted.text = Cow::Owned(replace(&redacted.text, &findings));
    }
    Redacted::whole(UNUSABLE)
}

/// `None`: the text cannot be looked through.
fn findings<'a>(pass: &Pass<'a>, text: &str) -> Option<Vec<Finding<'a>>> {
    let mut findings = Vec::new();
    if pass.classes.reads_rows() {
        from_table(pass, text, &mut findings)?;
    }
    if pass.classes.has(Class::Media) {
        let media = media::find(text, Written::Plainly)?.into_iter();
        findings.extend(media.map(|media| Finding {
            range: media.range.clone(),
            what: What::Media(media),
            order: usize::MAX,
        }));
    }
    for custom in &pass.custom {
        let matches = custom.regex.find_iter(text).filter(|matched| !matched.is_empty());
        findings.extend(matches.map(|matched| Finding {
            range: matched.range(),
            what: What::Named(&custom.name),
            order: ROWS.len(),
        }));
    }
    if !findings.is_empty() && text.contains("[redacted") {
        let markers = markers(&COMPILED.as_ref()?.marker, &pass.custom, text);
        findings.retain(|finding| !is_in(&markers, &finding.range));
    }
    Some(merged(findings))
}

fn from_table(pass: &Pass<'_>, text: &str, findings: &mut Vec<Finding<'_>>) -> Option<()> {
    let wanted = ROWS.iter().enumerate().filter(|(_, row)| pass.classes.has(row.class));
    let places = hints::find(text, wanted.fold(0, |rows, (number, _)| rows | 1 << number))?;
    let hinted = places.iter().fold(0, |rows, place| rows | place.rows);
    if hinted == 0 {
        return Some(());
    }
    let compiled = COMPILED.as_ref()?;
    let mut found = Vec::new();
    for (order, (row, regex)) in ROWS.iter().zip(&compiled.rows).enumerate() {
        if hinted & 1 << order == 0 {
            continue;
        }
        let own: Vec<Place> = places.iter().filter(|place| place.rows & 1 << order != 0).copied().collect();
        row.find(regex, text, &own, &mut found);
        findings.extend(found.drain(..).map(|range| Finding { range, what: What::Named(row.name), order }));
    }
    Some(())
}

/// Where markers stand. What only looks like one, such as `[redacted:hunter2]`, is none.
fn markers(marker: &Regex, custom: &[&Custom], text: &str) -> Vec<Range<usize>> {
    let known = |name: &str| {
        name == "media" || ROWS.iter().any(|row| row.name == name) || custom.iter().any(|custom| *custom.name == *name)
    };
    let found = marker.captures_iter(text).filter(|found| found.get(1).is_none_or(|name| known(name.as_str())));
    found.filter_map(|found| found.get(0)).map(|marker| marker.range()).collect()
}

/// Whether `range` is within one of `markers`, which are in order.
fn is_in(markers: &[Range<usize>], range: &Range<usize>) -> bool {
    let next = markers.partition_point(|marker| marker.end < range.end);
    markers.get(next).is_some_and(|marker| marker.start <= range.start && range.end <= marker.end)
}

/// Findings in order; what overlaps becomes one.
fn merged(mut findings: Vec<Finding<'_>>) -> Vec<Finding<'_>> {
    findings.retain(|finding| !finding.range.is_empty());
    findings.sort_unstable_by_key(|finding| (finding.range.start, finding.order));
    let mut merged: Vec<Finding<'_>> = Vec::with_capacity(findings.len());
    let mut longest = 0;
    for finding in findings {
        match merged.last_mut().filter(|last| finding.range.start < last.range.end) {
            Some(last) => {
                let rank = |length: usize, order: usize| (length, std::cmp::Reverse(order));
                let all = last.range.start..last.range.end.max(finding.range.end);
                if rank(finding.range.len(), finding.order) > rank(longest, last.order) {
                    longest = finding.range.len();
                    (last.what, last.order) = (finding.what, finding.order);
                }
                last.range = all;
            }
            None => {
                longest = finding.range.len();
                merged.push(finding);
            }
        }
    }
    merged
}

fn replace(text: &str, findings: &[Finding<'_>]) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut at = 0;
    for finding in findings {
        replaced.push_str(part(text, at..finding.range.start));
        match &finding.what {
            What::Named(name) => replaced.push_str(&marker(name)),
            What::Media(media) => replaced.push_str(&media.replacement(text)),
        }
        at = finding.range.end;
    }
    replaced.push_str(part(text, at..text.len()));
    replaced
}

/// `[redacted:{name}]`.
pub(super) fn marker(name: &str) -> String {
    format!("[redacted:{name}]")
}

/// [`Redactor::media`](super::Redactor::media) on a JSON document: what is found has no escapes but `\/`, and stands in one
/// string.
pub(super) fn media_in_json_text(text: &str) -> Cow<'_, str> {
    let Some(media) = media::find(text, Written::AsJson) else { return Cow::Borrowed("\"[redacted]\"") };
    if media.is_empty() {
        return Cow::Borrowed(text);
    }
    let finding = |media: Media| Finding { range: media.range.clone(), what: What::Media(media), order: 0 };
    Cow::Owned(replace(text, &merged(media.into_iter().map(finding).collect())))
}

/// Whether all of `text` is one marker of ours.
pub(super) fn is_marker(text: &str) -> bool {
    let Some(compiled) = text.starts_with("[redacted").then(|| COMPILED.as_ref()).flatten() else { return false };
    markers(&compiled.marker, &[], text).first() == Some(&(0..text.len()))
}
