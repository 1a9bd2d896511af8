//! What can be asked of a shipment.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::destination::Destination;
use super::event::Proof;
use super::reason::AttemptReason;
use crate::ids::{ClientId, HubId, PartnerId, RunId, ShipmentId};
use crate::sla::Promise;
use crate::values::{GeoPosition, Money, Sha256Digest};

/// Takes an order in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateShipment {
    /// The shipment's id.
    pub id: ShipmentId,
    /// Whose order it is.
    pub client: ClientId,
    /// The client's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How many pieces it has, at least one.
    pub pieces: u32,
    /// Its weight, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<u32>,
    /// How much of a vehicle's capacity it takes, in capacity units, at least one.
    pub demand: u32,
    /// How long handing it over takes, in seconds.
    pub service_s: u32,
    /// Where it goes.
    pub destination: Destination,
    /// The hub that delivers it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubId>,
    /// When it was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
    /// The cash to collect on delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cod: Option<Money>,
    /// The digest of the customer's tracking token. The token itself is never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_token_hash: Option<Sha256Digest>,
}

/// Records that the shipment was taken over from the consignor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmPickup {
    /// The hub that it is bound for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubId>,
    /// Who took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Records that a hub scanned it in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanInbound {
    /// The hub.
    pub hub: HubId,
}

/// Records that a hub scanned it out to travel on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanOutbound {
    /// The hub.
    pub hub: HubId,
    /// The hub it is sent to, where known: an arrival elsewhere is then recorded as misrouted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<HubId>,
}

/// Gives it to a delivery partner for a day's round; to another partner, if it had one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignToPartner {
    /// The partner.
    pub partner: PartnerId,
    /// The local date of the round.
    pub date: NaiveDate,
    /// The version of the partner's manifest that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_version: Option<u32>,
    /// The dispatch run that chose the partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// Takes it out of a partner's round before the round starts; it stays at the hub.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Unassign {
    /// The dispatch run that dropped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// Records that the partner left with it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StartDelivery {
    /// Who reports it; the assigned partner when it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Records that it could not be handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordAttempt {
    /// Why.
    pub reason: AttemptReason,
    /// Who reports it; the assigned partner when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
}

/// Records that it was handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfirmDelivery {
    /// What shows that it was.
    pub proof: Proof,
    /// Who reports it; the assigned partner when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPosition>,
    /// The cash that was collected; exactly what is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cod_collected: Option<Money>,
}

/// Calls it off before it leaves for delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancel {
    /// Why, in a word or a sentence without personal data.
    pub reason: String,
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident $text:literal,)+) => {
        /// What can be asked of a shipment.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ShipmentCommand {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name),)+
        }

        /// A command without its content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CommandKind {
            $(#[doc = concat!("[`", stringify!($name), "`](super::", stringify!($name), ").")] $name,)+
        }

        impl CommandKind {
            /// All of them, in the order of a shipment's life.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name, such as `confirm_pickup`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }

        impl ShipmentCommand {
            /// Which command it is.
            #[must_use]
            pub const fn kind(&self) -> CommandKind {
                match self { $(Self::$name(_) => CommandKind::$name,)+ }
            }
        }

        $(impl From<$name> for ShipmentCommand {
            fn from(command: $name) -> Self {
                Self::$name(command)
            }
        })+
    };
}

commands! {
    CreateShipment "create_shipment",
    ConfirmPickup "confirm_pickup",
    ScanInbound "scan_inbound",
    ScanOutbound "scan_outbound",
    AssignToPartner "assign_to_partner",
    Unassign "unassign",
    StartDelivery "start_delivery",
    RecordAttempt "record_attempt",
    ConfirmDelivery "confirm_delivery",
    Cancel "cancel",
}
