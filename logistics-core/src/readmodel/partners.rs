//! The list of registered partners. Where they are is not here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::eventsourcing::{IndexEntry, Projection, RecordedEvent, StreamId};
use crate::ids::PartnerId;
use crate::partner::{
    PARTNER_CATEGORY, PartnerEvent, PartnerProfile, PartnerRegistered, PartnerUpdated,
};

/// One registered partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerRow {
    /// The partner.
    pub id: PartnerId,
    /// What it is registered with.
    pub profile: PartnerProfile,
    /// The version of its stream.
    pub version: u64,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// When that was changed last.
    pub updated_at: DateTime<Utc>,
}

/// The registered partners. Index `all` (partition `all`), sorted by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partners;

impl Projection for Partners {
    const NAME: &'static str = "partners";
    const REVISION: u16 = 1;
    type Row = PartnerRow;
    type Event = PartnerEvent;

    fn key(stream: &StreamId) -> Option<String> {
        (stream.category() == PARTNER_CATEGORY).then(|| stream.id().to_owned())
    }

    fn apply(row: Option<PartnerRow>, decoded: PartnerEvent, event: &RecordedEvent) -> PartnerRow {
        let (PartnerEvent::PartnerRegistered(PartnerRegistered { partner, profile })
        | PartnerEvent::PartnerUpdated(PartnerUpdated { partner, profile })) = decoded;
        let recorded_at = event.event.recorded_at;
        PartnerRow {
            id: partner,
            profile,
            version: event.version.get(),
            registered_at: row.map_or(recorded_at, |row| row.registered_at),
            updated_at: recorded_at,
        }
    }

    fn indexes(row: &PartnerRow) -> Vec<IndexEntry> {
        vec![IndexEntry::new("all", "all", row.id.as_str())]
    }
}
