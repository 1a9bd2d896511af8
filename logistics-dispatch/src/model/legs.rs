//! Driving cost, time and distance between nodes, row by row and column by column.

use super::Classes;
use crate::problem::{Location, Problem, Profile, Work};

/// One table, with its transpose unless it is symmetric: the insertion test asks for
/// "from everywhere to this job" as often as for the other way, and a column of a
/// row-major table costs a cache line per cell.
#[derive(Clone, Debug, Default)]
struct Table {
    out: Vec<i32>,
    into: Vec<i32>,
}

impl Table {
    fn new(size: usize, cell: impl Fn(usize, usize) -> i64) -> Self {
        let mut out = Vec::with_capacity(size * size);
        for from in 0..size {
            out.extend((0..size).map(|to| i32::try_from(cell(from, to)).unwrap_or(i32::MAX)));
        }
        let symmetric = (0..size).all(|i| (0..i).all(|j| out[i * size + j] == out[j * size + i]));
        let mut into = Vec::new();
        if !symmetric {
            into.reserve(size * size);
            for to in 0..size {
                into.extend((0..size).map(|from| out[from * size + to]));
            }
        }
        Self { out, into }
    }

    #[inline]
    fn get(&self, size: usize, from: usize, to: usize) -> i64 {
        if self.out.is_empty() { 0 } else { i64::from(self.out[from * size + to]) }
    }

    fn row_from(&self, size: usize, node: usize) -> &[i32] {
        if self.out.is_empty() { &[] } else { &self.out[node * size..(node + 1) * size] }
    }

    fn row_to(&self, size: usize, node: usize) -> &[i32] {
        if self.into.is_empty() {
            return self.row_from(size, node);
        }
        &self.into[node * size..(node + 1) * size]
    }
}

/// One node's legs to and from all others. Times are empty in a problem without time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'m> {
    pub(crate) cost_from: &'m [i32],
    pub(crate) cost_to: &'m [i32],
    pub(crate) time_from: &'m [i32],
    pub(crate) time_to: &'m [i32],
}

/// The tables of one kind of vehicle (profile and travel cost).
#[derive(Clone, Debug)]
pub(crate) struct LegTables {
    size: usize,
    cost: Table,
    time: Table,
    distance: Table,
}

impl LegTables {
    #[inline]
    pub(crate) fn cost(&self, from: usize, to: usize) -> i64 {
        self.cost.get(self.size, from, to)
    }

    /// Cost of a leg as the table keeps it: half as wide.
    #[inline]
    pub(crate) fn leg_cost(&self, from: usize, to: usize) -> i32 {
        self.cost.out[from * self.size + to]
    }

    #[inline]
    pub(crate) fn time(&self, from: usize, to: usize) -> i64 {
        self.time.get(self.size, from, to)
    }

    #[inline]
    pub(crate) fn distance(&self, from: usize, to: usize) -> i64 {
        self.distance.get(self.size, from, to)
    }

    /// Everything about the legs of one node.
    #[inline]
    pub(crate) fn around(&self, node: usize) -> Around<'_> {
        Around {
            cost_from: self.cost.row_from(self.size, node),
            cost_to: self.cost.row_to(self.size, node),
            time_from: self.time.row_from(self.size, node),
            time_to: self.time.row_to(self.size, node),
        }
    }

    /// Is every leg as long as its way back?
    pub(crate) fn symmetric(&self) -> bool {
        [&self.cost, &self.time, &self.distance].iter().all(|table| table.into.is_empty())
    }
}

/// The tables of every kind between the places of all nodes.
pub(super) fn tables(
    problem: &Problem,
    classes: &Classes,
    places: &[Option<Location>],
    timed: bool,
) -> Vec<LegTables> {
    let shared = problem.balance().is_some_and(|balance| balance.work == Work::Kilometers);
    let limited = shared || problem.vehicles().iter().any(|vehicle| vehicle.max_distance.is_some());
    let kinds = classes.kinds.iter();
    kinds
        .map(|&(profile, rate)| {
            let legs = problem.legs(Profile::new(profile));
            let time = || table(places, |from, to| legs.duration_s(from, to));
            let distance = || table(places, |from, to| legs.distance_m(from, to));
            LegTables {
                size: places.len(),
                cost: table(places, |from, to| legs.cost(rate, from, to)),
                time: timed.then(time).unwrap_or_default(),
                distance: limited.then(distance).unwrap_or_default(),
            }
        })
        .collect()
}

fn table(places: &[Option<Location>], leg: impl Fn(Location, Location) -> i64) -> Table {
    Table::new(places.len(), |from, to| match (places[from], places[to]) {
        (Some(from), Some(to)) => leg(from, to),
        _ => 0,
    })
}
