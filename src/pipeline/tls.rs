//! Certificates for both transports.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::certificates::{Certificates, PemFile};
use super::error::{InitError, InitErrorKind};

/// A client configuration over aws-lc, without touching the process-wide crypto provider.
///
/// gRPC does not use the result, tonic builds its own; it is made all the same because tonic skips certificates it
/// cannot parse and would then fail at the first export with an unknown issuer.
///
/// # Errors
/// Names the variable and the path of a file without usable certificate or key, or says that the system has no roots.
pub(crate) fn client_config(files: &Certificates) -> Result<ClientConfig, InitError> {
    let roots = match &files.roots {
        Some(file) => trusted(file)?,
        None => system_roots()?,
    };
    with_roots(roots, files)
}

/// A client configuration for endpoints without encryption, which trusts nobody; reqwest insists on one.
#[cfg(feature = "otlp-http")]
pub(crate) fn unused_config() -> Result<ClientConfig, InitError> {
    with_roots(RootCertStore::empty(), &Certificates::default())
}

fn with_roots(roots: RootCertStore, files: &Certificates) -> Result<ClientConfig, InitError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| InitError::new(InitErrorKind::Tls, format!("cannot set up tls: {error}")).with_source(error))?
        .with_root_certificates(roots);
    let Some((chain, key)) = &files.client else {
        return Ok(builder.with_no_client_auth());
    };
    let parsed = PrivateKeyDer::from_pem_slice(&key.bytes);
    let private = parsed.map_err(|_| unusable(key, "no private key in it"))?;
    let config = builder.with_client_auth_cert(certificates(chain)?, private);
    config.map_err(|error| unusable(key, &format!("key and certificate do not fit: {error}")))
}

fn trusted(file: &PemFile) -> Result<RootCertStore, InitError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|error| unusable(file, &format!("a certificate is invalid: {error}")))?;
    }
    Ok(roots)
}

/// The certificates of `file`, at least one.
fn certificates(file: &PemFile) -> Result<Vec<CertificateDer<'static>>, InitError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&file.bytes).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(unusable(file, "no certificate in it")),
        Err(error) => Err(unusable(file, &format!("not PEM: {error}"))),
    }
}

#[cfg(feature = "otlp-http")]
fn system_roots() -> Result<RootCertStore, InitError> {
    let mut roots = RootCertStore::empty();
    // Single unreadable certificates are no reason to stop: systems carry some that rustls does not support.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    match roots.is_empty() {
        false => Ok(roots),
        true => {
            let message = "the system has no root certificates: install them (package ca-certificates) or set \
                           OTEL_EXPORTER_OTLP_CERTIFICATE";
            Err(InitError::new(InitErrorKind::Tls, message))
        }
    }
}

/// Without HTTP only tonic reads the system's roots, and it reports missing ones itself.
#[cfg(not(feature = "otlp-http"))]
fn system_roots() -> Result<RootCertStore, InitError> {
    Ok(RootCertStore::empty())
}

fn unusable(file: &PemFile, fault: &str) -> InitError {
    let path: &Path = &file.path;
    let message = format!("cannot use {path:?} of {}: {fault}; name a PEM file", file.variable);
    InitError::new(InitErrorKind::Tls, message)
}
