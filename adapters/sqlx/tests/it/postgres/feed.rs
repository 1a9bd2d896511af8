//! The feed while writers are paused, frozen and killed: nothing is skipped, nothing out of order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use logistics_core::eventsourcing::RecordedEvent;
use logistics_sqlx::PostgresStore;
use sqlx::{Executor, PgConnection};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::crash::{CHILD, child_variables};
use super::fixtures::{Chance, Schema, scale};
use super::workload::{Told, append, check, follow};
use crate::children::Writing;
use crate::fixtures::{block_on, whole_feed};

const WRITERS: u64 = 16;

/// Some batches pause in the server: before they take the head of the feed, and while they hold it.
const PAUSES: &str = "
    CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF random() < 0.03 THEN
            PERFORM pg_sleep(random() * 0.05);
        END IF;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER before_head AFTER INSERT ON commands EXECUTE FUNCTION pause();
    CREATE TRIGGER under_head AFTER INSERT ON events EXECUTE FUNCTION pause();";

/// Ends the connection of one of the schema's writers, wherever it is.
const KILL_ONE: &str = "
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = $1 AND query LIKE 'CALL commit_batch%'
    ORDER BY random() LIMIT 1";

const AT_WORK: &str = "
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = $1 AND state <> 'idle' AND query LIKE 'CALL commit_batch%'";

async fn write_until(
    end: Instant,
    store: PostgresStore,
    writer: u64,
    mut chance: Chance,
    done: Arc<AtomicU64>,
) -> Vec<Told> {
    let mut told = Vec::new();
    for n in 0.. {
        if Instant::now() >= end {
            break;
        }
        let id = format!("w{}", chance.below(50));
        told.push(append(&store, &id, &format!("{writer}-{n}"), n % 5).await);
        done.fetch_add(1, Ordering::Relaxed);
    }
    told
}

/// Ends connections of writers until `end`; how many.
async fn kill_until(end: Instant, mut db: PgConnection, application: String) -> u64 {
    let mut killed = 0;
    while Instant::now() < end {
        sleep(Duration::from_millis(150)).await;
        let rows = sqlx::query(KILL_ONE).bind(&application).fetch_all(&mut db).await.unwrap();
        killed += rows.len() as u64;
    }
    killed
}

/// Freezes a writing child again and again until `end`, then kills it. Meanwhile the others go on.
async fn freeze_until(end: Instant, child: Writing, done: Arc<AtomicU64>) -> Vec<String> {
    while Instant::now() < end {
        child.signal("STOP");
        let before = done.load(Ordering::Relaxed);
        sleep(Duration::from_millis(400)).await;
        assert!(done.load(Ordering::Relaxed) > before, "a frozen writer holds the others up");
        child.signal("CONT");
        sleep(Duration::from_millis(100)).await;
    }
    child.kill()
}

/// How many events there will have been: all that were sent are done.
async fn wait_for_the_end(schema: &Schema, db: &mut PgConnection) -> u64 {
    schema.child_is_gone(db).await;
    loop {
        let at_work: i64 =
            sqlx::query_scalar(AT_WORK).bind(&schema.name).fetch_one(&mut *db).await.unwrap();
        if at_work == 0 {
            let head: i64 =
                sqlx::query_scalar("SELECT position FROM feed_head").fetch_one(db).await.unwrap();
            return u64::try_from(head).unwrap();
        }
        sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn the_feed_has_no_gap_while_writers_pause_freeze_and_die() {
    let chance = Chance::new();
    block_on(async {
        let schema = Schema::new();
        let stores = [schema.open().await, schema.open().await];
        let mut db = schema.connect().await;
        db.execute(PAUSES).await.unwrap();
        let follower = schema.open().await;
        let (tell, all) = watch::channel(None);
        let following = tokio::spawn(async move { follow(&follower, all).await });
        let child = Writing::start(CHILD, &child_variables(&schema));

        let end = Instant::now() + Duration::from_secs(4 * scale());
        let done = Arc::new(AtomicU64::new(0));
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let store = stores[usize::from(writer % 2 == 1)].clone();
            writers.spawn(write_until(end, store, writer, chance.part(writer), Arc::clone(&done)));
        }
        let killing = tokio::spawn(kill_until(end, schema.connect().await, schema.name.clone()));
        let child_told = freeze_until(end, child, done).await;
        let mut told = Vec::new();
        while let Some(ended) = writers.join_next().await {
            told.extend(ended.unwrap());
        }
        let all = wait_for_the_end(&schema, &mut db).await;
        tell.send(Some(all)).unwrap();
        let seen = following.await.unwrap();

        println!(
            "{all} events, {} told here, {} told to the child, {} connections killed",
            told.len(),
            child_told.len(),
            killing.await.unwrap()
        );
        check(&seen, &told);
        assert!(seen == whole_feed(&stores[0]).await, "the follower saw something else");
        check_child(&seen, &child_told);
    });
}

/// What the child was told of is there.
fn check_child(seen: &[RecordedEvent], told: &[String]) {
    for line in told.iter().filter_map(|line| line.strip_prefix("c ")) {
        let (stream, version) = line.split_once(' ').unwrap();
        let command = format!("c{version}");
        let there = |event: &&RecordedEvent| {
            event.stream.id() == stream && event.command_id.as_str() == command
        };
        assert_eq!(seen.iter().filter(there).count(), 1, "{line}");
    }
}
