//! Redactors: what is secret or personal in a text is replaced by what it was, `[redacted:email]`.

mod addresses;
mod base64;
mod cards;
mod credentials;
mod emails;
mod engine;
mod hints;
mod json;
mod keys;
mod media;
mod phones;
mod place;
mod rows;
mod shell;
mod signatures;
mod tokens;
mod words;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod nested;
#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

/// Finds one class of things in texts, and replaces each by a marker that says what it was: `[redacted:email]`.
///
/// Redactors know things by how they are written, and by the keys and names they stand behind. They lower the risk of
/// content that leaves the process; they do not make it none: a password in the middle of a sentence looks like any
/// other word. What they find is listed, with figures, in `docs/redaction.md`.
///
/// Searching takes time in proportion to the text, whatever is in it. A redactor that cannot do its work leaves nothing
/// of the text: `[redacted]`.
///
/// ```
/// use tracing_genai::content::Redactor;
///
/// let text = Redactor::emails().apply("ask ada@example.org about it");
/// assert_eq!(text, "ask [redacted:email] about it");
/// ```
#[derive(Clone, Debug)]
pub struct Redactor(Kind);

#[derive(Clone, Debug)]
enum Kind {
    BuiltIn(Class),
    Custom(Arc<Custom>),
}

/// A pattern of the application's.
#[derive(Debug)]
struct Custom {
    name: String,
    regex: Regex,
}

/// What a built-in redactor is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Class {
    Secrets,
    Emails,
    Phones,
    Cards,
    IpAddresses,
    ShellEnvironment,
    Media,
}

impl Class {
    const ALL: [Self; 7] = [
        Self::Secrets,
        Self::Emails,
        Self::Phones,
        Self::Cards,
        Self::IpAddresses,
        Self::ShellEnvironment,
        Self::Media,
    ];
}

/// Some classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Classes(u8);

impl Classes {
    fn with(self, class: Class) -> Self {
        Self(self.0 | 1 << class as u8)
    }

    fn has(self, class: Class) -> bool {
        self.0 & 1 << class as u8 != 0
    }

    /// Whether one of them is searched by the rows of the table.
    fn reads_rows(self) -> bool {
        self.0 & !(1 << Class::Media as u8) != 0
    }
}

/// All that one walk looks for, so that a text is read once for all redactors.
#[derive(Debug, Default)]
struct Pass<'a> {
    classes: Classes,
    custom: Vec<&'a Custom>,
}

impl<'a> Pass<'a> {
    fn new(redactors: &'a [Redactor]) -> Self {
        redactors.iter().fold(Self::default(), |mut pass, redactor| {
            match &redactor.0 {
                Kind::BuiltIn(class) => pass.classes = pass.classes.with(*class),
                Kind::Custom(custom) => pass.custom.push(custom),
            }
            pass
        })
    }

    fn of(class: Class) -> Self {
        Self { classes: Classes::default().with(class), custom: Vec::new() }
    }
}

impl Redactor {
    /// Keys, tokens and passwords: keys of model providers, clouds and services by how they begin, bearer tokens, JSON
    /// Web Tokens, private keys in PEM, passwords in URLs and connection strings, and what stands behind `password=`,
    /// `"api_key":` and their like, or in JSON under such a key.
    pub fn secrets() -> Self {
        Self(Kind::BuiltIn(Class::Secrets))
    }

    /// E-mail addresses.
    pub fn emails() -> Self {
        Self(Kind::BuiltIn(Class::Emails))
    }

    /// Telephone numbers with a country's code, in groups as they are written, or behind a word such as `phone`. Ten
    /// digits in a row, with nothing around them, are a number like any other and stay.
    pub fn phones() -> Self {
        Self(Kind::BuiltIn(Class::Phones))
    }

    /// Numbers of payment cards: 13 to 19 digits, also in groups, with the first digits of an issuer and the right
    /// check digit.
    pub fn cards() -> Self {
        Self(Kind::BuiltIn(Class::Cards))
    }

    /// Addresses of the Internet Protocol, versions 4 and 6. Loopback, unspecified and broadcast addresses stay, and so
    /// do versions of programs.
    pub fn ip_addresses() -> Self {
        Self(Kind::BuiltIn(Class::IpAddresses))
    }

    /// Values of environment variables, in commands (`FOO=… cmd`, `export FOO=…`, `-e FOO=…`) and in JSON under `env`
    /// or `environment`. Their names stay, and so do references to other variables, `$FOO`.
    pub fn shell_environment() -> Self {
        Self(Kind::BuiltIn(Class::ShellEnvironment))
    }

    /// Images, audio and other data: `data:` URLs, base64 that begins as known formats do, and any base64 of 256
    /// characters or more. Type, size in bytes and SHA-256 of the data stay:
    /// `[redacted:media image/png 70 bytes sha256:…]`.
    pub fn media() -> Self {
        Self(Kind::BuiltIn(Class::Media))
    }

    /// Whatever the regular expression `regex` finds, in the syntax of the [`regex`] crate; it becomes
    /// `[redacted:{name}]`. Matches of no length are passed over. In JSON it sees numbers too, as they are written.
    ///
    /// # Errors
    /// If `name` is not made of small letters, digits and `_`, a letter first and 32 at most, or is a name of the
    /// crate's own, or if `regex` cannot be read or is too large.
    ///
    /// ```
    /// use tracing_genai::content::Redactor;
    ///
    /// let tickets = Redactor::pattern("ticket", r"\bACME-\d+\b")?;
    /// assert_eq!(tickets.apply("see ACME-1234"), "see [redacted:ticket]");
    /// # Ok::<(), tracing_genai::content::RedactorError>(())
    /// ```
    pub fn pattern(name: &str, regex: &str) -> Result<Self, RedactorError> {
        let letters = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !letters || !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.len() > 32 {
            let message = format!("bad name {name:?} of a redactor: give small letters, digits and _, 32 at most");
            return Err(RedactorError { kind: RedactorErrorKind::Name, message });
        }
        if name == "media" || rows::ROWS.iter().any(|row| row.name == name) {
            let message = format!("the name {name:?} is that of a built-in redactor: give another one");
            return Err(RedactorError { kind: RedactorErrorKind::Name, message });
        }
        let regex = Regex::new(regex).map_err(|error| RedactorError {
            kind: RedactorErrorKind::Pattern,
            message: format!("bad pattern of the redactor {name:?}: {error}"),
        })?;
        Ok(Self(Kind::Custom(Arc::new(Custom { name: name.to_owned(), regex }))))
    }

    /// Every built-in redactor.
    pub fn all() -> Vec<Self> {
        Class::ALL.into_iter().map(|class| Self(Kind::BuiltIn(class))).collect()
    }

    /// The built-in redactors that hardly ever take something else for what they look for: all but telephone numbers
    /// and IP addresses.
    pub fn recommended() -> Vec<Self> {
        let kept = |class: &Class| !matches!(class, Class::Phones | Class::IpAddresses);
        Class::ALL.into_iter().filter(kept).map(|class| Self(Kind::BuiltIn(class))).collect()
    }

    /// `text` without what this redactor finds in it. Doing it twice changes nothing more.
    pub fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.redact(None, text)
    }

    /// `text`, which stands in JSON under `key`, the nearest one above it; for members of an object under `env` that is
    /// `env` as well.
    pub(crate) fn redact<'a>(&self, key: Option<&str>, text: &'a str) -> Cow<'a, str> {
        json::redact_under(&Pass::new(std::slice::from_ref(self)), key, text).text
    }
}

/// Redacts every text in `value`, keys too. Returns how much was replaced.
pub(crate) fn redact_json(redactors: &[Redactor], value: &mut Value) -> usize {
    json::redact_json(&Pass::new(redactors), value)
}

/// Redacts `text`. Returns how much was replaced.
pub(crate) fn redact_text(redactors: &[Redactor], text: &mut String) -> usize {
    let redacted = engine::redact(&Pass::new(redactors), text);
    let count = redacted.count;
    if let Cow::Owned(redacted) = redacted.text {
        *text = redacted;
    }
    count
}

/// [`Redactor::media`] on a document of JSON as it is written; it stays JSON.
pub(crate) fn media_in_json_text(text: &str) -> Cow<'_, str> {
    engine::media_in_json_text(text)
}

/// A redactor that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RedactorError {
    kind: RedactorErrorKind,
    message: String,
}

impl RedactorError {
    /// What is wrong.
    pub fn kind(&self) -> RedactorErrorKind {
        self.kind
    }
}

/// The kinds of [`RedactorError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedactorErrorKind {
    /// The name has other characters than small letters, digits and `_`, or is taken.
    Name,
    /// The pattern is no regular expression, or too large.
    Pattern,
}
