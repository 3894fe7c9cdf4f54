//! What data is, by its first bytes.

/// Type, and bytes at a place.
#[rustfmt::skip]
const SIGNATURES: &[(&str, usize, &[u8])] = &[
    // media type          at  bytes
    ("image/png",           0, b"\x89PNG\r\n"),
    ("image/jpeg",          0, b"\xff\xd8\xff"),
    ("image/gif",           0, b"GIF8"),
    ("image/webp",          8, b"WEBP"),
    ("audio/wav",           8, b"WAVE"),
    ("video/avi",           8, b"AVI "),
    ("audio/mpeg",          0, b"ID3"),
    ("audio/mpeg",          0, b"\xff\xfb"),
    ("audio/mpeg",          0, b"\xff\xf3"),
    ("audio/mpeg",          0, b"\xff\xf2"),
    ("audio/aac",           0, b"\xff\xf1"),
    ("audio/ogg",           0, b"OggS"),
    ("audio/flac",          0, b"fLaC"),
    ("application/pdf",     0, b"%PDF"),
    ("image/avif",          4, b"ftypavif"),
    ("image/heic",          4, b"ftyphei"),
    ("audio/mp4",           4, b"ftypM4A"),
    ("video/mp4",           4, b"ftyp"),
    ("video/webm",          0, b"\x1a\x45\xdf\xa3"),
    ("image/tiff",          0, b"II*\0"),
    ("image/tiff",          0, b"MM\0*"),
    ("image/bmp",           0, b"BM"),
    ("application/zip",     0, b"PK\x03\x04"),
    ("application/gzip",    0, b"\x1f\x8b"),
];

/// Data without a known beginning.
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// How base64 of such data begins where also short runs are taken for it.
pub(super) const BASE64: &[&str] = &["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "SUQz", "T2dnUw", "JVBERi0"];

/// The media type of data that begins with `bytes`.
pub(super) fn media_type(bytes: &[u8]) -> &'static str {
    let begins = |at: usize, known: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(known));
    SIGNATURES.iter().find(|(_, at, known)| begins(*at, known)).map_or(UNKNOWN, |(name, ..)| name)
}
