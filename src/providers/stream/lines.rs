//! One JSON document a line (NDJSON): bytes, cut anywhere → lines.

use memchr::memchr;

use crate::providers::stream::{MAX_PIECE_BYTES, Piece};

/// What is left of a line that has not come to its end.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    line: Vec<u8>,
    is_too_long: bool,
}

impl Lines {
    /// Hands every line that `bytes` complete to `each`; `None` for one that is too long.
    pub(crate) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
        while let Some((line, rest)) = memchr(b'\n', bytes).and_then(|end| bytes.split_at_checked(end)) {
            if self.line.is_empty() && !self.is_too_long {
                hand_on(line, each);
            } else {
                self.keep(line);
                self.end(each);
            }
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.keep(bytes);
    }

    /// Hands on the line that nothing ended.
    pub(crate) fn finish(&mut self, each: &mut dyn FnMut(Option<Piece<'_>>)) {
        self.end(each);
    }

    fn end(&mut self, each: &mut dyn FnMut(Option<Piece<'_>>)) {
        if std::mem::take(&mut self.is_too_long) {
            each(None);
        } else {
            hand_on(&self.line, each);
        }
        self.line.clear();
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.is_too_long || self.line.len().saturating_add(bytes.len()) > MAX_PIECE_BYTES {
            self.is_too_long = true;
            self.line = Vec::new();
        } else {
            self.line.extend_from_slice(bytes);
        }
    }
}

fn hand_on(line: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
    let data = line.trim_ascii();
    if data.len() > MAX_PIECE_BYTES {
        each(None);
    } else if !data.is_empty() {
        each(Some(Piece { name: "", data }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<Option<String>> {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        let mut each = |piece: Option<Piece<'_>>| {
            found.push(piece.map(|piece| String::from_utf8_lossy(piece.data).into_owned()));
        };
        pieces.iter().for_each(|piece| lines.push(piece, &mut each));
        lines.finish(&mut each);
        found
    }

    #[test]
    fn lines_end_where_they_end_however_they_are_cut() {
        let text = b"{\"a\":1}\r\n\n  {\"b\":2}\n{\"c\":3}";
        let wanted = ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"].map(|line| Some(line.to_owned()));
        for at in 0..=text.len() {
            assert_eq!(read(&[&text[..at], &text[at..]]), wanted, "cut at {at}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_one_and_not_kept() {
        let long = vec![b'x'; MAX_PIECE_BYTES / 2 + 1];
        assert_eq!(read(&[&long, &long, &long, b"\n{}\n"]), [None, Some("{}".to_owned())]);
        let whole = [&vec![b'x'; MAX_PIECE_BYTES + 1][..], b"\n{}"].concat();
        assert_eq!(read(&[&whole]), [None, Some("{}".to_owned())]);
    }
}
