//! The name of a GenAI span, by its rule.

use std::borrow::Cow;

use crate::rules::operations::Operation;
use crate::span::attributes::Attributes;

/// Longest target in a span name, in bytes.
const MAX_TARGET: usize = 200;

/// `{word} {target}`, or only the word where the target is not known.
///
/// A model may invent a tool's name: control characters and line breaks do not get into a span name.
pub(crate) fn name(operation: &'static Operation, attributes: &Attributes) -> Cow<'static, str> {
    let Some(target) = operation.target.and_then(|target| attributes.text(target)) else {
        return Cow::Borrowed(operation.word);
    };
    let mut name = String::with_capacity(operation.word.len() + 1 + target.len().min(MAX_TARGET));
    name.push_str(operation.word);
    name.push(' ');
    if target.len() <= MAX_TARGET && target.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        name.push_str(target);
    } else {
        let printable = target.chars().filter(|char| !is_unprintable(*char));
        // Counted in characters of up to four bytes, so that none is cut.
        name.extend(printable.take(MAX_TARGET / 4));
    }
    Cow::Owned(name)
}

/// Control characters, and the marks that turn the direction of text around.
fn is_unprintable(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The name of a span whose target is among `late`, the values that came after its start: many crates open a span
/// first and record the model or the tool when they know it.
pub(crate) fn late_name(operation: &'static Operation, late: &Attributes) -> Option<Cow<'static, str>> {
    let target = operation.target?;
    late.text(target).map(|_| name(operation, late))
}
