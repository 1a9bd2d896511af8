//! What was planned in one manifest, and what its overrides made of each stop. No I/O.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use logistics_core::ShipmentId;
use logistics_core::manifest::{ManifestEvent, ManifestOverridden, Round, Stop};

/// What became of a planned stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Kept,
    /// It went to another place of the round; the new time.
    Moved(DateTime<Utc>),
    /// It left the round, because it was done or because it was taken out.
    Gone,
}

/// A stop as it was planned first, and what the last override that touched it made of it.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) planned: Stop,
    pub(super) fate: Fate,
}

/// The visits of a manifest, from its events.
pub(super) fn visits(events: &[ManifestEvent]) -> BTreeMap<ShipmentId, Visit> {
    let mut visits = BTreeMap::new();
    for event in events {
        match event {
            ManifestEvent::ManifestPlanned(plan) => visits_of(&mut visits, &plan.stops),
            ManifestEvent::ManifestOverridden(change) => {
                for (id, fate) in fates(change) {
                    if let Some(visit) = visits.get_mut(&id) {
                        visit.fate = fate;
                    }
                }
            }
        }
    }
    visits
}

/// The visits of a manifest that nobody has changed.
pub(super) fn untouched(round: &Round) -> BTreeMap<ShipmentId, Visit> {
    let mut visits = BTreeMap::new();
    visits_of(&mut visits, &round.stops);
    visits
}

fn visits_of(visits: &mut BTreeMap<ShipmentId, Visit>, stops: &[Stop]) {
    for stop in stops {
        let planned = || Visit { planned: stop.clone(), fate: Fate::Kept };
        visits.entry(stop.shipment.clone()).or_insert_with(planned);
    }
}

/// What an override made of the stops that it did not keep. A stop is moved if the ones before and
/// behind it are others than before; those that come and go do not count.
fn fates(change: &ManifestOverridden) -> Vec<(ShipmentId, Fate)> {
    let (was, is): (BTreeSet<_>, BTreeSet<_>) =
        (change.before.iter().collect(), change.after.iter().collect());
    let gone = change.before.iter().filter(|id| !is.contains(id));
    let mut fates: Vec<_> = gone.map(|id| (id.clone(), Fate::Gone)).collect();
    let before: Vec<_> = change.before.iter().filter(|id| is.contains(id)).collect();
    let after: Vec<_> = change.after.iter().filter(|id| was.contains(id)).collect();
    let times: BTreeMap<_, _> =
        change.stops.iter().map(|stop| (&stop.shipment, stop.arrival)).collect();
    for (at, id) in after.iter().enumerate() {
        let Some(place) = before.iter().position(|other| other == id) else { continue };
        if neighbours(&before, place).zip(neighbours(&after, at)).all(|(was, is)| was != is)
            && let Some(&time) = times.get(id)
        {
            fates.push(((*id).clone(), Fate::Moved(time)));
        }
    }
    fates
}

/// The one before and the one behind.
fn neighbours<'a>(
    order: &[&'a ShipmentId],
    place: usize,
) -> impl Iterator<Item = Option<&'a ShipmentId>> {
    let before = place.checked_sub(1).and_then(|place| order.get(place)).copied();
    [before, order.get(place + 1).copied()].into_iter()
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, NaiveDate};
    use logistics_core::eventsourcing::Actor;
    use logistics_core::manifest::{ManifestPlanned, OverrideReason};
    use logistics_core::values::GeoPosition;
    use logistics_core::{PartnerId, RunId};

    use super::*;

    fn stops(ids: &str) -> Vec<Stop> {
        let at = |minutes: i64| DateTime::UNIX_EPOCH + Duration::minutes(minutes);
        let stop = |(id, minute): (&str, i64)| Stop {
            shipment: ShipmentId::new(id).expect("legal"),
            position: GeoPosition::new(73.85, 18.52).expect("on earth"),
            arrival: at(minute),
            departure: at(minute),
            service_s: 0,
            window: None,
            doubts: Vec::new(),
        };
        ids.split_whitespace().zip(1..).map(stop).collect()
    }

    fn ids(stops: &[Stop]) -> Vec<ShipmentId> {
        stops.iter().map(|stop| stop.shipment.clone()).collect()
    }

    /// What becomes of the stops: `-` gone, a number for the minute to which it was moved.
    fn told(before: &str, after: &str) -> String {
        let (partner, date) = (PartnerId::new("DP-1").expect("legal"), NaiveDate::default());
        let (before, after) = (stops(before), stops(after));
        let plan = ManifestPlanned {
            partner: partner.clone(),
            date,
            version: 1,
            run: RunId::new("r").expect("legal"),
            stops: before.clone(),
            travel_s: 0,
            distance_m: 0,
            doubts: Vec::new(),
        };
        let change = ManifestOverridden {
            partner,
            date,
            version: 2,
            before: ids(&before),
            after: ids(&after),
            stops: after,
            travel_s: 0,
            distance_m: 0,
            reason_code: OverrideReason::Traffic,
            justification: "long enough".to_owned(),
            actor: Actor::System,
        };
        let fates = visits(&[plan.into(), change.into()]);
        let changed = fates.iter().filter_map(|(id, visit)| match visit.fate {
            Fate::Kept => None,
            Fate::Moved(to) => Some(format!("{id}{}", to.timestamp() / 60)),
            Fate::Gone => Some(format!("{id}-")),
        });
        changed.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_changed_its_neighbours_was_moved() {
        assert_eq!(told("A B C D", "A B C D"), "");
        assert_eq!(told("A B C D", "D A B C"), "D1");
        assert_eq!(told("A B C D", "B C D A"), "A4");
        assert_eq!(told("A B", "B A"), "A2 B1");
        assert_eq!(told("A B C D", "X A C D"), "B-", "what is new was not planned");
        assert_eq!(told("A B C D", ""), "A- B- C- D-");
    }
}
