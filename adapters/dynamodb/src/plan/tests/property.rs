//! Random commits on the model of DynamoDB and on the store in memory: the same answers, and the
//! same is there in the end.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{
    Commit, CommitError, Committed, EventStore, Expected, FoundStream, IndexQuery, Outbox,
    Position, RecordedEvent, StreamId, StreamIndex, Timer, TimerOp, Timers, Version,
};
use logistics_core::memory::MemoryStore;
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{Known, Verdict, command_record, judge, keys, known_entries, plan, sources};
use super::fixtures::{at, commit, entry, message, timer};
use super::model::Model;
use crate::events::read_event;
use crate::item::{Item, Reader};
use crate::keys::{Range, SK, StreamKeys, unescape};
use crate::plan::{Condition, ENTRIES_FOLLOW};

/// The store in memory answers at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    let Poll::Ready(ready) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits")
    };
    ready
}

/// A commit that is still without its place: what is expected of its stream is decided when it
/// comes.
#[derive(Debug, Clone)]
struct Draft {
    stream: usize,
    command: u8,
    /// How far the expected version is off.
    off: u8,
    events: u32,
    /// Added to the times of recording, in microseconds: they need not grow.
    shift: i64,
    messages: BTreeSet<u8>,
    timers: Vec<(u8, u8, u8, Option<u8>)>,
    index: Option<Vec<(u8, u8, u8)>>,
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let timers = vec((0..2_u8, 0..2_u8, 0..3_u8, prop::option::weighted(0.7, 0..9_u8)), 0..4);
    let index = prop::option::of(vec((0..6_u8, 0..2_u8, 0..3_u8), 0..6));
    let messages = prop::collection::btree_set(0..12_u8, 0..3);
    let shift = prop_oneof![4 => Just(0_i64), 1 => -5..5_i64];
    let draft = (0..3_usize, 0..40_u8, 0..8_u8, 0..4_u32, shift, messages, timers, index);
    let draft = draft.prop_map(|(stream, command, off, events, shift, messages, timers, index)| {
        Draft { stream, command, off, events, shift, messages, timers, index }
    });
    vec(draft, 1..50)
}

fn streams() -> [StreamId; 3] {
    [("SHP", "1"), ("SHP", "1 "), ("MFT", "DP-1/2026-11-23")]
        .map(|(category, id)| StreamId::new(category, id).unwrap())
}

const INDEXES: [(&str, [&str; 2]); 6] = [
    ("client", ["C-1", "C-2"]),
    ("hub", ["H-1", "C-1"]),
    ("partner_day", ["DP-1/2026-11-23", "odd"]),
    ("pending_confirmation", ["all", "some"]),
    ("subject", ["", "S#1"]),
    ("sub", ["ject#", "S 1"]),
];
const SORTS: [&str; 3] = ["", "1", "1 "];

impl Draft {
    /// The commit on a stream that stands at `version`; the `number`th of all.
    fn commit(&self, version: u64, number: i64) -> Commit {
        let expected = if self.off == 0 { version + 1 } else { version };
        let stream = &streams()[self.stream];
        let command = format!("c{}", self.command);
        let mut made = commit(stream, &command, expected, self.events);
        made.expected = Expected::from_version(Version::new(expected));
        for event in &mut made.events {
            event.recorded_at += chrono::Duration::microseconds(self.shift);
        }
        made.outbox = self.messages.iter().map(|id| message(&format!("m{id}"))).collect();
        // In memory they wait in the order of commits, here in that of their times.
        made.outbox.iter_mut().for_each(|item| item.created_at = at(number));
        let op = |&(owner, name, generation, fire_at): &(u8, u8, u8, Option<u8>)| {
            let (owner, name) = (format!("o{owner}"), format!("n{name}"));
            match fire_at {
                Some(fire_at) => {
                    TimerOp::Arm(timer(&owner, &name, generation.into(), fire_at.into()))
                }
                None => TimerOp::Disarm { owner, name },
            }
        };
        made.timers = self.timers.iter().map(op).collect();
        let of = |&(index, partition, sort): &(u8, u8, u8)| {
            let (index, partitions) = INDEXES[usize::from(index)];
            entry(index, partitions[usize::from(partition)], SORTS[usize::from(sort)])
        };
        made.index = self.index.as_ref().map(|entries| entries.iter().map(of).collect());
        made
    }
}

/// As the store commits, with the model in DynamoDB's place.
fn take(model: &mut Model, commit: &Commit, stamp: u64) -> Result<Committed, CommitError> {
    let head = model.items.get(&StreamKeys::of(&commit.stream).head());
    let mut known = Known::default();
    if let Some(head) = head.filter(|_| commit.expected != Expected::NoStream) {
        known.entries = known_entries(head).unwrap();
    }
    for _ in 0..8 {
        let planned = plan(commit, &known, stamp)?;
        match model.transact(&planned.actions) {
            Ok(()) => return Ok(planned.committed),
            Err(reasons) => match judge(commit, &planned, &known, &reasons) {
                Verdict::Refused(refusal) => return Err(refusal),
                Verdict::Again(found) => known = found,
                Verdict::Later => panic!("nobody else is there"),
            },
        }
    }
    panic!("planned again and again: {commit:?}")
}

/// An answer without positions and sources.
fn answer(answer: Result<Committed, CommitError>) -> Result<Committed, String> {
    match answer {
        Ok(mut committed) => {
            committed.events.iter_mut().for_each(|event| event.position = Position::START);
            Ok(committed)
        }
        Err(CommitError::Store(error)) => Err(format!("{:?} {:?}", error.kind, error.retry)),
        Err(other) => Err(format!("{other:?}")),
    }
}

fn events(model: &Model, stream: &StreamId) -> Vec<RecordedEvent> {
    let items = model.query(None, &StreamKeys::of(stream).events());
    items.into_iter().map(|item| read_event(stream, item).unwrap().1).collect()
}

fn found(model: &Model, query: &IndexQuery) -> Vec<FoundStream> {
    let mut found = Vec::new();
    for source in sources(query) {
        for item in model.query(source.gsi, &source.range) {
            let place = Reader(item).text(source.gsi.map_or(SK, |gsi| gsi.sk)).unwrap();
            let place = place.strip_prefix(&source.prefix).unwrap();
            let (sort, stream) = place.split_once('#').unwrap();
            let stream = StreamId::try_from(stream.to_owned()).unwrap();
            found.push(FoundStream { sort: unescape(sort).unwrap(), stream });
        }
    }
    found.sort_by(|a, b| (&a.sort, a.stream.as_str()).cmp(&(&b.sort, b.stream.as_str())));
    if query.descending {
        found.reverse();
    }
    found.truncate(usize::try_from(query.limit).unwrap());
    found
}

fn of_kind<'a>(model: &'a Model, kind: &'a str) -> impl Iterator<Item = &'a Item> {
    model.items.iter().filter(move |(key, _)| key.pk.starts_with(kind)).map(|(_, item)| item)
}

fn pending(model: &Model) -> Vec<String> {
    let mut places: Vec<&Item> = of_kind(model, "OBX#").collect();
    places.sort_by_key(|item| Reader(item).text(SK).unwrap());
    let messages = places.into_iter().flat_map(|item| Reader(item).texts("messages").unwrap());
    messages.map(str::to_owned).collect()
}

fn timers(model: &Model) -> Vec<Timer> {
    let read = |item: &Item| {
        let item = Reader(item);
        let fire_at: DateTime<Utc> = item.time("fire_at").unwrap();
        let (owner, name) = (item.text("owner").unwrap(), item.text("name").unwrap());
        let generation = item.number("generation").unwrap();
        Timer { owner: owner.to_owned(), name: name.to_owned(), generation, fire_at }
    };
    let mut timers: Vec<Timer> = of_kind(model, "TMR#").map(read).collect();
    timers.sort_by(|a, b| (a.fire_at, &a.owner, &a.name).cmp(&(b.fire_at, &b.owner, &b.name)));
    timers
}

/// Each taken commit with events has left one marker, in the order of its stream without a gap.
fn check_markers(model: &Model, stream: &StreamId, version: Version) {
    let mut next = 1;
    let markers = of_kind(model, "FEEDQ#")
        .filter(|item| Reader(item).text("stream").unwrap() == stream.as_str());
    for marker in markers {
        let marker = Reader(marker);
        assert_eq!(marker.number::<u64>("first").unwrap(), next);
        next += u64::try_from(marker.list("events").unwrap().len()).unwrap();
        assert!(!marker.0.contains_key(ENTRIES_FOLLOW) || keys(marker.0, ENTRIES_FOLLOW).is_ok());
    }
    assert_eq!(next, version.get() + 1);
}

fn compare(model: &Model, memory: &MemoryStore) {
    for stream in streams() {
        let page = now(memory.load(&stream, Version::NONE, 1_000)).unwrap();
        let unplaced = |event: RecordedEvent| RecordedEvent { position: Position::START, ..event };
        let wanted: Vec<_> = page.events.into_iter().map(unplaced).collect();
        assert_eq!(events(model, &stream), wanted);
        check_markers(model, &stream, wanted.last().map_or(Version::NONE, |last| last.version));
        for command in (0..40).map(|n| format!("c{n}").parse().unwrap()) {
            let item = model.items.get(&StreamKeys::of(&stream).command(&command));
            let record = item.map(|item| command_record(item).unwrap());
            assert_eq!(record, now(memory.command(&stream, &command)).unwrap());
        }
    }
    let sent = now(memory.pending(1_000)).unwrap();
    let sent: Vec<String> = sent.into_iter().map(|item| item.effect_id.into()).collect();
    assert_eq!(pending(model), sent);
    let due = now(memory.due(at(1_000_000), 1_000)).unwrap();
    assert_eq!(timers(model), due);
    for (index, partitions) in INDEXES {
        for (partition, descending) in partitions.into_iter().zip([false, true]) {
            for below in [None, Some(""), Some("1"), Some("1 "), Some("2")] {
                let query = IndexQuery {
                    index: index.to_owned(),
                    partition: partition.to_owned(),
                    below: below.map(str::to_owned),
                    after: (below == Some("2")).then(|| ("1".to_owned(), "SHP#1".to_owned())),
                    descending,
                    limit: 4,
                };
                assert_eq!(found(model, &query), now(memory.find(&query)).unwrap(), "{query:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128 * scale()))]

    /// Whatever is committed, in whatever order.
    #[test]
    fn plans_do_what_the_store_in_memory_does(drafts in drafts()) {
        let (mut model, memory) = (Model::default(), MemoryStore::new());
        for (number, draft) in (0..).zip(&drafts) {
            let stream = &streams()[draft.stream];
            let events = now(memory.load(stream, Version::NONE, 1_000)).unwrap().events;
            let version = events.last().map_or(0, |last| last.version.get());
            let made = draft.commit(version, number);
            let ours = answer(take(&mut model, &made, u64::try_from(number).unwrap()));
            let theirs = answer(now(memory.commit(made.clone())));
            prop_assert_eq!(ours, theirs, "{:?}", made);
        }
        compare(&model, &memory);
    }
}

/// How much more than usual is tried: `LOGISTICS_TEST_SCALE`.
fn scale() -> u32 {
    std::env::var("LOGISTICS_TEST_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1)
}

/// The model can tell a condition that holds from one that does not.
#[test]
fn the_model_refuses_what_does_not_hold() {
    use super::super::{Action, Change};
    let key = crate::keys::Key::new("p", "s");
    let item = crate::item::item(&key, [("v", Some(crate::item::number(3)))]);
    let mut model = Model::default();
    model.transact(&[Action::create(item.clone())]).unwrap();
    model.transact(&[Action::create(item)]).unwrap_err();
    for (condition, holds) in [
        (Condition::Less("v", crate::item::number(10)), true),
        (Condition::Less("v", crate::item::number(3)), false),
        (Condition::AtMost("v", crate::item::number(3)), true),
        (Condition::Greater("x", crate::item::number(0)), false),
        (Condition::Missing("x"), true),
    ] {
        let check = Action::new(Change::Check(key.clone()), condition.clone());
        assert_eq!(model.transact(&[check]).is_ok(), holds, "{condition:?}");
    }
    assert_eq!(model.query(None, &Range::all("p")).len(), 1);
}
