//! The manifest: a partner's round on a day, stop by stop.
//!
//! One [`Manifest`] per partner and local date. A later dispatch run revises it, a supervisor may
//! override it with a justification; every change raises its version and publishes it to the
//! partner's device as a [`ManifestDocument`].

mod command;
mod decide;
mod document;
mod event;
mod notice;
mod rejection;
mod state;
mod stop;
mod table;

pub use command::{
    JUSTIFICATION_BYTES_MAX, JUSTIFICATION_CHARS_MIN, ManifestCommand, ManifestCommandKind,
    OverrideManifest, PlanManifest,
};
pub use decide::{Manifest, ManifestPolicy, OVERRIDDEN_KIND, PUBLISH_KIND};
pub use document::{ManifestDocument, ManifestDocumentStop};
pub use event::{ManifestEvent, ManifestOverridden, ManifestPlanned, OverrideReason};
pub use notice::OverrideNotice;
pub use rejection::ManifestRejection;
pub use state::{ManifestPhase, ManifestState, Round};
pub use stop::{DOUBT_BYTES_MAX, DOUBTS_MAX, STOPS_MAX, Stop, TimeWindow};
pub use table::TABLE;

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
