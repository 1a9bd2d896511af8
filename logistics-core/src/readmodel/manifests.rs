//! The current manifest of each partner and date.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::eventsourcing::{IndexEntry, Projection, RecordedEvent, StreamId};
use crate::manifest::{self, ManifestEvent, Round};

/// The current manifest of one partner and date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestRow {
    /// The round.
    #[serde(flatten)]
    pub round: Round,
    /// When it was planned or changed last.
    pub updated_at: DateTime<Utc>,
}

/// The current manifests. Indexes: `date` (sorted by partner), `partner` (sorted by date).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifests;

impl Projection for Manifests {
    const NAME: &'static str = "manifests";
    const REVISION: u16 = 2;
    type Row = ManifestRow;
    type Event = ManifestEvent;

    fn key(stream: &StreamId) -> Option<String> {
        (stream.category() == manifest::CATEGORY).then(|| stream.id().to_owned())
    }

    fn apply(
        row: Option<ManifestRow>,
        decoded: ManifestEvent,
        event: &RecordedEvent,
    ) -> ManifestRow {
        let round = Round::after(row.map(|row| row.round), &decoded);
        ManifestRow { round, updated_at: event.event.recorded_at }
    }

    fn indexes(row: &ManifestRow) -> Vec<IndexEntry> {
        let (partner, date) = (row.round.partner.as_str(), row.round.date.to_string());
        vec![
            IndexEntry::new("date", date.as_str(), partner),
            IndexEntry::new("partner", partner, date.as_str()),
        ]
    }
}
