//! `text/event-stream`: bytes, cut anywhere → events.

use memchr::memchr;

use crate::providers::stream::{MAX_PIECE_BYTES, Piece};

/// What is left of an event that has not come to its end.
#[derive(Debug, Default)]
pub(crate) struct ServerSent {
    line: Vec<u8>,
    name: String,
    data: Vec<u8>,
    too_long: bool,
}

impl ServerSent {
    /// Hands every event that `bytes` complete to `each`; `None` for one that is too long.
    pub(crate) fn push(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
        while let Some(end) = memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            if self.line.is_empty() {
                self.line(line, each);
            } else {
                self.keep(line);
                let line = std::mem::take(&mut self.line);
                self.line(&line, each);
            }
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.keep(bytes);
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.line.len() + bytes.len() > MAX_PIECE_BYTES {
            self.too_long = true;
        } else {
            self.line.extend_from_slice(bytes);
        }
    }

    fn line(&mut self, line: &[u8], each: &mut dyn FnMut(Option<Piece<'_>>)) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            if self.too_long {
                each(None);
            } else if !self.data.is_empty() {
                each(Some(Piece { name: &self.name, data: &self.data }));
            }
            self.data.clear();
            self.name.clear();
            self.too_long = false;
        } else if let Some(data) = line.strip_prefix(b"data:") {
            self.data.extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
        } else if let Some(name) = line.strip_prefix(b"event:") {
            self.name.push_str(String::from_utf8_lossy(name).trim());
        }
    }
}
