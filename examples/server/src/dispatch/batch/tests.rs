//! Small rounds whose best plan anybody sees.

use super::*;
use logistics_dispatch::{Control, SolveOptions, Work, check, savings, solve_from};

fn drop(id: &str, east: f64, hold: Hold) -> Drop {
    Drop {
        shipment: ShipmentId::new(id).expect("legal"),
        position: Point::new(73.85 + east, 18.52),
        demand: 1,
        service_s: 120,
        window: None,
        geocode_confidence: None,
        hold,
    }
}

fn round(id: &str, east: f64, stops: Vec<Drop>) -> Round {
    let courier = Courier {
        partner: PartnerId::new(id).expect("legal"),
        vehicle: partner::Vehicle::TwoWheeler,
        capacity: 3,
        position: Some((Point::new(73.85 + east, 18.52), DateTime::UNIX_EPOCH)),
        shift_end: None,
    };
    Round { courier, stops, by_hand: 0 }
}

/// Each partner with its shipments, in order.
fn planned(rounds: Vec<Round>, waiting: Vec<Drop>) -> Vec<(String, Vec<String>)> {
    let batch = Batch::new(rounds, waiting, DateTime::UNIX_EPOCH).expect("a problem");
    let options = SolveOptions { seed: 1, iterations: 500 };
    let solved = solve_from(&batch.problem, &batch.before, &options, &mut |_| Control::Continue);
    let plan = solved.expect("its own plan").solution;
    assert!(check(&batch.problem, &plan).is_feasible());
    assert!(plan.unassigned.is_empty());
    let shipment = |&job: &JobIndex| batch.drop(job).expect("known").shipment.to_string();
    let round = |route: &Route| {
        let partner = batch.courier(route.vehicle).expect("known").partner.to_string();
        (partner, route.jobs.iter().map(shipment).collect())
    };
    plan.routes.iter().map(round).collect()
}

fn expected(rounds: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
    rounds.iter().map(|(partner, ids)| ((*partner).to_owned(), owned(ids))).collect()
}

#[test]
fn an_order_chosen_by_hand_stays_and_new_stops_come_behind_it() {
    let detour = vec![drop("far", 0.02, Hold::Tied), drop("near", 0.001, Hold::Tied)];
    let between = || vec![drop("between", 0.01, Hold::Free)];
    let by_hand = Round { by_hand: 2, ..round("A", 0.0, detour.clone()) };
    let kept = planned(vec![by_hand], between());
    assert_eq!(kept, expected(&[("A", &["far", "near", "between"])]));
    let shortest = planned(vec![round("A", 0.0, detour)], between());
    assert_eq!(shortest, expected(&[("A", &["near", "between", "far"])]));
}

#[test]
fn a_tied_shipment_stays_with_its_partner_and_a_free_one_moves_if_that_saves_enough() {
    let rounds = |hold| {
        vec![
            round("A", 0.0, vec![drop("near-b", 0.1, hold), drop("near-a", 0.001, hold)]),
            round("B", 0.1, vec![]),
        ]
    };
    let tied = planned(rounds(Hold::Tied), vec![]);
    assert_eq!(tied, expected(&[("A", &["near-a", "near-b"])]));
    let free = planned(rounds(Hold::Free), vec![]);
    assert_eq!(free, expected(&[("A", &["near-a"]), ("B", &["near-b"])]));
    // One minute of driving is not worth a change.
    let slightly =
        vec![round("A", 0.0, vec![drop("between", 0.006, Hold::Free)]), round("B", 0.01, vec![])];
    assert_eq!(planned(slightly, vec![]), expected(&[("A", &["between"])]));
}

#[test]
fn a_partner_goes_on_to_the_stop_it_is_driving_to() {
    let stops = |hold| vec![drop("far", 0.01, hold), drop("near", 0.005, hold)];
    let out = planned(vec![round("A", 0.0, stops(Hold::Out))], vec![]);
    assert_eq!(out, expected(&[("A", &["far", "near"])]));
    let tied = planned(vec![round("A", 0.0, stops(Hold::Tied))], vec![]);
    assert_eq!(tied, expected(&[("A", &["near", "far"])]));
}

#[test]
fn a_promise_that_has_ended_does_not_keep_a_shipment_at_the_hub() {
    let mut late = drop("late", 0.01, Hold::Free);
    let start = DateTime::UNIX_EPOCH + Duration::hours(5);
    late.window = Some((DateTime::UNIX_EPOCH, start - Duration::hours(1)));
    let batch = Batch::new(vec![round("A", 0.0, vec![])], vec![late], start).expect("a problem");
    assert!(savings(&batch.problem).unassigned.is_empty());
}

#[test]
fn who_is_known_to_be_near_goes_before_one_who_may_be_anywhere() {
    let mut unseen = round("A", 0.0, vec![]);
    unseen.courier.position = None;
    let drops = |east: &[f64]| {
        let id = |at: f64| format!("at-{at}");
        east.iter().map(|&at| drop(&id(at), at, Hold::Free)).collect::<Vec<_>>()
    };
    // For a single drop the middle of all drops is the drop itself.
    for east in [&[0.02][..], &[0.019, 0.021], &[0.0, 0.02, 0.021]] {
        let unseen = Round { courier: unseen.courier.clone(), stops: vec![], by_hand: 0 };
        let plan = planned(vec![unseen, round("B", 0.02, vec![])], drops(east));
        let partners: Vec<_> = plan.iter().map(|(partner, _)| partner.as_str()).collect();
        assert_eq!(partners, ["B"], "{east:?}");
    }
    // Where nobody else can, or those who were seen are far, it goes all the same.
    let far = planned(vec![unseen, round("B", 1.0, vec![])], drops(&[0.02]));
    assert_eq!(far, expected(&[("A", &["at-0.02"])]));
}

#[test]
fn a_price_on_uneven_work_shares_the_stops_out() {
    let stops: Vec<usize> = [None, Some(Balance { work: Work::Stops, weight: Cost(300) })]
        .map(|balance| {
            let drops = (0..3).map(|n| drop(&format!("d{n}"), 0.001, Hold::Free)).collect();
            let rounds = vec![round("A", 0.0, vec![]), round("B", 0.004, vec![])];
            let batch = Batch::balanced(rounds, drops, DateTime::UNIX_EPOCH, balance);
            let batch = batch.expect("a problem");
            let plan = savings(&batch.problem);
            let options = SolveOptions { seed: 1, iterations: 500 };
            let solved = solve_from(&batch.problem, &plan, &options, &mut |_| Control::Continue);
            let plan = solved.expect("its own plan").solution;
            plan.routes.iter().map(|route| route.jobs.len()).max().expect("a route")
        })
        .into();
    assert_eq!(stops, [3, 2], "all with the nearer one; one with the other");
}
