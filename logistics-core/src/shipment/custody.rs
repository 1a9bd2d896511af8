//! Who has a shipment in hand.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{CarrierId, HubId, PartnerId};

/// Who has a shipment in hand, and answers for it: always one, and never two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "holder", content = "id", rename_all = "snake_case")]
pub enum Custody {
    /// Whoever sends it.
    #[default]
    Consignor,
    /// The hub that scanned it last, also while it travels to another.
    Hub(HubId),
    /// A partner; none where whoever collected it was not named.
    Partner(Option<PartnerId>),
    /// Another carrier.
    Carrier(CarrierId),
    /// Whoever it was sent to.
    Consignee,
    /// Nobody knows.
    Lost,
}

impl fmt::Display for Custody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Consignor => f.write_str("the consignor"),
            Self::Hub(hub) => write!(f, "hub {hub}"),
            Self::Partner(Some(partner)) => write!(f, "partner {partner}"),
            Self::Partner(None) => f.write_str("a partner"),
            Self::Carrier(carrier) => write!(f, "carrier {carrier}"),
            Self::Consignee => f.write_str("the consignee"),
            Self::Lost => f.write_str("nobody that is known"),
        }
    }
}
