//! A value → its JSON text, however large or deep it is: written up to a limit, never by recursion without one.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Bytes of JSON that are written at most. What is larger is omitted: a backend would not take it either, and cutting
/// it would mean to hold it first.
pub const MAX_CONTENT_BYTES: usize = 16 * 1024 * 1024;

/// Arrays and objects inside of each other, at most: what reads JSON stops at 128, and a message adds some.
pub const MAX_CONTENT_DEPTH: usize = 100;

/// Why there is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    TooLarge,
    TooDeep,
    /// Its own `Serialize` failed, or it is nothing that JSON has.
    Unserialisable,
}

/// The compact JSON text of `value`.
pub(crate) fn to_text<T: Serialize + ?Sized>(value: &T) -> Result<String, Refused> {
    to_text_of(value, 128)
}

/// [`to_text`] of about `expected` bytes.
pub(crate) fn to_text_of<T: Serialize + ?Sized>(value: &T, expected: usize) -> Result<String, Refused> {
    let mut out = Capped { bytes: Vec::with_capacity(expected.min(MAX_CONTENT_BYTES)), refused: None };
    let written = {
        let depth = Depth { left: MAX_CONTENT_DEPTH };
        value.serialize(&mut Serializer::with_formatter(&mut out, depth))
    };
    match (written, out.refused) {
        (Ok(()), _) => String::from_utf8(out.bytes).map_err(|_| Refused::Unserialisable),
        (Err(_), Some(refused)) => Err(refused),
        // The formatter cannot reach the writer: its refusal comes back as the error.
        (Err(error), None) if error.is_io() => Err(Refused::TooDeep),
        (Err(_), None) => Err(Refused::Unserialisable),
    }
}

/// Takes bytes up to the limit.
struct Capped {
    bytes: Vec<u8>,
    refused: Option<Refused>,
}

impl io::Write for Capped {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.bytes.len() + bytes.len() > MAX_CONTENT_BYTES {
            self.refused = Some(Refused::TooLarge);
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes compact JSON of a limited depth.
struct Depth {
    left: usize,
}

impl Depth {
    fn down(&mut self) -> io::Result<()> {
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
        Ok(())
    }
}

impl Formatter for Depth {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.down()?;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.left += 1;
        writer.write_all(b"]")
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.down()?;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.left += 1;
        writer.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_text_that_serde_json_writes() {
        let value = serde_json::json!({"a": [1, 2.5, null, true], "b": {"c": "é\n\"x\""}});
        assert_eq!(to_text(&value).unwrap(), serde_json::to_string(&value).unwrap());
    }

    #[test]
    fn what_is_too_large_is_refused() {
        assert_eq!(to_text(&"x".repeat(MAX_CONTENT_BYTES - 2)).unwrap().len(), MAX_CONTENT_BYTES);
        assert_eq!(to_text(&"x".repeat(MAX_CONTENT_BYTES - 1)), Err(Refused::TooLarge));
        // A sequence without an end ends here, too.
        struct Endless;
        impl Serialize for Endless {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(std::iter::repeat("again"))
            }
        }
        assert_eq!(to_text(&Endless), Err(Refused::TooLarge));
    }

    #[test]
    fn what_is_too_deep_is_refused_before_the_stack_ends() {
        let nested = |depth: usize| (0..depth).fold(serde_json::Value::Null, |inner, _| vec![inner].into());
        assert!(to_text(&nested(MAX_CONTENT_DEPTH)).is_ok());
        assert_eq!(to_text(&nested(MAX_CONTENT_DEPTH + 1)), Err(Refused::TooDeep));
        let side_by_side: Vec<_> = (0..1000).map(|_| nested(MAX_CONTENT_DEPTH - 1)).collect();
        assert!(to_text(&side_by_side).is_ok());
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        let odd: std::collections::HashMap<Vec<u8>, u8> = [(vec![1], 1)].into();
        assert_eq!(to_text(&odd), Err(Refused::Unserialisable));
    }
}
