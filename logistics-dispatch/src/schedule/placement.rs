//! On which legs of a route its breaks are.

use crate::labels::{Label, best, reach};
use crate::problem::{JobIndex, Location, Problem, Settled, Vehicle};
use crate::units::Seconds;
use crate::visits::Visit;

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
    let layers = layers(problem, vehicle, visits, settled.frozen - settled.served);
    let at = visits.last().map(|visit| visit.location(problem)).or(vehicle.start);
    let drive = duration(problem, vehicle, (at, vehicle.end));
    let last = reach(&vehicle.breaks, &layers[layers.len() - 1], drive).into_iter();
    let finished = last.filter(|label| label.taken == vehicle.breaks.len());
    let finish = finished.map(|label| label.late(Seconds(label.ready) - vehicle.shift.end));
    trace(&layers, finish.min_by_key(Label::rank), vehicle.breaks.len())
}

/// Every way over the pinned stops of a vehicle that may be worth going on from.
pub(crate) fn ways_behind_pinned(problem: &Problem, vehicle: &Vehicle) -> Vec<Label> {
    let visits: Vec<Visit> = vehicle.pinned.iter().copied().map(Visit::Job).collect();
    layers(problem, vehicle, &visits, visits.len()).pop().unwrap_or_default()
}

/// The labels at the start, and behind each visit; `pinned`: so many jobs at the beginning
/// may be late.
fn layers(
    problem: &Problem,
    vehicle: &Vehicle,
    visits: &[Visit],
    mut pinned: usize,
) -> Vec<Vec<Label>> {
    let mut layers = vec![vec![Label::first(vehicle.shift.start.get())]];
    let mut at = vehicle.start;
    for &visit in visits {
        let place = visit.location(problem);
        let drive = duration(problem, vehicle, (at, Some(place)));
        let reached = reach(&vehicle.breaks, &layers[layers.len() - 1], drive);
        let labels = match visit {
            Visit::Job(job) => {
                let binding = pinned == 0;
                pinned = pinned.saturating_sub(1);
                reached.into_iter().map(|label| serve(problem, job, label, binding)).collect()
            }
            Visit::Reload(..) => {
                let service = visit.service(problem);
                let loaded = |label: Label| Label { ready: label.ready + service, ..label };
                reached.into_iter().map(loaded).collect()
            }
        };
        layers.push(best(labels));
        at = Some(place);
    }
    layers
}

fn duration(
    problem: &Problem,
    vehicle: &Vehicle,
    (from, to): (Option<Location>, Option<Location>),
) -> i64 {
    match (from, to) {
        (Some(from), Some(to)) => problem.duration(vehicle.profile, from, to).get(),
        _ => 0,
    }
}

/// `binding`: being too late here counts.
fn serve(problem: &Problem, job: JobIndex, label: Label, binding: bool) -> Label {
    let job = &problem.jobs()[job.index()];
    let arrival = Seconds(label.ready);
    let start = job.start_of_service(arrival).unwrap_or(arrival);
    let lateness = label.lateness + job.lateness_cost(start);
    let served = Label { ready: (start + job.service).get(), lateness, ..label };
    if binding { served.late(job.too_late(start)) } else { served }
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
