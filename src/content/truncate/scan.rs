//! Finds where JSON values begin and end, without reading what is in them.
//!
//! Brackets are counted, whatever their kind: in valid JSON they belong together. So what is found in text that is not
//! JSON is not JSON either; the caller checks the result, which is short, instead of the given text, which is not.

use memchr::memchr;

use super::outline::Outline;
use super::value::Value;

/// The text is not JSON.
#[derive(Debug)]
pub(super) struct Broken;

/// The values of the array that begins at a place in a text.
pub(super) struct Elements<'a> {
    entries: Entries<'a>,
}

/// The members of the object that begins at a place in a text.
pub(super) struct Members<'a> {
    entries: Entries<'a>,
}

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member<'a> {
    /// With its quotes.
    pub(super) key: &'a str,
    pub(super) value: Value<'a>,
}

impl<'a> Elements<'a> {
    /// `None` if that is no array.
    pub(super) fn of(value: Value<'a>) -> Option<Self> {
        Some(Self { entries: Entries::of(value, b'[', b']')? })
    }

    /// Whether the array was read to its end, and nothing but white space is behind it.
    pub(super) fn is_all(&self) -> bool {
        let Entries { bytes, at, .. } = self.entries;
        blank(bytes, at) == bytes.len()
    }
}

impl<'a> Members<'a> {
    /// `None` if that is no object.
    pub(super) fn of(value: Value<'a>) -> Option<Self> {
        Some(Self { entries: Entries::of(value, b'{', b'}')? })
    }

    /// The members that were not read yet.
    pub(super) fn rest(&mut self) -> Result<Rest, Broken> {
        self.entries.rest()
    }
}

/// A list of values whose rest can be counted.
pub(super) trait Values<'a>: Iterator<Item = Result<Value<'a>, Broken>> {
    /// The values that were not read yet.
    fn rest(&mut self) -> Result<Rest, Broken> {
        let mut rest = Rest::default();
        for value in self {
            rest.add(value?.len());
        }
        Ok(rest)
    }
}

impl<'a> Values<'a> for Elements<'a> {
    fn rest(&mut self) -> Result<Rest, Broken> {
        self.entries.rest()
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Value<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.next(|entries, at| {
            let value = entries.value(at)?;
            Some((value, value.len()))
        })
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<Member<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.next(|entries, at| {
            let bytes = entries.bytes;
            if bytes.get(at) != Some(&b'"') {
                return None;
            }
            let end = string_end(bytes, at)?;
            let colon = blank(bytes, end);
            if bytes.get(colon) != Some(&b':') {
                return None;
            }
            let value = entries.value(blank(bytes, colon + 1))?;
            let key = entries.text.get(at..end)?;
            Some((Member { key, value }, key.len() + 1 + value.len()))
        })
    }
}

/// Entries that are counted only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rest {
    pub(super) count: usize,
    /// Without commas and the white space between them.
    pub(super) bytes: usize,
}

impl Rest {
    fn add(&mut self, bytes: usize) {
        self.count += 1;
        self.bytes += bytes;
    }

    /// What is left if these are `count` and `bytes` with the others.
    fn up_to(self, count: usize, bytes: usize) -> Self {
        Self { count: count.saturating_sub(self.count), bytes: bytes.saturating_sub(self.bytes) }
    }
}

/// What stands between the brackets of a container, separated by commas.
struct Entries<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    close: u8,
    state: State,
    /// The container, if it is a large one.
    outline: Option<&'a Outline>,
    /// The large ones that we have not passed.
    large: &'a [Outline],
    read: Rest,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begun,
    Within,
    Over,
}

impl<'a> Entries<'a> {
    fn of(value: Value<'a>, open: u8, close: u8) -> Option<Self> {
        let Value { text, start, large, .. } = value;
        let bytes = text.as_bytes();
        let at = blank(bytes, start) + 1;
        let entries = Self {
            text,
            bytes,
            at,
            close,
            state: State::Begun,
            outline: value.outline(),
            large,
            read: Rest::default(),
        };
        (bytes.get(at - 1) == Some(&open)).then_some(entries)
    }

    /// `read` answers with an entry and its length.
    fn next<T>(&mut self, read: impl Fn(&mut Self, usize) -> Option<(T, usize)>) -> Option<Result<T, Broken>> {
        if self.state == State::Over {
            return None;
        }
        let mut at = blank(self.bytes, self.at);
        if self.bytes.get(at) == Some(&self.close) {
            self.at = at + 1;
            self.state = State::Over;
            return None;
        }
        if self.state == State::Within {
            if self.bytes.get(at) != Some(&b',') {
                return self.broken();
            }
            at = blank(self.bytes, at + 1);
        }
        let Some((entry, length)) = read(self, at) else { return self.broken() };
        self.read.add(length);
        self.state = State::Within;
        Some(Ok(entry))
    }

    /// The value at `at`, which is behind all that were read.
    fn value(&mut self, at: usize) -> Option<Value<'a>> {
        while let Some((_, behind)) = self.large.split_first().filter(|(first, _)| first.start < at) {
            self.large = behind;
        }
        let known = self.large.first().filter(|large| large.start == at);
        let end = known.map_or_else(|| value_end(self.bytes, at), |large| Some(large.end))?;
        self.at = end;
        Some(Value { text: self.text, start: at, end, large: self.large })
    }

    fn rest(&mut self) -> Result<Rest, Broken> {
        if self.state == State::Over {
            return Ok(Rest::default());
        }
        self.state = State::Over;
        let (end, rest) = match self.outline {
            Some(all) => (all.end, self.read.up_to(all.commas + 1, all.bytes(2))),
            None => {
                let left = Outline::from(self.bytes, self.at).ok_or(Broken)?;
                (left.end, Rest { count: left.commas, bytes: left.bytes(1) })
            }
        };
        self.at = end;
        Ok(rest)
    }

    fn broken<T>(&mut self) -> Option<Result<T, Broken>> {
        self.state = State::Over;
        Some(Err(Broken))
    }
}

/// The first place from `at` on that is no white space.
pub(super) fn blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count()
}

/// The place behind the string whose opening quote stands at `at`.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    loop {
        let quote = from + memchr(b'"', bytes.get(from..)?)?;
        let escapes = bytes.get(from..quote)?.iter().rev().take_while(|byte| **byte == b'\\').count();
        from = quote + 1;
        if escapes % 2 == 0 {
            return Some(from);
        }
    }
}

fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => string_end(bytes, at),
        b'{' | b'[' => Some(Outline::from(bytes, at + 1)?.end),
        _ => scalar_end(bytes, at),
    }
}

/// A number, `true`, `false` or `null`.
fn scalar_end(bytes: &[u8], at: usize) -> Option<usize> {
    let stops = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b':' | b'"' | b' ' | b'\n' | b'\r' | b'\t');
    let rest = bytes.get(at..)?;
    let length = rest.iter().position(stops).unwrap_or(rest.len());
    (length > 0).then_some(at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Option<Vec<&str>> {
        let mut elements = Elements::of(Value::new(text))?;
        let found: Option<Vec<_>> = elements.by_ref().map(|value| Some(value.ok()?.as_str())).collect();
        elements.is_all().then_some(found?)
    }

    fn members(text: &str) -> Option<Vec<(&str, &str)>> {
        Members::of(Value::new(text))?
            .map(|member| {
                let member = member.ok()?;
                Some((member.key, member.value.as_str()))
            })
            .collect()
    }

    #[test]
    fn elements_end_where_they_end() {
        let text = r#" [ 1 ,-2.5e3,"a,]\\\"",[[1],{"b":"]"}] , {"c":[{}]},null ] "#;
        let expected = ["1", "-2.5e3", r#""a,]\\\"""#, r#"[[1],{"b":"]"}]"#, r#"{"c":[{}]}"#, "null"];
        assert_eq!(elements(text).unwrap(), expected);
        assert_eq!(elements("[]").unwrap(), [""; 0]);
    }

    #[test]
    fn members_have_a_key_and_a_value() {
        let text = r#"{ "a" : 1 ,"b\"":{"x":"}"},"":[]}"#;
        assert_eq!(members(text).unwrap(), [(r#""a""#, "1"), (r#""b\"""#, r#"{"x":"}"}"#), (r#""""#, "[]")]);
        assert_eq!(members("{}").unwrap(), []);
    }

    /// What `rest` counts after `read` elements, and what steps do.
    fn rests(value: Value<'_>, read: usize) -> [Rest; 2] {
        let mut elements = Elements::of(value).unwrap();
        elements.by_ref().take(read).for_each(|value| assert!(value.is_ok()));
        let rest = elements.rest().unwrap();
        assert!(elements.next().is_none() && elements.is_all());
        let mut steps = Rest::default();
        Elements::of(value).unwrap().skip(read).for_each(|value| steps.add(value.unwrap().len()));
        [rest, steps]
    }

    #[test]
    fn the_rest_is_what_steps_would_find() {
        let text = format!(r#"[1 , "a,]" ,{{"b": [1, 2]}},[{}], -2.5e3,null ]"#, "[1, {}],".repeat(5000) + "0");
        let large = Outline::of_large(text.as_bytes(), 0).unwrap();
        for read in 1..6 {
            for large in [&large[..], &[]] {
                let [rest, steps] = rests(Value { large, ..Value::new(&text) }, read);
                assert_eq!(rest, steps, "{read} read");
            }
        }
        let mut members = Members::of(Value::new(r#"{"a" : 1 ,"b" :[2, 3] , "c":{}}"#)).unwrap();
        assert!(members.next().unwrap().is_ok());
        assert_eq!(members.rest().unwrap(), Rest { count: 2, bytes: 10 + 6 });
    }

    #[test]
    fn what_is_no_json_is_broken() {
        for text in ["", "[", "[1", "[1 2]", "[,]", "[1,]", r#"["a]"#, "[[]", r#"[{"a":1]"#, "[1]2", r#"["\"]"#] {
            assert!(elements(text).is_none(), "{text}");
        }
        for text in ["{", "{a:1}", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1"#, r#"{"a" 1}"#, r#"{"a":1 "b":2}"#] {
            assert!(members(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nesting_costs_no_stack() {
        let deep = format!("[{}{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(elements(&deep).unwrap().len(), 1);
    }
}
