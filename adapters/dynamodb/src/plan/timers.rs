//! What a commit does to timers: one action for each, whatever the commit says of it.

use std::collections::BTreeMap;

use logistics_core::eventsourcing::{CommitError, Timer, TimerOp};

use super::commit::in_key;
use super::{Action, Change, Condition};
use crate::item::{item, micros_up, number, text, time};
use crate::keys::{GSI5, Key, QUEUES, shard, timer, timer_queue};

/// The change that the operations on one timer come down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FoldedTimer {
    /// Set, unless a newer generation is.
    Arm(Timer),
    /// Set, whatever was there.
    Set(Timer),
    /// Removed.
    Remove,
}

/// The operations by timer (owner and name), each folded into one: an item can be changed once in
/// a transaction.
pub(crate) fn fold_timers(ops: &[TimerOp]) -> BTreeMap<(String, String), FoldedTimer> {
    let mut folded: BTreeMap<(String, String), FoldedTimer> = BTreeMap::new();
    for op in ops {
        let (key, change) = match op {
            TimerOp::Disarm { owner, name } => ((owner.clone(), name.clone()), FoldedTimer::Remove),
            TimerOp::Arm(timer) => {
                let key = (timer.owner.clone(), timer.name.clone());
                let change = match folded.get(&key) {
                    None => FoldedTimer::Arm(timer.clone()),
                    Some(FoldedTimer::Remove) => FoldedTimer::Set(timer.clone()),
                    Some(FoldedTimer::Arm(old)) if timer.generation >= old.generation => {
                        FoldedTimer::Arm(timer.clone())
                    }
                    Some(FoldedTimer::Set(old)) if timer.generation >= old.generation => {
                        FoldedTimer::Set(timer.clone())
                    }
                    Some(newer) => newer.clone(),
                };
                (key, change)
            }
        };
        folded.insert(key, change);
    }
    folded
}

/// The action for what was folded; `newer` where a newer generation is known to be set: then it
/// must still be.
pub(super) fn timer_action(
    owner: &str,
    name: &str,
    op: &FoldedTimer,
    newer: bool,
) -> Result<Action, CommitError> {
    let key = timer(owner, name);
    Ok(match op {
        FoldedTimer::Remove => Action::new(Change::Delete(key), Condition::Always),
        FoldedTimer::Set(timer) => Action::new(armed(&key, timer)?, Condition::Always),
        FoldedTimer::Arm(timer) if newer => {
            let newer = Condition::Greater("generation", number(timer.generation));
            Action::new(Change::Check(key), newer)
        }
        FoldedTimer::Arm(timer) => {
            let older = Condition::AtMost("generation", number(timer.generation));
            let when = Condition::Any(vec![Condition::Absent, older]);
            Action::new(armed(&key, timer)?, when)
        }
    })
}

/// The item of a timer that is set.
fn armed(key: &Key, timer: &Timer) -> Result<Change, CommitError> {
    let fire_at = micros_up(timer.fire_at);
    let queue = timer_queue(shard(&timer.owner, QUEUES));
    let place = format!("{}#{}#{}", in_key(fire_at)?, timer.owner, timer.name);
    let item = item(
        key,
        [
            ("owner", Some(text(&*timer.owner))),
            ("name", Some(text(&*timer.name))),
            ("generation", Some(number(timer.generation))),
            ("fire_at", Some(time(fire_at))),
            (GSI5.pk, Some(text(queue))),
            (GSI5.sk, Some(text(place))),
        ],
    );
    Ok(Change::Put(item))
}
