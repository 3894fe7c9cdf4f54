//! What failed, in one word for all providers: the table of `error.type`.

use std::fmt;

/// What failed, whichever provider says it: `error.type` of a turn.
///
#[doc = include_str!("../../docs/errors.md")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Key or token is missing, wrong or expired.
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

struct Row {
    kind: ErrorKind,
    name: &'static str,
    retryable: bool,
    statuses: &'static [u16],
    codes: &'static [&'static str],
}

const fn row(
    kind: ErrorKind,
    name: &'static str,
    retryable: bool,
    of: (&'static [u16], &'static [&'static str]),
) -> Row {
    Row { kind, name, retryable, statuses: of.0, codes: of.1 }
}

// The helper of the room fills this in.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(ErrorKind::RateLimit, "rate_limit", true, (&[429], &["rate_limit_exceeded", "rate_limit_error"])),
    row(ErrorKind::ServerError, "server_error", true, (&[500, 502], &["server_error", "api_error"])),
];

impl ErrorKind {
    /// By the provider's code or type of the error, else by the HTTP status; `None` if neither is known.
    pub fn of(code: Option<&str>, status: Option<u16>) -> Option<Self> {
        let by_code = |code: &str| ROWS.iter().find(|row| row.codes.contains(&code));
        let by_status = |status: u16| ROWS.iter().find(|row| row.statuses.contains(&status));
        code.and_then(by_code).or_else(|| status.and_then(by_status)).map(|row| row.kind)
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
        self.row().is_some_and(|row| row.retryable)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
