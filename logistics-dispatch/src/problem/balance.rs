//! Fairness: what uneven work costs.

use super::MAX_COST;
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
