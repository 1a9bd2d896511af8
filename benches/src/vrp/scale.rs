//! An axis of a chart: how values are placed along it, and which are labelled.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// Where the axis of a gap is labelled, in per cent.
const GAPS: [f64; 17] = [
    -16.0, -8.0, -4.0, -2.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0,
    128.0,
];

/// Below this the scale of gaps is about linear, above it about logarithmic; in per cent.
const LINEAR_TO: f64 = 0.25;

/// From the least to the greatest value.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    place: fn(f64) -> f64,
    ends: Range<f64>,
    ticks: Vec<f64>,
}

impl Scale {
    /// Logarithmic, for time and steps, which are above 0; labelled at 1, 2 and 5 of each decade.
    pub(crate) fn logarithmic(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = bounds(values);
        let (low, high) = if low < high { (low, high) } else { (low / 2.0, high * 2.0) };
        let decades = (-12..=18).map(|decade| 10_f64.powi(decade));
        let ticks = decades.flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * decade));
        let ticks = ticks.filter(|tick| (low * 0.999..=high * 1.001).contains(tick)).collect();
        Self { place: f64::log10, ends: low..high, ticks }
    }

    /// For gaps: spreads the small ones that long searches differ by, and takes 0 and
    /// negative ones too. From 0, or the least, to the label above the greatest.
    pub(crate) fn gaps(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = bounds(values.chain([0.0]));
        let low = GAPS.into_iter().rev().find(|gap| *gap <= low).unwrap_or(low);
        let high = GAPS.into_iter().find(|gap| *gap >= high.max(0.25)).unwrap_or(high);
        let ticks = GAPS.into_iter().filter(|gap| (low..=high).contains(gap)).collect();
        Self { place: |gap| (gap / LINEAR_TO).asinh(), ends: low..high, ticks }
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[expect(clippy::cast_possible_truncation, reason = "a pixel of the picture")]
    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let [low, high, at] = [self.ends.start, self.ends.end, *value].map(self.place);
        first + (f64::from(last - first) * (at - low) / (high - low)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.ends.clone()
    }
}

impl ValueFormatter<f64> for Scale {
    /// Without needless digits.
    fn format(value: &f64) -> String {
        match *value {
            large if large >= 1e6 => format!("{} M", large / 1e6),
            small => format!("{}", (small * 1e3).round() / 1e3),
        }
    }
}

/// Least and greatest.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let empty = (f64::INFINITY, f64::NEG_INFINITY);
    values.fold(empty, |(low, high), value| (value.min(low), value.max(high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_values_and_labels_what_is_between_the_ends() {
        let time = Scale::logarithmic([0.02, 2.0].into_iter());
        assert_eq!([0.02, 0.2, 2.0].map(|at| time.map(&at, (100, 300))), [100, 200, 300]);
        assert_eq!(time.ticks.len(), 7);
        let gaps = Scale::gaps([3.0, 0.7].into_iter());
        assert_eq!((gaps.range(), gaps.ticks.len()), (0.0..4.0, 6));
        assert_eq!([4.0, 2.0, 1.0, 0.0].map(|gap| gaps.map(&gap, (400, 0))), [0, 80, 158, 400]);
        let better = Scale::gaps([2.0, -0.2].into_iter());
        assert!(better.range().start < -0.2 && better.map(&-0.2, (400, 0)) < 400);
        let labels = [0.25, 20.0, 0.001, 2e6].map(|value| Scale::format(&value));
        assert_eq!(labels, ["0.25", "20", "0.001", "2 M"]);
    }
}
