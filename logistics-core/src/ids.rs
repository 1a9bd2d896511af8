//! Validated identifiers: each kind of thing has its own type, so none can stand in for another.
//!
//! Ids end up in storage keys (`SHP#{id}`) and, for partners, in MQTT topics. What would let an id
//! reach into a neighbouring key or topic is refused when the id is made, once.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Longest id accepted, in bytes of UTF-8.
pub const ID_BYTES_MAX: usize = 128;

/// Why a text is not an id.
///
/// `kind` is the id's type name, such as `ShipmentId`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text is empty: give the id at least one character.
    #[error("{kind} is empty")]
    Empty {
        /// The id's type name.
        kind: &'static str,
    },
    /// The text is longer than its kind of id may be: shorten it, or hash it first.
    #[error("{kind} has {bytes} bytes, more than {bytes_max}")]
    TooLong {
        /// The id's type name.
        kind: &'static str,
        /// The text's length in bytes.
        bytes: usize,
        /// The most that is accepted.
        bytes_max: usize,
    },
    /// A character that could smuggle the id into another key or topic: replace it.
    #[error("{kind} holds {found:?} at byte {at}, which is not allowed in it")]
    Forbidden {
        /// The id's type name.
        kind: &'static str,
        /// The first refused character.
        found: char,
        /// Its byte offset.
        at: usize,
    },
}

fn validate(
    kind: &'static str,
    text: &str,
    refused: fn(&str) -> Option<(usize, char)>,
) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { kind });
    }
    if text.len() > ID_BYTES_MAX {
        return Err(IdError::TooLong { kind, bytes: text.len(), bytes_max: ID_BYTES_MAX });
    }
    match refused(text) {
        Some((at, found)) => Err(IdError::Forbidden { kind, found, at }),
        None => Ok(()),
    }
}

/// `#` separates the parts of a storage key.
pub(crate) fn key_breaking(text: &str) -> Option<(usize, char)> {
    // Nearly all ids are printable ASCII, and many are checked for each event that is read.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'#') {
        return None;
    }
    text.char_indices().find(|&(_, c)| c.is_control() || c == '#')
}

/// `/` separates topic levels, `+` and `#` are topic wildcards.
fn topic_breaking(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|&(_, c)| c.is_control() || matches!(c, '#' | '/' | '+'))
}

/// As [`key_breaking`], but a zone without an id of its own is called `#` and its place in the
/// zone file: a fixed form, with which nothing can be smuggled.
fn zone_breaking(text: &str) -> Option<(usize, char)> {
    match text.strip_prefix('#') {
        Some(place) if !place.is_empty() && place.bytes().all(|b| b.is_ascii_digit()) => None,
        _ => key_breaking(text),
    }
}

/// Shared by its clones: an id is copied far more often than made.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $refused:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "Cow<'_, str>", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks `text` and makes it an id.
            ///
            /// # Errors
            /// [`IdError`] when it is empty, too long, or holds a character that ids may not hold.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                let text = text.as_ref();
                validate(stringify!($name), text, $refused)?;
                Ok(Self(text.into()))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), &self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<Cow<'_, str>> for $name {
            type Error = IdError;

            fn try_from(text: Cow<'_, str>) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }
    };
}

id! {
    /// One shipment, from consignor to consignee.
    ShipmentId, key_breaking
}
id! {
    /// One delivery partner; part of its device's MQTT topics, so `/` and `+` are refused too.
    PartnerId, topic_breaking
}
id! {
    /// One delivery zone of a city. `relation/7848799` is legal, and so is `#7`: the zone at
    /// index 7 of a file whose zones have no ids.
    ZoneId, zone_breaking
}
id! {
    /// One city: the unit in which zones are published.
    CityId, topic_breaking
}
id! {
    /// One sorting hub or micro-fulfilment centre.
    HubId, key_breaking
}
id! {
    /// One bag: what holds shipments between hubs.
    BagId, key_breaking
}
id! {
    /// The number printed on a seal.
    SealNumber, key_breaking
}
id! {
    /// One business client, the consignor's account.
    ClientId, key_breaking
}
id! {
    /// One carrier that takes shipments over.
    CarrierId, key_breaking
}
id! {
    /// A carrier's own name for a shipment that it has. Carriers use one again on the way back.
    Waybill, key_breaking
}
id! {
    /// One person whose data is sealed: a consignee, a sender, a delivery partner. A pseudonym; what
    /// it stands for is known only under the subject's key.
    SubjectId, key_breaking
}
id! {
    /// One run of the dispatcher.
    RunId, topic_breaking
}
id! {
    /// One command as its sender named it: resending it under the same id changes nothing.
    CommandId, key_breaking
}
id! {
    /// What one request or message caused, end to end.
    CorrelationId, key_breaking
}
id! {
    /// One effect waiting in the outbox; receivers drop a second delivery by it.
    EffectId, key_breaking
}

impl CommandId {
    /// The id of a command that follows from something else, such as an event: a digest of what
    /// it follows from, so that deriving it again gives the same id.
    #[must_use]
    pub fn derived(parts: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            // With its length: ("ab", "c") must differ from ("a", "bc").
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
        let hex = hasher.finalize().into_iter().take(16).map(|byte| format!("{byte:02x}"));
        Self(hex.collect::<String>().into())
    }
}

impl From<&CommandId> for CorrelationId {
    /// Whatever a command causes can be found under the command's own id.
    fn from(command: &CommandId) -> Self {
        Self(Arc::clone(&command.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_keys_or_topics_is_refused() {
        let forbidden =
            |found, at| Err::<(), _>(IdError::Forbidden { kind: "PartnerId", found, at });
        for (text, found, at) in
            [("a#b", '#', 1), ("dp/7", '/', 2), ("+", '+', 0), ("dp\n", '\n', 2), ("\0", '\0', 0)]
        {
            assert_eq!(PartnerId::new(text).map(drop), forbidden(found, at), "{text:?}");
        }
        assert!(ZoneId::new("relation/7848799").is_ok());
        assert!(ZoneId::new("#12").is_ok());
        for text in ["#", "#1#", "#x", "a#1"] {
            assert!(ZoneId::new(text).is_err(), "{text:?}");
        }
        assert!(ShipmentId::new("SHP#1").is_err());
    }

    #[test]
    fn length_is_limited_in_bytes() {
        assert_eq!(HubId::new(""), Err(IdError::Empty { kind: "HubId" }));
        assert!(HubId::new("x".repeat(ID_BYTES_MAX)).is_ok());
        assert_eq!(
            HubId::new("é".repeat(65)),
            Err(IdError::TooLong { kind: "HubId", bytes: 130, bytes_max: ID_BYTES_MAX })
        );
    }

    #[test]
    fn derived_ids_tell_their_parts_apart() {
        let id = CommandId::derived(&["ab", "c"]);
        assert_eq!(id, CommandId::derived(&["ab", "c"]));
        assert_eq!(CommandId::new(id.as_str()).as_ref(), Ok(&id));
        for other in [&["a", "bc"][..], &["abc"], &["ab", "c", ""], &["c", "ab"]] {
            assert_ne!(id, CommandId::derived(other), "{other:?}");
        }
    }

    #[test]
    fn json_is_checked_like_any_other_text() {
        assert!(serde_json::from_str::<PartnerId>(r#""DP-1""#).is_ok());
        let err = serde_json::from_str::<PartnerId>(r#""a/b""#).expect_err("refused");
        assert!(err.to_string().contains("PartnerId holds '/' at byte 1"), "{err}");
    }
}
