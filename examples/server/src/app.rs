//! What requests, devices and background tasks share.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Context as _;
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use logistics_core::eventsourcing::{
    CommandEnvelope, Decider, ExecuteError, Executed, Projection, StreamId, Version, execute,
    model_name,
};
use logistics_core::shipment::ShipmentPolicy;
use logistics_core::telemetry::{FilterPolicy, PipelinePolicy, StatusPolicy};
use logistics_mqtt::broker::BrokerStats;
use logistics_mqtt::gateway::GatewayStats;

use crate::dispatch::{Fairness, Windows};
use crate::gps::{Board, Gps};
use crate::ids::Secret;
use crate::live::{Hub, Metrics};
use crate::ports::Ports;
use crate::projector::Projector;
use crate::zones::Zones;

/// What an operator may set.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Of business days, and of promises that name none.
    pub(crate) time_zone: Tz,
    /// When shipments are dispatched without being asked for.
    pub(crate) windows: Windows,
    /// Whether runs share the work out evenly.
    pub(crate) fairness: Fairness,
    /// Rules of shipments.
    pub(crate) shipments: ShipmentPolicy,
    /// Which fixes are taken.
    pub(crate) fixes: FilterPolicy,
    /// What the colours of partners mean.
    pub(crate) status: StatusPolicy,
    /// How long raw fixes are kept. They are removed by whole business days, whose routes stay;
    /// when it is less than a day, by age, and no routes are made.
    pub(crate) fixes_kept: Duration,
    /// How long finished shipments are kept; for ever when not set.
    pub(crate) finished_kept: Option<Duration>,
}

impl Settings {
    pub(crate) fn new(time_zone: Tz) -> Self {
        Self {
            time_zone,
            windows: Windows::default(),
            fairness: Fairness::default(),
            shipments: ShipmentPolicy::default(),
            fixes: FilterPolicy::default(),
            status: StatusPolicy::default(),
            fixes_kept: Duration::days(90),
            finished_kept: None,
        }
    }
}

/// The running server.
pub(crate) struct App {
    pub(crate) ports: Ports,
    pub(crate) projector: Projector,
    pub(crate) hub: Arc<Hub>,
    pub(crate) zones: Zones,
    pub(crate) board: Arc<Board>,
    pub(crate) gps: Gps,
    pub(crate) secret: Secret,
    pub(crate) settings: Settings,
    /// What the device gateway counts, once it listens.
    pub(crate) gateway: OnceLock<Arc<GatewayStats>>,
    /// What the client of an external broker counts, where there is one.
    pub(crate) broker: OnceLock<Arc<BrokerStats>>,
    metrics: Mutex<Metrics>,
    /// Held while an override is carried out.
    pub(crate) overriding: tokio::sync::Mutex<()>,
}

impl App {
    /// Loads zones and partners and brings the read models up to date.
    pub(crate) async fn open(
        ports: Ports,
        secret: Secret,
        settings: Settings,
    ) -> anyhow::Result<Self> {
        let projector = Projector::new();
        projector.start(&ports).await.context("cannot bring the read models up to date")?;
        let zones = Zones::open(ports.documents.as_ref()).await.context("cannot load the zones")?;
        let board =
            Arc::new(Board::open(&ports, Utc::now()).await.context("cannot load the partners")?);
        let policy = PipelinePolicy { filter: settings.fixes, ..PipelinePolicy::default() };
        let gps = Gps::new(&ports, &board, policy, settings.time_zone);
        // Milliseconds: a later start begins above any revision that an earlier one has sent.
        let first_rev = u64::try_from(Utc::now().timestamp_millis()).unwrap_or_default();
        let hub = Arc::new(Hub::new(first_rev));
        Ok(Self {
            ports,
            projector,
            hub,
            zones,
            board,
            gps,
            secret,
            settings,
            gateway: OnceLock::new(),
            broker: OnceLock::new(),
            metrics: Mutex::default(),
            overriding: tokio::sync::Mutex::default(),
        })
    }

    /// The time. The only place where the server reads the clock for the domain.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// The figures of the operations desk, as last computed.
    pub(crate) fn metrics(&self) -> Metrics {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_metrics(&self, metrics: Metrics) {
        *self.metrics.lock().unwrap_or_else(PoisonError::into_inner) = metrics;
    }

    /// When a business day begins, and when the next one does.
    pub(crate) fn bounds_of(&self, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let begins = |day: NaiveDate| midnight(self.settings.time_zone, day);
        (begins(day), day.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, begins))
    }

    /// The business day of an instant.
    pub(crate) fn date_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.settings.time_zone).date_naive()
    }

    /// The row of read model `P` with this key. A row that cannot be had is logged and left out:
    /// what needs to be sure folds the stream instead.
    pub(crate) async fn row<P: Projection>(&self, key: &str) -> Option<P::Row> {
        let found = self.ports.models.rows(&model_name::<P>(), &[key.to_owned()]).await;
        match found {
            Ok(rows) => {
                // One that is parked before its first event holds nothing.
                let row = rows.first().filter(|row| row.version > Version::NONE)?;
                let read = serde_json::from_slice(&row.body);
                read.inspect_err(|error| tracing::error!(%error, key, "unreadable row")).ok()
            }
            Err(error) => {
                tracing::error!(%error, key, "a row cannot be read");
                None
            }
        }
    }

    /// Runs a command and waits until the read models have its events, so that callers read their
    /// own writes.
    pub(crate) async fn run<D: Decider>(
        &self,
        stream: &StreamId,
        command: &CommandEnvelope<D::Command>,
        policy: &D::Policy,
    ) -> Result<Executed<D>, ExecuteError<D::Rejection>> {
        let events = self.ports.events.as_ref();
        let executed = execute::<D>(events, stream, command, self.now(), policy).await?;
        if let Some(last) = executed.events.last() {
            self.projector.wait_for(last.position).await;
        }
        Ok(executed)
    }
}

/// When a day begins in `zone`.
pub(crate) fn midnight(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    let local = day.and_time(NaiveTime::MIN);
    // Where clocks skip midnight, the day begins with the first hour that they show.
    let shown = (0..24)
        .find_map(|hours| zone.from_local_datetime(&(local + Duration::hours(hours))).earliest());
    shown.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}
