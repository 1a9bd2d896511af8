//! Taking a commit: is its command known, does its stream stand where it should, then all of it.

use logistics_core::eventsourcing::{
    CommandRecord, Commit, CommitError, Committed, Position, RecordedEvent, Version,
};
use rusqlite::{Connection, params};

use super::batch::Work;
use super::statements::{execute, optional};
use super::streams::{self, Known, Number};
use super::values::{SqlResult, int, micros, uint, unfit, whole_micros};
use super::{index, outbox, timers};
use crate::header::Header;

/// Why a commit was not taken.
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

impl Work for Commit {
    type Output = Result<Committed, Refusal>;

    fn run(&self, db: &Connection) -> SqlResult<Self::Output> {
        let Known { number, version: actual, record } =
            streams::known(db, &self.stream, &self.command.command_id)?;
        if let Some(record) = record {
            return Ok(Err(Refusal::Duplicate(record)));
        }
        if actual != self.expected.version() {
            return Ok(Err(Refusal::Conflict { actual }));
        }
        let number = match number {
            Some(number) => number,
            None => streams::add(db, &self.stream)?,
        };
        let committed = append(db, self, number, actual)?;
        write_command(db, number, &self.command)?;
        for item in &self.outbox {
            outbox::write(db, item)?;
        }
        for op in &self.timers {
            timers::write(db, op)?;
        }
        if let Some(entries) = &self.index {
            index::write(db, &self.stream, entries)?;
        }
        Ok(Ok(committed))
    }
}

/// Commits that follow one another on one stream.
#[derive(Debug)]
pub(crate) struct Sequence(pub(crate) Vec<Commit>);

impl Work for Sequence {
    /// Those that were taken, and why the next one was not.
    type Output = (Vec<Committed>, Option<Refusal>);

    fn run(&self, db: &Connection) -> SqlResult<Self::Output> {
        let mut taken = Vec::with_capacity(self.0.len());
        for commit in &self.0 {
            match commit.run(db)? {
                Ok(committed) => taken.push(committed),
                Err(refusal) => return Ok((taken, Some(refusal))),
            }
        }
        Ok((taken, None))
    }
}

/// Puts the events of `commit` at the end of their stream and of the feed.
fn append(
    db: &Connection,
    commit: &Commit,
    number: Number,
    mut version: Version,
) -> SqlResult<Committed> {
    let mut events = Vec::with_capacity(commit.events.len());
    let last = "SELECT position FROM events ORDER BY position DESC LIMIT 1";
    let mut position = optional(db, last, (), |row| uint(row.get(0)?))?.unwrap_or(0);
    for new in &commit.events {
        version = version.next();
        position += 1;
        let mut event = new.clone();
        event.recorded_at = whole_micros(event.recorded_at);
        event.occurred.at = whole_micros(event.occurred.at);
        let event = RecordedEvent {
            stream: commit.stream.clone(),
            version,
            position: Position::new(position),
            command_id: commit.command.command_id.clone(),
            event,
        };
        write_event(db, number.place(version)?, &event)?;
        events.push(event);
    }
    Ok(Committed { version, events })
}

fn write_event(db: &Connection, place: i64, recorded: &RecordedEvent) -> SqlResult<usize> {
    let RecordedEvent { position, command_id, event, .. } = recorded;
    let header = Header::of(event, command_id).to_bytes().map_err(unfit)?;
    execute(
        db,
        "INSERT INTO events (place, position, recorded_at, header, payload) VALUES (?, ?, ?, ?, ?)",
        params![place, int(position.get()), micros(event.recorded_at), header, event.payload],
    )
}

fn write_command(db: &Connection, stream: Number, record: &CommandRecord) -> SqlResult<usize> {
    execute(
        db,
        "INSERT INTO commands (stream, command_id, digest, version_before, version_after)
         VALUES (?, ?, ?, ?, ?)",
        params![
            stream.0,
            record.command_id.as_str(),
            record.digest,
            int(record.before.get()),
            int(record.after.get()),
        ],
    )
}
