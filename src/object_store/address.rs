//! From a URL to a store.

use std::ffi::OsString;
use std::sync::Arc;

use ::object_store::path::Path;
use ::object_store::{ObjectStore, parse_url_opts};
use url::Url;

use crate::content::{StoreError, StoreErrorKind};

/// What the names of variables with settings start with. No others: `TOKEN` and `ENDPOINT` would be settings too.
const PREFIXES: &[&str] = &["AWS_", "AZURE_", "GOOGLE_"];

/// The settings among the variables of the process.
pub(super) fn variables(all: impl Iterator<Item = (OsString, OsString)>) -> impl Iterator<Item = (String, String)> {
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    all.filter_map(text).filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

/// The store of `url`, the path in it, and what references say of that place.
pub(super) fn open(
    url: &str,
    options: impl Iterator<Item = (String, String)>,
) -> Result<(Arc<dyn ObjectStore>, Path, String), StoreError> {
    let mut address = Url::parse(url).map_err(|error| {
        // Not the URL, because of its password.
        let message = format!("cannot store content in this URL: {error}; write for example s3://bucket/prefix");
        StoreError::new(StoreErrorKind::Setting, message)
    })?;
    let unencrypted = (address.scheme() == "http").then(|| ("allow_http".to_owned(), "true".to_owned()));
    let options: Vec<_> = unencrypted.into_iter().chain(options).collect();
    let secrets = secrets(&address, &options);
    let opened = parse_url_opts(&address, options);
    strip(&mut address);
    match opened {
        Ok((store, path)) => Ok((Arc::from(store), path, address.into())),
        Err(error) => Err(refused(&address, error, &secrets)),
    }
}

/// What an error may not show: every setting, and the parts of the URL that are taken out of it.
fn secrets(address: &Url, options: &[(String, String)]) -> Vec<String> {
    // Shorter ones stand in any sentence: `true`.
    const SHORTEST: usize = 5;
    let parts = [address.username(), address.password().unwrap_or(""), address.query().unwrap_or("")];
    let values = options.iter().map(|(_, value)| &**value);
    parts.into_iter().chain(values).filter(|secret| secret.len() >= SHORTEST).map(str::to_owned).collect()
}

fn refused(address: &Url, error: ::object_store::Error, secrets: &[String]) -> StoreError {
    let text = error.to_string();
    // Google's credentials are JSON, and its parser shows what it stumbled over.
    let shown = address.scheme() != "gs" && !secrets.iter().any(|secret| text.contains(secret));
    let line: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    let reason = if shown { line } else { "for a reason that may show credentials".to_owned() };
    let message = format!(
        "cannot store content in {:?}: {reason}; write s3://, gs://, az:// or https:// with bucket and prefix, and set what it \
         needs by AWS_*, GOOGLE_* or AZURE_*",
        address.as_str()
    );
    StoreError::new(StoreErrorKind::Setting, message).with_source(error)
}

/// Takes out what may be secret. The errors of the setters mean that there is nothing to take out.
fn strip(address: &mut Url) {
    address.set_query(None);
    address.set_fragment(None);
    let _ = address.set_password(None);
    if matches!(address.scheme(), "http" | "https") {
        let _ = address.set_username("");
    }
}
