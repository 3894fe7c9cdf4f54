//! The `baggage` header: W3C Baggage, section 3.

use std::fmt::Write as _;

use opentelemetry::KeyValue;
use opentelemetry::baggage::Baggage;

/// Section 3.3.2: what every participant has to pass on.
const MAX_ENTRIES: usize = 64;
const MAX_BYTES: usize = 8192;
/// How many members are looked at: a header made of commas costs no more than one of entries.
const MAX_READ: usize = 4 * MAX_ENTRIES;

/// Entries of baggage, each key once; never more than a header may hold. Properties of entries are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entries(Vec<(String, String)>);

impl Entries {
    /// Of a header the entries that are valid; a bad one is left out alone. The last of a repeated key counts.
    pub(crate) fn parse(header: &str) -> Self {
        let mut entries = Self::default();
        for (key, value) in header.split(',').take(MAX_READ).filter_map(entry) {
            entries.insert(key, &value);
        }
        entries
    }

    pub(crate) fn of(baggage: &Baggage) -> Self {
        let mut entries = Self::default();
        for (key, (value, _)) in baggage {
            entries.insert(key.as_str(), value.as_str());
        }
        // A map gives them in any order.
        entries.0.sort_unstable();
        entries
    }

    /// Sets the entry of `key`. Left out if the key is not valid, the value empty, or the header were too long.
    pub(crate) fn insert(&mut self, key: &str, value: &str) {
        let (others, bytes) = self
            .0
            .iter()
            .filter(|(held, _)| held != key)
            .fold((0, 0), |(entries, bytes), held| (entries + 1, bytes + length(&held.0, &held.1) + 1));
        if !is_token(key) || value.is_empty() || others >= MAX_ENTRIES || bytes + length(key, value) > MAX_BYTES {
            return;
        }
        match self.0.iter_mut().find(|(held, _)| held == key) {
            Some((_, held)) => value.clone_into(held),
            None => self.0.push((key.to_owned(), value.to_owned())),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(held, _)| held == key).map(|(_, value)| value.as_str())
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = KeyValue> {
        self.0.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
    }

    /// The value of the header; `None` without entries.
    pub(crate) fn header(&self) -> Option<String> {
        let mut header = String::new();
        for (key, value) in &self.0 {
            if !header.is_empty() {
                header.push(',');
            }
            header.push_str(key);
            header.push('=');
            for byte in value.bytes() {
                match is_plain(byte) {
                    true => header.push(char::from(byte)),
                    // Writing into a string does not fail.
                    false => drop(write!(header, "%{byte:02X}")),
                }
            }
        }
        (!header.is_empty()).then_some(header)
    }
}

/// `key = value ; property`: the key and the decoded value.
fn entry(member: &str) -> Option<(&str, String)> {
    let (key, value) = member.split(';').next()?.split_once('=')?;
    let (key, value) = (key.trim_matches([' ', '\t']), value.trim_matches([' ', '\t']));
    is_token(key).then(|| decode(value)).flatten().map(|value| (key, value))
}

/// `None` for what is no percent-encoded UTF-8.
fn decode(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => bytes.push(hex(rest.next()?)? << 4 | hex(rest.next()?)?),
            b'!' | b'#'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~' => bytes.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// A token of RFC 7230.
fn is_token(key: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !key.is_empty() && key.bytes().all(inner)
}

/// Bytes that need no encoding in any header, variable or JSON text.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'@')
}

fn length(key: &str, value: &str) -> usize {
    let encoded: usize = value.bytes().map(|byte| if is_plain(byte) { 1 } else { 3 }).sum();
    key.len() + 1 + encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_with_spaces_properties_and_encoding() {
        let entries = Entries::parse("session.id = s-1 , user.id=J%C3%BCrgen%20B;ttl=3;x , session.id=s-2");
        assert_eq!(entries.get("session.id"), Some("s-2"));
        assert_eq!(entries.get("user.id"), Some("Jürgen B"));
        assert_eq!(entries.header().as_deref(), Some("session.id=s-2,user.id=J%C3%BCrgen%20B"));
    }

    #[test]
    fn a_bad_entry_is_left_out_alone() {
        let bad = ["", "x", "=1", "a b=1", "a=b c", "a=\"b\"", "a=b\\c", "a=%", "a=%4", "a=%zz", "a=%ff", "ä=1", "a=ä"];
        for member in bad {
            let entries = Entries::parse(&format!("one=1,{member},two=2"));
            assert_eq!(entries.header().as_deref(), Some("one=1,two=2"), "{member:?}");
        }
        assert_eq!(Entries::parse("a=,b=%20").header().as_deref(), Some("b=%20"), "an empty value says nothing");
        assert_eq!(Entries::parse("").header(), None);
    }

    #[test]
    fn no_more_than_64_entries_and_8192_bytes_are_kept() {
        let many = (0..100).map(|entry| format!("k{entry}=1")).collect::<Vec<_>>().join(",");
        assert_eq!(Entries::parse(&many).keys().count(), MAX_ENTRIES);
        let long = format!("a=1,b={},c=2", "x".repeat(MAX_BYTES));
        assert_eq!(Entries::parse(&long).header().as_deref(), Some("a=1,c=2"));
        let most = format!("a={}", "x".repeat(MAX_BYTES - 2));
        assert_eq!(Entries::parse(&most).header(), Some(most));
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_read_without_panic_and_settles(header in ".*|([a-c=,;% 0-9]{0,60})") {
            let entries = Entries::parse(&header);
            let printed = entries.header().unwrap_or_default();
            proptest::prop_assert!(printed.len() <= MAX_BYTES && printed.is_ascii());
            proptest::prop_assert_eq!(Entries::parse(&printed), entries);
        }

        #[test]
        fn any_value_comes_back(value in ".{1,100}") {
            let mut entries = Entries::default();
            entries.insert("key", &value);
            let header = entries.header().unwrap_or_default();
            let parsed = Entries::parse(&header);
            proptest::prop_assert_eq!(parsed.get("key"), Some(value.as_str()));
        }
    }
}
