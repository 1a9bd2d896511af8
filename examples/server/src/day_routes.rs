//! A partner's day in one line: drawn when the day is over, again when late fixes come, and once
//! more before its fixes are removed.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use logistics_core::PartnerId;
use logistics_core::eventsourcing::StoreError;
use logistics_core::privacy::{Pseudonym, SubjectKey};
use logistics_core::telemetry::{
    DAY_ROUTE_PURPOSE, DayRoute, Fix, RoutePolicy, RouteSketch, route_subject,
};

use crate::app::App;

/// Fixes read at a time.
const PAGE: u32 = 5_000;
/// Most days that wait to be drawn again. Further ones are drawn before their fixes are removed.
const LATE_MAX: usize = 100_000;

/// Days to which fixes came after they were over.
#[derive(Debug, Default)]
pub(crate) struct LateDays(Mutex<BTreeSet<(PartnerId, NaiveDate)>>);

impl LateDays {
    /// Notes the days of `fixes` that began before `today`.
    pub(crate) fn note<'a>(
        &self,
        fixes: impl Iterator<Item = &'a Fix>,
        today: DateTime<Utc>,
        date_of: impl Fn(DateTime<Utc>) -> NaiveDate,
    ) {
        let mut past = fixes.filter(|fix| fix.ts < today).peekable();
        if past.peek().is_none() {
            return;
        }
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for fix in past {
            if days.len() < LATE_MAX {
                days.insert((fix.partner.clone(), date_of(fix.ts)));
            }
        }
    }

    fn take(&self) -> BTreeSet<(PartnerId, NaiveDate)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where a route comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Drawn of the raw fixes.
    Fixes,
    /// These are gone; it was stored before.
    Stored,
}

/// The route of a partner's day: of the raw fixes, unless what was stored is made of more.
pub(crate) async fn of_day(
    app: &App,
    partner: &PartnerId,
    day: NaiveDate,
) -> Result<Option<(DayRoute, Source)>, StoreError> {
    let drawn = draw(app, partner, day).await?.map(|route| (route, Source::Fixes));
    let stored = stored(app, partner, day).await?.map(|route| (route, Source::Stored));
    // Of equals, the last one: the raw fixes are exact.
    Ok(stored.into_iter().chain(drawn).max_by_key(|(route, _)| route.fixes))
}

async fn stored(
    app: &App,
    partner: &PartnerId,
    day: NaiveDate,
) -> Result<Option<DayRoute>, StoreError> {
    let Ok(subject) = route_subject(partner) else { return Ok(None) };
    let keys = app.ports.keys.as_ref();
    match Pseudonym::find(keys, &subject, DAY_ROUTE_PURPOSE).await? {
        Some(whose) => app.ports.day_routes.of_day(&whose, day).await,
        None => Ok(None),
    }
}

/// The route through the raw fixes of a day, if there are any.
async fn draw(
    app: &App,
    partner: &PartnerId,
    day: NaiveDate,
) -> Result<Option<DayRoute>, StoreError> {
    let (mut from, to) = app.bounds_of(day);
    let mut sketch = RouteSketch::new(RoutePolicy::default());
    loop {
        let page = app.ports.fixes.range(partner, from, to, PAGE).await?;
        let full = page.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
        if let Some(last) = page.last() {
            // The next time that a store may keep apart from it.
            from = last.ts + Duration::microseconds(1);
        }
        page.into_iter().for_each(|fix| sketch.push(fix));
        if !full {
            return Ok(sketch.finish());
        }
    }
}

/// Draws a day and stores it. Of a partner who was erased nothing is stored.
async fn file(app: &App, partner: &PartnerId, day: NaiveDate) -> anyhow::Result<()> {
    let Some(route) = draw(app, partner, day).await? else { return Ok(()) };
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    let fresh = SubjectKey::from_bytes(bytes);
    let (keys, subject) = (app.ports.keys.as_ref(), route_subject(partner)?);
    let whose = Pseudonym::find_or_make(keys, &subject, DAY_ROUTE_PURPOSE, &fresh).await?;
    if let Some(whose) = whose {
        app.ports.day_routes.keep(&whose, day, &route).await?;
    }
    Ok(())
}

/// What has been drawn since the server started.
#[derive(Debug, Default)]
pub(crate) struct Diary {
    /// All days before this one.
    drawn_until: Option<NaiveDate>,
}

impl Diary {
    /// Draws the day before `today` of everybody, once, and the days to which late fixes came.
    ///
    /// A server that was down at the end of a day draws only the last one: what else it missed is
    /// drawn when late fixes come, and before the fixes are removed.
    pub(crate) async fn keep(&mut self, app: &App) -> anyhow::Result<()> {
        let today = app.date_of(app.now());
        if self.drawn_until != Some(today)
            && let Some(yesterday) = today.pred_opt()
        {
            let is_first_look = self.drawn_until.is_none();
            for partner in app.board.partners() {
                if is_first_look && stored(app, &partner, yesterday).await?.is_some() {
                    continue;
                }
                file(app, &partner, yesterday).await?;
            }
            self.drawn_until = Some(today);
        }
        for (partner, day) in app.gps.late_days().take() {
            file(app, &partner, day).await?;
        }
        Ok(())
    }
}

/// Draws every day that has fixes before `before`, which begins a day, for the last time.
pub(crate) async fn draw_before_removal(app: &App, before: DateTime<Utc>) -> anyhow::Result<()> {
    for partner in app.board.partners() {
        let mut from = DateTime::UNIX_EPOCH;
        while let Some(first) = app.ports.fixes.range(&partner, from, before, 1).await?.first() {
            let day = app.date_of(first.ts);
            file(app, &partner, day).await?;
            from = app.bounds_of(day).1;
        }
    }
    Ok(())
}
