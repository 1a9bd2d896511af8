//! Offers against brute force: every place through the checker.

use logistics_dispatch::forecast::forecast;
use logistics_dispatch::offers::{Offer, OfferError, Offers};
use logistics_dispatch::{
    Cost, JobIndex, Problem, Route, Seconds, Solution, VehicleIndex, check, savings,
};
use proptest::prelude::{ProptestConfig, TestCaseError, prop_assert, prop_assert_eq, proptest};

use crate::answers::scattered;
use crate::generate::{Dice, full, rich, soft, soft_rich, with_breaks};
use crate::sound::run;

/// The plan with a route, perhaps empty, for every vehicle, in order.
fn complete(problem: &Problem, plan: &Solution) -> Solution {
    let routes = (0..problem.vehicles().len()).map(VehicleIndex::new).map(|vehicle| {
        let own = plan.routes.iter().find(|route| route.vehicle == vehicle);
        own.cloned().unwrap_or(Route::new(vehicle, Vec::new()))
    });
    Solution { routes: routes.collect(), unassigned: plan.unassigned.clone() }
}

/// Which stop of its route a job is, and whether it is before a reload there.
type Place = (usize, bool);

/// The plan with the job at a place.
fn inserted(plan: &Solution, job: JobIndex, vehicle: usize, (position, before): Place) -> Solution {
    let mut plan = plan.clone();
    plan.unassigned.retain(|&other| other != job);
    let route = &mut plan.routes[vehicle];
    route.jobs.insert(position, job);
    for at in &mut route.reloads {
        *at += usize::from(*at > position || before && *at == position);
    }
    plan
}

/// (extra cost, vehicle, place) of every place that keeps the constraints of its route.
fn brute_force(
    problem: &Problem,
    plan: &Solution,
    job: JobIndex,
    frozen: &[usize],
) -> Vec<(Cost, usize, Place)> {
    // What leaving the job out costs is no part of an offer.
    let driven = |plan: &Solution| {
        let costs = check(problem, plan).costs;
        costs.total() - costs.left_out
    };
    let before = driven(plan);
    let mut found = Vec::new();
    for (vehicle, route) in plan.routes.iter().enumerate() {
        let spec = &problem.vehicles()[vehicle];
        let begun = route.jobs.iter().zip(spec.frozen()).take_while(|(a, b)| *a == b).count();
        // A route that does not begin with its frozen stops gets no offers.
        if begun < spec.frozen_count() {
            continue;
        }
        for position in frozen[vehicle].max(begun)..=route.jobs.len() {
            for place in [(position, false), (position, true)] {
                if place.1 && !route.reloads.contains(&position) {
                    continue;
                }
                let with = inserted(plan, job, vehicle, place);
                let verdict = check(problem, &with);
                let broken = |index: VehicleIndex| index.index() == vehicle;
                if !verdict.violations.iter().any(|fault| fault.vehicle.is_some_and(broken)) {
                    found.push((driven(&with) - before, vehicle, place));
                }
            }
        }
    }
    found.sort_unstable();
    found
}

fn place(offer: &Offer) -> (Cost, usize, Place) {
    (offer.extra_cost, offer.vehicle.index(), (offer.position, offer.before_reload))
}

/// What the offer says of times is what the forecast says once the job is there.
fn says_the_truth(problem: &Problem, plan: &Solution, offer: &Offer) -> Result<(), TestCaseError> {
    let vehicle = offer.vehicle.index();
    let old = &forecast(problem, plan).routes[vehicle];
    let with = inserted(plan, offer.job, vehicle, (offer.position, offer.before_reload));
    let new = &forecast(problem, &with).routes[vehicle];
    prop_assert_eq!(offer.opens_route, old.stops.is_empty());
    prop_assert_eq!(offer.extra_travel_time, new.totals.travel_time - old.totals.travel_time);
    prop_assert_eq!(offer.extra_distance, new.totals.distance - old.totals.distance);
    prop_assert_eq!(offer.finish, new.finish);
    if !offer.opens_route {
        prop_assert_eq!(offer.finish_delay, new.finish - old.finish);
    }
    let own = &new.stops[offer.position];
    prop_assert_eq!((offer.start, offer.slack), (own.time.start, own.slack));
    let mut delays = offer.delays.iter();
    let others = new.stops.iter().filter(|stop| stop.time.job != offer.job);
    for (was, is) in old.stops.iter().zip(others) {
        if was.time.start != is.time.start {
            let delay = delays.next();
            prop_assert_eq!(
                delay.map(|d| (d.job, d.by, d.slack)),
                Some((is.time.job, is.time.start - was.time.start, is.slack))
            );
        }
    }
    prop_assert_eq!(delays.next(), None);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn offers_are_all_feasible_places_at_their_cost(
        seed: u64, jobs in 1_usize..14, vehicles in 0_usize..4, kind in 0_u8..3, freeze: bool,
        parts in 0_usize..4,
    ) {
        let problem = [rich, full, soft_rich, soft][parts](seed, jobs, vehicles);
        let plan = match kind {
            0 => scattered(&problem, seed),
            1 => savings(&problem),
            _ => run(&problem, seed, 200).solution,
        };
        let mut plan = complete(&problem, &plan);
        let mut dice = Dice(seed);
        // One job more is off its route, so that there is something to offer.
        let job = JobIndex::new(dice.index(jobs));
        plan.routes.iter_mut().for_each(|route| route.jobs.retain(|&other| other != job));
        plan.unassigned.retain(|&other| other != job);
        plan.unassigned.push(job);
        plan.routes.iter_mut().for_each(|route| route.reloads.retain(|&at| at < route.jobs.len()));
        let mut offers = Offers::new(&problem, &plan).unwrap();
        let mut frozen = vec![0; vehicles];
        for route in plan.routes.iter().filter(|_| freeze) {
            let stops = dice.index(route.jobs.len() + 1);
            offers.freeze(route.vehicle, stops).unwrap();
            frozen[route.vehicle.index()] = stops;
        }
        if problem.half(job).is_some() {
            let id = problem.jobs()[job.index()].id.clone();
            prop_assert_eq!(offers.all(job), Err(OfferError::Paired { job: id }));
            return Ok(());
        }
        let found = offers.all(job).unwrap();
        let mut places: Vec<_> = found.iter().map(place).collect();
        prop_assert!(places.is_sorted_by_key(|place| place.0));
        prop_assert_eq!(&offers.best(job, 2).unwrap()[..], &found[..found.len().min(2)]);
        places.sort_unstable();
        prop_assert_eq!(places, brute_force(&problem, &plan, job, &frozen));
        for offer in &found {
            says_the_truth(&problem, &plan, offer)?;
        }
    }

    /// Orders that come in one after the other make the plan that the offers said.
    #[test]
    fn accepted_offers_add_up(seed: u64, jobs in 1_usize..30, parts in 0_usize..3) {
        let problem = [rich, with_breaks, soft_rich][parts](seed, jobs, 4);
        let nobody = Solution::default();
        let mut offers = Offers::new(&problem, &nobody).unwrap();
        let mut cost = Cost::ZERO;
        for job in (0..jobs).map(JobIndex::new) {
            if let Some(best) = offers.best(job, 1).unwrap().first() {
                offers.accept(best).unwrap();
                cost += best.extra_cost;
            }
        }
        let verdict = check(&problem, &offers.plan());
        prop_assert!(verdict.is_feasible(), "{:?}", verdict.violations);
        prop_assert_eq!(verdict.cost(), cost);
    }
}

#[test]
fn questions_without_an_answer_name_the_culprit() {
    let problem = rich(1, 6, 3);
    let mut offers = Offers::new(&problem, &Solution::default()).unwrap();
    let unknown = OfferError::UnknownJob { index: 6, count: 6 };
    assert_eq!(offers.all(JobIndex::new(6)), Err(unknown));
    let unknown = OfferError::UnknownVehicle { index: 3, count: 3 };
    assert_eq!(offers.freeze(VehicleIndex::new(3), 0), Err(unknown));

    let (job, offer) = (0..6)
        .map(JobIndex::new)
        .find_map(|job| Some((job, offers.best(job, 1).unwrap().pop()?)))
        .unwrap();
    let (id, who) = (format!("job-{}", job.index()), format!("vehicle-{}", offer.vehicle.index()));
    let mut early = offer.clone();
    early.start = early.start - Seconds(1);
    assert_eq!(offers.accept(&early), Err(OfferError::Outdated { job: id.clone() }));
    offers.accept(&offer).unwrap();
    let served = OfferError::AlreadyServed { job: id, vehicle: who.clone() };
    assert_eq!(offers.best(job, 1), Err(served.clone()));
    assert_eq!(offers.accept(&offer), Err(served));
    let frozen = OfferError::TooManyFrozen { vehicle: who, frozen: 2, stops: 1 };
    assert_eq!(offers.freeze(offer.vehicle, 2), Err(frozen));
}
