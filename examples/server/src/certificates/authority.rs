//! The local certificate authority: signs what devices and the gateway prove themselves with.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use logistics_core::PartnerId;
use logistics_mqtt::tls::device_name;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber,
};
use time::OffsetDateTime;

use super::cannot;
use crate::broker::PLATFORM;
use crate::data_dir::write_private;

/// What the authority is called in its certificate and in all that it signs.
const NAME: &str = "logistics device authority";
/// How long its certificate is good.
const AUTHORITY_LIFE: Duration = Duration::days(3_650);
/// Clocks differ: a certificate is good from a little before it was made.
const CLOCKS_DIFFER: Duration = Duration::minutes(10);

/// A certificate and its private key, in PEM.
pub(super) struct Credential {
    pub(super) certificate: String,
    pub(super) key: String,
}

pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// Reads the authority's certificate and key; makes what is not there.
    pub(super) fn open(certificate: &Path, key: &Path) -> anyhow::Result<Self> {
        let key = match fs::read_to_string(key) {
            Ok(text) => KeyPair::from_pem(&text).with_context(|| cannot("use", key))?,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let new = KeyPair::generate().context("no key can be made")?;
                write_private(key, new.serialize_pem().as_bytes())
                    .with_context(|| cannot("write", key))?;
                new
            }
            Err(error) => return Err(error).with_context(|| cannot("read", key)),
        };
        let pem = match fs::read_to_string(certificate) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let pem = own_params(Utc::now())?.self_signed(&key)?.pem();
                fs::write(certificate, &pem).with_context(|| cannot("write", certificate))?;
                pem
            }
            Err(error) => return Err(error).with_context(|| cannot("read", certificate)),
        };
        // Of its own parameters, an issuer uses those that never change.
        Ok(Self { issuer: Issuer::new(own_params(Utc::now())?, key), pem })
    }

    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for the partner's device.
    pub(super) fn device(
        &self,
        partner: &PartnerId,
        serial: &[u8],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> anyhow::Result<Credential> {
        let mut params = params(partner.as_str(), now, until)?;
        params.subject_alt_names = vec![SanType::URI(device_name(partner).try_into()?)];
        params.serial_number = Some(SerialNumber::from_slice(serial));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params)
    }

    /// A certificate for this server as the client of a broker. It names no device.
    pub(super) fn platform(
        &self,
        serial: &[u8],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> anyhow::Result<Credential> {
        let mut params = params(PLATFORM, now, until)?;
        params.serial_number = Some(SerialNumber::from_slice(serial));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params)
    }

    /// A certificate for the gateway or a broker, under names and addresses by which devices know
    /// it.
    pub(super) fn server(
        &self,
        names: Vec<String>,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> anyhow::Result<Credential> {
        let mut params = params("logistics gateway", now, until)?;
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> anyhow::Result<Credential> {
        let key = KeyPair::generate().context("no key can be made")?;
        let certificate = params.signed_by(&key, &self.issuer)?.pem();
        Ok(Credential { certificate, key: key.serialize_pem() })
    }
}

fn own_params(now: DateTime<Utc>) -> anyhow::Result<CertificateParams> {
    let mut params = params(NAME, now, now + AUTHORITY_LIFE)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn params(
    name: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> anyhow::Result<CertificateParams> {
    let time = |at: DateTime<Utc>| OffsetDateTime::from_unix_timestamp(at.timestamp());
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = time(now - CLOCKS_DIFFER)?;
    params.not_after = time(until)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}
