//! Every fault of a problem is refused by name.

use geo_types::Point;
use logistics_dispatch::{
    Balance, Break, Cost, Haversine, Job, JobIndex, Lateness, Location, MAX_BREAKS, MAX_JOBS,
    Matrix, Meters, Problem, ProblemBuilder, Profile, Reload, Route, Seconds, Solution, Travel,
    TravelCost, Vehicle, VehicleIndex, Work,
};

fn base() -> (ProblemBuilder, Profile) {
    let mut problem = Problem::builder();
    let road = Matrix::from_fn(2, |i, j| if i == j { 0 } else { 60 }).unwrap();
    let profile = problem.add_profile(Travel::durations(road));
    (problem, profile)
}

fn refusal(change: impl Fn(&mut ProblemBuilder, Profile)) -> String {
    let (mut problem, profile) = base();
    change(&mut problem, profile);
    problem.build().expect_err("must be refused").to_string()
}

fn job(change: impl Fn(Job) -> Job) -> String {
    refusal(|problem, _| {
        problem.add_job(change(Job::new("J", Location::new(1))));
    })
}

fn vehicle(change: impl Fn(Vehicle) -> Vehicle) -> String {
    refusal(|problem, profile| {
        problem.add_vehicle(change(Vehicle::new("V", profile)));
    })
}

#[test]
fn faults_of_jobs() {
    let windows = |job: Job, list: [(i64, i64); 2]| {
        list.into_iter().fold(job, |job, (a, b)| job.window(Seconds(a), Seconds(b)))
    };
    let overlap = |job| windows(job, [(0, 9), (9, 12)]);
    for (message, expected) in [
        (job(|j| j.service(Seconds(-1))), "job \"J\": service is -1, outside 0..="),
        (job(|j| j.window(Seconds(5), Seconds(4))), "job \"J\": time window ends before it starts"),
        (job(overlap), "job \"J\": time windows overlap or are not in order"),
        (job(|j| j.delivery([-2])), "job \"J\": delivery is -2, outside"),
        (
            job(|j| j.delivery([1]).pickup([1, 2])),
            "job \"J\": pickup has 2 quantities instead of 1",
        ),
        (
            job(|j| j.lateness(Lateness::new(-1))),
            "job \"J\": cost of a second of lateness is -1, outside 0..=2147483647",
        ),
        (
            job(|j| j.lateness(Lateness::new(1 << 31))),
            "job \"J\": cost of a second of lateness is 2147483648, outside",
        ),
        (
            job(|j| j.lateness(Lateness::new(1).most(Seconds(-1)))),
            "job \"J\": longest lateness is -1, outside 0..=",
        ),
        (
            job(|j| j.lateness(Lateness::new(1).most(Seconds(i64::MAX)))),
            "job \"J\": longest lateness is 9223372036854775807, outside",
        ),
        (job(|j| j.priority(101)), "job \"J\": priority is 101, outside 0..=100"),
        (job(|j| j.geocode_confidence_pct(120)), "job \"J\": geocode confidence is 120"),
    ] {
        assert!(message.starts_with(expected), "{message}");
    }
    let unknown = refusal(|problem, _| {
        problem.add_job(Job::new("J", Location::new(2)));
    });
    assert_eq!(unknown, "job \"J\": location is number 2, but there are only 2");
}

#[test]
fn faults_of_vehicles() {
    for (message, expected) in [
        (
            vehicle(|v| v.shift(Seconds(2), Seconds(1))),
            "vehicle \"V\": shift ends before it starts",
        ),
        (vehicle(|v| v.start(Location::new(7))), "vehicle \"V\": start is number 7, but there"),
        (vehicle(|v| v.end(Location::new(7))), "vehicle \"V\": end is number 7, but there"),
        (vehicle(|v| v.capacity([-1])), "vehicle \"V\": capacity is -1, outside"),
        (vehicle(|v| v.fixed_cost(Cost(-1))), "vehicle \"V\": fixed cost is -1, outside"),
        (
            vehicle(|v| v.max_distance(Meters(5))),
            "vehicle \"V\": max distance needs a table of distances in its profile",
        ),
        (
            vehicle(|v| v.travel_cost(TravelCost::Matrix)),
            "vehicle \"V\": travel cost needs a table of costs in its profile",
        ),
        (
            vehicle(|v| v.travel_cost(TravelCost::PerUnit { per_second: 1 << 30, per_meter: 0 })),
            "vehicle \"V\": cost of the longest leg is 64424509440, outside",
        ),
    ] {
        assert!(message.starts_with(expected), "{message}");
    }
    let unknown = refusal(|problem, _| {
        problem.add_vehicle(Vehicle::new("V", Profile::new(3)));
    });
    assert_eq!(unknown, "vehicle \"V\": profile is number 3, but there are only 1");
}

#[test]
fn faults_of_frozen_stops() {
    let frozen = |change: &dyn Fn(Vehicle, JobIndex) -> Vehicle| {
        refusal(|problem, profile| {
            let job = problem.add_job(Job::new("J", Location::new(1)));
            let vehicle = Vehicle::new("V", profile).shift(Seconds(100), Seconds(900));
            problem.add_vehicle(change(vehicle, job));
        })
    };
    let unknown = frozen(&|vehicle, _| vehicle.pinned(JobIndex::new(4)));
    assert_eq!(unknown, "vehicle \"V\": frozen stop is number 4, but there are only 1");
    let twice = frozen(&|vehicle, job| vehicle.served(job, Seconds(5)).pinned(job));
    assert_eq!(twice, "job \"J\" is frozen more than once");
    let later = frozen(&|vehicle, job| vehicle.served(job, Seconds(101)));
    assert_eq!(
        later,
        "vehicle \"V\": served stop \"J\" is out of order or later than the shift's start"
    );
    let many = frozen(&|vehicle, job| vehicle.max_jobs(0).pinned(job));
    assert_eq!(many, "vehicle \"V\": frozen stops is 1, more than the limit of 0");
}

#[test]
fn faults_of_wishes() {
    let unknown = job(|j| j.preference(VehicleIndex::new(2), Cost(1)));
    assert_eq!(unknown, "job \"J\": preferred vehicle is number 2, but there are only 0");
    let negative = job(|j| j.optional(Cost(-1)));
    assert!(negative.starts_with("job \"J\": cost of leaving it out is -1, outside 0..="));
    let extreme = refusal(|problem, profile| {
        let vehicle = problem.add_vehicle(Vehicle::new("V", profile));
        problem.add_job(Job::new("J", Location::new(0)).preference(vehicle, Cost(i64::MIN)));
    });
    assert!(extreme.starts_with("job \"J\": preference is "), "{extreme}");
    let unmeasured = refusal(|problem, profile| {
        problem.add_vehicle(Vehicle::new("V", profile));
        problem.set_balance(Balance { work: Work::Kilometers, weight: Cost(1) });
    });
    assert_eq!(unmeasured, "vehicle \"V\": balance needs a table of distances in its profile");
    let weight = refusal(|problem, _| {
        problem.set_balance(Balance { work: Work::Stops, weight: Cost(-1) });
    });
    assert!(weight.starts_with("problem: weight of balance is -1, outside"));
    let elsewhere = refusal(|problem, _| {
        let route = Route::new(VehicleIndex::new(0), vec![]);
        problem.set_previous(Solution { routes: vec![route], unassigned: vec![] }, Cost(1));
    });
    assert_eq!(elsewhere, "the previous plan is not one of this problem");
    let price = refusal(|problem, _| problem.set_previous(Solution::default(), Cost(-1)));
    assert!(price.starts_with("problem: cost of a change is -1, outside"));
}

#[test]
fn faults_of_pairs() {
    let pair = |change: &dyn Fn(Job, Job) -> (Job, Job)| {
        refusal(|problem, _| {
            let job = |id: &str| Job::new(id, Location::new(1));
            let (pickup, delivery) = change(job("P"), job("D"));
            let (pickup, delivery) = (problem.add_job(pickup), problem.add_job(delivery));
            problem.pair(pickup, delivery);
        })
    };
    let mismatch = |owner: &str, field: &str| {
        format!("job \"{owner}\": {field} does not match the other half of its pair")
    };
    assert_eq!(pair(&|p, d| (p.pickup([3]), d.delivery([2]))), mismatch("D", "delivery"));
    assert_eq!(pair(&|p, d| (p.pickup([3]), d)), mismatch("D", "delivery"));
    assert_eq!(pair(&|p, d| (p.pickup([3]), d.delivery([3]).pickup([1]))), mismatch("D", "pickup"));
    assert_eq!(pair(&|p, d| (p.delivery([3]), d)), mismatch("P", "delivery"));
    assert_eq!(pair(&|p, d| (p.optional(Cost(3)), d)), mismatch("D", "being optional"));
    let twice = refusal(|problem, _| {
        let [a, b, c] = ["a", "b", "c"].map(|id| problem.add_job(Job::new(id, Location::new(1))));
        problem.pair(a, b);
        problem.pair(b, c);
    });
    assert_eq!(twice, "job \"b\" is paired more than once");
    let unknown = refusal(|problem, _| {
        let a = problem.add_job(Job::new("a", Location::new(1)));
        problem.pair(a, JobIndex::new(7));
    });
    assert_eq!(unknown, "problem: half of a pair is number 7, but there are only 1");
    let unloaded = refusal(|problem, profile| {
        let [a, b] = ["a", "b"].map(|id| problem.add_job(Job::new(id, Location::new(1))));
        problem.pair(a, b);
        problem.add_vehicle(Vehicle::new("V", profile).pinned(b));
    });
    assert_eq!(unloaded, mismatch("b", "place among frozen stops"));
}

#[test]
fn faults_of_the_whole() {
    let twice = refusal(|problem, _| {
        problem.add_job(Job::new("J", Location::new(0)));
        problem.add_job(Job::new("J", Location::new(1)));
    });
    assert_eq!(twice, "job \"J\" occurs twice");
    let many = refusal(|problem, _| {
        for id in 0..=MAX_JOBS {
            problem.add_job(Job::new(id.to_string(), Location::new(0)));
        }
    });
    assert_eq!(many, "problem: jobs is 8001, more than the limit of 8000");
    let sizes = refusal(|problem, _| {
        problem.add_profile(Travel::durations(Matrix::from_fn(3, |_, _| 0).unwrap()));
    });
    assert_eq!(sizes, "profile 1: duration table is missing or is not 2 by 2");
    let placeless = refusal(|problem, _| {
        problem.add_profile(Travel::Haversine(Haversine { detour: 1.3, speed_kmh: 18.0 }));
    });
    assert_eq!(placeless, "location 0 has no coordinates");
    let mut nowhere = Problem::builder();
    nowhere.add_point(Point::new(f64::NAN, 0.0));
    let message = nowhere.build().expect_err("must be refused").to_string();
    assert_eq!(message, "location 0: coordinates is not a usable number");
}

#[test]
fn nothing_is_a_problem_too() {
    let (problem, _) = base();
    assert_eq!(problem.build().unwrap().locations(), 2);
    assert_eq!(Problem::builder().build().unwrap().locations(), 0);
}

#[test]
fn breaks_and_reloads_are_sound() {
    let rest = |change: fn(Break) -> Break| {
        vehicle(move |vehicle| {
            let rest = change(Break::new("lunch", Seconds(100)));
            vehicle.shift(Seconds(1000), Seconds(2000)).rest(rest)
        })
    };
    let lunch = "break \"lunch\" of vehicle \"V\"";
    assert_eq!(
        rest(|rest| rest.window(Seconds(0), Seconds(999))),
        format!("{lunch} does not fit into the shift")
    );
    assert_eq!(
        rest(|rest| rest.window(Seconds(1901), Seconds(3000))),
        format!("{lunch} does not fit into the shift")
    );
    assert_eq!(
        rest(|rest| rest.window(Seconds(9), Seconds(8))),
        format!("{lunch}: time window ends before it starts")
    );
    assert_eq!(
        rest(|rest| rest.window(Seconds(1000), Seconds(1100)).window(Seconds(1100), Seconds(1200))),
        format!("{lunch}: time windows overlap or are not in order")
    );
    let long = rest(|mut rest| {
        rest.duration = Seconds(-1);
        rest
    });
    assert!(long.starts_with(&format!("{lunch}: duration is -1, outside 0..=")), "{long}");
    let twice = |vehicle: Vehicle| {
        let tea = || Break::new("tea", Seconds(1));
        vehicle.rest(tea()).rest(tea())
    };
    assert_eq!(vehicle(twice), "break \"tea\" of vehicle \"V\" occurs twice");
    let many = |vehicle: Vehicle| {
        let breaks = (0..=MAX_BREAKS).map(|id| Break::new(id.to_string(), Seconds(1)));
        breaks.fold(vehicle, Vehicle::rest)
    };
    assert_eq!(vehicle(many), "vehicle \"V\": breaks is 9, more than the limit of 8");
    // The second break cannot begin before the first is over.
    let behind = |vehicle: Vehicle| {
        let first = Break::new("one", Seconds(600)).window(Seconds(500), Seconds(600));
        let second = Break::new("two", Seconds(60)).window(Seconds(0), Seconds(1000));
        vehicle.rest(first).rest(second)
    };
    assert_eq!(vehicle(behind), "break \"two\" of vehicle \"V\" does not fit into the shift");

    let reload = |reload| vehicle(move |vehicle| vehicle.reload(reload));
    assert_eq!(
        reload(Reload::new(Location::new(9), 1)),
        "vehicle \"V\": place to reload is number 9, but there are only 2"
    );
    assert_eq!(
        reload(Reload::new(Location::new(0), 65)),
        "vehicle \"V\": reloads is 65, more than the limit of 64"
    );
    let slow = reload(Reload::new(Location::new(0), 1).service(Seconds(-5)));
    assert!(slow.starts_with("vehicle \"V\": time to reload is -5, outside 0..="), "{slow}");
}
