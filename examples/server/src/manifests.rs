//! Manifests: reading them, and bringing new ones to the devices.

use std::sync::Arc;
use std::time::Duration;

use chrono::{Datelike as _, NaiveDate};
use logistics_core::PartnerId;
use logistics_core::eventsourcing::{IndexQuery, OutboxItem, StoreError, Version, model_name};
use logistics_core::manifest::{
    ManifestDocument, OVERRIDDEN_KIND, OverrideNotice, PUBLISH_KIND, Round, manifest_stream,
};
use logistics_core::readmodel::{ManifestRow, Manifests};
use logistics_mqtt::broker::BrokerClient;
use logistics_mqtt::gateway::{Gateway, Manifest};

use crate::app::App;
use crate::dispatch;
use crate::http::chain;

/// Messages read from the outbox at a time.
const PAGE: u32 = 100;
/// Without a wake-up, other processes may have committed all the same.
const IDLE: Duration = Duration::from_millis(500);
/// Manifests of a day read at a time.
const DAY_PAGE: u32 = 1_000;

/// A partner's manifest of a day, as devices see it.
pub(crate) async fn current(
    app: &App,
    partner: &PartnerId,
    date: NaiveDate,
) -> Result<Option<ManifestDocument>, StoreError> {
    Ok(round(app, partner, date).await?.map(|round| ManifestDocument::of(&round)))
}

/// A partner's round of a day.
pub(crate) async fn round(
    app: &App,
    partner: &PartnerId,
    date: NaiveDate,
) -> Result<Option<Round>, StoreError> {
    let key = manifest_stream(partner, date).id().to_owned();
    let rows = app.ports.models.rows(&model_name::<Manifests>(), &[key]).await?;
    // One that is parked before its first event holds nothing.
    let row = rows.first().filter(|row| row.version > Version::NONE);
    Ok(row.and_then(|row| decode(&row.body)).map(|row| row.round))
}

/// All manifests of a day.
pub(crate) async fn rows_of_day(
    app: &App,
    date: NaiveDate,
) -> Result<Vec<ManifestRow>, StoreError> {
    let mut query = IndexQuery {
        index: "date".to_owned(),
        partition: date.to_string(),
        limit: DAY_PAGE,
        ..IndexQuery::default()
    };
    let mut found = Vec::new();
    loop {
        let rows = app.ports.models.list(&model_name::<Manifests>(), &query).await?;
        found.extend(rows.iter().filter_map(|row| decode(&row.body)));
        match rows.last() {
            Some(last) => query.after = Some((last.sort.clone(), last.key.clone())),
            None => return Ok(found),
        }
    }
}

fn decode(row: &[u8]) -> Option<ManifestRow> {
    let unreadable = |error| tracing::error!(%error, "a manifest's row cannot be read");
    serde_json::from_slice(row).map_err(unreadable).ok()
}

/// A manifest as gateway and broker keep it for subscribers.
pub(crate) fn retained(document: &ManifestDocument) -> Option<Manifest> {
    // Greater for a later day, and within a day for a later version.
    let day = u64::try_from(document.date.num_days_from_ce()).unwrap_or_default();
    let version = (day << 32) | u64::from(document.version);
    let payload = serde_json::to_vec(document).ok()?;
    Some(Manifest { version, payload: payload.into() })
}

/// Where devices get their manifests from.
#[derive(Clone)]
pub(crate) struct Doors {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) broker: Option<Arc<BrokerClient>>,
}

impl Doors {
    fn publish(&self, partner: &PartnerId, manifest: Manifest) {
        self.gateway.publish_manifest(partner, &manifest);
        if let Some(broker) = &self.broker {
            broker.publish_manifest(partner, manifest);
        }
    }
}

/// Delivers committed manifests to the doors, and carries out overrides, for ever. A message leaves the outbox when both have
/// it; after a crash it is delivered again, which the version makes harmless. What the client of the
/// broker has not published by then is published at the next start, with all others of the day.
pub(crate) async fn relay(app: Arc<App>, doors: Doors) {
    let mut commits = app.projector.follow();
    loop {
        match deliver(&app, &doors).await {
            Ok(0) => {
                let _ = tokio::time::timeout(IDLE, commits.changed()).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(error = %chain(&error), "the outbox stands still");
                tokio::time::sleep(IDLE).await;
            }
        }
    }
}

async fn deliver(app: &App, doors: &Doors) -> Result<usize, StoreError> {
    let items = app.ports.outbox.pending(PAGE).await?;
    if !items.is_empty() {
        // Whoever subscribes during the delivery reads the model: it must not be behind.
        app.projector.behind_no_more(&app.ports).await;
    }
    let mut delivered = Vec::with_capacity(items.len());
    for item in items {
        let done = match item.kind.as_str() {
            OVERRIDDEN_KIND => carry_out(app, &item).await,
            _ => publish(doors, &item),
        };
        delivered.extend(done.then_some(item.effect_id));
    }
    if !delivered.is_empty() {
        app.ports.outbox.delivered(&delivered).await?;
    }
    Ok(delivered.len())
}

/// Carries out an override whose process may have died on the way; whether that is done.
async fn carry_out(app: &App, item: &OutboxItem) -> bool {
    let notice = match serde_json::from_slice::<OverrideNotice>(&item.body) {
        Ok(notice) => notice,
        Err(error) => {
            tracing::error!(%error, key = item.key, "the notice of an override cannot be read");
            return true;
        }
    };
    let settled = dispatch::settle(app, &notice).await;
    let unfinished = |problem| tracing::error!(?problem, key = item.key, "an override waits");
    settled.map_err(unfinished).is_ok()
}

fn publish(doors: &Doors, item: &OutboxItem) -> bool {
    let partner = PartnerId::new(&item.key);
    let document = serde_json::from_slice::<ManifestDocument>(&item.body);
    match (item.kind.as_str(), partner, document) {
        (PUBLISH_KIND, Ok(partner), Ok(document)) => {
            if let Some(manifest) = retained(&document) {
                doors.publish(&partner, manifest);
            }
        }
        (kind, ..) => tracing::error!(kind, key = item.key, "nobody can deliver this message"),
    }
    true
}
