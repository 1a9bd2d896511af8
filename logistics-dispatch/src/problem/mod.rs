//! What is to be planned: jobs, vehicles and how long it takes between places.
//!
//! A [`Problem`] is complete and consistent by construction: the only way to one is
//! [`Problem::builder`], and the builder checks everything once.

mod balance;
mod builder;
mod error;
mod frozen;
mod job;
mod lateness;
mod limits;
mod pair;
mod range;
mod reload;
mod rest;
mod tables;
mod travel;
mod valid;
mod vehicle;

pub use balance::{Balance, Work};
pub use builder::ProblemBuilder;
pub use error::{Owner, ProblemError};
pub use frozen::ServedStop;
pub(crate) use frozen::Settled;
pub use job::{Job, Preference, TimeWindow};
pub use lateness::Lateness;
pub use limits::{
    MAX_AMOUNT, MAX_BREAKS, MAX_COST, MAX_DIMENSIONS, MAX_ID_BYTES, MAX_JOBS, MAX_LOCATIONS,
    MAX_MATRIX_CELLS, MAX_PREFERENCE, MAX_PRIORITY, MAX_PROFILES, MAX_RELOADS, MAX_SKILLS,
    MAX_TIME, MAX_VEHICLES, MAX_WINDOWS,
};
pub use pair::Half;
pub use reload::Reload;
pub use rest::Break;
pub(crate) use travel::whole;
pub use travel::{Haversine, Matrix, MatrixError, Travel};
pub use vehicle::{TravelCost, Vehicle};

use crate::units::{Cost, Meters, Seconds};
use travel::Legs;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The `index`-th, counted from 0 in the order of adding.
            #[must_use]
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            /// The position in the order of adding, from 0.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// Which job of the problem.
    JobIndex
);
index!(
    /// Which vehicle of the problem.
    VehicleIndex
);
index!(
    /// Which place: a row and column of every matrix of the problem.
    Location
);
index!(
    /// Which way of travelling (a kind of vehicle's own matrix).
    Profile
);

/// A routing problem, checked and complete. Made by [`Problem::builder`].
#[derive(Clone, Debug)]
pub struct Problem {
    jobs: Vec<Job>,
    vehicles: Vec<Vehicle>,
    profiles: Vec<Legs>,
    locations: usize,
    dimensions: usize,
    /// Per job who had it in the previous plan; empty without one.
    previous: Vec<Option<VehicleIndex>>,
    change_cost: Cost,
    balance: Option<Balance>,
    /// Per job which half of a pair it is; empty without pairs.
    halves: Vec<Option<Half>>,
}

impl Problem {
    /// Starts an empty problem.
    #[must_use]
    pub fn builder() -> ProblemBuilder {
        ProblemBuilder::default()
    }

    /// The jobs, in the order of adding.
    #[must_use]
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// The vehicles, in the order of adding.
    #[must_use]
    pub fn vehicles(&self) -> &[Vehicle] {
        &self.vehicles
    }

    /// The job of this index, if there is one.
    #[must_use]
    pub fn job(&self, index: JobIndex) -> Option<&Job> {
        self.jobs.get(index.index())
    }

    /// The vehicle of this index, if there is one.
    #[must_use]
    pub fn vehicle(&self, index: VehicleIndex) -> Option<&Vehicle> {
        self.vehicles.get(index.index())
    }

    /// How many places the matrices cover.
    #[must_use]
    pub fn locations(&self) -> usize {
        self.locations
    }

    /// How often all vehicles together reload at most.
    pub(crate) fn reloads(&self) -> usize {
        self.vehicles.iter().map(|vehicle| self.reloads_of(vehicle)).sum()
    }

    /// How often a vehicle reloads at most; never more often than there are jobs.
    pub(crate) fn reloads_of(&self, vehicle: &Vehicle) -> usize {
        vehicle.reload.map_or(0, |reload| reload.most.min(self.jobs.len()))
    }

    /// How many quantities an amount has (0 if nothing is carried).
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    pub(crate) fn legs(&self, profile: Profile) -> &Legs {
        &self.profiles[profile.index()]
    }

    /// Driving time from one place to another in a profile; zero where the profile
    /// has no durations. Both places and the profile must belong to the problem.
    ///
    /// # Panics
    /// When the profile or a place is not of this problem.
    #[must_use]
    pub fn duration(&self, profile: Profile, from: Location, to: Location) -> Seconds {
        Seconds(self.legs(profile).duration_s(from, to))
    }

    /// Driving distance from one place to another in a profile; zero where the
    /// profile has no distances.
    ///
    /// # Panics
    /// When the profile or a place is not of this problem.
    #[must_use]
    pub fn distance(&self, profile: Profile, from: Location, to: Location) -> Meters {
        Meters(self.legs(profile).distance_m(from, to))
    }

    /// What this vehicle's drive from one place to another costs (no fixed cost).
    ///
    /// # Panics
    /// When the vehicle or a place is not of this problem.
    #[must_use]
    pub fn leg_cost(&self, vehicle: VehicleIndex, from: Location, to: Location) -> Cost {
        let vehicle = &self.vehicles[vehicle.index()];
        Cost(self.legs(vehicle.profile).cost(vehicle.travel_cost, from, to))
    }

    /// Who was to serve the job in the previous plan.
    #[must_use]
    pub fn previous(&self, job: JobIndex) -> Option<VehicleIndex> {
        self.previous.get(job.index()).copied().flatten()
    }

    /// What it costs for each job of the previous plan that another vehicle serves.
    #[must_use]
    pub fn change_cost(&self) -> Cost {
        self.change_cost
    }

    /// The price on uneven work, if there is one.
    #[must_use]
    pub fn balance(&self) -> Option<Balance> {
        self.balance
    }

    /// What it costs that this vehicle serves the job and not the one before.
    pub(crate) fn change_cost_of(&self, vehicle: VehicleIndex, job: JobIndex) -> Cost {
        let changed = self.previous(job).is_some_and(|before| before != vehicle);
        if changed { self.change_cost } else { Cost::ZERO }
    }

    /// What the job's preferences say of this vehicle.
    pub(crate) fn preference_of(&self, vehicle: VehicleIndex, job: JobIndex) -> Cost {
        let all = self.jobs[job.index()].preferences.iter();
        all.filter(|preference| preference.vehicle == vehicle).map(|own| own.cost).sum()
    }

    /// Per vehicle: does the cost of a job depend on its being this one?
    pub(crate) fn singled_out(&self) -> Vec<bool> {
        let mut singled = vec![false; self.vehicles.len()];
        let preferences = self.jobs.iter().flat_map(|job| &job.preferences);
        let preferred = preferences.map(|preference| preference.vehicle);
        let priced = self.change_cost > Cost::ZERO;
        let before = self.previous.iter().flatten().copied().filter(|_| priced);
        for vehicle in preferred.chain(before) {
            singled[vehicle.index()] = true;
        }
        singled
    }
}
