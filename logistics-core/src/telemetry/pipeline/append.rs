//! One durable append of many fixes, which a fix that the store cannot take does not spoil.

use crate::eventsourcing::{Retry, StoreError, StoreErrorKind};
use crate::telemetry::fix::Fix;
use crate::telemetry::store::{Appended, FixStore};

/// What became of one fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// The store answered.
    Durable(Appended),
    /// The store refuses this one fix, for this reason.
    Poison(String),
    /// The store could not answer.
    Unavailable,
}

/// Appends `fixes` in one go. When the store refuses the batch for good, halves it until the fixes
/// at fault stand alone: about 2 log₂(n) appends for one of them. Answers in the order of `fixes`.
pub(super) async fn append_isolating(store: &dyn FixStore, fixes: &[Fix]) -> Vec<Fate> {
    let mut fates = Vec::with_capacity(fixes.len());
    let mut pending = vec![fixes];
    while let Some(part) = pending.pop() {
        match store.append(part).await {
            Ok(answers) if answers.len() == part.len() => {
                fates.extend(answers.into_iter().map(Fate::Durable));
            }
            // An answer that does not fit the question says nothing about any fix.
            Ok(_) => break,
            Err(error) if !is_poison(&error) => break,
            Err(error) if part.len() <= 1 => fates.push(Fate::Poison(reason(&error))),
            Err(_) => {
                let (first, second) = part.split_at(part.len() / 2);
                pending.extend([second, first]);
            }
        }
    }
    fates.resize(fixes.len(), Fate::Unavailable);
    fates
}

/// Whether the store's answer is about the fixes, and not about the store.
fn is_poison(error: &StoreError) -> bool {
    error.retry == Retry::Never
        && !matches!(error.kind, StoreErrorKind::Unavailable | StoreErrorKind::Throttled)
}

fn reason(error: &StoreError) -> String {
    format!("{error}: {}", error.source)
}
