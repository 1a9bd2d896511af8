//! Destroyed keys: no trace of them in any file; the others are as they were.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use logistics_core::ids::SubjectId;
use logistics_core::privacy::{KeyState, KeyStore, SubjectKey};
use logistics_core::values::Sha256Digest;
use logistics_sqlx::{SqliteConfig, SqliteStore};
use tokio::task::JoinSet;

use crate::fixtures::{at, block_on};

/// So many that pages of the file were split often. Where splitting moves keys, a few copies of them
/// stay in the gaps of pages.
const SUBJECTS: u32 = 20_000;
/// Calls at once.
const CALLERS: u32 = 64;

fn subject(n: u32) -> SubjectId {
    // Far from the order in which they are made.
    SubjectId::new(format!("S-{}", n.wrapping_mul(2_654_435_761))).unwrap()
}

/// Bytes that occur nowhere else.
fn key(n: u32) -> [u8; 32] {
    *Sha256Digest::of(format!("key {n}")).as_bytes()
}

/// All files in `dir` as one run of bytes.
fn bytes_of(dir: &Path) -> Vec<u8> {
    let files = fs::read_dir(dir).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.collect::<Vec<_>>().concat()
}

/// Which of the keys the files hold, whole or one half.
fn found(dir: &Path) -> BTreeSet<u32> {
    let halves: HashMap<[u8; 16], u32> = (0..SUBJECTS)
        .flat_map(|n| {
            key(n).chunks(16).map(|half| (half.try_into().unwrap(), n)).collect::<Vec<_>>()
        })
        .collect();
    let bytes = bytes_of(dir);
    bytes.windows(16).filter_map(|window| halves.get(window)).copied().collect()
}

/// Runs `call` for each subject, by many callers at once.
async fn for_each<F>(
    store: &SqliteStore,
    subjects: &BTreeSet<u32>,
    call: impl Fn(SqliteStore, u32) -> F + Copy + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let own: Vec<u32> = subjects.iter().copied().filter(|n| n % CALLERS == caller).collect();
        let store = store.clone();
        callers.spawn(async move {
            for n in own {
                call(store.clone(), n).await;
            }
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended.unwrap();
    }
}

async fn create(store: SqliteStore, n: u32) {
    let fresh = SubjectKey::from_bytes(key(n));
    let created = store.create_key(&subject(n), &fresh).await;
    assert_eq!(created.unwrap(), KeyState::Present(fresh));
}

async fn destroy(store: SqliteStore, n: u32) {
    store.destroy_key(&subject(n), at(0)).await.unwrap();
}

#[test]
fn nothing_is_left_of_a_destroyed_key() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store =
            SqliteStore::open(SqliteConfig::new(dir.path().join("store.db"))).await.unwrap();
        let all: BTreeSet<u32> = (0..SUBJECTS).collect();
        for_each(&store, &all, create).await;
        assert!(found(dir.path()) == all, "the test does not see every key");

        let (destroyed, kept): (BTreeSet<u32>, BTreeSet<u32>) =
            all.into_iter().partition(|n| n % 20 == 0);
        for_each(&store, &destroyed, destroy).await;
        let left: Vec<u32> = found(dir.path()).intersection(&destroyed).copied().collect();
        assert!(left.is_empty(), "{left:?} are left while the store is open");
        store.close().await;
        assert!(found(dir.path()) == kept, "after it was closed");

        let store =
            SqliteStore::open(SqliteConfig::new(dir.path().join("store.db"))).await.unwrap();
        for n in (0..SUBJECTS).step_by(7) {
            let expected = if n % 20 == 0 {
                KeyState::Destroyed { at: at(0) }
            } else {
                KeyState::Present(SubjectKey::from_bytes(key(n)))
            };
            assert_eq!(store.key(&subject(n)).await.unwrap(), expected, "{n}");
        }
        store.close().await;
    });
}

/// While another program reads the keys, its view of them keeps the log: the caller is told, and
/// trying again ends it.
#[test]
fn a_destruction_that_could_not_be_finished_is_told_and_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let mut config = SqliteConfig::new(dir.path().join("store.db"));
        config.busy_timeout = std::time::Duration::from_millis(100);
        let store = SqliteStore::open(config.clone()).await.unwrap();
        store.create_key(&subject(1), &SubjectKey::from_bytes(key(1))).await.unwrap();
        let mut other = rusqlite::Connection::open(&config.keys).unwrap();
        let view = other.transaction().unwrap();
        view.query_row("SELECT count(*) FROM keys", (), |row| row.get::<_, i64>(0)).unwrap();

        store.destroy_key(&subject(1), at(0)).await.unwrap_err();
        let destroyed = KeyState::Destroyed { at: at(0) };
        assert_eq!(store.key(&subject(1)).await.unwrap(), destroyed);
        assert_eq!(found(dir.path()), BTreeSet::from([1]));
        view.rollback().unwrap();
        other.close().unwrap();
        store.destroy_key(&subject(1), at(9)).await.unwrap();
        assert_eq!(found(dir.path()), BTreeSet::new());
        assert_eq!(store.key(&subject(1)).await.unwrap(), destroyed, "the first time holds");
        store.close().await;
    });
}
