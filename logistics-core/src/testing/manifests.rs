//! Strategies for manifests: any event, any command, and histories that could have happened.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;

use super::lived::{Lived, live};
use super::parts::{date, id, instant, partner, position, shipment};
use crate::eventsourcing::Actor;
use crate::ids::{PartnerId, RunId, ShipmentId};
use crate::manifest::{
    Manifest, ManifestCommand, ManifestEvent, ManifestOverridden, ManifestPlanned, ManifestPolicy,
    OverrideManifest, OverrideReason, PlanManifest, Stop,
};

fn run() -> impl Strategy<Value = RunId> {
    id("run", RunId::new)
}

/// Stops with few shipments, so that some are in a round twice, which is refused.
fn stops() -> impl Strategy<Value = Vec<Stop>> {
    let doubts = vec("[a-z ]{1,12}", 0..2);
    let stop = (shipment(), position(), instant(), 0_u32..900, doubts).prop_map(
        |(shipment, position, arrival, service_s, doubts)| Stop {
            shipment,
            position,
            arrival,
            departure: arrival + Duration::seconds(service_s.into()),
            service_s,
            window: None,
            doubts,
        },
    );
    vec(stop, 0..4)
}

fn plan(
    partner: impl Strategy<Value = PartnerId>,
    date: impl Strategy<Value = NaiveDate>,
) -> impl Strategy<Value = PlanManifest> {
    let doubts = vec("[a-z ]{1,12}", 0..2);
    (partner, date, run(), stops(), 0_u64..9_000, 0_u64..90_000, doubts).prop_map(
        |(partner, date, run, stops, travel_s, distance_m, doubts)| PlanManifest {
            partner,
            date,
            run,
            stops,
            travel_s,
            distance_m,
            doubts,
        },
    )
}

fn change() -> impl Strategy<Value = OverrideManifest> {
    let reasons = [OverrideReason::LocalKnowledge, OverrideReason::Weather, OverrideReason::Other];
    let why = (select(reasons.to_vec()), "[a-z ]{8,30}");
    (stops(), 0_u64..9_000, 0_u64..90_000, why).prop_map(
        |(stops, travel_s, distance_m, (reason_code, justification))| OverrideManifest {
            stops,
            travel_s,
            distance_m,
            reason_code,
            justification,
            actor: Actor::Operator("asha".to_owned()),
        },
    )
}

/// Any command, whether or not it is legal in any state.
pub fn any_manifest_command() -> impl Strategy<Value = ManifestCommand> {
    prop_oneof![
        plan(partner(), date()).prop_map(ManifestCommand::from),
        change().prop_map(ManifestCommand::from),
    ]
}

/// Any event, whether or not it could come next in any history.
pub fn any_manifest_event() -> impl Strategy<Value = ManifestEvent> {
    let planned = (plan(partner(), date()), 1_u32..9).prop_map(|(plan, version)| {
        let PlanManifest { partner, date, run, stops, travel_s, distance_m, doubts } = plan;
        ManifestPlanned { partner, date, version, run, stops, travel_s, distance_m, doubts }.into()
    });
    let overridden = (change(), partner(), date(), 1_u32..9, vec(shipment(), 0..4)).prop_map(
        |(change, partner, date, version, before)| {
            let after: Vec<ShipmentId> =
                change.stops.iter().map(|stop| stop.shipment.clone()).collect();
            ManifestOverridden {
                partner,
                date,
                version,
                before,
                after,
                stops: change.stops,
                travel_s: change.travel_s,
                distance_m: change.distance_m,
                reason_code: change.reason_code,
                justification: change.justification,
                actor: change.actor,
            }
            .into()
        },
    );
    prop_oneof![planned, overridden]
}

/// A history of one round that could have happened: commands that [`Manifest`] took, one after
/// another.
pub fn legal_manifest_history() -> impl Strategy<Value = Lived<Manifest>> {
    let steps = (partner(), date()).prop_flat_map(|(partner, date)| {
        let command = prop_oneof![
            plan(Just(partner), Just(date)).prop_map(ManifestCommand::from),
            change().prop_map(ManifestCommand::from),
        ];
        vec(command, 0..12)
    });
    (instant(), steps).prop_map(|(start, steps)| {
        let times = (1..).map(|hours| start + Duration::hours(hours));
        let commands: Vec<(DateTime<Utc>, ManifestCommand)> = times.zip(steps).collect();
        live::<Manifest>(commands, &ManifestPolicy)
    })
}
