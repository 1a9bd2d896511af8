//! Where a shipment stands in its life.

use serde::{Deserialize, Serialize};

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
    /// Another carrier has it, for delivery.
    WithCarrier "with_carrier",
    /// It is to go back to the consignor.
    RtoPending "rto_pending",
    /// It is on its way back to the consignor.
    RtoInTransit "rto_in_transit",
    /// It was handed over. The end.
    Delivered "delivered",
    /// It was called off. The end.
    Cancelled "cancelled",
    /// The consignor has it back. The end.
    RtoDelivered "rto_delivered",
    /// Nobody knows where it is. The end, unless it is found.
    Lost "lost",
    /// It cannot be delivered as it is. The end.
    Damaged "damaged",
}

impl Phase {
    /// Whether its life has ended. Only finding what was lost, and correcting the record, lead out of
    /// such a phase.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Delivered | Self::Cancelled | Self::RtoDelivered | Self::Lost | Self::Damaged
        )
    }

    /// Whether it is there and its life has not ended.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !self.is_terminal() && !matches!(self, Self::Unknown)
    }
}
