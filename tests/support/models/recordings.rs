//! The files of `tests/fixtures/providers`, as replies.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use tokio_stream::StreamExt;

use super::routes::Route;

/// How a recorded stream is cut into the pieces that were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pieces {
    /// One document, at once.
    Whole,
    /// Up to a blank line.
    Events,
    Lines,
    /// AWS event stream: each begins with its length.
    Frames,
}

/// The ending of a file; its content type; its pieces. Streams are looked for in this order, too.
#[rustfmt::skip]
const KINDS: &[(&str, &str, Pieces)] = &[
    ("json",   "application/json",                   Pieces::Whole),
    ("sse",    "text/event-stream",                  Pieces::Events),
    ("jsonl",  "application/x-ndjson",               Pieces::Lines),
    ("ndjson", "application/x-ndjson",               Pieces::Lines),
    ("bin",    "application/vnd.amazon.eventstream", Pieces::Frames),
];

/// What shows that a tool has answered, in one format or other.
const RESULTS: &[&str] =
    &["\"tool\"", "tool_result", "function_call_output", "functionResponse", "toolResult", "tool_call_id"];

/// A recorded reply.
#[derive(Debug)]
pub(crate) struct Recording {
    content_type: &'static str,
    pieces: Pieces,
    status: StatusCode,
    bytes: Vec<u8>,
}

/// `tests/fixtures/providers`, of this package or of the one around it.
pub(crate) fn directory() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut directories = package.ancestors().map(|directory| directory.join("tests/fixtures/providers"));
    directories.find(|directory| directory.is_dir()).unwrap_or_default()
}

impl Recording {
    /// The one that is asked for.
    pub(crate) fn of(route: &Route, body: &str) -> Self {
        let has_result = RESULTS.iter().any(|result| body.contains(result));
        let names: &[&str] = match (named(body), body.contains("\"tools\""), route.is_streamed) {
            (Some(name), ..) if !has_result => &[name],
            (_, true, true) if !has_result => &["stream_tool_call", "stream_tool_calls"],
            (_, true, false) if !has_result => &["function_call", "tool_call"],
            (.., true) => &["stream"],
            (.., false) => &["reply"],
        };
        let found = names.iter().find_map(|name| Self::read(route, name).ok());
        found.unwrap_or_else(|| Self::missing(route, names.concat().as_str()))
    }

    /// The file of that name, whose ending may be left out.
    pub(crate) fn read(route: &Route, name: &str) -> io::Result<Self> {
        let directory = directory().join(route.format);
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for (ending, content_type, pieces) in KINDS.iter().copied() {
            let name = name.strip_suffix(&format!(".{ending}")).unwrap_or(name);
            match fs::read(directory.join(format!("{name}.{ending}"))) {
                Ok(bytes) if pieces != Pieces::Whole => {
                    return Ok(Self { content_type, pieces, status: StatusCode::OK, bytes });
                }
                Ok(bytes) => return Ok(Self { content_type, pieces, status: status(name), bytes }),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn missing(route: &Route, name: &str) -> Self {
        let said = format!(r#"{{"error":{{"code":"not_recorded","message":"{}/{name}"}}}}"#, route.format);
        let bytes = said.into_bytes();
        Self { content_type: "application/json", pieces: Pieces::Whole, status: StatusCode::NOT_IMPLEMENTED, bytes }
    }

    /// All of it, piece by piece.
    pub(crate) fn answer(self) -> Response {
        self.sent(usize::MAX, false)
    }

    /// The first pieces of a stream, or half of a document; then the connection breaks.
    pub(crate) fn broken(self) -> Response {
        self.sent(2, true)
    }

    fn sent(self, count: usize, breaks: bool) -> Response {
        let Self { content_type, pieces, status, bytes } = self;
        let mut sent: Vec<Vec<u8>> = cut(pieces, &bytes);
        if pieces == Pieces::Whole && breaks {
            sent = vec![bytes.get(..bytes.len() / 2).unwrap_or_default().to_vec()];
        }
        let body = if pieces == Pieces::Whole && !breaks {
            Body::from(bytes)
        } else {
            let end = breaks.then(|| Err(io::Error::from(io::ErrorKind::ConnectionReset)));
            // Each is on its way before the next one is made: a piece of the reply is a piece of the body.
            let pieces = tokio_stream::iter(sent.into_iter().take(count).map(Ok).chain(end));
            Body::from_stream(pieces.then(|piece| async {
                tokio::task::yield_now().await;
                piece
            }))
        };
        (status, [(CONTENT_TYPE, content_type)], body).into_response()
    }
}

/// `NAME` of `[recording:NAME]`.
fn named(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once("[recording:")?;
    rest.split_once(']').map(|(name, _)| name)
}

/// `error_429` was answered with 429, any other error with 400, all else with 200.
fn status(name: &str) -> StatusCode {
    let Some((_, error)) = name.split_once("error") else { return StatusCode::OK };
    let status = error.get(1..4).and_then(|status| status.parse().ok()).map(StatusCode::from_u16);
    status.and_then(Result::ok).unwrap_or(StatusCode::BAD_REQUEST)
}

fn cut(pieces: Pieces, bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut cut, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        let length = length(pieces, rest).clamp(1, rest.len());
        let (piece, after) = rest.split_at(length);
        cut.push(piece.to_vec());
        rest = after;
    }
    cut
}

/// The length of the first piece.
fn length(pieces: Pieces, bytes: &[u8]) -> usize {
    let after = |end: &[u8]| bytes.windows(end.len()).position(|window| window == end).map(|at| at + end.len());
    let length = match pieces {
        Pieces::Whole => None,
        Pieces::Events => after(b"\n\n").into_iter().chain(after(b"\r\n\r\n")).min(),
        Pieces::Lines => after(b"\n"),
        Pieces::Frames => bytes.first_chunk().map(|length| u32::from_be_bytes(*length) as usize),
    };
    length.unwrap_or(bytes.len())
}
