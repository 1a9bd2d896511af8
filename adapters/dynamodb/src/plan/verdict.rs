//! What a cancelled transaction says about its commit.

use chrono::{DateTime, Utc};
use logistics_core::eventsourcing::{CommandRecord, Commit, CommitError, Version};
use logistics_core::ids::CommandId;

use super::Reason;
use super::commit::{COMMIT, CommitPlan, Known, Role, invalid};
use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable};
use crate::keys::Key;

/// What to do about a commit whose transaction was cancelled.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Answer with this.
    Refused(CommitError),
    /// Plan it again: this is known by now.
    Again(Known),
    /// Send it again after a pause: others are busy on its items.
    Later,
}

/// Judges `commit`, whose `plan` was made with `known` and cancelled for `reasons`.
pub(crate) fn judge(
    commit: &Commit,
    plan: &CommitPlan,
    known: &Known,
    reasons: &[Reason],
) -> Verdict {
    let failed = || {
        plan.roles.iter().zip(reasons).filter_map(|(role, reason)| match reason {
            Reason::Failed(item) => Some((role, item)),
            _ => None,
        })
    };
    // A command that was taken answers with its record, whatever else holds.
    if let Some((_, item)) = failed().find(|(role, _)| **role == Role::Command) {
        return Verdict::Refused(match command_record(item) {
            Ok(record) => CommitError::Duplicate(record),
            Err(unreadable) => corrupt(unreadable),
        });
    }
    // What was busy was not judged: it may be that very record.
    if reasons.contains(&Reason::Contended) {
        return Verdict::Later;
    }
    if let Some(Reason::Refused(reason)) =
        reasons.iter().find(|reason| matches!(reason, Reason::Refused(_)))
    {
        return Verdict::Refused(invalid(reason));
    }
    let mut found = known.clone();
    for (role, item) in failed() {
        match role {
            Role::Head => {
                return match judge_head(commit, &mut found, item) {
                    Err(refusal) => Verdict::Refused(refusal),
                    Ok(()) if found == *known => Verdict::Later,
                    // What else failed may have failed for that.
                    Ok(()) => Verdict::Again(found),
                };
            }
            Role::Message(effect) => {
                return Verdict::Refused(invalid(format!("message {effect} exists")));
            }
            Role::Timer { owner, name } => {
                let timer = (owner.clone(), name.clone());
                if !found.newer.remove(&timer) {
                    found.newer.insert(timer);
                }
            }
            // Under a head that stands where it should, nothing of these can be there.
            Role::Command | Role::Event | Role::Marker | Role::Order | Role::IndexEntry => {
                let what = format!("{role:?} of {} is there already", commit.stream);
                return Verdict::Refused(corrupt(what));
            }
        }
    }
    if found == *known { Verdict::Later } else { Verdict::Again(found) }
}

/// Why the head's condition failed, other than for what `found` did not know of it.
fn judge_head(commit: &Commit, found: &mut Known, head: &Item) -> Result<(), CommitError> {
    let actual = head_version(head).map_err(corrupt)?;
    if actual != commit.expected.version() {
        return Err(CommitError::Conflict { actual });
    }
    if commit.index.is_some() {
        found.entries = known_entries(head).map_err(corrupt)?;
    }
    if head.contains_key("lts") {
        found.last = Some(last_time(head).map_err(corrupt)?);
    }
    Ok(())
}

/// The time in the key of a stream's last event.
fn last_time(head: &Item) -> Result<DateTime<Utc>, Unreadable> {
    let head = Reader(head);
    let time = DateTime::parse_from_rfc3339(head.text("lts")?);
    Ok(head.need("lts", time.ok())?.with_timezone(&Utc))
}

fn corrupt(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommitError {
    CommitError::Store(Failure::corrupt(reason).during(COMMIT))
}

/// The version in a head; an empty item is no head.
pub(crate) fn head_version(head: &Item) -> Result<Version, Unreadable> {
    if head.is_empty() {
        return Ok(Version::NONE);
    }
    Reader(head).number("v").map(Version::new)
}

/// The items that a head says to hold its stream's index entries.
pub(crate) fn known_entries(head: &Item) -> Result<Vec<Key>, Unreadable> {
    if head.contains_key("ix") { keys(head, "ix") } else { Ok(Vec::new()) }
}

/// Reads a list of keys.
pub(crate) fn keys(item: &Item, attribute: &'static str) -> Result<Vec<Key>, Unreadable> {
    let pairs = Reader(item).list(attribute)?.iter();
    let pairs = pairs.map(|pair| match pair.as_l().ok()?.as_slice() {
        [pk, sk] => Some(Key::new(pk.as_s().ok()?, sk.as_s().ok()?)),
        _ => None,
    });
    Reader(item).need(attribute, pairs.collect())
}

/// Reads the item of a command.
pub(crate) fn command_record(item: &Item) -> Result<CommandRecord, Unreadable> {
    let item = Reader(item);
    Ok(CommandRecord {
        command_id: item.need("command", CommandId::new(item.text("command")?).ok())?,
        digest: item.array("digest")?,
        before: Version::new(item.number("before")?),
        after: Version::new(item.number("after")?),
    })
}
