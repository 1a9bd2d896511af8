//! A new zone set: what changes for something that did not move.

use super::report::{Report, Told};
use super::{Cause, CrossingKind, Fix, Observation, TrackState, Tracker};
use crate::metres::confidence;
use crate::set::ZoneSet;

impl Tracker {
    /// Looks the last fix up in the new zones. Zones are known by their ids: one that is gone is left,
    /// and what was pending for it dropped; one whose crossing is pending stays so, because its border
    /// has been in doubt before.
    pub(super) fn swap(
        &mut self,
        zones: &ZoneSet,
        state: &mut TrackState,
        fix: &Fix,
        observation: &mut Observation,
    ) {
        state.pending.retain(|pending| zones.find(&pending.zone).is_some());
        let Some(last) = state.last else { return };
        if zones.zones_at(last.position, &mut self.hits).is_err() {
            self.hits.clear();
        }
        let accuracy_m = last.accuracy_m.unwrap_or(self.options.default_accuracy_m);
        let reach_m = self.options.reach_m(accuracy_m);
        let mut report = Report::new(zones, fix.at.max(last.at));
        let before = state.ids();
        let covering = self.hits.iter().map(|hit| hit.zone);
        let known = before.iter().filter_map(|id| zones.find(id));
        let mut looked_at: Vec<_> = covering.clone().chain(known).collect();
        looked_at.sort_unstable();
        looked_at.dedup();
        let mut told = Vec::new();
        for zone in looked_at {
            let Some(id) = zones.zone(zone).map(|zone| zone.id().clone()) else { continue };
            let (was_in, is_in) = (state.is_inside(&id), covering.clone().any(|c| c == zone));
            if was_in == is_in {
                state.settle(&id);
            } else if state.pending(&id).is_none() {
                let kind = if is_in { CrossingKind::Enter } else { CrossingKind::Exit };
                let distance_m = zones.distance_m(zone, last.position.0, reach_m);
                told.push((kind, Some(zone), id, confidence(distance_m, accuracy_m)));
            }
        }
        // The border of a zone that is gone is nowhere near.
        let gone = before.into_iter().filter(|id| zones.find(id).is_none());
        told.extend(gone.map(|id| (CrossingKind::Exit, None, id, 1.0)));
        let before = state.ids();
        for (kind, zone, id, confidence) in told {
            match kind {
                CrossingKind::Enter => state.enter(id.clone(), last.at),
                _ => drop(state.leave(&id)),
            }
            let (at, left_at, cause) = (last.at, None, Cause::ZoneSetChanged);
            report.add(Told { kind, zone, id, at, left_at, cause, confidence });
        }
        report.finish(before, state, observation);
    }
}
