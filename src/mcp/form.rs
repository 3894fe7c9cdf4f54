//! Which texts of a peer may be shown: those that have the form of what they are said to be.
//!
//! A peer may put anything into a name or an identifier, also a text of the user's. Names are what spans are named by.

use rmcp::model::{NumberOrString, ProtocolVersion, RequestId};

/// In the place of a name that is none.
pub(crate) const OTHER: &str = "_OTHER";

/// Whether `text` is of letters and digits of ASCII, and of `others`.
fn is_of(text: &str, longest: usize, others: &[u8]) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    !text.is_empty() && text.len() <= longest && text.bytes().all(inner)
}

/// The name of a method.
pub(crate) fn method(name: &str) -> &str {
    if is_of(name, 64, b"/_.-$") { name } else { OTHER }
}

/// The name of a tool or a prompt. The protocol recommends letters, digits, `_`, `-`, `.`; servers write `:`, `/` and `@`, too.
pub(crate) fn target(name: &str) -> &str {
    if is_of(name, 128, b"_-.:/@") { name } else { OTHER }
}

/// The identifier of a session: a UUID or a hash, as a rule.
pub(crate) fn session(id: &str) -> Option<&str> {
    is_of(id, 64, b"_-.:").then_some(id)
}

/// The number of a request.
pub(crate) fn number(id: &RequestId) -> Option<String> {
    match id {
        NumberOrString::Number(number) => Some(number.to_string()),
        NumberOrString::String(text) => is_of(text, 64, b"_-.:").then(|| text.to_string()),
    }
}

/// A version of the protocol.
pub(crate) fn version(version: &ProtocolVersion) -> Option<String> {
    let text = version.as_str();
    is_of(text, 32, b".-").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_and_a_text_is_not() {
        for name in ["get_weather", "github.create-issue", "mcp__shop__find", "files/read", "@acme/shop:find"] {
            assert_eq!(target(name), name);
        }
        for text in ["", "what is the weather?", "wetter für morgen", "a\nb", &"x".repeat(129)] {
            assert_eq!(target(text), OTHER, "{text}");
        }
        assert_eq!(session("6c0a1f8e-8f3b-4f8e-9d3a-5a1f0c7e2b11"), Some("6c0a1f8e-8f3b-4f8e-9d3a-5a1f0c7e2b11"));
        assert_eq!(session(&"x".repeat(65)), None, "a token, as a rule");
        assert_eq!(number(&NumberOrString::Number(-7)).as_deref(), Some("-7"));
        assert_eq!(number(&NumberOrString::String("req-7".into())).as_deref(), Some("req-7"));
        assert_eq!(number(&NumberOrString::String("my card is 4111".into())), None);
    }
}
