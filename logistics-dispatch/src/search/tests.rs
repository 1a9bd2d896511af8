//! Steps of the search that a whole run shows only by chance.

use super::{Search, Temperature, Turn, score};
use crate::model::{Model, Nearness};
use crate::samples::rough;
use crate::savings::construct;
use crate::state::Bound;
use crate::{Cost, Job, Location, Matrix, Problem, Score, Travel, Vehicle};

/// Places at 10, 12, 14 … from the depot, and room for all but one of them.
fn crowded(places: usize) -> Problem {
    let mut problem = Problem::builder();
    let far = |place: usize| if place == 0 { 0 } else { 8 + 2 * i64::try_from(place).unwrap() };
    let legs = Matrix::from_fn(places + 1, |from, to| (far(from) - far(to)).abs()).expect("legal");
    let road = problem.add_profile(Travel::durations(legs));
    for place in 1..=places {
        let job = Job::new(format!("SHP-{place}"), Location::new(place));
        problem.add_job(job.delivery([1]));
    }
    let depot = Location::new(0);
    let room = i64::try_from(places - 1).unwrap();
    problem.add_vehicle(Vehicle::new("DP-1", road).start(depot).end(depot).capacity([room]));
    problem.build().expect("legal")
}

/// Hands over the search of a problem that has begun with savings.
fn begin(problem: &Problem, test: impl FnOnce(&mut Search<'_>)) {
    let model = Model::new(problem);
    let nearness = Nearness::new(&model);
    test(&mut Search::new(construct(&model, &nearness), &nearness, 1));
}

/// Takes every job off its route.
fn empty(search: &mut Search<'_>) {
    search.journal.begin(&search.current);
    while let Some(&line) = search.current.used.first() {
        search.journal.save(&search.current, line);
        let stops = search.current.lines[line as usize].stops.len();
        let mut removed = Vec::new();
        search.current.cut(line, 0..stops, 0..0, &mut removed);
        search.current.refresh(line);
        search.current.bank.append(&mut removed);
    }
}

#[test]
fn a_search_that_serves_fewer_goes_on_from_the_best_plan() {
    begin(&crowded(2), |search| {
        let best = search.best.to_solution(search.current.model);
        assert_eq!(best.unassigned.len(), 1);
        empty(search);
        search.best.note(&search.journal);
        search.score = score(&search.current);
        assert_eq!(search.score.unserved_jobs, 2);
        search.turn(Turn::ToServeMore);
        assert_eq!(search.current.to_solution(), best);
        assert_eq!((search.score, score(&search.current)), (search.best.score, search.best.score));
    });
}

#[test]
fn a_search_whose_plan_is_only_dearer_goes_on_from_it_but_at_the_last_round() {
    begin(&crowded(2), |search| {
        let dearer = Score { cost: Cost(search.score.cost.get() + 1), ..search.score };
        search.score = dearer;
        search.turn(Turn::ToServeMore);
        assert_eq!(search.score, dearer);
        search.turn(Turn::ToBest);
        assert_eq!(search.score, search.best.score);
    });
}

#[test]
fn who_was_left_out_more_often_may_cost_more() {
    begin(&crowded(2), |search| {
        let temperature = Temperature::new(&search.current, false);
        let far = search.current.bank[0];
        for _ in 0..3 {
            search.absences.note(&search.current);
        }
        empty(search);
        search.current.bank.retain(|&job| job != far);
        let mut place = Bound::default();
        search.current.look_everywhere(far as usize, &mut place);
        search.current.insert(far, place.spot().expect("room"));
        let new = score(&search.current);
        assert_eq!(new.cost.get() - search.score.cost.get(), 4);
        search.absences.note(&search.current);
        assert!(search.leaves_out_others(new, &temperature));
        for _ in 0..2 {
            search.absences.note(&search.current);
        }
        assert!(!search.leaves_out_others(new, &temperature), "both were left out three times");
    });
}

#[test]
fn a_job_that_waits_is_tried_on_the_routes_of_the_step_only() {
    begin(&crowded(3), |search| {
        search.journal.begin(&search.current);
        let (waiting, line) = (search.current.bank[0], search.current.used[0]);
        let route = search.current.lines[line as usize].stops.clone();
        let mut removed = Vec::new();
        search.current.cut(line, 0..1, 0..0, &mut removed);
        search.current.refresh(line);
        assert_eq!(search.look(waiting).0.spot(), None, "the step has not touched the route");
        search.journal.recall(line, &route);
        assert_eq!(search.look(waiting).0.spot().map(|spot| spot.line), Some(line));
        // What the step itself took off is tried everywhere.
        search.journal.begin(&search.current);
        assert!((0..64).any(|_| search.look(removed[0]).0.spot().is_some()));
    });
}

/// Puts back what a step takes off its routes, job by job; wherever it is cheapest to, the look at
/// what is near must have found it.
fn check_looks(search: &mut Search<'_>) {
    let mut temperature = Temperature::new(&search.current, search.timed);
    temperature.follow(0, 1, 0.0);
    (0..50).for_each(|_| search.step(&temperature));
    search.journal.begin(&search.current);
    if !search.ruin() {
        return;
    }
    for job in search.pending.clone() {
        let mut best = Bound::default();
        search.current.look_everywhere(job as usize, &mut best);
        // Whatever one draw passes over, ten do not.
        let (nearness, rng) = (search.nearness, &mut search.rng);
        let looks = (0..10).map(|_| search.current.look_near(job as usize, nearness, 40, rng));
        let near = looks.filter_map(Bound::spot).map(|spot| spot.delta).min();
        assert_eq!(near, best.spot().map(|spot| spot.delta), "job {job}");
        match best.spot() {
            Some(spot) => search.current.insert(job, spot),
            None => search.current.bank.push(job),
        }
    }
}

#[test]
fn the_cheapest_place_is_not_passed_over() {
    for seed in 0..1_000 {
        begin(&rough(seed, false), check_looks);
        begin(&rough(seed, true), check_looks);
    }
}
