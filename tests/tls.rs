//! Encrypted export to a receiver whose certificate comes from an authority made for the test.

#![cfg(all(feature = "otlp-grpc", feature = "otlp-http"))]

mod support;

use std::path::PathBuf;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use support::receiver::Receiver;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};
use tracing_genai::pipeline::{Env, InitErrorKind, Pipeline, Protocol, Telemetry};

const PROTOCOLS: [Protocol; 2] = [Protocol::Grpc, Protocol::HttpProtobuf];
const ROOTS: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
const CHAIN: &str = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
const KEY: &str = "OTEL_EXPORTER_OTLP_CLIENT_KEY";

type Variables<'a> = &'a [(&'a str, &'a str)];
type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Certificate and key of `localhost`, as PEM.
fn issue(authority: &Authority) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn server(authority: &Authority) -> ServerTlsConfig {
    let (certificate, key) = issue(authority);
    ServerTlsConfig::new().identity(Identity::from_pem(certificate, key))
}

fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Sends one span to `receiver`.
fn send(receiver: &Receiver, protocol: Protocol, env: &[(&str, &str)]) -> Telemetry {
    let telemetry = Pipeline::builder()
        .with_env(Env::from_iter(env.iter().copied()))
        .with_endpoint(format!("https://localhost:{}", receiver.address.port()))
        .with_protocol(protocol)
        .build()
        .unwrap();
    let tracer = telemetry.tracer();
    opentelemetry::trace::Tracer::start(&tracer, "s");
    telemetry
}

#[test]
fn an_authority_of_ones_own_is_trusted() {
    let authority = authority();
    let roots = file("trusted.pem", &authority.pem());
    for protocol in PROTOCOLS {
        let receiver = Receiver::tls(server(&authority));
        let report = send(&receiver, protocol, &[(ROOTS, &roots)]).shutdown();
        assert_eq!((report.exported, report.failed), (1, 0), "{protocol:?} {report}");
        assert_eq!(receiver.names(), ["s"]);
    }
}

#[test]
fn a_stranger_is_not_trusted() {
    let roots = file("other.pem", &authority().pem());
    let server = server(&authority());
    for protocol in PROTOCOLS {
        for env in [&[(ROOTS, roots.as_str())][..], &[]] {
            let receiver = Receiver::tls(server.clone());
            let telemetry = send(&receiver, protocol, env);
            let error = telemetry.flush(Duration::from_secs(5)).unwrap_err().to_string();
            assert!(error.contains("certificate"), "{protocol:?} {error}");
            assert_eq!(telemetry.shutdown().failed, 1);
            assert!(receiver.names().is_empty());
        }
    }
}

#[test]
fn the_client_shows_its_certificate() {
    let authority = authority();
    let roots = file("mutual.pem", &authority.pem());
    let (certificate, key) = issue(&authority);
    let (chain, key) = (file("client.pem", &certificate), file("client.key", &key));
    let server = server(&authority).client_ca_root(Certificate::from_pem(authority.pem()));
    for protocol in PROTOCOLS {
        let receiver = Receiver::tls(server.clone());
        let env = [(ROOTS, roots.as_str()), (CHAIN, &chain), (KEY, &key)];
        let report = send(&receiver, protocol, &env).shutdown();
        assert_eq!(report.exported, 1, "{protocol:?} {report}");
        let receiver = Receiver::tls(server.clone());
        let report = send(&receiver, protocol, &env[..1]).shutdown();
        assert_eq!(report.failed, 1, "{protocol:?} {report}");
    }
}

#[test]
fn unusable_files_are_refused_by_name() {
    let (certificate, key) = issue(&authority());
    let (_, other_key) = issue(&authority());
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let (empty, junk) = (file("empty.pem", ""), file("junk.pem", junk));
    let (chain, key) = (file("chain.pem", &certificate), file("chain.key", &key));
    let other = file("other.key", &other_key);
    #[rustfmt::skip]
    let cases: &[(Variables, &str, &str)] = &[
        (&[(ROOTS, &empty)],                              "empty.pem", "no certificate in it"),
        (&[(ROOTS, &junk)],                               "junk.pem",  "a certificate is invalid"),
        (&[(ROOTS, &key)],                                "chain.key", "no certificate in it"),
        (&[(ROOTS, &chain), (CHAIN, &chain), (KEY, &empty)], "empty.pem", "no private key in it"),
        (&[(ROOTS, &chain), (CHAIN, &empty), (KEY, &key)],   "empty.pem", "no certificate in it"),
        (&[(ROOTS, &chain), (CHAIN, &chain), (KEY, &other)], "other.key", "do not fit"),
    ];
    for protocol in PROTOCOLS {
        for (env, name, fault) in cases {
            let builder = Pipeline::builder()
                .with_env(Env::from_iter(env.iter().copied()))
                .with_endpoint("https://localhost:1")
                .with_protocol(protocol);
            let error = builder.build().unwrap_err();
            assert_eq!(error.kind(), InitErrorKind::Tls);
            let text = error.to_string();
            assert!(text.contains(name) && text.contains(fault), "{text}");
            assert!(text.contains("OTEL_EXPORTER_OTLP_C"), "{text}");
        }
    }
}
