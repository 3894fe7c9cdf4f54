//! The address of the receiver.

#[cfg(any(test, feature = "otlp-http"))]
use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, PathAndQuery};

use super::error::{InitError, Origin};
use super::signal::Signal;

/// What stands before the signal in the path over HTTP (OTLP specification, "OTLP/HTTP Request").
const VERSION: &str = "/v1/";

/// A URL with scheme `http` or `https`, a host, and neither user name nor password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Endpoint(Uri);

impl Endpoint {
    /// Reads `url`.
    ///
    /// # Errors
    /// Names the origin and the URL without user information and query, both of which may be secrets.
    pub(crate) fn parse(origin: Origin, url: &str) -> Result<Self, InitError> {
        let refuse = |mend: &str| Err(origin.refuse(&presentable(url), mend));
        if !url.contains("://") {
            return refuse("put http:// or https:// before the host, for example http://localhost:4318");
        }
        if url.split_once("://").is_some_and(|(_, rest)| authority(rest).contains('@')) {
            return refuse("take user name and password out of the URL and send them as a header");
        }
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
            return refuse("use the scheme http:// or https://");
        }
        let Ok(uri) = url.parse::<Uri>() else {
            return refuse("write a URL such as http://localhost:4318");
        };
        if !uri.authority().is_some_and(is_host_and_port) {
            return refuse("write host and port, for example http://localhost:4318");
        }
        Ok(Self(uri))
    }

    /// This URL with `/v1/{signal}` behind its path: what the specification asks for a general endpoint over HTTP. A path
    /// that ends so already, for this or another signal, is taken for the general one with it appended.
    pub(crate) fn with_path_of(self, signal: Signal) -> Self {
        let path = self.0.path().trim_end_matches('/');
        let without = |signal: Signal| path.strip_suffix(signal.as_str()).and_then(|rest| rest.strip_suffix(VERSION));
        let base = Signal::ALL.into_iter().find_map(without).unwrap_or(path);
        let query = self.0.query().map(|query| format!("?{query}"));
        let path = format!("{base}{VERSION}{signal}{}", query.unwrap_or_default());
        let mut parts = self.0.clone().into_parts();
        parts.path_and_query = PathAndQuery::try_from(path).ok();
        // Every part was valid before, so both conversions hold; if one did not, the URL stays as given.
        Uri::from_parts(parts).map_or(self, Self)
    }

    /// Whether the connection is encrypted.
    #[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Whether it leads to this machine: `localhost`, or a loopback address.
    #[cfg(any(test, feature = "otlp-http"))]
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.0.host().unwrap_or_default().trim_matches(['[', ']']);
        let address: Option<IpAddr> = host.parse().ok();
        host.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.to_canonical().is_loopback())
    }

    /// The URL as it may be shown: without its query.
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    pub(crate) fn shown(&self) -> String {
        presentable(&self.0.to_string())
    }

    /// The URL as text; its query may be a secret, do not log it.
    #[cfg(any(test, feature = "otlp-grpc", feature = "otlp-http"))]
    pub(crate) fn url(&self) -> String {
        self.0.to_string()
    }
}

/// Whether there is a host and, if there is a port, a number other than zero. `http` takes any text for a port.
fn is_host_and_port(authority: &Authority) -> bool {
    let host = authority.host();
    let port = authority.as_str().strip_prefix(host).unwrap_or_default();
    let number = port.strip_prefix(':').map(str::parse::<u16>);
    !host.is_empty() && (port.is_empty() || matches!(number, Some(Ok(1..))))
}

/// The part of `rest` (a URL behind `://`) before path, query and fragment.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// `url` without query, fragment and user information, for error messages.
pub(crate) fn presentable(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let mark = if rest.len() == url.len() { "" } else { "://" };
    let visible = rest.split(['?', '#']).next().unwrap_or_default();
    // The last `@` counts, in the path as well: a password may contain both `@` and `/`.
    let host = visible.rsplit_once('@').map_or(visible, |(_, host)| host);
    format!("{scheme}{mark}{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin = Origin::Variable("OTEL_EXPORTER_OTLP_ENDPOINT");

    #[test]
    fn the_path_of_the_signal_is_appended_once() {
        #[rustfmt::skip]
        let cases = [
            ("http://h:4318",                 "http://h:4318/v1/traces"),
            ("http://h:4318/",                "http://h:4318/v1/traces"),
            ("https://h/otlp",                "https://h/otlp/v1/traces"),
            ("https://h/otlp//",              "https://h/otlp/v1/traces"),
            ("https://h/otlp?key=1",          "https://h/otlp/v1/traces?key=1"),
            ("http://h:4318/v1/traces",       "http://h:4318/v1/traces"),
            ("http://h:4318/v1/metrics/",     "http://h:4318/v1/traces"),
            ("http://h:4318/x/v1/logs?key=1", "http://h:4318/x/v1/traces?key=1"),
            ("http://h:4318/v1/log",          "http://h:4318/v1/log/v1/traces"),
            ("http://[::1]:4318",             "http://[::1]:4318/v1/traces"),
        ];
        for (url, expected) in cases {
            let endpoint = Endpoint::parse(ORIGIN, url).unwrap();
            assert_eq!(endpoint.with_path_of(Signal::Traces).url(), expected);
        }
    }

    #[test]
    fn refusals_say_what_to_write_and_hide_secrets() {
        #[rustfmt::skip]
        let cases = [
            ("localhost:4318",                 "put http:// or https://"),
            ("unix:///tmp/x",                  "use the scheme"),
            ("ftp://h",                        "use the scheme"),
            ("http://",                        "such as http://localhost:4318"),
            ("http://h:port",                  "host and port"),
            ("http://h:0",                     "host and port"),
            ("http://h:",                      "host and port"),
            ("http://h:99999",                 "host and port"),
            ("http://u:canary@h",              "take user name and password out"),
            ("http://u:can@canary@h",          "take user name and password out"),
            ("h/x?key=canary",                 "put http:// or https://"),
            ("u:canary@h:4318",                "put http:// or https://"),
            ("u:p/canary@h:4318",              "put http:// or https://"),
            ("http://h:0/?key=canary",         "host and port"),
        ];
        for (url, mend) in cases {
            let error = Endpoint::parse(ORIGIN, url).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(mend), "{url}: {text}");
            assert!(text.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
    }

    #[test]
    fn scheme_decides_encryption() {
        assert!(Endpoint::parse(ORIGIN, "HTTPS://h").unwrap().is_https());
        assert!(!Endpoint::parse(ORIGIN, "http://h").unwrap().is_https());
    }

    #[test]
    fn this_machine_is_told_from_others() {
        let is_loopback = |url: &str| Endpoint::parse(ORIGIN, url).unwrap().is_loopback();
        for url in ["http://localhost:4318", "http://LocalHost", "http://127.0.0.1:1", "http://[::1]:1/x"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://localhost.example", "http://10.0.0.1:4318", "http://[2001:db8::1]", "https://h"] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
