//! What failed, in one word for all providers: the table of `error.type`.

use std::fmt;

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

pub(super) struct Row {
    pub(super) kind: ErrorKind,
    pub(super) name: &'static str,
    pub(super) is_retryable: bool,
    pub(super) means: &'static str,
    /// HTTP statuses.
    pub(super) statuses: &'static [u16],
    /// Codes and types of providers: sorted.
    pub(super) codes: &'static [&'static str],
}

/// By name. Codes are those of OpenAI and who speaks its format (`insufficient_quota`, `BadRequestError` …), Anthropic's
/// types (`overloaded_error`), Google's RPC statuses (`RESOURCE_EXHAUSTED`), AWS's exceptions (`ThrottlingException`).
/// 409 is a lock that was not got in time: the SDKs of OpenAI and Anthropic try again. 498 is Groq's flex tier without
/// capacity, 499 nginx's closed request, 520 to 524 Cloudflare's.
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: ErrorKind::Authentication,
        name: "authentication",
        is_retryable: false,
        means: "The key or the token is missing, wrong or expired",
        statuses: &[401, 407],
        codes: &[
            "API_KEY_INVALID",
            "AuthError",
            "AuthenticationError",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "SignatureDoesNotMatch",
            "UNAUTHENTICATED",
            "Unauthorized",
            "UnrecognizedClientException",
            "account_deactivated",
            "authentication_error",
            "incorrect_api_key_error",
            "invalid_api_key",
            "invalid_authentication_error",
            "invalid_organization",
            "invalid_token",
            "token_expired",
            "unauthorized",
        ],
    },
    Row {
        kind: ErrorKind::Cancelled,
        name: "cancelled",
        is_retryable: false,
        means: "The caller gave up",
        statuses: &[499],
        codes: &["CANCELLED", "canceled", "cancelled"],
    },
    Row {
        kind: ErrorKind::Connection,
        name: "connection",
        is_retryable: true,
        means: "No connection, or one that broke",
        statuses: &[],
        codes: &["APIConnectionError", "connection_error"],
    },
    Row {
        kind: ErrorKind::ContentFilter,
        name: "content_filter",
        is_retryable: false,
        means: "The provider refuses what was asked or answered",
        statuses: &[],
        codes: &[
            "ContentPolicyViolationError",
            "DataInspectionFailed",
            "ResponsibleAIPolicyViolation",
            "content_blocked",
            "content_filter",
            "content_filter_error",
            "content_policy_violation",
            "data_inspection_failed",
            "image_content_policy_violation",
            "invalid_prompt",
            "moderation_blocked",
        ],
    },
    Row {
        kind: ErrorKind::ContextLength,
        name: "context_length",
        is_retryable: false,
        means: "The request is longer than the model's context",
        statuses: &[],
        codes: &[
            "ContextWindowExceededError",
            "context_length_exceeded",
            "context_window_exceeded",
            "model_context_window_exceeded",
            "prompt_too_long",
        ],
    },
    Row {
        kind: ErrorKind::InvalidRequest,
        name: "invalid_request",
        is_retryable: false,
        means: "The request is not as the provider wants it",
        statuses: &[400, 405, 406, 411, 415, 422],
        codes: &[
            "ALREADY_EXISTS",
            "BadRequest",
            "BadRequestError",
            "FAILED_PRECONDITION",
            "INVALID_ARGUMENT",
            "InvalidParameter",
            "OUT_OF_RANGE",
            "SerializationException",
            "UNIMPLEMENTED",
            "UnprocessableEntityError",
            "ValidationException",
            "bad_request",
            "invalid_image_format",
            "invalid_parameter_error",
            "invalid_request",
            "invalid_request_error",
            "invalid_type",
            "invalid_value",
            "json_validate_failed",
            "missing_required_parameter",
            "string_above_max_length",
            "tool_use_failed",
            "unknown_parameter",
            "unprocessable_entity",
            "unprocessable_entity_error",
            "unsupported_parameter",
            "unsupported_value",
        ],
    },
    Row {
        kind: ErrorKind::NotFound,
        name: "not_found",
        is_retryable: false,
        means: "No such model, deployment or endpoint",
        statuses: &[404, 410],
        codes: &[
            "DeploymentNotFound",
            "NOT_FOUND",
            "NotFound",
            "NotFoundError",
            "ResourceNotFoundException",
            "invalid_model",
            "model_decommissioned",
            "model_not_found",
            "not_found",
            "not_found_error",
            "previous_response_not_found",
            "unknown_url",
        ],
    },
    Row {
        kind: ErrorKind::Overloaded,
        name: "overloaded",
        is_retryable: true,
        means: "The provider has too much to do",
        statuses: &[409, 498, 503, 529],
        codes: &[
            "ABORTED",
            "ModelNotReadyException",
            "ServiceUnavailable",
            "ServiceUnavailableError",
            "ServiceUnavailableException",
            "UNAVAILABLE",
            "capacity_exceeded",
            "engine_overloaded",
            "engine_overloaded_error",
            "model_overloaded",
            "overloaded",
            "overloaded_error",
            "server_is_overloaded",
            "server_overloaded",
            "service_unavailable",
            "service_unavailable_error",
            "slow_down",
        ],
    },
    Row {
        kind: ErrorKind::Permission,
        name: "permission",
        is_retryable: false,
        means: "The key may not do that",
        statuses: &[403, 451],
        codes: &[
            "AccessDenied",
            "AccessDeniedException",
            "PERMISSION_DENIED",
            "PermissionDeniedError",
            "access_denied",
            "forbidden",
            "ip_not_authorized",
            "model_terms_required",
            "organization_restricted",
            "permission_denied",
            "permission_denied_error",
            "permission_error",
            "unsupported_country_region_territory",
        ],
    },
    Row {
        kind: ErrorKind::Quota,
        name: "quota",
        is_retryable: false,
        means: "Nothing is left of credit or of a budget",
        statuses: &[402],
        codes: &[
            "Arrearage",
            "BudgetExceededError",
            "ServiceQuotaExceededException",
            "billing_error",
            "billing_hard_limit_reached",
            "billing_not_active",
            "budget_exceeded",
            "exceeded_current_quota_error",
            "insufficient_balance",
            "insufficient_credits",
            "insufficient_quota",
            "quota_exceeded",
            "quota_exceeded_error",
        ],
    },
    Row {
        kind: ErrorKind::RateLimit,
        name: "rate_limit",
        is_retryable: true,
        means: "Too many requests or tokens for now",
        statuses: &[429],
        codes: &[
            "LimitRequests",
            "RESOURCE_EXHAUSTED",
            "RateLimitError",
            "RateLimitReached",
            "RequestLimitExceeded",
            "Throttling",
            "ThrottlingException",
            "TooManyRequests",
            "TooManyRequestsException",
            "limit_burst_rate",
            "limit_requests",
            "rate_limit_error",
            "rate_limit_exceeded",
            "rate_limit_reached_error",
            "rate_limited",
            "requests",
            "throttling_error",
            "tokens",
            "too_many_requests",
        ],
    },
    Row {
        kind: ErrorKind::RequestTooLarge,
        name: "request_too_large",
        is_retryable: false,
        means: "The request has too many bytes",
        statuses: &[413],
        codes: &[
            "RequestEntityTooLarge",
            "RequestEntityTooLargeException",
            "payload_too_large",
            "request_entity_too_large",
            "request_too_large",
        ],
    },
    Row {
        kind: ErrorKind::ServerError,
        name: "server_error",
        is_retryable: true,
        means: "An error inside of the provider",
        statuses: &[424, 500, 501, 502, 520, 521, 522, 523],
        codes: &[
            "APIError",
            "DATA_LOSS",
            "INTERNAL",
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServerException",
            "ModelErrorException",
            "ModelStreamErrorException",
            "UNKNOWN",
            "api_error",
            "internal_error",
            "internal_server_error",
            "network_error",
            "processing_error",
            "server_error",
            "upstream_error",
        ],
    },
    Row {
        kind: ErrorKind::Timeout,
        name: "timeout",
        is_retryable: true,
        means: "No answer in time",
        statuses: &[408, 504, 524],
        codes: &[
            "DEADLINE_EXCEEDED",
            "GatewayTimeout",
            "ModelTimeoutException",
            "RequestTimeout",
            "RequestTimeoutException",
            "Timeout",
            "gateway_timeout",
            "request_timeout",
            "timeout",
            "timeout_error",
        ],
    },
];

/// A word in the text of an error, for those who have one code for several faults. Only where the code says one of
/// `beside`, or nothing, the word counts: Gemini says "quota" of every rate limit.
pub(super) struct Hint {
    /// Lower case.
    pub(super) word: &'static str,
    pub(super) kind: ErrorKind,
    beside: &'static [ErrorKind],
}

const fn hint(word: &'static str, kind: ErrorKind, beside: &'static [ErrorKind]) -> Hint {
    Hint { word, kind, beside }
}

const BAD: &[ErrorKind] = &[ErrorKind::InvalidRequest];
const SPENT: &[ErrorKind] = &[ErrorKind::InvalidRequest, ErrorKind::RateLimit, ErrorKind::Permission];
const FAULT: &[ErrorKind] = &[ErrorKind::ServerError];

#[rustfmt::skip]
pub(super) const HINTS: &[Hint] = &[
    //   word                         means                     instead of
    hint("content filter",            ErrorKind::ContentFilter, BAD),
    hint("content management policy", ErrorKind::ContentFilter, BAD),   // Azure OpenAI
    hint("content policy",            ErrorKind::ContentFilter, BAD),
    hint("content_filter",            ErrorKind::ContentFilter, BAD),
    hint("content_policy",            ErrorKind::ContentFilter, BAD),
    hint("context length",            ErrorKind::ContextLength, BAD),   // vLLM, DeepSeek, OpenRouter
    hint("context window",            ErrorKind::ContextLength, BAD),
    hint("context_length",            ErrorKind::ContextLength, BAD),
    hint("credit balance",            ErrorKind::Quota,         SPENT), // Anthropic
    hint("incorrect api key",         ErrorKind::Authentication, BAD),  // xAI: 400, and no code
    hint("input is too long",         ErrorKind::ContextLength, BAD),   // Bedrock
    hint("insufficient balance",      ErrorKind::Quota,         SPENT), // DeepSeek
    hint("insufficient credits",      ErrorKind::Quota,         SPENT), // OpenRouter
    hint("maximum number of tokens",  ErrorKind::ContextLength, BAD),   // Gemini
    hint("monthly",                   ErrorKind::Quota,         SPENT),
    hint("overloaded",                ErrorKind::Overloaded,    FAULT),
    hint("prompt is too long",        ErrorKind::ContextLength, BAD),   // Anthropic
    hint("spending limit",            ErrorKind::Quota,         SPENT),
];

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
