//! The day routes' port.

use async_trait::async_trait;
use chrono::NaiveDate;
use logistics_core::eventsourcing::StoreError;
use logistics_core::privacy::Pseudonym;
use logistics_core::telemetry::{DayRoute, DayRoutes};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::error::store_error;
use super::store::PostgresStore;
use super::values::{SqlResult, corrupt, int, unfit};

#[async_trait]
impl DayRoutes for PostgresStore {
    async fn keep(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
        route: &DayRoute,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "keep a day's route";
        let body = serde_json::to_string(route).map_err(unfit).map_err(store_error(OPERATION))?;
        let query = sqlx::query(
            "INSERT INTO day_routes (pseudonym, day, fixes, body) VALUES ($1, $2, $3, $4)
             ON CONFLICT (pseudonym, day) DO UPDATE SET fixes = excluded.fixes, body = excluded.body
             WHERE day_routes.fixes <= excluded.fixes",
        )
        .bind(whose.as_str())
        .bind(day.to_string())
        .bind(int(route.fixes))
        .bind(body);
        Ok(self.write(OPERATION, query).await? > 0)
    }

    async fn of_day(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
    ) -> Result<Option<DayRoute>, StoreError> {
        let query = sqlx::query("SELECT body FROM day_routes WHERE pseudonym = $1 AND day = $2")
            .bind(whose.as_str())
            .bind(day.to_string());
        Ok(self.read("read a day's route", query, route).await?.into_iter().next())
    }
}

fn route(row: &PgRow) -> SqlResult<DayRoute> {
    serde_json::from_str(row.try_get(0)?).map_err(corrupt)
}
