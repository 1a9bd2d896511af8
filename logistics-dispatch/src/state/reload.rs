//! Reloads come onto a route together with a job that needs them, and leave it when
//! nothing does.

use super::{Bound, NONE, PairSpot, Spot, State};
use crate::rng::Rng;

/// Places on a route at which a reload is tried: the cheapest, and some at random.
const CHEAPEST: usize = 10;
const RANDOM: usize = 2;

/// A place for a job, or a pair, and one for a reload that makes room for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithReload<S> {
    reload: u32,
    /// Position of the reload before the job comes.
    at: usize,
    /// Where the job then goes.
    spot: S,
    /// What both add to the cost.
    pub(crate) delta: i64,
    pub(crate) line: u32,
}

impl State<'_> {
    /// A reload that the vehicle may still make.
    pub(crate) fn spare_reload(&self, line: u32) -> Option<u32> {
        let stops = &self.lines[line as usize].stops;
        let mut own = self.model.reloads_of(line);
        own.find(|node| !stops.contains(node))
    }

    /// The cheapest way to serve a job on a route with one reload more.
    pub(crate) fn look_with_reload(
        &mut self,
        job: u32,
        line: u32,
        rng: &mut Rng,
    ) -> Option<WithReload<Spot>> {
        let look = |state: &Self, reload: u32| {
            let mut bound = Bound::default();
            state.look_beside_reload(job as usize, reload, line, &mut bound);
            bound.spot().map(|spot| (spot.delta, spot))
        };
        self.best_reload(line, rng, look)
    }

    /// The same for a pair.
    pub(crate) fn look_pair_with_reload(
        &mut self,
        pickup: u32,
        line: u32,
        rng: &mut Rng,
    ) -> Option<WithReload<PairSpot>> {
        let look = |state: &Self, reload: u32| {
            let mut best: Option<PairSpot> = None;
            state.look_pair_along(pickup, line, &mut best);
            let idle = state.idle_sides(reload, line);
            let fills = |spot: &PairSpot| {
                let (first, last) = (spot.pickup_at, spot.delivery_at);
                idle.iter().flatten().all(|&gap| gap == first && gap == last)
            };
            best.filter(fills).map(|spot| (spot.delta, spot))
        };
        self.best_reload(line, rng, look)
    }

    /// Tries a reload at several places of a route.
    fn best_reload<S: Copy>(
        &mut self,
        line: u32,
        rng: &mut Rng,
        look: impl Fn(&Self, u32) -> Option<(i64, S)>,
    ) -> Option<WithReload<S>> {
        let reload = self.spare_reload(line)?;
        let before = self.cost;
        let mut best: Option<WithReload<S>> = None;
        for at in self.reload_gaps(reload, line, rng) {
            self.lines[line as usize].stops.insert(at, reload);
            self.refresh(line);
            // A trip that is too full still is so with one job more; lateness is the same.
            if !self.lines[line as usize].broken {
                let driven = self.cost - before;
                let found = look(self, reload).map(|(delta, spot)| (delta + driven, spot));
                if let Some((delta, spot)) = found
                    && best.is_none_or(|best| delta < best.delta)
                {
                    best = Some(WithReload { reload, at, spot, delta, line });
                }
            }
            self.lines[line as usize].stops.remove(at);
        }
        self.refresh(line);
        best
    }

    /// Where a reload may be worth it: the cheapest gaps, and some others.
    fn reload_gaps(&self, reload: u32, line: u32, rng: &mut Rng) -> Vec<usize> {
        let class = self.class(line);
        let legs = &self.model.kinds[class.kind];
        let stops = &self.lines[line as usize].stops;
        let node = |at: Option<usize>| at.and_then(|at| stops.get(at)).copied();
        let mut gaps: Vec<(i64, usize)> = (0..=stops.len())
            .map(|gap| {
                let from = node(gap.checked_sub(1)).unwrap_or(class.start) as usize;
                let to = node(Some(gap)).unwrap_or(class.end) as usize;
                let over = legs.cost(from, reload as usize) + legs.cost(reload as usize, to);
                (over - legs.cost(from, to), gap)
            })
            .collect();
        gaps.sort_unstable();
        for place in CHEAPEST..(CHEAPEST + RANDOM).min(gaps.len()) {
            let other = place + rng.below(gaps.len() - place);
            gaps.swap(place, other);
        }
        gaps.truncate(CHEAPEST + RANDOM);
        gaps.into_iter().map(|(_, gap)| gap).collect()
    }

    /// The places for a job on a route that has just got a reload: any, but where nothing
    /// would be loaded at it, or nothing before it, only there.
    fn look_beside_reload(&self, job: usize, reload: u32, line: u32, best: &mut Bound) {
        match self.idle_sides(reload, line) {
            [None, None] => self.look_along(job, line, best),
            [Some(gap), None] | [None, Some(gap)] => self.look_in_gap(job, line, gap, best),
            [Some(_), Some(_)] => {}
        }
    }

    /// The gaps before and behind a reload, if they are whole trips without a stop.
    fn idle_sides(&self, reload: u32, line: u32) -> [Option<usize>; 2] {
        let stops = &self.lines[line as usize].stops;
        let Some(at) = stops.iter().position(|&stop| stop == reload) else { return [None; 2] };
        let is_reload = |at: usize| stops.get(at).is_some_and(|&stop| self.model.is_reload(stop));
        let before = match at.checked_sub(1) {
            None => self.class(line).frozen.is_empty(),
            Some(before) => is_reload(before),
        };
        let behind = at + 1 == stops.len() || is_reload(at + 1);
        [before.then_some(at), behind.then_some(at + 1)]
    }

    /// Puts a reload and a job where `found` says.
    pub(crate) fn insert_with_reload(&mut self, job: u32, found: &WithReload<Spot>) {
        self.insert_reload(found.line, found.at, found.reload);
        self.insert(job, found.spot);
    }

    /// The same for a pair.
    pub(crate) fn insert_pair_with_reload(&mut self, pickup: u32, found: &WithReload<PairSpot>) {
        self.insert_reload(found.line, found.at, found.reload);
        self.insert_pair(pickup, found.spot);
    }

    pub(super) fn insert_reload(&mut self, line: u32, at: usize, reload: u32) {
        if self.is_unused(line) {
            self.take(line);
        }
        self.lines[line as usize].stops.insert(at, reload);
        self.refresh(line);
    }

    /// Takes reloads off a route that keeps the constraints without them, each with an even
    /// chance: what comes back onto the route may want them elsewhere, or not at all.
    pub(crate) fn thin_reloads(&mut self, line: u32, rng: &mut Rng) {
        let mut at = 0;
        while at < self.lines[line as usize].stops.len() {
            let stop = self.lines[line as usize].stops[at];
            if self.model.is_reload(stop) && rng.once_in(2) {
                self.lines[line as usize].stops.remove(at);
                self.refresh(line);
                if !self.lines[line as usize].broken {
                    continue;
                }
                self.lines[line as usize].stops.insert(at, stop);
                self.refresh(line);
            }
            at += 1;
        }
    }

    /// Takes reloads off a route at which nothing is loaded, or nothing was brought before.
    pub(super) fn drop_idle_reloads(&mut self, line: u32) {
        let begun = !self.class(line).frozen.is_empty();
        let stops = &mut self.lines[line as usize].stops;
        let mut last = if begun { 0 } else { NONE };
        stops.retain(|&stop| {
            let idle = self.model.is_reload(stop) && (last == NONE || self.model.is_reload(last));
            if !idle {
                last = stop;
            }
            !idle
        });
        while stops.last().is_some_and(|&stop| self.model.is_reload(stop)) {
            stops.pop();
        }
    }
}
