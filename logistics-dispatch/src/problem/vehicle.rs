//! A vehicle with its shift and limits: one route at most.

use std::collections::BTreeSet;

use super::{Break, JobIndex, Location, Profile, Reload, ServedStop, TimeWindow};
use crate::units::{Cost, Meters, Seconds};

/// What driving costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TravelCost {
    /// So many cost units per second and per metre of driving.
    PerUnit {
        /// Cost of one second of driving.
        per_second: i64,
        /// Cost of one metre of driving.
        per_meter: i64,
    },
    /// The cost matrix of the vehicle's profile.
    Matrix,
}

impl Default for TravelCost {
    /// One unit per second of driving.
    fn default() -> Self {
        Self::PerUnit { per_second: 1, per_meter: 0 }
    }
}

/// One vehicle and its driver, for one route.
///
/// Without a start the route begins at its first job, without an end it finishes at
/// its last one. An unused vehicle costs nothing.
///
/// ```
/// use logistics_dispatch::{Location, Profile, Seconds, Vehicle};
///
/// let bike = Vehicle::new("DP-7", Profile::new(0))
///     .start(Location::new(0))
///     .shift(Seconds(32_400), Seconds(50_400))
///     .capacity([25]);
/// assert_eq!(bike.end, None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vehicle {
    /// The caller's own name for it, unique among vehicles.
    pub id: String,
    /// How it travels.
    pub profile: Profile,
    /// Where it is when its shift starts. `None`: at its first job. For a vehicle that is
    /// under way: where it is now.
    pub start: Option<Location>,
    /// Where it must be when its shift ends. `None`: anywhere (an open route).
    pub end: Option<Location>,
    /// It leaves no earlier, and has finished (and is at `end`) no later. For a vehicle
    /// that is under way the start is now, or when it is done where it is.
    pub shift: TimeWindow,
    /// What it carries at once, per quantity. Empty: no limit.
    pub capacity: Vec<i64>,
    /// What it can do.
    pub skills: BTreeSet<u32>,
    /// Paid once if it is used.
    pub fixed_cost: Cost,
    /// Paid for driving.
    pub travel_cost: TravelCost,
    /// Most jobs on its route.
    pub max_jobs: Option<usize>,
    /// Most driving time (service and waiting not counted).
    pub max_travel_time: Option<Seconds>,
    /// Most driving distance.
    pub max_distance: Option<Meters>,
    /// Breaks, in the order in which they are taken.
    pub breaks: Vec<Break>,
    /// Where and how often it may load again. `None`: it makes one trip.
    pub reload: Option<Reload>,
    /// How old the report of its position (`start`) is. `None`: certain.
    pub position_age: Option<Seconds>,
    /// What it has served, in order: the first stops of its route. They lie before `start`
    /// and `shift`: no driving, time or cost is reckoned for them, but for their lateness, and
    /// nothing they brought is on board. What they took still is, and they count towards
    /// `max_jobs`.
    pub served: Vec<ServedStop>,
    /// What it does next, in this order, before anything else. Nothing comes between, and
    /// limits that these stops break by themselves are nobody's fault.
    pub pinned: Vec<JobIndex>,
}

impl Vehicle {
    /// A vehicle with no limits, no start and no end, costing its seconds of driving.
    #[must_use]
    pub fn new(id: impl Into<String>, profile: Profile) -> Self {
        Self {
            id: id.into(),
            profile,
            start: None,
            end: None,
            shift: TimeWindow::ALWAYS,
            capacity: Vec::new(),
            skills: BTreeSet::new(),
            fixed_cost: Cost::ZERO,
            travel_cost: TravelCost::default(),
            max_jobs: None,
            max_travel_time: None,
            max_distance: None,
            breaks: Vec::new(),
            reload: None,
            position_age: None,
            served: Vec::new(),
            pinned: Vec::new(),
        }
    }

    /// Sets where it is when its shift starts.
    #[must_use]
    pub fn start(mut self, location: Location) -> Self {
        self.start = Some(location);
        self
    }

    /// Sets where it must be when its shift ends.
    #[must_use]
    pub fn end(mut self, location: Location) -> Self {
        self.end = Some(location);
        self
    }

    /// Sets the shift, both ends included.
    #[must_use]
    pub fn shift(mut self, start: Seconds, end: Seconds) -> Self {
        self.shift = TimeWindow::new(start, end);
        self
    }

    /// Sets what it carries at once, per quantity.
    #[must_use]
    pub fn capacity(mut self, amounts: impl Into<Vec<i64>>) -> Self {
        self.capacity = amounts.into();
        self
    }

    /// Sets what it can do.
    #[must_use]
    pub fn skills(mut self, skills: impl IntoIterator<Item = u32>) -> Self {
        self.skills = skills.into_iter().collect();
        self
    }

    /// Sets the cost of using it at all.
    #[must_use]
    pub fn fixed_cost(mut self, cost: Cost) -> Self {
        self.fixed_cost = cost;
        self
    }

    /// Sets the cost of driving.
    #[must_use]
    pub fn travel_cost(mut self, cost: TravelCost) -> Self {
        self.travel_cost = cost;
        self
    }

    /// Limits the jobs on its route.
    #[must_use]
    pub fn max_jobs(mut self, jobs: usize) -> Self {
        self.max_jobs = Some(jobs);
        self
    }

    /// Limits its driving time.
    #[must_use]
    pub fn max_travel_time(mut self, time: Seconds) -> Self {
        self.max_travel_time = Some(time);
        self
    }

    /// Limits its driving distance.
    #[must_use]
    pub fn max_distance(mut self, distance: Meters) -> Self {
        self.max_distance = Some(distance);
        self
    }

    /// Adds a break behind those that it has.
    #[must_use]
    pub fn rest(mut self, rest: Break) -> Self {
        self.breaks.push(rest);
        self
    }

    /// Lets it load again on its route.
    #[must_use]
    pub fn reload(mut self, reload: Reload) -> Self {
        self.reload = Some(reload);
        self
    }

    /// Says how old the report of its position is.
    #[must_use]
    pub fn position_age(mut self, age: Seconds) -> Self {
        self.position_age = Some(age);
        self
    }

    /// Adds a stop that it has served, and when service began.
    #[must_use]
    pub fn served(mut self, job: JobIndex, start: Seconds) -> Self {
        self.served.push(ServedStop { job, start });
        self
    }

    /// Adds a stop that comes next, whatever is planned.
    #[must_use]
    pub fn pinned(mut self, job: JobIndex) -> Self {
        self.pinned.push(job);
        self
    }
}
