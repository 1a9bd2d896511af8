//! Canaries: no file of the store ever holds personal data in clear, and none holds the key of a
//! subject that was erased.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use logistics_core::audit::verify_store;
use logistics_core::eventsourcing::{
    Actor, CommandEnvelope, DecideContext, Decider, Effects, IndexEntry, Message, Outbox as _,
    Projection, RecordedEvent, Snapshot, Snapshots as _, StreamId, execute, load, project,
};
use logistics_core::ids::{CommandId, SubjectId};
use logistics_core::privacy::{
    AggregateEraser, Binding, Opened, SUBJECT_INDEX, Sealed, StreamEraser, SubjectKey, Vault,
    erase, export,
};
use logistics_core::values::Sha256Digest;
use logistics_sqlx::{SqliteConfig, SqliteStore};
use serde::{Deserialize, Serialize};

use crate::fixtures::{at, block_on};

/// Whom the parcels go to: more than one page of the database.
const PEOPLE: usize = 60;
/// Stored in clear, so that a scan that finds nothing cannot pass.
const IN_CLEAR: &str = "reference-in-clear-8f3a";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    phone: String,
    address: String,
}

/// The parcel was ordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ordered {
    reference: String,
    consignee: Sealed,
}

/// The consignee is erased.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ConsigneeErased {
    subject: SubjectId,
}

logistics_core::domain_events! {
    /// What can happen to a parcel.
    enum ParcelEvent { Ordered = 1, ConsigneeErased = 1 }
}

#[derive(Debug)]
struct Parcel;

#[derive(Debug, Clone, PartialEq, Serialize)]
enum ParcelCommand {
    Order(Sealed),
    Erase(SubjectId),
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct ParcelState {
    consignee: Option<Sealed>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("refused")]
struct Never;

impl Decider for Parcel {
    const CATEGORY: &'static str = "PCL";
    type Command = ParcelCommand;
    type Event = ParcelEvent;
    type State = ParcelState;
    type Rejection = Never;
    type Policy = ();

    fn decide(
        _: &ParcelState,
        command: &ParcelCommand,
        _: &DecideContext<'_, ()>,
    ) -> Result<Vec<ParcelEvent>, Never> {
        Ok(vec![match command.clone() {
            ParcelCommand::Order(consignee) => {
                Ordered { reference: IN_CLEAR.to_owned(), consignee }.into()
            }
            ParcelCommand::Erase(subject) => ConsigneeErased { subject }.into(),
        }])
    }

    fn evolve(state: ParcelState, event: &ParcelEvent) -> ParcelState {
        match event {
            ParcelEvent::Ordered(ordered) => {
                ParcelState { consignee: Some(ordered.consignee.clone()) }
            }
            ParcelEvent::ConsigneeErased(_) => state,
        }
    }

    fn index(state: &ParcelState) -> Vec<IndexEntry> {
        let subject = state.consignee.iter().map(Sealed::subject);
        subject.map(|subject| IndexEntry::new(SUBJECT_INDEX, subject.as_str(), "")).collect()
    }

    fn effects(state: &ParcelState, _: &[ParcelEvent], _: &DecideContext<'_, ()>) -> Effects {
        let body = serde_json::to_vec(&state.consignee).unwrap();
        let message = Message { kind: "notice", key: "consignee".to_owned(), body };
        Effects { messages: vec![message], timers: Vec::new() }
    }
}

/// Parcels by their consignees.
struct Parcels;

impl Projection for Parcels {
    const NAME: &'static str = "parcels";
    const REVISION: u16 = 1;
    type Row = ParcelState;
    type Event = ParcelEvent;

    fn key(stream: &StreamId) -> Option<String> {
        Some(stream.id().to_owned())
    }

    fn apply(row: Option<ParcelState>, event: ParcelEvent, _: &RecordedEvent) -> ParcelState {
        Parcel::evolve(row.unwrap_or_default(), &event)
    }

    fn indexes(row: &ParcelState) -> Vec<IndexEntry> {
        Parcel::index(row)
    }
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
async fn order(store: &SqliteStore, number: usize) {
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

async fn snapshot(store: &SqliteStore, stream: &StreamId) {
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

async fn project_all(store: &SqliteStore) {
    while project::<Parcels>(store, store, 50).await.unwrap().events > 0 {}
}

async fn consignee(store: &SqliteStore, number: usize) -> Opened<Person> {
    let stream = parcel(number);
    let state = load::<Parcel>(store, &stream).await.unwrap().state;
    let place = Binding::of_stream(&stream, "consignee");
    Vault::new(store).open_json(&state.consignee.unwrap(), place).await.unwrap()
}

async fn erase_person(store: &SqliteStore, number: usize, now: DateTime<Utc>) {
    let command: fn(&SubjectId) -> ParcelCommand = |subject| ParcelCommand::Erase(subject.clone());
    let eraser = AggregateEraser::<Parcel> { store, policy: &(), actor: Actor::System, command };
    let erasers: [&dyn StreamEraser; 1] = [&eraser];
    let erasure = erase(store, store, &erasers, &subject(number), now).await.unwrap();
    assert_eq!((erasure.streams, erasure.at), (vec![parcel(number)], now));
}

/// How `bytes` could lie in a file: as they are, in hexadecimal, in base64 behind any other bytes,
/// in UTF-16.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        bytes.to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
        bytes.iter().flat_map(|&byte| [byte, 0]).collect(),
        bytes.iter().flat_map(|&byte| [0, byte]).collect(),
    ];
    for alphabet in [b"+/", b"-_"] {
        for skipped in 0..3 {
            forms.push(base64(&bytes[skipped..], alphabet));
        }
    }
    forms
}

/// The digits of the whole groups of three bytes.
fn base64(bytes: &[u8], last: &[u8; 2]) -> Vec<u8> {
    let digits: Vec<u8> =
        (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*last).collect();
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0_usize, |bits, &byte| bits << 8 | usize::from(byte));
        [18, 12, 6, 0].map(|shift| digits[bits >> shift & 63])
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

/// In how many places the files of the folder hold one of `needles` in one of its forms, by file.
fn scan<N: AsRef<[u8]>>(
    folder: &Path,
    needles: impl IntoIterator<Item = N>,
) -> BTreeMap<String, usize> {
    // By their first eight bytes, so that one pass looks for all.
    let mut forms: BTreeMap<u64, Vec<Vec<u8>>> = BTreeMap::new();
    for form in needles.into_iter().flat_map(|needle| self::forms(needle.as_ref())) {
        let first = u64::from_be_bytes(*form.first_chunk().unwrap());
        forms.entry(first).or_default().push(form);
    }
    let mut hits = BTreeMap::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let content = std::fs::read(&path).unwrap();
        let mut window = 0;
        let mut count = 0;
        for (end, byte) in (1..).zip(&content) {
            window = window << 8 | u64::from(*byte);
            let begun = forms.get(&window).into_iter().flatten();
            count += begun.filter(|form| end >= 8 && content[end - 8..].starts_with(form)).count();
        }
        hits.insert(path.file_name().unwrap().to_string_lossy().into_owned(), count);
    }
    assert!(hits.len() > 1, "a store has more than one file");
    hits.retain(|_, hits| *hits > 0);
    hits
}

/// Nothing personal of anyone lies in clear, and what lies in clear is found.
fn assert_sealed(folder: &Path, when: &str) {
    assert!(!scan(folder, [IN_CLEAR]).is_empty(), "the scan sees nothing, {when}");
    let canaries = ["Canary Name ", "+91 98 1234 ", " Canary Lane, Pune"];
    assert_eq!(scan(folder, canaries), BTreeMap::new(), "{when}");
}

#[test]
fn a_scan_finds_each_form() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("other"), "nothing").unwrap();
    let canary = b"Canary Name ";
    for form in forms(canary) {
        std::fs::write(folder.path().join("file"), [b"before", &form[..], b"after"].concat())
            .unwrap();
        assert_eq!(scan(folder.path(), [canary]).len(), 1, "{}", String::from_utf8_lossy(&form));
    }
    assert_eq!(String::from_utf8(base64(b"Canary", b"+/")).unwrap(), "Q2FuYXJ5");
}

#[test]
fn no_file_holds_personal_data_and_none_an_erased_key() {
    const ERASED: usize = 17;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let config = SqliteConfig::new(path.join("store.db"));
    block_on(async {
        let store = SqliteStore::open(config.clone()).await.unwrap();
        for number in 0..PEOPLE {
            order(&store, number).await;
        }
        assert_sealed(path, "after the orders");
        project_all(&store).await;
        assert_sealed(path, "after the projection");
        assert_eq!(store.pending(1_000).await.unwrap().len(), PEOPLE);
        assert_eq!(consignee(&store, ERASED).await, Opened::Plain(person(ERASED)));
        let anchor = verify_store(&store, &[]).await.unwrap().mark.anchor();
        store.close().await;
        assert_sealed(path, "after closing");
        assert!(!scan(path, [key(ERASED)]).is_empty(), "the key is there before it is destroyed");

        let store = SqliteStore::open(config.clone()).await.unwrap();
        // A reader that is in the middle of something.
        consignee(&store, ERASED).await;
        erase_person(&store, ERASED, at(5)).await;
        assert_eq!(scan(path, [key(ERASED)]), BTreeMap::new(), "right after the erasure");
        project_all(&store).await;
        snapshot(&store, &parcel(ERASED)).await;
        assert_sealed(path, "after the erasure");

        for number in 0..PEOPLE {
            let expected = match number {
                ERASED => Opened::Erased { at: at(5) },
                _ => Opened::Plain(person(number)),
            };
            assert_eq!(consignee(&store, number).await, expected, "{number}");
        }
        verify_store(&store, &[anchor]).await.expect("the chains and the anchor hold");
        let export = export(&store, &store, &store, &subject(ERASED), at(6)).await.unwrap();
        let export = serde_json::to_string(&export).unwrap();
        assert!(export.contains("erased") && !export.contains("Canary"), "{export}");
        store.close().await;
        assert_sealed(path, "after closing again");
        assert_eq!(scan(path, [key(ERASED)]), BTreeMap::new(), "after closing again");
        assert!(!scan(path, [key(ERASED + 1)]).is_empty(), "other keys are there");
    });
}

#[test]
fn all_subjects_can_be_erased_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    block_on(async {
        let store = SqliteStore::open(SqliteConfig::new(path.join("store.db"))).await.unwrap();
        for number in 0..PEOPLE {
            order(&store, number).await;
            // Some keys are destroyed while they lie only in the log, others out of the file.
            if number % 3 == 0 {
                erase_person(&store, number, at(5)).await;
            }
        }
        assert!(!scan(path, (0..PEOPLE).map(key)).is_empty(), "the others have their keys");
        for number in (0..PEOPLE).filter(|number| number % 3 != 0) {
            erase_person(&store, number, at(6)).await;
        }
        assert_eq!(scan(path, (0..PEOPLE).map(key)), BTreeMap::new());
        assert_sealed(path, "after all erasures");
        let verified = verify_store(&store, &[]).await.unwrap();
        assert_eq!(verified.streams.len(), PEOPLE);
        store.close().await;
    });
}
