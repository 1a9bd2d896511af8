//! Killed in the middle of writing: what was acknowledged is there, once; nothing is half there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use logistics_core::eventsourcing::{EventStore, Outbox};
use logistics_core::telemetry::FixStore;
use logistics_sqlx::{SqliteConfig, SqliteStore};

use crate::fixtures::{at, block_on, commit, fix, message, stream, whole_feed};

const CYCLES: u64 = 12;
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
    for version in page.len() as u64.. {
        let mut made = commit(&id, version);
        made.outbox.push(message(&format!("{writer}-{version}")));
        store.commit(made).await.unwrap();
        acknowledge(&format!("c {writer} {version}"));
        let ms = i64::try_from(version).unwrap() * 10;
        store.append(&[fix(&id, ms), fix(&id, ms + 1)]).await.unwrap();
        acknowledge(&format!("f {writer} {ms}"));
    }
}

/// One write call for the line, so that a kill cannot cut it.
fn acknowledge(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n#{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// What the children were told is durable: the number of commits and the times of the batches of
/// fixes of each writer.
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

async fn check(store: &SqliteStore, acknowledged: &Acknowledged) {
    let feed = whole_feed(store).await;
    assert!(feed.iter().map(|e| e.position.get()).eq(1..=feed.len() as u64), "the feed has gaps");
    let mut versions: BTreeMap<u64, u64> = BTreeMap::new();
    for event in &feed {
        let version = versions.entry(event.stream.id().parse().unwrap()).or_default();
        *version += 1;
        assert_eq!(event.version.get(), *version, "in {}", event.stream);
    }
    for (writer, commits) in &acknowledged.commits {
        assert!(versions[writer] >= *commits, "writer {writer} lost commits");
    }
    let waiting = store.pending(u32::MAX).await.unwrap();
    assert_eq!(waiting.len(), feed.len(), "events and messages differ");
    for (writer, batches) in &acknowledged.fixes {
        let partner = fix(&writer.to_string(), 0).partner;
        let stored = store.range(&partner, at(0), at(1_000_000_000_000), u32::MAX).await.unwrap();
        let times: BTreeSet<i64> =
            stored.iter().map(|fix| (fix.ts - at(0)).num_milliseconds()).collect();
        assert!(times.is_superset(batches), "writer {writer} lost fixes");
        let whole = times.iter().all(|ms| times.contains(&(ms ^ 1)));
        assert!(whole, "half of a batch of writer {writer} is stored");
    }
}

#[test]
fn nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("store.db");
    let mut acknowledged = Acknowledged::default();
    for cycle in 0..CYCLES {
        // Spread over the phases of a batch and of a checkpoint.
        let pause = Duration::from_micros(cycle * 37_003 % 250_000);
        write_and_kill(&database, pause, &mut acknowledged);
        block_on(async {
            let store = SqliteStore::open(SqliteConfig::new(&database)).await.unwrap();
            check(&store, &acknowledged).await;
            store.close().await;
        });
    }
    assert!(acknowledged.lines > CYCLES, "too little was written to prove anything");
}
