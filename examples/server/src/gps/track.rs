//! One partner against the zones of all cities: where it is, and which borders it crossed.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use geo_types::Point;
use logistics_core::telemetry::Fix;
use logistics_core::{CityId, ZoneId};
use logistics_geofence::{Cause, TrackState, Tracker};
use serde::{Deserialize, Serialize};

use crate::zones::CityZones;

/// The zones of all cities at one moment.
pub(crate) type Cities = BTreeMap<CityId, Arc<CityZones>>;

/// How far a partner's fixes have been evaluated. Kept in the store as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Track {
    cities: BTreeMap<CityId, TrackState>,
}

/// A partner's zones changed because it moved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Breach {
    pub(crate) city: CityId,
    pub(crate) from: Vec<ZoneId>,
    pub(crate) to: Vec<ZoneId>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) position: Point<f64>,
    pub(crate) zone_set_version: u64,
}

impl Track {
    /// Takes the next fix. One that is late changes nothing.
    pub(crate) fn observe(
        &mut self,
        cities: &Cities,
        tracker: &mut Tracker,
        fix: &Fix,
    ) -> Vec<Breach> {
        self.cities.retain(|city, _| cities.contains_key(city));
        let mut breaches = Vec::new();
        for (city, zones) in cities {
            let state = self.cities.entry(city.clone()).or_default();
            let observed = logistics_geofence::Fix {
                position: fix.position,
                at: fix.ts,
                accuracy_m: Some(fix.accuracy_m),
            };
            let observation = tracker.observe(&zones.set, state, observed);
            // A first fix and a new zone file change zones too, but nobody crossed a border.
            let moved = |cause| matches!(cause, Cause::Movement | Cause::AfterGap);
            for change in observation.changes.iter().filter(|change| moved(change.cause)) {
                breaches.push(Breach {
                    city: city.clone(),
                    from: ids(change.before.iter()),
                    to: ids(change.after.iter()),
                    at: change.at,
                    position: fix.position,
                    zone_set_version: zones.set.version(),
                });
            }
        }
        breaches
    }

    /// The zones that the partner is in, sorted.
    pub(crate) fn zones(&self) -> Vec<ZoneId> {
        let mut zones: Vec<_> =
            self.cities.values().flat_map(|state| ids(state.inside())).collect();
        zones.sort_unstable();
        zones
    }
}

/// The same ids in the words of the core crate, which accepts every id that a zone file can give.
fn ids<'a>(zones: impl Iterator<Item = &'a logistics_geofence::ZoneId>) -> Vec<ZoneId> {
    zones.filter_map(|zone| ZoneId::new(zone.as_str()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use logistics_core::PartnerId;
    use logistics_geofence::{LoadOptions, ZoneSet};

    use super::*;

    fn cities(version: u64, east_edge: f64) -> Cities {
        let square = format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","id":"sq","properties":{{}},
            "geometry":{{"type":"Polygon","coordinates":[[[0,0],[{east_edge},0],[{east_edge},1],[0,1],[0,0]]]}}}}]}}"#
        );
        let mut options = LoadOptions::default();
        options.version = version;
        let set = ZoneSet::from_geojson(square.as_bytes(), &options).expect("valid").set;
        let city = CityId::new("here").expect("legal");
        [(city.clone(), Arc::new(CityZones { city, set, content: Vec::new() }))].into()
    }

    fn fix(lon: f64, second: i64) -> Fix {
        Fix {
            partner: PartnerId::new("DP").expect("legal"),
            ts: DateTime::UNIX_EPOCH + Duration::seconds(second),
            position: Point::new(lon, 0.5),
            accuracy_m: 5.0,
            accuracy_assumed: false,
            speed_mps: None,
            bearing_deg: None,
            battery: None,
            mocked: false,
        }
    }

    #[test]
    fn a_border_is_crossed_once_and_late_fixes_do_not_cross_it_back() {
        let (cities, mut tracker, mut track) =
            (cities(1, 1.0), Tracker::default(), Track::default());
        let mut observe = |lon, second| track.observe(&cities, &mut tracker, &fix(lon, second));
        assert!(observe(0.9995, 0).is_empty(), "the first fix only anchors");
        assert_eq!(observe(1.0005, 10).len(), 1);
        assert!(observe(0.9995, 5).is_empty(), "late");
        assert!(observe(1.001, 20).is_empty());
    }

    #[test]
    fn a_new_zone_file_moves_nobody() {
        let (mut tracker, mut track) = (Tracker::default(), Track::default());
        let in_the_small = track.observe(&cities(1, 1.0), &mut tracker, &fix(1.5, 0));
        assert!(in_the_small.is_empty() && track.zones().is_empty());
        let grown = cities(2, 2.0);
        assert!(track.observe(&grown, &mut tracker, &fix(1.5, 10)).is_empty());
        assert_eq!(track.zones().len(), 1);
    }

    #[test]
    fn the_state_survives_being_stored() {
        let mut track = Track::default();
        track.observe(&cities(1, 1.0), &mut Tracker::default(), &fix(0.5, 0));
        let stored = serde_json::to_vec(&track).expect("json");
        assert_eq!(serde_json::from_slice::<Track>(&stored).expect("json"), track);
    }
}
