//! Killed in the middle of writing: what was acknowledged is there, once; nothing is half there.
//! The full size, 500 kills: `LOGISTICS_TEST_SCALE=50 cargo test -p logistics-sqlx --release \
//! --test it -- --nocapture nothing_acknowledged_is_lost`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use logistics_core::eventsourcing::{
    Cursor, EventStore, FoundStream, IndexEntry, IndexQuery, Outbox, RecordedEvent, StreamIndex,
    Version, follow, verify_chain,
};
use logistics_core::ids::CommandId;
use logistics_core::telemetry::FixStore;
use logistics_core::values::Sha256Digest;
use logistics_sqlx::{SqliteConfig, SqliteStore};

use crate::fixtures::{at, block_on, commit_after, fix, message, stream};

/// Kills in a normal run. `LOGISTICS_TEST_SCALE` multiplies them: with 50 it is the full size.
const CYCLES: u64 = 10;
const WRITERS: u64 = 8;
/// Where a child finds the database; the parent sets it.
const DATABASE: &str = "LOGISTICS_SQLX_CRASH_DATABASE";

/// The child: writes until it is killed and prints what was acknowledged. Without the variable
/// this is not the child, and there is nothing to do.
#[test]
fn child_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(DATABASE) else { return };
    block_on(async {
        let store = SqliteStore::open(SqliteConfig::new(path)).await.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write_for_ever(store.clone(), writer));
        }
        while let Some(ended) = writers.join_next().await {
            ended.unwrap();
        }
    });
}

async fn write_for_ever(store: SqliteStore, writer: u64) {
    let id = writer.to_string();
    let page = logistics_core::eventsourcing::load_all(&store, &stream(&id)).await.unwrap();
    let mut last = page.last().map_or(Sha256Digest::ZERO, |event| event.event.hash);
    for version in page.len() as u64.. {
        let mut made = commit_after(&id, version, last);
        made.outbox.push(message(&format!("{writer}-{version}")));
        made.index = Some(vec![IndexEntry::new("writer", &*id, sort(version + 1))]);
        last = store.commit(made).await.unwrap().events[0].event.hash;
        acknowledge(&format!("c {writer} {version}"));
        let ms = i64::try_from(version).unwrap() * 10;
        store.append(&[fix(&id, ms), fix(&id, ms + 1)]).await.unwrap();
        acknowledge(&format!("f {writer} {ms}"));
    }
}

/// Where the index lists a stream that stands at `version`.
fn sort(version: u64) -> String {
    format!("{version:010}")
}

/// One write call for the line, so that a kill cannot cut it.
fn acknowledge(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n#{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// What the children were told is durable: the number of commits of each writer, and the times of
/// its batches of fixes in the last cycle.
#[derive(Default)]
struct Acknowledged {
    commits: BTreeMap<u64, u64>,
    fixes: BTreeMap<u64, BTreeSet<i64>>,
    lines: u64,
}

impl Acknowledged {
    fn read(&mut self, line: &str) {
        let Some(line) = line.strip_prefix('#') else { return };
        let mut words = line.split(' ');
        let (kind, writer) = (words.next().unwrap(), words.next().unwrap().parse().unwrap());
        let number: u64 = words.next().unwrap().parse().unwrap();
        self.lines += 1;
        match kind {
            "c" => drop(self.commits.insert(writer, number + 1)),
            "f" => {
                self.fixes.entry(writer).or_default().insert(i64::try_from(number).unwrap());
            }
            other => panic!("{other:?} in {line:?}"),
        }
    }
}

fn spawn_child(database: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_writes_until_it_is_killed", "--nocapture"])
        .env(DATABASE, database)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets a child write for `pause` after its first acknowledgement, then kills it.
fn write_and_kill(database: &Path, pause: Duration, acknowledged: &mut Acknowledged) {
    let mut child = spawn_child(database);
    let output = BufReader::new(child.stdout.take().unwrap());
    let (first, began) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut lines = Vec::new();
        for line in output.lines() {
            let line = line.unwrap();
            if line.starts_with('#') {
                let _ = first.send(());
            }
            lines.push(line);
        }
        lines
    });
    began.recv_timeout(Duration::from_secs(120)).expect("the child acknowledges something");
    std::thread::sleep(pause);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap().iter().for_each(|line| acknowledged.read(line));
}

/// What was checked so far.
#[derive(Default)]
struct Checked {
    feed: Cursor,
    /// Where each writer's stream stands.
    stands: BTreeMap<u64, (Version, Sha256Digest)>,
}

impl Checked {
    /// Reads what is new in the feed: that the last event of before is still the same one, that no
    /// position is missing, that each stream's chain holds.
    async fn feed(&mut self, store: &SqliteStore) -> Vec<RecordedEvent> {
        let mut new = Vec::new();
        loop {
            let page = follow(store, self.feed, 900).await.expect("the feed is the same");
            if page.is_empty() {
                return new;
            }
            for event in &page {
                assert_eq!(event.position.get(), self.feed.position.get() + 1, "the feed has gaps");
                let writer = event.stream.id().parse().unwrap();
                let new = || (Version::NONE, Sha256Digest::ZERO);
                let (version, hash) = self.stands.entry(writer).or_insert_with(new);
                *hash = verify_chain(*version, *hash, std::slice::from_ref(event)).unwrap();
                *version = event.version;
                self.feed = Cursor::behind(event);
            }
            new.extend(page);
        }
    }

    /// Everything that the commits of `new` events changed is there, and no more.
    async fn commits(&self, store: &SqliteStore, new: &[RecordedEvent]) {
        for event in new {
            let record = store.command(&event.stream, &event.command_id).await.unwrap();
            let record = record.unwrap_or_else(|| panic!("no record of {event:?}"));
            assert_eq!((record.before.next(), record.after), (event.version, event.version));
        }
        let waiting = store.pending(u32::MAX).await.unwrap();
        let ids: Vec<String> = waiting.iter().map(|item| item.effect_id.to_string()).collect();
        let expected: Vec<String> = new
            .iter()
            .map(|event| format!("{}-{}", event.stream.id(), event.version.get() - 1))
            .collect();
        assert_eq!(ids, expected, "events and messages differ");
        for (writer, (version, _)) in &self.stands {
            let stream = stream(&writer.to_string());
            let next = CommandId::new(format!("c{}", version.get())).unwrap();
            assert_eq!(store.command(&stream, &next).await.unwrap(), None, "a record too much");
            let query = IndexQuery {
                index: "writer".to_owned(),
                partition: writer.to_string(),
                limit: 9,
                ..IndexQuery::default()
            };
            let found = FoundStream { sort: sort(version.get()), stream };
            assert_eq!(store.find(&query).await.unwrap(), [found]);
        }
        // The next cycle's are told from these.
        let delivered: Vec<_> = waiting.into_iter().map(|item| item.effect_id).collect();
        store.delivered(&delivered).await.unwrap();
    }

    fn acknowledged(&self, acknowledged: &Acknowledged) {
        for (writer, commits) in &acknowledged.commits {
            let (version, _) = self.stands[writer];
            assert!(version.get() >= *commits, "writer {writer} lost commits");
        }
    }
}

/// The batches of fixes are there, and whole.
async fn check_fixes(store: &SqliteStore, batches: &BTreeMap<u64, BTreeSet<i64>>) {
    for (writer, batches) in batches {
        let partner = fix(&writer.to_string(), 0).partner;
        let from = at(batches.first().copied().unwrap_or(0));
        let stored = store.range(&partner, from, at(1_000_000_000_000), u32::MAX).await.unwrap();
        let times: BTreeSet<i64> =
            stored.iter().map(|fix| (fix.ts - at(0)).num_milliseconds()).collect();
        assert!(times.is_superset(batches), "writer {writer} lost fixes");
        let whole = times.iter().all(|ms| times.contains(&(ms ^ 1)));
        assert!(whole, "half of a batch of writer {writer} is stored");
    }
}

fn cycles() -> u64 {
    let scale = std::env::var("LOGISTICS_TEST_SCALE").map_or(1, |scale| scale.parse().unwrap());
    CYCLES * scale
}

#[test]
fn nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("store.db");
    let (mut checked, mut acknowledged) = (Checked::default(), Acknowledged::default());
    for cycle in 0..cycles() {
        // Spread over the phases of a batch and of a checkpoint.
        let pause = Duration::from_micros(cycle * 37_003 % 250_000);
        acknowledged.fixes.clear();
        write_and_kill(&database, pause, &mut acknowledged);
        block_on(async {
            let store = SqliteStore::open(SqliteConfig::new(&database)).await.unwrap();
            let new = checked.feed(&store).await;
            checked.commits(&store, &new).await;
            checked.acknowledged(&acknowledged);
            check_fixes(&store, &acknowledged.fixes).await;
            store.close().await;
        });
    }
    println!(
        "{} kills, {} acknowledgements, {} events: nothing lost, nothing half there",
        cycles(),
        acknowledged.lines,
        checked.feed.position
    );
    assert!(acknowledged.lines > cycles(), "too little was written to prove anything");
    block_on(async {
        // Once more from the first event, and no fix of any cycle is half there.
        let store = SqliteStore::open(SqliteConfig::new(&database)).await.unwrap();
        let mut again = Checked::default();
        again.feed(&store).await;
        assert_eq!(again.stands, checked.stands);
        let all = checked.stands.keys().map(|writer| (*writer, BTreeSet::new()));
        check_fixes(&store, &all.collect()).await;
        store.close().await;
    });
}
