//! Why a command to a manifest is refused.

use super::command::{JUSTIFICATION_BYTES_MAX, JUSTIFICATION_CHARS_MIN};
use super::stop::{DOUBT_BYTES_MAX, DOUBTS_MAX, STOPS_MAX};
use crate::eventsourcing::PAYLOAD_BYTES_MAX;
use crate::ids::ShipmentId;

/// Why a command to a manifest is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestRejection {
    /// There is no manifest to change: plan it.
    #[error("the manifest is not planned")]
    NotPlanned,
    /// The manifest is that of another partner or date.
    #[error("the manifest is that of {expected}, not of {found}")]
    WrongRound {
        /// `{partner}/{date}` of the manifest.
        expected: String,
        /// `{partner}/{date}` of the command.
        found: String,
    },
    /// A shipment is in the round twice.
    #[error("shipment {shipment} is in the round twice")]
    DuplicateStop {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// A stop is left before it is reached.
    #[error("shipment {shipment} is left before it is reached")]
    StopTimes {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// More stops than [`STOPS_MAX`]: share them between partners.
    #[error("{found} stops, more than {STOPS_MAX}")]
    TooManyStops {
        /// How many.
        found: usize,
    },
    /// More doubts than [`DOUBTS_MAX`], or one longer than [`DOUBT_BYTES_MAX`].
    #[error("more than {DOUBTS_MAX} doubts, or one of more than {DOUBT_BYTES_MAX} bytes")]
    Doubts,
    /// The manifest is too long to be sent: use shorter ids or fewer stops.
    #[error("the manifest has {bytes} bytes, more than {PAYLOAD_BYTES_MAX}")]
    TooLarge {
        /// Its length as JSON.
        bytes: usize,
    },
    /// The justification says too little or too much.
    #[error(
        "a justification needs at least {JUSTIFICATION_CHARS_MIN} characters and at most \
         {JUSTIFICATION_BYTES_MAX} bytes; this one has {chars} characters"
    )]
    Justification {
        /// Its length without surrounding space.
        chars: usize,
    },
}

impl ManifestRejection {
    /// A stable word for the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPlanned => "unknown_manifest",
            Self::WrongRound { .. } => "wrong_round",
            Self::DuplicateStop { .. } => "duplicate_stop",
            Self::StopTimes { .. } => "stop_times",
            Self::TooManyStops { .. } => "too_many_stops",
            Self::Doubts => "doubts",
            Self::TooLarge { .. } => "too_large",
            Self::Justification { .. } => "justification",
        }
    }

    /// The field of the command that is to blame; none when it only comes at the wrong time.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::DuplicateStop { .. }
            | Self::TooManyStops { .. }
            | Self::StopTimes { .. }
            | Self::TooLarge { .. } => Some("stops"),
            Self::Doubts => Some("doubts"),
            Self::Justification { .. } => Some("justification"),
            Self::NotPlanned | Self::WrongRound { .. } => None,
        }
    }
}
