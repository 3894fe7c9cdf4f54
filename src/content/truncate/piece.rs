//! A piece of the result, which knows how much of it was given and how much says what is missing.

/// Text for the result.
#[derive(Debug, Default)]
pub(super) struct Piece {
    text: String,
    /// How many bytes of it were not in the given text.
    added: usize,
}

impl Piece {
    /// The given `text`, whole.
    pub(super) fn whole(text: &str) -> Self {
        Self { text: text.to_owned(), added: 0 }
    }

    /// More of the given text.
    pub(super) fn keep(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// What tells about the missing.
    pub(super) fn note(&mut self, text: &str) {
        self.text.push_str(text);
        self.added += text.len();
    }

    pub(super) fn append(&mut self, piece: &Self) {
        self.text.push_str(&piece.text);
        self.added += piece.added;
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// How many bytes of the given text it holds.
    pub(super) fn kept(&self) -> usize {
        self.text.len().saturating_sub(self.added)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}
