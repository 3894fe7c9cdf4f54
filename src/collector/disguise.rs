//! Text that is not written as it is: escaped, encoded, in other letters.
//!
//! What was received is decoded in every way there is, and each result is looked through: the other way round, encoding
//! the text that is looked for, every way would have its variants (upper case before base64, three alignments, two alphabets).

use std::cell::RefCell;
use std::collections::HashSet;

/// Longest chain of escapes that is taken off: JSON in JSON in JSON.
const MAX_LAYERS: u32 = 4;

/// Shortest run of digits that is decoded: shorter ones are words, and hold no canary.
const MIN_DIGITS: usize = 8;

/// Longest text that is remembered as one that was looked at, in bytes.
const MAX_REMEMBERED: usize = 256;

/// A text that is looked for, whatever it looks like.
#[derive(Debug)]
pub(super) struct Wanted {
    text: String,
    /// Short texts that it is not in: names and labels come again and again, and decoding is slow.
    missed: RefCell<HashSet<String>>,
}

impl Wanted {
    /// An empty text is found nowhere.
    pub(super) fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self { text: folded(text), missed: RefCell::default() })
    }

    /// Whether it is in `text`, also escaped for JSON or by `Debug`, percent-encoded, in base64 or hexadecimal, or in
    /// other case.
    pub(super) fn is_in(&self, text: &str) -> bool {
        if self.missed.borrow().contains(text) {
            return false;
        }
        let is_in = self.is_below(text, MAX_LAYERS);
        if !is_in && text.len() <= MAX_REMEMBERED {
            self.missed.borrow_mut().insert(text.to_owned());
        }
        is_in
    }

    /// [`is_in`](Self::is_in) for bytes, which may be no text.
    pub(super) fn is_in_bytes(&self, bytes: &[u8]) -> bool {
        self.is_in(&String::from_utf8_lossy(bytes))
    }

    fn is_below(&self, text: &str, layers: u32) -> bool {
        if folded(text).contains(&self.text) {
            return true;
        }
        let Some(layers) = layers.checked_sub(1) else { return false };
        let escapes: [fn(&str) -> String; 3] = [without_backslashes, without_percents, without_pluses];
        let mut plain = escapes.iter().map(|decode| decode(text)).filter(|decoded| decoded != text);
        plain.any(|decoded| self.is_below(&decoded, layers))
            || BASE64.decoded(text).chain(HEX.decoded(text)).any(|decoded| self.is_below(&decoded, layers))
    }
}

/// Lower case, letter by letter: `str::to_lowercase` writes a Greek sigma by its place in the word.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Without the escapes of JSON strings and of `Debug`.
fn without_backslashes(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(char) = rest.next() {
        let written = if char == '\\' { escaped(&mut rest) } else { Escaped::Char(char) };
        match written {
            Escaped::Unit(unit) => units.push(unit),
            Escaped::Char(char) => units.extend_from_slice(char.encode_utf16(&mut [0; 2])),
        }
    }
    String::from_utf16_lossy(&units)
}

enum Escaped {
    Char(char),
    /// Of UTF-16: JSON writes large characters as two.
    Unit(u16),
}

fn escaped(rest: &mut std::str::Chars<'_>) -> Escaped {
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok();
    match rest.next() {
        Some('n') => Escaped::Char('\n'),
        Some('r') => Escaped::Char('\r'),
        Some('t') => Escaped::Char('\t'),
        Some('b') => Escaped::Char('\u{8}'),
        Some('f') => Escaped::Char('\u{c}'),
        Some('0') => Escaped::Char('\0'),
        Some(kind @ ('u' | 'x')) => {
            let text = rest.as_str();
            let (digits, skipped) = match text.strip_prefix('{').and_then(|text| text.split_once('}')) {
                Some((digits, _)) => (digits, digits.chars().count() + 2),
                None => {
                    let length = if kind == 'u' { 4 } else { 2 };
                    (text.get(..length).unwrap_or(text), length)
                }
            };
            match hex(digits) {
                Some(number) => {
                    rest.by_ref().take(skipped).for_each(drop);
                    let unit = u16::try_from(number).map(Escaped::Unit);
                    unit.unwrap_or(Escaped::Char(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)))
                }
                None => Escaped::Char(kind),
            }
        }
        Some(char) => Escaped::Char(char),
        None => Escaped::Char('\\'),
    }
}

fn without_percents(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = |high: &u8, low: &u8| Some(hex_value(*high)? << 4 | hex_value(*low)?);
        match (first, after) {
            (b'%', [high, low, after @ ..]) if pair(high, low).is_some() => {
                bytes.extend(pair(high, low));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Forms write a blank as a plus.
fn without_pluses(text: &str) -> String {
    text.replace('+', " ")
}

/// Digits of a fixed number of bits.
struct Digits {
    bits: u32,
    /// How many digits make whole bytes.
    group: usize,
    value: fn(u8) -> Option<u8>,
}

const BASE64: Digits = Digits { bits: 6, group: 4, value: base64_value };
const HEX: Digits = Digits { bits: 4, group: 2, value: hex_value };

impl Digits {
    /// Every run of digits, decoded from each of its first digits: a run may begin with letters that are none.
    fn decoded<'a>(&'a self, text: &'a str) -> impl Iterator<Item = String> + 'a {
        // MIME breaks lines inside of a run.
        let joined: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        let runs = joined.split(|byte| (self.value)(*byte).is_none());
        let runs: Vec<Vec<u8>> = runs.filter(|run| run.len() >= MIN_DIGITS).map(<[u8]>::to_vec).collect();
        runs.into_iter().flat_map(move |run| (0..self.group).map(move |from| self.bytes(run.iter().skip(from))))
    }

    fn bytes<'a>(&self, digits: impl Iterator<Item = &'a u8>) -> String {
        let mut bytes = Vec::new();
        let (mut held, mut bits) = (0_u32, 0);
        for value in digits.filter_map(|digit| (self.value)(*digit)) {
            held = held << self.bits | u32::from(value);
            bits += self.bits;
            if bits >= 8 {
                bits -= 8;
                bytes.push((held >> bits & 0xff) as u8);
                held &= (1 << bits) - 1;
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Of both alphabets.
fn base64_value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_in(canary: &str, text: &str) -> bool {
        Wanted::new(canary).unwrap().is_in(text)
    }

    /// Written by hand: what encodes must not be what decodes.
    fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
        let group = |three: &[u8]| {
            let all = three.iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
            let digit = move |place: usize| alphabet[(all >> (18 - 6 * place) & 63) as usize] as char;
            (0..=three.len()).map(digit).collect::<String>()
        };
        bytes.chunks(3).map(group).collect()
    }

    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    #[test]
    fn a_text_is_found_in_every_disguise() {
        let canary = "the c4nary's \"söng\" 🦀";
        let json = serde_json::to_string(canary).unwrap();
        let percent: String = canary.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let hex: String = canary.bytes().map(|byte| format!("{byte:02X}")).collect();
        let ascii = "the c4nary's \\\"s\\u00f6ng\\\" \\ud83e\\udd80";
        let disguises = [
            canary.to_uppercase(),
            json.clone(),
            serde_json::to_string(&json).unwrap(),
            format!("{canary:?}"),
            format!("{:?}", format!("{canary:?}")),
            ascii.to_owned(),
            canary.escape_unicode().to_string(),
            percent,
            canary.replace(' ', "+").replace('"', "%22"),
            format!("00{hex}"),
            format!("0{hex}"),
        ];
        for text in disguises {
            assert!(is_in(canary, &format!("before {text} after")), "{text}");
            assert!(!is_in("the c4nary's sang", &text), "{text}");
        }
    }

    #[test]
    fn base64_is_found_at_every_alignment_in_both_alphabets_and_any_case() {
        let canary = "the?c4nary>s~söng";
        for before in 0..4 {
            for alphabet in [STANDARD, URL_SAFE] {
                let bytes = [&b"xyz0"[..before], canary.to_uppercase().as_bytes(), b"after"].concat();
                let text = base64(&bytes, alphabet);
                assert!(is_in(canary, &text) && is_in(canary, &format!("x{text}==")), "{text}");
                let broken = format!("{}\r\n{}", &text[..9], &text[9..]);
                assert!(is_in(canary, &broken), "{broken}");
            }
        }
        let nested = base64(serde_json::to_string(canary).unwrap().as_bytes(), STANDARD);
        assert!(is_in(canary, &format!("data:image/png;base64,{nested}")));
    }

    #[test]
    fn nothing_is_found_nowhere() {
        assert!(Wanted::new("").is_none());
        assert!(!is_in("c4nary-1234", ""));
        assert!(!is_in("c4nary-1234", "\\u12 \\ %4 \\u{110000} \\x 00"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,80}", tail in "[\\\\%u{}x0-9a-f+/=]{0,40}") {
            let all = text + &tail;
            prop_assert!(!is_in("never written anywhere", &all));
        }

        #[test]
        fn any_canary_is_found(canary in ".{8,20}", before in ".{0,5}") {
            let text = format!("{before}{canary}");
            let wanted = Wanted::new(&canary).unwrap();
            prop_assert!(wanted.is_in(&text));
            prop_assert!(wanted.is_in(&serde_json::to_string(&text).unwrap()));
            let debug = format!("{text:?}");
            prop_assert!(wanted.is_in(&debug));
            prop_assert!(wanted.is_in(&base64(text.as_bytes(), STANDARD)));
        }
    }
}
