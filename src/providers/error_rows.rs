//! What providers' codes, HTTP statuses and words of errors mean: the tables.

use super::error_kind::ErrorKind;

pub(super) struct Row {
    pub(super) kind: ErrorKind,
    pub(super) name: &'static str,
    pub(super) is_retryable: bool,
    /// For the page of errors.
    #[cfg_attr(not(test), expect(dead_code, reason = "read where the page is printed"))]
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
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row {
        kind: ErrorKind::Authentication,
        name: "authentication",
        is_retryable: false,
        means: "The key or the token is missing, wrong or expired",
        statuses: &[401, 407],
        codes: &[
            "API_KEY_INVALID", "AuthError", "AuthenticationError", "ExpiredToken", "ExpiredTokenException",
            "IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationToken",
            "SignatureDoesNotMatch", "UNAUTHENTICATED", "Unauthorized", "UnrecognizedClientException",
            "account_deactivated", "authentication_error", "incorrect_api_key_error", "invalid_api_key",
            "invalid_authentication_error", "invalid_organization", "invalid_token", "token_expired", "unauthorized",
        ],
    },
    Row {
        kind: ErrorKind::Cancelled,
        name: "cancelled",
        is_retryable: false,
        means: "The caller gave up",
        statuses: &[499],
        codes: &[
            "CANCELLED", "canceled", "cancelled",
        ],
    },
    Row {
        kind: ErrorKind::Connection,
        name: "connection",
        is_retryable: true,
        means: "No connection, or one that broke",
        statuses: &[],
        codes: &[
            "APIConnectionError", "connection_error",
        ],
    },
    Row {
        kind: ErrorKind::ContentFilter,
        name: "content_filter",
        is_retryable: false,
        means: "The provider refuses what was asked or answered",
        statuses: &[],
        codes: &[
            "ContentPolicyViolationError", "DataInspectionFailed", "ResponsibleAIPolicyViolation", "content_blocked",
            "content_filter", "content_filter_error", "content_policy_violation", "data_inspection_failed",
            "image_content_policy_violation", "invalid_prompt", "moderation_blocked",
        ],
    },
    Row {
        kind: ErrorKind::ContextLength,
        name: "context_length",
        is_retryable: false,
        means: "The request is longer than the model's context",
        statuses: &[],
        codes: &[
            "ContextWindowExceededError", "context_length_exceeded", "context_window_exceeded",
            "model_context_window_exceeded", "prompt_too_long",
        ],
    },
    Row {
        kind: ErrorKind::InvalidRequest,
        name: "invalid_request",
        is_retryable: false,
        means: "The request is not as the provider wants it",
        statuses: &[400, 405, 406, 411, 415, 422],
        codes: &[
            "ALREADY_EXISTS", "BadRequest", "BadRequestError", "FAILED_PRECONDITION", "INVALID_ARGUMENT",
            "InvalidParameter", "OUT_OF_RANGE", "SerializationException", "UNIMPLEMENTED", "UnprocessableEntityError",
            "ValidationException", "bad_request", "invalid_image_format", "invalid_parameter_error", "invalid_request",
            "invalid_request_error", "invalid_type", "invalid_value", "json_validate_failed",
            "missing_required_parameter", "string_above_max_length", "tool_use_failed", "unknown_parameter",
            "unprocessable_entity", "unprocessable_entity_error", "unsupported_parameter", "unsupported_value",
        ],
    },
    Row {
        kind: ErrorKind::NotFound,
        name: "not_found",
        is_retryable: false,
        means: "No such model, deployment or endpoint",
        statuses: &[404, 410],
        codes: &[
            "DeploymentNotFound", "NOT_FOUND", "NotFound", "NotFoundError", "ResourceNotFoundException",
            "invalid_model", "model_decommissioned", "model_not_found", "not_found", "not_found_error",
            "previous_response_not_found", "unknown_url",
        ],
    },
    Row {
        kind: ErrorKind::Overloaded,
        name: "overloaded",
        is_retryable: true,
        means: "The provider has too much to do",
        statuses: &[409, 498, 503, 529],
        codes: &[
            "ABORTED", "ModelNotReadyException", "ServiceUnavailable", "ServiceUnavailableError",
            "ServiceUnavailableException", "UNAVAILABLE", "capacity_exceeded", "engine_overloaded",
            "engine_overloaded_error", "model_overloaded", "overloaded", "overloaded_error", "server_is_overloaded",
            "server_overloaded", "service_unavailable", "service_unavailable_error", "slow_down",
        ],
    },
    Row {
        kind: ErrorKind::Permission,
        name: "permission",
        is_retryable: false,
        means: "The key may not do that",
        statuses: &[403, 451],
        codes: &[
            "AccessDenied", "AccessDeniedException", "PERMISSION_DENIED", "PermissionDeniedError", "access_denied",
            "forbidden", "ip_not_authorized", "model_terms_required", "organization_restricted", "permission_denied",
            "permission_denied_error", "permission_error", "unsupported_country_region_territory",
        ],
    },
    Row {
        kind: ErrorKind::Quota,
        name: "quota",
        is_retryable: false,
        means: "Nothing is left of credit or of a budget",
        statuses: &[402],
        codes: &[
            "Arrearage", "BudgetExceededError", "ServiceQuotaExceededException", "billing_error",
            "billing_hard_limit_reached", "billing_not_active", "budget_exceeded", "exceeded_current_quota_error",
            "insufficient_balance", "insufficient_credits", "insufficient_quota", "quota_exceeded",
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
            "LimitRequests", "RESOURCE_EXHAUSTED", "RateLimitError", "RateLimitReached", "RequestLimitExceeded",
            "Throttling", "ThrottlingException", "TooManyRequests", "TooManyRequestsException", "limit_burst_rate",
            "limit_requests", "rate_limit_error", "rate_limit_exceeded", "rate_limit_reached_error", "rate_limited",
            "requests", "throttling_error", "tokens", "too_many_requests",
        ],
    },
    Row {
        kind: ErrorKind::RequestTooLarge,
        name: "request_too_large",
        is_retryable: false,
        means: "The request has too many bytes",
        statuses: &[413],
        codes: &[
            "RequestEntityTooLarge", "RequestEntityTooLargeException", "payload_too_large", "request_entity_too_large",
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
            "APIError", "DATA_LOSS", "INTERNAL", "InternalError", "InternalFailure", "InternalServerError",
            "InternalServerException", "ModelErrorException", "ModelStreamErrorException", "UNKNOWN", "api_error",
            "internal_error", "internal_server_error", "network_error", "processing_error", "server_error",
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
            "DEADLINE_EXCEEDED", "GatewayTimeout", "ModelTimeoutException", "RequestTimeout",
            "RequestTimeoutException", "Timeout", "gateway_timeout", "request_timeout", "timeout", "timeout_error",
        ],
    },
];

/// A word in the text of an error, for those who have one code for several faults. Only where the code says one of
/// `beside`, or nothing, the word counts: Gemini says "quota" of every rate limit.
pub(super) struct Hint {
    /// Lower case.
    pub(super) word: &'static str,
    pub(super) kind: ErrorKind,
    pub(super) beside: &'static [ErrorKind],
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
    hint("context limit",             ErrorKind::ContextLength, BAD),   // Anthropic
    hint("context window",            ErrorKind::ContextLength, BAD),
    hint("context_length",            ErrorKind::ContextLength, BAD),
    hint("credit balance",            ErrorKind::Quota,         SPENT), // Anthropic
    hint("incorrect api key",         ErrorKind::Authentication, BAD),  // xAI: 400, and no code
    hint("input is too long",         ErrorKind::ContextLength, BAD),   // Bedrock
    hint("insufficient balance",      ErrorKind::Quota,         SPENT), // DeepSeek
    hint("insufficient credits",      ErrorKind::Quota,         SPENT), // OpenRouter
    hint("maximum number of tokens",  ErrorKind::ContextLength, BAD),   // Gemini
    hint("maximum prompt length",     ErrorKind::ContextLength, BAD),   // xAI
    hint("monthly limit",             ErrorKind::Quota,         SPENT),
    hint("monthly spend",             ErrorKind::Quota,         SPENT),
    hint("overloaded",                ErrorKind::Overloaded,    FAULT),
    hint("prompt is too long",        ErrorKind::ContextLength, BAD),   // Anthropic
    hint("spending limit",            ErrorKind::Quota,         SPENT),
];
