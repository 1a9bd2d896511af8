//! The day routes' port: the days of a pseudonym are the items of its partition.

use async_trait::async_trait;
use chrono::NaiveDate;
use logistics_core::eventsourcing::StoreError;
use logistics_core::privacy::Pseudonym;
use logistics_core::telemetry::{DayRoute, DayRoutes};

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, item, number, text};
use crate::keys::Key;
use crate::plan::{Action, Change, Condition};
use crate::store::DynamoStore;
use crate::writes::Written;

#[async_trait]
impl DayRoutes for DynamoStore {
    async fn keep(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
        route: &DayRoute,
    ) -> Result<bool, StoreError> {
        let kept = self.keep_route(&key(whose, day), route).await;
        kept.map_err(|failure| failure.during("keep a day's route"))
    }

    async fn of_day(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
    ) -> Result<Option<DayRoute>, StoreError> {
        let found = self.get(&key(whose, day)).await;
        let route = found.and_then(|item| Ok(item.as_ref().map(read).transpose()?));
        route.map_err(|failure| failure.during("read a day's route"))
    }
}

fn key(whose: &Pseudonym, day: NaiveDate) -> Key {
    Key::new(format!("ROUTE#{whose}"), format!("DAY#{day}"))
}

impl DynamoStore {
    async fn keep_route(&self, key: &Key, route: &DayRoute) -> Result<bool, Failure> {
        let body = serde_json::to_string(route).map_err(|e| Failure::invalid(e.to_string()))?;
        let fixes = number(route.fixes);
        let item = item(key, [("fixes", Some(fixes.clone())), ("body", Some(text(body)))]);
        let no_more = Condition::Any(vec![Condition::Absent, Condition::AtMost("fixes", fixes)]);
        let written = self.write(Action::new(Change::Put(item), no_more)).await?;
        Ok(written == Written::Done)
    }
}

fn read(item: &Item) -> Result<DayRoute, Unreadable> {
    let item = Reader(item);
    item.need("body", serde_json::from_str(item.text("body")?).ok())
}
