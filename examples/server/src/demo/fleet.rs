//! The demo's riders as devices: one MQTT connection each.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use geo_types::Point;
use logistics_core::eventsourcing::{CommandEnvelope, ExecuteError};
use logistics_core::manifest::ManifestDocument;
use logistics_core::partner::{
    Partner, PartnerCommand, PartnerPolicy, PartnerProfile, PartnerRejection, RegisterPartner,
    Vehicle, partner_stream,
};
use logistics_core::{CommandId, PartnerId, ShipmentId};
use logistics_mqtt::client::{ClientOptions, DeviceClient, DeviceEvent};
use logistics_mqtt::topics::Channel;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::Size;
use super::desk::Desk;
use super::rider::{Rider, Stop};
use crate::app::App;
use crate::ids::derived;

/// A partner who does not move: for whoever wants to publish by hand.
pub(crate) const GUEST: &str = "guest";
/// What the names of riders begin with.
pub(super) const RIDER: &str = "DP-";
/// Finished shipments that a rider remembers: a manifest planned before may still name them.
const REMEMBERED: usize = 200;
/// Registrations under way at once.
const AT_ONCE: usize = 16;

fn id(number: u16) -> anyhow::Result<PartnerId> {
    Ok(PartnerId::new(format!("{RIDER}{number:03}"))?)
}

/// Registers the riders and the guest.
pub(super) async fn register(app: &App, size: Size) -> anyhow::Result<()> {
    let mut partners = (1..=size.partners).map(id).collect::<Result<Vec<_>, _>>()?;
    partners.push(PartnerId::new(GUEST)?);
    stream::iter(partners.iter().zip(1_u16..).map(|(partner, number)| async move {
        let vehicle = if number % 5 == 0 { Vehicle::FourWheeler } else { Vehicle::TwoWheeler };
        let mut profile = PartnerProfile::new(vehicle);
        profile.name = Some(format!("Rider {partner}"));
        profile.capacity = if vehicle == Vehicle::FourWheeler { 12 } else { 6 };
        let content = RegisterPartner { partner: partner.clone(), profile: profile.clone() };
        let command_id = derived(CommandId::new, &["demo", partner.as_str()]);
        let command =
            CommandEnvelope::new(command_id, app.now(), PartnerCommand::Register(content));
        match app.run::<Partner>(&partner_stream(partner), &command, &PartnerPolicy).await {
            Ok(_) => {}
            // An earlier demo on the same data had other riders under these names.
            Err(ExecuteError::Rejected(PartnerRejection::AlreadyRegistered { .. })) => {}
            Err(error) => return Err(anyhow::Error::from(error)),
        }
        app.board.register(partner.clone(), profile);
        Ok(())
    }))
    .buffer_unordered(AT_ONCE)
    .try_collect::<()>()
    .await
    .context("the riders cannot be registered")
}

/// Sends the riders out. They stop when what is returned is dropped.
pub(super) fn start(desk: &Arc<Desk>, broker: SocketAddr, size: Size) -> JoinSet<()> {
    let mut riders = JoinSet::new();
    for number in 1..=size.partners {
        if let Ok(partner) = id(number) {
            let seed = size.seed.wrapping_mul(10_007).wrapping_add(number.into());
            riders.spawn(ride(Arc::clone(desk), broker, partner, Rider::new(seed)));
        }
    }
    riders
}

/// One rider's day.
async fn ride(desk: Arc<Desk>, broker: SocketAddr, partner: PartnerId, mut rider: Rider) {
    let (client, mut events) = DeviceClient::connect(broker, &partner, ClientOptions::default());
    let mut finished: VecDeque<ShipmentId> = VecDeque::new();
    let mut last = Instant::now();
    // Staggered from the start, and the first fix soon: the map is to come alive at once.
    let mut next = last + Duration::from_secs_f64(rider.next_fix_in_s() / 4.0);
    loop {
        tokio::select! {
            event = events.next() => match event {
                Some(DeviceEvent::Manifest(payload)) => {
                    let stops = stops(&payload, &finished);
                    desk.leave_for(&partner, &stops, rider.position()).await;
                    rider.plan(stops);
                }
                Some(_) => {}
                None => return,
            },
            () = sleep_until(next) => {
                let now = Instant::now();
                let passed = now.duration_since(last).as_secs_f64();
                last = now;
                next = now + Duration::from_secs_f64(rider.next_fix_in_s());
                if let Some(stop) = rider.ride(passed) {
                    let luck = rider.luck();
                    desk.finish(&partner, &stop.shipment, rider.position(), luck).await;
                    finished.push_back(stop.shipment);
                    if finished.len() > REMEMBERED {
                        finished.pop_front();
                    }
                }
                let fix = rider.fix(desk.now_ms()).to_string();
                if client.publish(Channel::Location, fix).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn stops(manifest: &[u8], finished: &VecDeque<ShipmentId>) -> Vec<Stop> {
    match serde_json::from_slice::<ManifestDocument>(manifest) {
        Ok(manifest) => manifest
            .stops
            .into_iter()
            .filter(|stop| !finished.contains(&stop.shipment))
            .map(|stop| Stop { shipment: stop.shipment, position: Point::new(stop.lon, stop.lat) })
            .collect(),
        Err(error) => {
            tracing::error!(%error, "a rider cannot read its manifest");
            Vec::new()
        }
    }
}
