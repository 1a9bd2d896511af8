//! Proposals from overrides: what was planted is found, chance is not, and an accepted
//! proposal binds the plan.

use logistics_dispatch::learn::{
    ApplyError, Finding, Outcome, Proposal, Record, Thresholds, propose,
};
use logistics_dispatch::{
    Block, Cost, Job, JobIndex, Location, Matrix, Preference, Problem, ProblemBuilder, Seconds,
    TimeWindow, Travel, Vehicle, VehicleIndex, explain, savings, schedule,
};

use crate::generate::Dice;

const HOUR: i64 = 3600;

fn record(area: &str, planned: i64, partner: &str, outcome: Outcome) -> Record {
    let (job, area, partner) = ("SHP".into(), area.into(), partner.into());
    Record { job, area, planned: Seconds(planned), partner, outcome }
}

fn found(records: &[Record]) -> Vec<(String, Finding)> {
    let proposals = propose(records, &Thresholds::default());
    proposals.into_iter().map(|proposal| (proposal.area, proposal.finding)).collect()
}

/// Ninety days of four areas: one opens at 10, one closes at 17, in one DP-1 is always
/// replaced by DP-3, and in one nothing is to be learnt.
fn history(seed: u64) -> Vec<Record> {
    let mut dice = Dice(seed);
    let mut records = Vec::new();
    for _ in 0..90 {
        let partner = ["DP-1", "DP-2", "DP-3"][dice.index(3)];
        let planned = 8 * HOUR + dice.below(11 * HOUR);
        let soon = dice.below(HOUR);
        let chance = match dice.below(10) {
            0 => Outcome::Removed,
            1 => Outcome::Retimed { to: Seconds(planned + dice.below(4 * HOUR) - 2 * HOUR) },
            2 => Outcome::Reassigned { to: ["DP-1", "DP-2", "DP-3"][dice.index(3)].into() },
            _ => Outcome::Kept,
        };
        let gate = match planned < 10 * HOUR {
            true => Outcome::Retimed { to: Seconds(10 * HOUR + soon) },
            false => Outcome::Kept,
        };
        let shop = match planned > 17 * HOUR {
            true => Outcome::Reordered { to: Seconds(17 * HOUR - soon) },
            false => Outcome::Kept,
        };
        let hill = match partner {
            "DP-1" => Outcome::Reassigned { to: "DP-3".into() },
            _ => Outcome::Kept,
        };
        records.push(record("any", planned, partner, chance));
        records.push(record("gate", planned, partner, gate));
        records.push(record("shop", planned, partner, shop));
        records.push(record("hill", planned, partner, hill));
    }
    records
}

#[test]
fn what_was_planted_is_found_and_nothing_else() {
    for seed in 0..50 {
        let expected = [
            ("gate", Finding::NotBefore(Seconds(10 * HOUR))),
            ("hill", Finding::TakenOff("DP-1".into())),
            ("hill", Finding::Preferred("DP-3".into())),
            ("shop", Finding::NotAfter(Seconds(17 * HOUR))),
        ];
        let expected = expected.map(|(area, finding)| (area.to_owned(), finding));
        assert_eq!(found(&history(seed)), expected, "seed {seed}");
    }
}

#[test]
fn the_evidence_is_named_and_few_records_are_not_enough() {
    let off = |to: &str| record("A", 9 * HOUR, "DP-1", Outcome::Reassigned { to: to.into() });
    let mut records: Vec<Record> = ["DP-2", "DP-3", "DP-4", "DP-5"].map(off).into();
    assert_eq!(found(&records), [], "four of four");
    records.push(record("B", 9 * HOUR, "DP-1", Outcome::Reassigned { to: "DP-2".into() }));
    records.push(record("A", 9 * HOUR, "DP-1", Outcome::Removed));
    assert_eq!(found(&records), [], "another area and a visit that nobody made do not count");
    records.push(off("DP-6"));
    let [proposal] = &propose(&records, &Thresholds::default())[..] else { panic!() };
    assert_eq!(proposal.finding, Finding::TakenOff("DP-1".into()));
    assert_eq!((&proposal.supporting[..], proposal.records()), (&[0, 1, 2, 3, 6][..], 5));
    assert_eq!(proposal.confidence_pct, 56);
    assert_eq!(
        proposal.to_string(),
        "partner DP-1 is taken off area A (reassigned 5 of 5 times, 56 % sure)"
    );
    records.push(record("A", 9 * HOUR, "DP-1", Outcome::Kept));
    records.push(record("A", 9 * HOUR, "DP-1", Outcome::Kept));
    assert_eq!(found(&records), [], "five of seven");
    let lenient = Thresholds { min_confidence_pct: 30, ..Thresholds::default() };
    let weak = propose(&records, &lenient);
    assert_eq!(weak[0].opposing, [7, 8]);
}

#[test]
fn a_time_that_was_moved_and_still_too_early_counts_against() {
    let moved = |from, to| record("A", from, "DP-1", Outcome::Retimed { to: Seconds(to) });
    let mut records = vec![moved(8 * HOUR, 9 * HOUR + 1800); 3];
    records.extend(vec![moved(8 * HOUR, 11 * HOUR); 3]);
    assert_eq!(found(&records), [("A".into(), Finding::NotBefore(Seconds(9 * HOUR)))]);
    let fine = Thresholds { step: Seconds(1800), ..Thresholds::default() };
    let finer = &propose(&records, &fine)[0];
    assert_eq!(finer.finding, Finding::NotBefore(Seconds(9 * HOUR + 1800)));
    assert_eq!((finer.supporting.len(), finer.opposing.len()), (6, 0));
}

fn accepted(finding: &Finding) -> Proposal {
    let outcome = match finding {
        Finding::NotBefore(time) | Finding::NotAfter(time) => Outcome::Retimed { to: *time },
        Finding::TakenOff(_) => Outcome::Reassigned { to: "other".into() },
        Finding::Preferred(partner) => Outcome::Reassigned { to: partner.clone() },
        _ => panic!("{finding:?}"),
    };
    let planned = if matches!(finding, Finding::NotBefore(_)) { HOUR } else { 23 * HOUR };
    let records = vec![record("A", planned, "DP-1", outcome); 5];
    let mut proposals = propose(&records, &Thresholds::default()).into_iter();
    proposals.find(|proposal| proposal.finding == *finding).unwrap()
}

/// Two partners, three jobs; those whose id begins with A are in area A. Nobody can do
/// what B-2 needs.
fn problem(windows: &[TimeWindow]) -> ProblemBuilder {
    let mut problem = Problem::builder();
    let road = Matrix::from_fn(4, |i, j| if i == j { 0 } else { 60 }).unwrap();
    let bike = problem.add_profile(Travel::durations(road));
    for id in ["DP-1", "DP-2"] {
        problem.add_vehicle(Vehicle::new(id, bike).start(Location::new(0)).skills([0, 2]));
    }
    let mut first = Job::new("A-1", Location::new(1));
    first.windows = windows.to_vec();
    problem.add_job(first);
    problem.add_job(Job::new("A-2", Location::new(2)));
    problem.add_job(Job::new("B-2", Location::new(3)).skills([1]));
    problem
}

fn in_area(job: &Job) -> bool {
    job.id.starts_with('A')
}

#[test]
fn times_narrow_windows() {
    let windows = [(0, 9), (10, 12), (14, 20)]
        .map(|(start, end)| TimeWindow::new(Seconds(start * HOUR), Seconds(end * HOUR)));
    let midnight = Seconds(HOUR);
    let mut builder = problem(&windows);
    let early = accepted(&Finding::NotBefore(Seconds(10 * HOUR)));
    assert_eq!(early.apply(&mut builder, midnight, Cost(60), in_area), Ok(2));
    let late = accepted(&Finding::NotAfter(Seconds(15 * HOUR)));
    assert_eq!(late.apply(&mut builder, midnight, Cost(60), in_area), Ok(2));
    let built = builder.build().unwrap();
    let hours = |job: usize| -> Vec<(i64, i64)> {
        let windows = built.jobs()[job].windows.iter();
        windows.map(|window| (window.start.get() / HOUR, window.end.get() / HOUR)).collect()
    };
    assert_eq!(hours(0), [(11, 12), (14, 16)]);
    assert_eq!((hours(1), hours(2)), (vec![(11, 16)], vec![]));
    for route in &savings(&built).routes {
        assert!(schedule(&built, route).stops.iter().all(|stop| stop.start >= Seconds(11 * HOUR)));
    }
}

#[test]
fn a_partner_taken_off_is_kept_off_and_nothing_else_changes() {
    let mut builder = problem(&[]);
    let off = accepted(&Finding::TakenOff("DP-1".into()));
    assert_eq!(off.apply(&mut builder, Seconds(0), Cost(60), in_area), Ok(2));
    let built = builder.build().unwrap();
    let plan = savings(&built);
    assert_eq!(plan.routes.len(), 1);
    assert_eq!(plan.routes[0].vehicle, VehicleIndex::new(1));
    // Skill 1 is in use: taking it would have let DP-2 do B-2.
    assert_eq!(plan.unassigned, [JobIndex::new(2)]);
    let reasons = &explain(&built, &plan)[0].vehicles;
    assert!(reasons.iter().all(|reason| reason.block == Block::Skill(1)));

    let mut builder = problem(&[]);
    let mut absent = off.clone();
    absent.finding = Finding::TakenOff("DP-9".into());
    assert_eq!(absent.apply(&mut builder, Seconds(0), Cost(60), in_area), Ok(0));
    assert!(builder.build().unwrap().jobs()[0].skills.is_empty());
}

#[test]
fn a_preferred_partner_saves_something_in_the_area_and_nowhere_else() {
    let mut builder = problem(&[]);
    let preferred = accepted(&Finding::Preferred("DP-2".into()));
    assert_eq!(preferred.apply(&mut builder, Seconds(0), Cost(60), in_area), Ok(2));
    let built = builder.build().unwrap();
    let two = Preference { vehicle: VehicleIndex::new(1), cost: Cost(-60) };
    assert_eq!(
        (&built.jobs()[0].preferences[..], &built.jobs()[1].preferences[..]),
        (&[two][..], &[two][..])
    );
    assert!(built.jobs()[2].preferences.is_empty());

    let mut absent = preferred;
    absent.finding = Finding::Preferred("DP-9".into());
    assert_eq!(absent.apply(&mut problem(&[]), Seconds(0), Cost(60), in_area), Ok(0));
}

#[test]
fn what_cannot_be_applied_is_refused_and_changes_nothing() {
    let morning = [TimeWindow::new(Seconds(0), Seconds(9 * HOUR))];
    let mut builder = problem(&morning);
    let early = accepted(&Finding::NotBefore(Seconds(10 * HOUR)));
    assert_eq!(
        early.apply(&mut builder, Seconds(0), Cost(60), in_area),
        Err(ApplyError::NoWindowLeft { job: "A-1".into(), area: "A".into() })
    );
    let built = builder.build().unwrap();
    assert_eq!(built.jobs()[0].windows, morning);
    assert!(built.jobs()[1].windows.is_empty() && built.jobs()[1].skills.is_empty());
}
