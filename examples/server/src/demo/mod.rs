//! The demo: a made-up city whose orders, dispatcher and riders drive the real server.
//!
//! Positions and timestamps are wall time; only waits are shortened. Riders are devices of their
//! own: they publish over MQTT and learn what to do from the manifests that arrive there.

mod city;
mod desk;
mod fleet;
mod rider;

use std::sync::Arc;

use anyhow::Context as _;
use chrono::Duration;
use chrono_tz::Asia::Kolkata;
use logistics_core::CityId;

use crate::app::{App, Settings};
use crate::cli::Listen;
use crate::data_dir::DataDir;
use crate::zones::ReadOptions;
use crate::{run, say};
use city::City;

/// How big the demo is, and which of the many possible ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) partners: u16,
    pub(crate) seed: u64,
}

/// How long the demo keeps fixes and finished shipments, so that it can run for days.
const KEPT: Duration = Duration::hours(1);

/// Runs the demo until the process is told to stop.
pub(crate) async fn run(listen: &Listen, data: &DataDir, size: Size) -> anyhow::Result<()> {
    let mut settings = Settings::new(Kolkata);
    settings.fixes_kept = KEPT;
    settings.finished_kept = Some(KEPT);
    let running = run::start(listen, None, data, settings).await?;
    let app = Arc::clone(&running.app);
    publish_zones(&app, size.seed).await?;
    fleet::register(&app, size).await?;
    let desk = Arc::new(desk::Desk::new(Arc::clone(&app), size));
    let tracking = desk.open().await.context("the first orders are refused")?;

    running.announce();
    say(format_args!("tracking   http://{}/t/{tracking}", running.http));
    let mqtt = running.mqtt.context("the riders need --mqtt")?;
    say(format_args!(
        "try        mosquitto_pub -p {} -q 1 -t logistics/dp/{}/location -m '{{\"lat\":18.52,\"lon\":73.85,\"ts\":'$(date +%s%3N)'}}'",
        mqtt.port(),
        fleet::GUEST,
    ));
    let _riders = fleet::start(&desk, mqtt, size);
    let _desk = desk::start(&desk);
    running.until_told_to_stop().await
}

/// Puts the city's zones, unless they are there already.
async fn publish_zones(app: &App, seed: u64) -> anyhow::Result<()> {
    let city = CityId::new(city::NAME)?;
    let content = serde_json::to_vec(&City::new(seed).zones())?;
    let known = app.zones.all().get(&city).is_some_and(|zones| zones.content == content);
    if !known {
        let documents = app.ports.documents.as_ref();
        let options = ReadOptions::default();
        app.zones.put(documents, &city, content, options, None, app.now()).await?;
    }
    Ok(())
}
