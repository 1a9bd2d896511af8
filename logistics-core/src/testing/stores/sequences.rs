//! Cases of [`EventStore::commit_sequence`](crate::eventsourcing::EventStore::commit_sequence).

use super::Stores;
use super::fixtures::{
    all, at, check_feed, command_id, commit, entry, find, message, stream, take, timer, unplaced,
    versions, yield_now,
};
use crate::eventsourcing::{
    COMMIT_EVENTS_MAX, Commit, CommitError, Committed, CommittedSequence, StreamId, TimerOp,
    Version, load_all,
};

/// Commits of `events` events each, with these commands, from `version` on.
fn sequence(stream: &StreamId, version: u64, events: u32, commands: &[&str]) -> Vec<Commit> {
    let versions = (version..).step_by(usize::try_from(events).expect("a small count"));
    commands.iter().zip(versions).map(|(c, version)| commit(stream, c, version, events)).collect()
}

/// What was taken is what `commits` begin with, and all that the stream has got after `before`.
async fn check_taken(stores: &Stores, before: u64, commits: &[Commit], taken: &[Committed]) {
    let events = commits.iter().take(taken.len()).flat_map(|commit| &commit.events);
    let told: Vec<_> = taken.iter().flat_map(|committed| committed.events.clone()).collect();
    assert!(events.eq(told.iter().map(|recorded| &recorded.event)), "other events were taken");
    let Some(Commit { stream, .. }) = commits.first() else { return };
    let mut loaded = load_all(&*stores.events, stream).await.expect("loaded");
    loaded.retain(|event| event.version > Version::new(before));
    assert_eq!(unplaced(&loaded), unplaced(&told));
    for (place, commit) in commits.iter().enumerate() {
        let record = stores.events.command(stream, &commit.command.command_id).await;
        let known = record.expect("answered").is_some_and(|record| record == commit.command);
        assert_eq!(known, place < taken.len(), "{}", commit.command.command_id);
    }
}

/// Events, messages, timers, index entries and commands of all of them, the last word last; also
/// of those that change nothing.
pub async fn a_sequence_is_taken_in_its_order(stores: &Stores) {
    let (stream, other) = (stream("sequence"), stream("other"));
    let other_event = take(stores, commit(&other, "c", 0, 1)).await;
    let mut commits = sequence(&stream, 0, 2, &["a", "b", "c"]);
    commits.insert(2, commit(&stream, "nothing", 4, 0));
    for (commit, effect) in commits.iter_mut().zip(["m1", "m2", "m3", "m4"]) {
        commit.outbox = vec![message(effect)];
    }
    let (first, second) = (timer("o", "kept", 1, at(5)), timer("o", "kept", 2, at(9)));
    let gone = timer("o", "gone", 1, at(7));
    commits[0].timers = vec![TimerOp::Arm(first), TimerOp::Arm(gone.clone())];
    commits[1].timers = vec![TimerOp::Disarm { owner: gone.owner, name: gone.name }];
    commits[3].timers = vec![TimerOp::Arm(second.clone())];
    commits[0].index = Some(vec![entry("by", "first", "1"), entry("by", "second", "1")]);
    commits[2].index = Some(vec![entry("by", "second", "2")]);
    let CommittedSequence { taken, refused } = stores.events.commit_sequence(commits.clone()).await;
    assert!(refused.is_none(), "{refused:?}");
    let stands: Vec<u64> = taken.iter().map(|committed| committed.version.get()).collect();
    assert_eq!(stands, [2, 4, 4, 6]);
    check_taken(stores, 0, &commits, &taken).await;
    let mut told = other_event;
    told.extend(taken.into_iter().flat_map(|committed| committed.events));
    check_feed(stores, &told, 3).await;
    let pending = stores.outbox.pending(9).await.expect("answered");
    assert!(pending.iter().map(|item| item.effect_id.as_str()).eq(["m1", "m2", "m3", "m4"]));
    assert_eq!(stores.timers.due(at(99), 9).await.expect("answered"), [second]);
    assert!(find(stores, "by", "first").await.is_empty());
    let found = find(stores, "by", "second").await;
    assert!(found.iter().map(|found| found.sort.as_str()).eq(["2"]), "{found:?}");
}

/// The stream stands elsewhere: nothing is taken, and the answer says where it stands.
pub async fn a_sequence_upon_another_version_is_not_taken(stores: &Stores) {
    let stream = stream("elsewhere");
    take(stores, commit(&stream, "before", 0, 3)).await;
    for version in [0, 2, 4] {
        let commits = sequence(&stream, version, 1, &["a", "b"]);
        let CommittedSequence { taken, refused } =
            stores.events.commit_sequence(commits.clone()).await;
        assert!(
            matches!(refused, Some(CommitError::Conflict { actual }) if actual.get() == 3),
            "{refused:?}"
        );
        assert!(taken.is_empty(), "{taken:?}");
        check_taken(stores, 3, &commits, &taken).await;
    }
}

/// What does not go on where the commit before it ends is not taken, whatever the stream's version.
pub async fn nothing_is_taken_behind_a_gap(stores: &Stores) {
    let stream = stream("gap");
    let mut commits = sequence(&stream, 0, 1, &["a", "b", "c", "d"]);
    commits.remove(1);
    let CommittedSequence { taken, refused } = stores.events.commit_sequence(commits.clone()).await;
    assert!(
        matches!(refused, Some(CommitError::Conflict { actual }) if actual.get() == 1),
        "{refused:?}"
    );
    assert!(taken.len() <= 1, "{taken:?}");
    check_taken(stores, 0, &commits, &taken).await;
}

/// A command that was taken before, or comes twice in the sequence, ends it.
pub async fn nothing_is_taken_behind_a_known_command(stores: &Stores) {
    let stream = stream("known");
    let known = sequence(&stream, 0, 1, &["known"]);
    take(stores, known[0].clone()).await;
    for commands in [&["a", "known", "b"][..], &["c", "c", "d"]] {
        let before = load_all(&*stores.events, &stream).await.expect("loaded").len();
        let before = u64::try_from(before).expect("a small count");
        let commits = sequence(&stream, before, 1, commands);
        let CommittedSequence { taken, refused } =
            stores.events.commit_sequence(commits.clone()).await;
        let Some(CommitError::Duplicate(record)) = refused else { panic!("{refused:?}") };
        assert_eq!(record.command_id, command_id(commands[1]));
        assert!(taken.len() <= 1, "{taken:?}");
        let told = taken.first().map_or(before, |committed| committed.version.get());
        let stands = load_all(&*stores.events, &stream).await.expect("loaded");
        assert_eq!(stands.last().map(|event| event.version.get()), Some(told));
        let after = stores.events.command(&stream, &command_id(commands[2])).await;
        assert_eq!(after.expect("answered"), None);
    }
}

/// A commit past a limit ends the sequence.
pub async fn nothing_is_taken_behind_what_is_too_large(stores: &Stores) {
    let stream = stream("large");
    let events = u32::try_from(COMMIT_EVENTS_MAX).expect("a small limit") + 1;
    let mut commits = sequence(&stream, 0, 1, &["a"]);
    commits.push(commit(&stream, "large", 1, events));
    commits.push(commit(&stream, "b", u64::from(events) + 1, 1));
    let CommittedSequence { taken, refused } = stores.events.commit_sequence(commits.clone()).await;
    assert!(matches!(refused, Some(CommitError::TooLarge { .. })), "{refused:?}");
    assert!(taken.len() <= 1, "{taken:?}");
    check_taken(stores, 0, &commits, &taken).await;
}

/// Of writers that all send sequences upon the same version one wins, and the others' events are
/// not between its own.
pub async fn sequences_of_many_writers_do_not_mix(stores: &Stores) {
    const WRITERS: usize = 5;
    const ROUNDS: usize = 4;
    let stream = stream("many");
    let writer = async |writer: usize| {
        let (mut won, mut round) = (0, 0);
        while won < ROUNDS {
            round += 1;
            let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
            let version = loaded.last().map_or(0, |event| event.version.get());
            let commands: Vec<String> =
                (0..3).map(|part| format!("w{writer} r{round} p{part}")).collect();
            let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
            let commits = sequence(&stream, version, 2, &commands);
            yield_now().await;
            let CommittedSequence { taken, refused } = stores.events.commit_sequence(commits).await;
            match refused {
                None => won += 1,
                Some(CommitError::Conflict { .. }) => {}
                Some(CommitError::Store(error))
                    if error.retry == crate::eventsourcing::Retry::Later => {}
                Some(error) => panic!("{error:?}"),
            }
            assert!(taken.len() <= commands.len(), "more than was asked for");
        }
    };
    all((0..WRITERS).map(writer)).await;
    let loaded = load_all(&*stores.events, &stream).await.expect("loaded");
    assert_eq!(
        versions(&loaded),
        (1..=u64::try_from(loaded.len()).unwrap_or(0)).collect::<Vec<_>>()
    );
    for writer in 0..WRITERS {
        let whole = loaded.chunk_by(|a, b| a.command_id == b.command_id).filter(|events| {
            let command = events[0].command_id.as_str();
            command.starts_with(&format!("w{writer} ")) && command.ends_with("p2")
        });
        assert_eq!(whole.count(), ROUNDS, "of writer {writer}");
    }
    let by_command: Vec<_> = loaded.chunk_by(|a, b| a.command_id == b.command_id).collect();
    for (before, events) in by_command.iter().zip(by_command.iter().skip(1)) {
        let (before, command) = (before[0].command_id.as_str(), events[0].command_id.as_str());
        let (writer, part) = command.rsplit_once(" p").expect("a part");
        if part != "0" {
            assert!(before.starts_with(writer), "{command} comes after {before}");
        }
    }
}
