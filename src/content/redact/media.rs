//! Images, audio and other data in base64, and `data:` URLs: their type, size and digest stay.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

use super::base64::{Decoder, is_digit};
use super::place::{byte, byte_before, floor, part, until};
use super::signatures::{self, UNKNOWN};
use crate::content::digest::hex;

/// What begins media of any length.
static BEGINNINGS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let literals = signatures::BASE64.iter().copied().chain(["data:"]);
    let escaped = literals.map(regex::escape).chain([r"/9j\\*/".to_owned()]);
    Regex::new(&escaped.collect::<Vec<_>>().join("|")).ok()
});

/// Base64 without a known beginning is data from this length; shorter runs are digests and keys.
const MIN_RUN: usize = 256;
/// Base64 with a known beginning: the smallest images have some 60 bytes.
const MIN_KNOWN: usize = 64;
/// Lines of wrapped base64 have 64 or 76 characters.
const MIN_LINE: usize = 60;
/// Every so many bytes one is looked at: less than half of `MIN_RUN`, and no multiple of a usual length of lines.
const STRIDE: usize = 113;

/// Data in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Media {
    pub(super) range: Range<usize>,
    /// As a `data:` URL names it.
    declared: Option<Range<usize>>,
    /// Where its base64 begins.
    data: usize,
    is_base64: bool,
}

impl Media {
    /// `[redacted:media image/png 70 bytes sha256:…]`.
    pub(super) fn replacement(&self, text: &str) -> String {
        let encoded = part(text, self.data..self.range.end);
        let (mut digest, mut size, mut head) = (Sha256::new(), 0_usize, Vec::new());
        let mut sink = |bytes: &[u8]| {
            digest.update(bytes);
            size += bytes.len();
            head.extend(bytes.iter().take(16_usize.saturating_sub(head.len())));
        };
        if self.is_base64 {
            let mut decoder = Decoder::default();
            decoder.feed(encoded, &mut sink);
            decoder.finish(sink);
        } else {
            sink(encoded.as_bytes());
        }
        let declared = self.declared.clone().map(|range| part(text, range).replace('\\', "").to_ascii_lowercase());
        let media_type = declared.unwrap_or_else(|| signatures::media_type(&head).to_owned());
        format!("[redacted:media {media_type} {size} bytes sha256:{}]", hex(&digest.finalize()))
    }
}

/// How the text is written that is looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Plainly,
    /// As a JSON document: nothing found may reach out of one of its strings.
    AsJson,
}

/// All media in `text`, in order; `None`: it cannot be looked for.
pub(super) fn find(text: &str, written: Written) -> Option<Vec<Media>> {
    let beginnings = BEGINNINGS.as_ref()?;
    let mut found: Vec<Media> = Vec::new();
    for beginning in beginnings.find_iter(text) {
        if found.last().is_none_or(|media| media.range.end <= beginning.start()) {
            found.extend(begun(text, beginning.start(), written));
        }
    }
    runs(text, &mut found);
    found.sort_unstable_by_key(|media| media.range.start);
    Some(found)
}

/// What a beginning at `start` begins.
fn begun(text: &str, start: usize, written: Written) -> Option<Media> {
    if byte(text, start) == b'd' {
        return data_url(text, start, written);
    }
    let start = if byte(text, start) == b'/' { start - backslashes_before(text.as_bytes(), start) } else { start };
    // Only what stands before it: going back to where the run begins would be quadratic.
    if is_digit(byte_before(text, start)) && !ends_escape(text, start) {
        return None;
    }
    let end = run_end(text, start);
    (end - start >= MIN_KNOWN && has_kinds(part(text, start..end))).then_some(Media {
        range: start..end,
        declared: None,
        data: start,
        is_base64: true,
    })
}

/// `data:[type][;parameter…][;base64],…`.
fn data_url(text: &str, start: usize, written: Written) -> Option<Media> {
    let (types, limit) = (start + "data:".len(), 160);
    let head_end = until(part(text, 0..floor(text, types + limit)), types, b",\"' \t\r\n<>()");
    let in_word = byte_before(text, start).is_ascii_alphanumeric() && !ends_escape(text, start);
    if byte(text, head_end) != b',' || in_word {
        return None;
    }
    let head = part(text, types..head_end);
    let named = head.split(';').next().unwrap_or("");
    let is_base64 = head.len() >= 7 && head.to_ascii_lowercase().ends_with(";base64");
    let known = ["image", "audio", "video", "font", "application", "text", "model", "multipart"];
    let is_type = known.iter().any(|top| named.get(..top.len()).is_some_and(|start| start.eq_ignore_ascii_case(top)))
        && named.len() <= 80
        && named.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/\\.+-".contains(&byte));
    let data = head_end + 1;
    let end = if is_base64 { run_end(text, data) } else { plain_end(text, data, written) };
    let plain = is_type && known.iter().take(3).any(|top| named.to_ascii_lowercase().starts_with(top));
    ((is_base64 || plain) && end > data).then_some(Media {
        range: start..end,
        declared: is_type.then_some(types..types + named.len()),
        data,
        is_base64,
    })
}

/// An image in clear is looked for in so many bytes.
const MAX_PLAIN: usize = 16 * 1024;

/// The end of an image that is written as it is.
fn plain_end(text: &str, data: usize, written: Written) -> usize {
    let begins = |start: &str| text.get(data..data + start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    let close = if begins("<svg") { "svg>" } else { "svg%3E" };
    let word_end = || until(text, data, b"\"' \t\r\n<>)\\`");
    if !begins("<svg") && !begins("%3Csvg") {
        return word_end();
    }
    let limit = floor(text, data + MAX_PLAIN);
    let limit = if written == Written::AsJson { string_end(text, data, limit) } else { limit };
    let image = part(text, data..limit);
    let closed = image.match_indices(close).map(|(at, _)| at).find(|at| part(image, 0..*at).ends_with('/'));
    closed.map_or_else(word_end, |end| data + end + close.len())
}

/// Where the JSON string ends that `from` is in.
fn string_end(text: &str, from: usize, limit: usize) -> usize {
    let mut bytes = part(text, from..limit).bytes().enumerate().map(|(at, byte)| (from + at, byte));
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return at,
            _ => {}
        }
    }
    limit
}

/// Whether an escape ends before `at`.
fn ends_escape(text: &str, at: usize) -> bool {
    let two = part(text, at.saturating_sub(2)..at);
    matches!(two, "\\n" | "\\r" | "\\t" | "\\b" | "\\f") || part(text, at.saturating_sub(6)..at).starts_with("\\u00")
}

/// Long runs outside of what is found. Looks at few bytes only.
fn runs(text: &str, found: &mut Vec<Media>) {
    let known: Vec<Range<usize>> = found.iter().map(|media| media.range.clone()).collect();
    let mut known = known.iter().peekable();
    let (mut at, mut floor) = (STRIDE, 0);
    while at < text.len() {
        while known.next_if(|range| range.end <= at).is_some() {}
        if let Some(range) = known.peek().filter(|range| range.start <= at) {
            (floor, at) = (range.end, range.end + STRIDE);
            continue;
        }
        // Between two digits there may be more backslashes than are skipped at once.
        let backslashes = text.as_bytes().iter().skip(at).take_while(|byte| **byte == b'\\').count();
        if backslashes > 0 {
            at += backslashes;
            continue;
        }
        if !is_digit(byte(text, at)) {
            at += STRIDE;
            continue;
        }
        let start = run_start(text, at, floor);
        let limit = known.peek().map_or(text.len(), |range| range.start);
        let end = run_end(text, start).min(limit).max(start);
        // Up to five digits may have been taken for an escape.
        let before = text.as_bytes().get(start.saturating_sub(6)..start).unwrap_or(&[]);
        let least = if before.contains(&b'\\') { MIN_RUN - 5 } else { MIN_RUN };
        if end - start >= least && is_data(part(text, start..end)) {
            found.push(Media { range: start..end, declared: None, data: start, is_base64: true });
        }
        floor = end;
        at = at.max(end) + STRIDE;
    }
}

/// Where the run ends that goes on at `start`, padding included.
///
/// Backslashes and what they escape are taken together or not at all, however many they are: a text in JSON in JSON has
/// two before its slashes, or three, and half an escape would leave no JSON.
fn run_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut line) = (start, start);
    loop {
        let rest = bytes.get(at..).unwrap_or(&[]);
        let digits = rest.iter().take_while(|byte| is_digit(**byte)).count();
        at += digits;
        let rest = rest.get(digits..).unwrap_or(&[]);
        if let Some(slash) = escaped(rest, b'/') {
            at += slash;
        } else if matches!(rest, [b'%', b'2', b'B' | b'F' | b'b' | b'f', ..]) {
            at += 3;
        } else {
            let length = line_break(rest);
            let next = rest.get(length..).unwrap_or(&[]);
            let goes_on = next.first().is_some_and(|byte| is_digit(*byte)) || escaped(next, b'/').is_some();
            if length == 0 || at - line < MIN_LINE || !goes_on {
                break;
            }
            at += length;
            line = at;
        }
    }
    let padding = part(text, at..floor(text, at + 6));
    at + ["%3D%3D", "%3D", "==", "="].iter().find(|known| padding.starts_with(**known)).map_or(0, |known| known.len())
}

/// How long `sign` at the start is, backslashes before it included; `None`: it is not there, or has none.
fn escaped(bytes: &[u8], sign: u8) -> Option<usize> {
    let backslashes = bytes.iter().take_while(|byte| **byte == b'\\').count();
    (backslashes > 0 && bytes.get(backslashes) == Some(&sign)).then_some(backslashes + 1)
}

/// How many backslashes stand before `at`.
fn backslashes_before(bytes: &[u8], at: usize) -> usize {
    bytes.get(..at).unwrap_or(&[]).iter().rev().take_while(|byte| **byte == b'\\').count()
}

/// How long a line break at the start is, also an escaped one.
fn line_break(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => {
            let back = escaped(bytes, b'r').unwrap_or(0);
            escaped(bytes.get(back..).unwrap_or(&[]), b'n').map_or(0, |feed| back + feed)
        }
    }
}

/// How long a line break at the end is, also an escaped one.
fn line_break_before(bytes: &[u8]) -> usize {
    let sign = |bytes: &[u8], sign: u8| match bytes.split_last() {
        Some((last, before)) if *last == sign => match backslashes_before(before, before.len()) {
            0 => 0,
            backslashes => backslashes + 1,
        },
        _ => 0,
    };
    match bytes {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => match sign(bytes, b'n') {
            0 => 0,
            feed => feed + sign(bytes.get(..bytes.len() - feed).unwrap_or(&[]), b'r'),
        },
    }
}

/// Where the line begins that ends at `end`: digits and escaped slashes.
fn line_start(bytes: &[u8], end: usize) -> usize {
    let mut at = end;
    loop {
        let before = bytes.get(..at).unwrap_or(&[]);
        at -= before.iter().rev().take_while(|byte| is_digit(**byte)).count();
        match backslashes_before(bytes, at) {
            backslashes if backslashes > 0 && bytes.get(at) == Some(&b'/') => at -= backslashes,
            _ => return at,
        }
    }
}

/// Where the run begins that `at` is in, not before `floor`.
fn run_start(text: &str, at: usize, floor: usize) -> usize {
    let bytes = text.as_bytes().get(floor..).unwrap_or(&[]);
    let mut at = at - floor;
    loop {
        at = line_start(bytes, at);
        if backslashes_before(bytes, at) > 0 {
            at += match bytes.get(at..).unwrap_or(&[]) {
                [b'r', rest @ ..] => 1 + escaped(rest, b'n').unwrap_or(0),
                [b'n' | b't' | b'f' | b'b', ..] => 1,
                [b'u', rest @ ..] => 1 + rest.iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count(),
                _ => 0,
            };
        }
        // A line of a wrapped run stands before it.
        let line = at.saturating_sub(line_break_before(bytes.get(..at).unwrap_or(&[])));
        if line == at || line - line_start(bytes, line) < MIN_LINE {
            return floor + at;
        }
        at = line;
    }
}

/// Whether it is base64 of data: no path, no hexadecimal digits, no drawn line.
fn is_data(run: &str) -> bool {
    let window: &[u8] = run.as_bytes().get(..4096).unwrap_or(run.as_bytes());
    let mut seen = [false; 256];
    for byte in window {
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
    }
    let alone = |three: &&[u8]| matches!(three, [a, b'/' | b'-' | b'_' | b'+', c] if a.is_ascii_alphanumeric() && c.is_ascii_alphanumeric());
    let signs = window.windows(3).filter(alone).count();
    let known = signatures::media_type(&head(run)) != UNKNOWN;
    let varied = seen.iter().filter(|seen| **seen).count() >= 20 && signs * 12 < window.len();
    has_kinds(run) && (varied || known)
}

fn has_kinds(run: &str) -> bool {
    let bytes = run.as_bytes().get(..4096).unwrap_or(run.as_bytes());
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase];
    kinds.iter().filter(|kind| bytes.iter().any(kind)).count() >= 2 && bytes.iter().any(u8::is_ascii_uppercase)
}

fn head(run: &str) -> Vec<u8> {
    let mut head = Vec::new();
    Decoder::default().feed(run.get(..32).unwrap_or(run), |bytes| head.extend_from_slice(bytes));
    head
}
