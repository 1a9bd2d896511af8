//! A partner who falls silent or leaves its route, and comes back.

use chrono::{DateTime, TimeDelta, Utc};
use logistics_core::eventsourcing::replay;
use logistics_core::partner::{
    PartnerBackOnRoute, PartnerHeard, PartnerShift, ReportOffRoute, ReportSilence, ShiftEnded,
    ShiftEvent, ShiftPhase, ShiftPolicy, ShiftRejection,
};
use logistics_core::telemetry::StatusPolicy;
use logistics_core::testing::given;

use super::{back, end, heard, off_route, silence, silent, started, went_off};
use crate::fixtures::{minute, partner, place};

fn was_heard(at: i64) -> ShiftEvent {
    let position = Some(place());
    PartnerHeard { partner: partner("DP-1"), at: minute(at), position }.into()
}

fn came_back(at: i64) -> ShiftEvent {
    PartnerBackOnRoute { partner: partner("DP-1"), at: minute(at), position: place() }.into()
}

fn ended() -> ShiftEvent {
    ShiftEnded { partner: partner("DP-1"), position: None }.into()
}

#[test]
fn a_silence_of_a_quarter_of_an_hour_is_recorded_once() {
    let at = |minutes| given::<PartnerShift>([started()]).at(minute(minutes));
    let too_soon = ShiftRejection::TooSoon { until: minute(25) };
    at(24).when(silence(10)).then_rejected(|why| *why == too_soon);
    assert_eq!(too_soon.code(), "too_soon");
    at(25).when(silence(10)).then([silent(10)]);
    // Of the two that report it, the second changes nothing, whatever it thinks of its beginning.
    for since in [10, 5, 24] {
        given::<PartnerShift>([started(), silent(10)])
            .at(minute(25))
            .when(silence(since))
            .then_nothing();
    }
    let policy = ShiftPolicy { silent_after: TimeDelta::minutes(5), ..ShiftPolicy::default() };
    at(15).under(policy).when(silence(10)).then([silent(10)]);
}

#[test]
fn only_news_from_after_the_silence_began_ends_it() {
    let quiet = || given::<PartnerShift>([started(), silent(10)]);
    quiet().when(heard(11)).then([was_heard(11)]);
    // Old fixes that a device sends late.
    quiet().when(heard(10)).then_nothing();
    quiet().when(heard(9)).then_nothing();
    let awake = || given::<PartnerShift>([started(), silent(10), was_heard(30)]);
    awake().when(heard(31)).then_nothing();
    // Who reports the old silence late knows nothing new.
    awake().at(minute(31)).when(silence(10)).then_nothing();
    awake().at(minute(45)).when(silence(30)).then([silent(30)]);
}

#[test]
fn leaving_the_route_is_recorded_once_and_so_is_coming_back() {
    let on = || given::<PartnerShift>([started()]);
    on().at(minute(12))
        .when(off_route(10))
        .then_rejected(|why| *why == ShiftRejection::TooSoon { until: minute(13) });
    on().at(minute(13)).when(off_route(10)).then([went_off(10)]);
    on().at(minute(13)).when(back(13)).then_nothing();
    let off = || given::<PartnerShift>([started(), went_off(10)]).at(minute(20));
    off().when(off_route(12)).then_nothing();
    off().when(back(10)).then_nothing();
    off().when(back(15)).then([came_back(15)]);
    let again = || given::<PartnerShift>([started(), went_off(10), came_back(15)]).at(minute(20));
    again().when(off_route(14)).then_nothing();
    again().when(off_route(16)).then([went_off(16)]);
}

#[test]
fn a_silent_partner_can_be_off_its_route() {
    let quiet = [started(), silent(10)];
    given::<PartnerShift>(quiet.clone()).at(minute(40)).when(off_route(20)).then([went_off(20)]);
    let both = [&quiet[..], &[went_off(20)]].concat();
    let state = replay::<PartnerShift>(&both);
    assert_eq!(state.phase, ShiftPhase::Silent);
    assert_eq!((state.silent_since, state.off_route_since), (Some(minute(10)), Some(minute(20))));
    given::<PartnerShift>(both).when(heard(41)).then([was_heard(41)]);
}

#[test]
fn the_end_of_the_shift_ends_both() {
    let events = [started(), silent(10), went_off(20)];
    given::<PartnerShift>(events.clone()).when(end()).then([ended()]);
    let over = [&events[..], &[ended()]].concat();
    let state = replay::<PartnerShift>(&over);
    assert_eq!((state.silent_since, state.off_route_since), (None, None));
    for command in [silence(10), heard(50), off_route(20), back(50)] {
        given::<PartnerShift>(over.clone())
            .at(minute(60))
            .when(command.clone())
            .then_rejected(|why| why.code() == "shift_ended");
        given::<PartnerShift>([])
            .at(minute(60))
            .when(command)
            .then_rejected(|why| why.code() == "shift_not_started");
    }
}

#[test]
fn the_history_and_the_dashboard_go_by_the_same_limits() {
    let (shift, status) = (ShiftPolicy::default(), StatusPolicy::default());
    assert_eq!(shift.silent_after, TimeDelta::minutes(15));
    assert_eq!(
        (shift.silent_after, shift.off_route_after),
        (status.silent_after, status.off_route_after)
    );
}

#[test]
fn the_end_of_time_is_too_soon() {
    let since = DateTime::<Utc>::MAX_UTC;
    for command in [
        ReportSilence { since }.into(),
        logistics_core::partner::ShiftCommand::from(ReportOffRoute { since, position: place() }),
    ] {
        given::<PartnerShift>([started()])
            .when(command)
            .then_rejected(|why| *why == ShiftRejection::TooSoon { until: since });
    }
}
