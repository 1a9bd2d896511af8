//! Why a question for offers has no answer. That nobody can take a job is an answer: an
//! empty list.

use thiserror::Error;

/// Why [`Offers`](super::Offers) cannot do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OfferError {
    /// A job that the problem does not have: build the problem with it first.
    #[error("there is no job number {index}, only {count} jobs")]
    UnknownJob {
        /// What was asked for, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A vehicle that the problem does not have.
    #[error("there is no vehicle number {index}, only {count} vehicles")]
    UnknownVehicle {
        /// What was asked for, from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// The plan visits the job already: take it off its route first.
    #[error("job {job:?} is already served by vehicle {vehicle:?}")]
    AlreadyServed {
        /// Id of the job.
        job: String,
        /// Id of the vehicle.
        vehicle: String,
    },
    /// The job is half of a pair, which needs two places: plan again from the plan that is
    /// there, with [`solve_from`](crate::solve_from).
    #[error("job {job:?} is half of a pair")]
    Paired {
        /// Id of the job.
        job: String,
    },
    /// More stops frozen than the route has.
    #[error("vehicle {vehicle:?} has {stops} stops, fewer than the {frozen} to freeze")]
    TooManyFrozen {
        /// Id of the vehicle.
        vehicle: String,
        /// Stops to freeze.
        frozen: usize,
        /// Stops of the route.
        stops: usize,
    },
    /// The route has changed since the offer was made: ask again.
    #[error("the offer for job {job:?} no longer holds")]
    Outdated {
        /// Id of the job.
        job: String,
    },
}
