//! The day routes' port.

use async_trait::async_trait;
use chrono::NaiveDate;
use logistics_core::eventsourcing::StoreError;
use logistics_core::privacy::Pseudonym;
use logistics_core::telemetry::{DayRoute, DayRoutes};
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{execute, optional};
use super::store::SqliteStore;
use super::values::{SqlResult, corrupt, int, unfit};

#[async_trait]
impl DayRoutes for SqliteStore {
    async fn keep(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
        route: &DayRoute,
    ) -> Result<bool, StoreError> {
        let (pseudonym, day) = (whose.as_str().to_owned(), day.to_string());
        self.write("keep a day's route", Keep { pseudonym, day, route: route.clone() }).await
    }

    async fn of_day(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
    ) -> Result<Option<DayRoute>, StoreError> {
        const OF_DAY: &str = "SELECT body FROM day_routes WHERE pseudonym = ? AND day = ?";
        let key = [whose.as_str().to_owned(), day.to_string()];
        self.read("read a day's route", move |db| optional(db, OF_DAY, key, route)).await
    }
}

fn route(row: &Row<'_>) -> SqlResult<DayRoute> {
    serde_json::from_str(&row.get::<_, String>(0)?).map_err(corrupt)
}

struct Keep {
    pseudonym: String,
    day: String,
    route: DayRoute,
}

impl Work for Keep {
    type Output = bool;

    fn run(&self, db: &Connection) -> SqlResult<bool> {
        let body = serde_json::to_string(&self.route).map_err(unfit)?;
        let changed = execute(
            db,
            "INSERT INTO day_routes (pseudonym, day, fixes, body) VALUES (?, ?, ?, ?)
             ON CONFLICT (pseudonym, day) DO UPDATE SET fixes = excluded.fixes, body = excluded.body
             WHERE day_routes.fixes <= excluded.fixes",
            params![self.pseudonym, self.day, int(self.route.fixes), body],
        )?;
        Ok(changed > 0)
    }
}
