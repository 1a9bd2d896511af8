//! A place for a job, with what it costs and whom it delays.

use super::clock::Clock;
use super::line::Line;
use crate::problem::{Job, JobIndex, Problem, VehicleIndex};
use crate::schedule::schedule;
use crate::solution::Gap;
use crate::units::{Cost, Meters, Seconds};

/// A stop whose service begins at another time if the offer is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delay {
    /// Which stop.
    pub job: JobIndex,
    /// How much later; negative if earlier, where a detour is quicker than the way.
    pub by: Seconds,
    /// Time then left before its last window closes. Negative: so late, where lateness has a
    /// price, which is in the cost of the offer. `None`: it has no windows.
    pub slack: Option<Seconds>,
}

/// One place where a job can stand with every constraint of the route kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// Which job.
    pub job: JobIndex,
    /// Who would take it.
    pub vehicle: VehicleIndex,
    /// Which stop of the route it would be, from 0.
    pub position: usize,
    /// Where the vehicle loads again at this position: the job is served before that, and
    /// not behind it.
    pub before_reload: bool,
    /// The vehicle has no stops yet; its fixed cost is in `extra_cost`.
    pub opens_route: bool,
    /// How much dearer the plan gets, every part of its cost counted, but for what leaving
    /// an optional job out would cost; negative if a detour is cheaper than the way.
    pub extra_cost: Cost,
    /// How much longer the vehicle drives.
    pub extra_travel_time: Seconds,
    /// How much farther the vehicle drives.
    pub extra_distance: Meters,
    /// When service of the job begins.
    pub start: Seconds,
    /// Time then left before its last window closes, negative if it is served late.
    /// `None`: it has no windows.
    pub slack: Option<Seconds>,
    /// The stops that it shifts, in order: later ones, and where a break is then taken
    /// elsewhere also earlier ones. Those behind the last one are not touched, because
    /// waiting takes up the rest.
    pub delays: Vec<Delay>,
    /// When the vehicle has then finished.
    pub finish: Seconds,
    /// How much later than now that is; zero for a route that it opens.
    pub finish_delay: Seconds,
}

impl Line {
    /// The offer for one leg, if it is one.
    pub(super) fn offer(&self, problem: &Problem, index: JobIndex, leg: usize) -> Option<Offer> {
        let vehicle = &problem.vehicles()[self.route.vehicle.index()];
        let job = &problem.jobs()[index.index()];
        let gap = *self.gaps.get(leg)?;
        if gap.at < self.frozen || !self.admits(vehicle, job) {
            return None;
        }
        let trial = self.trial(problem, vehicle, index, leg)?;
        let opens_route = self.jobs().is_empty();
        let mut offer = Offer {
            job: index,
            vehicle: self.route.vehicle,
            position: gap.at,
            before_reload: gap.before_reload,
            opens_route,
            extra_cost: Cost(trial.extra_cost),
            extra_travel_time: Seconds(trial.extra_time),
            extra_distance: Meters(trial.extra_distance),
            start: Seconds(trial.stop.start),
            slack: None,
            delays: Vec::new(),
            finish: Seconds::ZERO,
            finish_delay: Seconds::ZERO,
        };
        match &self.clock {
            Clock::Plain { ready, .. } if self.route.reloads.is_empty() => {
                self.fill_in(problem, &mut offer, (leg, trial.stop.there), ready)?;
            }
            _ => self.fill_in_by_schedule(problem, &mut offer, gap),
        }
        offer.slack = slack(job, offer.start);
        if opens_route {
            offer.finish_delay = Seconds::ZERO;
        }
        Some(offer)
    }

    /// Times of a route without breaks and reloads: only as far as they change.
    fn fill_in(
        &self,
        problem: &Problem,
        offer: &mut Offer,
        (leg, there): (usize, i64),
        ready: &[i64],
    ) -> Option<()> {
        let mut arrival = there;
        let mut touched = true;
        let served = self.jobs().len() + 1 - self.legs.len();
        for (at, &later) in self.jobs()[served..].iter().enumerate().skip(leg) {
            let job = &problem.jobs()[later.index()];
            let start = job.start_of_service(Seconds(arrival))?;
            let departure = (start + job.service).get();
            let by = Seconds(departure - ready[at + 1]);
            touched = by != Seconds::ZERO;
            if !touched {
                break;
            }
            offer.delays.push(Delay { job: later, by, slack: slack(job, start) });
            arrival = departure + self.legs[at + 1].time;
        }
        let last = self.legs.len() - 1;
        let before = ready[last] + self.legs[last].time;
        offer.finish = Seconds(if touched { arrival } else { before });
        offer.finish_delay = offer.finish - Seconds(before);
        Some(())
    }

    /// Times of any route, from those of the whole of it before and after.
    fn fill_in_by_schedule(&self, problem: &Problem, offer: &mut Offer, gap: Gap) {
        let before = schedule(problem, &self.route);
        let after = schedule(problem, &self.route.with(gap, offer.job));
        let mut old = before.stops.iter();
        for stop in &after.stops {
            if stop.job == offer.job {
                offer.start = stop.start;
                continue;
            }
            let by = old.next().map_or(Seconds::ZERO, |old| stop.start - old.start);
            if by != Seconds::ZERO {
                let slack = slack(&problem.jobs()[stop.job.index()], stop.start);
                offer.delays.push(Delay { job: stop.job, by, slack });
            }
        }
        offer.finish = after.finish;
        offer.finish_delay = after.finish - before.finish;
    }
}

fn slack(job: &Job, start: Seconds) -> Option<Seconds> {
    job.windows.last().map(|window| window.end - start)
}
