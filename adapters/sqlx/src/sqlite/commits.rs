//! Taking a commit: is its command known, does its stream stand where it should, then all of it.

use logistics_core::eventsourcing::{
    Actor, CommandRecord, Commit, Committed, NewEvent, Position, RecordedEvent, StreamId, Version,
};
use logistics_core::ids::CommandId;
use rusqlite::{Connection, Row, params};

use super::batch::Work;
use super::statements::{execute, optional};
use super::values::{SqlResult, corrupt, int, micros, text, uint, whole_micros};
use super::{index, outbox, timers};

/// Why a commit was not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    Conflict { actual: Version },
    Duplicate(CommandRecord),
}

impl Work for Commit {
    type Output = Result<Committed, Refusal>;

    fn run(&self, db: &Connection) -> SqlResult<Self::Output> {
        if let Some(record) = command(db, &self.stream, &self.command.command_id)? {
            return Ok(Err(Refusal::Duplicate(record)));
        }
        let actual = version(db, &self.stream)?;
        if actual != self.expected.version() {
            return Ok(Err(Refusal::Conflict { actual }));
        }
        let mut committed = Committed { version: actual, events: Vec::new() };
        for event in &self.events {
            committed.version = committed.version.next();
            committed.events.push(append(db, self, committed.version, event)?);
        }
        write_command(db, self)?;
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

/// The record of a command, if its stream has taken it.
pub(crate) fn command(
    db: &Connection,
    stream: &StreamId,
    command: &CommandId,
) -> SqlResult<Option<CommandRecord>> {
    let record = |row: &Row<'_>| {
        Ok(CommandRecord {
            command_id: CommandId::new(text(row, 0)?).map_err(corrupt)?,
            digest: row.get(1)?,
            before: Version::new(uint(row.get(2)?)?),
            after: Version::new(uint(row.get(3)?)?),
        })
    };
    optional(
        db,
        "SELECT command_id, digest, version_before, version_after FROM commands
         WHERE stream = ? AND command_id = ?",
        params![stream.as_str(), command.as_str()],
        record,
    )
}

/// Where a stream stands.
fn version(db: &Connection, stream: &StreamId) -> SqlResult<Version> {
    let last = "SELECT version FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1";
    let last = optional(db, last, [stream.as_str()], |row| uint(row.get(0)?))?;
    Ok(last.map_or(Version::NONE, Version::new))
}

/// Puts an event at the end of the feed, where it gets the position after the last one.
fn append(
    db: &Connection,
    commit: &Commit,
    version: Version,
    event: &NewEvent,
) -> SqlResult<RecordedEvent> {
    execute(
        db,
        "INSERT INTO events (stream, version, event_id, event_type, schema, payload, occurred_at,
         occurred_offset_min, occurred_suspect, recorded_at, actor, correlation_id, causation_id,
         command_id, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            commit.stream.as_str(),
            int(version.get()),
            event.event_id.as_bytes(),
            event.event_type,
            event.schema,
            event.payload,
            micros(event.occurred.at),
            event.occurred.offset_min,
            event.occurred.suspect,
            micros(event.recorded_at),
            actor(&event.actor)?,
            event.correlation_id.as_str(),
            event.causation_id.as_ref().map(|id| id.as_bytes()),
            commit.command.command_id.as_str(),
            event.hash.as_bytes(),
        ],
    )?;
    let mut event = event.clone();
    event.recorded_at = whole_micros(event.recorded_at);
    event.occurred.at = whole_micros(event.occurred.at);
    Ok(RecordedEvent {
        stream: commit.stream.clone(),
        version,
        position: Position::new(uint(db.last_insert_rowid())?),
        command_id: commit.command.command_id.clone(),
        event,
    })
}

fn actor(actor: &Actor) -> SqlResult<String> {
    serde_json::to_string(actor)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn write_command(db: &Connection, commit: &Commit) -> SqlResult<usize> {
    execute(
        db,
        "INSERT INTO commands (stream, command_id, digest, version_before, version_after)
         VALUES (?, ?, ?, ?, ?)",
        params![
            commit.stream.as_str(),
            commit.command.command_id.as_str(),
            commit.command.digest,
            int(commit.command.before.get()),
            int(commit.command.after.get()),
        ],
    )
}
