//! States of the conventions that are written: the pinned one, and older ones that installed backends read.
//!
//! What had another name or another word has a row in `dialect_names.rs`. Everything else that older states lack came
//! later, and stays as it is: no reader is harmed by an attribute it does not know.

use opentelemetry::logs::AnyValue;
use opentelemetry::{Key, KeyValue, StringValue, Value};

use crate::rules::dialect_names::{self, KEYS, Renamed, VALUES};

/// A state of the GenAI conventions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// The newest state, [`semconv::PINNED`](crate::semconv::PINNED).
    #[default]
    Latest,
    /// Versions 1.37 to 1.41: `gen_ai.usage.cache_creation.input_tokens`, the metric `gen_ai.client.token.usage`.
    V1_41,
    /// Version 1.36: besides, `gen_ai.system` and `gen_ai.openai.…`, and an event for each message.
    V1_36,
}

impl Dialect {
    /// The newest first.
    pub(crate) const ALL: [Self; 3] = [Self::Latest, Self::V1_41, Self::V1_36];

    /// What it is called on pages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "the newest",
            Self::V1_41 => "1.37 to 1.41",
            Self::V1_36 => "1.36",
        }
    }

    /// Its word for a value of the registry's attribute `pinned`.
    pub(crate) fn value<'a>(self, pinned: &str, value: &'a str) -> &'a str {
        VALUES.iter().find(|row| row.of.key() == pinned && row.pinned == value).map_or(value, |row| row.word(self))
    }
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
    #[inline]
    pub(crate) fn is_latest(self) -> bool {
        self.0 == bit(Dialect::Latest)
    }

    /// The newest first.
    pub(crate) fn iter(self) -> impl Iterator<Item = Dialect> {
        Dialect::ALL.into_iter().filter(move |dialect| self.contains(*dialect))
    }

    /// The names in these that are none of the pinned state's.
    pub(crate) fn other_keys(self) -> impl Iterator<Item = &'static str> {
        let of = move |row: &'static Renamed| {
            let mut keys: Vec<_> = self.iter().map(|dialect| row.key(dialect)).collect();
            keys.retain(|key| *key != row.pinned.key());
            keys.dedup();
            keys
        };
        KEYS.iter().flat_map(of)
    }

    /// Brings attributes that have the names of the pinned state into these: under one state they are renamed, under
    /// several the older names stand beside. A key that is there already stays as it is, so no key gets there twice,
    /// however often this is done.
    pub(crate) fn rewrite<P: Pair>(self, attributes: &mut Vec<P>) {
        if self.is_latest() {
            return;
        }
        let mut replaced = false;
        for at in 0..attributes.len() {
            let row = attributes.get(at).and_then(|pair| dialect_names::find(pair.key()));
            replaced |= row.is_some_and(|row| !self.write(row, at, attributes));
        }
        if replaced {
            attributes.retain(|pair| dialect_names::find(pair.key()).is_none_or(|row| self.keeps(row)));
        }
    }

    /// Writes the other names of the attribute at `at`; whether there is nothing to take away there.
    fn write<P: Pair>(self, row: &'static Renamed, at: usize, attributes: &mut Vec<P>) -> bool {
        let mut free = !self.keeps(row);
        let Some(given) = attributes.get(at).cloned() else { return true };
        for dialect in self.iter() {
            let key = row.key(dialect);
            if attributes.iter().any(|pair| pair.key() == key) {
                continue;
            }
            let renamed = given.renamed(key, |word| dialect.value(row.pinned.key(), word));
            match attributes.get_mut(at) {
                Some(slot) if free => *slot = renamed,
                _ => attributes.push(renamed),
            }
            free = false;
        }
        !free
    }

    /// Whether one of them has the pinned name.
    fn keeps(self, row: &Renamed) -> bool {
        self.iter().any(|dialect| row.key(dialect) == row.pinned.key())
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

/// An attribute of a span, or of a log record.
pub(crate) trait Pair: Clone {
    fn key(&self) -> &str;

    /// The same under another key; `word` turns its text into that of the other state.
    fn renamed(&self, key: &'static str, word: impl Fn(&str) -> &str) -> Self;
}

impl Pair for KeyValue {
    fn key(&self) -> &str {
        self.key.as_str()
    }

    fn renamed(&self, key: &'static str, word: impl Fn(&str) -> &str) -> Self {
        let value = match &self.value {
            Value::String(text) => other(text, word).map(Value::String),
            _ => None,
        };
        Self::new(Key::from_static_str(key), value.unwrap_or_else(|| self.value.clone()))
    }
}

impl Pair for (Key, AnyValue) {
    fn key(&self) -> &str {
        self.0.as_str()
    }

    fn renamed(&self, key: &'static str, word: impl Fn(&str) -> &str) -> Self {
        let value = match &self.1 {
            AnyValue::String(text) => other(text, word).map(AnyValue::String),
            _ => None,
        };
        (Key::from_static_str(key), value.unwrap_or_else(|| self.1.clone()))
    }
}

/// The text of the other state, if it is another one.
fn other(text: &StringValue, word: impl Fn(&str) -> &str) -> Option<StringValue> {
    let written = word(text.as_str());
    (written != text.as_str()).then(|| written.to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv::attr;

    fn all_sets() -> impl Iterator<Item = Dialects> {
        (1..8).map(Dialects)
    }

    fn written(dialects: impl Into<Dialects>, given: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut spans: Vec<_> = given.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect();
        let mut logs: Vec<_> = given.iter().map(|(key, value)| (Key::new(*key), AnyValue::from(*value))).collect();
        let dialects = dialects.into();
        dialects.rewrite(&mut spans);
        dialects.rewrite(&mut logs);
        let spans: Vec<_> = spans.iter().map(|pair| format!("{}={}", pair.key, pair.value.as_str())).collect();
        let logs: Vec<_> = logs
            .iter()
            .map(|(key, value)| match value {
                AnyValue::String(text) => format!("{key}={text}"),
                other => format!("{key}={other:?}"),
            })
            .collect();
        assert_eq!(spans, logs, "records differ from spans");
        spans
    }

    const PROVIDER: &str = attr::GEN_AI_PROVIDER_NAME;
    const FINGERPRINT: &str = attr::OPENAI_RESPONSE_SYSTEM_FINGERPRINT;
    const GIVEN: &[(&str, &str)] =
        &[("x", "1"), (PROVIDER, "x_ai"), (attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, "7"), (FINGERPRINT, "fp")];

    #[test]
    fn one_state_renames_in_place_and_several_stand_side_by_side() {
        use Dialect::{Latest, V1_36, V1_41};
        let written = |dialects| written(dialects, GIVEN).join(" ");
        let (latest, created) =
            ("gen_ai.usage.cache_write.input_tokens=7", "gen_ai.usage.cache_creation.input_tokens=7");
        let pinned = format!("x=1 gen_ai.provider.name=x_ai {latest} openai.response.system_fingerprint=fp");
        let old = "gen_ai.openai.response.system_fingerprint=fp";
        assert_eq!(written(Dialects::from(Latest)), pinned);
        assert_eq!(written(V1_41.into()), pinned.replace("cache_write", "cache_creation"));
        assert_eq!(written(V1_36.into()), format!("x=1 gen_ai.system=xai {created} {old}"));
        assert_eq!(written([Latest, V1_41].into()), format!("{pinned} {created}"));
        assert_eq!(written([Latest, V1_36].into()), format!("{pinned} gen_ai.system=xai {created} {old}"));
        let both = pinned.replace("cache_write", "cache_creation");
        assert_eq!(written([V1_36, V1_41].into()), format!("{both} gen_ai.system=xai {old}"));
        assert_eq!(written([V1_36, V1_41, Latest].into()), format!("{pinned} gen_ai.system=xai {created} {old}"));
    }

    #[test]
    fn no_key_is_there_twice_however_often_it_is_done() {
        for dialects in all_sets() {
            let mut once: Vec<_> = GIVEN.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect();
            // What another library wrote under the old name.
            once.insert(0, KeyValue::new("gen_ai.system", "theirs"));
            dialects.rewrite(&mut once);
            let mut twice = once.clone();
            dialects.rewrite(&mut twice);
            assert_eq!(once, twice, "{dialects:?}");
            let mut keys: Vec<_> = once.iter().map(|pair| pair.key.as_str()).collect();
            keys.sort_unstable();
            assert!(keys.is_sorted_by(|a, b| a < b), "{dialects:?}: {keys:?}");
            assert_eq!(once.first(), Some(&KeyValue::new("gen_ai.system", "theirs")));
        }
    }

    #[test]
    fn labels_have_the_words_of_their_state() {
        assert_eq!(dialect_names::find(PROVIDER).map(|row| row.key(Dialect::V1_36)), Some("gen_ai.system"));
        assert_eq!(Dialect::V1_36.value(PROVIDER, "x_ai"), "xai");
        assert_eq!(Dialect::V1_41.value(PROVIDER, "x_ai"), "x_ai");
        assert_eq!(Dialect::V1_36.value(PROVIDER, "my-gateway"), "my-gateway");
        assert!(dialect_names::find(attr::GEN_AI_REQUEST_MODEL).is_none());
    }

    #[test]
    fn the_default_and_nothing_are_the_newest_state() {
        assert!(Dialects::default().is_latest() && Dialects::from([]).is_latest());
        let both = Dialects::from([Dialect::V1_36, Dialect::Latest]);
        assert_eq!(both.iter().collect::<Vec<_>>(), [Dialect::Latest, Dialect::V1_36]);
    }
}
