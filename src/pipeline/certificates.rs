//! PEM files of a connection, named by variables.

use std::path::PathBuf;

use super::env::Env;
use super::error::{InitError, InitErrorKind};
use super::names::SignalNames;

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

impl Certificates {
    pub(crate) fn read(env: &Env, names: &SignalNames) -> Result<Self, InitError> {
        let roots = pem(env, &names.certificate)?;
        let client = match (pem(env, &names.client_certificate)?, pem(env, &names.client_key)?) {
            (Some(chain), Some(key)) => Some((chain, key)),
            (None, None) => None,
            (Some(file), None) => return Err(half(&file, names.client_key)),
            (None, Some(file)) => return Err(half(&file, names.client_certificate)),
        };
        Ok(Self { roots, client })
    }
}

fn half(given: &PemFile, [_, missing]: [&str; 2]) -> InitError {
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
    use super::super::names;
    use super::super::signal::Signal;
    use super::*;

    #[test]
    fn a_key_without_a_certificate_is_refused() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let env = Env::from_iter([("OTEL_EXPORTER_OTLP_CLIENT_KEY", path)]);
        let error = Certificates::read(&env, names::of(Signal::Logs)).unwrap_err();
        assert_eq!(error.kind(), InitErrorKind::Tls);
        assert!(error.to_string().contains("set OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well"));
    }
}
