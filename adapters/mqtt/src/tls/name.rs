//! The name that a device's certificate bears: `urn:logistics:dp:{partner}`.

use logistics_core::PartnerId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What the name of every device begins with.
pub const NAME_PREFIX: &str = "urn:logistics:dp:";

/// What RFC 3986 does not call unreserved is written as `%XX`: a certificate's URI is ASCII.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The URI that the certificate of the partner's device bears as its subject alternative name.
///
/// ```
/// use logistics_core::PartnerId;
/// use logistics_mqtt::tls::device_name;
///
/// let partner = PartnerId::new("DP-7").unwrap();
/// assert_eq!(device_name(&partner), "urn:logistics:dp:DP-7");
/// ```
#[must_use]
pub fn device_name(partner: &PartnerId) -> String {
    format!("{NAME_PREFIX}{}", utf8_percent_encode(partner.as_str(), ESCAPED))
}

/// Whose device the URI names; `None` when it names none, or is not spelt as [`device_name`]
/// spells it.
#[must_use]
pub fn partner_named(uri: &str) -> Option<PartnerId> {
    let id = percent_decode_str(uri.strip_prefix(NAME_PREFIX)?).decode_utf8().ok()?;
    PartnerId::new(id).ok().filter(|partner| device_name(partner) == uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_names_name_nobody() {
        for uri in [
            "",
            "urn:logistics:dp:",
            "urn:logistics:hub:DP-1",
            "URN:logistics:dp:DP-1",
            "urn:logistics:dp:DP 1",
            "urn:logistics:dp:DP%2F1",
            "urn:logistics:dp:%44P-1",
            "urn:logistics:dp:%ff",
        ] {
            assert_eq!(partner_named(uri), None, "{uri:?}");
        }
    }

    proptest! {
        #[test]
        fn a_name_reads_back_and_is_ascii(id in "[^/+#\\p{Cc}]{1,20}") {
            let partner = PartnerId::new(id)?;
            let name = device_name(&partner);
            prop_assert!(name.is_ascii());
            prop_assert_eq!(partner_named(&name), Some(partner));
        }
    }
}
