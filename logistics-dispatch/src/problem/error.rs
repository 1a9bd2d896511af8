//! Why a problem cannot be built: always which job or vehicle, and which field.

use core::fmt;

use thiserror::Error;

use super::MatrixError;
use crate::routes::PlanError;

/// Whose field it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Owner {
    /// The job of this id.
    Job(String),
    /// The vehicle of this id.
    Vehicle(String),
    /// A break of a vehicle.
    Break {
        /// Id of the vehicle.
        vehicle: String,
        /// Id of the break.
        id: String,
    },
    /// The profile of this number, from 0.
    Profile(usize),
    /// The location of this number, from 0.
    Location(usize),
    /// The problem as a whole.
    Problem,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(id) => write!(f, "job {id:?}"),
            Self::Vehicle(id) => write!(f, "vehicle {id:?}"),
            Self::Break { vehicle, id } => write!(f, "break {id:?} of vehicle {vehicle:?}"),
            Self::Profile(number) => write!(f, "profile {number}"),
            Self::Location(number) => write!(f, "location {number}"),
            Self::Problem => f.write_str("problem"),
        }
    }
}

/// Why a problem was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProblemError {
    /// Two jobs, two vehicles or two breaks of a vehicle bear the same id: give each its own.
    #[error("{0} occurs twice")]
    DuplicateId(Owner),
    /// More of something than the limits of this crate allow: split the problem.
    #[error("{owner}: {field} is {found}, more than the limit of {limit}")]
    TooMany {
        /// Whose.
        owner: Owner,
        /// Which field.
        field: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A number outside its range: correct it.
    #[error("{owner}: {field} is {value}, outside {min}..={max}")]
    OutOfRange {
        /// Whose.
        owner: Owner,
        /// Which field.
        field: &'static str,
        /// The number.
        value: i64,
        /// Least allowed.
        min: i64,
        /// Greatest allowed.
        max: i64,
    },
    /// A coordinate, speed or detour that is not a usable number: correct it.
    #[error("{owner}: {field} is not a usable number")]
    NotUsable {
        /// Whose.
        owner: Owner,
        /// Which field.
        field: &'static str,
    },
    /// A location or profile that the problem does not have: add it first.
    #[error("{owner}: {field} is number {index}, but there are only {count}")]
    Unknown {
        /// Whose.
        owner: Owner,
        /// Which field.
        field: &'static str,
        /// What was asked for, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// An amount with another number of quantities than the rest of the problem.
    #[error("{owner}: {field} has {found} quantities instead of {expected}")]
    Dimensions {
        /// Whose.
        owner: Owner,
        /// Which field.
        field: &'static str,
        /// Quantities in it.
        found: usize,
        /// Quantities elsewhere.
        expected: usize,
    },
    /// A window that ends before it starts.
    #[error("{owner}: {field} ends before it starts")]
    EmptyWindow {
        /// Whose.
        owner: Owner,
        /// Which field.
        field: &'static str,
    },
    /// Windows out of order or overlapping: sort and join them.
    #[error("{0}: time windows overlap or are not in order")]
    WindowOrder(Owner),
    /// A break that cannot begin in its windows, behind those before it, and be over by the
    /// end of the shift: correct one of them, or leave out a break that has been taken.
    #[error("{0} does not fit into the shift")]
    BreakOutsideShift(Owner),
    /// A job that is settled on two vehicles, or twice on one: keep one of the stops.
    #[error("{0} is frozen more than once")]
    FrozenTwice(Owner),
    /// A served stop that began before the one in front of it or after the start of the
    /// shift, which is where planning begins: correct the record, or move the start.
    #[error("{vehicle}: served stop {job:?} is out of order or later than the shift's start")]
    ServedOrder {
        /// Whose route.
        vehicle: Owner,
        /// Id of the job.
        job: String,
    },
    /// A job that is in two pairs, or twice in one: make two jobs of it.
    #[error("{0} is paired more than once")]
    PairedTwice(Owner),
    /// The halves of a pair contradict each other: what is picked up is what is delivered
    /// and nothing else is, both are optional or none, and no delivery is frozen without
    /// its pickup before it.
    #[error("{owner}: {field} does not match the other half of its pair")]
    PairMismatch {
        /// Whose.
        owner: Owner,
        /// Which field.
        field: &'static str,
    },
    /// The previous plan is not one of this problem: translate its jobs and vehicles.
    #[error("the previous plan is not one of this problem")]
    Previous(#[source] PlanError),
    /// A cost or limit on something that the vehicle's profile has no table for.
    #[error("{owner}: {field} needs a table of {table} in its profile")]
    MissingTable {
        /// Whose.
        owner: Owner,
        /// Which field.
        field: &'static str,
        /// Which table.
        table: &'static str,
    },
    /// A profile without any table, or with tables of different sizes.
    #[error("profile {profile}: {table} table is missing or is not {expected} by {expected}")]
    TableSize {
        /// Which profile, from 0.
        profile: usize,
        /// Which table.
        table: &'static str,
        /// Locations of the problem.
        expected: usize,
    },
    /// A haversine profile cannot place a location without coordinates.
    #[error("location {0} has no coordinates")]
    NoCoordinates(usize),
    /// A table that cannot be computed.
    #[error("profile {profile}: table out of range")]
    Table {
        /// Which profile, from 0.
        profile: usize,
        /// What is wrong with it.
        source: MatrixError,
    },
}
