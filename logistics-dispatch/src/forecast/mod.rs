//! What a plan comes to if it is driven as it stands: times, loads and totals at every
//! stop, and everything that is wrong with it. Nothing is moved or repaired.

mod route;
mod slack;
mod totals;

pub use totals::RouteTotals;
pub(crate) use totals::totals;

use crate::check::{Violation, check};
use crate::costs::Costs;
use crate::problem::{JobIndex, Problem, VehicleIndex};
use crate::schedule::{BreakTime, ReloadTime, StopTime};
use crate::solution::{Score, Solution};
use crate::units::Seconds;

/// One stop of a fixed route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopForecast {
    /// Which job, and when.
    pub time: StopTime,
    /// Time to spare before the job's last window closes, negative if it has closed.
    /// `None`: the job has no windows.
    pub slack: Option<Seconds>,
    /// By how much service here may be put off with this stop, all later stops and the
    /// end of the shift still in time (forward time slack, Savelsbergh 1992,
    /// doi:10.1287/ijoc.4.2.146). If one of them is late already, the worst lateness from
    /// here on, negative. A window that may be missed at a price counts like any other. Zero
    /// for a stop that is served.
    pub forward_slack: Seconds,
    /// What is on board when the vehicle leaves, per quantity.
    pub load: Vec<i64>,
}

/// One reload of a fixed route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReloadForecast {
    /// Before which stop, and when.
    pub time: ReloadTime,
    /// What is on board when the vehicle leaves, per quantity.
    pub load: Vec<i64>,
}

/// One fixed route in time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteForecast {
    /// Whose route.
    pub vehicle: VehicleIndex,
    /// When the vehicle leaves its start: as late as it can without being later at its
    /// first job.
    pub departure: Seconds,
    /// What is on board when it leaves, per quantity.
    pub load: Vec<i64>,
    /// The stops, in order.
    pub stops: Vec<StopForecast>,
    /// The breaks, in order.
    pub breaks: Vec<BreakTime>,
    /// The reloads, in order. One that is out of order is passed over.
    pub reloads: Vec<ReloadForecast>,
    /// When it has finished: at its end, or at its last job if it has none.
    pub finish: Seconds,
    /// Sums over the route.
    pub totals: RouteTotals,
}

/// What a plan comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forecast {
    /// What the plan leaves out and costs, by the checker.
    pub score: Score,
    /// What the cost is made of.
    pub costs: Costs,
    /// One forecast for each route of the plan, in its order. Visits to jobs that the
    /// problem does not have are passed over, and a route of an unknown vehicle has no
    /// stops; both are among the violations.
    pub routes: Vec<RouteForecast>,
    /// Everything that is wrong with the plan and by how much, by the checker.
    pub violations: Vec<Violation>,
}

impl Forecast {
    /// Does the plan keep every constraint?
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        self.violations.is_empty()
    }

    /// What is wrong at one stop; what is wrong with a whole route or plan is not.
    pub fn at(&self, job: JobIndex) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(move |violation| violation.job == Some(job))
    }
}

/// Times, loads, totals and violations of any plan, feasible or not; never fails.
///
/// ```
/// use logistics_dispatch::*;
///
/// let mut problem = Problem::builder();
/// let road = Matrix::from_fn(3, |i, j| if i == j { 0 } else { 600 })?;
/// let bike = problem.add_profile(Travel::durations(road));
/// let rider = problem.add_vehicle(Vehicle::new("DP-1", bike).start(Location::new(0)));
/// let job = |id, place, end| {
///     Job::new(id, Location::new(place)).service(Seconds(60)).window(Seconds(0), Seconds(end))
/// };
/// let first = problem.add_job(job("SHP-1", 1, 700));
/// let second = problem.add_job(job("SHP-2", 2, 1200));
/// let problem = problem.build()?;
///
/// let plan = Solution {
///     routes: vec![Route::new(rider, vec![first, second])],
///     unassigned: vec![],
/// };
/// let forecast = forecast::forecast(&problem, &plan);
/// let [one, two] = &forecast.routes[0].stops[..] else { unreachable!() };
/// assert_eq!((one.time.arrival, one.slack), (Seconds(600), Some(Seconds(100))));
/// assert_eq!(one.forward_slack, Seconds(-60), "it leaves too late for the second");
/// assert_eq!((two.time.arrival, two.time.late), (Seconds(1260), Seconds(60)));
/// assert_eq!(forecast.violations[0].kind, ViolationKind::Late(Seconds(60)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn forecast(problem: &Problem, plan: &Solution) -> Forecast {
    let verdict = check(problem, plan);
    let routes = plan.routes.iter().map(|route| route::of_route(problem, route)).collect();
    Forecast { score: verdict.score, costs: verdict.costs, routes, violations: verdict.violations }
}
