//! The call of `commit_batch`, the one statement of the writer: a batch of commits as arrays.

use logistics_core::eventsourcing::{Commit, IndexEntry, OutboxItem, TimerOp};
use sqlx::postgres::{PgBindIterExt, PgRow};
use sqlx::{Executor, PgConnection, SqlSafeStr};

use super::batch::Batch;
use super::connections::PgQuery;
use super::values::{SqlResult, int, micros, micros_up, parts, unfit};
use crate::header::Header;

/// What the routine answers stands behind what it is given.
const COMMIT_BATCH: &str = "CALL commit_batch(
    $1, $2, $3, $4, $5, $6, $7, $8,
    $9, $10, $11, $12,
    $13, $14, $15, $16, $17, $18,
    $19, $20, $21, $22, $23,
    $24, $25, $26, $27,
    NULL, NULL, NULL, NULL, NULL, NULL)";

/// Makes the statement known to the server, so that a batch needs no second round trip.
pub(crate) async fn prepare(db: &mut PgConnection) -> SqlResult<()> {
    db.prepare(COMMIT_BATCH.into_sql_str()).await.map(drop)
}

/// Calls the routine for `batch`; its row of answers. What is answered is durable.
pub(crate) async fn call(db: &mut PgConnection, batch: &Batch) -> SqlResult<PgRow> {
    let rows = rows(batch);
    // Of commits that are not looked at only their commands have to travel.
    let looked_at: Vec<(i32, &Row<'_>)> =
        (1..).zip(&rows).filter(|(_, row)| row.expected.is_some()).collect();
    let mut query = sqlx::query(COMMIT_BATCH);
    query = bind_commits(query, &rows);
    query = bind_events(query, &looked_at)?;
    query = bind_messages(query, &parts(&looked_at, |row| &row.commit.outbox));
    query = bind_timers(query, &parts(&looked_at, |row| &row.commit.timers));
    query = bind_entries(query, &parts(&looked_at, |row| row.entries.unwrap_or_default()));
    query.fetch_one(db).await
}

/// A commit as the routine gets it. Of those that are taken as a whole the first one moves the
/// stream for all, and the last entries are the ones that count.
struct Row<'a> {
    commit: &'a Commit,
    /// Where the stream must stand before all of them; none for those that are not looked at.
    expected: Option<i64>,
    /// How many events they have together.
    events: usize,
    entries: Option<&'a [IndexEntry]>,
}

fn rows(batch: &Batch) -> Vec<Row<'_>> {
    let mut rows = Vec::with_capacity(batch.len());
    for (pending, first) in batch.with_firsts() {
        let expected = first.then(|| int(pending.expected().get()));
        let commits = &pending.commits;
        let mut events = commits.iter().map(|commit| commit.events.len()).sum();
        let mut entries = commits.iter().rev().find_map(|commit| commit.index.as_deref());
        for commit in commits {
            let (events, entries) = (std::mem::take(&mut events), entries.take());
            rows.push(Row { commit, expected, events, entries });
        }
    }
    rows
}

fn bind_commits<'q>(query: PgQuery<'q>, rows: &[Row<'_>]) -> PgQuery<'q> {
    let commands = rows.iter().map(|row| &row.commit.command);
    let events = rows.iter().map(|row| i64::try_from(row.events).unwrap_or(i64::MAX));
    query
        .bind(rows.iter().map(|row| row.commit.stream.as_str()).bind_iter())
        .bind(rows.iter().map(|row| row.expected).bind_iter())
        .bind(events.bind_iter())
        .bind(commands.clone().map(|command| command.command_id.as_str()).bind_iter())
        .bind(commands.clone().map(|command| command.digest.as_slice()).bind_iter())
        .bind(commands.clone().map(|command| int(command.before.get())).bind_iter())
        .bind(commands.map(|command| int(command.after.get())).bind_iter())
        .bind(rows.iter().map(|row| row.entries.is_some()).bind_iter())
}

fn bind_events<'q>(query: PgQuery<'q>, rows: &[(i32, &Row<'_>)]) -> SqlResult<PgQuery<'q>> {
    let versions = rows.iter().flat_map(|(_, row)| {
        let first = int(row.commit.expected.version().get()) + 1;
        (first..).take(row.commit.events.len())
    });
    let headers = rows.iter().flat_map(|(_, row)| {
        let command = &row.commit.command.command_id;
        row.commit.events.iter().map(move |event| Header::of(event, command).to_bytes())
    });
    let headers: Vec<Vec<u8>> = headers.collect::<Result<_, _>>().map_err(unfit)?;
    let events = parts(rows, |row| &row.commit.events);
    Ok(query
        .bind(events.iter().map(|&(row, _)| row).bind_iter())
        .bind(versions.bind_iter())
        .bind(headers)
        .bind(events.iter().map(|&(_, event)| event.payload.as_slice()).bind_iter()))
}

fn bind_messages<'q>(query: PgQuery<'q>, messages: &[(i32, &OutboxItem)]) -> PgQuery<'q> {
    let each = || messages.iter().map(|&(_, message)| message);
    query
        .bind(messages.iter().map(|&(commit, _)| commit).bind_iter())
        .bind(each().map(|message| message.effect_id.as_str()).bind_iter())
        .bind(each().map(|message| message.kind.as_str()).bind_iter())
        .bind(each().map(|message| message.key.as_str()).bind_iter())
        .bind(each().map(|message| message.body.as_slice()).bind_iter())
        .bind(each().map(|message| micros(message.created_at)).bind_iter())
}

/// A timer that is removed has neither generation nor time.
fn bind_timers<'q>(query: PgQuery<'q>, ops: &[(i32, &TimerOp)]) -> PgQuery<'q> {
    let each = || {
        ops.iter().map(|&(_, op)| match op {
            TimerOp::Arm(timer) => (timer.owner.as_str(), timer.name.as_str(), Some(timer)),
            TimerOp::Disarm { owner, name } => (owner.as_str(), name.as_str(), None),
        })
    };
    query
        .bind(ops.iter().map(|&(commit, _)| commit).bind_iter())
        .bind(each().map(|(owner, _, _)| owner).bind_iter())
        .bind(each().map(|(_, name, _)| name).bind_iter())
        .bind(each().map(|(_, _, armed)| armed.map(|t| i64::from(t.generation))).bind_iter())
        .bind(each().map(|(_, _, armed)| armed.map(|t| micros_up(t.fire_at))).bind_iter())
}

fn bind_entries<'q>(query: PgQuery<'q>, entries: &[(i32, &IndexEntry)]) -> PgQuery<'q> {
    let each = || entries.iter().map(|&(_, entry)| entry);
    query
        .bind(entries.iter().map(|&(commit, _)| commit).bind_iter())
        .bind(each().map(|entry| entry.index.as_str()).bind_iter())
        .bind(each().map(|entry| entry.partition.as_str()).bind_iter())
        .bind(each().map(|entry| entry.sort.as_str()).bind_iter())
}
