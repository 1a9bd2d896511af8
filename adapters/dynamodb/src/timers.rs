//! The timers' port.
//!
//! A timer is one item under its owner and name, so that setting it anew moves it. Its place among
//! all timers is an index by time. An index may lag behind: what it finds is read again before it
//! fires, so a timer may be late and is never early.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{StoreError, Timer, Timers};

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, micros_up, number, time};
use crate::keys::{GSI5, QUEUES, Range, bound, timer, timer_queue};
use crate::plan::{Action, Change, Condition};
use crate::store::DynamoStore;

#[async_trait]
impl Timers for DynamoStore {
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.due_timers(now, limit).await.map_err(|failure| failure.during("look for due timers"))
    }

    async fn fired(&self, fired: &Timer) -> Result<(), StoreError> {
        // The time too: a timer may have been set anew under the same generation.
        let unchanged = Condition::All(vec![
            Condition::Equal("generation", number(fired.generation)),
            Condition::Equal("fire_at", time(micros_up(fired.fire_at))),
        ]);
        let delete = Change::Delete(timer(&fired.owner, &fired.name));
        let deleted = self.write(Action::new(delete, unchanged)).await;
        deleted.map(drop).map_err(|failure| failure.during("forget a timer"))
    }
}

impl DynamoStore {
    async fn due_timers(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<Timer>, Failure> {
        let reads = (0..QUEUES).map(|queue| {
            // `$` follows `#`: with what is due at this very microsecond.
            let range = Range::all(timer_queue(queue)).below(format!("{}$", bound(now)));
            let store = self.clone();
            async move { store.query(Some(GSI5), &range, false, limit).await }
        });
        let mut found = Vec::new();
        for item in self.side_by_side(reads).await?.into_iter().flatten() {
            let place = Reader(&item).text(GSI5.sk)?.to_owned();
            found.push((place, Reader(&item).key()?));
        }
        found.sort_unstable();
        found.truncate(limit);
        let mut items = self.get_many(found.iter().map(|(_, key)| key.clone())).await?;
        let timers = found.into_iter().filter_map(|(_, key)| items.remove(&key));
        let mut due: Vec<Timer> = timers.map(|item| read(&item)).collect::<Result<_, _>>()?;
        due.retain(|timer| timer.fire_at <= now);
        due.sort_by(|a, b| (a.fire_at, &a.owner, &a.name).cmp(&(b.fire_at, &b.owner, &b.name)));
        Ok(due)
    }
}

fn read(item: &Item) -> Result<Timer, Unreadable> {
    let item = Reader(item);
    Ok(Timer {
        owner: item.text("owner")?.to_owned(),
        name: item.text("name")?.to_owned(),
        generation: item.number("generation")?,
        fire_at: item.time("fire_at")?,
    })
}
