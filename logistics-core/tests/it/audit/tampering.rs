//! Whatever is changed in a store, the audit finds it: thousands of random changes, each of which
//! one who can write the database could make.
//!
//! `LOGISTICS_TEST_SCALE=50` makes 100,000 changes.

use std::collections::BTreeMap;

use futures::executor::block_on;
use logistics_core::CommandId;
use logistics_core::audit::{Anchor, AuditError, verify_store};
use logistics_core::eventsourcing::{Actor, EventId, Position, RecordedEvent, Version};
use logistics_core::values::Sha256Digest;

use super::log::{Chance, Log, chained, event, rows, stream, written};
use crate::scale::{scale, tried};

const SEED: u64 = 20_261_123;
const EVENTS: usize = 60;
const STREAMS: usize = 6;
/// Changes at scale 1.
const CHANGES: u32 = 2_000;
/// Changes made to one log before another is written.
const CHANGES_PER_LOG: u32 = 50;

/// A way of tampering.
struct Tampering {
    name: &'static str,
    change: fn(&mut Log, &mut Chance),
    /// Whether it leaves chains and positions as they would be had it happened: then only an anchor
    /// can tell.
    consistent: bool,
}

const TAMPERINGS: [Tampering; 14] = [
    Tampering { name: "edit a field", change: edit, consistent: false },
    Tampering { name: "delete an event", change: delete, consistent: false },
    Tampering { name: "delete an event and close up", change: delete_closing, consistent: false },
    Tampering { name: "exchange two positions", change: swap_positions, consistent: false },
    Tampering { name: "exchange two contents", change: swap_contents, consistent: false },
    Tampering { name: "put in an event", change: insert, consistent: false },
    Tampering { name: "repeat an event", change: repeat, consistent: false },
    Tampering { name: "move an event to another stream", change: move_event, consistent: false },
    Tampering { name: "cut off the feed", change: cut_feed, consistent: true },
    Tampering { name: "cut off a stream and close up", change: cut_stream, consistent: true },
    Tampering { name: "remove a stream and close up", change: remove_stream, consistent: true },
    Tampering { name: "edit and hash anew", change: rewrite, consistent: true },
    Tampering { name: "put in an event and hash anew", change: insert_hashed, consistent: true },
    Tampering { name: "cut off the feed and go on otherwise", change: fork, consistent: true },
];

fn any<'a>(log: &'a mut Log, chance: &mut Chance) -> &'a mut RecordedEvent {
    let at = chance.below(log.rows.len());
    &mut log.rows[at]
}

fn edit(log: &mut Log, chance: &mut Chance) {
    let field = chance.below(17);
    edit_field(any(log, chance), field);
}

fn edit_field(row: &mut RecordedEvent, field: usize) {
    let event = &mut row.event;
    let later = chrono::Duration::microseconds(1);
    match field {
        0 => event.payload[0] ^= 1,
        1 => event.payload.push(b' '),
        2 => event.payload.clear(),
        3 => event.event_type.push('s'),
        4 => event.schema += 1,
        5 => event.occurred.at += later,
        6 => event.occurred.offset_min = Some(event.occurred.offset_min.map_or(0, |min| min + 1)),
        7 => event.occurred.suspect = !event.occurred.suspect,
        8 => event.recorded_at -= later,
        9 => event.actor = Actor::Operator("someone else".to_owned()),
        10 => event.correlation_id = "another".parse().unwrap(),
        11 => event.causation_id = Some(EventId::from_bytes([7; 16])),
        12 => event.event_id = EventId::from_bytes([7; 16]),
        13 => event.hash = Sha256Digest::of(event.hash.as_bytes()),
        14 => row.command_id = CommandId::new("another").unwrap(),
        15 => row.version = row.version.next(),
        _ => row.position = Position::new(row.position.get() + 1),
    }
}

fn delete(log: &mut Log, chance: &mut Chance) {
    let at = chance.below(log.rows.len() - 1);
    log.rows.remove(at);
}

/// Not the last of its stream, so that the stream has a hole.
fn delete_closing(log: &mut Log, chance: &mut Chance) {
    let is_last = |log: &Log, at: usize| {
        let RecordedEvent { stream, version, .. } = &log.rows[at];
        log.rows.iter().all(|row| row.stream != *stream || row.version <= *version)
    };
    let holes: Vec<usize> = (0..log.rows.len()).filter(|&at| !is_last(log, at)).collect();
    log.rows.remove(*chance.pick(&holes));
    log.close_up();
}

fn two(log: &Log, chance: &mut Chance) -> (usize, usize) {
    let (one, step) = (chance.below(log.rows.len()), 1 + chance.below(log.rows.len() - 1));
    (one, (one + step) % log.rows.len())
}

fn swap_positions(log: &mut Log, chance: &mut Chance) {
    let (one, other) = two(log, chance);
    let position = log.rows[one].position;
    log.rows[one].position = log.rows[other].position;
    log.rows[other].position = position;
}

fn swap_contents(log: &mut Log, chance: &mut Chance) {
    let (one, other) = two(log, chance);
    let event = log.rows[one].event.clone();
    log.rows[one].event = std::mem::replace(&mut log.rows[other].event, event);
    let command_id = log.rows[one].command_id.clone();
    log.rows[one].command_id = std::mem::replace(&mut log.rows[other].command_id, command_id);
}

/// An event that never was, at any place; the versions and positions behind it count on.
fn forged(log: &mut Log, chance: &mut Chance) -> RecordedEvent {
    let at = any(log, chance).clone();
    for row in &mut log.rows {
        if row.position >= at.position {
            row.position = Position::new(row.position.get() + 1);
        }
        if row.stream == at.stream && row.version >= at.version {
            row.version = row.version.next();
        }
    }
    let command_id = CommandId::new("forged").unwrap();
    let event = event(chance, &at.stream, &command_id, 0);
    RecordedEvent { event, command_id, ..at }
}

fn insert(log: &mut Log, chance: &mut Chance) {
    let mut row = forged(log, chance);
    // With a hash that fits, where it is put in; those behind it no longer do.
    let before = log
        .rows
        .iter()
        .find(|other| other.stream == row.stream && other.version.next() == row.version);
    row = chained(&row, before.map_or(Sha256Digest::ZERO, |before| before.event.hash));
    log.rows.push(row);
}

fn insert_hashed(log: &mut Log, chance: &mut Chance) {
    let row = forged(log, chance);
    let (stream, version) = (row.stream.clone(), row.version);
    log.rows.push(row);
    log.rehash(&stream, version.get());
}

fn repeat(log: &mut Log, chance: &mut Chance) {
    let mut row = any(log, chance).clone();
    row.position = Position::new(log.rows.len() as u64 + 1);
    log.rows.push(row);
}

fn move_event(log: &mut Log, chance: &mut Chance) {
    let other = stream(STREAMS);
    let row = any(log, chance);
    row.stream = other;
    row.version = Version::new(1);
}

fn cut_feed(log: &mut Log, chance: &mut Chance) {
    log.rows.sort_by_key(|row| row.position);
    log.rows.truncate(chance.below(log.rows.len()));
}

fn cut_stream(log: &mut Log, chance: &mut Chance) {
    let at = any(log, chance).clone();
    log.rows.retain(|row| row.stream != at.stream || row.version < at.version);
    log.close_up();
}

fn remove_stream(log: &mut Log, chance: &mut Chance) {
    let at = any(log, chance).clone();
    log.rows.retain(|row| row.stream != at.stream);
    log.close_up();
}

/// Any field but place and hash.
fn rewrite(log: &mut Log, chance: &mut Chance) {
    let field = *chance.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14]);
    let row = any(log, chance);
    edit_field(row, field);
    let (stream, version) = (row.stream.clone(), row.version.get());
    log.rehash(&stream, version);
}

/// As if a backup had been restored.
fn fork(log: &mut Log, chance: &mut Chance) {
    let size = log.rows.len();
    cut_feed(log, chance);
    for position in log.rows.len() + 1..=size {
        let stream = stream(chance.below(STREAMS));
        let own = log.rows.iter().filter(|row| row.stream == stream);
        let last = own.max_by_key(|row| row.version);
        let (before, previous) = last
            .map_or((Version::NONE, Sha256Digest::ZERO), |last| (last.version, last.event.hash));
        let command_id = CommandId::new(format!("otherwise-{position}")).unwrap();
        let row = RecordedEvent {
            event: event(chance, &stream, &command_id, 0),
            version: before.next(),
            position: Position::new(position as u64),
            command_id,
            stream,
        };
        log.rows.push(chained(&row, previous));
    }
}

fn is_found(log: &Log, anchors: &[Anchor]) -> bool {
    match block_on(verify_store(log, anchors)) {
        Ok(_) => false,
        Err(AuditError::Found(_)) => true,
        Err(error) => panic!("{error:?}"),
    }
}

/// Changes, and those that were found without an anchor.
type Counts = BTreeMap<&'static str, (u32, u32)>;

/// Makes `count` changes, each to a fresh copy of one log.
fn tamper(chance: &mut Chance, count: u32, counts: &mut Counts) {
    let whole = rows(&written(chance, EVENTS, STREAMS));
    let anchor = block_on(verify_store(&whole, &[])).unwrap().mark.anchor();
    assert!(!is_found(&whole, &[anchor]), "nothing has happened yet");
    for _ in 0..count {
        let tampering = chance.pick(&TAMPERINGS);
        let mut changed = whole.clone();
        let before = chance.clone();
        (tampering.change)(&mut changed, chance);
        changed.rows.sort_by_key(|row| row.position);
        assert_ne!(changed.rows, whole.rows, "{} changed nothing: {before:?}", tampering.name);
        assert!(is_found(&changed, &[anchor]), "not found: {}, {before:?}", tampering.name);
        let (made, without_anchor) = counts.entry(tampering.name).or_default();
        *made += 1;
        let found = is_found(&changed, &[]);
        *without_anchor += u32::from(found);
        assert!(!(found && tampering.consistent), "{} is inconsistent", tampering.name);
    }
}

#[test]
fn all_tampering_is_found() {
    let mut chance = Chance(SEED);
    let mut counts = BTreeMap::new();
    let changes = CHANGES * scale();
    for _ in 0..changes / CHANGES_PER_LOG {
        tamper(&mut chance, CHANGES_PER_LOG, &mut counts);
    }
    for (name, (made, without_anchor)) in &counts {
        tried(name, format!("{made} found, {without_anchor} of them without an anchor"));
    }
    tried("changes made and found", format!("{changes} (seed {SEED})"));
    assert_eq!(counts.len(), TAMPERINGS.len());
    assert_eq!(counts.values().map(|(made, _)| made).sum::<u32>(), changes);
}
