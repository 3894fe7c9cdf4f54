//! Reading a request body: bounded on the wire and bounded after decompression.
use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::MultiGzDecoder;

/// How much of a too large body is read and thrown away, in multiples of the limit.
///
/// A server that answers before the body is through makes the kernel reset the connection, and most clients
/// then report a broken pipe instead of the 413.
const DISCARDED_LIMITS: usize = 4;

/// Why a request was not taken: what HTTP status it gets and what the sender is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    fn too_large(limit: usize) -> Self {
        let message = format!("body is larger than {limit} bytes: send less in a request");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }
}

/// `content-encoding`s understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Identity,
    Gzip,
}

impl Compression {
    /// Reads `content-encoding`; missing or empty is none.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut names = headers.get_all(header::CONTENT_ENCODING).iter();
        let name = names.next().map_or(&b""[..], |value| value.as_bytes());
        match (name.trim_ascii().to_ascii_lowercase().as_slice(), names.next()) {
            (b"" | b"identity", None) => Ok(Self::Identity),
            (b"gzip", None) => Ok(Self::Gzip),
            _ => Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content-encoding is not supported: use gzip or none",
            )),
        }
    }
}

/// Reads at most `limit` bytes, compressed and decompressed.
pub(super) async fn read(body: Body, compression: Compression, limit: usize) -> Result<Vec<u8>, Refusal> {
    let bytes = collect(body, limit).await?;
    match compression {
        Compression::Identity => Ok(bytes),
        Compression::Gzip => decompress(&bytes, limit),
    }
}

async fn collect(mut body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame =
            frame.map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("body ended early: {error}")))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length <= limit {
            bytes.extend_from_slice(&data);
        } else if length > limit.saturating_mul(DISCARDED_LIMITS) {
            break;
        }
    }
    if length > limit { Err(Refusal::too_large(limit)) } else { Ok(bytes) }
}

fn decompress(compressed: &[u8], limit: usize) -> Result<Vec<u8>, Refusal> {
    // One byte more than allowed tells "too large" from "exactly full" without inflating the rest of a bomb.
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    MultiGzDecoder::new(compressed)
        .take(bound)
        .read_to_end(&mut bytes)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("body is not valid gzip: {error}")))?;
    if bytes.len() > limit { Err(Refusal::too_large(limit)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn limit_is_the_last_size_that_passes_after_decompression() {
        for (size, expected) in [(0, Ok(0)), (9, Ok(9)), (10, Ok(10)), (11, Err(413)), (9_999, Err(413))] {
            let read = decompress(&gzip(&vec![7; size]), 10);
            assert_eq!(read.map(|b| b.len()).map_err(|r| r.status.as_u16()), expected, "{size}");
        }
    }

    #[test]
    fn a_bomb_is_not_inflated_to_its_end() {
        // Whoever reads to the end finds the damage there and says 400.
        let damaged_at_its_end = [&gzip(&vec![0; 1_000_000])[..], b"tail"].concat();
        let refusal = decompress(&damaged_at_its_end, 1_000).unwrap_err();
        assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn damaged_gzip_is_a_bad_request() {
        let whole = gzip(b"spans");
        for bytes in [&b"spans"[..], &whole[..whole.len() - 1], &[&whole[..], b"tail"].concat()] {
            assert_eq!(decompress(bytes, 99).unwrap_err().status, StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn content_encoding_is_none_or_gzip() {
        let cases: &[(&[&str], Result<Compression, ()>)] = &[
            (&[], Ok(Compression::Identity)),
            (&[""], Ok(Compression::Identity)),
            (&["identity"], Ok(Compression::Identity)),
            (&[" GZip"], Ok(Compression::Gzip)),
            (&["zstd"], Err(())),
            (&["gzip, gzip"], Err(())),
            (&["gzip", "gzip"], Err(())),
        ];
        for (values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(header::CONTENT_ENCODING, value.parse().unwrap());
            }
            assert_eq!(Compression::of(&headers).map_err(drop), *expected, "{values:?}");
        }
    }
}
