//! The best plan so far, kept up to date by the routes that changed since.

use crate::model::Model;
use crate::solution::{Score, Solution};
use crate::state::{Journal, State, plan};

/// A copy of the best plan. Copying only what changed keeps the many new bests of an
/// early search cheap.
#[derive(Clone, Debug)]
pub(super) struct Best {
    pub(super) score: Score,
    lines: Vec<Vec<u32>>,
    bank: Vec<u32>,
    /// Routes of the current plan that differ from this copy.
    stale: Vec<u32>,
    is_stale: Vec<bool>,
}

impl Best {
    pub(super) fn new(first: &State<'_>, score: Score) -> Self {
        let lines: Vec<_> = first.lines.iter().map(|line| line.stops.clone()).collect();
        let is_stale = vec![false; lines.len()];
        Self { score, bank: first.bank.clone(), lines, stale: Vec::new(), is_stale }
    }

    /// The current plan has gone on with this step.
    pub(super) fn note(&mut self, journal: &Journal) {
        for index in 0..journal.count() {
            let line = journal.line(index);
            if !core::mem::replace(&mut self.is_stale[line as usize], true) {
                self.stale.push(line);
            }
        }
    }

    /// The current plan is the best.
    pub(super) fn take(&mut self, current: &State<'_>, score: Score) {
        self.score = score;
        for line in self.stale.drain(..) {
            let index = line as usize;
            self.is_stale[index] = false;
            self.lines[index].clone_from(&current.lines[index].stops);
        }
        self.bank.clone_from(&current.bank);
    }

    /// The search goes on from the best plan.
    pub(super) fn restore(&mut self, current: &mut State<'_>, journal: &mut Journal) {
        journal.begin(current);
        for line in self.stale.drain(..) {
            self.is_stale[line as usize] = false;
            journal.recall(line, &self.lines[line as usize]);
        }
        journal.recall_bank(&self.bank);
        journal.undo(current);
    }

    pub(super) fn to_solution(&self, model: &Model) -> Solution {
        plan(model, |line| &self.lines[line as usize], &self.bank)
    }
}
