//! Delivery partners: who they are, and their shift on a day.
//!
//! [`Partner`] is what a partner is registered with; [`PartnerShift`] is one day of work and owns
//! the crossings of zone borders, silences and detours. Positions between them are not events: see
//! [`telemetry`](crate::telemetry).

mod profile;
mod shift;

pub use profile::{
    CAPACITY_MAX, NAME_BYTES_MAX, Partner, PartnerCommand, PartnerEvent, PartnerPolicy,
    PartnerProfile, PartnerRegistered, PartnerRejection, PartnerState, PartnerUpdated,
    RegisterPartner, SHIFT_HOURS_MAX, ShiftHours, UpdatePartner, Vehicle,
};
pub use shift::{
    EndShift, GeofenceBreached, PartnerBackOnRoute, PartnerHeard, PartnerShift, PartnerSilent,
    PartnerWentOffRoute, RecordCrossing, ReportBackOnRoute, ReportHeard, ReportOffRoute,
    ReportSilence, ShiftCommand, ShiftCommandKind, ShiftEnded, ShiftEvent, ShiftPhase, ShiftPolicy,
    ShiftRejection, ShiftStarted, ShiftState, StartShift, TABLE as SHIFT_TABLE, ZONES_MAX,
};

use chrono::NaiveDate;

use crate::eventsourcing::StreamId;
use crate::ids::PartnerId;

/// The category of partner streams.
pub const PARTNER_CATEGORY: &str = "DPR";
/// The category of shift streams.
pub const SHIFT_CATEGORY: &str = "SHF";

/// The stream of what a partner is registered with.
#[must_use]
pub fn partner_stream(partner: &PartnerId) -> StreamId {
    StreamId::of(PARTNER_CATEGORY, partner.as_str())
}

/// The stream of a partner's shift on a local date: `SHF#{partner}/{date}`.
#[must_use]
pub fn shift_stream(partner: &PartnerId, date: NaiveDate) -> StreamId {
    StreamId::of(SHIFT_CATEGORY, &day_id(partner, date))
}

/// `{partner}/{date}`: partner ids hold no `/`.
pub(crate) fn day_id(partner: &PartnerId, date: NaiveDate) -> String {
    format!("{partner}/{date}")
}
