//! Steps of the search that a whole run shows only by chance.

use super::{Search, Temperature, score};
use crate::model::{Model, Nearness};
use crate::savings::construct;
use crate::state::Bound;
use crate::{Job, Location, Matrix, Problem, Travel, Vehicle};

/// Two places at 10 and 12 from the depot, and room for one of them.
fn crowded() -> Problem {
    let mut problem = Problem::builder();
    let legs = [[0, 10, 12], [10, 0, 2], [12, 2, 0]];
    let legs = Matrix::from_fn(3, |from, to| legs[from][to]).expect("legal");
    let road = problem.add_profile(Travel::durations(legs));
    for place in [1, 2] {
        let job = Job::new(format!("SHP-{place}"), Location::new(place));
        problem.add_job(job.delivery([1]));
    }
    let depot = Location::new(0);
    problem.add_vehicle(Vehicle::new("DP-1", road).start(depot).end(depot).capacity([1]));
    problem.build().expect("legal")
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
    let problem = crowded();
    let model = Model::new(&problem);
    let nearness = Nearness::new(&model);
    let mut search = Search::new(construct(&model, &nearness), &nearness, 1);
    let best = search.best.to_solution(&model);
    assert_eq!(best.unassigned.len(), 1);
    empty(&mut search);
    search.best.note(&search.journal);
    search.score = score(&search.current);
    assert_eq!(search.score.unserved_jobs, 2);
    search.return_to_best();
    assert_eq!(search.current.to_solution(), best);
    assert_eq!((search.score, score(&search.current)), (search.best.score, search.best.score));
}

#[test]
fn who_was_left_out_more_often_may_cost_more() {
    let problem = crowded();
    let model = Model::new(&problem);
    let nearness = Nearness::new(&model);
    let mut search = Search::new(construct(&model, &nearness), &nearness, 1);
    let temperature = Temperature::new(&search.current, false);
    let far = search.current.bank[0];
    for _ in 0..3 {
        search.absences.note(&search.current);
    }
    empty(&mut search);
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
}
