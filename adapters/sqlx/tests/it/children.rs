//! Children of the tests: they write until they are killed, and what they were told is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use logistics_core::eventsourcing::{Commit, CommitError, EventStore, Retry, StoreError, load_all};
use logistics_core::telemetry::{Fix, FixStore};
use tokio::task::JoinSet;

use crate::fixtures::{Store, at, commit, fix, message, stream, whole_feed};

const WRITERS: u64 = 8;
/// How long a writer waits when the store is not there.
const PAUSE: Duration = Duration::from_millis(20);

/// Has several writers write for ever, and tells `told` of each acknowledgement.
pub(crate) async fn write_for_ever<S: Store>(store: S, told: fn(&str)) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write_as(writer, store.clone(), told));
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
}

async fn write_as<S: Store>(writer: u64, store: S, told: fn(&str)) {
    let id = writer.to_string();
    let begun = load_all(&store, &stream(&id)).await.unwrap();
    for version in begun.len() as u64.. {
        let mut made = commit(&id, version);
        made.outbox.push(message(&format!("{writer}-{version}")));
        commit_surely(&store, made).await;
        told(&format!("c {writer} {version}"));
        let ms = i64::try_from(version).unwrap() * 10;
        append_surely(&store, &[fix(&id, ms), fix(&id, ms + 1)]).await;
        told(&format!("f {writer} {ms}"));
    }
}

/// Sends `made` until it is taken. A writer has its stream to itself.
async fn commit_surely(store: &impl EventStore, made: Commit) {
    let mut in_doubt = false;
    loop {
        match store.commit(made.clone()).await {
            Ok(_) => return,
            Err(CommitError::Duplicate(record)) if in_doubt => {
                assert_eq!(record, made.command);
                return;
            }
            Err(CommitError::OutcomeUnknown(_)) => in_doubt = true,
            Err(CommitError::Store(error)) => wait_after(&error).await,
            Err(error) => panic!("{error:?}"),
        }
    }
}

async fn append_surely(store: &impl FixStore, fixes: &[Fix]) {
    while let Err(error) = store.append(fixes).await {
        wait_after(&error).await;
    }
}

async fn wait_after(error: &StoreError) {
    assert_eq!(error.retry, Retry::Later, "{error:?}");
    tokio::time::sleep(PAUSE).await;
}

/// Tells the parent, in one call, so that a kill cannot cut the line.
pub(crate) fn tell_parent(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n#{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// A child that writes.
pub(crate) struct Writing {
    child: Child,
    lines: JoinHandle<Vec<String>>,
}

impl Writing {
    /// Runs `test` of this program in a child and waits until it tells something.
    pub(crate) fn start(test: &str, variables: &[(&str, &OsStr)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (first, began) = mpsc::channel();
        let lines = std::thread::spawn(move || {
            let told = output.lines().map(Result::unwrap).inspect(|line| {
                if line.starts_with('#') {
                    let _ = first.send(());
                }
            });
            told.collect()
        });
        began.recv_timeout(Duration::from_secs(120)).expect("the child tells something");
        Self { child, lines }
    }

    /// Sends the child a signal, such as `STOP`.
    #[cfg(feature = "postgres")]
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    }

    /// Kills the child; what it was told.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let lines = self.lines.join().unwrap().into_iter();
        lines.filter_map(|line| line.strip_prefix('#').map(str::to_owned)).collect()
    }
}

/// What the writers were told is durable: the number of commits and the times of the batches of
/// fixes of each.
#[derive(Default)]
pub(crate) struct Acknowledged {
    commits: BTreeMap<u64, u64>,
    fixes: BTreeMap<u64, BTreeSet<i64>>,
    pub(crate) lines: u64,
}

impl Acknowledged {
    pub(crate) fn read(&mut self, line: &str) {
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

    /// All of it is in `store`, and nothing by halves.
    pub(crate) async fn check(&self, store: &impl Store) {
        let feed = whole_feed(store).await;
        assert!(
            feed.iter().map(|e| e.position.get()).eq(1..=feed.len() as u64),
            "gaps in the feed"
        );
        let mut versions: BTreeMap<u64, u64> = BTreeMap::new();
        for event in &feed {
            let version = versions.entry(event.stream.id().parse().unwrap()).or_default();
            *version += 1;
            assert_eq!(event.version.get(), *version, "in {}", event.stream);
        }
        for (writer, commits) in &self.commits {
            assert!(versions[writer] >= *commits, "writer {writer} lost commits");
        }
        let waiting = store.pending(u32::MAX).await.unwrap();
        assert_eq!(waiting.len(), feed.len(), "events and messages differ");
        for (writer, batches) in &self.fixes {
            let partner = fix(&writer.to_string(), 0).partner;
            let stored = store.range(&partner, at(0), at(1_000_000_000_000), u32::MAX).await;
            let times: BTreeSet<i64> =
                stored.unwrap().iter().map(|fix| (fix.ts - at(0)).num_milliseconds()).collect();
            assert!(times.is_superset(batches), "writer {writer} lost fixes");
            let whole = times.iter().all(|ms| times.contains(&(ms ^ 1)));
            assert!(whole, "half of a batch of writer {writer} is stored");
        }
    }
}
