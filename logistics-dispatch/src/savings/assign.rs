//! Clusters meet vehicles: whoever would lose most by waiting chooses first.

use super::clusters::offers;
use crate::state::State;

/// A cluster, and the classes that could drive it at what cost, cheapest first.
type Waiting = (Vec<u32>, Vec<(i64, usize)>);

/// Gives clusters to vehicles. Where there are more clusters than vehicles the ones
/// with least priority and fewest jobs are dissolved; their jobs stay in the bank.
pub(super) fn assign(state: &mut State<'_>, mut clusters: Vec<Vec<u32>>) {
    let model = state.model;
    clusters.sort_by_key(|stops| {
        let priority: i64 = stops.iter().map(|&job| model.priority[job as usize]).sum();
        core::cmp::Reverse((priority, stops.len()))
    });
    clusters.truncate(model.class_of.len());
    let mut waiting: Vec<Waiting> = clusters
        .into_iter()
        .map(|stops| {
            let offers = offers(model, &stops);
            (stops, offers)
        })
        .collect();
    while let Some(index) = most_urgent(state, &mut waiting) {
        let (stops, offers) = waiting.swap_remove(index);
        let line = offers.first().and_then(|&(_, class)| state.unused(class));
        if let Some(line) = line {
            state.assign(line, stops);
        }
    }
    let left_out = |&job: &u32| state.line_of(job) == crate::state::NONE;
    state.bank = state.bank.iter().copied().filter(left_out).collect();
}

/// Drops offers of classes that are used up and tells whose loss by waiting is greatest;
/// clusters without an offer are dissolved.
fn most_urgent(state: &State<'_>, waiting: &mut Vec<Waiting>) -> Option<usize> {
    for (_, offers) in waiting.iter_mut() {
        offers.retain(|&(_, class)| state.unused(class).is_some());
    }
    waiting.retain(|(_, offers)| !offers.is_empty());
    let urgency = |offers: &[(i64, usize)]| match offers {
        [(first, _), (second, _), ..] => second - first,
        _ => i64::MAX,
    };
    (0..waiting.len()).max_by_key(|&index| {
        let (stops, offers) = &waiting[index];
        (urgency(offers), stops.len(), core::cmp::Reverse(index))
    })
}
