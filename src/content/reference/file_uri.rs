//! `file:` URIs of RFC 8089: paths with everything but unreserved characters and `/` percent-encoded.

use std::path::{Path, PathBuf};

/// The URI of an absolute path.
pub(super) fn of(path: &Path) -> String {
    let path = bytes(path);
    let root = if path.starts_with(b"/") { "" } else { "/" };
    let mut uri = format!("file://{root}");
    for &byte in path.iter() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            b':' if cfg!(windows) => uri.push(':'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The path in what follows `file://`; `None` if it names another host or is no URI.
pub(super) fn path(rest: &str) -> Option<PathBuf> {
    let path = rest.strip_prefix("localhost").filter(|path| path.starts_with('/')).unwrap_or(rest);
    let path = path.starts_with('/').then_some(path)?;
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? * 16 + hex(bytes.next()?)?,
            0 | b'?' | b'#' => return None,
            _ => byte,
        });
    }
    if decoded.contains(&0) { None } else { from_bytes(decoded) }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(unix)]
fn bytes(path: &Path) -> std::borrow::Cow<'_, [u8]> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().into()
}

#[cfg(not(unix))]
fn bytes(path: &Path) -> std::borrow::Cow<'_, [u8]> {
    let path = path.to_string_lossy().replace('\\', "/");
    // What `canonicalize` puts before a drive is no part of a URI.
    path.strip_prefix("//?/").unwrap_or(&path).as_bytes().to_vec().into()
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)] // elsewhere paths are text
fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    let path = String::from_utf8(bytes).ok()?;
    // `/C:/dir`: the first slash is the URI's.
    let drive = path.strip_prefix('/').filter(|path| path.as_bytes().get(1) == Some(&b':'));
    Some(drive.unwrap_or(&path).into())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back() {
        for name in ["/var/lib/agent", "/a b/%/ä?#\n", "/"] {
            let uri = of(Path::new(name));
            assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte)), "{uri}");
            assert_eq!(path(uri.strip_prefix("file://").unwrap()).as_deref(), Some(Path::new(name)));
        }
        assert_eq!(of(Path::new("/a b/ä")), "file:///a%20b/%C3%A4");
    }

    #[test]
    fn other_hosts_and_broken_escapes_are_no_paths() {
        assert_eq!(path("localhost/srv"), Some("/srv".into()));
        for rest in
            ["", "srv", "other/srv", "localhost", "localhosts/a", "/a%", "/a%2", "/a%zz", "/a%+1", "/a%00", "/a?b"]
        {
            assert_eq!(path(rest), None, "{rest}");
        }
    }
}
