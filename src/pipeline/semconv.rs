//! What the environment says about the states of the conventions.

use std::io::Write as _;

use crate::span::{Dialect, Dialects};

use super::env::Env;
use super::error::one_line;

/// Shared with other instrumentations: a comma-separated list of words that begin with what they are about.
const OPT_IN: &str = "OTEL_SEMCONV_STABILITY_OPT_IN";

/// Words that begin so are about GenAI.
const OURS: &str = "gen_ai";

/// Longest word that is shown where nobody knows it.
const MAX_SHOWN: usize = 40;

#[rustfmt::skip]
const WORDS: &[(&str, &[Dialect])] = &[
    // word                         what is written
    ("gen_ai/1.36",                 &[Dialect::V1_36]),
    ("gen_ai/1.37",                 &[Dialect::V1_41]),
    ("gen_ai/1.38",                 &[Dialect::V1_41]),
    ("gen_ai/1.39",                 &[Dialect::V1_41]),
    ("gen_ai/1.40",                 &[Dialect::V1_41]),
    ("gen_ai/1.41",                 &[Dialect::V1_41]),
    ("gen_ai/dup",                  &[Dialect::Latest, Dialect::V1_41]),
    ("gen_ai_latest_experimental",  &[Dialect::Latest]),
];

/// The states of the conventions that the environment asks for; `None` if it says nothing about GenAI. A word that
/// nobody knows is told on standard error and counts for nothing: the variable is meant for others, too.
pub(crate) fn from_environment(env: &Env) -> Option<Dialects> {
    let (dialects, notices) = match env.get(OPT_IN) {
        Ok(value) => read(value.as_deref().unwrap_or_default()),
        Err(error) => (None, vec![error.to_string()]),
    };
    for notice in notices {
        // Not through `tracing`, which has no subscriber yet; not `eprintln`, which panics on a closed stream.
        let _ = writeln!(std::io::stderr(), "tracing-genai: {}", one_line(&notice));
    }
    dialects
}

/// What a list asks for, and what to say about it.
fn read(list: &str) -> (Option<Dialects>, Vec<String>) {
    let ours = list.split(',').map(str::trim).filter(|word| is_ours(word));
    let (mut asked, mut unknown) = (Vec::new(), Vec::new());
    for word in ours {
        match WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
            Some((_, dialects)) => asked.extend_from_slice(dialects),
            None => unknown.push(shown(word)),
        }
    }
    unknown.sort_unstable();
    unknown.dedup();
    let notice = |word: &str| {
        format!(
            "{OPT_IN}: unknown word {word}, it counts for nothing (use gen_ai_latest_experimental, gen_ai/1.41, \
             gen_ai/1.36, or several of them; gen_ai/dup is the first two)"
        )
    };
    let notices = if unknown.is_empty() { Vec::new() } else { vec![notice(&unknown.join(", "))] };
    ((!asked.is_empty()).then(|| asked.into_iter().collect()), notices)
}

fn is_ours(word: &str) -> bool {
    word.get(..OURS.len()).is_some_and(|start| start.eq_ignore_ascii_case(OURS))
}

/// A word, unless it is something that got there by mistake.
fn shown(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_/.-".contains(letter);
    if word.len() <= MAX_SHOWN && word.chars().all(is_plain) { format!("{word:?}") } else { "gen_ai…".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{Latest, V1_36, V1_41};

    fn asked(list: &str) -> Option<Dialects> {
        let (dialects, notices) = read(list);
        assert!(notices.is_empty(), "{notices:?}");
        dialects
    }

    #[test]
    fn each_word_is_a_state_and_several_stand_side_by_side() {
        assert_eq!(asked("gen_ai_latest_experimental"), Some(Latest.into()));
        assert_eq!(asked("gen_ai/1.36"), Some(V1_36.into()));
        for minor in 37..=41 {
            assert_eq!(asked(&format!("gen_ai/1.{minor}")), Some(V1_41.into()));
        }
        assert_eq!(asked(" gen_ai/dup "), Some([Latest, V1_41].into()));
        assert_eq!(asked("gen_ai/1.36,GEN_AI_LATEST_EXPERIMENTAL"), Some([Latest, V1_36].into()));
        assert_eq!(asked("gen_ai/1.41,gen_ai/1.41"), Some(V1_41.into()));
    }

    #[test]
    fn words_about_others_are_none_of_ours() {
        for list in ["", "http", "http/dup, database,messaging", ",,", "généré", "x,gen"] {
            assert_eq!(asked(list), None, "{list}");
        }
        assert_eq!(asked("http/dup,gen_ai/1.36,database"), Some(V1_36.into()));
    }

    #[test]
    fn an_unknown_word_is_told_once_and_counts_for_nothing() {
        let (dialects, notices) = read("gen_ai/2.0,http,gen_ai/1.36,gen_ai/2.0,gen_ai");
        assert_eq!(dialects, Some(V1_36.into()));
        let told = "OTEL_SEMCONV_STABILITY_OPT_IN: unknown word \"gen_ai\", \"gen_ai/2.0\", it counts for nothing (use \
                    gen_ai_latest_experimental, gen_ai/1.41, gen_ai/1.36, or several of them; gen_ai/dup is the first two)";
        assert_eq!(notices, [told]);
        assert_eq!(read("gen_ai/2.0").0, None);
    }

    #[test]
    fn what_is_no_word_is_not_shown() {
        for pasted in ["gen_ai=secret token", "gen_ai\u{1b}[31m", &format!("gen_ai{}", "x".repeat(50))] {
            let (dialects, notices) = read(pasted);
            assert!(dialects.is_none() && notices.len() == 1);
            assert!(!notices.concat().contains(pasted), "{notices:?}");
        }
    }

    #[test]
    fn the_environment_is_read_by_its_variable() {
        assert_eq!(from_environment(&Env::from_iter([(OPT_IN, "gen_ai/dup")])), Some([Latest, V1_41].into()));
        assert_eq!(from_environment(&Env::empty()), None);
    }
}
