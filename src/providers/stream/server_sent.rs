//! `text/event-stream`: bytes, cut anywhere → events, by the rules of the HTML standard (9.2.6, "Interpreting an event
//! stream").
//!
//! Identifiers and times to reconnect are passed over, as nobody here reconnects. An event without data says nothing to
//! any format, and is passed over, too.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::providers::stream::{MAX_PIECE_BYTES, Piece};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Name of an event that says none.
const DEFAULT_NAME: &str = "message";

/// Data of an event that is read the short way: far enough from the limit for it not to matter.
const MAX_PLAIN_BYTES: usize = MAX_PIECE_BYTES / 2;

/// What is left of an event that has not come to its end.
///
/// An event that lies in one push whole is handed out as a part of it, without a copy.
#[derive(Debug, Default)]
pub(crate) struct ServerSent {
    /// A line whose end has not come.
    line: Vec<u8>,
    line_is_too_long: bool,
    /// A line ended in CR: an LF that comes next belongs to it.
    after_cr: bool,
    /// The first line has come.
    begun: bool,
    event: Event<'static>,
}

/// An event whose end has not come.
#[derive(Debug, Default)]
struct Event<'a> {
    name: Cow<'a, [u8]>,
    data: Option<Cow<'a, [u8]>>,
    is_too_long: bool,
}

impl ServerSent {
    /// Hands every event that `bytes` complete to `each`; `None` for one that is too long.
    pub(crate) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
        let mut event = std::mem::take(&mut self.event);
        let mut rest = self.without_lf(bytes);
        loop {
            if self.begun && self.line.is_empty() && !self.line_is_too_long && event.is_empty() && !self.after_cr {
                rest = plain(rest, each);
            }
            let Some(end) = memchr2(b'\n', b'\r', rest) else { break };
            let (line, after) = rest.split_at(end);
            let line = self.whole(line);
            self.after_cr = after.starts_with(b"\r");
            rest = self.without_lf(after.get(1..).unwrap_or_default());
            match line {
                Some(line) => event.line(line, each),
                None => event.give_up(),
            }
        }
        self.keep(rest);
        self.event = event.into_owned();
    }

    /// `bytes` without the LF of a line that ended in CR.
    fn without_lf<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if !self.after_cr || bytes.is_empty() {
            return bytes;
        }
        self.after_cr = false;
        bytes.strip_prefix(b"\n").unwrap_or(bytes)
    }

    /// The line that `end` completes; `None` if it is too long.
    fn whole<'a>(&mut self, end: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let is_first = !std::mem::replace(&mut self.begun, true);
        if self.line.is_empty() && !self.line_is_too_long && !is_first {
            return (end.len() <= MAX_PIECE_BYTES).then_some(Cow::Borrowed(end));
        }
        self.keep(end);
        let mut line = std::mem::take(&mut self.line);
        if is_first && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        (!std::mem::take(&mut self.line_is_too_long)).then_some(Cow::Owned(line))
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.line.len().saturating_add(bytes.len()) > MAX_PIECE_BYTES {
            self.line_is_too_long = true;
            self.line = Vec::new();
        }
        if !self.line_is_too_long {
            self.line.extend_from_slice(bytes);
        }
    }
}

/// Hands on what `bytes` begin with as long as it is events as everybody writes them: a line of data, at most a name
/// before it. What is left is for the rules in full.
fn plain<'a>(mut bytes: &'a [u8], each: &mut dyn FnMut(Option<Piece<'_>>)) -> &'a [u8] {
    let event = |bytes: &'a [u8]| {
        let (name, rest) = match bytes.strip_prefix(b"event: ") {
            Some(rest) => line_of(rest)?,
            None => (DEFAULT_NAME.as_bytes(), bytes),
        };
        let (data, rest) = line_of(rest.strip_prefix(b"data: ")?)?;
        let rest = rest.strip_prefix(b"\n").or_else(|| rest.strip_prefix(b"\r\n"))?;
        let is_plain = !name.is_empty() && !data.is_empty() && name.len().max(data.len()) <= MAX_PLAIN_BYTES;
        Some((Piece { name: std::str::from_utf8(name).ok()?, data }, rest)).filter(|_| is_plain)
    };
    while let Some((piece, rest)) = event(bytes) {
        each(Some(piece));
        bytes = rest;
    }
    bytes
}

/// A line that ends in LF or CRLF, and what follows.
fn line_of(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = bytes.split_at_checked(memchr2(b'\n', b'\r', bytes)?)?;
    Some((line, rest.strip_prefix(b"\n").or_else(|| rest.strip_prefix(b"\r\n"))?))
}

impl<'a> Event<'a> {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.data.is_none() && !self.is_too_long
    }

    fn line(&mut self, line: Cow<'a, [u8]>, each: &mut dyn FnMut(Option<Piece<'_>>)) {
        if line.is_empty() {
            std::mem::take(self).dispatch(each);
            return;
        }
        let colon = memchr(b':', &line).unwrap_or(line.len());
        let (field, value) = line.split_at(colon);
        let start = if value.starts_with(b": ") { colon + 2 } else { colon + 1 };
        match field {
            b"data" => self.data(after(line, start)),
            b"event" => self.name = after(line, start),
            _ => {}
        }
    }

    fn data(&mut self, value: Cow<'a, [u8]>) {
        let before = self.data.as_ref().map_or(0, |data| data.len().saturating_add(1));
        if self.is_too_long || before.saturating_add(value.len()) > MAX_PIECE_BYTES {
            self.give_up();
            return;
        }
        match &mut self.data {
            Some(data) => {
                let data = data.to_mut();
                data.push(b'\n');
                data.extend_from_slice(&value);
            }
            none => *none = Some(value),
        }
    }

    fn give_up(&mut self) {
        *self = Self { is_too_long: true, ..Self::default() };
    }

    fn dispatch(self, each: &mut dyn FnMut(Option<Piece<'_>>)) {
        if self.is_too_long {
            each(None);
        } else if let Some(data) = self.data.filter(|data| !data.is_empty()) {
            let name = std::str::from_utf8(&self.name).ok().filter(|name| !name.is_empty()).unwrap_or(DEFAULT_NAME);
            each(Some(Piece { name, data: &data }));
        }
    }

    fn into_owned(self) -> Event<'static> {
        let name = Cow::Owned(self.name.into_owned());
        Event { name, data: self.data.map(|data| Cow::Owned(data.into_owned())), is_too_long: self.is_too_long }
    }
}

/// What stands in `line` from `start` on.
fn after(line: Cow<'_, [u8]>, start: usize) -> Cow<'_, [u8]> {
    match line {
        Cow::Borrowed(line) => Cow::Borrowed(line.get(start..).unwrap_or_default()),
        Cow::Owned(mut line) => {
            line.drain(..start.min(line.len()));
            Cow::Owned(line)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Seen = Vec<Option<(String, String)>>;

    fn events<'a>(pushes: impl IntoIterator<Item = &'a [u8]>) -> Seen {
        let (mut decoder, mut seen) = (ServerSent::default(), Seen::new());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for push in pushes {
            decoder.push(push, &mut |piece| seen.push(piece.map(|piece| (piece.name.to_owned(), text(piece.data)))));
            assert!(decoder.line.capacity() <= 2 * MAX_PIECE_BYTES);
        }
        seen
    }

    fn event(name: &str, data: &str) -> Option<(String, String)> {
        Some((name.to_owned(), data.to_owned()))
    }

    #[test]
    fn events_are_those_of_the_standard() {
        #[rustfmt::skip]
        let cases: &[(&str, Seen)] = &[
            ("data: a\n\n",                                vec![event("message", "a")]),
            ("\u{feff}data: a\r\rdata: b\r\n\r\n",         vec![event("message", "a"), event("message", "b")]),
            ("data: a\n\u{feff}data: b\n\n",               vec![event("message", "a")]),
            ("data:  two\ndata:one\ndata\n\n",             vec![event("message", " two\none\n")]),
            ("event: x\nevent: y\ndata: 1\n\ndata: 2\n\n", vec![event("y", "1"), event("message", "2")]),
            (": comment\n:\nid: 7\nretry: 9\ndata: a\n\n", vec![event("message", "a")]),
            ("event: lost\n\ndata: a\n\n",                 vec![event("message", "a")]),
            ("data:\n\ndata\n\n\n\n",                      vec![]),
            ("dat: a\nDATA: b\n data: c\n\n",              vec![]),
            ("data: never over\n",                         vec![]),
        ];
        for (stream, wanted) in cases {
            assert_eq!(events([stream.as_bytes()]), *wanted, "{stream:?}");
            assert_eq!(events(stream.as_bytes().chunks(1)), *wanted, "{stream:?}");
        }
    }

    #[test]
    fn an_event_that_is_too_long_is_passed_over_and_counted_once() {
        let line = format!("data: {}\n", "x".repeat(MAX_PIECE_BYTES / 2));
        for long in [line.repeat(5), line.trim_end().repeat(5) + "\n", format!(":{}\n", "x".repeat(MAX_PIECE_BYTES))] {
            let stream = format!("{long}data: y\n\ndata: z\n\n");
            assert_eq!(events([stream.as_bytes()]), [None, event("message", "z")]);
            assert_eq!(events(stream.as_bytes().chunks(1000)), [None, event("message", "z")]);
        }
        let fits = format!("data:{}\n\n", "x".repeat(MAX_PIECE_BYTES - 5));
        assert_eq!(events([fits.as_bytes()]).len(), 1);
    }

    #[test]
    fn what_lies_in_one_push_is_not_copied() {
        let stream = b"data: first\n\nevent: b\ndata: a\n\n";
        let mut decoder = ServerSent::default();
        let mut inside = 0;
        decoder.push(stream, &mut |piece| {
            let piece = piece.unwrap();
            inside += usize::from(stream.as_ptr_range().contains(&piece.data.as_ptr()));
        });
        // The first line is looked at for a byte order mark.
        assert_eq!(inside, 1);
    }

    proptest! {
        #[test]
        fn where_it_is_cut_makes_no_difference(
            lines in prop::collection::vec("(data|event|id|)(:| |: )?[a-z:]{0,3}(\n|\r|\r\n|\n\n)", 0..20),
            cuts in prop::collection::vec(1_usize..9, 1..20),
        ) {
            let stream = lines.concat();
            let mut rest = stream.as_bytes();
            let mut pushes = Vec::new();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break }
                let (push, after) = rest.split_at((*cut).min(rest.len()));
                pushes.push(push);
                rest = after;
            }
            prop_assert_eq!(events(pushes), events([stream.as_bytes()]));
        }
    }
}
