//! VROOM's JSON: its problems in, its solutions out and in.
//!
//! The field names and their meaning are those of VROOM's API document. A field that
//! this crate does not honour is refused by its path, unless its value asks for nothing
//! (`[]`, `0`, `null`).

mod breaks;
mod coordinates;
mod matrices;
mod parts;
mod read;
mod solution;
mod value;
mod write;

pub(super) use read::parse;
pub(super) use solution::parse_solution;
pub(super) use write::write;

use serde_json::Value;

/// What the answer repeats from the question.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    jobs: Vec<Echo>,
    vehicles: Vec<Echo>,
    /// Start and end of each vehicle, as coordinates.
    starts: Vec<Option<Value>>,
    ends: Vec<Option<Value>>,
    /// The breaks of each vehicle, in the order in which they are taken.
    breaks: Vec<Vec<Echo>>,
    /// Locations are rows of a matrix of the file.
    indexed: bool,
    /// Distances are known for every profile.
    distances: bool,
}

/// What a job's steps, or a vehicle's route, repeat.
#[derive(Clone, Debug, Default)]
struct Echo {
    id: u64,
    kind: Kind,
    description: Option<Value>,
    location: Option<Value>,
}

/// What a step is; ids are unique among steps of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Job,
    Pickup,
    Delivery,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Job, Self::Pickup, Self::Delivery];

    fn name(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Pickup => "pickup",
            Self::Delivery => "delivery",
        }
    }

    /// The id of the job that such a step is in our problem.
    fn job_id(self, id: u64) -> String {
        match self {
            Self::Job => id.to_string(),
            Self::Pickup | Self::Delivery => format!("{} {id}", self.name()),
        }
    }
}
