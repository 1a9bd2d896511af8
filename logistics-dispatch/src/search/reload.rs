//! Reloads in recreate: a job that finds no good place is tried together with one more
//! reload.

use super::Search;
use crate::rng::Rng;
use crate::state::{NONE, State, WithReload};

/// Neighbours whose routes are tried.
const WIDTH: usize = 40;

/// Looks for the cheapest way to serve a job on a route with one reload more.
type Look<'m, S> = fn(&mut State<'m>, u32, u32, &mut Rng) -> Option<WithReload<S>>;

impl<'m> Search<'m> {
    /// The best route for a job, or a pair, that makes a reload more; nothing where reloads
    /// are not at hand. One that has a good place is asked now and then all the same.
    pub(super) fn find_reload<S>(
        &mut self,
        job: u32,
        has_place: bool,
        look: Look<'m, S>,
    ) -> Option<WithReload<S>> {
        if !self.current.model.reloads || has_place && !self.rng.once_in(8) {
            return None;
        }
        let mut best: Option<WithReload<S>> = None;
        for line in self.lines_with_reloads(job) {
            if self.reload_trials == 0 {
                break;
            }
            self.reload_trials -= 1;
            let found = look(&mut self.current, job, line, &mut self.rng);
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| found.delta < best.delta)
            {
                best = Some(found);
            }
        }
        best
    }

    /// Routes that may reload once more: those near the job, or all if there is none near;
    /// in an order drawn at random.
    fn lines_with_reloads(&mut self, job: u32) -> Vec<u32> {
        let (current, model) = (&self.current, self.current.model);
        let may = |&line: &u32| {
            line != NONE && {
                let class = model.class_of[line as usize] as usize;
                model.is_allowed(class, job as usize) && current.spare_reload(line).is_some()
            }
        };
        let near = self.nearness.jobs(job as usize).iter().take(WIDTH);
        let mut lines: Vec<u32> =
            near.map(|&other| current.line_of(other)).filter(|line| may(line)).collect();
        if lines.is_empty() {
            lines = current.used.iter().copied().filter(may).collect();
        }
        // What frozen stops leave no room for may come after a reload.
        let begun = self.nearness.classes(job as usize).iter().map(|&class| class as usize);
        let begun = begun.filter(|&class| !model.classes[class].frozen.is_empty());
        lines.extend(begun.filter_map(|class| current.unused(class)).filter(may));
        lines.sort_unstable();
        lines.dedup();
        for index in (1..lines.len()).rev() {
            lines.swap(index, self.rng.below(index + 1));
        }
        lines
    }

    /// Puts a job and a reload where `found` says, or the job into the bank; false if the
    /// plan is then dearer than `limit`.
    pub(super) fn put_with_reload<S>(
        &mut self,
        job: u32,
        found: &WithReload<S>,
        limit: i64,
        insert: fn(&mut State<'m>, u32, &WithReload<S>),
    ) -> bool {
        if !self.is_worth(job, found.delta) {
            self.current.bank.push(job);
        } else if self.current.cost.saturating_add(found.delta) >= limit {
            return false;
        } else {
            self.journal.save(&self.current, found.line);
            insert(&mut self.current, job, found);
        }
        true
    }
}
