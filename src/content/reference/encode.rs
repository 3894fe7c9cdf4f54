//! What is stored of an item: its bytes, their digest, the name made of it.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::content::digest::hex;
use crate::content::{Kind, Shape};

/// The form in which content is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One JSON value, `.json`. Text that is no JSON becomes a JSON string.
    #[default]
    Json,
    /// JSON lines, `.jsonl`: the elements of a list one a line, anything else one line.
    JsonLines,
}

impl Format {
    /// Its name, which is also the ending of files: `json`, `jsonl`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonLines => "jsonl",
        }
    }
}

/// A SHA-256.
pub(super) type Digest = [u8; 32];

/// An item as it is stored. No `Debug`: it is content.
pub(super) struct Encoded {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
}

impl Encoded {
    pub(super) fn new(kind: Kind, text: String, format: Format) -> Self {
        let json = match kind.shape() != Shape::Text && is_json(&text) {
            true => text,
            false => quoted(&text),
        };
        let bytes = match format {
            Format::Json => json.into_bytes(),
            Format::JsonLines => lines(&json),
        };
        let digest = Sha256::digest(&bytes).into();
        Self { bytes, digest }
    }

    pub(super) fn sha256(&self) -> String {
        hex(&self.digest)
    }

    pub(super) fn name(&self, format: Format) -> String {
        format!("{}.{}", self.sha256(), format.as_str())
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "null".to_owned())
}

fn lines(json: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(json.len());
    match serde_json::from_str::<Vec<&RawValue>>(json) {
        Ok(elements) => elements.iter().for_each(|element| push_line(&mut bytes, element.get())),
        Err(_) => push_line(&mut bytes, json),
    }
    bytes
}

/// JSON has line breaks between its tokens only, in strings they are escaped, so each may become a space.
fn push_line(bytes: &mut Vec<u8>, json: &str) {
    bytes.extend(json.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
    bytes.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(kind: Kind, text: &str, format: Format) -> String {
        String::from_utf8(Encoded::new(kind, text.to_owned(), format).bytes).unwrap()
    }

    #[test]
    fn json_is_stored_as_it_is_and_text_as_a_json_string() {
        assert_eq!(stored(Kind::InputMessages, r#"[{"role":"user"}]"#, Format::Json), r#"[{"role":"user"}]"#);
        assert_eq!(stored(Kind::TaskPrompt, "12 \"a\"\nb", Format::Json), r#""12 \"a\"\nb""#);
        assert_eq!(stored(Kind::TaskPrompt, "12", Format::Json), r#""12""#);
        assert_eq!(stored(Kind::WorkflowInput, "12", Format::Json), "12");
        assert_eq!(stored(Kind::WorkflowInput, "plain text", Format::Json), r#""plain text""#);
        assert_eq!(stored(Kind::ToolArguments, r#"{"cut":"#, Format::Json), r#""{\"cut\":""#);
    }

    #[test]
    fn json_lines_have_an_element_a_line() {
        let list = "[{\"a\":\n [1,\r\n2]}, \"x\\ny\",3]";
        let lines = stored(Kind::InputMessages, list, Format::JsonLines);
        assert_eq!(lines, "{\"a\":  [1,  2]}\n\"x\\ny\"\n3\n");
        for line in lines.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        assert_eq!(stored(Kind::ToolArguments, "{\n\"a\":1}", Format::JsonLines), "{ \"a\":1}\n");
        assert_eq!(stored(Kind::TaskPrompt, "two\nlines", Format::JsonLines), "\"two\\nlines\"\n");
        assert_eq!(stored(Kind::InputMessages, "[]", Format::JsonLines), "");
    }

    #[test]
    fn nesting_does_not_grow_the_stack() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(stored(Kind::WorkflowInput, &deep, Format::Json).len(), 400_000);
        assert_eq!(stored(Kind::WorkflowInput, &deep, Format::JsonLines).len(), 399_999);
    }

    #[test]
    fn the_name_is_the_digest_of_what_is_stored() {
        let item = Encoded::new(Kind::InputMessages, "[]".to_owned(), Format::Json);
        let digest = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";
        assert_eq!(item.name(Format::Json), format!("{digest}.json"));
        let item = Encoded::new(Kind::InputMessages, "[1]".to_owned(), Format::JsonLines);
        let digest = "4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865";
        assert_eq!(item.name(Format::JsonLines), format!("{digest}.jsonl"));
    }
}
