//! Making ids: the server is where randomness and clock enter.

use hmac::{Hmac, KeyInit as _, Mac as _};
use logistics_core::ids::IdError;
use sha2::{Digest as _, Sha256};

/// A new id: a UUID of version 7, so that ids sort by time.
///
/// `make` is the constructor of the id; a UUID is legal in every kind of id.
#[expect(clippy::expect_used, reason = "36 hex digits and dashes are legal in every id")]
pub(crate) fn fresh<T>(make: fn(String) -> Result<T, IdError>) -> T {
    make(uuid::Uuid::now_v7().to_string()).expect("a UUID is a legal id")
}

/// An id that the same parts always give again.
#[expect(clippy::expect_used, reason = "32 hex digits are legal in every id")]
pub(crate) fn derived<T>(make: fn(String) -> Result<T, IdError>, parts: &[&str]) -> T {
    make(digest_hex(parts)).expect("hex digits are a legal id")
}

fn digest_hex(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    hex(&hasher.finalize()[..16])
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a text, in hex: how secrets are kept.
pub(crate) fn sha256_hex(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// The server's own secret, from which tracking tokens are made.
#[derive(Clone)]
pub(crate) struct Secret([u8; 32]);

impl Secret {
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The tracking token of a shipment: 128 bits that nobody without the secret can guess, and
    /// that a resent order gets again. Only its hash is stored.
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    pub(crate) fn tracking_token(&self, shipment: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any key length");
        mac.update(b"tracking\0");
        mac.update(shipment.as_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use logistics_core::CommandId;

    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let id = |parts: &[&str]| derived(CommandId::new, parts);
        assert_ne!(id(&["ab", "c"]), id(&["a", "bc"]));
        assert_eq!(id(&["ab", "c"]), id(&["ab", "c"]));
    }

    #[test]
    fn tokens_depend_on_secret_and_shipment() {
        let (one, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
        assert_eq!(one.tracking_token("S").len(), 32);
        assert_ne!(one.tracking_token("S"), other.tracking_token("S"));
        assert_ne!(one.tracking_token("S"), one.tracking_token("T"));
    }
}
