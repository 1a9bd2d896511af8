//! Starting and stopping: listeners, background tasks, signals.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use logistics_mqtt::gateway::{Endpoint, Gateway, GatewayConfig};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Settings};
use crate::cli::Listen;
use crate::data_dir::DataDir;
use crate::gps::Devices;
use crate::ports::Storage;
use crate::{dispatch, feed, gps, http, manifests, metrics, retention, say};

/// How long open requests and sessions get to end.
const GOODBYE: Duration = Duration::from_secs(5);

/// A server that accepts requests and devices.
pub(crate) struct Running {
    pub(crate) app: Arc<App>,
    pub(crate) http: SocketAddr,
    pub(crate) mqtt: SocketAddr,
    gateway: Arc<Gateway>,
    storage: Storage,
    stop: CancellationToken,
    listener: JoinHandle<()>,
    tasks: JoinSet<()>,
}

/// Opens the data, brings the read models up to date, and starts listening.
pub(crate) async fn start(
    listen: Listen,
    data: &DataDir,
    settings: Settings,
) -> anyhow::Result<Running> {
    if !listen.http.ip().is_loopback() {
        bail!(
            "--http {}: no credentials are configured, so only addresses of this machine are served (127.0.0.1 or [::1])",
            listen.http
        );
    }
    let storage = Storage::open(&data.database()).await?;
    let app = Arc::new(App::open(storage.ports(), data.secret()?, settings).await?);
    feed::restore_plans(&app).await.context("cannot load today's manifests")?;
    gps::catch_up(&app).await.context("cannot evaluate what was stored last")?;
    let from = feed::now(&app).await.context("cannot read where the read models stand")?;
    let devices = Arc::new(Devices::new(Arc::clone(&app)));
    let gateway = Gateway::bind([Endpoint::Plain(listen.mqtt)], GatewayConfig::default(), devices)
        .await
        .with_context(|| format!("cannot take devices at --mqtt {}", listen.mqtt))?;
    let listener = TcpListener::bind(listen.http)
        .await
        .with_context(|| format!("cannot listen at --http {}", listen.http))?;
    let http = listener.local_addr()?;
    let mqtt = gateway.local_addrs()[0];
    let gateway = Arc::new(gateway);
    // Set once, here.
    let _ = app.gateway.set(gateway.stats());

    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    let projecting = Arc::clone(&app);
    tasks.spawn(async move { projecting.projector.run(&projecting.ports).await });
    tasks.spawn(dispatch::resume_unfinished(Arc::clone(&app)));
    tasks.spawn(dispatch::keep_windows(Arc::clone(&app)));
    tasks.spawn(manifests::relay(Arc::clone(&app), Arc::clone(&gateway)));
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
    Ok(Running { app, http, mqtt, gateway, storage, stop, listener, tasks })
}

impl Running {
    /// Prints where everything is, for people and for programs that started us.
    pub(crate) fn announce(&self) {
        say(format_args!("dashboard  http://{}/", self.http));
        say(format_args!("api        http://{}/openapi.json", self.http));
        say(format_args!("mqtt       {}", self.mqtt));
    }

    /// Runs until the process is told to stop, then ends in order: devices get their
    /// acknowledgements, requests their answers, the database its last commit.
    pub(crate) async fn until_told_to_stop(mut self) -> anyhow::Result<()> {
        told_to_stop().await?;
        say(format_args!("stopping"));
        self.gateway.shutdown().await;
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
