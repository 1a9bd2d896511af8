//! Ruin: strings of stops around one job leave their routes.

use super::{Search, anneal::float};
use crate::problem::whole;
use crate::state::NONE;

/// Jobs removed per step, on average.
const REMOVED: f64 = 10.0;
/// Longest string.
const LONGEST: f64 = 10.0;
/// Chance that the part of a split string that stays grows by one more stop.
const GROW: f64 = 0.01;

impl Search<'_> {
    /// Takes strings of stops near one job off their routes and into `pending`. False if
    /// what is left of a route is no longer feasible.
    pub(super) fn ruin(&mut self) -> bool {
        self.pending.clear();
        let served = self.current.model.n - self.current.bank.len();
        let mean = float(served) / float(self.current.used.len().max(1));
        let longest = LONGEST.min(mean.max(1.0));
        let strings = self.draw(4.0 * REMOVED / (1.0 + longest) - 1.0);
        let seed = self.seed_job();
        let nearness = self.nearness;
        let around = core::iter::once(seed).chain(nearness.jobs(seed as usize).iter().copied());
        for job in around {
            if self.journal.count() == strings {
                break;
            }
            let line = self.current.line_of(job);
            if line != NONE && !self.journal.has(line) {
                self.journal.save(&self.current, line);
                self.remove_string(job, line, longest);
            }
        }
        if self.current.model.pairs {
            self.remove_other_halves();
        }
        let mut sound = true;
        for index in 0..self.journal.count() {
            let line = self.journal.line(index);
            self.current.refresh(line);
            sound &= !self.current.lines[line as usize].broken;
        }
        if sound && self.current.model.reloads {
            for index in 0..self.journal.count() {
                self.current.thin_reloads(self.journal.line(index), &mut self.rng);
            }
        }
        sound
    }

    /// Pairs leave together; only the pickup stays in `pending`.
    fn remove_other_halves(&mut self) {
        let model = self.current.model;
        let removed = self.pending.len();
        for index in 0..removed {
            let other = model.partner[self.pending[index] as usize];
            if other == NONE || self.current.line_of(other) == NONE {
                continue;
            }
            let line = self.current.line_of(other);
            self.journal.save(&self.current, line);
            let stops = &self.current.lines[line as usize].stops;
            if let Some(at) = stops.iter().position(|&stop| stop == other) {
                self.current.cut(line, at..at + 1, at..at, &mut self.pending);
            }
        }
        self.pending
            .retain(|&job| model.partner[job as usize] == NONE || model.is_pickup[job as usize]);
    }

    /// A job to ruin around; one time in four one that waits in the bank, if any does.
    fn seed_job(&mut self) -> u32 {
        let bank = &self.current.bank;
        if !bank.is_empty() && self.rng.once_in(4) {
            return bank[self.rng.below(bank.len())];
        }
        u32::try_from(self.rng.below(self.current.model.n)).unwrap_or(0)
    }

    /// 1 to `1 + most`, uniformly.
    fn draw(&mut self, most: f64) -> usize {
        let drawn = (1.0 + self.rng.unit() * most.max(0.0)).floor();
        usize::try_from(whole(drawn)).unwrap_or(1).max(1)
    }

    /// Removes a string of stops that includes `job`; half the time some stops in its
    /// middle stay where they are. One time in four all stops from `job` on are removed,
    /// in problems where `cut_ends` says so: routes that lose their ends can exchange
    /// them (as 2-opt* would).
    fn remove_string(&mut self, job: u32, line: u32, longest: f64) {
        let stops = self.current.lines[line as usize].stops.len();
        let at = self.current.position(job);
        if self.cut_ends && self.rng.once_in(4) {
            self.current.cut(line, at..stops, at..at, &mut self.pending);
            return;
        }
        let removed = self.draw(longest.min(float(stops))).min(stops);
        let mut kept = 0;
        if removed > 1 && removed < stops && self.rng.once_in(2) {
            kept = 1;
            while removed + kept < stops && self.rng.unit() < GROW {
                kept += 1;
            }
        }
        let span = removed + kept;
        let first = (at + 1).saturating_sub(span);
        let from = first + self.rng.below(at.min(stops - span) - first + 1);
        let keep = from + 1 + self.rng.below(removed.saturating_sub(1));
        self.current.cut(line, from..from + span, keep..keep + kept, &mut self.pending);
    }
}
