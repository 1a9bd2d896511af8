//! The port for where partners were seen last.
//!
//! A partner's state is one item. Two sparse indexes find it: by zone, and, while the shift is on,
//! by the minute of the last fix, so that fixes within a minute do not write to that index. What an
//! index finds may be a moment old: the states are read again.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Duration, Utc};
use logistics_core::eventsourcing::StoreError;
use logistics_core::ids::{PartnerId, ZoneId};
use logistics_core::telemetry::{Presence, PresenceStore};

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, text, time, whole_micros};
use crate::keys::{GSI3, GSI5, LISTS, Range, bound, partner_partition, partner_state, shard};
use crate::plan::{Action, Change, Condition, Update};
use crate::store::DynamoStore;

#[async_trait]
impl PresenceStore for DynamoStore {
    async fn note(&self, presences: &[Presence]) -> Result<(), StoreError> {
        let mut latest: BTreeMap<&PartnerId, &Presence> = BTreeMap::new();
        for presence in presences {
            let known = latest.entry(&presence.partner).or_insert(presence);
            if known.last_seen <= presence.last_seen {
                *known = presence;
            }
        }
        let writes = latest.into_values().map(|presence| {
            let (store, action) = (self.clone(), note(presence));
            async move { store.write(action).await }
        });
        let writes: Vec<_> = writes.collect();
        let noted = self.side_by_side(writes).await;
        noted.map(drop).map_err(|failure| failure.during("note who was seen"))
    }

    async fn silent(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<Presence>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.silent_partners(before, limit).await.map_err(|f| f.during("look for silent partners"))
    }

    async fn in_zone(
        &self,
        zone: &ZoneId,
        after: Option<&PartnerId>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let found = self.partners_in_zone(zone, after, limit).await;
        found.map_err(|failure| failure.during("list the partners of a zone"))
    }
}

impl DynamoStore {
    async fn silent_partners(
        &self,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Presence>, Failure> {
        let reads = (0..LISTS).map(|part| {
            // With the whole minute of `before`.
            let range = Range::all(seen_partition(part));
            let range = range.below(minute(whole_micros(before) + Duration::minutes(1)));
            let store = self.clone();
            async move { store.first_minutes(&range, limit).await }
        });
        let found = self.side_by_side(reads).await?.into_iter().flatten();
        let mut silent = self.presences(found.collect()).await?;
        silent.retain(|seen| seen.on_shift && seen.last_seen < before);
        silent.sort_by(|a, b| (a.last_seen, &a.partner).cmp(&(b.last_seen, &b.partner)));
        silent.truncate(limit);
        Ok(silent)
    }

    /// The first `limit` entries of `range`, and the others of the last one's minute: within a
    /// minute the index does not know who was seen first.
    async fn first_minutes(&self, range: &Range, limit: usize) -> Result<Vec<Item>, Failure> {
        let (mut items, mut start): (Vec<Item>, _) = (Vec::new(), None);
        let minute = |item: &Item| {
            let sort = Reader(item).find_text(GSI5.sk).and_then(|sort| sort.split_once('#'));
            sort.map(|(minute, _)| minute.to_owned())
        };
        if limit == 0 {
            return Ok(items);
        }
        loop {
            let ask = limit.saturating_sub(items.len()).clamp(16, 1_000);
            let (page, next) = self.query_page(Some(GSI5), range, false, ask, start).await?;
            items.extend(page);
            let whole = items.len() > limit
                && items.get(limit - 1).and_then(minute) != items.last().and_then(minute);
            start = next;
            if start.is_none() || whole {
                return Ok(items);
            }
        }
    }

    async fn partners_in_zone(
        &self,
        zone: &ZoneId,
        after: Option<&PartnerId>,
        limit: usize,
    ) -> Result<Vec<Presence>, Failure> {
        let range = Range::prefixed(format!("ZONE#{zone}"), "DP#".to_owned());
        let range = after.map_or(range.clone(), |after| range.above(partner_partition(after)));
        let (mut found, mut start) = (Vec::new(), None);
        while found.len() < limit {
            let ask = limit - found.len();
            let (page, next) = self.query_page(Some(GSI3), &range, false, ask, start).await?;
            let mut there = self.presences(page).await?;
            there.retain(|seen| seen.zone.as_ref() == Some(zone));
            there.sort_by(|a, b| a.partner.cmp(&b.partner));
            found.extend(there);
            start = next;
            if start.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// The states that entries of an index point at, as they are now.
    async fn presences(&self, entries: Vec<Item>) -> Result<Vec<Presence>, Failure> {
        let keys = entries.iter().map(|item| Reader(item).key());
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let items = self.get_many(keys).await?;
        Ok(items.values().map(read).collect::<Result<_, _>>()?)
    }
}

fn seen_partition(part: u32) -> String {
    format!("SEEN#{part}")
}

/// `at` cut to its minute.
fn minute(at: DateTime<Utc>) -> String {
    bound(at).chars().take("2026-11-23T09:00".len()).collect()
}

/// Keeps `presence`, unless the partner was seen later.
fn note(presence: &Presence) -> Action {
    let partner = &presence.partner;
    let last_seen = time(presence.last_seen);
    let mut state = Update::new(partner_state(partner));
    state.set("partner", text(partner.as_str()));
    state.set("last_seen", last_seen.clone());
    state.set("on_shift", AttributeValue::Bool(presence.on_shift));
    match &presence.zone {
        Some(zone) => {
            state.set("zone", text(zone.as_str()));
            state.set(GSI3.pk, text(format!("ZONE#{zone}")));
            state.set(GSI3.sk, text(partner_partition(partner)));
        }
        None => state.remove.extend(["zone", GSI3.pk, GSI3.sk]),
    }
    if presence.on_shift {
        let part = shard(partner.as_str(), LISTS);
        state.set(GSI5.pk, text(seen_partition(part)));
        state.set(GSI5.sk, text(format!("{}#{partner}", minute(presence.last_seen))));
    } else {
        state.remove.extend([GSI5.pk, GSI5.sk]);
    }
    let not_later =
        Condition::Any(vec![Condition::Absent, Condition::AtMost("last_seen", last_seen)]);
    Action::new(Change::Update(state), not_later)
}

fn read(item: &Item) -> Result<Presence, Unreadable> {
    let reader = Reader(item);
    let zone = match reader.find_text("zone") {
        Some(zone) => Some(reader.need("zone", ZoneId::new(zone).ok())?),
        None => None,
    };
    Ok(Presence {
        partner: reader.need("partner", PartnerId::new(reader.text("partner")?).ok())?,
        last_seen: reader.time("last_seen")?,
        zone,
        on_shift: reader.flag("on_shift")?,
    })
}
