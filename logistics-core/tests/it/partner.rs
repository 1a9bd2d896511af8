//! Partners' registration and shifts.

use logistics_core::eventsourcing::Decider;
use logistics_core::partner::{
    EndShift, GeofenceBreached, Partner, PartnerCommand, PartnerProfile, PartnerRegistered,
    PartnerRejection, PartnerShift, PartnerUpdated, RecordCrossing, RegisterPartner, ShiftCommand,
    ShiftEnded, ShiftHours, ShiftRejection, ShiftStarted, StartShift, UpdatePartner, Vehicle,
    ZONES_MAX, partner_stream, shift_stream,
};
use logistics_core::testing::given;
use logistics_core::{PartnerId, manifest};

use crate::fixtures::{day, minute, partner, place, zones};

fn register(profile: PartnerProfile) -> PartnerCommand {
    PartnerCommand::Register(RegisterPartner { partner: partner("DP-1"), profile })
}

#[test]
fn registering_again_is_harmless_only_with_the_same_details() {
    let two = PartnerProfile::new(Vehicle::TwoWheeler);
    let four = PartnerProfile::new(Vehicle::FourWheeler);
    let registered = PartnerRegistered { partner: partner("DP-1"), profile: two.clone() };
    let updated = PartnerUpdated { partner: partner("DP-1"), profile: four.clone() };
    let update = |profile: &PartnerProfile| {
        PartnerCommand::Update(UpdatePartner { profile: profile.clone() })
    };

    given::<Partner>([]).when(register(two.clone())).then([registered.clone().into()]);
    given::<Partner>([registered.clone().into()]).when(register(two.clone())).then_nothing();
    given::<Partner>([registered.clone().into()])
        .when(register(four.clone()))
        .then_rejected(|r| r.code() == "already_registered");
    given::<Partner>([registered.clone().into()])
        .when(update(&four))
        .then([updated.clone().into()]);
    given::<Partner>([registered.into(), updated.into()]).when(update(&four)).then_nothing();
    given::<Partner>([])
        .when(update(&two))
        .then_rejected(|r| *r == PartnerRejection::NotRegistered);
}

#[test]
fn a_profile_has_limits() {
    let legal = PartnerProfile::new(Vehicle::TwoWheeler);
    let hours = |from, to| Some(ShiftHours { starts_at: minute(from), ends_at: minute(to) });
    for (profile, field) in [
        (PartnerProfile { capacity: 0, ..legal.clone() }, "capacity"),
        (PartnerProfile { name: Some("n".repeat(129)), ..legal.clone() }, "name"),
        (PartnerProfile { name: Some(String::new()), ..legal.clone() }, "name"),
        (PartnerProfile { shift: hours(60, 0), ..legal.clone() }, "shift"),
        (PartnerProfile { shift: hours(0, 24 * 60 + 1), ..legal.clone() }, "shift"),
    ] {
        given::<Partner>([])
            .when(register(profile))
            .then_rejected(|rejection| rejection.field() == Some(field));
    }
    let shift = hours(0, 24 * 60);
    let registered = given::<Partner>([]).when(register(PartnerProfile { shift, ..legal }));
    assert_eq!(registered.decision().map(|events| events.len()), Ok(1));
}

fn crossing(from: &[&str], to: &[&str], at_minute: i64) -> ShiftCommand {
    ShiftCommand::RecordCrossing(RecordCrossing {
        partner: partner("DP-1"),
        city: None,
        from: zones(from),
        to: zones(to),
        at: minute(at_minute),
        position: place(),
        zone_set_version: 3,
    })
}

fn breach(from: &[&str], to: &[&str], at_minute: i64) -> GeofenceBreached {
    GeofenceBreached {
        partner: partner("DP-1"),
        city: None,
        from: zones(from),
        to: zones(to),
        at: minute(at_minute),
        position: place(),
        zone_set_version: 3,
    }
}

#[test]
fn crossings_are_recorded_once_in_any_phase_with_sorted_zones() {
    let started = ShiftStarted {
        partner: partner("DP-1"),
        date: day(),
        vehicle: Vehicle::TwoWheeler,
        position: None,
    };
    let ended = ShiftEnded { partner: partner("DP-1"), position: None };
    let first = || breach(&["a"], &["b", "c"], 5);
    for before in [vec![], vec![started.clone().into()], vec![started.into(), ended.into()]] {
        given::<PartnerShift>(before)
            .when(crossing(&["a"], &["c", "b", "c"], 5))
            .then([first().into()]);
    }
    let again = || given::<PartnerShift>([first().into()]);
    again().when(crossing(&["a"], &["b", "c"], 5)).then_nothing();
    again().when(crossing(&["z"], &["c", "b"], 4)).then_nothing();
    again().when(crossing(&["a"], &["b", "c"], 6)).then([breach(&["a"], &["b", "c"], 6).into()]);
    again().when(crossing(&["b", "c"], &[], 5)).then([breach(&["b", "c"], &[], 5).into()]);
}

#[test]
fn what_is_no_crossing_is_refused() {
    given::<PartnerShift>([])
        .when(crossing(&["a", "b"], &["b", "a"], 0))
        .then_rejected(|r| *r == ShiftRejection::NotCrossed);
    let many: Vec<String> = (0..=ZONES_MAX).map(|n| format!("z{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    given::<PartnerShift>([])
        .when(crossing(&[], &many, 0))
        .then_rejected(|r| *r == ShiftRejection::TooManyZones { found: ZONES_MAX + 1 });
    let other = GeofenceBreached { partner: partner("DP-2"), ..breach(&[], &["a"], 0) };
    given::<PartnerShift>([other.into()])
        .when(crossing(&["a"], &[], 9))
        .then_rejected(|r| r.code() == "wrong_partner");
}

#[test]
fn a_shift_starts_and_ends_once() {
    let start = || {
        ShiftCommand::Start(StartShift {
            partner: partner("DP-1"),
            date: day(),
            vehicle: Vehicle::FourWheeler,
            position: Some(place()),
        })
    };
    let end = || ShiftCommand::End(EndShift::default());
    let started = given::<PartnerShift>([]).when(start()).decision().unwrap();
    let ended = given::<PartnerShift>(started.clone()).when(end()).decision().unwrap();
    let both: Vec<_> = started.iter().chain(&ended).cloned().collect();
    given::<PartnerShift>(started).when(start()).then_nothing();
    given::<PartnerShift>(both.clone()).when(end()).then_nothing();
    given::<PartnerShift>(both).when(start()).then_rejected(|r| r.code() == "shift_ended");
    given::<PartnerShift>([]).when(end()).then_rejected(|r| *r == ShiftRejection::NotStarted);
    assert_eq!(PartnerShift::CATEGORY, "SHF");
}

#[test]
fn the_longest_ids_make_streams() {
    let longest = PartnerId::new("p".repeat(128)).unwrap();
    assert_eq!(partner_stream(&longest).category(), "DPR");
    assert!(shift_stream(&longest, day()).as_str().ends_with("/2026-11-23"));
    assert_eq!(manifest::manifest_stream(&partner("DP-1"), day()).as_str(), "MFT#DP-1/2026-11-23");
}
