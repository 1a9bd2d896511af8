//! The client's side: its certificate, and the authority of its gateway or broker.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::version::TLS13;

use super::pem::{TlsError, authorities, chain, key};

/// TLS 1.3 with a certificate of a device, or of this platform at a broker. Cheap to clone.
#[derive(Clone)]
pub struct ClientTls(Arc<ClientConfig>);

impl fmt::Debug for ClientTls {
    /// The key stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls").finish_non_exhaustive()
    }
}

impl ClientTls {
    /// Reads PEM texts: the client's certificate, its private key, and the authorities that
    /// certify the server.
    ///
    /// # Errors
    /// [`TlsError`] names the text that is of no use.
    pub fn from_pem(
        certificate: &[u8],
        private_key: &[u8],
        server_authorities: &[u8],
    ) -> Result<Self, TlsError> {
        let certificates = chain("client's certificate", certificate)?;
        let roots = authorities(server_authorities)?;
        let unusable = |part| move |source| TlsError::Unusable { part, source };
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&TLS13])
            .map_err(unusable("cryptography"))?
            .with_root_certificates(roots)
            .with_client_auth_cert(certificates, key(private_key)?)
            .map_err(unusable("client's certificate"))?;
        config.resumption = Resumption::disabled();
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }
}
