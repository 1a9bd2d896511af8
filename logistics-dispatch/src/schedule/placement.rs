//! On which legs of a route its breaks are, where every placement counts: labels of what
//! each way so far has come to, of which only those go on that no other beats.

use crate::problem::{Location, Problem, Settled, Vehicle};
use crate::rests::arrival;
use crate::units::Seconds;
use crate::visits::Visit;

/// Most labels that go on from a place with equally many breaks behind it. A route that has
/// to be late needs more than one or two only where breaks and waiting trade lateness for
/// time over and over; whether it is in time at all needs one.
const LABELS: usize = 64;

/// What a way so far has come to.
#[derive(Clone, Copy, Debug)]
struct Label {
    /// Breaks taken.
    taken: usize,
    /// Late stops, and their lateness together.
    late: (usize, Seconds),
    ready: i64,
    /// Which label of the place before it goes on from.
    from: usize,
}

/// Per leg to a visit, and the one behind the last, how many breaks are on it; nothing for a
/// vehicle without breaks.
pub(super) fn breaks_on_legs(
    problem: &Problem,
    vehicle: &Vehicle,
    visits: &[Visit],
    settled: Settled,
) -> Vec<usize> {
    if vehicle.breaks.is_empty() {
        return Vec::new();
    }
    let ready = vehicle.shift.start.get();
    let first = Label { taken: 0, late: (0, Seconds::ZERO), ready, from: 0 };
    let mut layers = vec![vec![first]];
    let mut at = vehicle.start;
    let mut pinned = settled.frozen - settled.served;
    for &visit in visits {
        let place = visit.location(problem);
        let reached = reach(problem, vehicle, &layers[layers.len() - 1], (at, Some(place)));
        let binding = matches!(visit, Visit::Job(_)) && pinned == 0;
        pinned = pinned.saturating_sub(usize::from(matches!(visit, Visit::Job(_))));
        let labels = reached.into_iter().map(|label| serve(problem, visit, label, binding));
        layers.push(best(labels.collect()));
        at = Some(place);
    }
    let last = reach(problem, vehicle, &layers[layers.len() - 1], (at, vehicle.end));
    let finished = last.into_iter().filter(|label| label.taken == vehicle.breaks.len());
    let late = |label: &Label| Seconds(label.ready) - vehicle.shift.end;
    let finish = finished.map(|label| add_lateness(label, late(&label)));
    trace(&layers, finish.min_by_key(|label| (label.late, label.ready)), vehicle.breaks.len())
}

/// Every way to drive a leg: with none of the breaks that are left on it, with one, and so
/// on.
fn reach(
    problem: &Problem,
    vehicle: &Vehicle,
    labels: &[Label],
    (from, to): (Option<Location>, Option<Location>),
) -> Vec<Label> {
    let drive = match (from, to) {
        (Some(from), Some(to)) => problem.duration(vehicle.profile, from, to).get(),
        _ => 0,
    };
    let mut reached = Vec::new();
    for (from, label) in labels.iter().enumerate() {
        for taken in label.taken..=vehicle.breaks.len() {
            let breaks = &vehicle.breaks[label.taken..taken];
            let Some(ready) = arrival(breaks, label.ready, drive) else { break };
            reached.push(Label { taken, ready, from, ..*label });
        }
    }
    reached
}

/// `binding`: being late here counts.
fn serve(problem: &Problem, visit: Visit, label: Label, binding: bool) -> Label {
    let arrival = Seconds(label.ready);
    let (start, late) = match visit {
        Visit::Reload(..) => (arrival, Seconds::ZERO),
        Visit::Job(job) => {
            let start = problem.jobs()[job.index()].start_of_service(arrival).unwrap_or(arrival);
            (start, super::lateness(problem, job, start))
        }
    };
    let ready = start.get() + visit.service(problem);
    let served = Label { ready, ..label };
    if binding { add_lateness(served, late) } else { served }
}

fn add_lateness(mut label: Label, late: Seconds) -> Label {
    if late > Seconds::ZERO {
        label.late = (label.late.0 + 1, label.late.1 + late);
    }
    label
}

/// The labels that no other beats, by breaks taken, then the least late first. Of equals the
/// first stays: the one with fewer breaks before the last leg.
fn best(mut labels: Vec<Label>) -> Vec<Label> {
    labels.sort_by_key(|label| (label.taken, label.late, label.ready));
    let mut kept: Vec<Label> = Vec::with_capacity(labels.len());
    let mut alike = 0;
    for label in labels {
        match kept.last().filter(|last| last.taken == label.taken) {
            Some(last) if last.ready <= label.ready || alike >= LABELS => continue,
            Some(_) => alike += 1,
            None => alike = 1,
        }
        kept.push(label);
    }
    kept
}

/// Breaks per leg on the way to a last label.
fn trace(layers: &[Vec<Label>], last: Option<Label>, all: usize) -> Vec<usize> {
    let mut on_legs = vec![0; layers.len()];
    let Some(mut label) = last else {
        // Not so in a problem: its builder saw that all can be taken before anything else.
        on_legs[0] = all;
        return on_legs;
    };
    for (leg, layer) in layers.iter().enumerate().rev() {
        let before = layer[label.from];
        on_legs[leg] = label.taken - before.taken;
        label = before;
    }
    on_legs
}
