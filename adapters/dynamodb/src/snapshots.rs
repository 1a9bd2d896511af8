//! The port to keep folded states.

use async_trait::async_trait;
use logistics_core::eventsourcing::{Snapshot, Snapshots, StoreError, StreamId, Version};
use logistics_core::values::Sha256Digest;

use crate::error::Failure;
use crate::item::{Item, Reader, Unreadable, bytes, item, number, time};
use crate::keys::StreamKeys;
use crate::plan::{Action, Change, Condition};
use crate::store::DynamoStore;

#[async_trait]
impl Snapshots for DynamoStore {
    async fn snapshot(&self, stream: &StreamId) -> Result<Option<Snapshot>, StoreError> {
        let found = self.get(&StreamKeys::of(stream).snapshot()).await;
        let snapshot = found.and_then(|item| Ok(item.as_ref().map(read).transpose()?));
        snapshot.map_err(|failure| failure.during("read a snapshot"))
    }

    async fn save_snapshot(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let (version, revision) = (number(snapshot.version), number(snapshot.revision));
        let older = Condition::Any(vec![
            Condition::Absent,
            Condition::Less("revision", revision.clone()),
            Condition::All(vec![
                Condition::Equal("revision", revision.clone()),
                Condition::AtMost("v", version.clone()),
            ]),
        ]);
        let item = item(
            &StreamKeys::of(stream).snapshot(),
            [
                ("v", Some(version)),
                ("revision", Some(revision)),
                ("hash", Some(bytes(*snapshot.hash.as_bytes()))),
                ("recorded", Some(time(snapshot.recorded_at))),
                ("state", Some(bytes(&*snapshot.state))),
            ],
        );
        // A newer one that is there stays: nothing is left to do then.
        let written = self.write(Action::new(Change::Put(item), older)).await;
        written.map(drop).map_err(|failure: Failure| failure.during("save a snapshot"))
    }
}

fn read(item: &Item) -> Result<Snapshot, Unreadable> {
    let item = Reader(item);
    Ok(Snapshot {
        version: Version::new(item.number("v")?),
        hash: Sha256Digest::from_bytes(item.array("hash")?),
        recorded_at: item.time("recorded")?,
        revision: item.number("revision")?,
        state: item.bytes("state")?.to_vec(),
    })
}
