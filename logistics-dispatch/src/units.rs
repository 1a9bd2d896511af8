//! Quantities as types: whole seconds, metres and cost units, never bare numbers.
//!
//! Everything the solver adds up is an integer, so a plan is the same to the bit on
//! every machine.

use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $unit:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(0);

            /// The bare number.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
                all.fold(Self::ZERO, Add::add)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("{}", $unit), self.0)
            }
        }
    };
}

quantity!(
    /// Whole seconds: a duration, or a moment counted from an origin that the caller
    /// chooses once for the whole problem (midnight, the Unix epoch).
    Seconds,
    " s"
);
quantity!(
    /// Whole metres of driving.
    Meters,
    " m"
);
quantity!(
    /// Whole units of cost. What one unit is worth is the caller's choice; with the
    /// default [`TravelCost`](crate::TravelCost) it is one second of driving.
    Cost,
    ""
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Seconds(i64::MAX) + Seconds(1), Seconds(i64::MAX));
        assert_eq!(Meters(3) - Meters(5), Meters(-2));
        assert_eq!([Cost(1), Cost(2)].into_iter().sum::<Cost>(), Cost(3));
    }

    #[test]
    fn a_quantity_prints_its_unit() {
        assert_eq!(Seconds(90).to_string(), "90 s");
        assert_eq!(Meters(1200).to_string(), "1200 m");
        assert_eq!(Cost(7).to_string(), "7");
    }
}
