//! Settings of the OTLP exporter: where, how, with what headers and certificates.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::config::{Settings, timeout};
use super::endpoint::Endpoint;
use super::env::Env;
use super::error::{InitError, InitErrorKind, Origin};
use super::headers::Headers;
use super::route::Paths;

/// Longest time for one export with its retries if neither code nor `OTEL_EXPORTER_OTLP_TIMEOUT` says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Endpoint for gRPC if neither code nor environment names one.
pub const DEFAULT_GRPC_ENDPOINT: &str = "http://localhost:4317";
/// Endpoint for HTTP, before `/v1/traces` is appended, if neither code nor environment names one.
pub const DEFAULT_HTTP_ENDPOINT: &str = "http://localhost:4318";
/// Protocol if neither code nor environment names one: `http/protobuf`, as the specification recommends; `grpc` if the
/// feature `otlp-http` is off.
pub const DEFAULT_PROTOCOL: Protocol = match cfg!(all(feature = "otlp-grpc", not(feature = "otlp-http"))) {
    true => Protocol::Grpc,
    false => Protocol::HttpProtobuf,
};

/// How OTLP is spoken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Protocol {
    /// `grpc`: protobuf over gRPC; needs the feature `otlp-grpc`.
    Grpc,
    /// `http/protobuf`: protobuf over HTTP; needs the feature `otlp-http`.
    HttpProtobuf,
    /// `http/json`: JSON over HTTP; needs the feature `otlp-http`.
    HttpJson,
}

/// How requests are compressed. Uncompressed unless asked for: several receivers refuse gzip.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// `gzip`.
    Gzip,
}

impl FromStr for Protocol {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "grpc" => Ok(Self::Grpc),
            "http/protobuf" => Ok(Self::HttpProtobuf),
            "http/json" => Ok(Self::HttpJson),
            _ => Err(()),
        }
    }
}

/// The OTLP exporter's configuration. Its `Debug` shows no header value.
#[derive(Clone, Debug)]
#[cfg_attr(not(any(feature = "otlp-grpc", feature = "otlp-http")), expect(dead_code))]
pub(crate) struct Otlp {
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: Endpoint,
    pub(crate) headers: Headers,
    /// `None` is no limit.
    pub(crate) timeout: Option<Duration>,
    pub(crate) compression: Option<Compression>,
    pub(crate) certificates: Certificates,
}

/// PEM files of the connection, read.
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(any(feature = "otlp-grpc", feature = "otlp-http")), expect(dead_code))]
pub(crate) struct Certificates {
    /// Trusted instead of the system's roots.
    pub(crate) roots: Option<PemFile>,
    /// The client's certificate chain and private key.
    pub(crate) client: Option<(PemFile, PemFile)>,
}

/// A file named by a variable; its bytes may be a private key.
#[derive(Clone)]
#[cfg_attr(not(any(feature = "otlp-grpc", feature = "otlp-http")), expect(dead_code))]
pub(crate) struct PemFile {
    pub(crate) variable: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl std::fmt::Debug for PemFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PemFile({:?})", self.path)
    }
}

impl Otlp {
    pub(crate) fn resolve(settings: &Settings) -> Result<Self, InitError> {
        let env = &settings.env;
        let protocol = protocol(settings)?;
        const TIMEOUT: &[&str] = &["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
        Ok(Self {
            protocol,
            endpoint: endpoint(settings, protocol)?,
            headers: headers(settings)?,
            timeout: timeout(settings, settings.connection.timeout, TIMEOUT, DEFAULT_TIMEOUT)?,
            compression: compression(settings)?,
            certificates: Certificates::read(env)?,
        })
    }
}

fn protocol(settings: &Settings) -> Result<Protocol, InitError> {
    const NAMES: &[&str] = &["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
    let read = settings.env.parse(NAMES, "use grpc, http/protobuf or http/json")?;
    Ok(settings.connection.protocol.or(read).unwrap_or(DEFAULT_PROTOCOL))
}

fn compression(settings: &Settings) -> Result<Option<Compression>, InitError> {
    const NAMES: &[&str] = &["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];
    let read = match settings.env.first(NAMES)? {
        None => None,
        Some((origin, value)) => match value.to_ascii_lowercase().as_str() {
            "none" => None,
            "gzip" => Some(Compression::Gzip),
            _ => return Err(origin.refuse(&value, "use none or gzip")),
        },
    };
    Ok(settings.connection.compression.or(read))
}

/// The headers of the environment (the signal's own list replaces the general one), overlaid by those set in code.
fn headers(settings: &Settings) -> Result<Headers, InitError> {
    const NAMES: &[&str] = &["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
    let mut headers = match settings.env.first(NAMES)? {
        None => Headers::default(),
        Some((origin, list)) => Headers::parse(origin, &list)?,
    };
    let mut set = Headers::default();
    for (name, value) in &settings.connection.headers {
        set.set(Origin::Setter("with_header"), name, value)?;
    }
    headers.extend(set);
    Ok(headers)
}

/// The endpoint of code or environment. Over HTTP the path of the traces signal is appended to all but the signal's own
/// variable (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP").
fn endpoint(settings: &Settings, protocol: Protocol) -> Result<Endpoint, InitError> {
    const OWN: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    const GENERAL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let read = settings.env.first(&[OWN, GENERAL])?;
    let set =
        settings.connection.endpoint.as_deref().map(|url| (Origin::Setter("with_endpoint"), url.trim().to_owned()));
    let default = match protocol {
        Protocol::Grpc => DEFAULT_GRPC_ENDPOINT,
        Protocol::HttpProtobuf | Protocol::HttpJson => DEFAULT_HTTP_ENDPOINT,
    };
    let (origin, url) = set.or(read).unwrap_or((Origin::Variable(GENERAL), default.to_owned()));
    if protocol == Protocol::Grpc {
        return Endpoint::parse(origin, &with_scheme(&settings.env, url)?);
    }
    let endpoint = Endpoint::parse(origin, &url)?;
    match (origin, settings.connection.paths) {
        (Origin::Variable(OWN), _) | (_, Paths::AsItIs) => Ok(endpoint),
        _ => Ok(endpoint.with_traces_path()),
    }
}

/// Puts a scheme before a gRPC endpoint without one, if `OTEL_EXPORTER_OTLP_INSECURE` says which.
///
/// Unset, the specification means `https`. That turns `localhost:4317` into a puzzling TLS failure at the first export,
/// so it is refused at start-up instead.
fn with_scheme(env: &Env, url: String) -> Result<String, InitError> {
    const NAMES: &[&str] = &["OTEL_EXPORTER_OTLP_TRACES_INSECURE", "OTEL_EXPORTER_OTLP_INSECURE"];
    let insecure = env.flag(NAMES)?;
    Ok(match insecure {
        Some(true) if !url.contains("://") => format!("http://{url}"),
        Some(false) if !url.contains("://") => format!("https://{url}"),
        _ => url,
    })
}

impl Certificates {
    #[rustfmt::skip]
    fn read(env: &Env) -> Result<Self, InitError> {
        let roots = pem(env, &["OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"])?;
        let chain = pem(env, &["OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"])?;
        let key = pem(env, &["OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY"])?;
        let client = match (chain, key) {
            (Some(chain), Some(key)) => Some((chain, key)),
            (None, None) => None,
            (Some(file), None) => return Err(half(&file, "OTEL_EXPORTER_OTLP_CLIENT_KEY")),
            (None, Some(file)) => return Err(half(&file, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE")),
        };
        Ok(Self { roots, client })
    }
}

fn half(given: &PemFile, missing: &str) -> InitError {
    let message = format!("{} is set alone: set {missing} as well", given.variable);
    InitError::new(InitErrorKind::Tls, message)
}

fn pem(env: &Env, names: &[&'static str]) -> Result<Option<PemFile>, InitError> {
    let Some((origin, path)) = env.first(names)? else {
        return Ok(None);
    };
    let variable = origin.name();
    let bytes = std::fs::read(&path).map_err(|error| {
        let message = format!("cannot read {path:?} of {variable}: {error}; name a readable PEM file");
        InitError::new(InitErrorKind::Tls, message).with_source(error)
    })?;
    Ok(Some(PemFile { variable, path: path.into(), bytes }))
}

#[cfg(test)]
mod tests {
    use super::super::route::Connection;
    use super::*;

    fn settings<const N: usize>(env: [(&str, &str); N]) -> Settings {
        Settings { env: Env::from_iter(env), ..Settings::default() }
    }

    type Variables = &'static [(&'static str, &'static str)];

    #[test]
    fn endpoints() {
        const BOTH: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        const OWN: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        const INSECURE: &str = "OTEL_EXPORTER_OTLP_INSECURE";
        use Protocol::{Grpc, HttpJson, HttpProtobuf};
        #[rustfmt::skip]
        let cases: &[(Protocol, Variables, &str)] = &[
            (HttpProtobuf, &[],                                          "http://localhost:4318/v1/traces"),
            (HttpJson,     &[(BOTH, "http://h")],                        "http://h/v1/traces"),
            (HttpProtobuf, &[(OWN, "http://h/x")],                       "http://h/x"),
            (HttpProtobuf, &[(OWN, "http://h/x"), (BOTH, "http://b")],   "http://h/x"),
            (HttpProtobuf, &[(OWN, ""), (BOTH, "http://b")],             "http://b/v1/traces"),
            (Grpc,         &[],                                          "http://localhost:4317/"),
            (Grpc,         &[(BOTH, "https://h:1")],                     "https://h:1/"),
            (Grpc,         &[(BOTH, "h:1"), (INSECURE, "true")],         "http://h:1/"),
            (Grpc,         &[(BOTH, "h:1"), (INSECURE, "false")],        "https://h:1/"),
            (Grpc,         &[(BOTH, "https://h:1"), (INSECURE, "true")], "https://h:1/"),
        ];
        for (protocol, env, expected) in cases {
            let mut settings = settings([]);
            settings.env = Env::from_iter(env.iter().copied());
            settings.connection.protocol = Some(*protocol);
            assert_eq!(Otlp::resolve(&settings).unwrap().endpoint.url(), *expected, "{env:?}");
        }
    }

    #[test]
    fn an_endpoint_set_in_code_is_a_base_url() {
        let mut settings = settings([("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://env")]);
        settings.connection.protocol = Some(Protocol::HttpProtobuf);
        settings.connection.endpoint = Some("http://code:1".into());
        let otlp = Otlp::resolve(&settings).unwrap();
        assert_eq!(otlp.endpoint.url(), "http://code:1/v1/traces");
    }

    #[test]
    fn blanks_around_an_endpoint_set_in_code_do_no_harm_over_any_protocol() {
        for protocol in [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson] {
            let settings = Settings {
                connection: Connection {
                    endpoint: Some(" http://h:1\n".into()),
                    protocol: Some(protocol),
                    ..Connection::default()
                },
                ..settings([])
            };
            let otlp = Otlp::resolve(&settings).unwrap();
            assert!(otlp.endpoint.url().starts_with("http://h:1/"), "{protocol:?}");
        }
    }

    #[test]
    fn the_signals_own_variable_wins() {
        let otlp = Otlp::resolve(&settings([
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=1,b=2"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "c=3"),
        ]));
        let otlp = otlp.unwrap();
        assert_eq!(otlp.protocol, Protocol::HttpJson);
        assert_eq!(otlp.timeout, None);
        assert_eq!(otlp.compression, None);
        assert_eq!(otlp.headers.map().len(), 1);
    }

    #[test]
    fn headers_of_code_overlay_those_of_the_environment() {
        let mut settings = settings([("OTEL_EXPORTER_OTLP_HEADERS", "a=env,b=env")]);
        settings.connection.headers = vec![("A".into(), "code".into())];
        let otlp = Otlp::resolve(&settings).unwrap();
        let value = |name: &str| otlp.headers.map().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!((value("a"), value("b")), ("code".into(), "env".into()));
        assert!(!format!("{otlp:?}").contains("code"));
    }

    #[test]
    fn refusals_name_variable_and_value() {
        #[rustfmt::skip]
        let cases = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL",           "http"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",    "GRPC"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION",        "zstd"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT",            "10s"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT",           "localhost:4317"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE",        "/nonexistent/ca.pem"),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY",         "/nonexistent/key.pem"),
        ];
        for (name, value) in cases {
            let error = Otlp::resolve(&settings([(name, value)])).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(&format!("{value:?}")), "{error}");
        }
    }

    #[test]
    fn a_bad_insecure_flag_is_refused_over_grpc() {
        let mut settings = settings([("OTEL_EXPORTER_OTLP_INSECURE", "1")]);
        settings.connection.protocol = Some(Protocol::Grpc);
        let error = Otlp::resolve(&settings).unwrap_err().to_string();
        assert_eq!(error, "bad value \"1\" in OTEL_EXPORTER_OTLP_INSECURE: write true or false");
    }

    #[test]
    fn a_key_without_a_certificate_is_refused() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let error = Otlp::resolve(&settings([("OTEL_EXPORTER_OTLP_CLIENT_KEY", path)])).unwrap_err();
        assert_eq!(error.kind(), InitErrorKind::Tls);
        assert!(error.to_string().contains("set OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well"));
    }
}
