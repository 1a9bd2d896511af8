//! The gateway's side: its own certificate, and the authority of its devices.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{Error, ServerConfig};

use super::pem::{TlsError, authorities, chain, key};

/// TLS 1.3 that asks every client for a certificate.
#[derive(Clone)]
pub struct ServerTls(Arc<ServerConfig>);

impl fmt::Debug for ServerTls {
    /// The key stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}

impl ServerTls {
    /// Reads PEM texts: the gateway's certificate (and what stands between it and its authority),
    /// its private key, and the authorities that certify devices.
    ///
    /// # Errors
    /// [`TlsError`] names the text that is of no use.
    pub fn from_pem(
        certificate: &[u8],
        private_key: &[u8],
        device_authorities: &[u8],
    ) -> Result<Self, TlsError> {
        let certificates = chain("gateway's certificate", certificate)?;
        let roots = Arc::new(authorities(device_authorities)?);
        let provider = Arc::new(default_provider());
        let unusable = |part| move |source| TlsError::Unusable { part, source };
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider))
            .build()
            .map_err(|error| {
                unusable("authority's certificate")(Error::General(error.to_string()))
            })?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(unusable("cryptography"))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(certificates, key(private_key)?)
            .map_err(unusable("gateway's certificate"))?;
        // A resumed session would outlive its certificate.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0))
    }
}
