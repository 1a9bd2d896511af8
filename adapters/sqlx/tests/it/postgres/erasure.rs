//! A destroyed key is gone from the server's files, but for the log that it writes ahead.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use logistics_core::ids::SubjectId;
use logistics_core::privacy::{KeyState, KeyStore, SubjectKey};
use sqlx::Executor;

use super::cluster::Cluster;
use super::fixtures::Schema;
use crate::fixtures::{at, block_on};

const SUBJECTS: u8 = 60;

fn subject(n: u8) -> SubjectId {
    SubjectId::new(format!("subject-{n}")).unwrap()
}

/// Bytes that are found nowhere by chance.
fn key(n: u8) -> SubjectKey {
    SubjectKey::from_bytes(std::array::from_fn(|at| {
        let at = u8::try_from(at).unwrap();
        n.wrapping_mul(151) ^ at.wrapping_mul(at).wrapping_add(n)
    }))
}

/// The keys that are somewhere in the files below `folder`.
fn found_below(folder: &Path) -> BTreeSet<u8> {
    // By the two bytes that they begin with, so that few places are looked at closely.
    let mut beginning: BTreeMap<[u8; 2], Vec<u8>> = BTreeMap::new();
    for n in 0..SUBJECTS {
        let [first, second, ..] = *key(n).expose();
        beginning.entry([first, second]).or_default().push(n);
    }
    let mut begins = vec![false; 1 << 16];
    for &begin in beginning.keys() {
        begins[usize::from(u16::from_be_bytes(begin))] = true;
    }
    let mut found = BTreeSet::new();
    for file in files_below(folder) {
        let content = fs::read(file).unwrap_or_default();
        for (at, pair) in content.windows(2).enumerate() {
            if !begins[usize::from(pair[0]) << 8 | usize::from(pair[1])] {
                continue;
            }
            let of = beginning[&[pair[0], pair[1]]].iter();
            found.extend(of.filter(|n| content[at..].starts_with(key(**n).expose())));
        }
    }
    found
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| files_below(folder)));
    files
}

#[test]
fn a_destroyed_key_is_in_no_file_of_the_tables() {
    let cluster = Cluster::start();
    let schema = Schema::at(cluster.url());
    block_on(async {
        let store = schema.open().await;
        let mut db = schema.connect().await;
        for n in 0..SUBJECTS {
            store.create_key(&subject(n), &key(n)).await.unwrap();
        }
        db.execute("CHECKPOINT").await.unwrap();
        let base = cluster.data().join("base");
        assert!(found_below(&base).into_iter().eq(0..SUBJECTS), "they can be found");
        // A reader of long breath, such as a backup: it must not keep what it might have seen.
        let mut backup = schema.connect().await;
        backup.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT now()").await.unwrap();

        for n in (0..SUBJECTS).step_by(3) {
            store.destroy_key(&subject(n), at(7)).await.unwrap();
            store.destroy_key(&subject(n), at(9)).await.unwrap();
        }
        db.execute("CHECKPOINT").await.unwrap();
        for n in 0..SUBJECTS {
            let destroyed = KeyState::Destroyed { at: at(7) };
            let expected = if n % 3 == 0 { destroyed } else { KeyState::Present(key(n)) };
            assert_eq!(store.key(&subject(n)).await.unwrap(), expected);
        }
        assert!(found_below(&base).into_iter().eq((0..SUBJECTS).filter(|n| n % 3 != 0)));
        backup.execute("COMMIT").await.unwrap();
        store.close().await;
    });
}
