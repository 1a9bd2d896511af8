//! Why a command to a bag is refused.

use super::command::BagCommandKind;
use super::decide::BAG_SHIPMENTS_MAX;
use super::state::BagPhase;
use super::table::TABLE;
use crate::ids::ShipmentId;
use crate::shipment::PIECES_MAX;

/// Why a command to a bag is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BagRejection {
    /// The command is not legal in this phase: see the message for what is.
    #[error("{}", TABLE.explain(*.phase, *.command))]
    IllegalTransition {
        /// Where the bag stands.
        phase: BagPhase,
        /// What was asked.
        command: BagCommandKind,
    },
    /// The shipment is not in the bag.
    #[error("shipment {shipment} is not in the bag")]
    NotInBag {
        /// The shipment.
        shipment: ShipmentId,
    },
    /// The bag holds [`BAG_SHIPMENTS_MAX`] shipments: open another.
    #[error("the bag holds {BAG_SHIPMENTS_MAX} shipments, and no more go in")]
    Full,
    /// The number of pieces is none or too large.
    #[error("pieces is {found}, not within 1 and {PIECES_MAX}")]
    Pieces {
        /// What was given.
        found: u32,
    },
}

impl BagRejection {
    /// A stable word for the reason, such as `bag_not_open`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::IllegalTransition { phase, command } => transition_code(*phase, *command),
            Self::NotInBag { .. } => "not_in_bag",
            Self::Full => "bag_full",
            Self::Pieces { .. } => "out_of_range",
        }
    }

    /// The field of the command that is to blame, where one is.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotInBag { .. } => Some("shipment"),
            Self::Pieces { .. } => Some("pieces"),
            Self::IllegalTransition { .. } | Self::Full => None,
        }
    }
}

/// Says what is missing for the command, or why nothing can be done any more.
const fn transition_code(phase: BagPhase, command: BagCommandKind) -> &'static str {
    match (phase, command) {
        (_, BagCommandKind::Open) => "bag_already_opened",
        (BagPhase::Unknown, _) => "unknown_bag",
        (BagPhase::Closed, _) => "bag_closed",
        (BagPhase::Open, _) => "bag_not_sealed",
        (BagPhase::Sealed | BagPhase::InTransit, _) => "bag_not_open",
    }
}
