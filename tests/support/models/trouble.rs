//! What goes wrong, when a message asks for it.

use axum::Json;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::recordings::Recording;
use super::routes::Route;

/// The first time 429, answered when it is sent again.
pub(crate) const ONCE_REFUSED: &str = "[once refused]";
/// 429, always.
pub(crate) const REFUSED: &str = "[refused]";
/// 500.
pub(crate) const FAILING: &str = "[failing]";
/// 400: more than the model can read.
pub(crate) const TOO_LONG: &str = "[too long]";
/// The connection breaks inside of the reply.
pub(crate) const BROKEN: &str = "[broken]";

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    OnceRefused,
    Refused,
    Failing,
    TooLong,
    Broken,
}

/// What is asked with; what is got; the recordings of it, of which a provider has one; status and code where it has none.
type Row = (&'static str, Trouble, &'static [&'static str], StatusCode, &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (ONCE_REFUSED, Trouble::OnceRefused, &["error_429"],                          StatusCode::TOO_MANY_REQUESTS,     "rate_limit_exceeded"),
    (REFUSED,      Trouble::Refused,     &["error_429"],                          StatusCode::TOO_MANY_REQUESTS,     "rate_limit_exceeded"),
    (FAILING,      Trouble::Failing,     &["error_500", "error_503", "error_529"], StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    (TOO_LONG,     Trouble::TooLong,     &["error_context_length", "error_400"],  StatusCode::BAD_REQUEST,           "context_length_exceeded"),
    (BROKEN,       Trouble::Broken,      &[],                                     StatusCode::OK,                    ""),
];

/// How fast one may ask, as OpenAI and Anthropic tell.
#[rustfmt::skip]
const LIMITS: &[(&str, &str)] = &[
    ("x-ratelimit-limit-requests",                "60"),
    ("x-ratelimit-remaining-requests",            "0"),
    ("anthropic-ratelimit-requests-limit",        "60"),
    ("anthropic-ratelimit-requests-remaining",    "0"),
];

impl Trouble {
    /// The one that a message asks for.
    pub(crate) fn asked_for(body: &str) -> Option<Self> {
        ROWS.iter().find(|row| body.contains(row.0)).map(|row| row.1)
    }

    pub(crate) fn answer(self, route: &Route) -> Response {
        let Some((_, _, names, status, code)) = ROWS.iter().copied().find(|row| row.1 == self) else {
            return not_found();
        };
        let mut response = match names.iter().find_map(|name| Recording::read(route, name).ok()) {
            Some(recording) => recording.answer(),
            None => (status, Json(json!({"error": {"code": code, "type": code, "message": code}}))).into_response(),
        };
        if status == StatusCode::TOO_MANY_REQUESTS {
            // Whoever waits shall not wait long.
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("0"));
            for (name, value) in LIMITS.iter().copied() {
                response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
        }
        response
    }
}

pub(crate) fn not_found() -> Response {
    let error = json!({"message": "no model answers here", "type": "invalid_request_error", "code": "not_found"});
    (StatusCode::NOT_FOUND, Json(json!({"error": error}))).into_response()
}
