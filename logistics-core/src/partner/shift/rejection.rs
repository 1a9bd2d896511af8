//! Why a command to a shift is refused.

use chrono::{DateTime, Utc};

use super::decide::ZONES_MAX;
use crate::ids::PartnerId;

/// Why a command to a shift is refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShiftRejection {
    /// The shift is over; the partner's next one has another date.
    #[error("the shift is over")]
    AlreadyEnded,
    /// The shift has not begun: start it.
    #[error("the shift has not started")]
    NotStarted,
    /// The shift is another partner's.
    #[error("the shift is that of partner {expected}, not of {found}")]
    WrongPartner {
        /// Whose it is.
        expected: PartnerId,
        /// Who was named.
        found: PartnerId,
    },
    /// The zones before and after are the same: nothing was crossed.
    #[error("the zones before and after are the same")]
    NotCrossed,
    /// More zones at once than [`ZONES_MAX`].
    #[error("{found} zones at once, more than {ZONES_MAX}")]
    TooManyZones {
        /// How many.
        found: usize,
    },
    /// It has not lasted as long as the policy wants: report it then, if it still lasts.
    #[error("this must last until {until} to be reported")]
    TooSoon {
        /// From when it can be reported.
        until: DateTime<Utc>,
    },
}

impl ShiftRejection {
    /// A stable word for the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyEnded => "shift_ended",
            Self::NotStarted => "shift_not_started",
            Self::WrongPartner { .. } => "wrong_partner",
            Self::NotCrossed => "not_crossed",
            Self::TooManyZones { .. } => "too_many_zones",
            Self::TooSoon { .. } => "too_soon",
        }
    }
}
