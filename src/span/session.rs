//! The session of a process: a UUID, made up or told by the workflow.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// An identifier of a session (`session.id`): a UUID, written in lower case with hyphens.
///
/// ```
/// use tracing_genai::SessionId;
///
/// // The same workflow has the same session in every process, whoever starts it.
/// let session = SessionId::from_workflow("travel.example", "order-4711");
/// assert_eq!(session, SessionId::from_workflow("travel.example", "order-4711"));
/// assert_eq!(session.as_str(), "387fae15-8297-5624-97d3-c8c360bb6abc");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(String);

/// A text that is no UUID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad session id {0:?}: write a UUID, such as 387fae15-8297-5624-97d3-c8c360bb6abc")]
pub struct SessionIdError(String);

/// How much of a bad value is shown, in characters.
const SHOWN: usize = 64;

impl SessionId {
    /// The session of the workflow `name`: UUID version 5 of `name`, in the namespace that is the UUID version 5 of
    /// `namespace`, a domain name, in RFC 9562's namespace for those.
    pub fn from_workflow(namespace: &str, name: &str) -> Self {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_DNS, namespace.as_bytes());
        Self::of(Uuid::new_v5(&namespace, name.as_bytes()))
    }

    /// A new session: UUID version 4.
    pub fn random() -> Self {
        Self::of(Uuid::new_v4())
    }

    /// 36 characters: 32 hex digits in lower case, and hyphens.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string())
    }
}

impl AsRef<str> for SessionId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a UUID of any version, in upper or lower case, with or without hyphens.
impl FromStr for SessionId {
    type Err = SessionIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uuid = Uuid::try_parse(text.trim()).map_err(|_| SessionIdError(text.chars().take(SHOWN).collect()))?;
        Ok(Self::of(uuid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_has_the_session_that_other_systems_compute() {
        // Flightdeck's locked vector.
        let name = "flightdeck://coding/omria@Omri-PC/claude_code/omria@Omri-PC";
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"flightdeck.dev");
        assert_eq!(namespace.to_string(), "ee22ab58-26fc-54ef-91b4-b5c0a97f9b61");
        assert_eq!(SessionId::from_workflow("flightdeck.dev", name).as_str(), "ee76931b-06fa-5da6-a019-5a8237efd496");
    }

    #[test]
    fn a_uuid_is_read_in_any_form_and_written_in_one() {
        let written = "ee76931b-06fa-5da6-a019-5a8237efd496";
        for text in [written, " EE76931B-06FA-5DA6-A019-5A8237EFD496 ", "ee76931b06fa5da6a0195a8237efd496"] {
            assert_eq!(text.parse::<SessionId>().map(|id| id.to_string()).as_deref(), Ok(written));
        }
        assert_ne!(SessionId::random(), SessionId::random());
    }

    #[test]
    fn a_bad_value_is_shown_in_part() {
        let error = format!("x\n{}", "y".repeat(200)).parse::<SessionId>().expect_err("no UUID").to_string();
        assert!(error.starts_with("bad session id \"x\\nyyy") && error.len() < 160, "{error}");
        assert!("".parse::<SessionId>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".*") {
            if let Ok(id) = text.parse::<SessionId>() {
                proptest::prop_assert_eq!(id.as_str().len(), 36);
            }
        }
    }
}
