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
    if !scheme.is_empty() && !scheme.eq_ignore_ascii_case("file") {
        return open(base).map_err(named);
    }
    let dir = match scheme.is_empty() {
        true => Some(rest.into()),
        false => file_uri::path(rest),
    };
    let Some(dir) = dir else {
        return Err(refuse(base, UPLOAD_BASE_PATH, "write file:// and an absolute path of this machine"));
    };
    FileStore::new(dir).map(|store| Arc::new(store) as _).map_err(named)
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
