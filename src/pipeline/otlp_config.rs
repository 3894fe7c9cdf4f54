//! Settings of the OTLP exporter: where, how, with what headers and certificates.

use std::str::FromStr;
use std::time::Duration;

use super::certificates::Certificates;
use super::config::timeout;
use super::endpoint::Endpoint;
use super::env::Env;
use super::error::{InitError, Origin};
use super::headers::Headers;
use super::names::{self, SignalNames};
use super::route::{Paths, Route, SetHeader};
use super::signal::Signal;

/// Longest time for one export with its retries if neither code nor `OTEL_EXPORTER_OTLP_TIMEOUT` says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Endpoint for gRPC if neither code nor environment names one.
pub const DEFAULT_GRPC_ENDPOINT: &str = "http://localhost:4317";
/// Endpoint for HTTP, before `/v1/traces`, `/v1/metrics` or `/v1/logs` is appended, if neither code nor environment names one.
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

impl Otlp {
    /// The exporter of `signal` on `route`.
    pub(crate) fn resolve(route: &Route, env: &Env, signal: Signal) -> Result<Self, InitError> {
        let asked = Asked { route, env, names: names::of(signal) };
        let protocol = asked.protocol()?;
        let certificates = match route.from_environment {
            true => Certificates::read(env, asked.names)?,
            false => Certificates::default(),
        };
        Ok(Self {
            protocol,
            endpoint: asked.endpoint(protocol, signal)?,
            headers: asked.headers()?,
            timeout: timeout(env, route.connection.timeout, &asked.names.timeout, DEFAULT_TIMEOUT)?,
            compression: asked.compression()?,
            certificates,
        })
    }
}

/// Where settings of one signal come from.
struct Asked<'a> {
    route: &'a Route,
    env: &'a Env,
    names: &'static SignalNames,
}

impl Asked<'_> {
    /// What the variables say that are meant for one receiver.
    fn of_receiver(&self, names: &[&'static str]) -> Result<Option<(Origin, String)>, InitError> {
        match self.route.from_environment {
            true => self.env.first(names),
            false => Ok(None),
        }
    }

    fn protocol(&self) -> Result<Protocol, InitError> {
        let read = match self.of_receiver(&self.names.protocol)? {
            None => None,
            Some((origin, value)) => match value.parse() {
                Ok(protocol) => Some(protocol),
                Err(()) => return Err(origin.refuse(&value, "use grpc, http/protobuf or http/json")),
            },
        };
        Ok(self.route.connection.protocol.or(read).unwrap_or(DEFAULT_PROTOCOL))
    }

    fn compression(&self) -> Result<Option<Compression>, InitError> {
        let read = match self.env.first(&self.names.compression)? {
            None => None,
            Some((origin, value)) => match value.to_ascii_lowercase().as_str() {
                "none" => None,
                "gzip" => Some(Compression::Gzip),
                _ => return Err(origin.refuse(&value, "use none or gzip")),
            },
        };
        Ok(self.route.connection.compression.or(read))
    }

    /// The headers of the environment (the signal's own list replaces the general one), overlaid by those set in code.
    fn headers(&self) -> Result<Headers, InitError> {
        let mut headers = match self.of_receiver(&self.names.headers)? {
            None => Headers::default(),
            Some((origin, list)) => Headers::parse(origin, &list)?,
        };
        let mut set = Headers::default();
        for SetHeader { origin, name, value } in &self.route.connection.headers {
            set.set(*origin, name, value)?;
        }
        headers.extend(set);
        Ok(headers)
    }

    /// The endpoint of code or environment. Over HTTP the path of the signal is appended to all but the signal's own
    /// variable (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP").
    fn endpoint(&self, protocol: Protocol, signal: Signal) -> Result<Endpoint, InitError> {
        let [own, general] = self.names.endpoint;
        let read = self.of_receiver(&[own, general])?;
        let set = self.route.connection.endpoint.as_deref();
        let set = set.map(|url| (Origin::Setter("with_endpoint"), url.trim().to_owned()));
        let default = match protocol {
            Protocol::Grpc => DEFAULT_GRPC_ENDPOINT,
            Protocol::HttpProtobuf | Protocol::HttpJson => DEFAULT_HTTP_ENDPOINT,
        };
        let (origin, url) = set.or(read).unwrap_or((Origin::Variable(general), default.to_owned()));
        if protocol == Protocol::Grpc {
            return Endpoint::parse(origin, &self.with_scheme(url)?);
        }
        let endpoint = Endpoint::parse(origin, &url)?;
        match (origin, self.route.connection.paths) {
            (_, Paths::AsItIs) => Ok(endpoint),
            (Origin::Variable(name), _) if name == own => Ok(endpoint),
            _ => Ok(endpoint.with_path_of(signal)),
        }
    }

    /// Puts a scheme before a gRPC endpoint without one, if `OTEL_EXPORTER_OTLP_INSECURE` says which.
    ///
    /// Unset, the specification means `https`. That turns `localhost:4317` into a puzzling TLS failure at the first
    /// export, so it is refused at start-up instead.
    fn with_scheme(&self, url: String) -> Result<String, InitError> {
        let insecure = self.env.flag(&self.names.insecure)?;
        Ok(match insecure {
            Some(true) if !url.contains("://") => format!("http://{url}"),
            Some(false) if !url.contains("://") => format!("https://{url}"),
            _ => url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::route::Connection;
    use super::*;

    type Variables = &'static [(&'static str, &'static str)];

    fn resolved<'a>(
        env: impl IntoIterator<Item = &'a (&'a str, &'a str)>,
        connection: Connection,
        signal: Signal,
    ) -> Result<Otlp, InitError> {
        let route = Route { connection, ..Route::default() };
        Otlp::resolve(&route, &Env::from_iter(env.into_iter().copied()), signal)
    }

    fn traces<const N: usize>(env: [(&str, &str); N]) -> Result<Otlp, InitError> {
        resolved(&env, Connection::default(), Signal::Traces)
    }

    fn over(protocol: Protocol) -> Connection {
        Connection { protocol: Some(protocol), ..Connection::default() }
    }

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
            let otlp = resolved(*env, over(*protocol), Signal::Traces).unwrap();
            assert_eq!(otlp.endpoint.url(), *expected, "{env:?}");
        }
    }

    #[test]
    fn each_signal_has_its_own_path_and_variable() {
        for signal in [Signal::Metrics, Signal::Logs] {
            let general = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://b/otlp");
            let otlp = resolved(&[general], over(Protocol::HttpJson), signal).unwrap();
            assert_eq!(otlp.endpoint.url(), format!("http://b/otlp/v1/{signal}"));
            let own = (names::of(signal).endpoint[0], "http://own/x");
            let otlp = resolved(&[general, own], over(Protocol::HttpJson), signal).unwrap();
            assert_eq!(otlp.endpoint.url(), "http://own/x");
        }
    }

    #[test]
    fn an_endpoint_set_in_code_is_a_base_url() {
        let env = [("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://env")];
        for (url, signal, expected) in [
            ("http://code:1", Signal::Traces, "http://code:1/v1/traces"),
            ("http://code:1/v1/traces", Signal::Traces, "http://code:1/v1/traces"),
            ("http://code:1/v1/traces", Signal::Logs, "http://code:1/v1/logs"),
        ] {
            let connection = Connection { endpoint: Some(url.into()), ..over(Protocol::HttpProtobuf) };
            assert_eq!(resolved(&env, connection, signal).unwrap().endpoint.url(), expected);
        }
    }

    #[test]
    fn blanks_around_an_endpoint_set_in_code_do_no_harm_over_any_protocol() {
        for protocol in [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson] {
            let connection = Connection { endpoint: Some(" http://h:1\n".into()), ..over(protocol) };
            let otlp = resolved(&[], connection, Signal::Traces).unwrap();
            assert!(otlp.endpoint.url().starts_with("http://h:1/"), "{protocol:?}");
        }
    }

    #[test]
    fn the_signals_own_variable_wins() {
        let otlp = traces([
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=1,b=2"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "c=3"),
        ]);
        let otlp = otlp.unwrap();
        assert_eq!(otlp.protocol, Protocol::HttpJson);
        assert_eq!(otlp.timeout, None);
        assert_eq!(otlp.compression, None);
        assert_eq!(otlp.headers.map().len(), 1);
    }

    #[test]
    fn headers_of_code_overlay_those_of_the_environment() {
        let origin = Origin::Setter("with_header");
        let headers = vec![SetHeader { origin, name: "A".into(), value: "code".into() }];
        let connection = Connection { headers, ..Connection::default() };
        let otlp = resolved(&[("OTEL_EXPORTER_OTLP_HEADERS", "a=env,b=env")], connection, Signal::Metrics).unwrap();
        let value = |name: &str| otlp.headers.map().get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!((value("a"), value("b")), ("code".into(), "env".into()));
        assert!(!format!("{otlp:?}").contains("code"));
    }

    #[test]
    fn what_is_meant_for_one_receiver_goes_to_no_other() {
        let env = Env::from_iter([
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://secret"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nonexistent/ca.pem"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "7"),
        ]);
        let connection = Connection { endpoint: Some("https://other".into()), ..over(Protocol::HttpProtobuf) };
        let route = Route { connection, from_environment: false, ..Route::default() };
        let otlp = Otlp::resolve(&route, &env, Signal::Traces).unwrap();
        assert_eq!(otlp.endpoint.url(), "https://other/v1/traces");
        assert!(otlp.headers.map().is_empty() && otlp.certificates.roots.is_none());
        assert_eq!(otlp.timeout, Some(Duration::from_millis(7)));
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
            let error = traces([(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(&format!("{value:?}")), "{error}");
        }
    }

    #[test]
    fn a_bad_insecure_flag_is_refused_over_grpc() {
        let env = [("OTEL_EXPORTER_OTLP_INSECURE", "1")];
        let error = resolved(&env, over(Protocol::Grpc), Signal::Logs).unwrap_err().to_string();
        assert_eq!(error, "bad value \"1\" in OTEL_EXPORTER_OTLP_INSECURE: write true or false");
    }
}
