//! The manifest: a partner's round on a day, stop by stop.
//!
//! One [`Manifest`] per partner and local date. A later dispatch run revises it, a supervisor may
//! override it with a justification; every change raises its version and publishes it to the
//! partner's device as a [`ManifestDocument`].

mod decide;
mod document;
mod event;
mod stop;

pub use decide::{
    JUSTIFICATION_BYTES_MAX, JUSTIFICATION_CHARS_MIN, Manifest, ManifestCommand, ManifestPolicy,
    ManifestRejection, ManifestState, OverrideManifest, PUBLISH_KIND, PlanManifest, Round,
};
pub use document::{ManifestDocument, ManifestDocumentStop};
pub use event::{ManifestEvent, ManifestOverridden, ManifestPlanned, OverrideReason};
pub use stop::{DOUBT_BYTES_MAX, DOUBTS_MAX, STOPS_MAX, Stop, TimeWindow};

use chrono::NaiveDate;

use crate::eventsourcing::StreamId;
use crate::ids::PartnerId;
use crate::partner::day_id;

/// The category of manifest streams.
pub const CATEGORY: &str = "MFT";

/// The stream of a partner's manifest on a local date: `MFT#{partner}/{date}`.
#[must_use]
pub fn manifest_stream(partner: &PartnerId, date: NaiveDate) -> StreamId {
    StreamId::of(CATEGORY, &day_id(partner, date))
}
