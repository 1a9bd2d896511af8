//! Day routes in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::NaiveDate;

use super::MemoryStore;
use crate::eventsourcing::StoreError;
use crate::privacy::Pseudonym;
use crate::telemetry::{DayRoute, DayRoutes};

#[derive(Debug, Default)]
pub(super) struct State(BTreeMap<(Pseudonym, NaiveDate), DayRoute>);

#[async_trait]
impl DayRoutes for MemoryStore {
    async fn keep(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
        route: &DayRoute,
    ) -> Result<bool, StoreError> {
        let routes = &mut self.lock().day_routes.0;
        let key = (whose.clone(), day);
        let kept = routes.get(&key).is_none_or(|there| there.fixes <= route.fixes);
        if kept {
            routes.insert(key, route.clone());
        }
        Ok(kept)
    }

    async fn of_day(
        &self,
        whose: &Pseudonym,
        day: NaiveDate,
    ) -> Result<Option<DayRoute>, StoreError> {
        Ok(self.lock().day_routes.0.get(&(whose.clone(), day)).cloned())
    }
}
