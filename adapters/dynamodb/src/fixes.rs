//! The port for position history and evaluation cursors.
//!
//! A fix is one item with its partner, put on condition that there is none at its time; only where
//! there is one are the two compared. Floating point numbers are kept as Rust writes them: they
//! come back to the last bit, which DynamoDB's decimal numbers do not promise.

use std::collections::{BTreeMap, HashSet};
use std::sync::PoisonError;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::PartnerId;
use logistics_core::telemetry::{Appended, Fix, FixStore, TrackCursor};

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, bytes, item, number, text, time, whole_micros};
use crate::keys::{Key, LISTS, Range, TTL, bound, moment, partner_partition, shard};
use crate::plan::{Action, Change, Condition};
use crate::store::{DynamoStore, since_1970};
use crate::writes::Written;

#[async_trait]
impl FixStore for DynamoStore {
    async fn append(&self, fixes: &[Fix]) -> Result<Vec<Appended>, StoreError> {
        self.append_fixes(fixes).await.map_err(|failure| failure.during("append fixes"))
    }

    async fn range(
        &self,
        partner: &PartnerId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Fix>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let fixes = self.fixes_between(partner, from, to, limit).await;
        fixes.map_err(|failure| failure.during("read fixes"))
    }

    async fn latest(&self) -> Result<Vec<Fix>, StoreError> {
        self.latest_fixes().await.map_err(|failure| failure.during("read the latest fixes"))
    }

    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StoreError> {
        self.prune_fixes(before, limit).await.map_err(|failure| failure.during("prune fixes"))
    }

    async fn save_cursors(&self, cursors: &[TrackCursor]) -> Result<(), StoreError> {
        let latest: BTreeMap<&PartnerId, &TrackCursor> =
            cursors.iter().map(|cursor| (&cursor.partner, cursor)).collect();
        let items = latest.into_values().map(cursor_item).collect();
        let saved = self.write_all(items, []).await;
        saved.map_err(|failure| failure.during("save cursors"))
    }

    async fn cursors(&self) -> Result<Vec<TrackCursor>, StoreError> {
        let items = self.list_whole("CURSORS").await;
        let cursors = items
            .and_then(|items| Ok(items.iter().map(read_cursor).collect::<Result<Vec<_>, _>>()?));
        cursors.map_err(|failure| failure.during("read cursors"))
    }
}

/// The partition of `list` with `partner`.
fn listed_key(list: &str, partner: &PartnerId) -> Key {
    let part = shard(partner.as_str(), LISTS);
    Key::new(format!("{list}#{part}"), format!("DP#{partner}"))
}

/// What the keys of fixes begin with.
const FIX: &str = "LOC#";

impl DynamoStore {
    async fn append_fixes(&self, fixes: &[Fix]) -> Result<Vec<Appended>, Failure> {
        // The list first: a fix of a partner that is not on it would not be found.
        self.list_partners(fixes).await?;
        let mut by_key: BTreeMap<_, Vec<(usize, Fix)>> = BTreeMap::new();
        for (at, fix) in fixes.iter().enumerate() {
            let fix = Fix { ts: whole_micros(fix.ts), ..fix.clone() };
            by_key.entry((fix.partner.clone(), fix.ts)).or_default().push((at, fix));
        }
        let appends = by_key.into_values().map(|of_one_time| {
            let store = self.clone();
            async move {
                let mut answers = Vec::with_capacity(of_one_time.len());
                for (at, fix) in of_one_time {
                    answers.push((at, store.append_fix(&fix).await?));
                }
                Ok(answers)
            }
        });
        let mut answers = self.side_by_side(appends).await?.concat();
        answers.sort_by_key(|(at, _)| *at);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    async fn append_fix(&self, fix: &Fix) -> Result<Appended, Failure> {
        let new = self.fix_item(fix)?;
        let mut when = Condition::Absent;
        let mut backoff = self.backoff();
        loop {
            let put = Action::new(Change::Put(new.clone()), when.clone());
            let replaced = when != Condition::Absent;
            let there = match self.write(put).await? {
                Written::Done if replaced => return Ok(Appended::Conflict { replaced }),
                Written::Done => return Ok(Appended::Stored),
                Written::Failed(there) => there,
            };
            if there.is_empty() {
                when = Condition::Absent;
            } else {
                let old = read_fix(&there)?;
                if old == *fix {
                    return Ok(Appended::Duplicate);
                }
                if !fix.supersedes(&old) {
                    return Ok(Appended::Conflict { replaced: false });
                }
                // In the place of this very one: another may come in between.
                when = unchanged(&there);
            }
            if !backoff.pause().await {
                return Err(Failure::throttled("others write the same fix all the time"));
            }
        }
    }

    /// Puts the partners of `fixes` on the list of those with fixes; once in a process.
    async fn list_partners(&self, fixes: &[Fix]) -> Result<(), Failure> {
        let partners: HashSet<&PartnerId> = {
            let listed = self.listed().lock().unwrap_or_else(PoisonError::into_inner);
            let partners = fixes.iter().map(|fix| &fix.partner);
            partners.filter(|partner| !listed.contains(partner.as_str())).collect()
        };
        if partners.is_empty() {
            return Ok(());
        }
        let items = partners.iter().map(|partner| {
            item(&listed_key("FIXES", partner), [("partner", Some(text(partner.as_str())))])
        });
        self.write_all(items.collect(), []).await?;
        let mut listed = self.listed().lock().unwrap_or_else(PoisonError::into_inner);
        listed.extend(partners.into_iter().map(|partner| partner.as_str().to_owned()));
        Ok(())
    }

    /// The items of a list that is kept in parts.
    async fn list_whole(&self, list: &'static str) -> Result<Vec<Item>, Failure> {
        let reads = (0..LISTS).map(|part| {
            let store = self.clone();
            async move {
                store.query(None, &Range::all(format!("{list}#{part}")), false, usize::MAX).await
            }
        });
        Ok(self.side_by_side(reads).await?.concat())
    }

    async fn partners_with_fixes(&self) -> Result<Vec<PartnerId>, Failure> {
        let items = self.list_whole("FIXES").await?;
        Ok(items.iter().map(|item| partner(Reader(item))).collect::<Result<_, _>>()?)
    }

    async fn fixes_between(
        &self,
        partner: &PartnerId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Fix>, Failure> {
        let range = fix_range(partner, Some(from), Some(to));
        let (mut fixes, mut start) = (Vec::new(), None);
        while fixes.len() < limit {
            let ask = limit - fixes.len();
            let (page, next) = self.query_page(None, &range, false, ask, start).await?;
            for item in page.iter().filter(|item| !is_expired(item)) {
                fixes.push(read_fix(item)?);
            }
            start = next;
            if start.is_none() {
                break;
            }
        }
        Ok(fixes)
    }

    async fn latest_fixes(&self) -> Result<Vec<Fix>, Failure> {
        let partners = self.partners_with_fixes().await?;
        let reads = partners.into_iter().map(|partner| {
            let store = self.clone();
            async move {
                let range = fix_range(&partner, None, None);
                // Where the last one is expired, all are.
                let last = store.query(None, &range, true, 1).await?;
                Ok(last.iter().find(|item| !is_expired(item)).map(read_fix).transpose()?)
            }
        });
        Ok(self.side_by_side(reads).await?.into_iter().flatten().collect())
    }

    async fn prune_fixes(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, Failure> {
        let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut removed = 0;
        for partner in self.partners_with_fixes().await? {
            if left == 0 {
                break;
            }
            let old = fix_range(&partner, None, Some(before));
            let items = self.query(None, &old, false, left).await?;
            let keys = items.iter().map(|item| Reader(item).key());
            let keys = keys.collect::<Result<Vec<_>, _>>()?;
            left -= keys.len();
            removed += u64::try_from(keys.len()).unwrap_or(0);
            self.write_all(Vec::new(), keys).await?;
        }
        Ok(removed)
    }

    fn fix_item(&self, fix: &Fix) -> Result<Item, Failure> {
        let at = moment(fix.ts);
        let at =
            at.ok_or_else(|| Failure::invalid(format!("{} is not a time of a fix", fix.ts)))?;
        let kept = self.config().fixes_kept;
        let expires = kept
            .and_then(|kept| fix.ts.timestamp().checked_add(i64::try_from(kept.as_secs()).ok()?));
        let float = |value: f64| text(format!("{value:?}"));
        Ok(item(
            &Key::new(partner_partition(&fix.partner), format!("{FIX}{at}")),
            [
                ("partner", Some(text(fix.partner.as_str()))),
                ("at", Some(time(fix.ts))),
                ("longitude", Some(float(fix.position.x()))),
                ("latitude", Some(float(fix.position.y()))),
                ("accuracy", Some(float(fix.accuracy_m))),
                ("assumed", fix.accuracy_assumed.then_some(AttributeValue::Bool(true))),
                ("speed", fix.speed_mps.map(float)),
                ("bearing", fix.bearing_deg.map(float)),
                ("battery", fix.battery.map(float)),
                ("mocked", fix.mocked.then_some(AttributeValue::Bool(true))),
                (TTL, expires.map(number)),
            ],
        ))
    }
}

/// What a fix holds beside its partner and time.
const VALUES: [&str; 8] =
    ["longitude", "latitude", "accuracy", "assumed", "speed", "bearing", "battery", "mocked"];

/// That the fix is still this one.
fn unchanged(there: &Item) -> Condition {
    let same = VALUES.into_iter().map(|name| match there.get(name) {
        Some(value) => Condition::Equal(name, value.clone()),
        None => Condition::Missing(name),
    });
    Condition::All(same.chain([Condition::Present]).collect())
}

/// The fixes of `partner` with `from <= ts < to`.
fn fix_range(partner: &PartnerId, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Range {
    // The first whole microsecond that is not before: a fix has no finer time.
    let key = |at| format!("{FIX}{}", bound(crate::item::micros_up(at)));
    let mut range = Range::prefixed(partner_partition(partner), FIX.to_owned());
    if let Some(from) = from {
        // Ranges are open: `!` sorts before whatever follows.
        let key = key(from);
        let before = key.strip_suffix('Z').map_or(key.clone(), |key| format!("{key}!"));
        range = range.above(before);
    }
    to.map_or(range.clone(), |to| range.below(key(to)))
}

/// Whether its time is over: DynamoDB takes some time to remove it.
fn is_expired(item: &Item) -> bool {
    let expires: Option<i64> = Reader(item).find_number(TTL);
    let now = i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX);
    expires.is_some_and(|expires| expires <= now)
}

fn partner(item: Reader<'_>) -> Result<PartnerId, Unreadable> {
    item.need("partner", PartnerId::new(item.text("partner")?).ok())
}

fn read_fix(item: &Item) -> Result<Fix, Unreadable> {
    let item = Reader(item);
    let find = |name| item.find_text(name).and_then(|value| value.parse::<f64>().ok());
    let float = |name| item.need(name, find(name));
    Ok(Fix {
        partner: partner(item)?,
        ts: item.time("at")?,
        position: (float("longitude")?, float("latitude")?).into(),
        accuracy_m: float("accuracy")?,
        accuracy_assumed: item.flag("assumed").unwrap_or(false),
        speed_mps: find("speed"),
        bearing_deg: find("bearing"),
        battery: find("battery"),
        mocked: item.flag("mocked").unwrap_or(false),
    })
}

fn cursor_item(cursor: &TrackCursor) -> Item {
    item(
        &listed_key("CURSORS", &cursor.partner),
        [
            ("partner", Some(text(cursor.partner.as_str()))),
            ("until", Some(time(cursor.evaluated_until))),
            ("state", Some(bytes(&*cursor.state))),
        ],
    )
}

fn read_cursor(item: &Item) -> Result<TrackCursor, Unreadable> {
    let item = Reader(item);
    Ok(TrackCursor {
        partner: partner(item)?,
        evaluated_until: item.time("until")?,
        state: item.bytes("state")?.to_vec(),
    })
}
