//! What failed, in one word for all providers: the table of `error.type`.

use std::fmt;

use super::error_rows::{HINTS, Hint, ROWS, Row};

/// What failed, whichever provider says it: `error.type` of a turn.
///
#[doc = include_str!("../../docs/errors.md")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key or the token is missing, wrong or expired.
    Authentication,
    /// The caller gave up.
    Cancelled,
    /// No connection, or one that broke.
    Connection,
    /// The provider refuses what was asked or answered.
    ContentFilter,
    /// The request is longer than the model's context.
    ContextLength,
    /// The request is not as the provider wants it.
    InvalidRequest,
    /// No such model, deployment or endpoint.
    NotFound,
    /// The provider has too much to do.
    Overloaded,
    /// The key may not do that.
    Permission,
    /// Nothing is left of credit or of a budget.
    Quota,
    /// Too many requests or tokens for now.
    RateLimit,
    /// The request has too many bytes.
    RequestTooLarge,
    /// An error inside of the provider.
    ServerError,
    /// No answer in time.
    Timeout,
}

/// Of an error's text, how much is looked at.
const MAX_LOOKED_AT: usize = 1024;

impl ErrorKind {
    /// By the provider's code or type of the error, else by the HTTP status; `None` if neither is known. Where the code
    /// only says that the request was wrong or the provider failed, a status that says more counts.
    ///
    /// ```
    /// use tracing_genai::providers::ErrorKind;
    ///
    /// assert_eq!(ErrorKind::of(Some("insufficient_quota"), Some(429)), Some(ErrorKind::Quota));
    /// assert_eq!(ErrorKind::of(None, Some(429)), Some(ErrorKind::RateLimit));
    /// ```
    pub fn of(code: Option<&str>, status: Option<u16>) -> Option<Self> {
        let by_code = code.and_then(|code| ROWS.iter().find(|row| row.codes.contains(&code)));
        let by_status = status.and_then(|status| ROWS.iter().find(|row| row.statuses.contains(&status)));
        let (by_code, by_status) = (by_code.map(|row| row.kind), by_status.map(|row| row.kind));
        by_code.filter(|kind| !kind.is_vague()).or(by_status.filter(|kind| !kind.is_vague())).or(by_code).or(by_status)
    }

    fn is_vague(self) -> bool {
        matches!(self, Self::InvalidRequest | Self::ServerError)
    }

    /// What the text of an error means, if it has one of the words of the table.
    pub(crate) fn of_message(message: &str) -> Option<Self> {
        let looked_at = message.as_bytes();
        let lower = looked_at.get(..MAX_LOOKED_AT).unwrap_or(looked_at).to_ascii_lowercase();
        let is_in = |hint: &&Hint| memchr::memmem::find(&lower, hint.word.as_bytes()).is_some();
        HINTS.iter().find(is_in).map(|hint| hint.kind)
    }

    /// Whether `self`, read from an error's text, says more than what code and status say.
    pub(crate) fn refines(self, known: Option<Self>) -> bool {
        let beside = HINTS.iter().find(|hint| hint.kind == self).map_or(&[][..], |hint| hint.beside);
        known.is_none_or(|known| beside.contains(&known))
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.kind == self)
    }

    /// As it is exported: `rate_limit`.
    pub fn as_str(self) -> &'static str {
        self.row().map_or("_OTHER", |row| row.name)
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(self) -> bool {
        self.row().is_some_and(|row| row.is_retryable)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_is_sorted_and_nothing_stands_twice() {
        assert!(ROWS.is_sorted_by(|a, b| a.name < b.name));
        assert!(HINTS.is_sorted_by(|a, b| a.word < b.word));
        for row in ROWS {
            assert!(row.codes.is_sorted() && row.statuses.is_sorted(), "{}", row.name);
            assert_eq!(row.kind.to_string(), row.name);
        }
        let codes: Vec<_> = ROWS.iter().flat_map(|row| row.codes).collect();
        let statuses: Vec<_> = ROWS.iter().flat_map(|row| row.statuses).collect();
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        assert_eq!(statuses.iter().collect::<HashSet<_>>().len(), statuses.len());
    }

    #[test]
    fn one_kind_replaces_the_same_ones_whatever_its_word_is() {
        for (one, other) in HINTS.iter().flat_map(|one| HINTS.iter().map(move |other| (one, other))) {
            assert!(one.kind != other.kind || one.beside == other.beside, "{}", one.word);
        }
    }

    #[test]
    fn the_more_telling_of_code_and_status_counts() {
        use ErrorKind::*;
        #[rustfmt::skip]
        let cases: &[(Option<&str>, Option<u16>, Option<ErrorKind>)] = &[
            (Some("insufficient_quota"),      Some(429), Some(Quota)),
            (Some("context_length_exceeded"), Some(400), Some(ContextLength)),
            (Some("invalid_request_error"),   Some(402), Some(Quota)),
            (Some("invalid_request_error"),   Some(400), Some(InvalidRequest)),
            (Some("rate_limit_exceeded"),     Some(413), Some(RateLimit)),
            (Some("api_error"),               Some(529), Some(Overloaded)),
            (Some("api_error"),               None,      Some(ServerError)),
            (Some("never_heard_of"),          Some(503), Some(Overloaded)),
            (Some("never_heard_of"),          None,      None),
            (None,                            Some(418), None),
        ];
        for (code, status, wanted) in cases {
            assert_eq!(ErrorKind::of(*code, *status), *wanted, "{code:?} {status:?}");
        }
    }
}
