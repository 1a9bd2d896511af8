//! From shipments and partners to a routing problem and back: no I/O, no clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use geo_types::Point;
use logistics_core::partner;
use logistics_core::{PartnerId, ShipmentId};
use logistics_dispatch::{
    Haversine, Job, JobIndex, Problem, ProblemBuilder, ProblemError, Profile, Seconds, Travel,
    Vehicle, VehicleIndex,
};

/// Road metres per metre as the crow flies.
const DETOUR: f64 = 1.35;
const TWO_WHEELER_KMH: f64 = 18.0;
const FOUR_WHEELER_KMH: f64 = 15.0;
/// How long partners without a stated shift are planned for.
const SHIFT_DEFAULT: Duration = Duration::hours(10);
/// Skills from here on tie a shipment to the partner who has it already.
const TIES_FROM: u32 = 1_000_000;
/// Shipments tied to their partner are served before new ones.
const TIED_PRIORITY: u8 = 50;

/// A shipment to be delivered.
#[derive(Debug, Clone)]
pub(crate) struct Drop {
    pub(crate) shipment: ShipmentId,
    pub(crate) position: Point<f64>,
    pub(crate) demand: u32,
    pub(crate) service_s: u32,
    pub(crate) window: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// 0 to 1.
    pub(crate) geocode_confidence: Option<f64>,
    /// Who has it already and keeps it.
    pub(crate) tied_to: Option<PartnerId>,
}

/// A partner who can deliver.
#[derive(Debug, Clone)]
pub(crate) struct Courier {
    pub(crate) partner: PartnerId,
    pub(crate) vehicle: partner::Vehicle,
    pub(crate) capacity: u32,
    /// Where, and when that was reported.
    pub(crate) position: Option<(Point<f64>, DateTime<Utc>)>,
    pub(crate) shift_end: Option<DateTime<Utc>>,
}

/// A routing problem and what its indices mean.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) problem: Problem,
    pub(crate) drops: Vec<Drop>,
    pub(crate) couriers: Vec<Courier>,
    /// Second 0 of the problem.
    pub(crate) start: DateTime<Utc>,
}

impl Batch {
    /// The problem of bringing `drops` to their consignees from `start` on.
    ///
    /// A promise that has ended already binds nothing: late is better than never.
    pub(crate) fn new(
        drops: Vec<Drop>,
        couriers: Vec<Courier>,
        start: DateTime<Utc>,
    ) -> Result<Self, ProblemError> {
        let mut builder = Problem::builder();
        let travel = |speed_kmh| Travel::Haversine(Haversine { detour: DETOUR, speed_kmh });
        let two_wheeler = builder.add_profile(travel(TWO_WHEELER_KMH));
        let four_wheeler = builder.add_profile(travel(FOUR_WHEELER_KMH));
        let mut ties = BTreeMap::new();
        for (courier, tie) in couriers.iter().zip(TIES_FROM..) {
            ties.insert(courier.partner.clone(), tie);
            let profile = match courier.vehicle {
                partner::Vehicle::TwoWheeler => two_wheeler,
                partner::Vehicle::FourWheeler => four_wheeler,
            };
            let vehicle = vehicle(&mut builder, courier, profile, start).skills([tie]);
            builder.add_vehicle(vehicle);
        }
        for drop in &drops {
            let location = builder.add_point(drop.position);
            let mut job = Job::new(drop.shipment.to_string(), location)
                .service(Seconds(drop.service_s.into()))
                .delivery([i64::from(drop.demand)]);
            if let Some((from, until)) = drop.window.filter(|&(_, until)| until > start) {
                job = job.window(seconds(start, from.max(start)), seconds(start, until));
            }
            if let Some(confidence) = drop.geocode_confidence {
                job = job.geocode_confidence_pct(percent(confidence));
            }
            if let Some(tie) = drop.tied_to.as_ref().and_then(|partner| ties.get(partner)) {
                job = job.skills([*tie]).priority(TIED_PRIORITY);
            }
            builder.add_job(job);
        }
        Ok(Self { problem: builder.build()?, drops, couriers, start })
    }

    pub(crate) fn drop(&self, job: JobIndex) -> Option<&Drop> {
        self.drops.get(job.index())
    }

    pub(crate) fn courier(&self, vehicle: VehicleIndex) -> Option<&Courier> {
        self.couriers.get(vehicle.index())
    }

    /// The time of a second of the problem.
    pub(crate) fn time(&self, at: Seconds) -> DateTime<Utc> {
        self.start + Duration::seconds(at.get())
    }
}

fn vehicle(
    builder: &mut ProblemBuilder,
    courier: &Courier,
    profile: Profile,
    start: DateTime<Utc>,
) -> Vehicle {
    let end = courier.shift_end.unwrap_or(start + SHIFT_DEFAULT);
    let vehicle = Vehicle::new(courier.partner.to_string(), profile)
        .shift(Seconds(0), seconds(start, end.max(start)))
        .capacity([i64::from(courier.capacity)]);
    match courier.position {
        Some((position, at)) => {
            let location = builder.add_point(position);
            vehicle.start(location).position_age(seconds(at, start.max(at)))
        }
        None => vehicle,
    }
}

/// Whole seconds from `start` to `at`.
fn seconds(start: DateTime<Utc>, at: DateTime<Utc>) -> Seconds {
    Seconds((at - start).num_seconds())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 to 100 before"
)]
fn percent(share: f64) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use logistics_dispatch::{check, savings};

    fn drop(id: &str, east: f64, tied_to: Option<&str>) -> Drop {
        Drop {
            shipment: ShipmentId::new(id).expect("legal"),
            position: Point::new(73.85 + east, 18.52),
            demand: 1,
            service_s: 120,
            window: None,
            geocode_confidence: None,
            tied_to: tied_to.map(|partner| PartnerId::new(partner).expect("legal")),
        }
    }

    fn courier(id: &str, east: f64) -> Courier {
        Courier {
            partner: PartnerId::new(id).expect("legal"),
            vehicle: partner::Vehicle::TwoWheeler,
            capacity: 3,
            position: Some((Point::new(73.85 + east, 18.52), DateTime::UNIX_EPOCH)),
            shift_end: None,
        }
    }

    #[test]
    fn a_tied_shipment_stays_with_its_partner() {
        let drops = vec![drop("near-b", 0.1, Some("A")), drop("free", 0.1, None)];
        let couriers = vec![courier("A", 0.0), courier("B", 0.1)];
        let batch = Batch::new(drops, couriers, DateTime::UNIX_EPOCH).expect("a problem");
        let plan = savings(&batch.problem);
        assert!(check(&batch.problem, &plan).is_feasible());
        for route in &plan.routes {
            let partner = &batch.courier(route.vehicle).expect("known").partner;
            for &job in &route.jobs {
                let shipment = &batch.drop(job).expect("known").shipment;
                assert!(shipment.as_str() != "near-b" || partner.as_str() == "A");
            }
        }
        assert!(plan.unassigned.is_empty());
    }

    #[test]
    fn a_promise_that_has_ended_does_not_keep_a_shipment_at_the_hub() {
        let mut late = drop("late", 0.01, None);
        let start = DateTime::UNIX_EPOCH + Duration::hours(5);
        late.window = Some((DateTime::UNIX_EPOCH, start - Duration::hours(1)));
        let batch = Batch::new(vec![late], vec![courier("A", 0.0)], start).expect("a problem");
        assert!(savings(&batch.problem).unassigned.is_empty());
    }
}
