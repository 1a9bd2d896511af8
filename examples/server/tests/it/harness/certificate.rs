//! Certificates that the server would never issue.

use std::fs;

use rcgen::{CertificateParams, DistinguishedName, DnType, Issuer, KeyPair, SanType};
use time::{Duration, OffsetDateTime};

use super::server::Server;

/// A certificate and its key, in PEM.
pub(crate) struct Credential {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Credential {
    /// Signed by nobody but its bearer.
    pub(crate) fn self_signed(partner: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(partner).self_signed(&key).expect("signed");
        Self { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// Signed by the server's authority, and good until yesterday.
    pub(crate) fn expired(server: &Server, partner: &str) -> Self {
        let mut authority = CertificateParams::default();
        authority.distinguished_name = named("logistics device authority");
        let key = fs::read_to_string(server.data().join("certificates/authority.key"));
        let key = KeyPair::from_pem(&key.expect("the authority's key")).expect("a key");
        let issuer = Issuer::new(authority, key);
        let mut params = params(partner);
        params.not_before = OffsetDateTime::now_utc() - Duration::days(2);
        params.not_after = OffsetDateTime::now_utc() - Duration::days(1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &issuer).expect("signed");
        Self { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

fn params(partner: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named(partner);
    let name = format!("urn:logistics:dp:{partner}").try_into().expect("a URI");
    params.subject_alt_names = vec![SanType::URI(name)];
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut full = DistinguishedName::new();
    full.push(DnType::CommonName, name);
    full
}
