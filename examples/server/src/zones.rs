//! The zones of all cities: loaded at start, swapped when a new version is put.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use geo_types::Point;
use logistics_core::CityId;
use logistics_core::documents::{Document, Documents, NewDocument, PutOutcome};
use logistics_core::eventsourcing::StoreError;
use logistics_geofence::{Diagnostic, LoadError, LoadOptions, Loaded, Policy, ZoneId, ZoneSet};
use serde::{Deserialize, Serialize};

const COLLECTION: &str = "zones";

/// How a zone file is to be read; kept with it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
pub(crate) struct ReadOptions {
    /// The property that holds a zone's id.
    pub(crate) id_property: Option<String>,
    /// What to do with invalid rings: `reject` (default) or `even-odd`.
    #[serde(default)]
    pub(crate) policy: ReadPolicy,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReadPolicy {
    #[default]
    Reject,
    EvenOdd,
}

/// The zones of one city.
#[derive(Debug)]
pub(crate) struct CityZones {
    pub(crate) city: CityId,
    pub(crate) set: ZoneSet,
    /// The file as it was put.
    pub(crate) content: Vec<u8>,
}

impl CityZones {
    /// The zone that a place is in: the first of the file, if there are several.
    pub(crate) fn covering(&self, place: Point<f64>) -> Option<&ZoneId> {
        let mut hits = Vec::new();
        self.set.zones_at(place, &mut hits).ok()?;
        Some(self.set.zone(hits.first()?.zone)?.id())
    }
}

/// A zone file that was taken.
#[derive(Debug)]
pub(crate) struct Put {
    pub(crate) zones: Arc<CityZones>,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Why a zone file was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PutError {
    #[error("the zone file is refused")]
    Invalid(#[source] LoadError),
    #[error("the latest version is {latest}")]
    VersionMismatch { latest: u64 },
    #[error("the check of the zone file was stopped")]
    Stopped(#[source] tokio::task::JoinError),
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// The zones of all cities. Readers never wait for a swap.
#[derive(Debug, Default)]
pub(crate) struct Zones {
    cities: RwLock<Arc<BTreeMap<CityId, Arc<CityZones>>>>,
}

impl Zones {
    /// Loads the latest zones of every city.
    pub(crate) async fn open(documents: &dyn Documents) -> anyhow::Result<Self> {
        let mut cities = BTreeMap::new();
        for document in documents.latest(COLLECTION).await? {
            let zones = read(document)?;
            cities.insert(zones.city.clone(), Arc::new(zones));
        }
        Ok(Self { cities: RwLock::new(Arc::new(cities)) })
    }

    /// All cities as they are now.
    pub(crate) fn all(&self) -> Arc<BTreeMap<CityId, Arc<CityZones>>> {
        Arc::clone(&self.cities.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Checks and stores a new version of a city's zones, and swaps it in.
    pub(crate) async fn put(
        &self,
        documents: &dyn Documents,
        city: &CityId,
        content: Vec<u8>,
        options: ReadOptions,
        if_latest: Option<u64>,
        now: DateTime<Utc>,
    ) -> Result<Put, PutError> {
        // Checked before it is stored; the version is known only afterwards.
        let (read, how) = (content.clone(), options.clone());
        // A hostile file takes a while: requests and devices must not wait behind it.
        let loaded = tokio::task::spawn_blocking(move || load(&read, &how, 1))
            .await
            .map_err(PutError::Stopped)?
            .map_err(PutError::Invalid)?;
        let document = NewDocument {
            name: city.to_string(),
            content: content.clone(),
            options: serde_json::to_string(&options).unwrap_or_default(),
            put_at: now,
            if_latest,
        };
        let version = match documents.put(COLLECTION, document).await? {
            PutOutcome::Stored { version } => version,
            PutOutcome::VersionMismatch { latest } => {
                return Err(PutError::VersionMismatch { latest });
            }
        };
        let set = loaded.set.with_version(version);
        let zones = Arc::new(CityZones { city: city.clone(), set, content });
        self.swap_in(Arc::clone(&zones));
        Ok(Put { zones, warnings: loaded.diagnostics })
    }

    /// The greater version wins, whoever comes last.
    fn swap_in(&self, zones: Arc<CityZones>) {
        let mut cities = self.cities.write().unwrap_or_else(PoisonError::into_inner);
        let newest = cities.get(&zones.city).map_or(0, |known| known.set.version());
        if zones.set.version() > newest {
            Arc::make_mut(&mut cities).insert(zones.city.clone(), zones);
        }
    }
}

fn load(content: &[u8], options: &ReadOptions, version: u64) -> Result<Loaded, LoadError> {
    let mut load = LoadOptions::default();
    load.version = version;
    load.id_property.clone_from(&options.id_property);
    load.policy = match options.policy {
        ReadPolicy::Reject => Policy::Reject,
        ReadPolicy::EvenOdd => Policy::EvenOdd,
    };
    ZoneSet::from_geojson(content, &load)
}

fn read(document: Document) -> anyhow::Result<CityZones> {
    let options: ReadOptions = serde_json::from_str(&document.options)?;
    let loaded = load(&document.content, &options, document.version)?;
    Ok(CityZones { city: CityId::new(&document.name)?, set: loaded.set, content: document.content })
}
