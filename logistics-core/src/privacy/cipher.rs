//! The cryptography of this module and nothing else: a keyed digest and an authenticated cipher.
//!
//! A subject's key is used only as a key of HMAC-SHA-256 (RFC 2104), under a label for each use;
//! what encrypts and what digests are keys made that way. The cipher is XChaCha20-Poly1305
//! (draft-irtf-cfrg-xchacha-03).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Bytes of a nonce.
pub(super) const NONCE_BYTES: usize = 24;
/// Bytes by which a ciphertext is longer than its plaintext.
pub(super) const TAG_BYTES: usize = 16;
/// SHA-256 works on blocks of so many bytes.
const BLOCK_BYTES: usize = 64;

/// HMAC-SHA-256 under `key` over `label` and `parts`, each behind its length so that none can run
/// into the next.
pub(super) fn mac(key: &[u8; 32], label: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
    // A key shorter than a block counts as one that is filled up with zeros: RFC 2104, section 2.
    let mut block = [0; BLOCK_BYTES];
    block[..key.len()].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in [label.as_bytes()].iter().chain(parts) {
        mac.update(&length(part));
        mac.update(part);
    }
    mac
}

/// The 32 bytes of [`mac`].
pub(super) fn mac_bytes(key: &[u8; 32], label: &str, parts: &[&[u8]]) -> [u8; 32] {
    mac(key, label, parts).finalize().into_bytes().into()
}

/// `parts` as one text, each behind its length.
pub(super) fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().flat_map(|part| length(part).into_iter().chain(part.iter().copied())).collect()
}

fn length(part: &[u8]) -> [u8; 8] {
    u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes()
}

/// Ciphertext and tag; `None` where the plaintext is longer than the cipher takes (256 GB).
pub(super) fn encrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    plaintext: &[u8],
) -> Option<Vec<u8>> {
    let payload = Payload { msg: plaintext, aad };
    XChaCha20Poly1305::new(&(*key).into()).encrypt(&XNonce::from(*nonce), payload).ok()
}

/// The plaintext; `None` where key, nonce, ciphertext, tag or `aad` are not those of encryption.
pub(super) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    ciphertext: &[u8],
) -> Option<Vec<u8>> {
    let payload = Payload { msg: ciphertext, aad };
    XChaCha20Poly1305::new(&(*key).into()).decrypt(&XNonce::from(*nonce), payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        digits.chunks(2).map(|pair| byte(pair).unwrap()).collect()
    }

    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn the_cipher_gives_the_published_vector() {
        let plaintext = b"Ladies and Gentlemen of the class of '99: If I could offer you only one \
                          tip for the future, sunscreen would be it.";
        let aad = bytes("50515253c0c1c2c3c4c5c6c7");
        let key: [u8; 32] = std::array::from_fn(|i| 0x80 + u8::try_from(i).unwrap());
        let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + u8::try_from(i).unwrap());
        let expected = bytes(
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440b\
             f3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3f\
             ac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e\
             c0875924c1c7987947deafd8780acf49",
        );
        assert_eq!(encrypt(&key, &nonce, &aad, plaintext), Some(expected.clone()));
        assert_eq!(decrypt(&key, &nonce, &aad, &expected), Some(plaintext.to_vec()));
        assert_eq!(decrypt(&key, &nonce, &aad[1..], &expected), None);
    }

    /// RFC 4231, test case 1 has a key of 20 bytes; filled up with zeros to 32 it is the same key.
    #[test]
    fn the_digest_is_hmac_of_a_key_filled_up_with_zeros() {
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let mut block = [0; BLOCK_BYTES];
        block[..32].copy_from_slice(&key);
        let mut plain = <Hmac<Sha256> as KeyInit>::new(&block.into());
        plain.update(b"Hi There");
        let expected = bytes("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_eq!(plain.finalize().into_bytes().to_vec(), expected);
        // Ours frames what is digested.
        let mut framed = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap();
        framed.update(b"\0\0\0\0\0\0\0\x05label\0\0\0\0\0\0\0\x01a\0\0\0\0\0\0\0\0");
        let framed: [u8; 32] = framed.finalize().into_bytes().into();
        assert_eq!(mac_bytes(&key, "label", &[b"a", b""]), framed);
        assert_ne!(mac_bytes(&key, "label", &[b"", b"a"]), framed);
    }
}
