//! The port for the partners' last presence.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::{PartnerId, ZoneId};
use logistics_core::telemetry::{Presence, PresenceStore};
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{all, execute};
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, micros, micros_up, text, time};

#[async_trait]
impl PresenceStore for SqliteStore {
    async fn note(&self, presences: &[Presence]) -> Result<(), StoreError> {
        if presences.is_empty() {
            return Ok(());
        }
        self.write("note where partners are", Note(presences.to_vec())).await
    }

    async fn silent(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<Presence>, StoreError> {
        const SILENT: &str = "SELECT partner, last_seen, zone, on_shift FROM presences
             WHERE on_shift = 1 AND last_seen < ? ORDER BY last_seen, partner LIMIT ?";
        let params = (micros_up(before), limit);
        self.read("look for silent partners", move |db| all(db, SILENT, params, presence)).await
    }

    async fn in_zone(
        &self,
        zone: &ZoneId,
        after: Option<&PartnerId>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError> {
        const IN_ZONE: &str = "SELECT partner, last_seen, zone, on_shift FROM presences
                               WHERE zone = ? AND partner > ? ORDER BY partner LIMIT ?";
        let (zone, after) = (zone.clone(), after.cloned());
        self.read("look for the partners in a zone", move |db| {
            // No id is empty: all are behind it.
            let after = after.as_ref().map_or("", PartnerId::as_str);
            all(db, IN_ZONE, params![zone.as_str(), after, limit], presence)
        })
        .await
    }
}

fn presence(row: &Row<'_>) -> SqlResult<Presence> {
    let zone = row.get_ref(2)?.as_str_or_null()?;
    Ok(Presence {
        partner: PartnerId::new(text(row, 0)?).map_err(corrupt)?,
        last_seen: time(row, 1)?,
        zone: zone.map(ZoneId::new).transpose().map_err(corrupt)?,
        on_shift: row.get(3)?,
    })
}

struct Note(Vec<Presence>);

impl Work for Note {
    type Output = ();

    fn run(&self, db: &Connection) -> SqlResult<()> {
        for presence in &self.0 {
            execute(
                db,
                "INSERT INTO presences (partner, last_seen, zone, on_shift) VALUES (?, ?, ?, ?)
                 ON CONFLICT DO UPDATE
                 SET last_seen = excluded.last_seen, zone = excluded.zone,
                     on_shift = excluded.on_shift
                 WHERE excluded.last_seen >= last_seen",
                params![
                    presence.partner.as_str(),
                    micros(presence.last_seen),
                    presence.zone.as_ref().map(ZoneId::as_str),
                    presence.on_shift,
                ],
            )?;
        }
        Ok(())
    }
}
