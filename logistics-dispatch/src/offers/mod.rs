//! Who could take one more order now, where on the route, and what it costs: answered from
//! a plan as it stands, without planning again.
//!
//! What a route is asked at every position (earliest departure before it, latest arrival
//! behind it, greatest loads on both sides) is kept with it, so a position is tested in
//! constant time, of vehicles with breaks in a time that hangs on their number; the tests are
//! those of Savelsbergh (1992, doi:10.1287/ijoc.4.2.146). Where lateness has a price, what a
//! place costs hangs on the stops behind it, which are then gone through.

mod clock;
mod error;
mod lateness;
mod line;
mod loads;
mod offer;
mod trial;

pub use error::OfferError;
pub use offer::{Delay, Offer};

use crate::problem::{JobIndex, Problem, VehicleIndex};
use crate::routes::{PlanError, by_vehicle, visits};
use crate::solution::{Gap, Solution};
use crate::units::Cost;
use line::Line;

/// A plan made ready to be asked for offers.
///
/// ```
/// use logistics_dispatch::{offers::Offers, *};
///
/// let mut problem = Problem::builder();
/// let road = Matrix::from_fn(4, |i, j| i64::try_from(i.abs_diff(j)).unwrap_or(0) * 300)?;
/// let bike = problem.add_profile(Travel::durations(road));
/// let [one, two] = [("DP-1", 0), ("DP-2", 3)].map(|(id, place)| {
///     problem.add_vehicle(Vehicle::new(id, bike).start(Location::new(place)))
/// });
/// let near = problem.add_job(Job::new("SHP-1", Location::new(1)));
/// let late = Job::new("SHP-2", Location::new(3)).window(Seconds(0), Seconds(1000));
/// let far = problem.add_job(late);
/// let new = problem.add_job(Job::new("SHP-3", Location::new(2)).service(Seconds(60)));
/// let problem = problem.build()?;
///
/// let plan = Solution {
///     routes: vec![Route::new(one, vec![near, far])],
///     unassigned: vec![new],
/// };
/// let mut offers = Offers::new(&problem, &plan)?;
/// let best = offers.best(new, 3)?;
/// assert_eq!((best[0].vehicle, best[0].position, best[0].extra_cost), (one, 1, Cost(0)));
/// assert_eq!((best[0].delays[0].job, best[0].delays[0].by), (far, Seconds(60)));
/// assert_eq!(best[0].delays[0].slack, Some(Seconds(40)));
/// assert_eq!((best[1].vehicle, best[1].extra_cost), (one, Cost(300)), "after the last stop");
/// assert_eq!((best[2].vehicle, best[2].opens_route), (two, true));
///
/// offers.freeze(one, 2)?; // both stops are served: only the end of the route is open
/// assert_eq!(offers.best(new, 1)?[0].position, 2);
/// offers.accept(&best[2])?;
/// assert_eq!(offers.plan().routes[1].jobs, [new]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Offers<'p> {
    problem: &'p Problem,
    lines: Vec<Line>,
    /// Who visits each job.
    visitor: Vec<Option<VehicleIndex>>,
}

impl<'p> Offers<'p> {
    /// Reads a plan, which need not be feasible: a route that breaks a constraint gets no
    /// offers, except those that mend it, and one that does not begin with its frozen stops
    /// splits a pair or reloads where it must not gets none at all.
    ///
    /// # Errors
    /// When the plan names a job or vehicle that the problem does not have, or one of
    /// them twice.
    pub fn new(problem: &'p Problem, plan: &Solution) -> Result<Self, PlanError> {
        let routes = by_vehicle(problem, plan)?;
        let mut visitor = vec![None; problem.jobs().len()];
        for (vehicle, _, job) in visits(&routes) {
            visitor[job.index()] = Some(vehicle);
        }
        let lines = routes.into_iter().map(|route| Line::new(problem, route)).collect();
        Ok(Self { problem, lines, visitor })
    }

    /// Says that the first stops of a vehicle are served or on the way to be: nothing is
    /// offered before them. Counted anew at each call; at first those that the problem
    /// calls frozen, and never fewer.
    ///
    /// # Errors
    /// When there is no such vehicle, or it has fewer stops.
    pub fn freeze(&mut self, vehicle: VehicleIndex, stops: usize) -> Result<(), OfferError> {
        let count = self.lines.len();
        let Some(line) = self.lines.get_mut(vehicle.index()) else {
            return Err(OfferError::UnknownVehicle { index: vehicle.index(), count });
        };
        if stops > line.jobs().len() {
            let vehicle = self.problem.vehicles()[vehicle.index()].id.clone();
            return Err(OfferError::TooManyFrozen {
                vehicle,
                frozen: stops,
                stops: line.jobs().len(),
            });
        }
        let vehicle = &self.problem.vehicles()[vehicle.index()];
        line.frozen = stops.max(vehicle.settled(line.jobs()).frozen);
        Ok(())
    }

    /// At most `limit` offers for a job that is on no route, best first: least extra cost,
    /// then least extra driving time, then first vehicle and position.
    ///
    /// # Errors
    /// When the problem has no such job, it is half of a pair, or the plan visits it already.
    pub fn best(&self, job: JobIndex, limit: usize) -> Result<Vec<Offer>, OfferError> {
        self.open(job)?;
        let mut found = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            line.trials(self.problem, job, |leg, trial| {
                found.push((trial.extra_cost, trial.extra_time, index, leg));
            });
        }
        if limit < found.len() {
            found.select_nth_unstable(limit);
            found.truncate(limit);
        }
        found.sort_unstable();
        let offer = |(_, _, line, leg): (i64, i64, usize, usize)| {
            self.lines[line].offer(self.problem, job, leg)
        };
        Ok(found.into_iter().filter_map(offer).collect())
    }

    /// Every offer for a job that is on no route, best first: no place on a trip of the plan
    /// that would keep the constraints is missing. One reload more is no offer: for that, plan
    /// again from the plan that is there, with [`solve_from`](crate::solve_from).
    ///
    /// # Errors
    /// When the problem has no such job, it is half of a pair, or the plan visits it already.
    pub fn all(&self, job: JobIndex) -> Result<Vec<Offer>, OfferError> {
        self.best(job, usize::MAX)
    }

    /// Puts the job where the offer says, ready for the next question.
    ///
    /// # Errors
    /// When the plan visits the job already, or the route is not what it was when the
    /// offer was made.
    pub fn accept(&mut self, offer: &Offer) -> Result<(), OfferError> {
        self.open(offer.job)?;
        let index = offer.vehicle.index();
        let gap = Gap { at: offer.position, before_reload: offer.before_reload };
        let now = self.lines.get(index).and_then(|line| {
            let leg = line.gaps.iter().position(|&own| own == gap)?;
            line.offer(self.problem, offer.job, leg)
        });
        if now.as_ref() != Some(offer) {
            let job = self.problem.jobs()[offer.job.index()].id.clone();
            return Err(OfferError::Outdated { job });
        }
        let line = &mut self.lines[index];
        let frozen = line.frozen;
        *line = Line::new(self.problem, line.route.with(gap, offer.job));
        line.frozen = frozen;
        self.visitor[offer.job.index()] = Some(offer.vehicle);
        Ok(())
    }

    /// The plan with every offer accepted so far.
    #[must_use]
    pub fn plan(&self) -> Solution {
        let used = self.lines.iter().filter(|line| !line.jobs().is_empty());
        let jobs = (0..self.visitor.len()).map(JobIndex::new);
        Solution {
            routes: used.map(|line| line.route.clone()).collect(),
            unassigned: jobs.filter(|job| self.visitor[job.index()].is_none()).collect(),
        }
    }

    /// The cheapest place for a job on any vehicle but one, wherever the job is now.
    pub(crate) fn cheapest_beside(
        &self,
        job: JobIndex,
        except: VehicleIndex,
    ) -> Option<(Cost, VehicleIndex)> {
        if self.problem.half(job).is_some() {
            return None;
        }
        let mut best = None;
        for (index, line) in self.lines.iter().enumerate().filter(|&(i, _)| i != except.index()) {
            line.trials(self.problem, job, |_, trial| {
                let this = (Cost(trial.extra_cost), VehicleIndex::new(index));
                best = Some(best.map_or(this, |best: (Cost, VehicleIndex)| best.min(this)));
            });
        }
        best
    }

    fn open(&self, job: JobIndex) -> Result<(), OfferError> {
        if self.problem.half(job).is_some() {
            let job = self.problem.jobs()[job.index()].id.clone();
            return Err(OfferError::Paired { job });
        }
        match self.visitor.get(job.index()) {
            None => Err(OfferError::UnknownJob { index: job.index(), count: self.visitor.len() }),
            Some(Some(vehicle)) => Err(OfferError::AlreadyServed {
                job: self.problem.jobs()[job.index()].id.clone(),
                vehicle: self.problem.vehicles()[vehicle.index()].id.clone(),
            }),
            Some(None) => Ok(()),
        }
    }
}
