//! Gathers the parts of a problem and checks all of them once.

use geo_types::Point;

use super::balance::check_balance;
use super::error::{Owner, ProblemError};
use super::frozen::check_frozen;
use super::limits::{
    MAX_COST, MAX_DIMENSIONS, MAX_JOBS, MAX_LOCATIONS, MAX_MATRIX_CELLS, MAX_PROFILES, MAX_VEHICLES,
};
use super::pair::halves;
use super::range::{at_most, unique, within};
use super::tables::tables;
use super::travel::Travel;
use super::valid::{check_job, check_vehicle, check_wishes};
use super::{Balance, Job, JobIndex, Location, Problem, Profile, Vehicle, VehicleIndex};
use crate::model::Classes;
use crate::routes::{by_vehicle, visits};
use crate::solution::Solution;
use crate::units::Cost;

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
        let halves = halves(&self.jobs, &self.vehicles, &self.pairs)?;
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
            problem.compare_with(&plan, cost)?;
        }
        let classes = Classes::of(&problem);
        let nodes = problem.jobs.len() + problem.reloads() + 2 * classes.count();
        let cells = nodes.saturating_mul(nodes).saturating_mul(classes.kinds().max(1));
        at_most(Owner::Problem, "matrix cells", cells, MAX_MATRIX_CELLS)?;
        Ok(problem)
    }
}

impl Problem {
    fn compare_with(&mut self, plan: &Solution, cost: Cost) -> Result<(), ProblemError> {
        within(|| Owner::Problem, "cost of a change", cost.get(), MAX_COST)?;
        let routes = by_vehicle(self, plan).map_err(ProblemError::Previous)?;
        self.previous = vec![None; self.jobs.len()];
        for (vehicle, _, job) in visits(&routes) {
            self.previous[job.index()] = Some(vehicle);
        }
        self.change_cost = cost;
        Ok(())
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
