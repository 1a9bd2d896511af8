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
    let firsts = batch.firsts();
    // Of commits that are not looked at only their commands have to travel.
    let looked_at: Vec<(i32, &Commit)> = (1..)
        .zip(batch.commits())
        .zip(&firsts)
        .filter_map(|(numbered, first)| first.then_some(numbered))
        .collect();
    let mut query = sqlx::query(COMMIT_BATCH);
    query = bind_commits(query, batch, &firsts);
    query = bind_events(query, &looked_at)?;
    query = bind_messages(query, &parts(&looked_at, |commit| &commit.outbox));
    query = bind_timers(query, &parts(&looked_at, |commit| &commit.timers));
    query = bind_entries(query, &parts(&looked_at, |c| c.index.as_deref().unwrap_or_default()));
    query.fetch_one(db).await
}

fn bind_commits<'q>(query: PgQuery<'q>, batch: &Batch, firsts: &[bool]) -> PgQuery<'q> {
    let commits = batch.commits();
    let expected = commits.clone().zip(firsts);
    let expected = expected.map(|(c, first)| first.then(|| int(c.expected.version().get())));
    let events = commits.clone().map(|c| i64::try_from(c.events.len()).unwrap_or(i64::MAX));
    query
        .bind(commits.clone().map(|c| c.stream.as_str()).bind_iter())
        .bind(expected.bind_iter())
        .bind(events.bind_iter())
        .bind(commits.clone().map(|c| c.command.command_id.as_str()).bind_iter())
        .bind(commits.clone().map(|c| c.command.digest.as_slice()).bind_iter())
        .bind(commits.clone().map(|c| int(c.command.before.get())).bind_iter())
        .bind(commits.clone().map(|c| int(c.command.after.get())).bind_iter())
        .bind(commits.map(|c| c.index.is_some()).bind_iter())
}

fn bind_events<'q>(query: PgQuery<'q>, commits: &[(i32, &Commit)]) -> SqlResult<PgQuery<'q>> {
    let versions = commits.iter().flat_map(|&(_, commit)| {
        let first = int(commit.expected.version().get()) + 1;
        (first..).take(commit.events.len())
    });
    let headers = commits.iter().flat_map(|&(_, commit)| {
        let command = &commit.command.command_id;
        commit.events.iter().map(move |event| Header::of(event, command).to_bytes())
    });
    let headers: Vec<Vec<u8>> = headers.collect::<Result<_, _>>().map_err(unfit)?;
    let events = parts(commits, |commit| &commit.events);
    Ok(query
        .bind(events.iter().map(|&(commit, _)| commit).bind_iter())
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
