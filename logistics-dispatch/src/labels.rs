//! Ways to take breaks along a route, where every placement counts: labels of what each way
//! so far has come to, of which only those go on that no other beats.

use crate::problem::Break;
use crate::rests::arrival;
use crate::units::{Cost, Seconds};

/// Most labels that go on from a place with equally many breaks behind it. A route that has
/// to be late needs more than one or two only where breaks and waiting trade lateness for
/// time over and over; whether it keeps its limits needs one.
const LABELS: usize = 64;

/// What a way so far has come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Label {
    /// Breaks taken.
    pub(crate) taken: usize,
    /// Limits on time that are broken, and by how much together.
    pub(crate) broken: (usize, Seconds),
    /// What lateness costs.
    pub(crate) lateness: Cost,
    /// When the vehicle can go on.
    pub(crate) ready: i64,
    /// Which label of the place before it goes on from.
    pub(crate) from: usize,
}

impl Label {
    pub(crate) fn first(ready: i64) -> Self {
        let broken = (0, Seconds::ZERO);
        Self { taken: 0, broken, lateness: Cost::ZERO, ready, from: 0 }
    }

    /// The same with a limit broken by so much, if it is.
    pub(crate) fn late(mut self, by: Seconds) -> Self {
        if by > Seconds::ZERO {
            self.broken = (self.broken.0 + 1, self.broken.1 + by);
        }
        self
    }

    /// Which of two ways is better: the least.
    pub(crate) fn rank(&self) -> ((usize, Seconds), Cost, i64) {
        (self.broken, self.lateness, self.ready)
    }
}

/// Every way to drive a leg: with none of the breaks that are left on it, with one, and so
/// on.
pub(crate) fn reach(breaks: &[Break], labels: &[Label], drive: i64) -> Vec<Label> {
    let mut reached = Vec::new();
    for (from, label) in labels.iter().enumerate() {
        for taken in label.taken..=breaks.len() {
            let now = arrival(&breaks[label.taken..taken], label.ready, drive);
            let Some(ready) = now else { break };
            reached.push(Label { taken, ready, from, ..*label });
        }
    }
    reached
}

/// The labels that no other beats, by breaks taken, then the best first. Of equals the first
/// stays: the one with fewer breaks before the last leg. The quickest of those that break
/// least is always among them.
pub(crate) fn best(mut labels: Vec<Label>) -> Vec<Label> {
    labels.sort_by_key(|label| (label.taken, label.rank()));
    let mut kept: Vec<Label> = Vec::with_capacity(labels.len());
    let mut alike = 0;
    for label in labels {
        match kept.last_mut().filter(|last| last.taken == label.taken) {
            Some(last) if last.ready <= label.ready => continue,
            Some(last) if alike >= LABELS => {
                if last.broken == label.broken {
                    *last = label;
                }
                continue;
            }
            Some(_) => alike += 1,
            None => alike = 1,
        }
        kept.push(label);
    }
    kept
}
