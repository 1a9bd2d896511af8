//! What a delivery partner is registered with. Where it is and how it does is not here.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::PARTNER_CATEGORY;
use crate::eventsourcing::{DecideContext, Decider};
use crate::ids::{CityId, PartnerId};

/// Longest display name, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// Greatest capacity of a vehicle, in capacity units.
pub const CAPACITY_MAX: u32 = 1_000_000;
/// Longest shift, in hours.
pub const SHIFT_HOURS_MAX: i64 = 24;

/// What a partner drives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vehicle {
    /// A motorcycle, scooter or bicycle.
    #[default]
    TwoWheeler,
    /// A car or van.
    FourWheeler,
}

impl Vehicle {
    /// What it carries when nothing else is said, in capacity units.
    #[must_use]
    pub const fn default_capacity(self) -> u32 {
        match self {
            Self::TwoWheeler => 30,
            Self::FourWheeler => 120,
        }
    }
}

/// When a partner works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftHours {
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when: the round ends before this.
    pub ends_at: DateTime<Utc>,
}

/// What a partner is registered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerProfile {
    /// What the operations desk shows. A call sign, not a person's name: it is stored in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the partner drives.
    pub vehicle: Vehicle,
    /// What the vehicle carries, in capacity units.
    pub capacity: u32,
    /// Whose zones apply to the partner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<CityId>,
    /// When the partner works, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<ShiftHours>,
}

impl PartnerProfile {
    /// A partner with this vehicle and its usual capacity.
    #[must_use]
    pub const fn new(vehicle: Vehicle) -> Self {
        let capacity = vehicle.default_capacity();
        Self { name: None, vehicle, capacity, city: None, shift: None }
    }
}

/// Registers a partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterPartner {
    /// Its id.
    pub partner: PartnerId,
    /// What it is registered with.
    pub profile: PartnerProfile,
}

/// Changes what a partner is registered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdatePartner {
    /// What it is registered with from now on, all of it.
    pub profile: PartnerProfile,
}

/// What can be asked of a partner's registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerCommand {
    /// See [`RegisterPartner`].
    Register(RegisterPartner),
    /// See [`UpdatePartner`].
    Update(UpdatePartner),
}

/// A partner was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerRegistered {
    /// Its id.
    pub partner: PartnerId,
    /// What it is registered with.
    #[serde(flatten)]
    pub profile: PartnerProfile,
}

/// What a partner is registered with was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerUpdated {
    /// Its id.
    pub partner: PartnerId,
    /// What it is registered with from now on.
    #[serde(flatten)]
    pub profile: PartnerProfile,
}

crate::domain_events! {
    /// What can happen to a partner's registration.
    pub enum PartnerEvent { PartnerRegistered = 1, PartnerUpdated = 1 }
}

/// What is known of a partner's registration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnerState {
    /// The partner and what it is registered with; none before it is.
    pub registered: Option<(PartnerId, PartnerProfile)>,
}

/// Decisions about partners depend on nothing but the limits of this module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PartnerPolicy;

/// Why a partner's registration is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartnerRejection {
    /// The partner is registered with something else: update it.
    #[error("partner {partner} is registered already, with other details")]
    AlreadyRegistered {
        /// The partner.
        partner: PartnerId,
    },
    /// There is no such partner: register it.
    #[error("the partner is not registered")]
    NotRegistered,
    /// The display name is empty or too long.
    #[error("name has {bytes} bytes, not within 1 and {NAME_BYTES_MAX}")]
    Name {
        /// Its length in bytes of UTF-8.
        bytes: usize,
    },
    /// The capacity is nothing or too much.
    #[error("capacity is {found}, not within 1 and {CAPACITY_MAX}")]
    Capacity {
        /// What was given.
        found: u32,
    },
    /// The shift does not end after it starts, or is longer than [`SHIFT_HOURS_MAX`].
    #[error("a shift of {minutes} minutes is not within 1 minute and {SHIFT_HOURS_MAX} hours")]
    Shift {
        /// Its length, in minutes.
        minutes: i64,
    },
}

impl PartnerRejection {
    /// A stable word for the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyRegistered { .. } => "already_registered",
            Self::NotRegistered => "unknown_partner",
            Self::Name { .. } => "text_length",
            Self::Capacity { .. } => "out_of_range",
            Self::Shift { .. } => "shift_length",
        }
    }

    /// The field of the command that is to blame, where one is.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Name { .. } => Some("name"),
            Self::Capacity { .. } => Some("capacity"),
            Self::Shift { .. } => Some("shift"),
            Self::AlreadyRegistered { .. } | Self::NotRegistered => None,
        }
    }
}

/// A partner's registration as a decider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partner;

impl Decider for Partner {
    const CATEGORY: &'static str = PARTNER_CATEGORY;
    type Command = PartnerCommand;
    type Event = PartnerEvent;
    type State = PartnerState;
    type Rejection = PartnerRejection;
    type Policy = PartnerPolicy;

    fn decide(
        state: &PartnerState,
        command: &PartnerCommand,
        _context: &DecideContext<'_, PartnerPolicy>,
    ) -> Result<Vec<PartnerEvent>, PartnerRejection> {
        match (command, &state.registered) {
            (PartnerCommand::Register(RegisterPartner { partner, profile }), None) => {
                check(profile)?;
                let (partner, profile) = (partner.clone(), profile.clone());
                Ok(vec![PartnerRegistered { partner, profile }.into()])
            }
            (PartnerCommand::Register(again), Some((partner, profile))) => {
                if again.profile == *profile && again.partner == *partner {
                    return Ok(Vec::new());
                }
                Err(PartnerRejection::AlreadyRegistered { partner: partner.clone() })
            }
            (PartnerCommand::Update(_), None) => Err(PartnerRejection::NotRegistered),
            (PartnerCommand::Update(update), Some((_, profile))) if update.profile == *profile => {
                Ok(Vec::new())
            }
            (PartnerCommand::Update(UpdatePartner { profile }), Some((partner, _))) => {
                check(profile)?;
                let (partner, profile) = (partner.clone(), profile.clone());
                Ok(vec![PartnerUpdated { partner, profile }.into()])
            }
        }
    }

    fn evolve(_state: PartnerState, event: &PartnerEvent) -> PartnerState {
        let (PartnerEvent::PartnerRegistered(PartnerRegistered { partner, profile })
        | PartnerEvent::PartnerUpdated(PartnerUpdated { partner, profile })) = event;
        PartnerState { registered: Some((partner.clone(), profile.clone())) }
    }
}

fn check(profile: &PartnerProfile) -> Result<(), PartnerRejection> {
    let bytes = profile.name.as_ref().map_or(1, String::len);
    if !(1..=NAME_BYTES_MAX).contains(&bytes) {
        return Err(PartnerRejection::Name { bytes });
    }
    if !(1..=CAPACITY_MAX).contains(&profile.capacity) {
        return Err(PartnerRejection::Capacity { found: profile.capacity });
    }
    if let Some(ShiftHours { starts_at, ends_at }) = profile.shift {
        let length = ends_at - starts_at;
        if length < Duration::minutes(1) || length > Duration::hours(SHIFT_HOURS_MAX) {
            return Err(PartnerRejection::Shift { minutes: length.num_minutes() });
        }
    }
    Ok(())
}
