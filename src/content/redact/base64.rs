//! Base64 as it stands in text: both alphabets, with line breaks, escapes of JSON and of URLs.

/// Decodes piece by piece, so that an image is never in memory twice.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    bits: u32,
    count: u8,
}

/// How many bytes are handed on at once.
const BLOCK: usize = 3 * 256;

impl Decoder {
    /// Decodes `text` and hands its bytes to `sink`. What is no base64 is passed over.
    pub(super) fn feed(&mut self, text: &str, mut sink: impl FnMut(&[u8])) {
        let mut block = Vec::with_capacity(BLOCK);
        let mut bytes = text.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                // `\/` is a slash, `\n` is nothing; JSON in JSON has more backslashes.
                b'\\' if bytes.peek() == Some(&b'\\') => continue,
                b'\\' => bytes.next().filter(|byte| *byte == b'/').unwrap_or(b'\n'),
                b'%' => hex(bytes.next()) << 4 | hex(bytes.next()),
                byte => byte,
            };
            let Some(value) = value(byte) else { continue };
            self.bits = self.bits << 6 | u32::from(value);
            self.count += 1;
            if self.count == 4 {
                let [_, group @ ..] = self.bits.to_be_bytes();
                block.extend_from_slice(&group);
                (self.bits, self.count) = (0, 0);
            }
            if block.len() >= BLOCK {
                sink(&block);
                block.clear();
            }
        }
        sink(&block);
    }

    /// Hands out what is left of the last group.
    pub(super) fn finish(self, mut sink: impl FnMut(&[u8])) {
        let [_, a, b, _] = (self.bits << (6 * (4 - u32::from(self.count.min(4))))).to_be_bytes();
        match self.count {
            2 => sink(&[a]),
            3 => sink(&[a, b]),
            _ => {}
        }
    }
}

/// Whether `byte` is of one of the two alphabets.
pub(super) const fn is_digit(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'-' | b'_')
}

const fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn hex(byte: Option<u8>) -> u8 {
    byte.and_then(|byte| char::from(byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0)
}
