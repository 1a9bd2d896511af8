//! Strategies for partners' shifts: any event, any command, and histories that could have happened.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy};
use proptest::sample::select;

use super::lived::{Lived, live};
use super::parts::{date, id, instant, partner, position};
use crate::ids::{CityId, PartnerId, ZoneId};
use crate::partner::{
    EndShift, GeofenceBreached, PartnerBackOnRoute, PartnerHeard, PartnerShift, PartnerSilent,
    PartnerWentOffRoute, RecordCrossing, ReportBackOnRoute, ReportHeard, ReportOffRoute,
    ReportSilence, ShiftCommand, ShiftCommandKind, ShiftEnded, ShiftEvent, ShiftPolicy,
    ShiftStarted, StartShift, Vehicle,
};
use crate::values::GeoPosition;

/// What a command or an event may be made of, whichever it becomes.
#[derive(Debug, Clone)]
struct Parts {
    kind: ShiftCommandKind,
    partner: PartnerId,
    date: NaiveDate,
    vehicle: Vehicle,
    city: Option<CityId>,
    from: Vec<ZoneId>,
    to: Vec<ZoneId>,
    position: GeoPosition,
    shown: bool,
    /// How long before the time of deciding it happened, in seconds.
    ago_s: i64,
}

fn parts(partner: impl Strategy<Value = PartnerId>) -> impl Strategy<Value = Parts> {
    let zones = || vec(id("z", ZoneId::new), 0..4);
    let vehicles = select(vec![Vehicle::TwoWheeler, Vehicle::FourWheeler]);
    let what = (select(ShiftCommandKind::ALL), partner, date(), vehicles);
    let place = (option::of(id("city", CityId::new)), zones(), zones(), position());
    (what, place, proptest::bool::ANY, -60_i64..3_600).prop_map(
        |((kind, partner, date, vehicle), (city, from, to, position), shown, ago_s)| Parts {
            kind,
            partner,
            date,
            vehicle,
            city,
            from,
            to,
            position,
            shown,
            ago_s,
        },
    )
}

impl Parts {
    /// The command that is given at `now`.
    fn command(self, now: DateTime<Utc>) -> ShiftCommand {
        let Self { partner, date, vehicle, city, from, to, position, .. } = self;
        let at = now - Duration::seconds(self.ago_s);
        let shown = self.shown.then_some(position);
        match self.kind {
            ShiftCommandKind::Start => {
                StartShift { partner, date, vehicle, position: shown }.into()
            }
            ShiftCommandKind::End => EndShift { position: shown }.into(),
            ShiftCommandKind::RecordCrossing => {
                RecordCrossing { partner, city, from, to, at, position, zone_set_version: 3 }.into()
            }
            ShiftCommandKind::ReportSilence => ReportSilence { since: at }.into(),
            ShiftCommandKind::ReportHeard => ReportHeard { at, position: shown }.into(),
            ShiftCommandKind::ReportOffRoute => ReportOffRoute { since: at, position }.into(),
            ShiftCommandKind::ReportBackOnRoute => ReportBackOnRoute { at, position }.into(),
        }
    }

    fn event(self, at: DateTime<Utc>) -> ShiftEvent {
        let Self { partner, date, vehicle, city, from, to, position, .. } = self;
        let shown = self.shown.then_some(position);
        match self.kind {
            ShiftCommandKind::Start => {
                ShiftStarted { partner, date, vehicle, position: shown }.into()
            }
            ShiftCommandKind::End => ShiftEnded { partner, position: shown }.into(),
            ShiftCommandKind::RecordCrossing => {
                GeofenceBreached { partner, city, from, to, at, position, zone_set_version: 3 }
                    .into()
            }
            ShiftCommandKind::ReportSilence => PartnerSilent { partner, since: at }.into(),
            ShiftCommandKind::ReportHeard => PartnerHeard { partner, at, position: shown }.into(),
            ShiftCommandKind::ReportOffRoute => {
                PartnerWentOffRoute { partner, since: at, position }.into()
            }
            ShiftCommandKind::ReportBackOnRoute => {
                PartnerBackOnRoute { partner, at, position }.into()
            }
        }
    }
}

/// Any command with legal values, whether or not it is legal in any state.
pub fn any_shift_command() -> impl Strategy<Value = ShiftCommand> {
    (parts(partner()), instant()).prop_map(|(parts, now)| parts.command(now))
}

/// Any event, whether or not it could come next in any history.
pub fn any_shift_event() -> impl Strategy<Value = ShiftEvent> {
    (parts(partner()), instant()).prop_map(|(parts, at)| parts.event(at))
}

/// A history of one partner that could have happened: commands that [`PartnerShift`] took, one
/// after another.
pub fn legal_shift_history() -> impl Strategy<Value = Lived<PartnerShift>> {
    let steps = partner().prop_flat_map(|partner| vec((1_i64..1_200, parts(Just(partner))), 0..40));
    (instant(), steps).prop_map(|(start, steps)| {
        let mut now = start;
        let mut ends = 0;
        let commands = steps.into_iter().filter_map(|(seconds, parts)| {
            now += Duration::seconds(seconds);
            // Most shifts are long: two ends of three do not come.
            ends += u32::from(parts.kind == ShiftCommandKind::End);
            let early = parts.kind == ShiftCommandKind::End && ends % 3 != 0;
            (!early).then(|| (now, parts.command(now)))
        });
        live::<PartnerShift>(commands.collect::<Vec<_>>(), &ShiftPolicy::default())
    })
}
