//! What the recorded replies say, by the tables of the unit tests: lines such as
//! `case!("file", "provider", "name=value …")` and `Format "file" "name=value …"`.

use std::fs;
use std::path::Path;

use crate::models::recordings;

/// A recorded reply and what it says.
#[derive(Debug)]
pub(crate) struct Case {
    /// The directory of the recording, which is named for the format, and its name there.
    pub(crate) format: String,
    pub(crate) file: String,
    /// Where the table says it; else it is the provider who made the format.
    pub(crate) provider: Option<String>,
    /// `name=value`, with blanks between.
    facts: String,
}

/// A fact's name, in one table and in the other, and the attribute that tells it.
#[rustfmt::skip]
pub(crate) const TOLD: &[(&[&str], &str)] = &[
    (&["id"],                                 "gen_ai.response.id"),
    (&["model"],                              "gen_ai.response.model"),
    (&["in"],                                 "gen_ai.usage.input_tokens"),
    (&["out"],                                "gen_ai.usage.output_tokens"),
    (&["cache_read"],                         "gen_ai.usage.cache_read.input_tokens"),
    (&["cache_write"],                        "gen_ai.usage.cache_write.input_tokens"),
    (&["reasoning"],                          "gen_ai.usage.reasoning.output_tokens"),
    (&["text_in"],                            "gen_ai.usage.text.input_tokens"),
    (&["image_in"],                           "gen_ai.usage.image.input_tokens"),
    (&["audio_in"],                           "gen_ai.usage.audio.input_tokens"),
    (&["text_cache_read", "text_cache"],      "gen_ai.usage.text.cache_read.input_tokens"),
    (&["image_cache_read", "image_cache"],    "gen_ai.usage.image.cache_read.input_tokens"),
    (&["audio_cache_read", "audio_cache"],    "gen_ai.usage.audio.cache_read.input_tokens"),
    (&["text_out"],                           "gen_ai.usage.text.output_tokens"),
    (&["image_out"],                          "gen_ai.usage.image.output_tokens"),
    (&["audio_out"],                          "gen_ai.usage.audio.output_tokens"),
    (&["consumed_in"],                        "agentic.usage.consumed.input_tokens"),
    (&["consumed_out"],                       "agentic.usage.consumed.output_tokens"),
    (&["search_units", "searches"],           "agentic.usage.search_units"),
    (&["dimensions"],                         "gen_ai.embeddings.dimension.count"),
];

/// Why each choice ended.
const REASONS: &[&str] = &["reasons", "why"];

/// Every case of every table.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/providers"), &mut cases);
    cases
}

fn read(directory: &Path, cases: &mut Vec<Case>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match fs::read_to_string(&path) {
            Ok(text) => cases.extend(text.lines().filter_map(case)),
            Err(_) => read(&path, cases),
        }
    }
}

/// A line of a table: its texts are the file, the provider if there are three, and the facts.
fn case(line: &str) -> Option<Case> {
    let texts: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
    let (file, provider, facts) = match texts.as_slice() {
        [file, provider, facts] => (file, Some((*provider).to_owned()), facts),
        [file, facts] => (file, None, facts),
        _ => return None,
    };
    let (format, file) = file.split_once('/').filter(|_| recordings::directory().join(file).is_file())?;
    Some(Case { format: format.to_owned(), file: file.to_owned(), provider, facts: (*facts).to_owned() })
}

impl Case {
    pub(crate) fn fact(&self, names: &[&str]) -> Option<&str> {
        let mut facts = self.facts.split(' ').filter_map(|fact| fact.split_once('='));
        facts.find(|(name, _)| names.contains(name)).map(|(_, value)| value)
    }

    /// Whether the recording has what `key` tells. What no fact is about it has.
    pub(crate) fn tells(&self, key: &str) -> bool {
        let about = TOLD.iter().chain([&(REASONS, "gen_ai.response.finish_reasons")]).find(|(_, other)| *other == key);
        about.is_none_or(|(names, _)| self.fact(names).is_some())
    }

    /// Why each choice ended. One table has the provider's word behind a `<`.
    pub(crate) fn reasons(&self) -> Option<String> {
        let reasons = self.fact(REASONS)?.split(',');
        Some(reasons.map(|reason| reason.split('<').next().unwrap_or_default()).collect::<Vec<_>>().join(","))
    }
}
