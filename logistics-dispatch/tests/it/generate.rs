//! Random problems with every constraint of the model, from a seed.

use logistics_dispatch::{
    Balance, Break, Cost, Job, JobIndex, Lateness, Location, Matrix, Meters, Problem, Profile,
    Reload, Seconds, Travel, TravelCost, Vehicle, VehicleIndex, Work,
};

use crate::answers::{rebuilt, scattered, unbuilt};

/// `SplitMix64`.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) % bound.unsigned_abs()).unwrap()
    }

    pub(crate) fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(i64::try_from(bound).unwrap())).unwrap()
    }

    /// True `percent` times in a hundred.
    pub(crate) fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }
}

/// A table over random points of a plane of the given size; asymmetric by up to a tenth.
fn road(dice: &mut Dice, points: &[(i64, i64)], slow: i64) -> Matrix {
    Matrix::from_fn(points.len(), |i, j| {
        let ((x1, y1), (x2, y2)) = (points[i], points[j]);
        let straight = (x1 - x2).abs() + (y1 - y2).abs();
        if i == j { 0 } else { straight * slow + dice.below(straight / 10 + 1) }
    })
    .unwrap()
}

fn job(dice: &mut Dice, id: usize, dimensions: i64) -> Job {
    let mut job = Job::new(format!("job-{id}"), Location::new(id + 1));
    job.service = Seconds(dice.below(300));
    for _ in 0..dimensions {
        job.delivery.push(dice.below(5));
        job.pickup.push(if dice.chance(30) { dice.below(5) } else { 0 });
    }
    let mut from = 0;
    while dice.chance(45) && job.windows.len() < 3 {
        from += dice.below(3000);
        job = job.window(Seconds(from), Seconds(from + 600 + dice.below(1500)));
        from = job.windows.last().unwrap().end.get() + 1 + dice.below(500);
    }
    if dice.chance(25) {
        job = job.skills([u32::try_from(dice.below(3)).unwrap()]);
    }
    if dice.chance(20) {
        job = job.priority(u8::try_from(dice.below(100)).unwrap());
    }
    job
}

fn vehicle(
    dice: &mut Dice,
    id: usize,
    profiles: &[Profile],
    places: usize,
    dimensions: i64,
) -> Vehicle {
    let profile = profiles[dice.index(profiles.len())];
    let mut vehicle = Vehicle::new(format!("vehicle-{id}"), profile);
    if dice.chance(90) {
        let start = if dice.chance(50) { 0 } else { dice.index(places) };
        vehicle = vehicle.start(Location::new(start));
    }
    if dice.chance(50) {
        vehicle = vehicle.end(Location::new(0));
    }
    let begin = dice.below(500);
    vehicle = vehicle.shift(Seconds(begin), Seconds(begin + 2500 + dice.below(6000)));
    vehicle.skills = (0..3).filter(|_| dice.chance(60)).collect();
    vehicle.fixed_cost = Cost(dice.below(2) * dice.below(2000));
    vehicle.travel_cost =
        TravelCost::PerUnit { per_second: 1 + dice.below(3), per_meter: dice.below(2) };
    if dice.chance(80) {
        vehicle.capacity = (0..dimensions).map(|_| 6 + dice.below(20)).collect();
    }
    if dice.chance(30) {
        vehicle = vehicle.max_jobs(1 + dice.index(8));
    }
    if dice.chance(20) {
        vehicle = vehicle.max_travel_time(Seconds(800 + dice.below(3000)));
    }
    if dice.chance(20) {
        vehicle = vehicle.max_distance(Meters(800 + dice.below(3000)));
    }
    vehicle
}

/// A problem with so many jobs and vehicles, and everything else at random.
pub(crate) fn rich(seed: u64, jobs: usize, vehicles: usize) -> Problem {
    let mut dice = Dice(seed);
    let points: Vec<(i64, i64)> =
        (0..=jobs).map(|_| (dice.below(1000), dice.below(1000))).collect();
    let dimensions = dice.below(3);
    let mut problem = Problem::builder();
    let profiles: Vec<Profile> = (1..=2)
        .map(|slow| {
            problem.add_profile(Travel::Matrices {
                durations: Some(road(&mut dice, &points, slow)),
                distances: Some(road(&mut dice, &points, 1)),
                costs: None,
            })
        })
        .collect();
    for id in 0..jobs {
        problem.add_job(job(&mut dice, id, dimensions));
    }
    let mut last = None;
    for id in 0..vehicles {
        // Twins make classes of more than one vehicle.
        let next = match last.take() {
            Some(mut twin) if dice.chance(40) => {
                let twin: &mut Vehicle = &mut twin;
                twin.id = format!("vehicle-{id}");
                twin.clone()
            }
            _ => vehicle(&mut dice, id, &profiles, points.len(), dimensions),
        };
        problem.add_vehicle(next.clone());
        last = Some(next);
    }
    problem.build().unwrap()
}

/// A problem of the middle of the day: some vehicles have served stops, some have stops
/// that are pinned, and nobody has asked whether those keep any limit.
pub(crate) fn midday(seed: u64, jobs: usize, vehicles: usize) -> Problem {
    let morning = rich(seed, jobs, vehicles);
    let mut dice = Dice(seed ^ 0x4D49_4444);
    let mut free: Vec<usize> = (0..jobs).collect();
    let mut settled = Vec::new();
    for vehicle in morning.vehicles() {
        let mut vehicle = vehicle.clone();
        let most = vehicle.max_jobs.unwrap_or(3).min(3);
        let stops = if dice.chance(60) { dice.index(most + 1) } else { 0 };
        let served = dice.index(stops + 1);
        let mut start = 0;
        for stop in 0..stops.min(free.len()) {
            let job = JobIndex::new(free.swap_remove(dice.index(free.len())));
            if stop < served {
                start += dice.below(vehicle.shift.start.get() - start + 1);
                vehicle = vehicle.served(job, Seconds(start));
            } else {
                vehicle = vehicle.pinned(job);
            }
        }
        settled.push(vehicle);
    }
    rebuilt(
        &morning,
        |index, vehicle| *vehicle = keep_profile(&settled[index.index()], vehicle),
        |_, _| {},
    )
}

/// The vehicle with the profile of another.
fn keep_profile(vehicle: &Vehicle, other: &Vehicle) -> Vehicle {
    let mut vehicle = vehicle.clone();
    vehicle.profile = other.profile;
    vehicle
}

/// A problem of the middle of the day with wishes: a previous plan, optional jobs,
/// preferences, even work.
pub(crate) fn wishful(seed: u64, jobs: usize, vehicles: usize) -> Problem {
    let plain = midday(seed, jobs, vehicles);
    if vehicles == 0 {
        return plain;
    }
    let mut dice = Dice(seed ^ 0x5749_5348);
    let mut problem = unbuilt(&plain);
    for index in (0..jobs).map(JobIndex::new) {
        let job = problem.job_mut(index).unwrap();
        if dice.chance(30) {
            job.optional = Some(Cost(dice.below(3000)));
        }
        while dice.chance(25) {
            let vehicle = VehicleIndex::new(dice.index(vehicles));
            *job = job.clone().preference(vehicle, Cost(dice.below(1000) - 500));
        }
    }
    if dice.chance(60) {
        problem.set_previous(scattered(&plain, seed), Cost(dice.below(600)));
    }
    if dice.chance(60) {
        let work = [Work::Stops, Work::Hours, Work::Kilometers][dice.index(3)];
        problem.set_balance(Balance { work, weight: Cost(dice.below(800)) });
    }
    problem.build().unwrap()
}

/// A problem of the middle of the day with wishes, in which some jobs are pairs.
pub(crate) fn paired(seed: u64, jobs: usize, vehicles: usize) -> Problem {
    let single = wishful(seed, jobs, vehicles);
    if vehicles == 0 {
        return single;
    }
    let mut dice = Dice(seed ^ 0x5041_4952);
    let mut problem = unbuilt(&single);
    let frozen = |job| single.vehicles().iter().any(|own| own.frozen().any(|other| other == job));
    for (pickup, delivery) in (1..jobs).step_by(2).map(|at| (at - 1, at)) {
        let (pickup, delivery) = (JobIndex::new(pickup), JobIndex::new(delivery));
        if frozen(delivery) || dice.chance(40) {
            continue;
        }
        let first = problem.job_mut(pickup).unwrap();
        first.pickup = core::mem::take(&mut first.delivery);
        let (load, optional) = (first.pickup.clone(), first.optional);
        let second = problem.job_mut(delivery).unwrap();
        (second.delivery, second.pickup, second.optional) = (load, vec![], optional);
        problem.pair(pickup, delivery);
    }
    problem.build().unwrap()
}

/// A problem with everything: the middle of the day, wishes, pairs, breaks and reloads.
pub(crate) fn full(seed: u64, jobs: usize, vehicles: usize) -> Problem {
    let plain = paired(seed, jobs, vehicles);
    rebuilt(
        &plain,
        |index, vehicle| {
            let mut dice = Dice(seed ^ 0x5245_5354 ^ (index.index() as u64) << 32);
            vehicle.breaks = breaks(&mut dice, vehicle);
            if dice.chance(60) {
                let place = Location::new(dice.index(jobs + 1));
                let reload = Reload::new(place, 1 + dice.index(2));
                vehicle.reload = Some(reload.service(Seconds(dice.below(200))));
                for capacity in &mut vehicle.capacity {
                    *capacity = 4 + dice.below(6);
                }
            }
        },
        |_, _| {},
    )
}

/// A problem with everything, in which some jobs may be served late at a price.
pub(crate) fn soft(seed: u64, jobs: usize, vehicles: usize) -> Problem {
    softened(&full(seed, jobs, vehicles), seed)
}

/// The same with the constraints of the morning alone.
pub(crate) fn soft_rich(seed: u64, jobs: usize, vehicles: usize) -> Problem {
    softened(&rich(seed, jobs, vehicles), seed)
}

/// The problem with a price on the lateness of most jobs that have windows, and of some that
/// have none.
fn softened(problem: &Problem, seed: u64) -> Problem {
    rebuilt(
        problem,
        |_, _| {},
        |index, job| {
            let mut dice = Dice(seed ^ 0x4C41_5445 ^ (index.index() as u64) << 32);
            if !dice.chance(75) {
                return;
            }
            let mut lateness = Lateness::new(dice.below(8));
            if dice.chance(40) {
                lateness = lateness.most(Seconds(dice.below(900)));
            }
            job.lateness = Some(lateness);
        },
    )
}

/// A problem with so many jobs and vehicles, and breaks.
pub(crate) fn with_breaks(seed: u64, jobs: usize, vehicles: usize) -> Problem {
    rebuilt(
        &rich(seed, jobs, vehicles),
        |index, vehicle| {
            vehicle.breaks = breaks(&mut Dice(seed ^ (index.index() as u64) << 32), vehicle);
        },
        |_, _| {},
    )
}

/// Breaks that fit into the shift.
fn breaks(dice: &mut Dice, vehicle: &Vehicle) -> Vec<Break> {
    let mut breaks = Vec::new();
    let mut clock = vehicle.shift.start.get();
    while dice.chance(50) && breaks.len() < 3 {
        let mut rest = Break::new(format!("break-{}", breaks.len()), Seconds(dice.below(400)));
        let mut from = clock + dice.below(1500);
        let mut done = clock + rest.duration.get();
        while dice.chance(70) && rest.windows.len() < 2 {
            let to = from + 100 + dice.below(900);
            rest = rest.window(Seconds(from), Seconds(to));
            done = rest.windows[0].start.get().max(clock) + rest.duration.get();
            from = to + 1 + dice.below(600);
        }
        if done > vehicle.shift.end.get() {
            break;
        }
        clock = done;
        breaks.push(rest);
    }
    breaks
}
