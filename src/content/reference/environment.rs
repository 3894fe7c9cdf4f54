//! References as the environment asks for them.

use std::sync::Arc;

use super::{FileStore, Format, References, Store, StoreError, StoreErrorKind, file_uri};

/// Where content is stored: a path, a `file://` URL, or another URL for `open`.
pub(crate) const UPLOAD_BASE_PATH: &str = "OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH";
/// `json` or `jsonl`.
pub(crate) const UPLOAD_FORMAT: &str = "OTEL_INSTRUMENTATION_GENAI_UPLOAD_FORMAT";
/// Items that may wait.
pub(crate) const UPLOAD_MAX_QUEUE_SIZE: &str = "OTEL_INSTRUMENTATION_GENAI_UPLOAD_MAX_QUEUE_SIZE";

/// That of a queue of spans.
const LARGEST_QUEUE: usize = 1 << 24;

impl References {
    /// What the variables of OpenTelemetry's upload hook ask for, read by `variable`; `None` without a base path.
    ///
    /// `open` makes the store of a URL that is no `file://`: what the room `object_store` does with and without its feature.
    ///
    /// # Errors
    /// A value means nothing, or the store cannot be set up. User names, passwords and queries of URLs are not shown.
    pub(crate) fn from_env(
        variable: impl Fn(&str) -> Option<String>,
        open: impl FnOnce(&str) -> Result<Arc<dyn Store>, StoreError>,
    ) -> Result<Option<Self>, StoreError> {
        let variable = |name| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let Some(base) = variable(UPLOAD_BASE_PATH) else {
            return Ok(None);
        };
        let format = variable(UPLOAD_FORMAT).map_or(Ok(Format::Json), |value| format(&value))?;
        let items = variable(UPLOAD_MAX_QUEUE_SIZE).map(|value| queue_size(&value)).transpose()?;
        let references = Self::to(store(&base, open)?).with_format(format);
        Ok(Some(match items {
            Some(items) => references.with_max_queue_size(items),
            None => references,
        }))
    }
}

fn store(
    base: &str,
    open: impl FnOnce(&str) -> Result<Arc<dyn Store>, StoreError>,
) -> Result<Arc<dyn Store>, StoreError> {
    let named = |error: StoreError| error.of_variable(UPLOAD_BASE_PATH);
    let (scheme, rest) = base.split_once("://").unwrap_or(("", base));
    if let Some(scheme) = scheme_without_slashes(base) {
        let mend = "write two slashes after the scheme, or a directory that begins with / or ./";
        return Err(refuse(&format!("{scheme}:…"), UPLOAD_BASE_PATH, mend));
    }
    if !scheme.is_empty() && !scheme.eq_ignore_ascii_case("file") {
        return open(base).map_err(named);
    }
    let dir = match scheme.is_empty() {
        true => Some(rest.into()),
        false => file_uri::path(rest),
    };
    let Some(dir) = dir else {
        return Err(refuse(shown(base), UPLOAD_BASE_PATH, "write file:// and an absolute path of this machine"));
    };
    FileStore::new(dir).map(|store| Arc::new(store) as _).map_err(named)
}

/// The scheme of what was meant as a URL (`s3:/bucket`) and would make a directory of that name. One letter is the drive
/// of a Windows path.
fn scheme_without_slashes(base: &str) -> Option<&str> {
    let (scheme, rest) = base.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    (is_scheme && !rest.starts_with("//")).then_some(scheme)
}

/// A `file://` URL as errors show it: without all that may hold a password.
fn shown(url: &str) -> &str {
    if url.contains(['@', '?', '#']) { "file://…" } else { url }
}

fn format(value: &str) -> Result<Format, StoreError> {
    let formats = [Format::Json, Format::JsonLines];
    let found = formats.into_iter().find(|format| format.as_str().eq_ignore_ascii_case(value));
    found.ok_or_else(|| refuse(value, UPLOAD_FORMAT, "write json or jsonl"))
}

fn queue_size(value: &str) -> Result<usize, StoreError> {
    let items = value.parse().ok().filter(|items| (1..=LARGEST_QUEUE).contains(items));
    items.ok_or_else(|| refuse(value, UPLOAD_MAX_QUEUE_SIZE, "write a number from 1 to 16777216"))
}

fn refuse(value: &str, variable: &str, mend: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Setting, format!("bad value {value:?} in {variable}: {mend}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[(&str, &str)]) -> Result<Option<References>, StoreError> {
        let find = |name: &str| values.iter().find(|row| row.0 == name).map(|row| row.1.to_owned());
        References::from_env(find, |url| Err(StoreError::new(StoreErrorKind::Setting, format!("no store for {url}"))))
    }

    fn refusal(values: &[(&str, &str)]) -> String {
        read(values).unwrap_err().to_string()
    }

    fn dir() -> (std::path::PathBuf, String) {
        let dir = std::env::temp_dir().join(format!("references-env-{}", uuid::Uuid::new_v4()));
        let name = dir.to_str().unwrap().to_owned();
        (dir, name)
    }

    #[test]
    fn without_a_base_path_there_are_none() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[(UPLOAD_BASE_PATH, " "), (UPLOAD_FORMAT, "xml")]).unwrap().is_none());
    }

    #[test]
    fn a_path_and_a_file_url_are_a_directory() {
        let (dir, name) = dir();
        let url = format!("file://{name}");
        for base in [&name, &url] {
            let references = read(&[(UPLOAD_BASE_PATH, base)]).unwrap().unwrap();
            assert_eq!((references.format, references.max_queue_size), (Format::Json, 20));
            let reference = references.offer(crate::content::Kind::TaskPrompt, "a".into()).unwrap();
            assert!(reference.uri.starts_with("file:///") && reference.uri.ends_with(".json"), "{reference:?}");
        }
        let values = [(UPLOAD_BASE_PATH, &*name), (UPLOAD_FORMAT, "JSONL"), (UPLOAD_MAX_QUEUE_SIZE, " 3 ")];
        let references = read(&values).unwrap().unwrap();
        assert_eq!((references.format, references.max_queue_size), (Format::JsonLines, 3));
        drop(references);
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn user_information_is_in_no_error() {
        for base in ["file://user:c4n4ry@host/x", "FILE://u:c4n/4ry@host", "file://host/x?token=c4n4ry"] {
            assert_eq!(
                refusal(&[(UPLOAD_BASE_PATH, base)]),
                "bad value \"file://…\" in OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH: write file:// and an absolute path \
                 of this machine"
            );
        }
    }

    #[test]
    fn a_url_with_too_few_slashes_is_no_directory() {
        for (base, shown) in [("s3:/bucket", "s3"), ("S3:c4n4ry@bucket", "S3"), ("file:/var/content", "file")] {
            assert_eq!(
                refusal(&[(UPLOAD_BASE_PATH, base)]),
                format!(
                    "bad value \"{shown}:…\" in OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH: write two slashes after the \
                     scheme, or a directory that begins with / or ./"
                )
            );
        }
        for path in ["/var/a:b", "./s3:/bucket", "C:\\content", "c:/content", "s3://bucket", "1a:b", "content"] {
            assert_eq!(scheme_without_slashes(path), None, "{path}");
        }
    }

    #[test]
    fn a_bad_value_is_named_with_its_mend() {
        let (_, name) = dir();
        let base = (UPLOAD_BASE_PATH, &*name);
        assert_eq!(
            refusal(&[base, (UPLOAD_FORMAT, "xml")]),
            "bad value \"xml\" in OTEL_INSTRUMENTATION_GENAI_UPLOAD_FORMAT: write json or jsonl"
        );
        for size in ["0", "-1", "many", "16777217"] {
            assert_eq!(
                refusal(&[base, (UPLOAD_MAX_QUEUE_SIZE, size)]),
                format!(
                    "bad value {size:?} in OTEL_INSTRUMENTATION_GENAI_UPLOAD_MAX_QUEUE_SIZE: write a number from 1 to 16777216"
                )
            );
        }
        assert_eq!(
            refusal(&[(UPLOAD_BASE_PATH, "file://server/content")]),
            "bad value \"file://server/content\" in OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH: write file:// and an \
             absolute path of this machine"
        );
        assert_eq!(
            refusal(&[(UPLOAD_BASE_PATH, "s3://bucket")]),
            "no store for s3://bucket (asked for by OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH)"
        );
        assert!(!std::path::Path::new(&name).exists(), "a refusal makes no directory");
    }
}
