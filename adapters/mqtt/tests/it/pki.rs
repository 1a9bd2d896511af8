//! Certificates made for one test: authorities, and what they sign.

use std::path::PathBuf;
use std::sync::Arc;

use logistics_mqtt::client::Server;
use logistics_mqtt::gateway::Gateway;
use logistics_mqtt::tls::{ClientTls, ServerTls};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    SanType,
};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A certificate and its key, in PEM.
pub(crate) struct Credential {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

fn params(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::default();
    let uri = |name: &&str| SanType::URI((*name).try_into().unwrap());
    params.subject_alt_names = names.iter().map(uri).collect();
    params
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    fn sign(&self, params: &CertificateParams) -> Credential {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Credential { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// A certificate with these URIs.
    pub(crate) fn device(&self, uris: &[&str]) -> Credential {
        self.sign(&params(uris))
    }

    pub(crate) fn device_with_serial(&self, uri: &str, serial: &[u8]) -> Credential {
        let mut params = params(&[uri]);
        params.serial_number = Some(rcgen::SerialNumber::from_slice(serial));
        self.sign(&params)
    }

    pub(crate) fn expired(&self, uri: &str) -> Credential {
        let mut params = params(&[uri]);
        params.not_before = OffsetDateTime::now_utc() - Duration::days(2);
        params.not_after = OffsetDateTime::now_utc() - Duration::days(1);
        self.sign(&params)
    }

    /// A certificate with this common name, as brokers look at it.
    pub(crate) fn named(&self, name: &str) -> Credential {
        let mut params = params(&[]);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        self.sign(&params)
    }

    /// A certificate for a server on this machine.
    pub(crate) fn local_server(&self) -> Credential {
        let params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]);
        self.sign(&params.unwrap())
    }

    /// What a gateway on this machine needs.
    pub(crate) fn gateway(&self) -> ServerTls {
        let own = self.local_server();
        ServerTls::from_pem(own.certificate.as_bytes(), own.key.as_bytes(), self.pem().as_bytes())
            .unwrap()
    }
}

/// A certificate that nobody but its bearer has signed.
pub(crate) fn self_signed(uri: &str) -> Credential {
    let key = KeyPair::generate().unwrap();
    let certificate = params(&[uri]).self_signed(&key).unwrap();
    Credential { certificate: certificate.pem(), key: key.serialize_pem() }
}

impl Credential {
    /// The same as bare rustls has it, for packets by hand.
    pub(crate) fn client_config(&self, authority: &Authority) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.0.der().clone()).unwrap();
        let chain = CertificateDer::pem_slice_iter(self.certificate.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(chain.map(Result::unwrap).collect(), key);
        Arc::new(config.unwrap())
    }

    pub(crate) fn client(&self, authority: &Authority) -> ClientTls {
        let (certificate, key) = (self.certificate.as_bytes(), self.key.as_bytes());
        ClientTls::from_pem(certificate, key, authority.pem().as_bytes()).unwrap()
    }

    /// The gateway as a device with this certificate sees it.
    pub(crate) fn server(&self, authority: &Authority, gateway: &Gateway) -> Server {
        Server::tls("localhost", gateway.local_addrs()[0].port(), self.client(authority))
    }
}

/// Files as a command line client reads them, and its arguments that name them.
pub(crate) struct Files {
    folder: TempDir,
}

impl Files {
    pub(crate) fn new(authority: &Authority, credential: &Credential) -> Self {
        let files = Self { folder: TempDir::new().unwrap() };
        std::fs::write(files.path("ca.pem"), authority.pem()).unwrap();
        std::fs::write(files.path("device.pem"), &credential.certificate).unwrap();
        std::fs::write(files.path("device.key"), &credential.key).unwrap();
        files
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn arguments(&self) -> Vec<String> {
        [("--cafile", "ca.pem"), ("--cert", "device.pem"), ("--key", "device.key")]
            .into_iter()
            .flat_map(|(flag, file)| [flag.to_owned(), self.path(file).display().to_string()])
            .collect()
    }
}
