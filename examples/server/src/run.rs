//! Starting and stopping: listeners, background tasks, signals.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use logistics_mqtt::gateway::{DeviceHandler, Endpoint, Gateway, GatewayConfig};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Settings};
use crate::broker::BrokerArgs;
use crate::certificates::{self, Guard};
use crate::cli::Listen;
use crate::data_dir::DataDir;
use crate::gps::Devices;
use crate::manifests::Doors;
use crate::ports::Storage;
use crate::{dispatch, feed, gps, http, manifests, metrics, retention, say};

/// How long open requests and sessions get to end.
const GOODBYE: Duration = Duration::from_secs(5);

/// A server that accepts requests and devices.
pub(crate) struct Running {
    pub(crate) app: Arc<App>,
    pub(crate) http: SocketAddr,
    /// Plain, where it was asked for.
    pub(crate) mqtt: Option<SocketAddr>,
    mqtts: Option<SocketAddr>,
    data: PathBuf,
    doors: Doors,
    storage: Storage,
    stop: CancellationToken,
    listener: JoinHandle<()>,
    tasks: JoinSet<()>,
}

/// Opens the data, brings the read models up to date, and starts listening.
pub(crate) async fn start(
    listen: &Listen,
    broker: Option<&BrokerArgs>,
    data: &DataDir,
    settings: Settings,
) -> anyhow::Result<Running> {
    if !listen.http.ip().is_loopback() {
        bail!(
            "--http {}: no credentials are configured, so only addresses of this machine are served (127.0.0.1 or [::1])",
            listen.http
        );
    }
    // Each device is an open file, and many systems let a process open a thousand unasked.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
    let storage = Storage::open(&data.database()).await?;
    let app = Arc::new(App::open(storage.ports(), data.secret()?, settings).await?);
    feed::restore_plans(&app).await.context("cannot load today's manifests")?;
    gps::catch_up(&app).await.context("cannot evaluate what was stored last")?;
    let from = feed::now(&app).await.context("cannot read where the read models stand")?;
    let guard = Arc::new(Guard::open(data.certificates()?.ledger())?);
    let devices = Arc::new(Devices::new(Arc::clone(&app), Arc::clone(&guard)));
    let endpoints = endpoints(listen, data, app.now())?;
    let handler = Arc::clone(&devices) as Arc<dyn DeviceHandler>;
    let batch_every = listen.batch_every();
    let config = GatewayConfig { batch_every, ..GatewayConfig::default() };
    let gateway = Gateway::bind(endpoints, config, handler)
        .await
        .context("cannot take devices at --mqtt or --mqtts")?;
    let listener = TcpListener::bind(listen.http)
        .await
        .with_context(|| format!("cannot listen at --http {}", listen.http))?;
    let http = listener.local_addr()?;
    let mut addresses = gateway.local_addrs().iter().copied();
    let mqtt = listen.mqtt.and_then(|_| addresses.next());
    let mqtts = listen.mqtts.and_then(|_| addresses.next());
    let gateway = Arc::new(gateway);
    // Last, when nothing can fail any more: it takes messages at once.
    let broker = broker.map(|broker| broker.connect(devices, batch_every)).transpose()?;
    let broker = broker.flatten().map(Arc::new);
    // Set once, here.
    let _ = app.gateway.set(gateway.stats());
    if let Some(broker) = &broker {
        let _ = app.broker.set(broker.stats());
    }
    let doors = Doors { gateway: Arc::clone(&gateway), broker };

    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let projecting = Arc::clone(&app);
    tasks.spawn(async move { projecting.projector.run(&projecting.ports).await });
    tasks.spawn(dispatch::resume_unfinished(Arc::clone(&app)));
    tasks.spawn(dispatch::keep_windows(Arc::clone(&app)));
    tasks.spawn(manifests::relay(Arc::clone(&app), doors.clone()));
    tasks.spawn(certificates::watch(guard, gateway));
    tasks.spawn(feed::follow(Arc::clone(&app), from));
    tasks.spawn(gps::run(Arc::clone(&app)));
    tasks.spawn(metrics::keep_current(Arc::clone(&app)));
    tasks.spawn(retention::keep(Arc::clone(&app), storage.clone()));
    let router = http::router(Arc::clone(&app));
    let stopping = stop.clone();
    let listener = tokio::spawn(async move {
        let served = axum::serve(listener, router)
            .with_graceful_shutdown(async move { stopping.cancelled().await });
        if let Err(error) = served.await {
            tracing::error!(%error, "the HTTP listener failed");
        }
    });
    let data = data.path().to_owned();
    Ok(Running { app, http, mqtt, mqtts, data, doors, storage, stop, listener, tasks })
}

/// Where devices are listened to: the plain endpoint first.
fn endpoints(listen: &Listen, data: &DataDir, now: DateTime<Utc>) -> anyhow::Result<Vec<Endpoint>> {
    let mut endpoints: Vec<_> = listen.mqtt.map(Endpoint::Plain).into_iter().collect();
    if let Some(address) = listen.mqtts {
        let tls = data.certificates()?.server_tls(listen.names(), now)?;
        endpoints.push(Endpoint::Tls(address, tls));
    }
    Ok(endpoints)
}

impl Running {
    /// Prints where everything is, for people and for programs that started us.
    pub(crate) fn announce(&self) {
        say(format_args!("dashboard  http://{}/", self.http));
        say(format_args!("api        http://{}/openapi.json", self.http));
        if let Some(mqtt) = self.mqtt {
            say(format_args!("mqtt       {mqtt}"));
        }
        if let Some(mqtts) = self.mqtts {
            say(format_args!("mqtts      {mqtts}"));
            say(format_args!(
                "enrol      logistics-server device enrol PARTNER --gateway localhost:{} --data {}",
                mqtts.port(),
                self.data.display()
            ));
        }
    }

    /// Runs until the process is told to stop, then ends in order: devices get their
    /// acknowledgements, requests their answers, the database its last commit.
    pub(crate) async fn until_told_to_stop(mut self) -> anyhow::Result<()> {
        told_to_stop().await?;
        say(format_args!("stopping"));
        let broker = async {
            if let Some(broker) = &self.doors.broker {
                broker.shutdown().await;
            }
        };
        tokio::join!(self.doors.gateway.shutdown(), broker);
        self.stop.cancel();
        self.app.hub.close();
        // The listener ends when its last request is answered; the others never end by themselves.
        let _ = tokio::time::timeout(GOODBYE, self.listener).await;
        self.tasks.shutdown().await;
        self.storage.close().await;
        Ok(())
    }
}

/// Ctrl-C, or SIGTERM.
async fn told_to_stop() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.context("cannot wait for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}
