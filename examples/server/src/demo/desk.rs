//! The demo's orders and what becomes of them: placed, brought to a hub, dispatched, delivered or
//! brought back and tried again.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{TimeDelta, Timelike as _};
use fastrand::Rng;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use geo_types::Point;
use logistics_core::eventsourcing::{Actor, CommandEnvelope, ExecuteError, Executed};
use logistics_core::shipment::{
    AttemptReason, ConfirmDelivery, ConfirmPickup, CreateShipment, Destination, Proof, ProofKind,
    RecordAttempt, ScanInbound, Shipment, ShipmentCommand, ShipmentRejection, ShipmentState,
    StartDelivery, shipment_stream,
};
use logistics_core::sla::Promise;
use logistics_core::values::{GeoPosition, Sha256Digest};
use logistics_core::{ClientId, CommandId, HubId, PartnerId, RunId, ShipmentId};
use tokio::task::JoinSet;

use super::Size;
use super::city::{City, metres};
use super::rider::Stop;
use crate::app::App;
use crate::dispatch::{self, Wanted};
use crate::ids::fresh;

/// Orders waiting at the hubs when the demo opens, for each rider.
const OPENING_PER_RIDER: f64 = 2.0;
/// Orders a second, for each rider: about what riders deliver.
const ARRIVALS_PER_RIDER: f64 = 0.0035;
/// Between two dispatch runs.
const DISPATCH_EVERY: Duration = Duration::from_secs(20);
/// Steps of each search: the demo shares the machine with a browser.
const ITERATIONS: u64 = 3_000;
/// How long a parcel that could not be handed over takes back to the hub.
const BACK_AT_HUB_AFTER: Duration = Duration::from_secs(45);
/// Share of attempts that fail.
const FAILED: f64 = 0.12;
const CLIENTS: [&str; 4] = ["mangala-retail", "sahyadri-pharma", "deccan-grocery", "karve-books"];
const AT_ONCE: usize = 32;
/// Order numbers are counted from here: 2026, in epoch seconds.
const NUMBERS_SINCE: i64 = 1_767_225_600;

type Outcome = Result<Executed<Shipment>, ExecuteError<ShipmentRejection>>;

/// Places orders and reports what happens to them.
pub(super) struct Desk {
    app: Arc<App>,
    size: Size,
    rng: Mutex<Rng>,
    next_order: AtomicI64,
}

impl Desk {
    pub(super) fn new(app: Arc<App>, size: Size) -> Self {
        // Orders come more slowly than seconds pass: a later start on the same data counts on above.
        let first = app.now().timestamp() - NUMBERS_SINCE;
        let rng = Mutex::new(Rng::with_seed(size.seed));
        Self { app, size, rng, next_order: AtomicI64::new(first) }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.app.now().timestamp_millis()
    }

    /// Places the opening orders, dispatches them, and gives a tracking token of one.
    pub(super) async fn open(&self) -> anyhow::Result<String> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few thousand at most"
        )]
        let orders = (f64::from(self.size.partners) * OPENING_PER_RIDER) as usize;
        let placed: Vec<ShipmentId> = stream::iter((0..orders.max(1)).map(|_| self.order()))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        self.dispatch().await;
        let shown = placed.first().map(|id| self.app.secret.tracking_token(id.as_str()));
        Ok(shown.unwrap_or_default())
    }

    /// One order, brought to its hub.
    async fn order(&self) -> Result<ShipmentId, anyhow::Error> {
        let create = self.draw()?;
        let (id, hub) = (create.id.clone(), create.hub.clone());
        self.run(&id, Actor::System, create).await?;
        self.run(&id, Actor::System, ConfirmPickup::default()).await?;
        if let Some(hub) = hub {
            self.run(&id, Actor::System, ScanInbound { hub }).await?;
        }
        Ok(id)
    }

    /// What somebody orders next.
    fn draw(&self) -> Result<CreateShipment, anyhow::Error> {
        let now = self.app.now();
        let number = self.next_order.fetch_add(1, Ordering::Relaxed);
        let id = ShipmentId::new(format!("PNQ-{number}"))?;
        let (door, client, window_min, confidence) = {
            let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
            let door = City::address(&mut rng);
            let client = CLIENTS[rng.usize(..CLIENTS.len())];
            (door, client, 60 + 30 * rng.i64(0..6), 0.55 + rng.f64() * 6.0)
        };
        let (hub, _) = City::hubs()
            .into_iter()
            .min_by(|(_, a), (_, b)| distance(door, *a).total_cmp(&distance(door, *b)))
            .ok_or_else(|| anyhow::anyhow!("a city has hubs"))?;
        let position = GeoPosition::new(door.x(), door.y())?;
        let destination = Destination::new(position).geocoded(confidence.min(1.0))?;
        let zone = self.app.settings.time_zone;
        let local = now.with_timezone(&zone).naive_local();
        let start = local.with_second(0).and_then(|at| at.with_nanosecond(0)).unwrap_or(local);
        let promise = Promise::resolve(zone.name(), start, start + TimeDelta::minutes(window_min))?;
        let token = self.app.secret.tracking_token(id.as_str());
        Ok(CreateShipment {
            service_s: 60,
            hub: Some(HubId::new(hub)?),
            promise: Some(promise),
            tracking_token_hash: Some(Sha256Digest::of(token)),
            ..CreateShipment::new(id, ClientId::new(client)?, destination)
        })
    }

    async fn dispatch(&self) {
        let wanted = Wanted {
            run: fresh(RunId::new),
            date: None,
            hub: None,
            shipments: None,
            partners: Some(self.riders()),
            reassign: false,
            seed: self.size.seed,
            iterations: Some(ITERATIONS),
            request: None,
        };
        if let Err(problem) = dispatch::run(&self.app, wanted).await {
            tracing::warn!(?problem, "the demo's dispatch run failed");
        }
    }

    /// The simulated riders: whoever joins in by hand gets no parcels.
    fn riders(&self) -> Vec<PartnerId> {
        let mut riders = self.app.board.partners();
        riders.retain(|id| id.as_str().starts_with(super::fleet::RIDER));
        riders
    }

    /// A rider leaves with the parcels of its manifest.
    pub(super) async fn leave_for(&self, partner: &PartnerId, stops: &[Stop], at: Point<f64>) {
        for stop in stops {
            let position = GeoPosition::new(at.x(), at.y()).ok();
            let start = StartDelivery { partner: Some(partner.clone()), position };
            // Parcels that it has on board already are refused, and that is all right.
            match self.run(&stop.shipment, Actor::Partner(partner.clone()), start).await {
                Ok(_) | Err(ExecuteError::Rejected(_)) => {}
                Err(error) => tracing::warn!(%error, "a rider's report is lost"),
            }
        }
    }

    /// A rider is done at a door.
    pub(super) async fn finish(
        self: &Arc<Self>,
        partner: &PartnerId,
        shipment: &ShipmentId,
        at: Point<f64>,
        luck: f64,
    ) {
        let actor = Actor::Partner(partner.clone());
        let position = GeoPosition::new(at.x(), at.y()).ok();
        let partner = Some(partner.clone());
        let reported = if luck < FAILED {
            let failed = RecordAttempt::new(AttemptReason::Unavailable);
            let attempt = RecordAttempt { partner, position, ..failed };
            let reported = self.run(shipment, actor, attempt).await;
            if let Ok(Executed { state: ShipmentState { hub: Some(hub), .. }, .. }) = &reported {
                let (desk, shipment, hub) = (Arc::clone(self), shipment.clone(), hub.clone());
                tokio::spawn(async move { desk.bring_back(shipment, hub).await });
            }
            reported
        } else {
            let proof = Proof { kind: ProofKind::Photo, digest: None };
            let delivery = ConfirmDelivery { partner, position, ..ConfirmDelivery::new(proof) };
            self.run(shipment, actor, delivery).await
        };
        if let Err(error) = reported {
            tracing::debug!(error = %crate::http::chain(&error), %shipment, "a rider's report is refused");
        }
    }

    /// A parcel that could not be handed over is scanned at its hub and dispatched again.
    async fn bring_back(&self, shipment: ShipmentId, hub: HubId) {
        tokio::time::sleep(BACK_AT_HUB_AFTER).await;
        if let Err(error) = self.run(&shipment, Actor::System, ScanInbound { hub }).await {
            tracing::debug!(%error, %shipment, "not back at the hub");
        }
    }

    async fn run(
        &self,
        id: &ShipmentId,
        actor: Actor,
        content: impl Into<ShipmentCommand>,
    ) -> Outcome {
        let now = self.app.now();
        let command = CommandEnvelope::new(fresh(CommandId::new), now, content.into()).by(actor);
        let policy = &self.app.settings.shipments;
        self.app.run::<Shipment>(&shipment_stream(id), &command, policy).await
    }
}

fn distance(from: Point<f64>, to: Point<f64>) -> f64 {
    let (east, north) = metres(from, to);
    east.hypot(north)
}

/// Keeps orders arriving and dispatched. Stops when what is returned is dropped.
pub(super) fn start(desk: &Arc<Desk>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let orders = Arc::clone(desk);
    tasks.spawn(async move {
        let pause = 1.0 / (f64::from(orders.size.partners) * ARRIVALS_PER_RIDER);
        loop {
            tokio::time::sleep(Duration::from_secs_f64(pause.clamp(0.05, 60.0))).await;
            if let Err(error) = orders.order().await {
                tracing::warn!(%error, "an order is refused");
            }
        }
    });
    let dispatcher = Arc::clone(desk);
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(DISPATCH_EVERY).await;
            dispatcher.dispatch().await;
        }
    });
    tasks
}
