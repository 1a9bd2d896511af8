//! What is known of a shipment after folding its events.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::event::ShipmentCreated;
use super::reason::AttemptReason;
use crate::ids::{HubId, PartnerId};

macro_rules! phases {
    ($($(#[$doc:meta])* $name:ident $text:literal,)+) => {
        /// Where a shipment stands in its life.
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Phase {
            /// There is no such shipment yet.
            #[default]
            #[serde(rename = "unknown")]
            Unknown,
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl Phase {
            /// All of them, in the order of a shipment's life.
            pub const ALL: &'static [Self] = &[Self::Unknown, $(Self::$name),+];

            /// Its stable name, such as `out_for_delivery`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { Self::Unknown => "unknown", $(Self::$name => $text,)+ }
            }

            /// The phase with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|phase| phase.as_str() == name)
            }
        }
    };
}

phases! {
    /// The order is taken in; the consignor still has it.
    Created "created",
    /// It was taken over from the consignor.
    PickedUp "picked_up",
    /// It travels between hubs.
    InTransit "in_transit",
    /// It lies at a hub.
    AtHub "at_hub",
    /// It lies at a hub and belongs to a partner's round.
    Assigned "assigned",
    /// The partner has it on board.
    OutForDelivery "out_for_delivery",
    /// The partner could not hand it over and still has it.
    AttemptFailed "attempt_failed",
    /// It was handed over. The end.
    Delivered "delivered",
    /// It was called off. The end.
    Cancelled "cancelled",
}

impl Phase {
    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Delivered | Self::Cancelled)
    }
}

/// What is known of a shipment after folding its events.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShipmentState {
    /// Where it stands.
    pub phase: Phase,
    /// The order as it was taken in; none before that.
    pub order: Option<Box<ShipmentCreated>>,
    /// The hub it was last scanned at.
    pub hub: Option<HubId>,
    /// The hub it is expected at: where it lies, or where it was sent.
    pub expected_hub: Option<HubId>,
    /// The partner whose round it belongs to, or who delivered it.
    pub partner: Option<PartnerId>,
    /// The local date of that round.
    pub date: Option<NaiveDate>,
    /// The number of the attempt that began last; 0 before the first.
    pub attempts: u32,
    /// How many failed attempts count against the most that the policy allows.
    pub counted_attempts: u32,
    /// Why the last attempt failed, while that stands.
    pub last_reason: Option<AttemptReason>,
    /// Until when a late report of a delivery may overrule the failed attempt.
    pub late_report_until: Option<DateTime<Utc>>,
    /// The delivery was reported after its attempt had been recorded as failed.
    pub late_report: bool,
}
