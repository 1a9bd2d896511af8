//! From shipments and partners to a routing problem and back: no I/O, no clock.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Duration, Utc};
use geo_types::Point;
use logistics_core::partner;
use logistics_core::{PartnerId, ShipmentId};
use logistics_dispatch::{
    Balance, Cost, Haversine, Job, JobIndex, Problem, ProblemBuilder, ProblemError, Profile, Route,
    Seconds, Solution, Travel, Vehicle, VehicleIndex,
};

/// Road metres per metre as the crow flies.
const DETOUR: f64 = 1.35;
const TWO_WHEELER_KMH: f64 = 18.0;
const FOUR_WHEELER_KMH: f64 = 15.0;
/// How long partners without a stated shift are planned for.
const SHIFT_DEFAULT: Duration = Duration::hours(10);
/// Skills from here on tie a shipment to the partner who has it already.
const TIES_FROM: u32 = 1_000_000;
/// Shipments that partners have are served before new ones.
const HELD_PRIORITY: u8 = 50;
/// What it costs to give a shipment to another partner: ten minutes of driving.
const CHANGE: Cost = Cost(600);
/// What it costs to count on a partner whose position is not known: ten minutes of driving.
const UNSEEN: Cost = Cost(600);

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
    /// How firmly it is where it is.
    pub(crate) hold: Hold,
}

/// How firmly a shipment is with the partner who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It may go to another.
    Free,
    /// It stays with the partner.
    Tied,
    /// It is on the way: if it is the first stop, the partner is driving to it.
    Out,
}

/// A partner and what it has still to deliver, in the order of its manifest.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    pub(crate) courier: Courier,
    pub(crate) stops: Vec<Drop>,
    /// So many of the first stops stay first, in this order, which a person has chosen.
    pub(crate) by_hand: usize,
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
    /// The rounds as they are.
    pub(crate) before: Solution,
    /// Who has each drop now.
    holders: Vec<Option<VehicleIndex>>,
    /// Second 0 of the problem.
    pub(crate) start: DateTime<Utc>,
}

impl Batch {
    /// The problem of going on with `rounds` from `start`, and of bringing what is `waiting` too.
    ///
    /// A promise that has ended already binds nothing: late is better than never.
    pub(crate) fn new(
        rounds: Vec<Round>,
        waiting: Vec<Drop>,
        start: DateTime<Utc>,
    ) -> Result<Self, ProblemError> {
        Self::balanced(rounds, waiting, start, None)
    }

    /// The same, with a price on uneven work.
    pub(super) fn balanced(
        rounds: Vec<Round>,
        waiting: Vec<Drop>,
        start: DateTime<Utc>,
        balance: Option<Balance>,
    ) -> Result<Self, ProblemError> {
        let mut builder = Problem::builder();
        if let Some(balance) = balance {
            builder.set_balance(balance);
        }
        let travel = |speed_kmh| Travel::Haversine(Haversine { detour: DETOUR, speed_kmh });
        let two_wheeler = builder.add_profile(travel(TWO_WHEELER_KMH));
        let four_wheeler = builder.add_profile(travel(FOUR_WHEELER_KMH));
        let middle = middle(&rounds, &waiting);
        let (mut drops, mut couriers, mut holders) = (Vec::new(), Vec::new(), Vec::new());
        let mut routes = Vec::new();
        for (round, tie) in rounds.into_iter().zip(TIES_FROM..) {
            let jobs: Vec<JobIndex> = round
                .stops
                .iter()
                .map(|drop| add_job(&mut builder, drop, start, Some(tie)))
                .collect();
            let profile = match round.courier.vehicle {
                partner::Vehicle::TwoWheeler => two_wheeler,
                partner::Vehicle::FourWheeler => four_wheeler,
            };
            let vehicle = vehicle(&round.courier, profile, start).skills([tie]);
            let mut vehicle = starting(vehicle, &mut builder, &round.courier, middle, start);
            let out = round.stops.first().is_some_and(|drop| drop.hold == Hold::Out);
            vehicle.pinned.extend(jobs.iter().take(round.by_hand.max(usize::from(out))));
            let vehicle = builder.add_vehicle(vehicle);
            holders.extend(jobs.iter().map(|_| Some(vehicle)));
            if !jobs.is_empty() {
                routes.push(Route::new(vehicle, jobs));
            }
            drops.extend(round.stops);
            couriers.push(round.courier);
        }
        let unassigned =
            waiting.iter().map(|drop| add_job(&mut builder, drop, start, None)).collect();
        holders.extend(waiting.iter().map(|_| None));
        drops.extend(waiting);
        let before = Solution { routes, unassigned };
        builder.set_previous(before.clone(), CHANGE);
        Ok(Self { problem: builder.build()?, drops, couriers, before, holders, start })
    }

    /// Who has the drop now.
    pub(crate) fn holder(&self, job: JobIndex) -> Option<VehicleIndex> {
        self.holders.get(job.index()).copied().flatten()
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

/// A drop as a job; `tie`: the skill that only its holder has.
fn add_job(
    builder: &mut ProblemBuilder,
    drop: &Drop,
    start: DateTime<Utc>,
    tie: Option<u32>,
) -> JobIndex {
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
    if let Some(tie) = tie {
        job = job.priority(HELD_PRIORITY);
        if drop.hold != Hold::Free {
            job = job.skills([tie]);
        }
    }
    builder.add_job(job)
}

fn vehicle(courier: &Courier, profile: Profile, start: DateTime<Utc>) -> Vehicle {
    let end = courier.shift_end.unwrap_or(start + SHIFT_DEFAULT);
    Vehicle::new(courier.partner.to_string(), profile)
        .shift(Seconds(0), seconds(start, end.max(start)))
        .capacity([i64::from(courier.capacity)])
}

/// The vehicle where its partner was seen last. One who was not seen is taken to be in the middle,
/// for a way from nowhere would cost nothing; and for a price, for it may be anywhere.
fn starting(
    vehicle: Vehicle,
    builder: &mut ProblemBuilder,
    courier: &Courier,
    middle: Option<Point<f64>>,
    start: DateTime<Utc>,
) -> Vehicle {
    match (courier.position, middle) {
        (Some((position, at)), _) => {
            let location = builder.add_point(position);
            vehicle.start(location).position_age(seconds(at, start.max(at)))
        }
        (None, Some(middle)) => vehicle.start(builder.add_point(middle)).fixed_cost(UNSEEN),
        (None, None) => vehicle,
    }
}

/// The mean of where what is waiting goes; if nothing is, of what partners have.
fn middle(rounds: &[Round], waiting: &[Drop]) -> Option<Point<f64>> {
    let held = rounds.iter().flat_map(|round| &round.stops);
    mean(waiting.iter().map(|drop| drop.position)).or(mean(held.map(|drop| drop.position)))
}

/// The mean of degrees: good enough for points of one region.
pub(super) fn mean(points: impl Iterator<Item = Point<f64>>) -> Option<Point<f64>> {
    let (sum, count) =
        points.fold((Point::new(0.0, 0.0), 0.0), |(sum, count), point| (sum + point, count + 1.0));
    (count > 0.0).then(|| sum / count)
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
