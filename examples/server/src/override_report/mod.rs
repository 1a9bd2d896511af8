//! What supervisors changed in the manifests of a week, and what that suggests.

mod proposals;
mod visits;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use logistics_core::eventsourcing::load_all;
use logistics_core::manifest::{ManifestEvent, ManifestOverridden, Round, manifest_stream};
use logistics_core::readmodel::ManifestRow;
use logistics_core::{PartnerId, ShipmentId};
use serde::Serialize;

use proposals::ProposalView;
use visits::{Fate, Visit, untouched, visits};

use crate::app::App;
use crate::http::Problem;
use crate::manifests;

/// How many days a report covers.
const DAYS: u64 = 7;
/// Histories read at once.
const AT_ONCE: usize = 16;
/// Where no zone is.
const OUTSIDE: &str = "outside";

/// The overrides of a week, counted, and what they suggest.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct OverrideReport {
    /// The first day.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// How many manifests there were.
    manifests: usize,
    /// How many of them were overridden.
    overridden: usize,
    /// How often that was. A stop that goes from one partner to another is an override of both.
    overrides: usize,
    by_reason: BTreeMap<String, usize>,
    by_partner: BTreeMap<String, usize>,
    /// By the zones, as they are now, of the stops that were moved, taken out or given away.
    by_zone: BTreeMap<String, usize>,
    /// Constraints that the model may lack. Nothing is applied by itself.
    proposals: Vec<ProposalView>,
}

/// A manifest of the week.
struct History {
    partner: PartnerId,
    date: NaiveDate,
    visits: BTreeMap<ShipmentId, Visit>,
    overrides: Vec<ManifestOverridden>,
}

/// The report of the week that begins on `from`.
pub(crate) async fn report(app: &App, from: NaiveDate) -> Result<OverrideReport, Problem> {
    let dates: Vec<NaiveDate> =
        (0..DAYS).filter_map(|day| from.checked_add_days(Days::new(day))).collect();
    let mut rounds = Vec::new();
    for &date in &dates {
        let rows = manifests::rows_of_day(app, date).await?;
        rounds.extend(rows.into_iter().map(|row: ManifestRow| row.round));
    }
    let reading: Vec<_> = rounds.into_iter().map(|round| history(app, round)).collect();
    let histories: Vec<History> = stream::iter(reading).buffered(AT_ONCE).try_collect().await?;
    let changes = || histories.iter().flat_map(|history| &history.overrides);
    let word = |change: &ManifestOverridden| match serde_json::to_value(change.reason_code) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    };
    Ok(OverrideReport {
        from,
        to: dates.last().copied().unwrap_or(from),
        manifests: histories.len(),
        overridden: histories.iter().filter(|history| !history.overrides.is_empty()).count(),
        overrides: changes().count(),
        by_reason: tally(changes().map(word)),
        by_partner: tally(changes().map(|change| change.partner.to_string())),
        by_zone: tally(histories.iter().flat_map(|history| zones(app, history))),
        proposals: proposals::of(app, &histories).await,
    })
}

fn tally(words: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for word in words {
        *tally.entry(word).or_default() += 1;
    }
    tally
}

async fn history(app: &App, round: Round) -> Result<History, Problem> {
    let (partner, date) = (round.partner.clone(), round.date);
    // The first version is a plan: nobody has changed it.
    if round.version <= 1 {
        return Ok(History { partner, date, visits: untouched(&round), overrides: Vec::new() });
    }
    let stream = manifest_stream(&partner, date);
    let mut events = Vec::new();
    for event in load_all(app.ports.events.as_ref(), &stream).await? {
        events.push(event.decode::<ManifestEvent>().map_err(|error| Problem::internal(&error))?);
    }
    let visits = visits(&events);
    let overrides = events.into_iter().filter_map(|event| match event {
        ManifestEvent::ManifestOverridden(change) => Some(change),
        ManifestEvent::ManifestPlanned(_) => None,
    });
    Ok(History { partner, date, visits, overrides: overrides.collect() })
}

/// The zones of the stops that a manifest's overrides have changed, each once.
fn zones(app: &App, history: &History) -> BTreeSet<String> {
    let changed = history.visits.values().filter(|visit| visit.fate != Fate::Kept);
    changed.map(|visit| zone(app, visit)).collect()
}

fn zone(app: &App, visit: &Visit) -> String {
    let at = visit.planned.position.point();
    let cities = app.zones.all();
    let found = cities.values().find_map(|zones| zones.covering(at));
    found.map_or_else(|| OUTSIDE.to_owned(), ToString::to_string)
}
