//! Where each partner was seen last, so that those who fell silent, and those in a zone, are found.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::eventsourcing::StoreError;
use crate::ids::{PartnerId, ZoneId};

/// When and in which zone a partner was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The partner.
    pub partner: PartnerId,
    /// The time of its last fix.
    pub last_seen: DateTime<Utc>,
    /// The zone it was in; of several, the first by id.
    pub zone: Option<ZoneId>,
    /// Whether its shift is on. Only partners on shift can be silent.
    pub on_shift: bool,
}

/// The last presence of each partner.
#[async_trait]
pub trait PresenceStore: Send + Sync {
    /// Keeps each of `presences` in place of what is known of its partner, unless that was seen
    /// later. Of two of one time the one that comes later stays.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn note(&self, presences: &[Presence]) -> Result<(), StoreError>;

    /// The partners on shift who were last seen before `before`, the longest silent first
    /// (then by id), at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn silent(&self, before: DateTime<Utc>, limit: u32) -> Result<Vec<Presence>, StoreError>;

    /// The partners in `zone`, by id, after `after`, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn in_zone(
        &self,
        zone: &ZoneId,
        after: Option<&PartnerId>,
        limit: u32,
    ) -> Result<Vec<Presence>, StoreError>;
}
