//! The forms in which devices and apps write their messages.

use serde::{Deserialize, Serialize};

use super::message::Message;
use super::payload::parse_payload;
use super::payload_error::PayloadError;
use super::{osmand, owntracks, traccar};
use crate::ids::PartnerId;

/// How a message is written. All forms are held to the same limits and end in the same
/// [`Reading`](super::Reading).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Form {
    /// The platform's own: see [`parse_payload`].
    #[default]
    Canonical,
    /// JSON of the app OwnTracks, over MQTT and HTTP.
    OwnTracks,
    /// The query of the OsmAnd protocol, which Traccar Client before version 9 speaks too.
    OsmAnd,
    /// JSON of Traccar Client from version 9 on.
    Traccar,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Canonical, Self::OwnTracks, Self::OsmAnd, Self::Traccar];

    /// A word for it that never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Canonical => "canonical",
            Self::OwnTracks => "owntracks",
            Self::OsmAnd => "osmand",
            Self::Traccar => "traccar",
        }
    }

    /// The form with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// Reads the message `payload` of `partner`'s device; `assumed_accuracy_m` takes the place of an
    /// accuracy that is not given.
    ///
    /// # Errors
    /// [`PayloadError`] when nothing of the message can be read. A fault of one fix is in its
    /// [`Item`](super::Item).
    pub fn parse<'a>(
        self,
        partner: &PartnerId,
        payload: &'a [u8],
        assumed_accuracy_m: f64,
    ) -> Result<Message<'a>, PayloadError> {
        match self {
            Self::Canonical => parse_payload(partner, payload, assumed_accuracy_m),
            Self::OwnTracks => owntracks::parse(partner, payload, assumed_accuracy_m),
            Self::OsmAnd => osmand::parse(partner, payload, assumed_accuracy_m),
            Self::Traccar => traccar::parse(partner, payload, assumed_accuracy_m),
        }
    }

    /// The partner whose device a message says it comes from, if it says. Nothing proves it.
    ///
    /// The canonical form names nobody; OwnTracks does by its topic
    /// ([`OwnTracksTopic::partner`](super::OwnTracksTopic::partner)), the others by the device's id.
    #[must_use]
    pub fn named_partner(self, payload: &[u8]) -> Option<String> {
        match self {
            Self::Canonical => None,
            Self::OwnTracks => owntracks::named(payload),
            Self::OsmAnd => osmand::named(payload),
            Self::Traccar => traccar::named(payload),
        }
    }
}
