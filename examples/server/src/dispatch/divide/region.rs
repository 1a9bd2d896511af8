//! A region with what waits there and who can bring it, and how it is cut in two.

use std::collections::BTreeMap;

use geo_types::Point;
use logistics_core::{PartnerId, ShipmentId};

use super::super::batch::{Drop, Round, mean};
use super::{Part, distance};

/// Shipments that are kept together as long as they can be.
#[derive(Debug)]
pub(super) struct Cluster {
    at: Point<f64>,
    drops: Vec<(Point<f64>, u32, ShipmentId)>,
}

/// A partner, and what it has already.
#[derive(Debug)]
pub(super) struct Hand {
    partner: PartnerId,
    /// Where it is or, if that is not known, where it has to go.
    at: Option<Point<f64>>,
    held: usize,
    /// How much more it carries; at least one unit, so that the full ones are shared out too.
    room: u64,
}

#[derive(Debug)]
pub(super) struct Region {
    pub(super) clusters: Vec<Cluster>,
    pub(super) hands: Vec<Hand>,
}

impl Cluster {
    fn new(drops: Vec<(Point<f64>, u32, ShipmentId)>) -> Option<Self> {
        let at = mean(drops.iter().map(|(at, ..)| *at))?;
        Some(Self { at, drops })
    }

    fn demand(&self) -> u64 {
        self.drops.iter().map(|&(_, demand, _)| u64::from(demand)).sum()
    }

    fn apart(self) -> impl Iterator<Item = Self> {
        self.drops.into_iter().filter_map(|drop| Self::new(vec![drop]))
    }
}

/// One cluster for each zone, and one for each shipment outside all zones.
pub(super) fn clusters<Z: Ord>(
    waiting: &[Drop],
    zone_of: impl Fn(Point<f64>) -> Option<Z>,
) -> Vec<Cluster> {
    let (mut zones, mut outside) = (BTreeMap::<Z, Vec<_>>::new(), Vec::new());
    for drop in waiting {
        let item = (drop.position, drop.demand, drop.shipment.clone());
        match zone_of(drop.position) {
            Some(zone) => zones.entry(zone).or_default().push(item),
            None => outside.push(vec![item]),
        }
    }
    zones.into_values().chain(outside).filter_map(Cluster::new).collect()
}

pub(super) fn hand(round: &Round) -> Hand {
    let carried: u64 = round.stops.iter().map(|stop| u64::from(stop.demand)).sum();
    let seen = round.courier.position.map(|(at, _)| at);
    Hand {
        partner: round.courier.partner.clone(),
        at: seen.or(mean(round.stops.iter().map(|stop| stop.position))),
        held: round.stops.len(),
        room: u64::from(round.courier.capacity).saturating_sub(carried).max(1),
    }
}

impl Region {
    fn drops(&self) -> usize {
        self.clusters.iter().map(|cluster| cluster.drops.len()).sum()
    }

    pub(super) fn size(&self) -> usize {
        self.drops() + self.hands.iter().map(|hand| hand.held).sum::<usize>()
    }

    /// Whether nothing can be cut off.
    pub(super) fn is_single(&self) -> bool {
        self.drops() + self.hands.len() < 2
    }

    pub(super) fn into_part(self) -> Part {
        let drops = self.clusters.into_iter().flat_map(|cluster| cluster.drops);
        Part {
            shipments: drops.map(|(.., shipment)| shipment).collect(),
            partners: self.hands.into_iter().map(|hand| hand.partner).collect(),
        }
    }

    /// Two regions, neither empty. A zone is cut only if it is alone.
    pub(super) fn cut(mut self, max: usize) -> (Self, Self) {
        if self.clusters.len() == 1 {
            self.clusters = self.clusters.into_iter().flat_map(Cluster::apart).collect();
        }
        if self.clusters.len() < 2 { self.set_apart(max) } else { self.halve() }
    }

    /// Cuts across the longer side, at half of what waits; who can bring it is shared out along the
    /// same line.
    fn halve(self) -> (Self, Self) {
        let Self { mut clusters, mut hands } = self;
        let along = longer_side(&clusters);
        clusters.sort_by(|a, b| along(a.at).total_cmp(&along(b.at)));
        let mut before = 0;
        let half = clusters.iter().map(|cluster| cluster.drops.len()).sum::<usize>() / 2;
        let passed = clusters.iter().position(|cluster| {
            before += cluster.drops.len();
            before >= half
        });
        let at = passed.map_or(1, |last| last + 1).clamp(1, clusters.len() - 1);
        let far = clusters.split_off(at);
        let demand = |clusters: &[Cluster]| clusters.iter().map(Cluster::demand).sum();
        let place = |hand: &Hand| hand.at.map_or(f64::INFINITY, along);
        hands.sort_by(|a, b| place(a).total_cmp(&place(b)).then_with(|| a.partner.cmp(&b.partner)));
        let (near_hands, far_hands) = share(hands, demand(&clusters), demand(&far));
        (Self { clusters, hands: near_hands }, Self { clusters: far, hands: far_hands })
    }

    /// The shipment that waits, if one does, with as many of the nearest partners as fit; the other
    /// partners.
    fn set_apart(mut self, max: usize) -> (Self, Self) {
        let anchor = self.clusters.first().map(|cluster| cluster.at);
        if let Some(anchor) = anchor.or(self.hands.iter().find_map(|hand| hand.at)) {
            let far = |hand: &Hand| distance(anchor, hand.at);
            self.hands.sort_by(|a, b| far(a).total_cmp(&far(b)));
        }
        let mut size = self.drops();
        let fitting = self.hands.iter().take_while(|hand| {
            size += hand.held;
            size <= max
        });
        let fitting = fitting.count().max(usize::from(self.clusters.is_empty()));
        let others = self.hands.split_off(fitting.min(self.hands.len()));
        (self, Self { clusters: Vec::new(), hands: others })
    }
}

/// The coordinate that the clusters are farthest apart in.
fn longer_side(clusters: &[Cluster]) -> fn(Point<f64>) -> f64 {
    let extent = |along: fn(Point<f64>) -> f64| {
        let places = || clusters.iter().map(|cluster| along(cluster.at));
        places().fold(f64::NEG_INFINITY, f64::max) - places().fold(f64::INFINITY, f64::min)
    };
    let latitude = clusters.first().map_or(0.0, |cluster| cluster.at.y());
    let wide = extent(|at| at.x()) * latitude.to_radians().cos();
    if wide >= extent(|at| at.y()) { |at| at.x() } else { |at| at.y() }
}

/// Shares out the hands, in their order, so that each side gets room in proportion to its demand.
/// Those who may be anywhere go where room is missing.
fn share(hands: Vec<Hand>, near: u64, far: u64) -> (Vec<Hand>, Vec<Hand>) {
    let (near, far) = (u128::from(near.max(1)), u128::from(far.max(1)));
    let (placed, anywhere): (Vec<Hand>, Vec<Hand>) =
        hands.into_iter().partition(|hand| hand.at.is_some());
    let all: u128 = placed.iter().map(|hand| u128::from(hand.room)).sum();
    let mut sides = (Vec::new(), Vec::new());
    let (mut near_room, mut far_room) = (0, 0);
    for hand in placed {
        let room = u128::from(hand.room);
        // The middle of its room lies on the near side.
        if (2 * (near_room + far_room) + room) * (near + far) <= 2 * near * all {
            near_room += room;
            sides.0.push(hand);
        } else {
            far_room += room;
            sides.1.push(hand);
        }
    }
    for hand in anywhere {
        let room = u128::from(hand.room);
        if near_room * far <= far_room * near {
            near_room += room;
            sides.0.push(hand);
        } else {
            far_room += room;
            sides.1.push(hand);
        }
    }
    sides
}
