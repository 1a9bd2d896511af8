//! Who a verified certificate says its bearer is.

use std::fmt::Write as _;

use tokio_rustls::rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use super::name::partner_named;
use crate::host::ConnectionIdentity;

/// Why a certificate that an authority has signed names no device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// It cannot be parsed.
    #[error("the certificate is malformed")]
    Malformed,
    /// It bears no URI, or several: exactly one is to say whose device it is.
    #[error("the certificate bears {count} names of devices and not one")]
    NotOneName {
        /// How many URIs it bears.
        count: usize,
    },
    /// Its URI is none that [`device_name`](super::device_name) makes.
    #[error("the certificate's name is none of a device")]
    NoDevice,
}

/// Reads a leaf certificate that rustls has verified.
pub(crate) fn identity(leaf: &CertificateDer<'_>) -> Result<ConnectionIdentity, IdentityError> {
    let leaf = EndEntityCert::try_from(leaf).map_err(|_| IdentityError::Malformed)?;
    let names: Vec<&str> = leaf.valid_uri_names().collect();
    let [name] = names[..] else { return Err(IdentityError::NotOneName { count: names.len() }) };
    let partner = partner_named(name).ok_or(IdentityError::NoDevice)?;
    Ok(ConnectionIdentity { partner, serial: hex(leaf.serial()).into() })
}

/// Lower case, two digits a byte, without the zero bytes that keep DER integers positive.
fn hex(serial: &[u8]) -> String {
    let zeros = serial.iter().take_while(|&&byte| byte == 0).count();
    serial[zeros..].iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
