//! Where a backend listens: its variables, else its public address.

use super::super::endpoint::{Endpoint, presentable};
use super::super::env::Env;
use super::super::error::{InitError, InitErrorKind, Origin};
use super::super::route::{Connection, Paths};
use super::config::SETTER;
use super::rows::Row;
use super::sentry;

/// See the module's documentation.
pub(crate) struct Place {
    /// Variables that hold a URL, the first that is set counts.
    pub(crate) variables: &'static [&'static str],
    pub(crate) otherwise: Otherwise,
    /// Path behind the URL under which it takes telemetry.
    pub(crate) path: &'static str,
    /// What stands behind that for each signal.
    pub(crate) paths: Paths,
}

/// What counts if no variable holds a URL.
#[derive(Clone, Copy)]
pub(crate) enum Otherwise {
    /// This machine, at the protocol's port.
    ThisMachine,
    Url(&'static str),
    /// `https://otlp.` before the site of this variable.
    DatadogSite {
        variable: &'static str,
        default: &'static str,
    },
    /// The region that the token in this variable names.
    LogfireRegion {
        token: &'static str,
    },
    /// The host of the DSN in this variable.
    SentryDsn(&'static str),
}

/// The regions of Logfire: the word in a token, and the address.
const LOGFIRE: &[(&str, &str)] =
    &[("eu", "https://logfire-eu.pydantic.dev"), ("us", "https://logfire-us.pydantic.dev")];

impl Place {
    /// The endpoint without the signals' own paths; `None` is the protocol's default.
    ///
    /// # Errors
    /// It is no URL, or nothing says where it is.
    pub(crate) fn endpoint(&self, row: &Row, env: &Env, connection: &Connection) -> Result<Option<String>, InitError> {
        let set = connection.endpoint.as_deref().map(|url| (SETTER, url.trim().to_owned()));
        let given = match set {
            Some(set) => Some(set),
            None => env.first(self.variables)?,
        };
        if let Some((origin, url)) = given {
            Endpoint::parse(origin, &url)?;
            return Ok(Some(with_path(&url, self.path)));
        }
        let url = match self.otherwise {
            Otherwise::ThisMachine => return Ok(None),
            Otherwise::Url(url) => url.to_owned(),
            Otherwise::DatadogSite { variable, default } => datadog(env, variable, default)?,
            Otherwise::LogfireRegion { token } => logfire(env, token)?.to_owned(),
            Otherwise::SentryDsn(variable) => match sentry::dsn(env, variable)? {
                Some(dsn) => return Ok(Some(dsn.endpoint())),
                None => {
                    let message = format!(
                        "{} needs {variable}: set it, or both BackendConfig::with_endpoint and the header \"x-sentry-auth\"",
                        row.name
                    );
                    return Err(InitError::new(InitErrorKind::Variable, message));
                }
            },
        };
        Ok(Some(with_path(&url, self.path)))
    }
}

/// `url` with `path` behind it, once. What people copy from a page may have the signal's path as well.
fn with_path(url: &str, path: &str) -> String {
    let (url, query) = match url.split_once('?') {
        Some((url, query)) => (url, format!("?{query}")),
        None => (url, String::new()),
    };
    let base = url.trim_end_matches('/');
    let base = base.strip_suffix("/v1/traces").unwrap_or(base).trim_end_matches('/');
    let base = base.strip_suffix(path).unwrap_or(base);
    format!("{base}{path}{query}")
}

fn datadog(env: &Env, variable: &'static str, default: &str) -> Result<String, InitError> {
    let site = env.get(variable)?.unwrap_or_else(|| default.to_owned());
    let is_host = site.contains('.') && site.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    match is_host {
        true => Ok(format!("https://otlp.{site}")),
        false => {
            Err(Origin::Variable(variable)
                .refuse(&presentable(&site), "write the site alone, for example datadoghq.eu"))
        }
    }
}

/// Tokens begin with `pylf_v1_{region}_`; older ones, without a region, are of the US.
fn logfire(env: &Env, variable: &'static str) -> Result<&'static str, InitError> {
    let token = env.get(variable)?.unwrap_or_default();
    let mut words = token.split('_');
    let begins = words.next() == Some("pylf") && words.next().is_some_and(|version| version.starts_with('v'));
    let region = words.next().filter(|_| begins).unwrap_or("us");
    let found = LOGFIRE.iter().find(|(known, _)| *known == region).map(|(_, url)| *url);
    found.ok_or_else(|| {
        Origin::Variable(variable).refuse_unseen("a token of an unknown region", "set LOGFIRE_BASE_URL to its address")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_appended_once() {
        #[rustfmt::skip]
        let cases = [
            ("https://h",                              "https://h/api/public/otel"),
            ("https://h/",                             "https://h/api/public/otel"),
            ("https://h/api/public/otel",              "https://h/api/public/otel"),
            ("https://h/api/public/otel/v1/traces",    "https://h/api/public/otel"),
            ("https://h/below/",                       "https://h/below/api/public/otel"),
            ("https://h?x=1",                          "https://h/api/public/otel?x=1"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_path(url, "/api/public/otel"), expected);
        }
        assert_eq!(with_path("http://localhost:6006/v1/traces", ""), "http://localhost:6006");
    }

    #[test]
    fn the_region_of_a_token_decides() {
        let of = |token: &str| logfire(&Env::from_iter([("LOGFIRE_TOKEN", token)]), "LOGFIRE_TOKEN");
        assert_eq!(of("pylf_v1_eu_abc").unwrap(), "https://logfire-eu.pydantic.dev");
        assert_eq!(of("pylf_v1_us_abc").unwrap(), "https://logfire-us.pydantic.dev");
        assert_eq!(of("abcdef").unwrap(), "https://logfire-us.pydantic.dev");
        let error = of("pylf_v1_canary_canary").unwrap_err().to_string();
        assert!(error.contains("LOGFIRE_TOKEN") && !error.contains("canary"), "{error}");
    }
}
