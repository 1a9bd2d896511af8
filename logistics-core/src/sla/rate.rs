//! A rate of promises kept, which cannot pass 100 %.

use serde::{Deserialize, Serialize};

/// More was on time than was due: something was counted twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{on_time} on time of {due} due")]
pub struct RateError {
    /// How many were said to be on time.
    pub on_time: u64,
    /// How many were said to be due.
    pub due: u64,
}

/// How many shipments of those due were on time: never more than all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawRate")]
pub struct OtdRate {
    on_time: u64,
    due: u64,
}

#[derive(Deserialize)]
struct RawRate {
    on_time: u64,
    due: u64,
}

impl OtdRate {
    /// `on_time` of `due` shipments.
    ///
    /// # Errors
    /// [`RateError`] when more were on time than due.
    pub const fn new(on_time: u64, due: u64) -> Result<Self, RateError> {
        if on_time > due { Err(RateError { on_time, due }) } else { Ok(Self { on_time, due }) }
    }

    /// `on_time` shipments and `missed` others.
    pub(super) const fn of_parts(on_time: u64, missed: u64) -> Self {
        Self { on_time, due: on_time.saturating_add(missed) }
    }

    /// How many were on time.
    #[must_use]
    pub const fn on_time(self) -> u64 {
        self.on_time
    }

    /// How many were due.
    #[must_use]
    pub const fn due(self) -> u64 {
        self.due
    }

    /// How many were due and not on time.
    #[must_use]
    pub const fn missed(self) -> u64 {
        // The constructor keeps on_time ≤ due.
        self.due.saturating_sub(self.on_time)
    }

    /// On time ÷ due in hundredths of a per cent, rounded down: 10 000 means every single one.
    /// None where nothing was due.
    #[must_use]
    pub fn basis_points(self) -> Option<u16> {
        let points =
            u128::from(self.on_time) * 10_000 / u128::from(Some(self.due).filter(|&n| n > 0)?);
        u16::try_from(points).ok()
    }

    /// The rate over two cohorts that share no shipment.
    #[must_use]
    pub const fn merge(self, other: Self) -> Self {
        Self::of_parts(
            self.on_time.saturating_add(other.on_time),
            self.missed().saturating_add(other.missed()),
        )
    }
}

impl TryFrom<RawRate> for OtdRate {
    type Error = RateError;

    fn try_from(raw: RawRate) -> Result<Self, RateError> {
        Self::new(raw.on_time, raw.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_on_time_than_due_cannot_be_said() {
        assert_eq!(OtdRate::new(3, 2), Err(RateError { on_time: 3, due: 2 }));
        assert!(serde_json::from_str::<OtdRate>(r#"{"on_time":3,"due":2}"#).is_err());
        let rate: OtdRate = serde_json::from_str(r#"{"on_time":2,"due":3}"#).expect("legal");
        assert_eq!((rate.on_time(), rate.due(), rate.missed()), (2, 3, 1));
    }

    #[test]
    fn basis_points_are_rounded_down() {
        let points = |on_time, due| OtdRate::new(on_time, due).expect("legal").basis_points();
        assert_eq!(points(0, 0), None);
        assert_eq!(points(2, 3), Some(6_666));
        assert_eq!(points(999_999, 1_000_000), Some(9_999), "one late shipment shows");
        assert_eq!(points(u64::MAX, u64::MAX), Some(10_000));
    }

    #[test]
    fn cohorts_are_merged_by_counting_not_by_averaging() {
        let merged = OtdRate::new(1, 1).expect("legal").merge(OtdRate::new(0, 3).expect("legal"));
        assert_eq!((merged.on_time(), merged.due(), merged.basis_points()), (1, 4, Some(2_500)));
        let most = OtdRate::new(u64::MAX, u64::MAX).expect("legal");
        assert!(most.merge(most).basis_points() <= Some(10_000));
    }
}
