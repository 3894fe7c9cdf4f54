//! States of the conventions that are written: the pinned one, and older ones that installed backends read.

/// A state of the GenAI conventions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// The newest state, [`semconv::PINNED`](crate::semconv::PINNED).
    #[default]
    Latest,
    /// Versions 1.37 to 1.41: `gen_ai.usage.cache_creation.input_tokens`, the metric `gen_ai.client.token.usage`.
    V1_41,
    /// Version 1.36 and before: besides `gen_ai.system`, and an event for each message.
    V1_36,
}

/// One or several states of the conventions, written side by side.
///
/// ```
/// use tracing_genai::{Dialect, Dialects};
///
/// let newest = Dialects::default();
/// let both = Dialects::from([Dialect::Latest, Dialect::V1_41]);
/// assert!(both.contains(Dialect::V1_41) && !newest.contains(Dialect::V1_41));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dialects(u8);

impl Dialects {
    /// Whether that state is written.
    pub fn contains(self, dialect: Dialect) -> bool {
        self.0 & bit(dialect) != 0
    }

    /// Whether nothing but the pinned state is written.
    pub(crate) fn is_latest(self) -> bool {
        self.0 == bit(Dialect::Latest)
    }
}

const fn bit(dialect: Dialect) -> u8 {
    1 << dialect as u8
}

impl Default for Dialects {
    fn default() -> Self {
        Dialect::Latest.into()
    }
}

impl From<Dialect> for Dialects {
    fn from(dialect: Dialect) -> Self {
        Self(bit(dialect))
    }
}

/// None at all is the default.
impl FromIterator<Dialect> for Dialects {
    fn from_iter<I: IntoIterator<Item = Dialect>>(dialects: I) -> Self {
        match dialects.into_iter().fold(0, |set, dialect| set | bit(dialect)) {
            0 => Self::default(),
            set => Self(set),
        }
    }
}

impl<const N: usize> From<[Dialect; N]> for Dialects {
    fn from(dialects: [Dialect; N]) -> Self {
        dialects.into_iter().collect()
    }
}
