//! Canaries: orders for people with known data, to be searched for in all files of a store.

mod parcel;
mod scan;

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use logistics_core::audit::{Anchor, verify_store};
use logistics_core::eventsourcing::{
    Actor, CommandEnvelope, Decider, EventStore, Outbox, ReadModels, Snapshot, Snapshots, StreamId,
    StreamIndex, execute, load, project,
};
use logistics_core::ids::{CommandId, SubjectId};
use logistics_core::privacy::{
    AggregateEraser, Binding, KeyStore, Opened, StreamEraser, SubjectKey, Vault, erase, export,
};
use logistics_core::values::Sha256Digest;
use serde::{Deserialize, Serialize};

use parcel::{IN_CLEAR, Parcel, ParcelCommand, Parcels};
use scan::scan;

/// Whom the parcels go to: more than one page of the database.
const PEOPLE: usize = 60;
/// The one who is erased.
const ERASED: usize = 17;

/// What is searched: a store of all that is made of a command.
pub(crate) trait Store:
    EventStore + StreamIndex + Snapshots + Outbox + ReadModels + KeyStore
{
}

impl<S: EventStore + StreamIndex + Snapshots + Outbox + ReadModels + KeyStore> Store for S {}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_424_400, 0).unwrap() + Duration::seconds(seconds)
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    phone: String,
    address: String,
}

fn subject(number: usize) -> SubjectId {
    SubjectId::new(format!("person-{number}")).unwrap()
}

fn parcel(number: usize) -> StreamId {
    StreamId::new(Parcel::CATEGORY, format!("parcel-{number}")).unwrap()
}

fn person(number: usize) -> Person {
    Person {
        name: format!("Canary Name {number:04}"),
        phone: format!("+91 98 1234 {number:04}"),
        address: format!("{number:04} Canary Lane, Pune"),
    }
}

fn key(number: usize) -> [u8; 32] {
    *Sha256Digest::of(format!("key of {number}")).as_bytes()
}

/// Orders a parcel: event, outbox and index in one commit, then a read model and a snapshot.
async fn order(store: &impl Store, number: usize) {
    let (stream, command_id) = (parcel(number), CommandId::new("order").unwrap());
    let place = Binding::of_stream(&stream, "consignee");
    let (fresh, subject) = (SubjectKey::from_bytes(key(number)), subject(number));
    let vault = Vault::new(store);
    let sealed = vault.seal_json(&subject, place, &command_id, &person(number), &fresh).await;
    let command = ParcelCommand::Order(sealed.unwrap());
    let command = CommandEnvelope::new(command_id, at(0), command);
    execute::<Parcel>(store, &stream, &command, at(0), &()).await.unwrap();
    snapshot(store, &stream).await;
}

async fn snapshot(store: &impl Store, stream: &StreamId) {
    let loaded = load::<Parcel>(store, stream).await.unwrap();
    let snapshot = Snapshot {
        version: loaded.version,
        hash: loaded.hash,
        recorded_at: loaded.recorded_at.unwrap(),
        revision: 1,
        state: serde_json::to_vec(&loaded.state).unwrap(),
    };
    store.save_snapshot(stream, &snapshot).await.unwrap();
}

async fn project_all(store: &impl Store) {
    while project::<Parcels>(store, store, 50).await.unwrap().events > 0 {}
}

async fn consignee(store: &impl Store, number: usize) -> Opened<Person> {
    let stream = parcel(number);
    let state = load::<Parcel>(store, &stream).await.unwrap().state;
    let place = Binding::of_stream(&stream, "consignee");
    Vault::new(store).open_json(&state.consignee.unwrap(), place).await.unwrap()
}

/// Orders a parcel for each person, with all that is made of it. Returns the anchor of that.
pub(crate) async fn order_all(store: &impl Store) -> Anchor {
    for number in 0..PEOPLE {
        order(store, number).await;
    }
    project_all(store).await;
    assert_eq!(store.pending(1_000).await.unwrap().len(), PEOPLE);
    assert_eq!(consignee(store, ERASED).await, Opened::Plain(person(ERASED)));
    verify_store(store, &[]).await.unwrap().mark.anchor()
}

/// Erases one person; read model and snapshot follow.
pub(crate) async fn erase_one(store: &impl Store) {
    let command: fn(&SubjectId) -> ParcelCommand = |subject| ParcelCommand::Erase(subject.clone());
    let eraser = AggregateEraser::<Parcel> { store, policy: &(), actor: Actor::System, command };
    let erasers: [&dyn StreamEraser; 1] = [&eraser];
    let erasure = erase(store, store, &erasers, &subject(ERASED), at(5)).await.unwrap();
    assert_eq!((erasure.streams, erasure.at), (vec![parcel(ERASED)], at(5)));
    project_all(store).await;
    snapshot(store, &parcel(ERASED)).await;
}

/// One is erased, the others can be read as before, and everything that was anchored is there.
pub(crate) async fn check_erased(store: &impl Store, anchor: Anchor) {
    for number in 0..PEOPLE {
        let expected = match number {
            ERASED => Opened::Erased { at: at(5) },
            _ => Opened::Plain(person(number)),
        };
        assert_eq!(consignee(store, number).await, expected, "{number}");
    }
    verify_store(store, &[anchor]).await.expect("the chains and the anchor hold");
    let export = export(store, store, store, &subject(ERASED), at(6)).await.unwrap();
    let export = serde_json::to_string(&export).unwrap();
    assert!(export.contains("erased") && !export.contains("Canary"), "{export}");
}

/// The files under `folder` that hold the key of the one who is erased.
pub(crate) fn erased_key_in(folder: &Path) -> BTreeSet<String> {
    scan(folder, [key(ERASED)])
}

/// And those that hold keys of the others.
pub(crate) fn other_keys_in(folder: &Path) -> BTreeSet<String> {
    scan(folder, (0..PEOPLE).filter(|&number| number != ERASED).map(key))
}

/// Nothing personal of anyone lies in clear, and what lies in clear is found.
pub(crate) fn assert_sealed(folder: &Path, when: &str) {
    assert!(!scan(folder, [IN_CLEAR]).is_empty(), "the scan sees nothing, {when}");
    let canaries = ["Canary Name ", "+91 98 1234 ", " Canary Lane, Pune"];
    assert_eq!(scan(folder, canaries), BTreeSet::new(), "{when}");
}
