//! Taking commits: read what all of them touch, decide each in its turn, write what is new.

use std::collections::HashMap;

use logistics_core::eventsourcing::{
    CommandRecord, Commit, Committed, Position, RecordedEvent, StreamId, Version,
};
use logistics_core::ids::CommandId;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use super::batch::PendingCommit;
use super::values::{INSERT_ROWS_MAX, SqlResult, corrupt, int, json, micros, uint, whole_micros};
use super::{index, outbox, timers};

/// What became of a commit that the database could take.
pub(crate) type Outcome = Result<Committed, Refusal>;

/// Why a commit was not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    Conflict { actual: Version },
    Duplicate(CommandRecord),
}

/// Takes or refuses each of `pending`. `head` is the last position of the feed; read where it is not
/// known.
pub(crate) async fn run(
    db: &mut SqliteConnection,
    head: &mut Option<u64>,
    pending: &mut [PendingCommit],
) -> SqlResult<()> {
    if pending.is_empty() {
        return Ok(());
    }
    let head = match head {
        Some(head) => head,
        None => head.insert(read_head(db).await?),
    };
    decide(read_known(db, pending).await?, head, pending);
    let taken: Vec<(&Commit, &Committed)> = pending
        .iter()
        .filter_map(|p| p.outcome.as_ref().and_then(|o| o.as_ref().ok()).map(|c| (&p.input, c)))
        .collect();
    let events: Vec<&RecordedEvent> = taken.iter().flat_map(|(_, c)| &c.events).collect();
    write_events(db, &events).await?;
    write_streams(db, &taken).await?;
    write_commands(db, &taken).await?;
    let messages: Vec<_> = taken.iter().flat_map(|(commit, _)| &commit.outbox).collect();
    outbox::write(db, &messages).await?;
    for op in taken.iter().flat_map(|(commit, _)| &commit.timers) {
        timers::write(db, op).await?;
    }
    index::write(db, &taken).await
}

async fn read_head(db: &mut SqliteConnection) -> SqlResult<u64> {
    let head = sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events");
    head.fetch_one(db).await.and_then(uint)
}

/// What the database knows of a commit's stream and command.
struct Known {
    version: Version,
    record: Option<CommandRecord>,
}

async fn read_known(db: &mut SqliteConnection, pending: &[PendingCommit]) -> SqlResult<Vec<Known>> {
    let keys: Vec<[&str; 2]> = pending
        .iter()
        .map(|p| [p.input.stream.as_str(), p.input.command.command_id.as_str()])
        .collect();
    let keys = json(serde_json::to_string(&keys))?;
    let rows = sqlx::query(
        "SELECT s.version, c.command_id, c.digest, c.version_before, c.version_after
         FROM json_each(?) AS k
         LEFT JOIN streams AS s ON s.stream = k.value ->> 0
         LEFT JOIN commands AS c ON c.stream = k.value ->> 0 AND c.command_id = k.value ->> 1
         ORDER BY k.key",
    )
    .bind(keys)
    .fetch_all(db)
    .await?;
    rows.iter().map(known).collect()
}

fn known(row: &SqliteRow) -> SqlResult<Known> {
    let version: Option<i64> = row.try_get(0)?;
    let command: Option<&str> = row.try_get(1)?;
    Ok(Known {
        version: Version::new(uint(version.unwrap_or(0))?),
        record: command.map(|_| command_record(row, 1)).transpose()?,
    })
}

/// Reads `command_id, digest, version_before, version_after` from column `first` on.
pub(crate) fn command_record(row: &SqliteRow, first: usize) -> SqlResult<CommandRecord> {
    let digest: &[u8] = row.try_get(first + 1)?;
    Ok(CommandRecord {
        command_id: CommandId::new(row.try_get::<&str, _>(first)?).map_err(corrupt)?,
        digest: digest.try_into().map_err(corrupt)?,
        before: Version::new(uint(row.try_get(first + 2)?)?),
        after: Version::new(uint(row.try_get(first + 3)?)?),
    })
}

/// Decides in the order of arrival; each sees what those before it changed.
fn decide(known: Vec<Known>, head: &mut u64, pending: &mut [PendingCommit]) {
    let mut versions: HashMap<&StreamId, Version> = HashMap::new();
    let mut records: HashMap<(&StreamId, &CommandId), &CommandRecord> = HashMap::new();
    for (PendingCommit { input: commit, outcome, .. }, known) in pending.iter_mut().zip(known) {
        let command = (&commit.stream, &commit.command.command_id);
        let seen = known.record.or_else(|| records.get(&command).copied().cloned());
        let actual = versions.get(&commit.stream).copied().unwrap_or(known.version);
        *outcome = Some(match seen {
            Some(record) => Err(Refusal::Duplicate(record)),
            None if actual != commit.expected.version() => Err(Refusal::Conflict { actual }),
            None => {
                let committed = place(commit, actual, head);
                versions.insert(&commit.stream, committed.version);
                records.insert(command, &commit.command);
                Ok(committed)
            }
        });
    }
}

/// Gives the events of `commit` their places.
fn place(commit: &Commit, mut version: Version, head: &mut u64) -> Committed {
    let mut events = Vec::with_capacity(commit.events.len());
    for new in &commit.events {
        version = version.next();
        *head += 1;
        let mut event = new.clone();
        event.recorded_at = whole_micros(event.recorded_at);
        event.occurred.at = whole_micros(event.occurred.at);
        events.push(RecordedEvent {
            stream: commit.stream.clone(),
            version,
            position: Position::new(*head),
            command_id: commit.command.command_id.clone(),
            event,
        });
    }
    Committed { version, events }
}

async fn write_events(db: &mut SqliteConnection, events: &[&RecordedEvent]) -> SqlResult<()> {
    for rows in events.chunks(INSERT_ROWS_MAX) {
        let actors: Vec<String> = rows
            .iter()
            .map(|row| serde_json::to_string(&row.event.actor))
            .collect::<Result<_, _>>()
            .map_err(|error| sqlx::Error::Encode(error.into()))?;
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO events (position, stream, version, event_id, event_type, schema, payload,
             occurred_at, occurred_offset_min, occurred_suspect, recorded_at, actor,
             correlation_id, causation_id, command_id, hash) ",
        );
        insert.push_values(rows.iter().zip(actors), |mut values, (row, actor)| {
            let event = &row.event;
            values
                .push_bind(int(row.position.get()))
                .push_bind(row.stream.as_str())
                .push_bind(int(row.version.get()))
                .push_bind(event.event_id.as_bytes().as_slice())
                .push_bind(event.event_type.as_str())
                .push_bind(i64::from(event.schema))
                .push_bind(event.payload.as_slice())
                .push_bind(micros(event.occurred.at))
                .push_bind(event.occurred.offset_min.map(i64::from))
                .push_bind(event.occurred.suspect)
                .push_bind(micros(event.recorded_at))
                .push_bind(actor)
                .push_bind(event.correlation_id.as_str())
                .push_bind(event.causation_id.map(|id| id.as_bytes().to_vec()))
                .push_bind(row.command_id.as_str())
                .push_bind(event.hash.as_bytes().as_slice());
        });
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}

async fn write_streams(
    db: &mut SqliteConnection,
    taken: &[(&Commit, &Committed)],
) -> SqlResult<()> {
    // A stream that several commits have changed stands where the last one left it.
    let mut last: HashMap<&StreamId, &RecordedEvent> = HashMap::new();
    last.extend(taken.iter().filter_map(|(commit, c)| Some((&commit.stream, c.events.last()?))));
    let last: Vec<_> = last.into_values().collect();
    for rows in last.chunks(INSERT_ROWS_MAX) {
        let mut insert =
            QueryBuilder::<Sqlite>::new("INSERT INTO streams (stream, version, recorded_at) ");
        insert.push_values(rows, |mut values, row| {
            values
                .push_bind(row.stream.as_str())
                .push_bind(int(row.version.get()))
                .push_bind(micros(row.event.recorded_at));
        });
        insert.push(
            " ON CONFLICT DO UPDATE
             SET version = excluded.version, recorded_at = excluded.recorded_at",
        );
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}

async fn write_commands(
    db: &mut SqliteConnection,
    taken: &[(&Commit, &Committed)],
) -> SqlResult<()> {
    for rows in taken.chunks(INSERT_ROWS_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO commands (stream, command_id, digest, version_before, version_after) ",
        );
        insert.push_values(rows, |mut values, (commit, _)| {
            values
                .push_bind(commit.stream.as_str())
                .push_bind(commit.command.command_id.as_str())
                .push_bind(commit.command.digest.as_slice())
                .push_bind(int(commit.command.before.get()))
                .push_bind(int(commit.command.after.get()));
        });
        insert.build().execute(&mut *db).await?;
    }
    Ok(())
}
