//! Commands on aggregates without reading their streams from the start each time: recent states
//! stay in memory, older ones in snapshots.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::decider::{CommandEnvelope, Decider};
use super::execute::{ATTEMPTS_MAX, Attempt, ExecuteError, Executed, Loaded, Step, fold};
use super::line::Answer;
use super::recent::Recent;
use super::snapshot::{Snapshot, Snapshots, Snapshotted};
use super::store::{EventStore, StoreError, load_after};
use super::stream::{StreamId, Version};

/// The aggregates of one kind in one store.
///
/// What it answers is what [`execute`](super::execute) would. With states in memory, commands on one
/// stream do not meet in conflicts: those that come while a commit is under way are decided upon the
/// state to come and leave together after it. Other processes may write to the same streams all the
/// same.
///
/// ```
/// use std::sync::Arc;
/// use logistics_core::eventsourcing::{Aggregates, CommandEnvelope};
/// use logistics_core::ids::{CommandId, PartnerId};
/// use logistics_core::memory::MemoryStore;
/// use logistics_core::partner::{self, Partner, PartnerCommand, PartnerPolicy, PartnerProfile};
/// use logistics_core::partner::{RegisterPartner, Vehicle};
///
/// # futures::executor::block_on(async {
/// let partners = Aggregates::<Partner>::new(Arc::new(MemoryStore::new())).cached(1_000);
/// let partner = PartnerId::new("DP-7")?;
/// let stream = partner::partner_stream(&partner);
/// let profile = PartnerProfile::new(Vehicle::TwoWheeler);
/// let register = RegisterPartner { partner, profile };
/// let now = chrono::DateTime::UNIX_EPOCH;
/// let command =
///     CommandEnvelope::new(CommandId::new("c1")?, now, PartnerCommand::Register(register));
/// let done = partners.execute(&stream, &command, now, &PartnerPolicy).await?;
/// assert_eq!(done.version.get(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
pub struct Aggregates<D: Decider> {
    store: Arc<dyn EventStore>,
    recent: Option<Recent<D>>,
    snapshots: Option<Keeper<D>>,
}

impl<D: Decider> Aggregates<D> {
    /// The aggregates in `store`, each read from its first event on.
    #[must_use]
    pub fn new(store: Arc<dyn EventStore>) -> Self {
        Self { store, recent: None, snapshots: None }
    }

    /// The same, keeping the states of about `streams` streams in memory, the most recently used.
    #[must_use]
    pub fn cached(mut self, streams: usize) -> Self {
        self.recent = Some(Recent::new(streams));
        self
    }

    /// The same, with a snapshot of each stream in `snapshots` after every `every` events.
    #[must_use]
    pub fn snapshotted(mut self, snapshots: Arc<dyn Snapshots>, every: u64) -> Self
    where
        D: Snapshotted,
    {
        self.snapshots = Some(Keeper {
            snapshots,
            every: every.max(1),
            revision: D::REVISION,
            encode: |state| serde_json::to_vec(state),
            decode: |bytes| serde_json::from_slice(bytes),
        });
        self
    }

    /// Reads the aggregate of `stream` as it stands in the store now.
    ///
    /// # Errors
    /// [`ExecuteError::Store`] or [`ExecuteError::Unreadable`].
    pub async fn load(&self, stream: &StreamId) -> Result<Loaded<D>, ExecuteError<D::Rejection>> {
        let known = match &self.recent {
            Some(recent) => {
                let line = recent.line(stream);
                let turn = line.turn().await;
                let known = turn.close(&*self.store).await;
                turn.open(known.clone());
                known
            }
            None => None,
        };
        self.up_to_date(stream, known).await
    }

    /// Runs `command`, as [`execute`](super::execute) does.
    ///
    /// # Errors
    /// [`ExecuteError`]; see its variants for what to do.
    pub async fn execute(
        &self,
        stream: &StreamId,
        command: &CommandEnvelope<D::Command>,
        now: DateTime<Utc>,
        policy: &D::Policy,
    ) -> Result<Executed<D>, ExecuteError<D::Rejection>> {
        let attempt = Attempt::<D>::new(&*self.store, stream, command, now, policy)?;
        let Some(recent) = &self.recent else {
            return self.alone(stream, attempt, &mut None).await;
        };
        let line = recent.line(stream);
        let mut staged = line.stage(&attempt);
        let mut turn = None;
        if staged.is_none() {
            turn = Some(line.turn().await);
            // Who was first may have found out how the stream stands.
            staged = line.stage(&attempt);
        }
        if let Some(staged) = staged {
            let before = staged.before;
            match staged.answer(&*self.store, &mut turn).await {
                Answer::Taken(committed, after) => {
                    drop(turn);
                    self.keep_snapshot(stream, before, Some(&after)).await;
                    return Ok(after.executed(committed));
                }
                Answer::NotTaken => {}
                Answer::Unknown(source) => attempt.doubt(source),
            }
        }
        let turn = match turn {
            Some(turn) => turn,
            None => line.turn().await,
        };
        let mut known = turn.close(&*self.store).await;
        let executed = self.alone(stream, attempt, &mut known).await;
        turn.open(known);
        executed
    }

    /// Decides upon what is `known`, or read, and commits; again where another writer was faster.
    /// Leaves in `known` how the stream stands then, unless that is not certain.
    async fn alone(
        &self,
        stream: &StreamId,
        attempt: Attempt<'_, D>,
        known: &mut Option<Loaded<D>>,
    ) -> Result<Executed<D>, ExecuteError<D::Rejection>> {
        let failed = |error| attempt.failed(error);
        let mut fresh = false;
        for _ in 0..ATTEMPTS_MAX {
            let loaded = match known.take() {
                Some(known) => known,
                None => {
                    fresh = true;
                    self.up_to_date(stream, None).await.map_err(failed)?
                }
            };
            match attempt.run(&loaded).await {
                Ok(Step::Again) => {}
                Ok(Step::Done(executed, after)) => {
                    self.keep_snapshot(stream, loaded.version, after.as_ref()).await;
                    *known = after;
                    return Ok(executed);
                }
                Err(error) if fresh => {
                    *known = Some(loaded);
                    return Err(failed(error));
                }
                // Nobody is refused by what may be out of date.
                Err(_) => {
                    *known = Some(self.up_to_date(stream, Some(loaded)).await.map_err(failed)?);
                    fresh = true;
                }
            }
        }
        Err(attempt.given_up())
    }

    /// `known` with what the stream holds after it; without it, from the snapshot on.
    async fn up_to_date(
        &self,
        stream: &StreamId,
        known: Option<Loaded<D>>,
    ) -> Result<Loaded<D>, ExecuteError<D::Rejection>> {
        let known = match (known, &self.snapshots) {
            (Some(known), _) => known,
            (None, Some(keeper)) => keeper.read(stream).await?.unwrap_or_default(),
            (None, None) => Loaded::default(),
        };
        let events = load_after(&*self.store, stream, known.version).await?;
        fold(known, &events)
    }

    /// Keeps a snapshot when the stream has passed a multiple of `every`. A snapshot that cannot be
    /// kept is not missed.
    async fn keep_snapshot(&self, stream: &StreamId, before: Version, after: Option<&Loaded<D>>) {
        if let (Some(keeper), Some(after)) = (&self.snapshots, after)
            && before.get() / keeper.every < after.version.get() / keeper.every
            && let Some(snapshot) = keeper.snapshot(after)
        {
            let _ = keeper.snapshots.save_snapshot(stream, &snapshot).await;
        }
    }
}

impl<D: Decider> fmt::Debug for Aggregates<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregates")
            .field("category", &D::CATEGORY)
            .field("cached", &self.recent.as_ref().map(|recent| recent.streams()))
            .field("snapshot_every", &self.snapshots.as_ref().map(|keeper| keeper.every))
            .finish_non_exhaustive()
    }
}

/// Snapshots of one kind of aggregate.
struct Keeper<D: Decider> {
    snapshots: Arc<dyn Snapshots>,
    every: u64,
    revision: u32,
    encode: fn(&D::State) -> Result<Vec<u8>, serde_json::Error>,
    decode: fn(&[u8]) -> Result<D::State, serde_json::Error>,
}

impl<D: Decider> Keeper<D> {
    /// The state in the snapshot, if there is one that this program can use.
    async fn read(&self, stream: &StreamId) -> Result<Option<Loaded<D>>, StoreError> {
        let found = self.snapshots.snapshot(stream).await?;
        let usable = found.filter(|snapshot| snapshot.revision == self.revision);
        Ok(usable.and_then(|snapshot| {
            let Snapshot { version, hash, recorded_at, state, .. } = snapshot;
            let state = (self.decode)(&state).ok()?;
            Some(Loaded { state, version, recorded_at: Some(recorded_at), hash })
        }))
    }

    fn snapshot(&self, loaded: &Loaded<D>) -> Option<Snapshot> {
        Some(Snapshot {
            version: loaded.version,
            hash: loaded.hash,
            recorded_at: loaded.recorded_at?,
            revision: self.revision,
            state: (self.encode)(&loaded.state).ok()?,
        })
    }
}
