//! What the server's history holds of what it acknowledged.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::device::Seen;
use crate::enrol::in_parallel;
use crate::server::Server;

/// Fixes, counted by reading the history back.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) stored: u64,
    /// Acknowledged, and not there.
    pub(crate) lost: u64,
    /// There more than once.
    pub(crate) duplicated: u64,
}

pub(crate) fn history(server: &Server, devices: &[Seen]) -> Result<Counted> {
    let counts = in_parallel(devices, |seen| one(server, seen))?;
    Ok(counts.into_iter().fold(Counted::default(), |all, one| Counted {
        stored: all.stored + one.stored,
        lost: all.lost + one.lost,
        duplicated: all.duplicated + one.duplicated,
    }))
}

fn one(server: &Server, seen: &Seen) -> Result<Counted> {
    let (Some(first), Some(last)) =
        (seen.acknowledged.iter().min(), seen.acknowledged.iter().max())
    else {
        return Ok(Counted::default());
    };
    let rows = server.api.fix_times(seen.partner.as_str(), *first, last + 1)?;
    let distinct: BTreeSet<_> = rows.iter().collect();
    let lost = seen.acknowledged.iter().filter(|time| !distinct.contains(time)).count();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Ok(Counted {
        stored: count(distinct.len()),
        lost: count(lost),
        duplicated: count(rows.len() - distinct.len()),
    })
}
