//! Where a job is tried: near its neighbours, else everywhere; one that waited in the bank only on
//! routes that the step changes.

use super::Search;
use super::recreate::FROM_BANK;
use crate::state::{Bound, NONE, PairSpot, Spot};

/// Neighbours beside which a job is tried.
const WIDTH: usize = 40;

impl Search<'_> {
    /// The best place for a job, and whether there was one near: it is tried near first, then
    /// anywhere; one that waited only where something has changed.
    pub(super) fn look(&mut self, job: u32) -> (Bound, bool) {
        let node = job as usize;
        if self.has_waited(job) {
            return (self.look_at_touched(node), false);
        }
        let mut best = self.current.look_near(node, self.nearness, WIDTH, &mut self.rng);
        // Where vehicles are nearly full the nearest routes have no room, and a far one
        // is often better than one more.
        let near = best.spot().is_some_and(|spot| {
            !self.current.is_unused(spot.line) && !self.is_dear_for_lateness(node, &spot)
        });
        if !near {
            self.current.look_everywhere(node, &mut best);
        }
        (best, near)
    }

    /// Would the job rather have a route of its own than the lateness that it makes there?
    fn is_dear_for_lateness(&self, job: usize, spot: &Spot) -> bool {
        self.current.model.soft
            && spot.delta > self.nearness.reach(job)
            && self.current.lateness_added(job, spot) > 0
    }

    /// Was there no place for the job before this step? Then there still is none on routes
    /// that the step leaves alone: the job was tried on each, in vain, when that last changed
    /// or had fewer stops. Optional jobs may have had one that was too dear, and of a
    /// large bank not all are tried.
    fn has_waited(&self, job: u32) -> bool {
        let bank = self.journal.bank();
        bank.len() <= FROM_BANK && bank.contains(&job) && self.current.model.is_required(job)
    }

    /// The best place on the routes of this step and on unused vehicles.
    fn look_at_touched(&self, job: usize) -> Bound {
        let mut best = Bound::default();
        for line in self.touched() {
            self.current.look_along(job, line, &mut best);
        }
        self.current.look_at_all_unused(job, &mut best);
        best
    }

    /// The routes of this step that have stops.
    fn touched(&self) -> impl Iterator<Item = u32> {
        let lines = (0..self.journal.count()).map(|index| self.journal.line(index));
        lines.filter(|&line| !self.current.is_unused(line))
    }

    /// As `look`, for a pair.
    pub(super) fn look_for_pair(&mut self, pickup: u32) -> (Option<PairSpot>, bool) {
        if self.has_waited(pickup) {
            return (self.look_for_pair_at_touched(pickup), false);
        }
        let mut best = self.look_near_pair(pickup);
        let near = best.is_some_and(|spot| !self.current.is_unused(spot.line));
        if !near {
            self.current.look_pair_everywhere(pickup, &mut best);
        }
        (best, near)
    }

    /// As `look_at_touched`, for a pair.
    fn look_for_pair_at_touched(&self, pickup: u32) -> Option<PairSpot> {
        let mut best = None;
        for line in self.touched() {
            self.current.look_pair_along(pickup, line, &mut best);
        }
        self.current.look_pair_at_unused(pickup, &mut best);
        best
    }

    /// The best places for a pair on the routes of the jobs near either half and on near
    /// vehicles; some routes are passed over at random (blinks).
    fn look_near_pair(&mut self, pickup: u32) -> Option<PairSpot> {
        let delivery = self.current.model.partner[pickup as usize];
        let mut lines: Vec<u32> = Vec::new();
        for half in [pickup, delivery] {
            let near = self.nearness.jobs(half as usize).iter().take(WIDTH);
            lines.extend(near.map(|&job| self.current.line_of(job)).filter(|&line| line != NONE));
        }
        let classes = self.nearness.classes(pickup as usize).iter();
        lines.extend(classes.filter_map(|&class| self.current.unused(class as usize)));
        lines.sort_unstable();
        lines.dedup();
        let mut best = None;
        for line in lines {
            if !self.rng.once_in(32) {
                self.current.look_pair_along(pickup, line, &mut best);
            }
        }
        best
    }
}
