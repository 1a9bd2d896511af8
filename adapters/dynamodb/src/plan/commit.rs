//! What one commit changes in the table.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Duration, Utc};
use logistics_core::eventsourcing::{
    Commit, CommitError, Committed, IndexEntry, Position, RecordedEvent, Version,
};
use logistics_core::ids::EffectId;

use super::entries::{Place, SLOTS, own_item, place};
use super::timers::{fold_timers, timer_action};
use super::{ACTIONS_MAX, Action, Change, Condition, Update, check_limits};
use crate::error::Failure;
use crate::events::event_item;
use crate::item::{Item, bytes, item, number, text, time, whole_micros};
use crate::keys::{Key, QUEUES, StreamKeys, feed_marker, message, moment, outbox_queue, shard};

/// What is being done, in the errors of a commit.
pub(crate) const COMMIT: &str = "commit";

const MICROSECOND: Duration = Duration::microseconds(1);

/// What is known of the table when a commit is planned. Where it is wrong, a condition fails and
/// says what is right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The items that hold index entries of the stream.
    pub(crate) entries: Vec<Key>,
    /// The time in the key of the stream's last event, where a commit was not recorded after it.
    pub(crate) last: Option<DateTime<Utc>>,
    /// Timers, by owner and name, of which a newer generation is set than the commit's.
    pub(crate) newer: BTreeSet<(String, String)>,
}

/// What one of the actions is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Head,
    Command,
    Event,
    /// The marker for the feed.
    Marker,
    Message(EffectId),
    /// The order of the messages.
    Order,
    Timer {
        owner: String,
        name: String,
    },
    IndexEntry,
}

/// A transaction for one commit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommitPlan {
    pub(crate) actions: Vec<Action>,
    /// What each of the actions is for.
    pub(crate) roles: Vec<Role>,
    /// The answer when it is taken.
    pub(crate) committed: Committed,
    /// Whether the items of the index entries found no room: they are written behind it, and the
    /// marker says so.
    pub(crate) entries_follow: bool,
}

/// Plans `commit`. `stamp` orders its messages among those of the same time: it grows with each
/// commit.
pub(crate) fn plan(commit: &Commit, known: &Known, stamp: u64) -> Result<CommitPlan, CommitError> {
    commit.check_limits()?;
    check_identities(commit)?;
    let events = recorded(commit);
    let times = times(&events, known.last)?;
    let mut plan = Plan { commit, keys: StreamKeys::of(&commit.stream), actions: Vec::new() };
    plan.command();
    plan.head(&events, &times, known);
    let marker = plan.events(&events, &times);
    plan.messages(stamp)?;
    for ((owner, name), op) in fold_timers(&commit.timers) {
        let newer = known.newer.contains(&(owner.clone(), name.clone()));
        let action = timer_action(&owner, &name, &op, newer)?;
        plan.add(Role::Timer { owner, name }, action);
    }
    let entries_follow = plan.actions.len() + 1 > ACTIONS_MAX;
    if entries_follow {
        plan.actions.retain(|(role, _)| *role != Role::IndexEntry);
    }
    plan.marker(marker, entries_follow.then_some(&known.entries));
    let (roles, actions): (Vec<_>, Vec<_>) = plan.actions.into_iter().unzip();
    check_limits(&actions).map_err(|over| CommitError::TooLarge {
        what: over.what,
        found: over.found,
        limit: over.limit,
    })?;
    let version = events.last().map_or(commit.expected.version(), |event| event.version);
    Ok(CommitPlan { actions, roles, committed: Committed { version, events }, entries_follow })
}

/// A commit that no store would take.
pub(crate) fn invalid(reason: impl Into<String>) -> CommitError {
    CommitError::Store(Failure::invalid(reason).during(COMMIT))
}

/// Nothing may come twice in one commit.
fn check_identities(commit: &Commit) -> Result<(), CommitError> {
    let mut events = BTreeSet::new();
    if let Some(twice) = commit.events.iter().find(|event| !events.insert(event.event_id)) {
        return Err(invalid(format!("event {} comes twice", twice.event_id)));
    }
    let mut effects = BTreeSet::new();
    match commit.outbox.iter().find(|item| !effects.insert(&item.effect_id)) {
        Some(twice) => Err(invalid(format!("message {} comes twice", twice.effect_id))),
        None => Ok(()),
    }
}

/// The events with their versions. Their positions are given later, when the feed takes them.
fn recorded(commit: &Commit) -> Vec<RecordedEvent> {
    let versions = commit.expected.version().get() + 1..;
    let events = commit.events.iter().zip(versions).map(|(event, version)| {
        let mut event = event.clone();
        event.recorded_at = whole_micros(event.recorded_at);
        event.occurred.at = whole_micros(event.occurred.at);
        RecordedEvent {
            stream: commit.stream.clone(),
            version: Version::new(version),
            position: Position::START,
            command_id: commit.command.command_id.clone(),
            event,
        }
    });
    events.collect()
}

/// The time of each event as it stands in its key: that of its recording, moved behind the key of
/// the event before it where it is not later anyway.
fn times(
    events: &[RecordedEvent],
    mut last: Option<DateTime<Utc>>,
) -> Result<Vec<String>, CommitError> {
    let mut times = Vec::with_capacity(events.len());
    for event in events {
        let recorded_at = event.event.recorded_at;
        let at = last.map_or(recorded_at, |last| recorded_at.max(last + MICROSECOND));
        last = Some(at);
        times.push(in_key(at)?);
    }
    Ok(times)
}

/// A plan under construction.
struct Plan<'a> {
    commit: &'a Commit,
    keys: StreamKeys,
    actions: Vec<(Role, Action)>,
}

impl Plan<'_> {
    fn add(&mut self, role: Role, action: Action) {
        self.actions.push((role, action));
    }

    fn command(&mut self) {
        let record = &self.commit.command;
        let item = item(
            &self.keys.command(&record.command_id),
            [
                ("command", Some(text(record.command_id.as_str()))),
                ("digest", Some(bytes(record.digest))),
                ("before", Some(number(record.before))),
                ("after", Some(number(record.after))),
            ],
        );
        self.add(Role::Command, Action::create(item));
    }

    fn head(&mut self, events: &[RecordedEvent], times: &[String], known: &Known) {
        let expected = self.commit.expected.version().get();
        let stands = Condition::Equal("v", number(expected));
        let mut when = vec![if expected == 0 {
            Condition::Any(vec![Condition::Absent, stands])
        } else {
            stands
        }];
        let mut head = Update::new(self.keys.head());
        if let (Some(last), [first, ..]) = (events.last(), times) {
            head.set("v", number(last.version));
            head.set("lts", text(times.last().unwrap_or(first)));
            if expected > 0 {
                when.push(Condition::Less("lts", text(first)));
            }
        }
        if let Some(entries) = &self.commit.index {
            when.push(if known.entries.is_empty() {
                Condition::Missing("ix")
            } else {
                Condition::Equal("ix", key_list(&known.entries))
            });
            self.entries(&mut head, entries, known);
            if events.is_empty() {
                head.set("v", number(expected));
            }
        }
        let change =
            if head.set.is_empty() { Change::Check(head.key) } else { Change::Update(head) };
        self.add(Role::Head, Action::new(change, Condition::All(when)));
    }

    /// Puts the stream under `entries` and under no other.
    fn entries(&mut self, head: &mut Update, entries: &[IndexEntry], known: &Known) {
        let stream = &self.commit.stream;
        let mut slots: BTreeMap<&str, Key> = BTreeMap::new();
        let mut items = BTreeSet::new();
        for entry in entries.iter().collect::<BTreeSet<_>>() {
            match place(entry, stream) {
                Place::Slot(gsi, key) if !slots.contains_key(gsi.name) => {
                    slots.insert(gsi.name, key);
                }
                Place::Slot(..) => {
                    items.insert(own_item(entry, stream));
                }
                Place::Item(key) => {
                    items.insert(key);
                }
            }
        }
        for gsi in SLOTS {
            match slots.remove(gsi.name) {
                Some(key) => {
                    head.set(gsi.pk, text(key.pk));
                    head.set(gsi.sk, text(key.sk));
                }
                None => head.remove.extend([gsi.pk, gsi.sk]),
            }
        }
        let items: Vec<Key> = items.into_iter().collect();
        if items.is_empty() {
            head.remove.push("ix");
        } else {
            head.set("ix", key_list(&items));
        }
        let gone = known.entries.iter().filter(|key| !items.contains(key));
        for key in gone {
            let delete = Action::new(Change::Delete(key.clone()), Condition::Always);
            self.actions.push((Role::IndexEntry, delete));
        }
        for key in items.iter().filter(|key| !known.entries.contains(key)) {
            let put = Action::new(Change::Put(item(key, [])), Condition::Always);
            self.actions.push((Role::IndexEntry, put));
        }
    }

    /// Adds the events. Returns the marker for the feed; `None` without events.
    fn events(&mut self, events: &[RecordedEvent], times: &[String]) -> Option<Item> {
        let (first, last) = (events.first()?, events.last()?);
        let mut sorts = Vec::with_capacity(events.len());
        for (event, time) in events.iter().zip(times) {
            let key = self.keys.event(time, &event.event.event_type);
            sorts.push(text(&*key.sk));
            self.add(Role::Event, Action::create(event_item(&key, event)));
        }
        Some(item(
            &feed_marker(&self.commit.stream, last.version.get()),
            [
                ("stream", Some(text(self.commit.stream.as_str()))),
                ("first", Some(number(first.version))),
                ("events", Some(AttributeValue::L(sorts))),
            ],
        ))
    }

    /// Adds the marker; `entries` are to be brought up to date behind this transaction.
    fn marker(&mut self, marker: Option<Item>, entries: Option<&Vec<Key>>) {
        let Some(mut marker) = marker else { return };
        if let Some(entries) = entries {
            marker.insert(ENTRIES_FOLLOW.to_owned(), key_list(entries));
        }
        self.add(Role::Marker, Action::create(marker));
    }

    fn messages(&mut self, stamp: u64) -> Result<(), CommitError> {
        let Some(latest) = self.commit.outbox.iter().map(|item| item.created_at).max() else {
            return Ok(());
        };
        let mut effects = Vec::new();
        for sent in &self.commit.outbox {
            effects.push(text(sent.effect_id.as_str()));
            let item = item(
                &message(&sent.effect_id),
                [
                    ("effect", Some(text(sent.effect_id.as_str()))),
                    ("kind", Some(text(&*sent.kind))),
                    ("key", Some(text(&*sent.key))),
                    ("body", Some(bytes(&*sent.body))),
                    ("created", Some(time(sent.created_at))),
                ],
            );
            self.add(Role::Message(sent.effect_id.clone()), Action::create(item));
        }
        let stream = &self.commit.stream;
        let place = format!("{}#{stamp:020}#{stream}", in_key(latest)?);
        let queue = outbox_queue(shard(stream.as_str(), QUEUES));
        let order = item(&Key::new(queue, place), [("messages", Some(AttributeValue::L(effects)))]);
        self.add(Role::Order, Action::create(order));
        Ok(())
    }
}

/// A time in a key.
pub(super) fn in_key(at: DateTime<Utc>) -> Result<String, CommitError> {
    moment(at).ok_or_else(|| invalid(format!("{at} cannot stand in a key")))
}

/// The attribute of a marker whose commit's index entries may not be written yet: the items that
/// held them before.
pub(crate) const ENTRIES_FOLLOW: &str = "entries_follow";

/// Keys as an attribute.
pub(crate) fn key_list(keys: &[Key]) -> AttributeValue {
    let pair = |key: &Key| AttributeValue::L(vec![text(&*key.pk), text(&*key.sk)]);
    AttributeValue::L(keys.iter().map(pair).collect())
}
