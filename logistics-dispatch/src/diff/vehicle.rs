//! What becomes of one vehicle's route.

use crate::forecast::RouteTotals;
use crate::problem::VehicleIndex;
use crate::units::{Cost, Meters, Seconds};

/// The route of one vehicle before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VehicleChange {
    /// Which vehicle.
    pub vehicle: VehicleIndex,
    /// Its route in the first plan.
    pub before: RouteTotals,
    /// Its route in the second plan.
    pub after: RouteTotals,
}

impl VehicleChange {
    /// How much dearer the route is; negative if it is cheaper.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.after.cost - self.before.cost
    }

    /// How much more its lateness costs, which is part of [`cost`](Self::cost); negative if it
    /// costs less.
    #[must_use]
    pub fn late_cost(&self) -> Cost {
        self.after.late_cost - self.before.late_cost
    }

    /// How much longer it drives; negative if it drives less.
    #[must_use]
    pub fn travel_time(&self) -> Seconds {
        self.after.travel_time - self.before.travel_time
    }

    /// How much farther it drives; negative if it drives less far.
    #[must_use]
    pub fn distance(&self) -> Meters {
        self.after.distance - self.before.distance
    }

    /// How much longer it is out, from leaving to finishing; negative if it is shorter.
    #[must_use]
    pub fn duration(&self) -> Seconds {
        self.after.duration - self.before.duration
    }
}
