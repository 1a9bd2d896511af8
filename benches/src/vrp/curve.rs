//! How the gap of a class falls while its searches run: the mean over all of its runs.

use std::collections::BTreeMap;

use crate::trace::place;

/// The gaps of one run, in per cent, by points of the grid of [`crate::trace`]. Where there is
/// no answer yet there is no gap.
pub(crate) type Gaps = Vec<(i32, f64)>;

/// The curve of one class.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub(crate) class: String,
    pub(crate) runs: usize,
    /// Time or steps, and the mean gap by then.
    pub(crate) points: Vec<(f64, f64)>,
}

/// The runs of a bench, by class.
#[derive(Debug, Default)]
pub(crate) struct Curves {
    classes: BTreeMap<String, Vec<Gaps>>,
}

impl Curves {
    pub(crate) fn add(&mut self, class: &str, gaps: Gaps) {
        self.classes.entry(class.to_owned()).or_default().push(gaps);
    }

    /// A curve for each class that has one.
    pub(crate) fn means(&self) -> Vec<Curve> {
        let curves = self.classes.iter().map(|(class, runs)| Curve {
            class: class.clone(),
            runs: runs.iter().filter(|gaps| !gaps.is_empty()).count(),
            points: mean(runs),
        });
        curves.filter(|curve| !curve.points.is_empty()).collect()
    }
}

/// From where every run that comes to an answer has one, to where the last one ends.
fn mean(runs: &[Gaps]) -> Vec<(f64, f64)> {
    let answered: Vec<&Gaps> = runs.iter().filter(|gaps| !gaps.is_empty()).collect();
    let first = answered.iter().filter_map(|gaps| gaps.first()).map(|(at, _)| *at).max();
    let last = answered.iter().filter_map(|gaps| gaps.last()).map(|(at, _)| *at).max();
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    let by = |gaps: &Gaps, point| {
        let before = gaps.partition_point(|(at, _)| *at <= point);
        before.checked_sub(1).map_or(f64::NAN, |index| gaps[index].1)
    };
    let mean =
        |point| answered.iter().map(|gaps| by(gaps, point)).sum::<f64>() / answered.len() as f64;
    (first..=last).map(|point| (place(point), mean(point))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_where_the_slowest_run_has_an_answer_and_holds_what_was_found() {
        let mut curves = Curves::default();
        curves.add("X", vec![(0, 8.0), (40, 2.0)]);
        curves.add("X", vec![(39, 4.0), (41, 1.0)]);
        curves.add("X", Vec::new());
        let found = curves.means();
        let gaps: Vec<f64> = found[0].points.iter().map(|(_, gap)| *gap).collect();
        assert_eq!((found[0].runs, gaps), (2, vec![6.0, 3.0, 1.5]));
        assert!((found[0].points[1].0 - 10.0).abs() < 1e-9);
    }
}
