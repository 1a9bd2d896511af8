//! What can be asked of a shipment.

mod care;
mod carrier;
mod cash;
mod door;
mod network;
mod order;
mod record;
mod round;
mod rto;

pub use care::{DeclareDamaged, DeclareFound, DeclareLost, Hold, Release};
pub use carrier::{AllocateCarrier, HandOver, IngestCarrierEvent, RejectHandover};
pub use cash::{CollectCod, WaiveCod};
pub use door::{ConfirmDelivery, DeliverPartially, RecordAttempt};
pub use network::{ConfirmPickup, ScanInbound, ScanOutbound};
pub use order::{Cancel, CreateShipment, Reschedule};
pub use record::{
    ApproveRetraction, CloseDispute, EraseSubject, LiftLegalHold, OpenDispute, PlaceLegalHold,
    RetractEvent,
};
pub use round::{AssignToPartner, CancelReattempt, ScheduleReattempt, StartDelivery, Unassign};
pub use rto::{ConfirmRto, DepartRto, InitiateRto};
use serde::{Deserialize, Serialize};

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
    DeliverPartially "deliver_partially",
    ScheduleReattempt "schedule_reattempt",
    CancelReattempt "cancel_reattempt",
    CollectCod "collect_cod",
    WaiveCod "waive_cod",
    Reschedule "reschedule",
    Hold "hold",
    Release "release",
    AllocateCarrier "allocate_carrier",
    HandOver "hand_over",
    RejectHandover "reject_handover",
    IngestCarrierEvent "ingest_carrier_event",
    InitiateRto "initiate_rto",
    DepartRto "depart_rto",
    ConfirmRto "confirm_rto",
    Cancel "cancel",
    DeclareLost "declare_lost",
    DeclareDamaged "declare_damaged",
    DeclareFound "declare_found",
    RetractEvent "retract_event",
    ApproveRetraction "approve_retraction",
    PlaceLegalHold "place_legal_hold",
    LiftLegalHold "lift_legal_hold",
    OpenDispute "open_dispute",
    CloseDispute "close_dispute",
    EraseSubject "erase_subject",
}
