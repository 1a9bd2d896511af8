//! The partners as they are now: one entry each, in memory, behind one lock.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use geo_types::Point;
use logistics_core::eventsourcing::{IndexQuery, model_name};
use logistics_core::partner::PartnerProfile;
use logistics_core::readmodel::{PartnerRow, Partners};
use logistics_core::telemetry::{
    EtaPolicy, Fix, LiveState, Status, StatusPolicy, Stop, Surroundings, TrackCursor, eta_chain,
};
use logistics_core::{PartnerId, ShipmentId, ZoneId};

use super::evaluate::{decode, encode};
use super::track::Track;
use super::view::{PartnerView, Seen, status_name};
use crate::dispatch::Courier;
use crate::ports::Ports;

/// Partners read at a time.
const PAGE: u32 = 1_000;

/// A stop that a partner is to make.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    pub(crate) shipment: ShipmentId,
    pub(crate) position: Point<f64>,
    pub(crate) service_s: u32,
    pub(crate) promised_until: Option<DateTime<Utc>>,
}

/// A partner's plan of a day and how far it is.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) date: NaiveDate,
    pub(super) version: u64,
    pub(super) total: usize,
    pub(super) open: Vec<Planned>,
    /// Where the leg to the next stop begins.
    leg_from: Option<Point<f64>>,
}

/// What is known of one partner.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) profile: PartnerProfile,
    track: Track,
    pub(super) live: LiveState,
    evaluated_until: Option<DateTime<Utc>>,
    pub(super) plan: Option<Plan>,
    etas: BTreeMap<ShipmentId, DateTime<Utc>>,
    /// What was shown last.
    shown: Option<Seen>,
}

impl Entry {
    fn new(profile: PartnerProfile) -> Self {
        Self {
            profile,
            track: Track::default(),
            live: LiveState::default(),
            evaluated_until: None,
            plan: None,
            etas: BTreeMap::new(),
            shown: None,
        }
    }

    pub(super) fn zones(&self) -> Vec<ZoneId> {
        self.track.zones()
    }

    pub(super) fn on_board(&self) -> usize {
        self.plan.as_ref().map_or(0, |plan| plan.open.len())
    }

    fn surroundings(&self) -> Surroundings {
        let leg =
            self.plan.as_ref().and_then(|plan| Some((plan.leg_from?, plan.open.first()?.position)));
        Surroundings { leg, outside_zones: false }
    }
}

/// The partners as they are now.
#[derive(Debug, Default)]
pub(crate) struct Board {
    entries: Mutex<BTreeMap<PartnerId, Entry>>,
}

impl Board {
    /// Loads who is registered, where everyone was last, and how far evaluation had come.
    pub(crate) async fn open(ports: &Ports, now: DateTime<Utc>) -> anyhow::Result<Self> {
        let mut entries = BTreeMap::new();
        let mut query = IndexQuery {
            index: "all".to_owned(),
            partition: "all".to_owned(),
            limit: PAGE,
            ..IndexQuery::default()
        };
        loop {
            let rows = ports.models.list(&model_name::<Partners>(), &query).await?;
            for row in &rows {
                let row: PartnerRow = serde_json::from_slice(&row.body)?;
                entries.insert(row.id, Entry::new(row.profile));
            }
            match rows.last() {
                Some(last) => query.after = Some((last.sort.clone(), last.key.clone())),
                None => break,
            }
        }
        for cursor in ports.fixes.cursors().await? {
            if let Some(entry) = entries.get_mut(&cursor.partner) {
                entry.track = decode(&cursor.state);
                entry.evaluated_until = Some(cursor.evaluated_until);
            }
        }
        let policy = StatusPolicy::default();
        for fix in ports.fixes.latest().await? {
            if let Some(entry) = entries.get_mut(&fix.partner) {
                entry.live.observe(&fix, &Surroundings::default(), now, &policy);
            }
        }
        Ok(Self { entries: Mutex::new(entries) })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<PartnerId, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody registered, or changed details.
    pub(crate) fn register(&self, partner: PartnerId, profile: PartnerProfile) {
        self.lock()
            .entry(partner)
            .and_modify(|entry| entry.profile.clone_from(&profile))
            .or_insert_with(|| Entry::new(profile));
    }

    pub(crate) fn knows(&self, partner: &PartnerId) -> bool {
        self.lock().contains_key(partner)
    }

    pub(crate) fn partners(&self) -> Vec<PartnerId> {
        self.lock().keys().cloned().collect()
    }

    pub(crate) fn zones(&self, partner: &PartnerId) -> Vec<ZoneId> {
        self.lock().get(partner).map(Entry::zones).unwrap_or_default()
    }

    pub(crate) fn last_fix(&self, partner: &PartnerId) -> Option<Fix> {
        self.lock().get(partner)?.live.last().cloned()
    }

    /// Takes fixes of one partner, oldest first; gives the last one that was taken. Nothing follows
    /// from one that is not later than all before it.
    pub(super) fn observe<'f>(
        &self,
        fixes: &[&'f Fix],
        now: DateTime<Utc>,
        policy: &StatusPolicy,
        mut evaluate: impl FnMut(&mut Track, &Fix),
    ) -> Option<&'f Fix> {
        let mut entries = self.lock();
        let entry = entries.get_mut(&fixes.first()?.partner)?;
        let mut last = None;
        for fix in fixes {
            if entry.evaluated_until.is_some_and(|until| fix.ts <= until) {
                continue;
            }
            entry.evaluated_until = Some(fix.ts);
            let surroundings = entry.surroundings();
            entry.live.link_restored();
            entry.live.observe(fix, &surroundings, now, policy);
            evaluate(&mut entry.track, fix);
            last = Some(*fix);
        }
        last
    }

    pub(super) fn evaluated_until(&self, partner: &PartnerId) -> Option<DateTime<Utc>> {
        self.lock().get(partner)?.evaluated_until
    }

    /// How far evaluation of the partner's fixes has come, for the store.
    pub(super) fn cursor(&self, partner: &PartnerId) -> Option<TrackCursor> {
        let entries = self.lock();
        let entry = entries.get(partner)?;
        let evaluated_until = entry.evaluated_until?;
        Some(TrackCursor { partner: partner.clone(), evaluated_until, state: encode(&entry.track) })
    }

    /// The device's connection broke, or is there again.
    pub(super) fn link(&self, partner: &PartnerId, up: bool, now: DateTime<Utc>) {
        if let Some(entry) = self.lock().get_mut(partner) {
            if up { entry.live.link_restored() } else { entry.live.link_lost(now) }
        }
    }

    /// The partner has a new plan.
    pub(crate) fn plan(
        &self,
        partner: &PartnerId,
        (date, version): (NaiveDate, u64),
        open: Vec<Planned>,
    ) {
        if let Some(entry) = self.lock().get_mut(partner) {
            let leg_from = entry.live.last().map(|fix| fix.position);
            entry.live.plan_changed();
            entry.plan = Some(Plan { date, version, total: open.len(), open, leg_from });
        }
    }

    /// A stop was made, successfully or not.
    pub(crate) fn stop_done(&self, partner: Option<&PartnerId>, shipment: &ShipmentId) {
        let mut entries = self.lock();
        let entry = partner.and_then(|partner| entries.get_mut(partner));
        let Some((entry, plan)) = entry.and_then(|entry| {
            let Entry { plan, live, etas, .. } = entry;
            Some(((live, etas), plan.as_mut()?))
        }) else {
            return;
        };
        let (live, etas) = entry;
        etas.remove(shipment);
        if let Some(at) = plan.open.iter().position(|stop| stop.shipment == *shipment) {
            plan.leg_from = Some(plan.open.remove(at).position);
            live.plan_changed();
        }
    }

    /// When the partner will be at a stop, by the last forecast.
    pub(crate) fn eta(&self, partner: &PartnerId, shipment: &ShipmentId) -> Option<DateTime<Utc>> {
        self.lock().get(partner)?.etas.get(shipment).copied()
    }

    /// Forecasts every open stop; says how many promises will be broken at this pace.
    pub(crate) fn forecast(&self, now: DateTime<Utc>) -> u64 {
        let mut breaches = 0;
        for entry in self.lock().values_mut() {
            let (Some(plan), Some(fix)) = (&entry.plan, entry.live.last()) else { continue };
            let stops: Vec<Stop> = plan.open.iter().map(to_stop).collect();
            let etas = eta_chain(fix.position, now, &stops, &EtaPolicy::default());
            let late = etas.iter().filter(|eta| eta.breach).count();
            let named = plan.open.iter().map(|stop| stop.shipment.clone());
            entry.etas = named.zip(etas.iter().map(|eta| eta.arrives_at)).collect();
            entry.live.set_sla_at_risk(late > 0);
            breaches += u64::try_from(late).unwrap_or_default();
        }
        breaches
    }

    /// How the partner is seen, and whether that is another than was given last time.
    pub(super) fn seen(
        &self,
        partner: &PartnerId,
        now: DateTime<Utc>,
        policy: &StatusPolicy,
    ) -> Option<(Seen, bool)> {
        let mut entries = self.lock();
        let entry = entries.get_mut(partner)?;
        let seen = Seen::of(entry, now, policy);
        let changed = entry.shown.as_ref() != Some(&seen);
        if changed {
            entry.shown = Some(seen.clone());
        }
        Some((seen, changed))
    }

    /// How many partners have each status, how many have open stops and are not offline.
    pub(crate) fn tally(
        &self,
        now: DateTime<Utc>,
        policy: &StatusPolicy,
    ) -> (BTreeMap<&'static str, u64>, u64) {
        let mut tally: BTreeMap<_, u64> =
            ["green", "amber", "red", "grey"].map(|name| (name, 0)).into();
        let mut on_route = 0;
        for entry in self.lock().values() {
            let (status, _) = entry.live.status(now, policy);
            *tally.entry(status_name(status)).or_default() += 1;
            on_route += u64::from(status != Status::Grey && entry.on_board() > 0);
        }
        (tally, on_route)
    }

    /// Partners in the order of their ids, behind `after`, at most `limit`.
    pub(crate) fn views(
        &self,
        after: Option<&PartnerId>,
        limit: usize,
        now: DateTime<Utc>,
        policy: &StatusPolicy,
    ) -> Vec<PartnerView> {
        self.lock()
            .iter()
            .filter(|(id, _)| after.is_none_or(|after| *id > after))
            .take(limit)
            .map(|(id, entry)| PartnerView::of(id, entry, now, policy))
            .collect()
    }

    pub(crate) fn view(
        &self,
        partner: &PartnerId,
        now: DateTime<Utc>,
        policy: &StatusPolicy,
    ) -> Option<PartnerView> {
        let entries = self.lock();
        Some(PartnerView::of(partner, entries.get(partner)?, now, policy))
    }

    /// Partners whose shift is not over, or those of `only`, as couriers.
    pub(crate) fn couriers(&self, only: Option<&[PartnerId]>, now: DateTime<Utc>) -> Vec<Courier> {
        self.lock()
            .iter()
            .filter(|(id, _)| only.is_none_or(|only| only.contains(id)))
            .filter(|(_, entry)| entry.profile.shift.is_none_or(|shift| shift.ends_at > now))
            .map(|(id, entry)| courier(id, entry))
            .collect()
    }

    /// The partner as a courier, whether its shift is over or not.
    pub(crate) fn courier(&self, partner: &PartnerId) -> Option<Courier> {
        self.lock().get_key_value(partner).map(|(id, entry)| courier(id, entry))
    }
}

fn courier(id: &PartnerId, entry: &Entry) -> Courier {
    Courier {
        partner: id.clone(),
        vehicle: entry.profile.vehicle,
        capacity: entry.profile.capacity,
        position: entry.live.last().map(|fix| (fix.position, fix.ts)),
        shift_end: entry.profile.shift.map(|shift| shift.ends_at),
    }
}

fn to_stop(planned: &Planned) -> Stop {
    Stop {
        position: planned.position,
        service: TimeDelta::seconds(planned.service_s.into()),
        promised_from: None,
        promised_until: planned.promised_until,
    }
}
