//! One day of a delivery partner's work: its start and end, the zone borders that it crossed, and
//! when it fell silent or left its route.

mod command;
mod decide;
mod event;
mod policy;
mod rejection;
mod state;
mod table;

pub use command::{
    EndShift, RecordCrossing, ReportBackOnRoute, ReportHeard, ReportOffRoute, ReportSilence,
    ShiftCommand, ShiftCommandKind, StartShift,
};
pub use decide::{PartnerShift, ZONES_MAX};
pub use event::{
    GeofenceBreached, PartnerBackOnRoute, PartnerHeard, PartnerSilent, PartnerWentOffRoute,
    ShiftEnded, ShiftEvent, ShiftStarted,
};
pub use policy::ShiftPolicy;
pub use rejection::ShiftRejection;
pub use state::{ShiftPhase, ShiftState};
pub use table::TABLE;
