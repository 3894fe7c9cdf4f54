//! The name of a GenAI span, by its rule.

use std::borrow::Cow;

use crate::rules::FieldId;
use crate::rules::limits::MAX_NAME_LENGTH;
use crate::rules::operations::{Operation, Word};
use crate::span::attributes::Attributes;
use crate::span::limits;
use crate::span::open::About;

/// Room for what follows the first word, in bytes: a model with its version, a tool with its skill.
const ROOM: usize = 48;

/// `{word} {target} …`, or only the word where no target is known.
pub(crate) fn name(operation: &'static Operation, attributes: &Attributes) -> Cow<'static, str> {
    let has_all = |words: &&&[FieldId]| words.iter().all(|word| attributes.has(*word));
    let target = operation.target.iter().find(has_all).copied().unwrap_or_default();
    let first = match operation.word {
        Word::Is(word) if target.is_empty() => return Cow::Borrowed(word),
        Word::Is(word) => word,
        Word::Of(field) => attributes.text(field).unwrap_or_default(),
    };
    let mut name = String::with_capacity(first.len() + ROOM);
    match operation.word {
        Word::Is(_) => name.push_str(first),
        Word::Of(_) => push(&mut name, first),
    }
    if name.is_empty() {
        // OTLP demands a name.
        name.push_str(operation.label());
    }
    for text in target.iter().filter_map(|field| attributes.text(*field)) {
        // No blank where there is no room for what follows.
        if name.len() + 1 >= MAX_NAME_LENGTH {
            break;
        }
        name.push(' ');
        push(&mut name, text);
    }
    Cow::Owned(name)
}

/// The name of a span whose second word is among `late`, the values that came after its start: many crates open a span
/// first and record the model or the tool when they know it.
pub(crate) fn late_name(about: &About, late: &Attributes) -> Option<Cow<'static, str>> {
    let has_all = |words: &&[FieldId]| words.iter().all(|word| late.has(*word));
    // A first word that is an attribute was there at the start: spans are known by it.
    let named = matches!(about.operation.word, Word::Is(_)) && about.operation.target.iter().any(has_all);
    match about.renamed {
        Some(renamed) => renamed.late_name(late),
        None => named.then(|| name(about.operation, late)),
    }
}

/// `{word} {text}`, the text as that of an attribute.
pub(crate) fn of_words(word: &str, text: &str) -> Cow<'static, str> {
    let mut name = String::with_capacity(word.len() + ROOM);
    name.push_str(word);
    name.push(' ');
    push(&mut name, text);
    Cow::Owned(name)
}

/// Adds the text of an attribute; of a name together only so much.
fn push(name: &mut String, text: &str) {
    let room = MAX_NAME_LENGTH.saturating_sub(name.len());
    // A value of a sort that no gate has seen is put right here at the latest.
    name.push_str(&limits::within(text, room));
}
