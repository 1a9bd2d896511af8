//! Turns committed events into live messages and keeps the partners' board up to date.

use std::sync::Arc;
use std::time::Duration;

use logistics_core::ShipmentId;
use logistics_core::eventsourcing::{
    self, Cursor, DecodeError, FollowError, RecordedEvent, StoreError, model_name,
};
use logistics_core::manifest::{self, ManifestEvent, Stop};
use logistics_core::partner::{
    PARTNER_CATEGORY, PartnerEvent, PartnerRegistered, PartnerUpdated, SHIFT_CATEGORY, ShiftEvent,
};
use logistics_core::readmodel::{OperationsRow, ShipmentOperations};
use logistics_core::shipment::{self, Custody, Lost, PartiallyDelivered, Phase, ShipmentEvent};

use crate::app::App;
use crate::gps::Planned;
use crate::http::chain;
use crate::live::{Live, Scope};
use crate::manifests;

/// Events read at a time.
const PAGE: u32 = 500;
/// Pause after a failure.
const BACK_OFF: Duration = Duration::from_secs(1);

/// Where the read models stand.
pub(crate) async fn now(app: &App) -> Result<Cursor, StoreError> {
    app.ports.models.checkpoint(&model_name::<ShipmentOperations>()).await
}

/// Follows the feed from `from` on, behind the read models, for ever.
pub(crate) async fn follow(app: Arc<App>, from: Cursor) {
    let mut reached = app.projector.follow();
    let mut at = from;
    loop {
        match eventsourcing::follow(app.ports.events.as_ref(), at, PAGE).await {
            Ok(events) => {
                for event in &events {
                    if let Err(error) = tell(&app, event).await {
                        tracing::warn!(error = %chain(&error), position = %event.position, "an event is not shown live");
                    }
                    at = Cursor::behind(event);
                }
            }
            Err(error) => {
                tracing::error!(error = %chain(&error), "the live feed stands still");
                tokio::time::sleep(BACK_OFF).await;
                // What was read before a restored backup is not told again: the models have it.
                if let (FollowError::Rewound { .. }, Ok(now)) = (error, now(&app).await) {
                    at = now;
                }
            }
        }
        if reached.wait_for(|reached| *reached > at.position).await.is_err() {
            return;
        }
    }
}

async fn tell(app: &App, event: &RecordedEvent) -> Result<(), DecodeError> {
    match event.stream.category() {
        shipment::CATEGORY => tell_shipment(app, event).await,
        manifest::CATEGORY => tell_manifest(app, event),
        SHIFT_CATEGORY => {
            if let ShiftEvent::GeofenceBreached(breach) = event.decode()? {
                let zones = breach.from.iter().chain(&breach.to).cloned().collect();
                let message = Live::Geofence {
                    partner: breach.partner,
                    from: breach.from,
                    to: breach.to,
                    at: breach.at,
                    lat: breach.position.lat(),
                    lon: breach.position.lon(),
                    city: breach.city.map(Into::into).unwrap_or_default(),
                };
                app.hub.send(Scope::Zones(zones), &message);
            }
            Ok(())
        }
        PARTNER_CATEGORY => {
            let (PartnerEvent::PartnerRegistered(PartnerRegistered { partner, profile })
            | PartnerEvent::PartnerUpdated(PartnerUpdated { partner, profile })) =
                event.decode()?;
            app.board.register(partner, profile);
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn tell_shipment(app: &App, event: &RecordedEvent) -> Result<(), DecodeError> {
    let Ok(id) = ShipmentId::new(event.stream.id()) else { return Ok(()) };
    // The row may be of a later event by now: a live message states how things are.
    let Some(row) = app.row::<ShipmentOperations>(event.stream.id()).await.flatten() else {
        return Ok(());
    };
    let decoded = event.decode()?;
    let done = match &decoded {
        ShipmentEvent::DeliveryConfirmed(_)
        | ShipmentEvent::DeliveryAttempted(_)
        | ShipmentEvent::PartiallyDelivered(PartiallyDelivered { reason: Some(_), .. }) => {
            row.partner.as_ref()
        }
        ShipmentEvent::Lost(Lost { last_holder: Custody::Partner(partner), .. }) => {
            partner.as_ref()
        }
        ShipmentEvent::Damaged(_) => match &row.custody {
            Custody::Partner(partner) => partner.as_ref(),
            _ => None,
        },
        _ => None,
    };
    app.board.stop_done(done, &id);
    let message = Live::Shipment {
        id,
        status: row.status.as_str().to_owned(),
        partner: row.partner.clone(),
        at: event.event.occurred.at,
    };
    // A shipment is shown to whom its partner is shown; without a partner to everyone who sees all.
    let zones = row.partner.map(|partner| app.board.zones(&partner)).unwrap_or_default();
    app.hub.send(Scope::Zones(zones), &message);
    Ok(())
}

fn tell_manifest(app: &App, event: &RecordedEvent) -> Result<(), DecodeError> {
    let (partner, date, version, stops) = match event.decode()? {
        ManifestEvent::ManifestPlanned(plan) => (plan.partner, plan.date, plan.version, plan.stops),
        ManifestEvent::ManifestOverridden(change) => {
            (change.partner, change.date, change.version, change.stops)
        }
    };
    let message = Live::Manifest {
        partner: partner.clone(),
        date,
        version: version.into(),
        stops: stops.len(),
    };
    app.hub.send(Scope::Zones(app.board.zones(&partner)), &message);
    app.board.plan(&partner, (date, version.into()), planned(&stops));
    Ok(())
}

fn planned(stops: &[Stop]) -> Vec<Planned> {
    let planned = stops.iter().map(|stop| Planned {
        shipment: stop.shipment.clone(),
        position: stop.position.point(),
        service_s: stop.service_s,
        promised_until: stop.window.map(|window| window.end),
    });
    planned.collect()
}

/// Tells the board today's plans, and which of their stops are made, after a start.
pub(crate) async fn restore_plans(app: &App) -> Result<(), StoreError> {
    let today = app.date_of(app.now());
    for manifest in manifests::rows_of_day(app, today).await? {
        let round = manifest.round;
        let partner = round.partner;
        app.board.plan(&partner, (today, round.version.into()), planned(&round.stops));
        for stop in round.stops {
            let row = app.row::<ShipmentOperations>(stop.shipment.as_str()).await.flatten();
            let open = |row: OperationsRow| {
                row.partner.as_ref() == Some(&partner)
                    && matches!(row.status, Phase::Assigned | Phase::OutForDelivery)
            };
            if !row.is_some_and(open) {
                app.board.stop_done(Some(&partner), &stop.shipment);
            }
        }
    }
    Ok(())
}
