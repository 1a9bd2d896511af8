//! A partner's status over scripted minutes, and the forecast of its stops.

use chrono::TimeDelta;
use geo_types::Point;
use logistics_core::telemetry::{
    EtaPolicy, Fix, LiveState, Status, StatusPolicy, StatusReason, Stop, Surroundings, eta_chain,
    predicted_breaches,
};
use proptest::prelude::*;

use super::{at, partner};

const MINUTE_MS: i64 = 60_000;

/// A fix at minute `minute`, `east_m` and `north_m` metres from the depot.
fn fix(minute: f64, east_m: f64, north_m: f64) -> Fix {
    #[allow(clippy::cast_possible_truncation, reason = "minutes of one day")]
    let ms = (minute * 60_000.0) as i64;
    Fix {
        partner: partner("DP-1"),
        ts: at(ms),
        position: Point::new(73.85 + east_m / 111_195.0 / 0.948_2, 18.52 + north_m / 111_195.0),
        accuracy_m: 10.0,
        accuracy_assumed: false,
        speed_mps: None,
        bearing_deg: None,
        battery: None,
        mocked: false,
    }
}

/// The planned leg: 5 km to the east.
fn on_leg() -> Surroundings {
    let (from, to) = (fix(0.0, 0.0, 0.0).position, fix(0.0, 5_000.0, 0.0).position);
    Surroundings { leg: Some((from, to)), outside_zones: false }
}

fn after(fixes: &[Fix], surroundings: &Surroundings) -> LiveState {
    let mut state = LiveState::default();
    for fix in fixes {
        assert!(state.observe(fix, surroundings, fix.ts, &StatusPolicy::default()));
    }
    state
}

fn status(state: &LiveState, minute: i64) -> (Status, StatusReason) {
    state.status(at(minute * MINUTE_MS), &StatusPolicy::default())
}

#[test]
fn grey_until_seen_and_after_a_quarter_of_an_hour() {
    assert_eq!(status(&LiveState::default(), 0), (Status::Grey, StatusReason::NeverSeen));
    let state = after(&[fix(0.0, 0.0, 0.0)], &on_leg());
    assert_eq!(status(&state, 0), (Status::Green, StatusReason::OnRoute));
    assert_eq!(status(&state, 14).0, Status::Amber);
    assert_eq!(status(&state, 15), (Status::Grey, StatusReason::Silent));
}

#[test]
fn a_lost_link_is_grey_until_the_device_is_back() {
    let mut state = after(&[fix(0.0, 0.0, 0.0)], &on_leg());
    state.link_lost(at(MINUTE_MS));
    assert_eq!(status(&state, 1), (Status::Grey, StatusReason::LinkLost));
    // A fix from before the loss, evaluated after it, is no sign of life.
    let policy = StatusPolicy::default();
    assert!(state.observe(&fix(0.5, 900.0, 0.0), &on_leg(), at(MINUTE_MS), &policy));
    assert_eq!(status(&state, 1).1, StatusReason::LinkLost);
    assert!(state.observe(&fix(2.0, 1_900.0, 0.0), &on_leg(), at(2 * MINUTE_MS), &policy));
    assert_eq!(status(&state, 2).0, Status::Green);
    state.link_lost(at(3 * MINUTE_MS));
    state.link_restored();
    assert_eq!(status(&state, 3).0, Status::Green);
}

#[test]
fn amber_after_eight_minutes_in_one_place_whatever_the_noise() {
    let noise = [0.0, 25.0, -30.0, 12.0, 35.0, -20.0, 0.0, 31.0, -8.0, 3.0];
    let fixes: Vec<_> =
        noise.iter().zip(0..).map(|(&m, n)| fix(f64::from(n), m, -m / 4.0)).collect();
    let mut state = after(&fixes, &on_leg());
    assert_eq!(status(&state, 8).0, Status::Green);
    assert_eq!(status(&state, 9), (Status::Amber, StatusReason::Idle));
    let policy = StatusPolicy::default();
    state.observe(&fix(10.0, 60.0, 0.0), &on_leg(), at(10 * MINUTE_MS), &policy);
    assert_eq!(status(&state, 10).0, Status::Green);
}

#[test]
fn red_after_three_minutes_off_the_corridor() {
    // 500 m and the fix's own 10 m of uncertainty are not off yet.
    let near: Vec<_> = (0..9).map(|n| fix(f64::from(n), f64::from(n) * 500.0, 505.0)).collect();
    assert_eq!(status(&after(&near, &on_leg()), 8).0, Status::Green);

    let off: Vec<_> = (0..4).map(|n| fix(f64::from(n), f64::from(n) * 500.0, 600.0)).collect();
    assert_eq!(status(&after(&off[..3], &on_leg()), 2).0, Status::Green);
    let mut state = after(&off, &on_leg());
    assert_eq!(status(&state, 3), (Status::Red, StatusReason::OffRoute));
    let mut replanned = state.clone();
    replanned.plan_changed();
    assert_eq!(status(&replanned, 3).0, Status::Green);
    let policy = StatusPolicy::default();
    state.observe(&fix(4.0, 2_000.0, 0.0), &on_leg(), at(4 * MINUTE_MS), &policy);
    assert_eq!(status(&state, 4).0, Status::Green);
    // Beyond the leg's end the corridor ends, too.
    let past: Vec<_> = (0..4).map(|n| fix(f64::from(n), 5_600.0 + f64::from(n), 0.0)).collect();
    assert_eq!(status(&after(&past, &on_leg()), 3).1, StatusReason::OffRoute);
    assert_eq!(status(&after(&past, &Surroundings::default()), 3).0, Status::Green);
}

#[test]
fn red_outside_all_zones_or_when_a_promise_is_at_risk() {
    let outside = Surroundings { leg: None, outside_zones: true };
    let fixes: Vec<_> = (0..4).map(|n| fix(f64::from(n), f64::from(n) * 500.0, 0.0)).collect();
    let state = after(&fixes, &outside);
    assert_eq!(status(&state, 2).0, Status::Green);
    assert_eq!(status(&state, 3), (Status::Red, StatusReason::OutsideZones));

    let mut state = after(&fixes, &Surroundings::default());
    state.set_sla_at_risk(true);
    assert_eq!(status(&state, 3), (Status::Red, StatusReason::SlaAtRisk));
    state.set_sla_at_risk(false);
    assert_eq!(status(&state, 3).0, Status::Green);
}

#[test]
fn late_fixes_change_nothing_and_future_ones_are_not_taken() {
    let policy = StatusPolicy::default();
    let mut state = after(&[fix(10.0, 0.0, 0.0)], &on_leg());
    let before = state.clone();
    for fix in [fix(9.0, 4_000.0, 9_000.0), fix(10.0, 1.0, 0.0), fix(13.0, 0.0, 0.0)] {
        assert!(!state.observe(&fix, &on_leg(), at(10 * MINUTE_MS + 30_000), &policy));
    }
    assert_eq!(state, before);
    let kept = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<LiveState>(&kept).unwrap(), state);
}

proptest! {
    /// However a stream is shuffled, the marker ends at the latest fix.
    #[test]
    fn the_latest_fix_is_the_last_whatever_the_order(
        order in Just((0..12i32).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut state = LiveState::default();
        for n in order {
            let fix = fix(f64::from(n), f64::from(n) * 100.0, 0.0);
            state.observe(&fix, &on_leg(), at(12 * MINUTE_MS), &StatusPolicy::default());
        }
        prop_assert_eq!(state.last(), Some(&fix(11.0, 1_100.0, 0.0)));
    }
}

#[test]
fn arrivals_add_up_way_service_and_waiting() {
    let policy = EtaPolicy { speed_mps: 5.0, detour: 1.5 };
    let stop = |east_m: f64, from: Option<i64>, until: Option<i64>| Stop {
        position: fix(0.0, east_m, 0.0).position,
        service: TimeDelta::seconds(60),
        promised_from: from.map(|s| at(s * 1_000)),
        promised_until: until.map(|s| at(s * 1_000)),
    };
    // 300 s of way to each next one, 1,000 m off.
    let stops = [
        stop(1_000.0, Some(600), Some(700)),
        stop(2_000.0, None, Some(959)),
        stop(2_000.0, None, Some(1_021)),
    ];
    let chain = eta_chain(fix(0.0, 0.0, 0.0).position, at(0), &stops, &policy);
    for (eta, expected_s) in chain.iter().zip([300, 960, 1_020]) {
        let off_ms = (eta.arrives_at - at(expected_s * 1_000)).num_milliseconds().abs();
        assert!(off_ms < 500, "{} and not {expected_s}", eta.arrives_at);
    }
    let breaches: Vec<_> = chain.iter().map(|eta| eta.breach).collect();
    assert_eq!((breaches, predicted_breaches(&chain)), (vec![false, true, false], 1));
    let standing = EtaPolicy { speed_mps: 0.0, ..policy };
    let chain = eta_chain(fix(0.0, 0.0, 0.0).position, at(0), &stops, &standing);
    assert_eq!(predicted_breaches(&chain), 3);
}
