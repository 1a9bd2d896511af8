//! What every division keeps, and how it cuts.

use std::collections::BTreeSet;

use chrono::DateTime;
use logistics_core::partner;

use super::super::batch::{Courier, Hold};
use super::*;

fn drop(id: String, lon: f64, lat: f64) -> Drop {
    Drop {
        shipment: ShipmentId::new(id).expect("legal"),
        position: Point::new(lon, lat),
        demand: 1,
        service_s: 60,
        window: None,
        geocode_confidence: None,
        hold: Hold::Free,
    }
}

fn round(id: &str, lon: Option<f64>, capacity: u32, held: usize) -> Round {
    let position = lon.map(|lon| (Point::new(lon, 18.5), DateTime::UNIX_EPOCH));
    let courier = Courier {
        partner: PartnerId::new(id).expect("legal"),
        vehicle: partner::Vehicle::TwoWheeler,
        capacity,
        position,
        shift_end: None,
    };
    let lon = lon.unwrap_or(73.85);
    let stops = (0..held).map(|n| drop(format!("{id}-{n}"), lon, 18.5)).collect();
    Round { courier, stops, by_hand: 0 }
}

/// `count` shipments along a street from west to east, a thousandth of a degree apart.
fn street(count: usize) -> Vec<Drop> {
    let lon = |n: usize| 73.0 + f64::from(u32::try_from(n).expect("few")) / 1_000.0;
    (0..count).map(|n| drop(format!("S-{n:04}"), lon(n), 18.5)).collect()
}

fn nowhere(_: Point<f64>) -> Option<u8> {
    None
}

/// All shipments and partners once each, and no part too large.
fn check(parts: &[Part], waiting: &[Drop], rounds: &[Round], max: usize) {
    let shipments: Vec<_> = parts.iter().flat_map(|part| &part.shipments).collect();
    let partners: Vec<_> = parts.iter().flat_map(|part| &part.partners).collect();
    assert_eq!((shipments.len(), partners.len()), (waiting.len(), rounds.len()));
    assert_eq!(shipments.iter().collect::<BTreeSet<_>>().len(), waiting.len());
    assert_eq!(partners.iter().collect::<BTreeSet<_>>().len(), rounds.len());
    let held = |partner: &PartnerId| {
        rounds.iter().find(|round| round.courier.partner == *partner).expect("known").stops.len()
    };
    for part in parts {
        let size = part.shipments.len() + part.partners.iter().map(held).sum::<usize>();
        assert!(size <= max, "{size} of {max}");
    }
}

#[test]
fn what_fits_stays_together() {
    let (waiting, rounds) = (street(10), vec![round("A", None, 30, 0)]);
    let parts = divide(&waiting, &rounds, nowhere, 10);
    assert_eq!(parts.len(), 1);
    check(&parts, &waiting, &rounds, 10);
}

#[test]
fn a_street_is_cut_across_and_each_side_gets_the_partners_who_are_there() {
    let waiting = street(20);
    let rounds = ["A", "B", "C", "D"].map(|id| round(id, Some(73.02), 5, 0));
    let mut rounds = Vec::from(rounds);
    for (round, lon) in rounds.iter_mut().zip([73.018, 73.001, 73.004, 73.012]) {
        round.courier.position = Some((Point::new(lon, 18.5), DateTime::UNIX_EPOCH));
    }
    let parts = divide(&waiting, &rounds, nowhere, 10);
    check(&parts, &waiting, &rounds, 10);
    let partners = |part: &Part| part.partners.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(parts.iter().map(partners).collect::<Vec<_>>(), [["B", "C"], ["D", "A"]]);
    assert_eq!(parts[0].shipments.last().map(ToString::to_string), Some("S-0009".to_owned()));
}

#[test]
fn partners_at_one_place_or_not_seen_are_shared_out_by_their_room() {
    let waiting = street(40);
    for lon in [Some(73.0), None] {
        let rounds: Vec<_> = (0..8).map(|n| round(&format!("P-{n}"), lon, 5, 0)).collect();
        let parts = divide(&waiting, &rounds, nowhere, 10);
        check(&parts, &waiting, &rounds, 10);
        assert!(parts.iter().all(|part| part.partners.len() == 2), "{parts:?}");
    }
}

#[test]
fn zones_stay_whole_unless_one_alone_is_too_large() {
    // Zones of 3 along the street: a cut at half of 12, after 6, keeps them whole, and so on.
    let waiting = street(12);
    let zone = |at: Point<f64>| Some(((at.x() - 72.9995) / 0.003).floor().to_string());
    let parts = divide(&waiting, &[], zone, 4);
    check(&parts, &waiting, &[], 4);
    assert!(parts.iter().all(|part| part.shipments.len() == 3), "{parts:?}");
    let parts = divide(&waiting, &[], |_| Some("all"), 4);
    check(&parts, &waiting, &[], 4);
    assert_eq!(parts.len(), 4);
}

#[test]
fn what_partners_have_counts_and_one_shipment_gets_the_nearest_of_them() {
    let rounds: Vec<_> = [("A", 73.9), ("B", 73.1), ("C", 73.0), ("D", 73.8)]
        .map(|(id, lon)| round(id, Some(lon), 100, 40))
        .into();
    let waiting = street(1);
    let parts = divide(&waiting, &rounds, nowhere, 100);
    check(&parts, &waiting, &rounds, 100);
    let with_it = parts.iter().find(|part| !part.shipments.is_empty()).expect("a part");
    assert_eq!(with_it.partners, ["C", "B"].map(|id| PartnerId::new(id).expect("legal")));
}

#[test]
fn any_scatter_is_divided_and_the_same_again() {
    for seed in 0..50_u32 {
        let scattered = |n: u32, salt: u32| {
            f64::from((n * 2_654_435 + salt * 40_503 + seed * 97) % 1_000) / 5_000.0
        };
        let at = |n| drop(format!("S-{n}"), 73.7 + scattered(n, 1), 18.4 + scattered(n, 2));
        let waiting: Vec<_> = (0..seed * 7).map(at).collect();
        let rounds: Vec<_> = (0..seed % 9)
            .map(|n| {
                let lon = (n % 3 > 0).then_some(73.7 + scattered(n, 3));
                round(&format!("P-{n}"), lon, n * 10, usize::try_from(n).expect("few"))
            })
            .collect();
        let zone = |at: Point<f64>| (at.y() < 18.5).then(|| at.x() < 73.75);
        let parts = divide(&waiting, &rounds, zone, 25);
        check(&parts, &waiting, &rounds, 25);
        assert_eq!(parts, divide(&waiting, &rounds, zone, 25));
    }
}
