//! The simulator, on what is right and on what is wrong.
//!
//! Runs 1,000 seeds; `LOGISTICS_TEST_SCALE=100` makes that 100,000. `LOGISTICS_SIM_SEED=7` runs
//! the one seed that failed.

mod flawed;
mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::Duration;
use logistics_core::ids::ShipmentId;
use logistics_core::readmodel::{ShipmentOperations, ShipmentTracking};
use logistics_core::shipment::{
    CreateShipment, Shipment, ShipmentCommand, ShipmentPolicy, shipment_stream,
};
use logistics_core::testing::simulator::{Broken, Faults, Random, Simulation};
use logistics_core::testing::{any_command, legal_history};

use self::flawed::Flaw;
use self::tally::{Sums, Tally};
use crate::conformance::late;
use crate::scale::{scale, tried};

/// The one seed that is asked for.
#[allow(clippy::disallowed_methods, reason = "how much is tested is a matter of who tests")]
fn asked_for() -> Option<u64> {
    let seed = std::env::var("LOGISTICS_SIM_SEED").ok()?;
    Some(seed.parse().expect("LOGISTICS_SIM_SEED is a number"))
}

/// Runs `simulation` with `count` seeds, or with the one that is asked for.
fn run(count: u64, simulation: impl Fn(u64) -> Simulation) {
    let count = count * u64::from(scale());
    let seeds = asked_for().map_or(0..count, |seed| seed..seed + 1);
    tried("seeds", format!("{seeds:?}"));
    for seed in seeds {
        if let Err(failure) = simulation(seed).run() {
            panic!("{failure}");
        }
    }
}

fn tallies(seed: u64) -> Simulation {
    let commands = tally::commands(&mut Random::new(seed), 40);
    Simulation::new(seed).commands::<Tally>(tally::policy(), commands).projecting::<Sums>()
}

/// Two shipments that live, and commands which come out of the blue.
fn shipments(seed: u64) -> Simulation {
    let mut random = Random::new(seed);
    let mut commands = Vec::new();
    for n in 0..2 {
        let id = ShipmentId::new(format!("S-{n}")).unwrap();
        let of = shipment_stream(&id);
        let lived = random.value(&legal_history()).unwrap().commands.into_iter();
        commands.extend(lived.map(|(_, command)| {
            let own: ShipmentCommand = match command {
                ShipmentCommand::CreateShipment(order) => {
                    CreateShipment { id: id.clone(), ..order }.into()
                }
                command => command,
            };
            (of.clone(), own)
        }));
        for _ in 0..5 {
            let at = random.index(commands.len());
            commands.insert(at, (of.clone(), random.value(&any_command()).unwrap()));
        }
    }
    Simulation::new(seed)
        .commands::<Shipment>(ShipmentPolicy::default(), commands)
        .projecting::<ShipmentOperations>()
        .projecting::<ShipmentTracking>()
}

#[test]
fn tallies_keep_every_promise() {
    run(500, tallies);
}

#[test]
fn shipments_keep_every_promise() {
    run(500, shipments);
}

#[test]
fn a_store_that_numbers_late_keeps_every_promise() {
    run(100, |seed| tallies(seed).on(&futures::executor::block_on(late())));
}

#[test]
fn the_same_seed_is_the_same_run() {
    let digest =
        |seed| (tallies(seed).run().unwrap().digest(), shipments(seed).run().unwrap().digest());
    assert_eq!(digest(7), digest(7));
    let (seven, eight) = (digest(7), digest(8));
    assert!(seven.0 != eight.0 && seven.1 != eight.1);
}

/// Everything that can go wrong does, and is survived, within a few runs.
#[test]
fn everything_goes_wrong_now_and_then() {
    let mut left = vec![
        "crash",
        "starts again",
        "store unavailable",
        "commit of unknown outcome",
        "answer to a write lost",
        "committed late",
        "too late to commit",
        "command lost",
        "answer lost",
        "sent twice",
        "late",
        "clock jumps",
        "storm",
        "conflict",
        "duplicate",
        "acknowledged",
        "refused",
        "failed",
    ];
    for seed in 0..100 {
        let trace = tallies(seed).with(Faults::MANY).run().unwrap().trace;
        left.retain(|what| trace.count(what) == 0);
    }
    assert_eq!(left, [""; 0]);
}

#[test]
fn without_faults_nothing_goes_wrong() {
    for seed in 0..20 {
        let trace = tallies(seed).with(Faults::NONE).run().unwrap().trace;
        assert_eq!(trace.count("acknowledged") + trace.count("refused"), 40);
        for what in ["crash", "failed", "left open", "duplicate", "clock jumps", "storm"] {
            assert_eq!(trace.count(what), 0, "{what} with seed {seed}");
        }
    }
}

/// A process dies at the first await of a run, at the second, and so on to the last.
#[test]
fn a_process_can_die_at_every_await() {
    let mut crashes = 0;
    for seed in 0..4 {
        let small = || {
            let commands = tally::commands(&mut Random::new(seed), 16);
            let simulation = Simulation::new(seed).with(Faults::NONE).projecting::<Sums>();
            simulation.commands::<Tally>(tally::policy(), commands)
        };
        let awaits = small().run().unwrap().awaits;
        for n in 1..=awaits {
            let run = small().crash_at(n).run();
            let report = run.unwrap_or_else(|failure| panic!("at await {n}: {failure}"));
            assert_eq!(report.trace.count("crash"), 1, "at await {n}");
        }
        crashes += awaits;
    }
    tried("awaits at which a process died", crashes);
    assert!(crashes > 500, "{crashes}");
}

/// A store that is wrong in one way is found out within so many seeds.
#[test]
fn every_flaw_is_found() {
    const SEEDS: u64 = 100;
    let mut unseen = Vec::new();
    for flaw in Flaw::ALL {
        let found = (0..SEEDS).find_map(|seed| tallies(seed).on(&flawed::stores(flaw)).run().err());
        match found {
            Some(failure) => {
                tried(&format!("{flaw:?}"), format!("seed {}: {}", failure.seed, failure.broken));
                assert!(fits(flaw, &failure.broken), "{flaw:?}: {}", failure.broken);
                let again = tallies(failure.seed).on(&flawed::stores(flaw)).run().unwrap_err();
                assert_eq!(again.trace.digest(), failure.trace.digest(), "{flaw:?}");
            }
            None => unseen.push(flaw),
        }
    }
    assert_eq!(unseen, []);
}

/// Whether this is what such a flaw looks like from outside.
fn fits(flaw: Flaw, broken: &Broken) -> bool {
    match flaw {
        Flaw::DropsMessages | Flaw::DeliversTooMuch => matches!(broken, Broken::Message { .. }),
        Flaw::DropsTimers | Flaw::FiresAnyGeneration | Flaw::FiresEarly => {
            matches!(broken, Broken::Timer { .. })
        }
        Flaw::AdvancesWithoutRows | Flaw::AdvancesFromAnywhere => {
            matches!(broken, Broken::Model { .. })
        }
        Flaw::ChangesPayload => matches!(broken, Broken::Chain(_)),
        _ => {
            !matches!(broken, Broken::Stuck { .. } | Broken::Timer { .. } | Broken::Message { .. })
        }
    }
}

#[test]
fn what_runs_in_a_process_is_started_again_with_it() {
    let starts = Arc::new(AtomicUsize::new(0));
    for seed in 0..5 {
        let (counted, count) = (Arc::clone(&starts), Arc::clone(&starts));
        starts.store(0, Ordering::Relaxed);
        let run = tallies(seed)
            .with(Faults::MANY)
            .running(move |process| {
                counted.fetch_add(1, Ordering::Relaxed);
                async move {
                    loop {
                        process.sleep(Duration::seconds(1)).await;
                    }
                }
            })
            .checking(move |process| {
                let started = count.load(Ordering::Relaxed);
                async move {
                    let streams = process.events().feed(Default::default(), 1).await;
                    let event = streams.map_err(|error| error.to_string())?;
                    if event.len() == 1 && started > 2 { Ok(()) } else { Err("nothing ran".into()) }
                }
            });
        let report = run.run().unwrap_or_else(|failure| panic!("{failure}"));
        let again = report.trace.count("starts again");
        assert_eq!(starts.load(Ordering::Relaxed), 2 + again);
    }
}

#[test]
fn what_a_check_of_ones_own_finds_ends_the_run() {
    let failure = tallies(11)
        .checking(|process| async move { Err(format!("process {} says no", process.number())) })
        .run()
        .unwrap_err();
    assert_eq!(failure.broken, Broken::Check("process 1 says no".to_owned()));
    let text = failure.to_string();
    assert!(text.contains("process 1 says no") && text.contains("LOGISTICS_SIM_SEED=11"), "{text}");
}

/// Whoever waits for what is not of the simulation is told so, instead of waiting for ever.
#[test]
fn a_run_that_is_stuck_says_so() {
    let simulation = tallies(1).checking(|_| std::future::pending());
    let failure = simulation.run().unwrap_err();
    assert!(matches!(failure.broken, Broken::Stuck { .. }), "{failure}");
}
