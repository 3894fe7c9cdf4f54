//! `application/vnd.amazon.eventstream`: bytes, cut anywhere → events.
//!
//! A frame: length of all and of the headers, CRC-32 of those; headers; payload; CRC-32 of all. Numbers are big-endian.
//! (Amazon's documentation: "Event stream encoding".)

use crate::providers::stream::{MAX_PIECE_BYTES, Piece};

/// Two lengths and their checksum.
const PRELUDE: usize = 12;
/// The prelude and the checksum at the end.
const AROUND: usize = PRELUDE + 4;

/// What is left of a frame that has not come to its end.
#[derive(Debug, Default)]
pub(crate) struct AwsEvents {
    frame: Vec<u8>,
    /// Bytes to pass over: of a frame that is too long.
    pass: usize,
    /// After lengths that are wrong nobody knows where the next frame begins.
    is_lost: bool,
}

impl AwsEvents {
    /// Hands every event that `bytes` complete to `each`; `None` for a frame that is too long or damaged.
    pub(crate) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
        while !bytes.is_empty() && !self.is_lost {
            bytes = self.step(bytes, each);
        }
    }

    /// Takes up to the end of a frame and returns what is left.
    fn step<'a>(&mut self, bytes: &'a [u8], each: &mut dyn FnMut(Option<Piece<'_>>)) -> &'a [u8] {
        if self.pass > 0 {
            let (passed, rest) = bytes.split_at(self.pass.min(bytes.len()));
            self.pass -= passed.len();
            return rest;
        }
        if self.frame.is_empty()
            && let Some(Ok(length)) = length_of(bytes)
            && let Some((frame, rest)) = bytes.split_at_checked(length)
            && length <= MAX_PIECE_BYTES
        {
            // Whole: nothing has to be copied.
            hand_on(frame, each);
            return rest;
        }
        let wanted = match length_of(&self.frame) {
            Some(Ok(length)) => length,
            _ => PRELUDE,
        };
        let (part, rest) = bytes.split_at(wanted.saturating_sub(self.frame.len()).min(bytes.len()));
        self.frame.extend_from_slice(part);
        self.kept(each);
        rest
    }

    /// Looks at what is kept of a frame.
    fn kept(&mut self, each: &mut dyn FnMut(Option<Piece<'_>>)) {
        match length_of(&self.frame) {
            None => return,
            Some(Err(())) => {
                self.is_lost = true;
                each(None);
            }
            Some(Ok(length)) if length > MAX_PIECE_BYTES => {
                self.pass = length - self.frame.len();
                each(None);
            }
            Some(Ok(length)) if length == self.frame.len() => hand_on(&self.frame, each),
            Some(Ok(_)) => return,
        }
        self.frame.clear();
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_be_bytes)
}

fn size(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(number(bytes, at)?).ok()
}

/// How long the frame is that begins here; `None` if its prelude is not there yet, an error if that is damaged.
fn length_of(bytes: &[u8]) -> Option<Result<usize, ()>> {
    let (length, headers, checksum) = (size(bytes, 0)?, size(bytes, 4)?, number(bytes, 8)?);
    let is_whole = crc32fast::hash(bytes.get(..8)?) == checksum;
    let fits = length >= AROUND && headers <= length - AROUND;
    Some(if is_whole && fits { Ok(length) } else { Err(()) })
}

/// Reads a whole frame.
fn hand_on(frame: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
    match event(frame) {
        Some(Event::Event { name, data }) => each(Some(Piece { name, data })),
        Some(Event::Exception(code)) => {
            // As the error is written in a body without streaming. A message, if there is one, stays here.
            let is_code = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-#:/".contains(&byte));
            let data = format!("{{\"__type\":\"{}\"}}", if is_code { code } else { "" });
            each(Some(Piece { name: "exception", data: data.as_bytes() }));
        }
        None => each(None),
    }
}

#[derive(Debug, PartialEq)]
enum Event<'a> {
    Event { name: &'a str, data: &'a [u8] },
    Exception(&'a str),
}

fn event(frame: &[u8]) -> Option<Event<'_>> {
    let end = frame.len().checked_sub(4)?;
    let headers = frame.get(PRELUDE..)?.split_at_checked(size(frame, 4)?)?.0;
    let data = frame.get(PRELUDE + headers.len()..end)?;
    if number(frame, end)? != crc32fast::hash(frame.get(..end)?) {
        return None;
    }
    let (mut kind, mut name, mut code) = ("event", "", "");
    let mut rest = headers;
    while !rest.is_empty() {
        let (key, value, after) = header(rest)?;
        match (key, value) {
            (b":message-type", Some(value)) => kind = value,
            (b":event-type", Some(value)) => name = value,
            (b":exception-type" | b":error-code", Some(value)) => code = value,
            _ => {}
        }
        rest = after;
    }
    Some(if kind == "event" { Event::Event { name, data } } else { Event::Exception(code) })
}

/// The name of the first header, its value if that is text, and what comes after it.
fn header(bytes: &[u8]) -> Option<(&[u8], Option<&str>, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (kind, rest) = rest.split_first()?;
    let length = match *kind {
        0 | 1 => 0, // true, false
        2 => 1,     // byte
        3 => 2,     // short
        4 => 4,     // integer
        5 | 8 => 8, // long, timestamp
        9 => 16,    // UUID
        6 | 7 => {
            // bytes, text
            let (length, value) = rest.split_at_checked(2)?;
            let (value, rest) = value.split_at_checked(usize::from(u16::from_be_bytes(length.try_into().ok()?)))?;
            let text = if *kind == 7 { std::str::from_utf8(value).ok() } else { None };
            return Some((name, text, rest));
        }
        _ => return None,
    };
    Some((name, None, rest.split_at_checked(length)?.1))
}

#[cfg(test)]
#[path = "aws_events_tests.rs"]
mod tests;
