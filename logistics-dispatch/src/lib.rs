#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod check;
mod costs;
pub mod diff;
mod doubt;
mod explain;
pub mod forecast;
#[cfg(feature = "formats")]
pub mod formats;
mod labels;
pub mod learn;
mod loads;
mod model;
pub mod offers;
mod problem;
mod rests;
mod rng;
mod routes;
#[cfg(test)]
mod samples;
mod savings;
mod schedule;
mod search;
mod solution;
mod state;
mod units;
mod visits;

pub use check::{Verdict, Violation, ViolationKind, check};
pub use costs::Costs;
pub use doubt::{Doubt, DoubtLimits, RouteDoubts, doubts, plan_doubts};
pub use explain::{Block, UnassignedReason, VehicleReason, explain};
pub use problem::{
    Balance, Break, Half, Haversine, Job, JobIndex, Lateness, Location, MAX_AMOUNT, MAX_BREAKS,
    MAX_COST, MAX_DIMENSIONS, MAX_ID_BYTES, MAX_JOBS, MAX_LOCATIONS, MAX_MATRIX_CELLS,
    MAX_PREFERENCE, MAX_PRIORITY, MAX_PROFILES, MAX_RELOADS, MAX_SKILLS, MAX_TIME, MAX_VEHICLES,
    MAX_WINDOWS, Matrix, MatrixError, Owner, Preference, Problem, ProblemBuilder, ProblemError,
    Profile, Reload, ServedStop, TimeWindow, Travel, TravelCost, Vehicle, VehicleIndex, Work,
};
pub use routes::PlanError;
pub use savings::savings;
pub use schedule::{BreakTime, ReloadTime, Schedule, StopTime, schedule};
pub use search::{Control, Outcome, Progress, SolveOptions, solve, solve_from};
#[cfg(feature = "parallel")]
pub use search::{MAX_THREADS, solve_parallel};
pub use solution::{Route, Score, Solution};
pub use units::{Cost, Meters, Seconds};
