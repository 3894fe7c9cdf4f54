//! Cuts text: plain text, and what stands between the quotes of a JSON string.

use super::piece::Piece;

const ELLIPSIS: &str = "…";

/// From this room on the cut says how much is missing: with less, the words would take most of it.
const ROOM_FOR_WORDS: usize = 64;

/// What the text is, which says where it may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Between any two characters.
    Plain,
    /// The same, but not within an escape such as `\n` or `\uD83D\uDE00`.
    Json,
}

/// The beginning of `text` and what says that it is the beginning, in at most `room` bytes; `None` if `room` is too
/// small even for the `…`.
pub(super) fn cut(text: &str, room: usize, form: Form) -> Option<Piece> {
    let words = room >= ROOM_FOR_WORDS;
    let reserved = if words { note(text.len()).len() } else { ELLIPSIS.len() };
    let kept = text.get(..boundary(text, room.checked_sub(reserved)?, form))?;
    let mut piece = Piece::default();
    piece.keep(kept);
    if words {
        piece.note(&note(text.len() - kept.len()));
    } else {
        piece.note(ELLIPSIS);
    }
    Some(piece)
}

fn note(missing: usize) -> String {
    format!("{ELLIPSIS} [{missing} bytes omitted]")
}

/// The last place up to `most` where `text` may be cut.
fn boundary(text: &str, most: usize, form: Form) -> usize {
    let mut at = most.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    match form {
        Form::Plain => at,
        Form::Json => before_escape(text.as_bytes(), at),
    }
}

/// `at`, or where the escape begins that `at` is within.
fn before_escape(bytes: &[u8], at: usize) -> usize {
    let Some((start, end)) = last_escape(bytes, at) else { return at };
    if end > at {
        // The first half of a pair may be in front of this escape, which then is the second half.
        return before_pair(bytes, start);
    }
    if end == at { before_pair(bytes, at) } else { at }
}

/// `at`, or the place in front of the first half of a pair that ends at `at`: `\uD83D`.
fn before_pair(bytes: &[u8], at: usize) -> usize {
    let Some(start) = at.checked_sub(6) else { return at };
    let is_half = match bytes.get(start..at) {
        Some([b'\\', b'u', b'd' | b'D', second, ..]) => {
            matches!(second, b'8' | b'9' | b'a' | b'b' | b'A' | b'B') && escapes(bytes, start)
        }
        _ => false,
    };
    if is_half { start } else { at }
}

/// The escape that begins last in front of `at`, of those that could reach it.
fn last_escape(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let from = at.saturating_sub(6);
    let slash = from + bytes.get(from..at)?.iter().rposition(|byte| *byte == b'\\')?;
    // The second of two is the escaped one, and the escape ends with it.
    let start = if escapes(bytes, slash) { slash } else { slash.checked_sub(1)? };
    let length = if bytes.get(start + 1) == Some(&b'u') { 6 } else { 2 };
    Some((start, start + length))
}

/// Whether the backslash at `at` begins an escape, which every other one of a row does.
fn escapes(bytes: &[u8], at: usize) -> bool {
    let row = bytes.get(..at).unwrap_or_default().iter().rev().take_while(|byte| **byte == b'\\').count();
    row % 2 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str, most: usize) -> &str {
        text.get(..boundary(text, most, Form::Json)).unwrap()
    }

    #[test]
    fn a_cut_leaves_characters_whole() {
        assert_eq!(cut("aäääää", 7, Form::Plain).unwrap().as_str(), "aä…");
        assert_eq!(cut("aäääää", 6, Form::Plain).unwrap().as_str(), "aä…");
        assert_eq!(cut("aäääää", 5, Form::Plain).unwrap().as_str(), "a…");
        assert_eq!(cut("aäääää", 3, Form::Plain).unwrap().as_str(), "…");
        assert!(cut("aäääää", 2, Form::Plain).is_none());
    }

    #[test]
    fn a_cut_says_how_much_is_missing() {
        let piece = cut(&"x".repeat(1000), 64, Form::Plain).unwrap();
        assert_eq!(piece.as_str(), format!("{}… [960 bytes omitted]", "x".repeat(40)));
        assert_eq!(piece.kept(), 40);
    }

    #[test]
    fn a_cut_leaves_escapes_whole() {
        let text = r"a\n\\\u00e4\\n";
        let expected =
            ["", "a", "a", r"a\n", r"a\n", r"a\n\\", r"a\n\\", r"a\n\\", r"a\n\\", r"a\n\\", r"a\n\\", r"a\n\\\u00e4"];
        for (most, expected) in expected.into_iter().enumerate() {
            assert_eq!(kept(text, most), expected, "{most}");
        }
        assert_eq!(kept(text, 12), r"a\n\\\u00e4");
        assert_eq!(kept(text, 13), r"a\n\\\u00e4\\");
        assert_eq!(kept(text, 14), text);
    }

    #[test]
    fn a_cut_leaves_pairs_whole() {
        let text = r"ab\uD83D\uDE00c";
        for most in 2..14 {
            assert_eq!(kept(text, most), "ab", "{most}");
        }
        assert_eq!(kept(text, 14), r"ab\uD83D\uDE00");
        // An escaped backslash and letters: no pair.
        assert_eq!(kept(r"\\ud83dx", 7), r"\\ud83d");
    }
}
