//! What advancing a model writes, in as few transactions as its rows need. Nothing here does I/O.
//!
//! Each transaction but the last checks that the checkpoint stands where it stood; the last one
//! moves it. An advance that stops halfway leaves rows that are ahead of the checkpoint: a row
//! knows its version, so the events that it has seen change nothing when they come again.

use std::collections::{BTreeMap, BTreeSet};

use logistics_core::eventsourcing::{Cursor, IndexEntry, ModelRow};

use super::layout::{Generation, Model, Row, model_key};
use crate::item::{item, number, text};
use crate::plan::{ACTIONS_MAX, Action, Change, Condition, Update};

/// Bytes in one transaction: well below what it may hold.
const STEP_BYTES: usize = 3 * 1024 * 1024;

/// By how much the counts of partitions, each with its index, change.
type Counts = BTreeMap<(String, String), i64>;

/// The transactions that write `rows` to the model `name` and move its checkpoint to `to`. `known`
/// are the rows as they are.
pub(super) fn steps(
    name: &str,
    model: &Model,
    to: Cursor,
    rows: &[ModelRow],
    known: &BTreeMap<String, Row>,
) -> Vec<Vec<Action>> {
    let generation = &model.generation;
    let mut steps = Vec::new();
    let mut step = Step::default();
    for row in rows {
        let change = change(generation, row, known.get(&row.key));
        if !step.has_room(&change) {
            steps.push(std::mem::take(&mut step));
        }
        step.add(change);
    }
    steps.push(step);
    let last = steps.len() - 1;
    let checkpoint = |n: usize| {
        let change = if n == last {
            let moved = Model { generation: generation.clone(), checkpoint: to };
            Change::Put(moved.item(name))
        } else {
            Change::Check(model_key(name))
        };
        Action::new(change, model.stands())
    };
    let steps = steps.into_iter().enumerate();
    steps.map(|(n, step)| step.actions(checkpoint(n), generation)).collect()
}

/// What writing one row changes.
#[derive(Debug, Default)]
struct RowChange {
    actions: Vec<Action>,
    counts: Counts,
}

fn change(generation: &Generation, new: &ModelRow, known: Option<&Row>) -> RowChange {
    let mut row = new.clone();
    row.indexes.sort();
    row.indexes.dedup();
    let none = Vec::new();
    let old = known.map_or(&none, |known| &known.row.indexes);
    let always = |change| Action::new(change, Condition::Always);
    let mut counts = Counts::new();
    for (entries, by) in [(old, -1), (&row.indexes, 1)] {
        for (index, partition) in partitions(entries) {
            *counts.entry((index.to_owned(), partition.to_owned())).or_default() += by;
        }
    }
    let gone = old.iter().filter(|entry| !row.indexes.contains(entry));
    let gone = gone.map(|entry| always(Change::Delete(generation.entry(entry, &row.key))));
    let come = row.indexes.iter().filter(|entry| !old.contains(entry));
    let come = come.map(|entry| always(Change::Put(item(&generation.entry(entry, &row.key), []))));
    let mut actions: Vec<Action> = gone.chain(come).collect();
    let was_parked = known.is_some_and(|known| known.row.parked.is_some());
    if was_parked != row.parked.is_some() {
        let key = generation.parked(&row.key);
        actions.push(always(if was_parked {
            Change::Delete(key)
        } else {
            Change::Put(item(&key, [("key", Some(text(&*row.key)))]))
        }));
    }
    let (writes, when) = match known {
        Some(known) => (known.writes + 1, Condition::Equal("writes", number(known.writes))),
        None => (1, Condition::Absent),
    };
    actions.push(Action::new(Change::Put(Row { row, writes }.item(generation)), when));
    RowChange { actions, counts }
}

/// The partitions in which a row with these entries stands, each once.
fn partitions(entries: &[IndexEntry]) -> BTreeSet<(&str, &str)> {
    entries.iter().map(|entry| (&*entry.index, &*entry.partition)).collect()
}

/// A transaction under construction, without its checkpoint.
#[derive(Debug, Default)]
struct Step {
    actions: Vec<Action>,
    counts: Counts,
    bytes: usize,
}

impl Step {
    fn has_room(&self, change: &RowChange) -> bool {
        let counts = change.counts.keys().filter(|key| !self.counts.contains_key(*key)).count();
        let actions = 1 + self.actions.len() + self.counts.len() + change.actions.len() + counts;
        let bytes = self.bytes + change.actions.iter().map(Action::size).sum::<usize>();
        self.actions.is_empty() || (actions <= ACTIONS_MAX && bytes <= STEP_BYTES)
    }

    fn add(&mut self, change: RowChange) {
        self.bytes += change.actions.iter().map(Action::size).sum::<usize>();
        self.actions.extend(change.actions);
        for (partition, by) in change.counts {
            *self.counts.entry(partition).or_default() += by;
        }
    }

    fn actions(self, checkpoint: Action, generation: &Generation) -> Vec<Action> {
        let changed = self.counts.into_iter().filter(|(_, by)| *by != 0);
        let counts = changed.map(|((index, partition), by)| {
            let mut count = Update::new(generation.count(&index, &partition));
            count.add.push(("rows", by));
            Action::new(Change::Update(count), Condition::Always)
        });
        std::iter::once(checkpoint).chain(self.actions).chain(counts).collect()
    }
}
