//! What one job more makes lateness cost.

use super::clock::{Clock, Stop, start};
use super::line::Line;
use crate::costs::lateness_cost;
use crate::problem::{JobIndex, Problem};
use crate::units::Seconds;
use crate::visits::Visit;

impl Line {
    /// What lateness costs more, at the job and behind it, if the job is put on a leg.
    pub(super) fn lateness_added(
        &self,
        problem: &Problem,
        index: JobIndex,
        leg: usize,
        stop: Stop,
    ) -> i64 {
        let job = &problem.jobs()[index.index()];
        if job.lateness.is_none() && !self.soft {
            return 0;
        }
        let Clock::Plain { ready, .. } = &self.clock else {
            let with = lateness_cost(problem, &self.route.with(self.gaps[leg], index));
            return (with - self.lateness).get();
        };
        let mut added = job.lateness_cost(Seconds(stop.start));
        let mut arrival = stop.there;
        for (at, &visit) in self.visits.iter().enumerate().skip(leg) {
            let begun = start(problem, visit, arrival).unwrap_or(arrival);
            let departure = begun + visit.service(problem);
            if departure == ready[at + 1] {
                break;
            }
            if let Visit::Job(later) = visit {
                let later = &problem.jobs()[later.index()];
                let cost = |departure: i64| later.lateness_cost(Seconds(departure) - later.service);
                added += cost(departure) - cost(ready[at + 1]);
            }
            arrival = departure + self.legs[at + 1].time;
        }
        added.get()
    }
}
