//! Equal vehicles are one class: what holds for one of them holds for all.

use std::collections::BTreeMap;

use super::Class;
use super::onward::Onward;
use crate::problem::{Problem, TravelCost};

/// Vehicles grouped by everything but their id and the age of their position; one that a
/// cost tells apart is alone.
#[derive(Clone, Debug)]
pub(crate) struct Classes {
    /// Class of each vehicle.
    pub(crate) class_of: Vec<u32>,
    members: Vec<Vec<u32>>,
    /// (Profile, travel cost) of each kind, and the kind of each class.
    pub(super) kinds: Vec<(usize, TravelCost)>,
    kind_of: Vec<usize>,
}

impl Classes {
    pub(crate) fn of(problem: &Problem) -> Self {
        let singled = problem.singled_out();
        let mut found = BTreeMap::new();
        let mut kinds = BTreeMap::new();
        let mut groups = Self {
            class_of: Vec::new(),
            members: Vec::new(),
            kinds: Vec::new(),
            kind_of: Vec::new(),
        };
        for (number, vehicle) in (0_u32..).zip(problem.vehicles()) {
            let travel = (vehicle.profile.index(), vehicle.travel_cost);
            let key = (
                travel,
                (vehicle.start, vehicle.end, vehicle.shift, vehicle.fixed_cost),
                (&vehicle.capacity, &vehicle.skills),
                (vehicle.max_jobs, vehicle.max_travel_time, vehicle.max_distance),
                (&vehicle.served, &vehicle.pinned),
                (&vehicle.breaks, vehicle.reload),
                singled[number as usize].then_some(number),
            );
            let class = *found.entry(key).or_insert_with(|| {
                let kind = *kinds.entry(travel).or_insert_with(|| {
                    groups.kinds.push(travel);
                    groups.kinds.len() - 1
                });
                groups.kind_of.push(kind);
                groups.members.push(Vec::new());
                groups.members.len() - 1
            });
            groups.members[class].push(number);
            groups.class_of.push(u32::try_from(class).unwrap_or(u32::MAX));
        }
        groups
    }

    pub(crate) fn count(&self) -> usize {
        self.members.len()
    }

    /// Different (profile, travel cost) pairs.
    pub(crate) fn kinds(&self) -> usize {
        self.kinds.len()
    }

    /// A vehicle of the class.
    pub(super) fn example(&self, class: usize) -> usize {
        self.members[class][0] as usize
    }

    pub(super) fn expand(
        &self,
        problem: &Problem,
        onward: Vec<Onward>,
        stops: usize,
    ) -> Vec<Class> {
        let limit = |limit: Option<i64>, used: i64| limit.map_or(i64::MAX, |limit| limit - used);
        let node = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let classes = onward.into_iter().enumerate();
        classes
            .map(|(class, onward)| {
                let example = &problem.vehicles()[self.example(class)];
                let room = |used: &[i64]| {
                    let capacity = |d: usize| limit(example.capacity.get(d).copied(), used[d]);
                    (0..problem.dimensions()).map(capacity).collect()
                };
                let most_jobs = example.max_jobs.unwrap_or(usize::MAX);
                let max_jobs = most_jobs.saturating_sub(onward.jobs.len());
                Class {
                    vehicles: self.members[class].clone(),
                    kind: self.kind_of[class],
                    start: node(stops + 2 * class),
                    end: node(stops + 2 * class + 1),
                    opening: onward.opening,
                    outgoing: room(&onward.most),
                    capacity: room(&onward.kept),
                    full: room(&vec![0; problem.dimensions()]),
                    max_jobs,
                    max_stops: max_jobs.saturating_add(problem.reloads_of(example)),
                    max_travel: limit(
                        example.max_travel_time.map(crate::Seconds::get),
                        onward.travel,
                    ),
                    max_distance: limit(
                        example.max_distance.map(crate::Meters::get),
                        onward.distance,
                    ),
                    breaks: example.breaks.clone(),
                    ready: onward.ready,
                    ways: onward.ways,
                    pinned_lateness: onward.pinned_lateness,
                    carried: onward.carried,
                    begun: onward.begun,
                    idle: onward.idle,
                    frozen: onward.jobs,
                }
            })
            .collect()
    }
}
