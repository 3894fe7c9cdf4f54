//! OTLP/HTTP: `POST` on one path a signal, with protobuf or JSON.
use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use prost::Message;
use serde_json::json;
use tonic::Code;

use super::body::{self, Compression, Refusal};
use super::line::printable;
use super::server::Intake;
use super::service::{Logs, Metrics, Service, Traces, told};
use super::signal::Signal;

/// How much of a decoder's reason is sent back; it may quote the body at full length.
const MAX_REASON_CHARS: usize = 200;

/// The code of a `google.rpc.Status` for each HTTP status this module answers with.
const CODES: &[(StatusCode, Code)] = &[
    (StatusCode::BAD_REQUEST, Code::InvalidArgument),
    (StatusCode::FORBIDDEN, Code::PermissionDenied),
    (StatusCode::NOT_FOUND, Code::NotFound),
    (StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented),
    (StatusCode::PAYLOAD_TOO_LARGE, Code::ResourceExhausted),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument),
];

/// `google.rpc.Status` without its details, which this receiver never sends.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// Encodings of OTLP/HTTP; an answer has the encoding of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Protobuf,
    Json,
}

/// One path a signal; every other path is 404, every other method 405.
pub(super) fn router(intake: Intake) -> Router {
    let route = |router: Router<Intake>, signal: Signal| {
        let export = match signal {
            Signal::Traces => post(export::<Traces>),
            Signal::Metrics => post(export::<Metrics>),
            Signal::Logs => post(export::<Logs>),
        };
        router.route(signal.path(), export.fallback(wrong_method))
    };
    intake.signals.iter().fold(Router::new(), route).fallback(wrong_path).with_state(intake)
}

async fn export<S: Service>(State(intake): State<Intake>, request: Request) -> Response {
    let encoding = Encoding::of(request.headers());
    match receive::<S>(&intake, encoding, request).await {
        Ok(message) => accepted::<S>(encoding, S::take(message, &intake.store)),
        Err(refusal) => refuse(&intake, encoding, refusal),
    }
}

async fn wrong_method(State(intake): State<Intake>, request: Request) -> Response {
    let message = format!("method is not supported: use POST on {}", request.uri().path());
    let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message);
    let mut response = refuse(&intake, Encoding::of(request.headers()), refusal);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn wrong_path(State(intake): State<Intake>, request: Request) -> Response {
    let served: Vec<String> = intake.signals.iter().map(|signal| format!("{signal} go to {}", signal.path())).collect();
    let message = format!("path is not served here: {}", served.join(", "));
    refuse(&intake, Encoding::of(request.headers()), Refusal::new(StatusCode::NOT_FOUND, message))
}

async fn receive<S: Service>(
    intake: &Intake,
    encoding: Option<Encoding>,
    request: Request,
) -> Result<S::Request, Refusal> {
    if !is_for_this_machine(&request) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "host is not this machine: use localhost or a loopback address",
        ));
    }
    let encoding = encoding.ok_or_else(|| {
        Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "content-type is not supported: use application/x-protobuf or application/json",
        )
    })?;
    let compression = Compression::of(request.headers())?;
    let bytes = body::read(request.into_body(), compression, intake.max_request_bytes).await?;
    encoding.decode::<S>(&bytes)
}

/// Whether the sender meant a loopback address. A page in a browser can make its own name resolve to one, but not hide
/// that name.
fn is_for_this_machine(request: &Request) -> bool {
    let header = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let Some(host) = request.uri().authority().map(Authority::as_str).or(header) else { return true };
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Encoding {
    /// Reads `content-type`, parameters aside; `None` if it is missing or another.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let media_type = value.split(';').next()?.trim();
        [Self::Protobuf, Self::Json].into_iter().find(|encoding| media_type.eq_ignore_ascii_case(encoding.media_type()))
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }

    fn decode<S: Service>(self, bytes: &[u8]) -> Result<S::Request, Refusal> {
        let malformed = |error: String| {
            let error = printable(&error, MAX_REASON_CHARS);
            let message = format!("body is not an {}: {error}", S::REQUEST);
            Refusal::new(StatusCode::BAD_REQUEST, message)
        };
        match self {
            Self::Protobuf => S::Request::decode(bytes).map_err(|e| malformed(e.to_string())),
            Self::Json => serde_json::from_slice(bytes).map_err(|e| malformed(e.to_string())),
        }
    }
}

fn accepted<S: Service>(encoding: Option<Encoding>, rejected: u64) -> Response {
    match encoding {
        Some(Encoding::Protobuf) => respond(StatusCode::OK, Encoding::Protobuf, S::answer(rejected).encode_to_vec()),
        // By hand: OTLP/JSON wants 64-bit integers as strings and absent fields left out.
        _ => {
            let message = told::<S>(rejected).map_or(json!({}), |(rejected, message)| {
                json!({"partialSuccess": {S::REJECTED: rejected.to_string(), "errorMessage": message}})
            });
            respond(StatusCode::OK, Encoding::Json, message.to_string().into_bytes())
        }
    }
}

fn refuse(intake: &Intake, encoding: Option<Encoding>, refusal: Refusal) -> Response {
    intake.store.count_refused();
    let code = CODES.iter().find(|(status, _)| *status == refusal.status);
    let code = code.map_or(Code::Unknown, |(_, code)| *code) as i32;
    let message = refusal.message;
    match encoding {
        Some(Encoding::Protobuf) => {
            let status = RpcStatus { code, message };
            respond(refusal.status, Encoding::Protobuf, status.encode_to_vec())
        }
        // A sender of something else entirely is best served with what a person can read.
        _ => {
            let status = json!({"code": code, "message": message}).to_string();
            respond(refusal.status, Encoding::Json, status.into_bytes())
        }
    }
}

fn respond(status: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static(encoding.media_type());
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}
