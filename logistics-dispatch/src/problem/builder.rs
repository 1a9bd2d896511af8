//! Gathers the parts of a problem and checks all of them once.

use std::collections::BTreeSet;

use geo_types::Point;

use super::error::{Owner, ProblemError};
use super::limits::{
    MAX_AMOUNT, MAX_COST, MAX_DIMENSIONS, MAX_ID_BYTES, MAX_JOBS, MAX_LOCATIONS, MAX_MATRIX_CELLS,
    MAX_PREFERENCE, MAX_PRIORITY, MAX_PROFILES, MAX_SKILLS, MAX_TIME, MAX_VEHICLES, MAX_WINDOWS,
};
use super::travel::{Legs, Travel};
use super::{
    Balance, Job, JobIndex, Location, Problem, Profile, TimeWindow, TravelCost, Vehicle,
    VehicleIndex, Work,
};
use crate::model::Classes;
use crate::routes::{by_vehicle, visits};
use crate::solution::Solution;
use crate::units::{Cost, Seconds};

/// Makes a [`Problem`]: add parts in any order, then [`build`](Self::build).
#[derive(Clone, Debug, Default)]
pub struct ProblemBuilder {
    points: Vec<Point<f64>>,
    profiles: Vec<Travel>,
    jobs: Vec<Job>,
    vehicles: Vec<Vehicle>,
    previous: Option<(Solution, Cost)>,
    balance: Option<Balance>,
    pairs: Vec<(JobIndex, JobIndex)>,
}

impl ProblemBuilder {
    /// Adds a place by its coordinates (x = longitude, y = latitude, degrees).
    /// Problems with matrices need no places: their locations are the rows.
    pub fn add_point(&mut self, point: Point<f64>) -> Location {
        self.points.push(point);
        Location::new(self.points.len() - 1)
    }

    /// Adds a way of travelling.
    pub fn add_profile(&mut self, travel: Travel) -> Profile {
        self.profiles.push(travel);
        Profile::new(self.profiles.len() - 1)
    }

    /// Adds a job.
    pub fn add_job(&mut self, job: Job) -> JobIndex {
        self.jobs.push(job);
        JobIndex::new(self.jobs.len() - 1)
    }

    /// Adds a vehicle.
    pub fn add_vehicle(&mut self, vehicle: Vehicle) -> VehicleIndex {
        self.vehicles.push(vehicle);
        VehicleIndex::new(self.vehicles.len() - 1)
    }

    /// Makes two jobs a pair: what is picked up at the first is delivered at the second, by
    /// the same vehicle, or both are left out. The first has the load as its `pickup`, the
    /// second the same as its `delivery`.
    pub fn pair(&mut self, pickup: JobIndex, delivery: JobIndex) {
        self.pairs.push((pickup, delivery));
    }

    /// Says what was planned before, and what it costs for each job of it that another
    /// vehicle serves now. A job that is left out, or is new, has not changed vehicle.
    pub fn set_previous(&mut self, plan: Solution, cost_per_change: Cost) {
        self.previous = Some((plan, cost_per_change));
    }

    /// Puts a price on uneven work.
    pub fn set_balance(&mut self, balance: Balance) {
        self.balance = Some(balance);
    }

    /// A job added before, to be changed.
    pub fn job_mut(&mut self, index: JobIndex) -> Option<&mut Job> {
        self.jobs.get_mut(index.index())
    }

    /// A vehicle added before, to be changed.
    pub fn vehicle_mut(&mut self, index: VehicleIndex) -> Option<&mut Vehicle> {
        self.vehicles.get_mut(index.index())
    }

    /// The jobs and vehicles added so far, to be changed before they are checked.
    pub(crate) fn parts_mut(&mut self) -> (&mut [Job], &mut [Vehicle]) {
        (&mut self.jobs, &mut self.vehicles)
    }

    /// Does any job bring or take anything?
    #[cfg(feature = "formats")]
    pub(crate) fn carries_anything(&self) -> bool {
        self.jobs.iter().any(|job| !job.delivery.is_empty() || !job.pickup.is_empty())
    }

    /// The first vehicle without a capacity.
    #[cfg(feature = "formats")]
    pub(crate) fn first_unlimited(&self) -> Option<usize> {
        self.vehicles.iter().position(|vehicle| vehicle.capacity.is_empty())
    }

    /// Checks everything and makes the problem.
    ///
    /// A problem without jobs or without vehicles is a problem; its plan is empty.
    ///
    /// # Errors
    /// The first fault found, with the job, vehicle or profile and the field.
    pub fn build(self) -> Result<Problem, ProblemError> {
        at_most(Owner::Problem, "jobs", self.jobs.len(), MAX_JOBS)?;
        at_most(Owner::Problem, "vehicles", self.vehicles.len(), MAX_VEHICLES)?;
        at_most(Owner::Problem, "profiles", self.profiles.len(), MAX_PROFILES)?;
        at_most(Owner::Problem, "locations", self.points.len(), MAX_LOCATIONS)?;
        let (locations, profiles) = tables(&self.points, self.profiles)?;
        let dimensions = dimensions(&self.jobs, &self.vehicles)?;
        unique(self.jobs.iter().map(|job| &job.id), Owner::Job)?;
        unique(self.vehicles.iter().map(|vehicle| &vehicle.id), Owner::Vehicle)?;
        for job in &self.jobs {
            check_job(job, locations, dimensions)?;
            check_wishes(job, self.vehicles.len())?;
        }
        for vehicle in &self.vehicles {
            check_vehicle(vehicle, locations, dimensions, &profiles)?;
        }
        check_frozen(&self.jobs, &self.vehicles)?;
        check_balance(self.balance, &self.vehicles, &profiles)?;
        let halves = super::pair::halves(&self.jobs, &self.vehicles, &self.pairs)?;
        let mut problem = Problem {
            jobs: self.jobs,
            vehicles: self.vehicles,
            profiles,
            locations,
            dimensions,
            previous: Vec::new(),
            change_cost: Cost::ZERO,
            balance: self.balance,
            halves,
        };
        if let Some((plan, cost)) = self.previous {
            within(|| Owner::Problem, "cost of a change", cost.get(), MAX_COST)?;
            let routes = by_vehicle(&problem, &plan).map_err(ProblemError::Previous)?;
            problem.previous = vec![None; problem.jobs.len()];
            for (vehicle, _, job) in visits(&routes) {
                problem.previous[job.index()] = Some(vehicle);
            }
            problem.change_cost = cost;
        }
        let classes = Classes::of(&problem);
        let nodes = problem.jobs.len() + 2 * classes.count();
        let cells = nodes.saturating_mul(nodes).saturating_mul(classes.kinds().max(1));
        at_most(Owner::Problem, "matrix cells", cells, MAX_MATRIX_CELLS)?;
        Ok(problem)
    }
}

fn at_most(
    owner: Owner,
    field: &'static str,
    found: usize,
    limit: usize,
) -> Result<(), ProblemError> {
    if found > limit {
        return Err(ProblemError::TooMany { owner, field, found, limit });
    }
    Ok(())
}

fn within(
    owner: impl FnOnce() -> Owner,
    field: &'static str,
    value: i64,
    max: i64,
) -> Result<(), ProblemError> {
    if (0..=max).contains(&value) {
        return Ok(());
    }
    Err(ProblemError::OutOfRange { owner: owner(), field, value, min: 0, max })
}

fn unique<'a>(
    ids: impl Iterator<Item = &'a String>,
    owner: impl Fn(String) -> Owner,
) -> Result<(), ProblemError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        at_most(owner(id.clone()), "id length", id.len(), MAX_ID_BYTES)?;
        if !seen.insert(id) {
            return Err(ProblemError::DuplicateId(owner(id.clone())));
        }
    }
    Ok(())
}

fn tables(points: &[Point<f64>], travels: Vec<Travel>) -> Result<(usize, Vec<Legs>), ProblemError> {
    for (index, point) in points.iter().enumerate() {
        let usable = (-180.0..=180.0).contains(&point.x()) && (-90.0..=90.0).contains(&point.y());
        if !usable {
            let owner = Owner::Location(index);
            return Err(ProblemError::NotUsable { owner, field: "coordinates" });
        }
    }
    let from_tables = travels.iter().find_map(|travel| match travel {
        Travel::Matrices { durations, distances, costs } => {
            [durations, distances, costs].into_iter().flatten().map(super::Matrix::size).next()
        }
        Travel::Haversine(_) => None,
    });
    let locations = if points.is_empty() { from_tables.unwrap_or(0) } else { points.len() };
    at_most(Owner::Problem, "locations", locations, MAX_LOCATIONS)?;
    let cells = locations.saturating_mul(locations).saturating_mul(travels.len());
    at_most(Owner::Problem, "matrix cells", cells, MAX_MATRIX_CELLS)?;
    let mut profiles = Vec::with_capacity(travels.len());
    for (profile, travel) in travels.into_iter().enumerate() {
        profiles.push(legs(profile, travel, points, locations)?);
    }
    Ok((locations, profiles))
}

fn legs(
    profile: usize,
    travel: Travel,
    points: &[Point<f64>],
    locations: usize,
) -> Result<Legs, ProblemError> {
    match travel {
        Travel::Haversine(haversine) => {
            if !haversine.is_valid() {
                let owner = Owner::Profile(profile);
                return Err(ProblemError::NotUsable { owner, field: "detour or speed" });
            }
            if points.len() < locations {
                return Err(ProblemError::NoCoordinates(points.len()));
            }
            haversine.legs(points).map_err(|source| ProblemError::Table { profile, source })
        }
        Travel::Matrices { durations, distances, costs } => {
            let wrong = |table| ProblemError::TableSize { profile, table, expected: locations };
            for (table, name) in
                [(&durations, "duration"), (&distances, "distance"), (&costs, "cost")]
            {
                if table.as_ref().is_some_and(|table| table.size() != locations) {
                    return Err(wrong(name));
                }
            }
            if durations.is_none() && distances.is_none() {
                return Err(wrong("duration"));
            }
            Ok(Legs { durations, distances, costs })
        }
    }
}

/// The number of quantities that every non-empty amount of the problem has.
fn dimensions(jobs: &[Job], vehicles: &[Vehicle]) -> Result<usize, ProblemError> {
    let amounts = jobs
        .iter()
        .flat_map(|job| [("delivery", &job.delivery), ("pickup", &job.pickup)].map(|a| (job, a)))
        .map(|(job, (field, amounts))| (Owner::Job(job.id.clone()), field, amounts.len()));
    let capacities = vehicles
        .iter()
        .map(|vehicle| (Owner::Vehicle(vehicle.id.clone()), "capacity", vehicle.capacity.len()));
    let mut expected = 0;
    for (owner, field, found) in amounts.chain(capacities).filter(|&(_, _, found)| found > 0) {
        at_most(owner.clone(), field, found, MAX_DIMENSIONS)?;
        if expected == 0 {
            expected = found;
        }
        if found != expected {
            return Err(ProblemError::Dimensions { owner, field, found, expected });
        }
    }
    Ok(expected)
}

fn check_window(
    owner: impl Fn() -> Owner,
    field: &'static str,
    window: TimeWindow,
) -> Result<(), ProblemError> {
    within(&owner, field, window.start.get(), MAX_TIME)?;
    within(&owner, field, window.end.get(), MAX_TIME)?;
    if window.end < window.start {
        return Err(ProblemError::EmptyWindow { owner: owner(), field });
    }
    Ok(())
}

fn known(
    owner: impl FnOnce() -> Owner,
    field: &'static str,
    index: usize,
    count: usize,
) -> Result<(), ProblemError> {
    if index >= count {
        return Err(ProblemError::Unknown { owner: owner(), field, index, count });
    }
    Ok(())
}

fn check_job(job: &Job, locations: usize, dimensions: usize) -> Result<(), ProblemError> {
    let owner = || Owner::Job(job.id.clone());
    known(owner, "location", job.location.index(), locations)?;
    within(owner, "service", job.service.get(), MAX_TIME)?;
    at_most(owner(), "time windows", job.windows.len(), MAX_WINDOWS)?;
    at_most(owner(), "skills", job.skills.len(), MAX_SKILLS)?;
    for &window in &job.windows {
        check_window(owner, "time window", window)?;
    }
    if job.windows.windows(2).any(|pair| pair[1].start <= pair[0].end) {
        return Err(ProblemError::WindowOrder(owner()));
    }
    for dimension in 0..dimensions {
        within(owner, "delivery", job.delivered(dimension), MAX_AMOUNT)?;
        within(owner, "pickup", job.picked_up(dimension), MAX_AMOUNT)?;
    }
    within(owner, "priority", i64::from(job.priority), i64::from(MAX_PRIORITY))?;
    let confidence = job.geocode_confidence_pct.unwrap_or(0);
    within(owner, "geocode confidence", i64::from(confidence), 100)
}

/// Preferences and what leaving the job out costs.
fn check_wishes(job: &Job, vehicles: usize) -> Result<(), ProblemError> {
    let owner = || Owner::Job(job.id.clone());
    within(owner, "cost of leaving it out", job.optional.unwrap_or_default().get(), MAX_COST)?;
    at_most(owner(), "preferences", job.preferences.len(), MAX_VEHICLES)?;
    for preference in &job.preferences {
        known(owner, "preferred vehicle", preference.vehicle.index(), vehicles)?;
        within(owner, "preference", preference.cost.get().saturating_abs(), MAX_PREFERENCE)?;
    }
    Ok(())
}

/// The weight is in range, and what is shared is known of every vehicle.
fn check_balance(
    balance: Option<Balance>,
    vehicles: &[Vehicle],
    profiles: &[Legs],
) -> Result<(), ProblemError> {
    let Some(balance) = balance else { return Ok(()) };
    within(|| Owner::Problem, "weight of balance", balance.weight.get(), MAX_COST)?;
    for vehicle in vehicles {
        let legs = &profiles[vehicle.profile.index()];
        let (table, found) = match balance.work {
            Work::Stops => continue,
            Work::Hours => ("durations", legs.durations.is_some()),
            Work::Kilometers => ("distances", legs.distances.is_some()),
        };
        if !found {
            let owner = Owner::Vehicle(vehicle.id.clone());
            return Err(ProblemError::MissingTable { owner, field: "balance", table });
        }
    }
    Ok(())
}

fn check_vehicle(
    vehicle: &Vehicle,
    locations: usize,
    dimensions: usize,
    profiles: &[Legs],
) -> Result<(), ProblemError> {
    let owner = || Owner::Vehicle(vehicle.id.clone());
    known(owner, "profile", vehicle.profile.index(), profiles.len())?;
    for (place, field) in [(vehicle.start, "start"), (vehicle.end, "end")] {
        known(owner, field, place.map_or(0, Location::index), locations.max(1))?;
    }
    check_window(owner, "shift", vehicle.shift)?;
    at_most(owner(), "skills", vehicle.skills.len(), MAX_SKILLS)?;
    for &capacity in vehicle.capacity.iter().take(dimensions) {
        within(owner, "capacity", capacity, MAX_AMOUNT)?;
    }
    within(owner, "fixed cost", vehicle.fixed_cost.get(), MAX_COST)?;
    within(owner, "max travel time", vehicle.max_travel_time.unwrap_or_default().get(), MAX_TIME)?;
    within(owner, "max distance", vehicle.max_distance.unwrap_or_default().get(), MAX_TIME)?;
    within(owner, "position age", vehicle.position_age.unwrap_or(Seconds::ZERO).get(), MAX_TIME)?;
    check_rates(vehicle, &profiles[vehicle.profile.index()])
}

/// Frozen stops exist, once each, in the order of their times, and not more than allowed.
fn check_frozen(jobs: &[Job], vehicles: &[Vehicle]) -> Result<(), ProblemError> {
    let mut frozen = vec![false; jobs.len()];
    for vehicle in vehicles {
        let owner = || Owner::Vehicle(vehicle.id.clone());
        let most = vehicle.max_jobs.unwrap_or(MAX_JOBS);
        at_most(owner(), "frozen stops", vehicle.frozen_count(), most)?;
        for job in vehicle.frozen() {
            known(owner, "frozen stop", job.index(), jobs.len())?;
            if core::mem::replace(&mut frozen[job.index()], true) {
                return Err(ProblemError::FrozenTwice(Owner::Job(jobs[job.index()].id.clone())));
            }
        }
        let mut earliest = Seconds::ZERO;
        for stop in &vehicle.served {
            if stop.start < earliest || stop.start > vehicle.shift.start {
                let job = jobs[stop.job.index()].id.clone();
                return Err(ProblemError::ServedOrder { vehicle: owner(), job });
            }
            earliest = stop.start;
        }
    }
    Ok(())
}

/// Every cost and limit of the vehicle has the table it needs, and no leg of it costs
/// more than the solver's 32 bits.
fn check_rates(vehicle: &Vehicle, legs: &Legs) -> Result<(), ProblemError> {
    let owner = || Owner::Vehicle(vehicle.id.clone());
    let needs = |field, table, found: bool| {
        if found {
            return Ok(());
        }
        Err(ProblemError::MissingTable { owner: owner(), field, table })
    };
    needs("max distance", "distances", vehicle.max_distance.is_none() || legs.distances.is_some())?;
    let no_limit = vehicle.max_travel_time.is_none();
    needs("max travel time", "durations", no_limit || legs.durations.is_some())?;
    let TravelCost::PerUnit { per_second, per_meter } = vehicle.travel_cost else {
        return needs("travel cost", "costs", legs.costs.is_some());
    };
    let max = i64::from(i32::MAX);
    within(owner, "cost per second", per_second, max)?;
    within(owner, "cost per meter", per_meter, max)?;
    needs("cost per second", "durations", per_second == 0 || legs.durations.is_some())?;
    needs("cost per meter", "distances", per_meter == 0 || legs.distances.is_some())?;
    let longest = |table: &Option<super::Matrix>| table.as_ref().map_or(0, super::Matrix::max);
    let dearest = per_second
        .saturating_mul(longest(&legs.durations))
        .saturating_add(per_meter.saturating_mul(longest(&legs.distances)));
    within(owner, "cost of the longest leg", dearest, max)
}
