//! Dispatch windows: at set times of the local day every hub's shipments are planned.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use logistics_core::sla::Promise;
use logistics_core::{HubId, RunId};

use super::rows::hubs;
use super::{Wanted, run};
use crate::app::App;
use crate::http::chain;
use crate::ids::derived;

/// A run is still made so long after its time, if the server was not there.
const LATE: TimeDelta = TimeDelta::minutes(30);
/// A promise has an end, and clocks may jump over it as well.
const BEHIND_ANY_JUMP: TimeDelta = TimeDelta::hours(6);
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(5);
/// When hubs that could not be planned are tried again.
const AGAIN: Duration = Duration::from_secs(60);
/// More windows in a day than anybody needs.
const WINDOWS_MAX: usize = 96;

/// The times of the local day at which dispatch runs are made; there may be none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Windows(BTreeSet<NaiveTime>);

/// `06:00,09:00,12:00`, or `never`.
impl FromStr for Windows {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self::default());
        }
        let time = |part: &str| {
            NaiveTime::parse_from_str(part.trim(), "%H:%M")
                .map_err(|_| format!("{part:?} is not a time of day such as 06:00, nor \"never\""))
        };
        let times: BTreeSet<NaiveTime> = text.split(',').map(time).collect::<Result<_, _>>()?;
        if times.len() > WINDOWS_MAX {
            return Err(format!("{} times, more than {WINDOWS_MAX}", times.len()));
        }
        Ok(Self(times))
    }
}

/// A window of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Window {
    date: NaiveDate,
    time: NaiveTime,
}

impl Window {
    /// When it opens, by the rules of promises: where clocks jump over its time, later by the jump;
    /// where its time comes twice, at the first.
    fn opens(self, zone: Tz) -> Option<DateTime<Utc>> {
        let local = self.date.and_time(self.time);
        Some(Promise::resolve(zone.name(), local, local + BEHIND_ANY_JUMP).ok()?.start())
    }
}

impl Windows {
    /// The last window that opened, if its run is not too late now.
    fn open_at(&self, now: DateTime<Utc>, zone: Tz) -> Option<Window> {
        let today = now.with_timezone(&zone).date_naive();
        let dates = [Some(today), today.pred_opt()].into_iter().flatten();
        let mut windows =
            dates.flat_map(|date| self.0.iter().rev().map(move |&time| Window { date, time }));
        windows.find(|window| {
            window.opens(zone).is_some_and(|opens| opens <= now && now < opens + LATE)
        })
    }
}

/// Makes the runs of the windows as they open, for ever.
pub(crate) async fn keep(app: Arc<App>) {
    let mut done = None;
    loop {
        let window = app.settings.windows.open_at(app.now(), app.settings.time_zone);
        if let Some(window) = window.filter(|window| done != Some(*window)) {
            if !open(&app, window).await {
                tokio::time::sleep(AGAIN).await;
                continue;
            }
            done = Some(window);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A run for each hub where something waits; false if one could not be made. The id of each run is
/// that of its window and hub: whoever opens the window again plans nothing twice.
async fn open(app: &Arc<App>, window: Window) -> bool {
    let hubs = match hubs(app).await {
        Ok(hubs) => hubs,
        Err(error) => {
            tracing::error!(error = %chain(&error), ?window, "the hubs cannot be listed");
            return false;
        }
    };
    let mut all = true;
    for hub in hubs {
        let planned = run(app, wanted(window, &hub)).await;
        if let Err(problem) = planned {
            tracing::error!(?problem, %hub, ?window, "the hub's window is not planned");
            all = false;
        }
    }
    all
}

fn wanted(window: Window, hub: &HubId) -> Wanted {
    let (date, time) = (window.date.to_string(), window.time.to_string());
    Wanted {
        run: derived(RunId::new, &["window", hub.as_str(), &date, &time]),
        date: Some(window.date),
        hub: Some(hub.clone()),
        shipments: None,
        partners: None,
        reassign: false,
        seed: 1,
        iterations: None,
        request: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("RFC 3339")
    }

    fn opened(windows: &Windows, now: &str, zone: Tz) -> Option<String> {
        windows.open_at(at(now), zone).map(|open| format!("{} {}", open.date, open.time))
    }

    #[test]
    fn a_window_is_open_from_its_local_time_for_half_an_hour() {
        let windows: Windows = "06:00,09:00".parse().expect("times");
        let pune = Tz::Asia__Kolkata;
        assert_eq!(opened(&windows, "2026-11-26T00:29:59Z", pune), None);
        let six = Some("2026-11-26 06:00:00".to_owned());
        assert_eq!(opened(&windows, "2026-11-26T00:30:00Z", pune), six);
        assert_eq!(opened(&windows, "2026-11-26T00:59:59Z", pune), six);
        assert_eq!(opened(&windows, "2026-11-26T01:00:00Z", pune), None);
    }

    #[test]
    fn clocks_that_jump_open_each_window_once() {
        let windows: Windows = "02:30,23:50".parse().expect("times");
        let berlin = Tz::Europe__Berlin;
        // 2026-03-29: 02:00 is 03:00. 2026-10-25: 02:30 comes at 00:30 and at 01:30 UTC.
        let spring = Some("2026-03-29 02:30:00".to_owned());
        assert_eq!(opened(&windows, "2026-03-29T01:29:59Z", berlin), None);
        assert_eq!(opened(&windows, "2026-03-29T01:30:00Z", berlin), spring);
        let autumn = Some("2026-10-25 02:30:00".to_owned());
        assert_eq!(opened(&windows, "2026-10-25T00:30:00Z", berlin), autumn);
        assert_eq!(opened(&windows, "2026-10-25T01:30:00Z", berlin), None, "the second time");
        let over_midnight = Some("2026-11-25 23:50:00".to_owned());
        assert_eq!(opened(&windows, "2026-11-25T23:10:00Z", berlin), over_midnight);
    }

    #[test]
    fn what_is_no_time_is_refused_by_name() {
        assert_eq!("never".parse(), Ok(Windows::default()));
        let error = "06:00,25:00".parse::<Windows>().expect_err("no such time");
        assert_eq!(error, "\"25:00\" is not a time of day such as 06:00, nor \"never\"");
    }
}
