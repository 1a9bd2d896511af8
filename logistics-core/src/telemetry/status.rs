//! A partner's status: green on route, amber idle, red off route or at risk, grey offline.
//!
//! A state machine over fixes in the order of their own times: a late fix changes nothing here, and
//! one from the future is not taken. Between fixes a state holds until a fix says otherwise: a
//! device that reports only when it moves is idle, not unknown, until it has been silent too long.

use chrono::{DateTime, TimeDelta, Utc};
use geo_types::Point;
use serde::{Deserialize, Serialize};

use super::distance::{distance_m, distance_to_segment_m};
use super::fix::Fix;

/// Limits of a partner's status.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatusPolicy {
    /// Silent for this long: offline.
    pub silent_after: TimeDelta,
    /// Not moved for longer than this: idle.
    pub idle_after: TimeDelta,
    /// Staying within this radius, beyond what the fixes are uncertain by, is not moving, in metres.
    pub idle_radius_m: f64,
    /// Half the width of the planned leg's corridor, in metres.
    pub corridor_m: f64,
    /// Out of the corridor or of all assigned zones for this long: off route.
    pub off_route_after: TimeDelta,
    /// A fix further ahead of now is not taken.
    pub future_max: TimeDelta,
}

impl Default for StatusPolicy {
    fn default() -> Self {
        Self {
            silent_after: TimeDelta::minutes(15),
            idle_after: TimeDelta::minutes(8),
            idle_radius_m: 30.0,
            corridor_m: 500.0,
            off_route_after: TimeDelta::minutes(3),
            future_max: TimeDelta::minutes(2),
        }
    }
}

/// A partner's status, by the colour that it is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// On route.
    Green,
    /// Idle.
    Amber,
    /// Off route, or a promise is at risk.
    Red,
    /// Offline.
    Grey,
}

/// Why a partner has its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusReason {
    /// Green: nothing is amiss.
    OnRoute,
    /// Amber: has not moved for a while.
    Idle,
    /// Red: away from the corridor of the planned leg for a while.
    OffRoute,
    /// Red: outside all assigned zones for a while.
    OutsideZones,
    /// Red: a promise will not be kept at this pace.
    SlaAtRisk,
    /// Grey: no fix for a while.
    Silent,
    /// Grey: the device's connection is gone.
    LinkLost,
    /// Grey: no fix ever.
    NeverSeen,
}

/// What the plan says about a fix.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Surroundings {
    /// The planned leg: from the last completed stop to the next one. None without a plan.
    pub leg: Option<(Point<f64>, Point<f64>)>,
    /// The fix is outside all zones that are assigned to the partner.
    pub outside_zones: bool,
}

/// What is known of a partner now; plain data that can be kept and read back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LiveState {
    last: Option<Fix>,
    /// The first fix of the place where the partner has been since.
    settled: Option<Fix>,
    off_route_since: Option<DateTime<Utc>>,
    outside_since: Option<DateTime<Utc>>,
    link_lost_at: Option<DateTime<Utc>>,
    sla_at_risk: bool,
}

impl LiveState {
    /// The partner's latest fix.
    #[must_use]
    pub fn last(&self) -> Option<&Fix> {
        self.last.as_ref()
    }

    /// Takes `fix`, which arrives at `now`, if it is later than all before it and not from the
    /// future; says whether it was taken.
    pub fn observe(
        &mut self,
        fix: &Fix,
        surroundings: &Surroundings,
        now: DateTime<Utc>,
        policy: &StatusPolicy,
    ) -> bool {
        let late = self.last.as_ref().is_some_and(|last| fix.ts <= last.ts);
        if late || fix.ts.signed_duration_since(now) > policy.future_max {
            return false;
        }
        let moved = self.settled.as_ref().is_none_or(|settled| {
            let noise_m = settled.accuracy_m.max(fix.accuracy_m);
            distance_m(settled.position, fix.position) > policy.idle_radius_m + noise_m
        });
        if moved {
            self.settled = Some(fix.clone());
        }
        let off_route = surroundings.leg.is_some_and(|(from, to)| {
            let off_m = distance_to_segment_m(fix.position, from, to);
            off_m - fix.accuracy_m > policy.corridor_m
        });
        keep_since(&mut self.off_route_since, off_route, fix.ts);
        keep_since(&mut self.outside_since, surroundings.outside_zones, fix.ts);
        if self.link_lost_at.is_some_and(|lost| fix.ts > lost) {
            self.link_lost_at = None;
        }
        self.last = Some(fix.clone());
        true
    }

    /// The plan has changed: what was off the old leg need not be off the new one. The next fix
    /// tells.
    pub fn plan_changed(&mut self) {
        self.off_route_since = None;
        self.outside_since = None;
    }

    /// The device's connection broke at `at`, or its last will arrived then.
    pub fn link_lost(&mut self, at: DateTime<Utc>) {
        self.link_lost_at = Some(at);
    }

    /// The device has connected again.
    pub fn link_restored(&mut self) {
        self.link_lost_at = None;
    }

    /// Whether the chain of arrivals from now passes the end of a promise.
    pub fn set_sla_at_risk(&mut self, at_risk: bool) {
        self.sla_at_risk = at_risk;
    }

    /// The status at `now` and its reason; of several, the gravest.
    #[must_use]
    pub fn status(&self, now: DateTime<Utc>, policy: &StatusPolicy) -> (Status, StatusReason) {
        let since = |start: Option<DateTime<Utc>>| start.map(|at| now.signed_duration_since(at));
        let lasts = |start, limit| since(start).is_some_and(|lasted| lasted >= limit);
        let Some(last) = &self.last else {
            return (Status::Grey, StatusReason::NeverSeen);
        };
        let settled_at = self.settled.as_ref().map(|fix| fix.ts);
        if self.link_lost_at.is_some() {
            (Status::Grey, StatusReason::LinkLost)
        } else if lasts(Some(last.ts), policy.silent_after) {
            (Status::Grey, StatusReason::Silent)
        } else if lasts(self.off_route_since, policy.off_route_after) {
            (Status::Red, StatusReason::OffRoute)
        } else if lasts(self.outside_since, policy.off_route_after) {
            (Status::Red, StatusReason::OutsideZones)
        } else if self.sla_at_risk {
            (Status::Red, StatusReason::SlaAtRisk)
        } else if since(settled_at).is_some_and(|lasted| lasted > policy.idle_after) {
            (Status::Amber, StatusReason::Idle)
        } else {
            (Status::Green, StatusReason::OnRoute)
        }
    }
}

fn keep_since(since: &mut Option<DateTime<Utc>>, holds: bool, at: DateTime<Utc>) {
    *since = if holds { since.or(Some(at)) } else { None };
}
