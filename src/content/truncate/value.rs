//! A JSON value in the text it stands in.

use super::outline::Outline;

/// One value, and what is known of the large containers in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    /// All that was given.
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Itself first if it is one of them; then those in it and behind it, by their place.
    pub(super) large: &'a [Outline],
}

impl<'a> Value<'a> {
    /// A value of whose containers nothing is known yet.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, start: 0, end: text.len(), large: &[] }
    }

    pub(super) fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    pub(super) fn as_str(self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn first(self) -> Option<u8> {
        self.text.as_bytes().get(self.start).copied()
    }

    pub(super) fn outline(self) -> Option<&'a Outline> {
        self.large.first().filter(|large| large.start == self.start)
    }
}
