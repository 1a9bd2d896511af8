//! Specifications of deciders: given these events, when this command, then those events.

use chrono::{DateTime, Utc};

use crate::eventsourcing::{DecideContext, Decider, Occurred, replay};

/// Begins a specification: what has happened so far.
///
/// ```
/// use logistics_core::HubId;
/// use logistics_core::shipment::{ConfirmPickup, HubArrived, HubDeparted, ScanOutbound, Shipment};
/// use logistics_core::testing::given;
///
/// let hub = HubId::new("pune-1")?;
/// given::<Shipment>([HubArrived { hub: hub.clone() }.into()])
///     .when(ScanOutbound { hub: hub.clone(), to: None })
///     .then([HubDeparted { hub, to: None }.into()]);
/// given::<Shipment>([])
///     .when(ConfirmPickup::default())
///     .then_rejected(|rejection| rejection.code() == "unknown_shipment");
/// # Ok::<(), logistics_core::IdError>(())
/// ```
#[must_use]
pub fn given<D: Decider>(events: impl IntoIterator<Item = D::Event>) -> Given<D>
where
    D::Policy: Default,
{
    Given {
        events: events.into_iter().collect(),
        now: DateTime::from_timestamp(1_795_424_400, 0).unwrap_or_default(),
        policy: D::Policy::default(),
    }
}

/// What has happened, at what time, under which policy.
#[derive(Debug)]
pub struct Given<D: Decider> {
    events: Vec<D::Event>,
    now: DateTime<Utc>,
    policy: D::Policy,
}

impl<D: Decider> Given<D> {
    /// Sets the time of deciding.
    #[must_use]
    pub const fn at(mut self, now: DateTime<Utc>) -> Self {
        self.now = now;
        self
    }

    /// Sets the policy.
    #[must_use]
    pub fn under(mut self, policy: D::Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Decides `command`.
    #[must_use]
    pub fn when(self, command: impl Into<D::Command>) -> When<D> {
        let state = replay::<D>(&self.events);
        let context = DecideContext {
            now: self.now,
            occurred: Occurred::observed(self.now),
            policy: &self.policy,
        };
        When { decision: D::decide(&state, &command.into(), &context) }
    }
}

/// What was decided.
#[derive(Debug)]
pub struct When<D: Decider> {
    decision: Result<Vec<D::Event>, D::Rejection>,
}

impl<D: Decider> When<D> {
    /// The decision itself.
    ///
    /// # Errors
    /// The rejection, where it was one.
    pub fn decision(self) -> Result<Vec<D::Event>, D::Rejection> {
        self.decision
    }

    /// Asserts that exactly these events were decided.
    ///
    /// # Panics
    /// When something else was.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = D::Event>) {
        let expected: Vec<D::Event> = expected.into_iter().collect();
        assert_eq!(self.decision, Ok(expected));
    }

    /// Asserts that there was nothing to do.
    ///
    /// # Panics
    /// When there was, or it was refused.
    #[track_caller]
    pub fn then_nothing(self) {
        self.then([]);
    }

    /// Asserts that it was refused as `expected` says.
    ///
    /// # Panics
    /// When it was not refused, or otherwise.
    #[track_caller]
    pub fn then_rejected(self, expected: impl FnOnce(&D::Rejection) -> bool) {
        let refused = matches!(&self.decision, Err(rejection) if expected(rejection));
        assert!(refused, "not refused as expected: {:?}", self.decision);
    }
}
