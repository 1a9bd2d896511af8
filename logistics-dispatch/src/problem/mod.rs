//! What is to be planned: jobs, vehicles and how long it takes between places.
//!
//! A [`Problem`] is complete and consistent by construction: the only way to one is
//! [`Problem::builder`], and the builder checks everything once.

mod builder;
mod error;
mod frozen;
mod job;
mod limits;
mod travel;
mod vehicle;

pub use builder::ProblemBuilder;
pub use error::{Owner, ProblemError};
pub use frozen::ServedStop;
pub(crate) use frozen::Settled;
pub use job::{Job, TimeWindow};
pub use limits::{
    MAX_AMOUNT, MAX_COST, MAX_DIMENSIONS, MAX_ID_BYTES, MAX_JOBS, MAX_LOCATIONS, MAX_MATRIX_CELLS,
    MAX_PRIORITY, MAX_PROFILES, MAX_SKILLS, MAX_TIME, MAX_VEHICLES, MAX_WINDOWS,
};
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
}
