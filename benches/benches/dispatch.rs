//! How long a first plan takes, a step of the search, and an offer for one more order.
//!
//! `cargo bench -p logistics-benches --bench dispatch`
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "criterion's macros make undocumented functions, and a bench may stop"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use geo_types::Point;
use logistics_dispatch::offers::Offers;
use logistics_dispatch::{
    Control, Haversine, Job, JobIndex, Location, Matrix, Problem, Seconds, SolveOptions, Travel,
    TravelCost, Vehicle, check, savings, solve,
};

/// Steps of a search that is measured: enough for the construction before them to be the
/// small part.
const STEPS: u64 = 20_000;

/// Numbers that look random and are always the same (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    /// 0 to `bound - 1`.
    fn roll(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

/// Customers in a square around a depot, demands 1 to 100, about 23 to a vehicle: as the
/// large instances of Uchoa et al. (2017, doi:10.1016/j.ejor.2016.08.012).
fn cvrp(customers: usize) -> Problem {
    let mut dice = Dice(7);
    let at: Vec<(i64, i64)> = (0..=customers)
        .map(|_| [(); 2].map(|()| i64::try_from(dice.roll(1000)).unwrap()).into())
        .collect();
    let road = Matrix::from_fn(at.len(), |i, j| {
        let (x, y) = (at[i].0 - at[j].0, at[i].1 - at[j].1);
        (x * x + y * y).isqrt()
    });
    let mut problem = Problem::builder();
    let van = problem.add_profile(Travel::distances(road.unwrap()));
    let depot = Location::new(0);
    for id in 0..customers {
        let demand = i64::try_from(dice.roll(100)).unwrap() + 1;
        problem.add_job(Job::new(format!("c{id}"), Location::new(id + 1)).delivery([demand]));
        let van = Vehicle::new(format!("v{id}"), van).start(depot).end(depot).capacity([1180]);
        problem.add_vehicle(van.travel_cost(TravelCost::PerUnit { per_second: 0, per_meter: 1 }));
    }
    problem.build().unwrap()
}

/// A city's morning: riders where they are, stops of which a third has a window.
fn batch(stops: usize, riders: usize) -> Problem {
    let mut dice = Dice(11);
    let mut degrees = || dice.roll(15_000) as f64 / 100_000.0;
    let mut somewhere = || Point::new(73.78 + degrees(), 18.45 + degrees());
    let mut problem = Problem::builder();
    let bike = problem.add_profile(Travel::Haversine(Haversine { detour: 1.35, speed_kmh: 18.0 }));
    for id in 0..riders {
        let here = problem.add_point(somewhere());
        let rider = Vehicle::new(format!("DP-{id}"), bike).start(here).capacity([60]);
        problem.add_vehicle(rider.shift(Seconds(6 * 3600), Seconds(18 * 3600)));
    }
    for id in 0..stops {
        let door = problem.add_point(somewhere());
        let job = Job::new(format!("SHP-{id}"), door).service(Seconds(180)).delivery([2]);
        problem.add_job(if id % 3 == 0 {
            job.window(Seconds(9 * 3600), Seconds(13 * 3600))
        } else {
            job
        });
    }
    problem.build().unwrap()
}

fn construction(c: &mut Criterion) {
    let mut group = c.benchmark_group("savings");
    for customers in [100, 1000] {
        let problem = cvrp(customers);
        group.bench_function(BenchmarkId::new("cvrp", customers), |b| {
            b.iter(|| savings(black_box(&problem)));
        });
    }
    let problem = batch(400, 30);
    group.bench_function(BenchmarkId::new("batch", 400), |b| {
        b.iter(|| savings(black_box(&problem)));
    });
    group.finish();
}

/// The rate is in steps a second; the construction before them is in it.
fn search(c: &mut Criterion) {
    let mut group = c.benchmark_group("search");
    group.sample_size(10).throughput(Throughput::Elements(STEPS));
    for (name, problem) in [("cvrp/1000", cvrp(1000)), ("batch/400", batch(400, 30))] {
        let options = SolveOptions { seed: 1, iterations: STEPS };
        group.bench_function(name, |b| {
            b.iter(|| solve(black_box(&problem), &options, &mut |_| Control::Continue));
        });
    }
    group.finish();
}

/// One order beside a plan of 400 stops, which is read once (`prepare`) and asked often.
fn offers(c: &mut Criterion) {
    let problem = batch(401, 30);
    let mut plan = savings(&problem);
    let urgent = JobIndex::new(400);
    for route in &mut plan.routes {
        route.jobs.retain(|&job| job != urgent);
    }
    plan.unassigned.retain(|&job| job != urgent);
    plan.unassigned.push(urgent);
    assert_eq!(plan.unassigned, [urgent], "the other 400 are served");
    assert!(check(&problem, &plan).is_feasible());
    let ready = Offers::new(&problem, &plan).expect("a plan of this problem");
    assert_eq!(ready.best(urgent, 5).unwrap().len(), 5);
    let mut group = c.benchmark_group("offers/400 stops");
    group.bench_function("prepare", |b| b.iter(|| Offers::new(black_box(&problem), &plan)));
    group.bench_function("best 5", |b| b.iter(|| ready.best(black_box(urgent), 5).unwrap()));
    group.finish();
}

criterion_group!(benches, construction, search, offers);
criterion_main!(benches);
