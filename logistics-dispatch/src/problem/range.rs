//! Single values that must be in range, known or unique: the error names whose they are.

use std::collections::BTreeSet;

use super::TimeWindow;
use super::error::{Owner, ProblemError};
use super::limits::{MAX_ID_BYTES, MAX_TIME};

pub(super) fn at_most(
    owner: Owner,
    field: &'static str,
    found: usize,
    limit: usize,
) -> Result<(), ProblemError> {
    if found > limit {
        return Err(ProblemError::TooMany { owner, field, found, limit });
    }
    Ok(())
}

pub(super) fn within(
    owner: impl FnOnce() -> Owner,
    field: &'static str,
    value: i64,
    max: i64,
) -> Result<(), ProblemError> {
    if (0..=max).contains(&value) {
        return Ok(());
    }
    Err(ProblemError::OutOfRange { owner: owner(), field, value, min: 0, max })
}

pub(super) fn known(
    owner: impl FnOnce() -> Owner,
    field: &'static str,
    index: usize,
    count: usize,
) -> Result<(), ProblemError> {
    if index >= count {
        return Err(ProblemError::Unknown { owner: owner(), field, index, count });
    }
    Ok(())
}

pub(super) fn unique<'a>(
    ids: impl Iterator<Item = &'a String>,
    owner: impl Fn(String) -> Owner,
) -> Result<(), ProblemError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        at_most(owner(id.clone()), "id length", id.len(), MAX_ID_BYTES)?;
        if !seen.insert(id) {
            return Err(ProblemError::DuplicateId(owner(id.clone())));
        }
    }
    Ok(())
}

pub(super) fn check_window(
    owner: impl Fn() -> Owner,
    field: &'static str,
    window: TimeWindow,
) -> Result<(), ProblemError> {
    within(&owner, field, window.start.get(), MAX_TIME)?;
    within(&owner, field, window.end.get(), MAX_TIME)?;
    if window.end < window.start {
        return Err(ProblemError::EmptyWindow { owner: owner(), field });
    }
    Ok(())
}
