//! A partner's shift: what is legal when, silences and detours. Crossings: see `partner.rs`.

mod properties;
mod silence;
mod table;

use logistics_core::partner::{
    EndShift, PartnerSilent, PartnerWentOffRoute, ReportBackOnRoute, ReportHeard, ReportOffRoute,
    ReportSilence, ShiftCommand, ShiftEvent, ShiftStarted, StartShift, Vehicle,
};

use crate::fixtures::{day, minute, partner, place};

fn start() -> ShiftCommand {
    let vehicle = Vehicle::TwoWheeler;
    StartShift { partner: partner("DP-1"), date: day(), vehicle, position: None }.into()
}

fn started() -> ShiftEvent {
    let vehicle = Vehicle::TwoWheeler;
    ShiftStarted { partner: partner("DP-1"), date: day(), vehicle, position: None }.into()
}

fn end() -> ShiftCommand {
    EndShift::default().into()
}

fn silence(since: i64) -> ShiftCommand {
    ReportSilence { since: minute(since) }.into()
}

fn silent(since: i64) -> ShiftEvent {
    PartnerSilent { partner: partner("DP-1"), since: minute(since) }.into()
}

fn heard(at: i64) -> ShiftCommand {
    ReportHeard { at: minute(at), position: Some(place()) }.into()
}

fn off_route(since: i64) -> ShiftCommand {
    ReportOffRoute { since: minute(since), position: place() }.into()
}

fn went_off(since: i64) -> ShiftEvent {
    PartnerWentOffRoute { partner: partner("DP-1"), since: minute(since), position: place() }.into()
}

fn back(at: i64) -> ShiftCommand {
    ReportBackOnRoute { at: minute(at), position: place() }.into()
}
