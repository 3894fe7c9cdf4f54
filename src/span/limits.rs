//! Open values within their limits: short, and fit for one line of a terminal.
//!
//! A model may invent a tool's name, and an application may put a whole document into an id. Control characters
//! (C0, DEL, C1) and marks that turn the direction of text around are taken out; tabs and line breaks between
//! words become one space, in the items of lists their escape (`\n`), because there they are stop sequences. What is too
//! long is cut between two characters.

use std::borrow::Cow;

use opentelemetry::{Array, StringValue, Value};

use crate::rules::limits::{MAX_LIST_LENGTH, MAX_NAME_LENGTH};

/// Whether `text` is within its limit and printable ASCII: true of nearly every text, and known at a glance.
#[inline]
pub(crate) fn is_plain(text: &str, longest: usize) -> bool {
    text.len() <= longest && is_printable(text.as_bytes())
}

/// Whether all of `items` are.
#[inline]
pub(crate) fn are_plain(items: &[StringValue], longest: usize) -> bool {
    items.len() <= MAX_LIST_LENGTH && items.iter().all(|item| is_plain(item.as_str(), longest))
}

/// Eight bytes at once: this is asked of every text of every span.
#[inline]
fn is_printable(bytes: &[u8]) -> bool {
    // The last bytes overlap with those before.
    let Some(last) = bytes.last_chunk::<8>() else { return short_is_printable(bytes) };
    let (words, _) = bytes.as_chunks::<8>();
    word_is_printable(u64::from_ne_bytes(*last))
        && words.iter().all(|word| word_is_printable(u64::from_ne_bytes(*word)))
}

#[inline]
fn short_is_printable(bytes: &[u8]) -> bool {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => {
            let [first, last] = [first, last].map(|half| u64::from(u32::from_ne_bytes(*half)));
            word_is_printable(first | last << 32)
        }
        _ => bytes.iter().all(|byte| matches!(byte, b' '..=b'~')),
    }
}

#[inline]
fn word_is_printable(word: u64) -> bool {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    // A high bit is set by a byte beyond ASCII, by DEL plus one, by what is below a space less a space.
    (word | word.wrapping_add(EACH) | word.wrapping_sub(EACH * 0x20)) & HIGH == 0
}

/// Brings a value within the limits; whether it had to be changed.
#[inline(never)]
pub(crate) fn bring_within(value: &mut Value, longest: usize) -> bool {
    match value {
        Value::String(text) => match within(text.as_str(), longest) {
            Cow::Borrowed(_) => false,
            Cow::Owned(cut) => {
                *text = cut.into();
                true
            }
        },
        Value::Array(Array::String(items)) => {
            let cut = shorten(items);
            items.iter_mut().fold(cut, |cut, item| bring_item_within(item, longest) | cut)
        }
        Value::Array(Array::I64(items)) => shorten(items),
        Value::Array(Array::F64(items)) => shorten(items),
        Value::Array(Array::Bool(items)) => shorten(items),
        _ => false,
    }
}

fn bring_item_within(item: &mut StringValue, longest: usize) -> bool {
    match cleaned(item.as_str(), longest, Breaks::Escape) {
        Cow::Borrowed(_) => false,
        Cow::Owned(cut) => {
            *item = cut.into();
            true
        }
    }
}

fn shorten<T>(items: &mut Vec<T>) -> bool {
    let is_long = items.len() > MAX_LIST_LENGTH;
    items.truncate(MAX_LIST_LENGTH);
    is_long
}

/// `text` within the limits; borrowed if it was already.
pub(crate) fn within(text: &str, longest: usize) -> Cow<'_, str> {
    cleaned(text, longest, Breaks::Space)
}

/// The name of a span or an event within the limits, or `otherwise` where nothing is left of it; whether it had to be
/// changed.
pub(crate) fn name(name: &mut Cow<'static, str>, otherwise: &'static str) -> bool {
    let Cow::Owned(cut) = within(name, MAX_NAME_LENGTH) else { return false };
    *name = if cut.is_empty() { Cow::Borrowed(otherwise) } else { Cow::Owned(cut) };
    true
}

/// Whether an attribute may have this key.
pub(crate) fn is_key(key: &str) -> bool {
    !key.is_empty() && matches!(within(key, MAX_NAME_LENGTH), Cow::Borrowed(_))
}

/// What becomes of tabs and line breaks.
#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    /// One space between what is before and after.
    Space,
    Escape,
}

fn cleaned(text: &str, longest: usize, breaks: Breaks) -> Cow<'_, str> {
    if is_plain(text, longest) || (text.len() <= longest && !text.chars().any(is_unprintable)) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len().min(longest));
    let mut gap = "";
    // However much of it is taken out, a text is looked at only so far.
    for char in text.chars().take(4 * longest) {
        let (before, shown) = match break_of(char) {
            Some(escape) if breaks == Breaks::Escape => (escape, None),
            Some(_) => {
                gap = if kept.is_empty() { "" } else { " " };
                continue;
            }
            None if is_unprintable(char) => continue,
            None => (std::mem::take(&mut gap), Some(char)),
        };
        if kept.len() + before.len() + shown.map_or(0, char::len_utf8) > longest {
            break;
        }
        kept.push_str(before);
        kept.extend(shown);
    }
    Cow::Owned(kept)
}

/// The escape of a tab or a line break.
fn break_of(char: char) -> Option<&'static str> {
    Some(match char {
        '\t' => "\\t",
        '\n' => "\\n",
        '\r' => "\\r",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\u{85}' => "\\u{85}",
        '\u{2028}' => "\\u{2028}",
        '\u{2029}' => "\\u{2029}",
        _ => return None,
    })
}

/// Control characters, line breaks, and the marks that turn the direction of text around.
pub(crate) fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_printable_ascii() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                for len in place + 1..=20 {
                    let mut bytes = vec![b'a'; len];
                    bytes[place] = byte;
                    assert_eq!(is_printable(&bytes), matches!(byte, b' '..=b'~'), "{byte} at {place} of {len}");
                }
            }
        }
        assert!(is_plain("", 0) && is_plain("four", 4) && !is_plain("fives", 4));
    }

    #[test]
    fn texts_are_cleaned_and_cut_between_characters() {
        let table = [
            ("plain", "plain"),
            ("größer", "größer"),
            ("a\u{1b}[2Jb", "a[2Jb"),
            ("\na\r\nb\tc\n", "a b c"),
            ("\u{202e}x\u{2066}\u{200f}\u{200e}\u{61c}", "x"),
            ("a\u{7f}\u{9b}b", "ab"),
            ("a\u{85}b\u{2028}c", "a b c"),
            ("\0\u{1}", ""),
            ("0123456789abc", "0123456789"),
            ("012345678é", "012345678"),
        ];
        for (given, wanted) in table {
            assert_eq!(within(given, 10), wanted, "{given:?}");
            assert_eq!(matches!(within(given, 10), Cow::Borrowed(_)), given == wanted, "{given:?}");
        }
    }

    #[test]
    fn breaks_in_lists_are_written_out() {
        let mut value = Value::Array(Array::String(vec!["\n\n".into(), "END".into()]));
        assert!(bring_within(&mut value, 10));
        assert_eq!(value, Value::Array(Array::String(vec!["\\n\\n".into(), "END".into()])));
        let mut long = Value::Array(Array::I64(vec![1; MAX_LIST_LENGTH + 1]));
        assert!(bring_within(&mut long, 10) && !bring_within(&mut long, 10));
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_out_within_the_limits(text in "(.|[\u{0}-\u{1f}\u{7f}-\u{9f}\u{202a}-\u{202e}]){0,40}", longest in 0..50_usize) {
            let short = within(&text, longest).into_owned();
            proptest::prop_assert!(short.len() <= longest && !short.contains(is_unprintable));
            proptest::prop_assert_eq!(within(&short, longest), short.as_str());
        }
    }
}
