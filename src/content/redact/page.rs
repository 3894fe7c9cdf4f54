//! How well the redactors find, and the page `docs/redaction.md`, printed from the table and the samples.

use std::fmt::Write as _;

use super::corpus::{HARMLESS, samples};
use super::rows::ROWS;
use super::*;

const HEAD: &str = "\
<!-- printed from src/content/redact; update: UPDATE_PAGES=1 cargo test --lib redaction_page -->
# What redactors find

A finding is replaced by its name, `[redacted:email]`. Redactors know how things are written and what they stand behind;
they do not understand texts. The figures are those of the crate's own samples: tokens made up for the test, each in
several surroundings (alone, in prose, in JSON, in JSON inside of JSON, in URLs, in logs), and texts that look alike and
are harmless. The patterns were written with these samples at hand: the figures say that they do what they are meant to
do, not how much of your data they find.

Recall: how many of the things to find were found. Precision: of all texts that were changed, how many had something to
find, with every harmless text of all classes.

| redactor | samples | recall | harmless texts | changed | precision |
|---|---|---|---|---|---|
";

/// What one class found and took wrongly.
struct Score {
    name: String,
    samples: usize,
    found: usize,
    harmless: usize,
    changed: usize,
}

impl Score {
    fn recall(&self) -> f64 {
        self.found as f64 / self.samples as f64
    }

    fn precision(&self) -> f64 {
        self.found as f64 / (self.found + self.changed) as f64
    }
}

fn score(name: String, redactors: &[Redactor], is_own: impl Fn(Class) -> bool) -> Score {
    let mut score = Score { name, samples: 0, found: 0, harmless: 0, changed: 0 };
    for sample in samples().into_iter().filter(|sample| is_own(sample.class)) {
        let mut text = sample.text.clone();
        redact_text(redactors, &mut text);
        score.samples += 1;
        if text.contains(&sample.secret) {
            println!("{}: missed {:?} of {}", score.name, sample.text, sample.row);
        } else {
            score.found += 1;
        }
    }
    for (row, text) in HARMLESS.iter().flat_map(|(row, texts)| texts.iter().map(move |text| (row, *text))) {
        let mut redacted = text.to_owned();
        score.harmless += 1;
        if redact_text(redactors, &mut redacted) > 0 {
            println!("{}: changed {text:?} into {redacted:?} ({row})", score.name);
            score.changed += 1;
        }
    }
    score
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Secrets => "secrets",
        Class::Emails => "emails",
        Class::Phones => "phones",
        Class::Cards => "cards",
        Class::IpAddresses => "ip_addresses",
        Class::ShellEnvironment => "shell_environment",
        Class::Media => "media",
    }
}

fn scores() -> Vec<Score> {
    let classes = Class::ALL.into_iter().map(|class| {
        score(format!("`{}()`", class_name(class)), &[Redactor(Kind::BuiltIn(class))], move |own| own == class)
    });
    classes.chain([score("all together".to_owned(), &Redactor::all(), |_| true)]).collect()
}

fn page(scores: &[Score]) -> String {
    let mut page = HEAD.to_owned();
    for score in scores {
        let Score { name, samples, harmless, changed, .. } = score;
        let (recall, precision) = (score.recall(), score.precision());
        let _ = writeln!(page, "| {name} | {samples} | {recall:.3} | {harmless} | {changed} | {precision:.3} |");
    }
    page.push_str("\n## What each finds\n\n| name | redactor | finds |\n|---|---|---|\n");
    for row in ROWS {
        let _ = writeln!(page, "| `{}` | `{}()` | {} |", row.name, class_name(row.class), row.finds);
    }
    page.push_str("| `media` | `media()` | images, audio and other data: `data:` URLs and base64; type, size and SHA-256 stay |\n");
    page
}

#[test]
fn redactors_find_what_they_should_and_the_redaction_page_says_so() {
    let scores = scores();
    let page = page(&scores);
    println!("{page}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/redaction.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(path, &page).expect("docs/ is writable");
    }
    let (all, classes) = scores.split_last().expect("there are some");
    assert!(all.samples >= 300 && all.harmless >= 300, "{} and {}", all.samples, all.harmless);
    assert!(all.recall() >= 0.98, "recall {}", all.recall());
    assert!(all.precision() >= 0.97, "precision {}", all.precision());
    for class in classes {
        assert!(class.recall() >= 0.95, "{}: recall {}", class.name, class.recall());
        assert!(class.precision() >= 0.9, "{}: precision {}", class.name, class.precision());
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(written, page, "update it: UPDATE_PAGES=1 cargo test --lib redaction_page");
}

#[test]
fn every_row_has_samples_and_harmless_texts() {
    let samples = samples();
    for row in ROWS {
        assert!(samples.iter().any(|sample| sample.row == row.name), "{} has nothing to find", row.name);
        assert!(
            HARMLESS.iter().any(|(name, texts)| *name == row.name && !texts.is_empty()),
            "{}: nothing harmless",
            row.name
        );
    }
}

#[test]
fn every_sample_is_found_by_its_own_row() {
    let mut astray = Vec::new();
    for sample in samples() {
        let mut text = sample.text.clone();
        redact_text(&[Redactor(Kind::BuiltIn(sample.class))], &mut text);
        if !text.contains(&format!("[redacted:{}", sample.row)) {
            astray.push(format!("{}: {:?} became {text:?}", sample.row, sample.text));
        }
    }
    // Two rows may find the same, such as a key in the query of a URL.
    println!("{}", astray.join("\n"));
    assert!(astray.len() * 50 <= samples().len(), "{} astray", astray.len());
}
