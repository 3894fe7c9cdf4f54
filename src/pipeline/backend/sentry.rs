//! A DSN of Sentry: where a project takes telemetry, and the key that it is known by.

use super::super::endpoint::Endpoint;
use super::super::env::Env;
use super::super::error::{InitError, Origin};

/// `https://{key}@{host}/{path}{project}`, read. Without `Debug`: it holds a key.
pub(crate) struct Dsn {
    scheme: String,
    key: String,
    host: String,
    path: String,
    project: String,
}

impl Dsn {
    /// `https://{host}/api/{project}/integration/otlp`.
    pub(crate) fn endpoint(&self) -> String {
        let Self { scheme, host, path, project, .. } = self;
        format!("{scheme}://{host}{path}/api/{project}/integration/otlp")
    }

    /// The value of the header `x-sentry-auth`.
    pub(crate) fn auth(&self) -> String {
        format!("sentry sentry_key={}", self.key)
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (user, place) = rest.split_once('@')?;
        // Old DSNs have a secret behind the key, which nobody reads any more.
        let key = user.split(':').next()?;
        let (host, path) = place.split_once('/')?;
        let (path, project) = path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", path.trim_end_matches('/')));
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_whole = is_word(key) && is_word(project) && !host.is_empty();
        let [scheme, key, host, project] = [scheme, key, host, project].map(str::to_owned);
        is_whole.then_some(Self { scheme, key, host, path, project })
    }
}

/// The DSN in `variable`.
///
/// # Errors
/// It is none; says so without showing it.
pub(crate) fn dsn(env: &Env, variable: &'static str) -> Result<Option<Dsn>, InitError> {
    let Some(text) = env.get(variable)? else { return Ok(None) };
    let dsn = Dsn::parse(&text).filter(|dsn| Endpoint::parse(Origin::Variable(variable), &dsn.endpoint()).is_ok());
    let refuse =
        || Origin::Variable(variable).refuse_unseen("no DSN", "write https://key@host/project as Sentry shows it");
    dsn.map(Some).ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, String), String> {
        let dsn = dsn(&Env::from_iter([("SENTRY_DSN", text)]), "SENTRY_DSN").map_err(|error| error.to_string())?;
        let dsn = dsn.ok_or("none")?;
        Ok((dsn.endpoint(), dsn.auth()))
    }

    #[test]
    fn dsns() {
        let key = || "sentry sentry_key=abc123".to_owned();
        #[rustfmt::skip]
        let cases = [
            ("https://abc123@o1.ingest.us.sentry.io/456",   "https://o1.ingest.us.sentry.io/api/456/integration/otlp"),
            ("https://abc123:old@sentry.example.com/7/",    "https://sentry.example.com/api/7/integration/otlp"),
            ("http://abc123@localhost:9000/below/it/7",     "http://localhost:9000/below/it/api/7/integration/otlp"),
        ];
        for (text, endpoint) in cases {
            assert_eq!(read(text), Ok((endpoint.to_owned(), key())));
        }
    }

    #[test]
    fn what_is_no_dsn_is_refused_and_not_shown() {
        for text in [
            "canary",
            "https://canary",
            "https://canary@h",
            "https://canary@/1",
            "ftp://canary@h/1",
            "https://can ary@h/1",
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains("SENTRY_DSN") && !error.contains("canary"), "{error}");
        }
    }
}
