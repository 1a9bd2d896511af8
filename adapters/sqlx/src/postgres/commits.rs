//! What the server answers for a batch of commits, and what that means for each of them.

use logistics_core::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, Position, RecordedEvent, Version,
};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::batch::{Batch, Pending};
use super::values::{SqlResult, corrupt, uint, whole_micros};

/// What became of commits that the database could take.
pub(crate) type Outcome = Result<Vec<Committed>, Refusal>;

/// Why they were not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    Conflict { actual: Version },
    Duplicate(CommandRecord),
}

impl From<Refusal> for CommitError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Conflict { actual } => Self::Conflict { actual },
            Refusal::Duplicate(record) => Self::Duplicate(record),
        }
    }
}

/// The server's answers for a batch.
#[derive(Debug)]
pub(crate) struct Answers {
    /// The position before the first event of the batch.
    position: u64,
    /// One for each commit.
    commits: Vec<Answer>,
}

#[derive(Debug)]
struct Answer {
    taken: bool,
    /// The version of its stream before the batch.
    version: Version,
    /// Digest and versions that the command was recorded with earlier.
    record: Option<([u8; 32], Version, Version)>,
}

impl Answers {
    /// Reads the row that [`call`](super::commit_batch::call) gives.
    pub(crate) fn read(row: &PgRow) -> SqlResult<Self> {
        let position: Option<i64> = row.try_get(0)?;
        let taken: Vec<bool> = row.try_get(1)?;
        let versions: Vec<i64> = row.try_get(2)?;
        let mut commits = Vec::with_capacity(taken.len());
        for (taken, version) in taken.into_iter().zip(versions) {
            commits.push(Answer { taken, version: Version::new(uint(version)?), record: None });
        }
        if let Some(digests) = row.try_get::<Option<Vec<Option<Vec<u8>>>>, _>(3)? {
            let before: Vec<Option<i64>> = row.try_get(4)?;
            let after: Vec<Option<i64>> = row.try_get(5)?;
            let records = digests.into_iter().zip(before.into_iter().zip(after));
            for (answer, record) in commits.iter_mut().zip(records) {
                if let (Some(digest), (Some(before), Some(after))) = record {
                    let digest = digest.as_slice().try_into().map_err(corrupt)?;
                    let (before, after) = (Version::new(uint(before)?), Version::new(uint(after)?));
                    answer.record = Some((digest, before, after));
                }
            }
        }
        Ok(Self { position: uint(position.unwrap_or(0))?, commits })
    }

    /// Tells the callers of `batch`. Gives back those that have to be tried again: the server looks
    /// at what comes first for a stream, and after it another one may be possible.
    pub(crate) fn tell(self, batch: Batch) -> Vec<Pending> {
        let mut again = Vec::new();
        let mut position = self.position;
        let mut answers = self.commits.into_iter();
        let firsts: Vec<bool> = batch.with_firsts().map(|(_, first)| first).collect();
        // Of the stream that the batch has come to: where it stands, the commands taken there, and
        // whether something that is tried again stands before what follows.
        let (mut stands, mut taken, mut waits) = (Version::NONE, Vec::new(), false);
        for (pending, first) in batch.into_pending().into_iter().zip(firsts) {
            let answers = Vec::from_iter(answers.by_ref().take(pending.commits.len()));
            if let (true, Some(answer)) = (first, answers.first()) {
                (stands, taken, waits) = (answer.version, Vec::new(), false);
            }
            if let Some(record) = recorded(&answers, &pending) {
                pending.answer(|_| Err(Refusal::Duplicate(record)));
            } else if answers.iter().all(|answer| answer.taken) {
                taken = pending.commits.iter().map(|commit| commit.command.clone()).collect();
                pending.answer(|commits| {
                    let placed = commits.into_iter().map(|commit| {
                        let committed = place(commit, stands, &mut position);
                        stands = committed.version;
                        committed
                    });
                    Ok(placed.collect())
                });
            } else if let Some(record) = taken.iter().find(|record| has(&pending, record)) {
                pending.answer(|_| Err(Refusal::Duplicate(record.clone())));
            } else if waits || (!first && pending.expected() == stands) {
                waits = true;
                again.push(pending);
            } else {
                pending.answer(|_| Err(Refusal::Conflict { actual: stands }));
            }
        }
        again
    }
}

/// The record of the first command of `pending` that was taken before the batch.
fn recorded(answers: &[Answer], pending: &Pending) -> Option<CommandRecord> {
    let mut commands = answers.iter().zip(&pending.commits);
    commands.find_map(|(answer, commit)| answer.record(&commit.command))
}

fn has(pending: &Pending, record: &CommandRecord) -> bool {
    pending.commits.iter().any(|commit| commit.command.command_id == record.command_id)
}

impl Answer {
    /// The record of `command`, where it was taken before the batch.
    fn record(&self, command: &CommandRecord) -> Option<CommandRecord> {
        let (digest, before, after) = self.record?;
        Some(CommandRecord { command_id: command.command_id.clone(), digest, before, after })
    }
}

/// Gives the events of `commit` their places behind `version` and `position`.
fn place(commit: Commit, mut version: Version, position: &mut u64) -> Committed {
    let mut events = Vec::with_capacity(commit.events.len());
    for mut event in commit.events {
        version = version.next();
        *position += 1;
        event.recorded_at = whole_micros(event.recorded_at);
        event.occurred.at = whole_micros(event.occurred.at);
        events.push(RecordedEvent {
            stream: commit.stream.clone(),
            version,
            position: Position::new(*position),
            command_id: commit.command.command_id.clone(),
            event,
        });
    }
    Committed { version, events }
}
