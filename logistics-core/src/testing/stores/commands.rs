//! Cases of whole commands: [`execute`] on the store, alone and among other writers.

use std::collections::BTreeSet;

use super::Stores;
use super::fixtures::{
    TakingTurns, Tally, all, at, check_feed, command_id, commit, count, stream, unplaced, versions,
};
use crate::eventsourcing::{EventStore, ExecuteError, Version, execute, load, load_all};

/// A command that arrives again gets the stored outcome and changes nothing.
pub async fn a_command_sent_again_is_replayed(stores: &Stores) {
    let (store, stream) = (&*stores.events, stream("replay"));
    let first = execute::<Tally>(store, &stream, &count("a", &[2, 3]), at(0), &()).await;
    let first = first.expect("taken");
    assert!(!first.replayed);
    execute::<Tally>(store, &stream, &count("b", &[4]), at(1), &()).await.expect("taken");
    let again = execute::<Tally>(store, &stream, &count("a", &[2, 3]), at(2), &()).await;
    let again = again.expect("replayed");
    assert!(again.replayed);
    assert_eq!((again.version, again.state), (Version::new(2), 5));
    assert_eq!(unplaced(&again.events), unplaced(&first.events));
    let all = load::<Tally>(store, &stream).await.expect("loaded");
    assert_eq!((all.version, all.state), (Version::new(3), 9));
}

/// The id of a command that was taken cannot stand for another one.
pub async fn a_command_id_with_other_content_is_refused(stores: &Stores) {
    let (store, stream) = (&*stores.events, stream("reuse"));
    execute::<Tally>(store, &stream, &count("a", &[2]), at(0), &()).await.expect("taken");
    let reused = execute::<Tally>(store, &stream, &count("a", &[3]), at(0), &()).await;
    assert!(
        matches!(&reused, Err(ExecuteError::KeyReused { command_id: id }) if *id == command_id("a")),
        "{reused:?}"
    );
    assert_eq!(load::<Tally>(store, &stream).await.expect("loaded").state, 2);
}

/// A decision without events is an outcome like any other.
pub async fn a_decision_without_events_is_replayed(stores: &Stores) {
    let (store, stream) = (&*stores.events, stream("nothing"));
    for replayed in [false, true] {
        let done = execute::<Tally>(store, &stream, &count("a", &[0]), at(0), &()).await;
        let done = done.expect("taken");
        assert_eq!((done.replayed, done.version, done.events.len()), (replayed, Version::NONE, 0));
    }
}

/// Events of one moment are kept one by one, each recorded later than the one before.
pub async fn events_of_one_tick_are_all_kept_in_order(stores: &Stores) {
    let (store, stream) = (&*stores.events, stream("tick"));
    for command in ["a", "b", "c"] {
        execute::<Tally>(store, &stream, &count(command, &[1; 5]), at(0), &())
            .await
            .expect("taken");
    }
    let events = load_all(store, &stream).await.expect("loaded");
    assert_eq!(versions(&events), (1..=15).collect::<Vec<_>>());
    let recorded = events.iter().map(|event| event.event.recorded_at);
    assert!(recorded.is_sorted_by(|a, b| a < b), "recorded_at does not grow");
}

/// 32 writers on one stream, 4 commands each: every one is there once, versions have no gap.
pub async fn writers_on_one_stream_lose_nothing(stores: &Stores) {
    let (store, stream) = (TakingTurns(&*stores.events), stream("hot"));
    let writer = async |writer: u32| {
        for n in 0..4 {
            let command = count(format!("{writer}-{n}"), &[1]);
            loop {
                match execute::<Tally>(&store, &stream, &command, at(0), &()).await {
                    Ok(_) => break,
                    // Many writers, few turns: being told to try again is an honest answer.
                    Err(error) => {
                        assert!(matches!(error, ExecuteError::Contended { .. }), "{error:?}");
                    }
                }
            }
        }
    };
    all((0..32).map(writer)).await;
    let events = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(versions(&events), (1..=128).collect::<Vec<_>>());
    let commands: BTreeSet<_> = events.iter().map(|event| &event.command_id).collect();
    assert_eq!(commands.len(), 128);
}

/// 32 writers, each on a stream of its own: none meets a conflict, the feed holds all.
pub async fn writers_on_many_streams_do_not_meet(stores: &Stores) {
    let store = TakingTurns(&*stores.events);
    let writer = async |writer: u32| {
        let stream = stream(&writer.to_string());
        let mut told = Vec::new();
        for n in 0..8 {
            let made = commit(&stream, &n.to_string(), n * 2, 2);
            told.extend(store.commit(made).await.expect("no conflict").events);
        }
        assert_eq!(versions(&load_all(&store, &stream).await.expect("loaded")), versions(&told));
        told
    };
    let told = all((0..32).map(writer)).await.concat();
    assert_eq!(told.len(), 512);
    check_feed(stores, &told, 100).await;
}
