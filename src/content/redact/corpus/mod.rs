//! Samples: what redactors have to find, and what they have to leave. Secrets are made up here and now, so that none stands
//! in the repository.

mod harmless;
mod planted;

pub(super) use harmless::HARMLESS;

use super::Class;
use super::rows::ROWS;

/// A text with something in it that has to go.
#[derive(Debug)]
pub(super) struct Sample {
    /// The row that is to find it; `media` has none.
    pub(super) row: &'static str,
    pub(super) class: Class,
    pub(super) text: String,
    /// What must not be left.
    pub(super) secret: String,
}

/// How a token may stand in a text; `{}` is the token.
const AROUND: &[&str] = &[
    "{}",
    "use {} for it, please.",
    r#"{"value": "{}", "n": 1}"#,
    r#"{"arguments": "{\"x\":\"{}\",\"y\":2}"}"#,
    r"line one\n{}\nline three",
    "curl https://api.example.com/v1?x={}&y=2",
    "value: '{}' # prod\nnext: 1",
    "2026-01-15T10:00:00Z INFO got <{}> from peer",
];

/// Every sample: each token in every surrounding, and what brings its own.
pub(super) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (row, token) in planted::tokens() {
        for around in AROUND {
            samples.push(sample(row, around.replace("{}", &token), token.clone()));
        }
    }
    for (row, before, secret, after) in planted::IN_PLACE {
        samples.push(sample(row, format!("{before}{secret}{after}"), (*secret).to_owned()));
    }
    samples.extend(planted::made().into_iter().map(|(row, text, secret)| sample(row, text, secret)));
    samples
}

fn sample(row: &'static str, text: String, secret: String) -> Sample {
    let class = ROWS.iter().find(|known| known.name == row).map_or(Class::Media, |row| row.class);
    Sample { row, class, text, secret }
}
