//! Fairness: what uneven work costs.

use super::Vehicle;
use super::error::{Owner, ProblemError};
use super::limits::MAX_COST;
use super::range::within;
use super::travel::Legs;
use crate::units::Cost;

/// What is to be shared evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Work {
    /// Stops, the served ones included.
    Stops,
    /// Hours of driving and service that are ahead; waiting does not count.
    Hours,
    /// Kilometres of driving that are ahead.
    Kilometers,
}

/// A price on uneven work: every vehicle pays `weight` times the square of its work, in
/// whole units of cost, rounded down, and at most [`MAX_COST`].
///
/// So the tenth stop of a route costs 19 times the weight and the first costs it once: work
/// goes where there is least. A sum of squares rewards no detour, as a range or a deviation
/// from the mean would, where one grows by making short routes longer (Matl, Hartl and
/// Vidal 2018, doi:10.1287/trsc.2017.0744).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// What is shared.
    pub work: Work,
    /// Cost of the square of one stop, hour or kilometre.
    pub weight: Cost,
}

impl Balance {
    /// What a vehicle pays for so much work: stops, seconds or metres.
    pub(crate) fn cost(self, work: i64) -> i64 {
        let unit: i128 = match self.work {
            Work::Stops => 1,
            Work::Hours => 3600,
            Work::Kilometers => 1000,
        };
        let square = i128::from(work) * i128::from(work);
        let cost = i128::from(self.weight.get()).saturating_mul(square) / (unit * unit);
        i64::try_from(cost).unwrap_or(MAX_COST).min(MAX_COST)
    }
}

/// The weight is in range, and what is shared is known of every vehicle.
pub(super) fn check_balance(
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
