//! Regret insertion: the job that would lose most by waiting goes first (Potvin and
//! Rousseau 1993, doi:10.1016/0377-2217(93)90221-8).

use crate::state::{Bound, NONE, Spot, State};

/// A job's best place and how much dearer its best place on another route is.
#[derive(Clone, Copy, Debug)]
struct Offer {
    best: Spot,
    second: i64,
    second_line: u32,
}

/// Puts as many jobs of the bank into the plan as find a place; optional ones where that is
/// cheaper than leaving them out.
pub(crate) fn insert_bank(state: &mut State<'_>) {
    let mut waiting: Vec<(u32, Offer)> = core::mem::take(&mut state.bank)
        .into_iter()
        .filter_map(|job| match offer(state, job) {
            Some(offer) => Some((job, offer)),
            None => {
                state.bank.push(job);
                None
            }
        })
        .collect();
    while let Some(index) = most_urgent(state, &waiting) {
        let (job, chosen) = waiting.swap_remove(index);
        if state.model.worth(job).is_some_and(|worth| chosen.best.delta >= worth) {
            state.bank.push(job);
            continue;
        }
        state.insert(job, chosen.best);
        let changed = chosen.best.line;
        let mut still = Vec::with_capacity(waiting.len());
        for (other, old) in waiting {
            match updated(state, other, old, changed) {
                Some(offer) => still.push((other, offer)),
                None => state.bank.push(other),
            }
        }
        waiting = still;
    }
    insert_pairs(state);
    state.bank.sort_unstable();
}

/// Puts pairs where they cost least, those of high priority first.
fn insert_pairs(state: &mut State<'_>) {
    let model = state.model;
    let (mut pairs, rest): (Vec<u32>, Vec<u32>) =
        state.bank.iter().partition(|&&job| state.is_paired(job));
    state.bank = rest;
    pairs.sort_by_key(|&job| (core::cmp::Reverse(model.priority[job as usize]), job));
    for pickup in pairs {
        let mut best = None;
        state.look_pair_everywhere(pickup, &mut best);
        match best.filter(|best| model.worth(pickup).is_none_or(|worth| best.delta < worth)) {
            Some(spot) => state.insert_pair(pickup, spot),
            None => state.bank.push(pickup),
        }
    }
}

fn most_urgent(state: &State<'_>, waiting: &[(u32, Offer)]) -> Option<usize> {
    (0..waiting.len()).max_by_key(|&index| {
        let (job, offer) = &waiting[index];
        let regret = offer.second.saturating_sub(offer.best.delta);
        let priority = state.model.priority[*job as usize];
        (priority, regret, core::cmp::Reverse(offer.best.delta), core::cmp::Reverse(*job))
    })
}

/// Nothing for a pair, which needs two places.
fn offer(state: &State<'_>, job: u32) -> Option<Offer> {
    if state.is_paired(job) {
        return None;
    }
    let mut found: Option<Offer> = None;
    for &line in &state.used {
        let mut bound = Bound::default();
        state.look_along(job as usize, line, &mut bound);
        found = joined(found, bound);
    }
    for class in 0..state.model.classes.len() {
        let mut bound = Bound::default();
        state.look_at_unused(job as usize, class, &mut bound);
        found = joined(found, bound);
    }
    found
}

fn joined(old: Option<Offer>, bound: Bound) -> Option<Offer> {
    let Some(spot) = bound.spot() else { return old };
    Some(match old {
        None => Offer { best: spot, second: i64::MAX, second_line: NONE },
        Some(old) if spot.delta < old.best.delta => {
            Offer { best: spot, second: old.best.delta, second_line: old.best.line }
        }
        Some(old) if spot.delta < old.second => {
            Offer { second: spot.delta, second_line: spot.line, ..old }
        }
        Some(old) => old,
    })
}

/// The offer after the route `changed` has changed.
fn updated(state: &State<'_>, job: u32, old: Offer, changed: u32) -> Option<Offer> {
    if old.best.line == changed || old.second_line == changed {
        return offer(state, job);
    }
    let mut bound = Bound::default();
    state.look_along(job as usize, changed, &mut bound);
    joined(Some(old), bound)
}
