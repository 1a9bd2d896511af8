//! Snapshots: folded states kept as a cache, so that a long stream is not read from its start.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::decider::Decider;
use super::store::StoreError;
use super::stream::{StreamId, Version};
use crate::values::Sha256Digest;

/// A decider whose state can be kept.
pub trait Snapshotted: Decider<State: Serialize + DeserializeOwned> {
    /// The revision of the state's shape and meaning. Whatever changes what folding gives, in
    /// [`Decider::State`] or [`Decider::evolve`], changes it; older snapshots are then ignored.
    const REVISION: u32;
}

/// The state of a stream at one of its versions.
///
/// A cache, never the truth: one of another revision, or one that cannot be read, is as good as
/// none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The version of the last event that is folded.
    pub version: Version,
    /// The hash of that event.
    pub hash: Sha256Digest,
    /// When that event was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The revision of the state.
    pub revision: u32,
    /// The state as JSON.
    pub state: Vec<u8>,
}

/// Storage of snapshots: at most one for each stream.
#[async_trait]
pub trait Snapshots: Send + Sync {
    /// The snapshot of `stream`.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError>;

    /// Keeps `snapshot` of `stream`, unless one of a higher revision, or of the same revision and a
    /// higher version, is there.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot answer.
    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot)
    -> Result<(), StoreError>;
}
