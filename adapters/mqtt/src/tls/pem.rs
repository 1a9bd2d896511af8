//! Certificates and keys from PEM text, and what may be wrong with them.

use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, RootCertStore};

/// Why certificates or keys cannot be used. Look at the files they came from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// It is not the PEM text it should be.
    #[error("the {part} is not readable PEM")]
    Pem {
        /// Which of the texts.
        part: &'static str,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// There is no `CERTIFICATE` in it.
    #[error("the {part} holds no certificate")]
    NoCertificate {
        /// Which of the texts.
        part: &'static str,
    },
    /// It is PEM, and yet of no use: certificate and key may not belong together.
    #[error("the {part} cannot be used")]
    Unusable {
        /// Which of the texts.
        part: &'static str,
        /// What rustls says.
        source: rustls::Error,
    },
}

/// The certificates of a chain, the leaf first.
pub(super) fn chain(
    part: &'static str,
    text: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    let certificates = certificates.map_err(|source| TlsError::Pem { part, source })?;
    if certificates.is_empty() { Err(TlsError::NoCertificate { part }) } else { Ok(certificates) }
}

/// The private key.
pub(super) fn key(text: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(text).map_err(|source| TlsError::Pem { part: "key", source })
}

/// The authorities whose certificates are believed.
pub(super) fn authorities(text: &[u8]) -> Result<RootCertStore, TlsError> {
    let part = "authority's certificate";
    let mut roots = RootCertStore::empty();
    for certificate in chain(part, text)? {
        roots.add(certificate).map_err(|source| TlsError::Unusable { part, source })?;
    }
    Ok(roots)
}
