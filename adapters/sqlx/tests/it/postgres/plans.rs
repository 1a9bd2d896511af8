//! What the server reads for a commit that it planned while there was hardly anything.

use std::time::Duration;

use logistics_core::eventsourcing::{EventStore, IndexEntry};
use sqlx::{AssertSqlSafe, Executor, PgConnection, Row};
use tokio::time::sleep;

use super::fixtures::Schema;
use crate::fixtures::{block_on, commit};

const TABLES: &str = "streams, commands, stream_index";

/// Plans are made for what `ANALYZE` saw, and kept. One that walks through a table reads more and
/// more.
#[test]
fn a_commit_reads_no_more_however_many_came_before() {
    const ROUNDS: u64 = 300;
    block_on(async {
        let schema = Schema::new();
        let store = schema.open().await;
        let mut db = schema.connect().await;
        for round in 0..ROUNDS {
            // One stream that grows, and one more stream.
            for (id, version) in [("hot".to_owned(), round), (round.to_string(), 0)] {
                let mut made = commit(&id, version);
                made.index = Some(vec![IndexEntry::new("i", "p", round.to_string())]);
                store.commit(made).await.unwrap();
            }
            if round == 0 {
                db.execute(AssertSqlSafe(format!("ANALYZE {TABLES}"))).await.unwrap();
            }
        }
        store.close().await;
        let (written, read) = counted(&mut db, &schema.name, 2 * ROUNDS).await;
        println!("{written} commits read {read} rows");
        assert!(read < 10 * written, "{read} rows");
    });
}

/// How many commands were written and how many rows of [`TABLES`] were read, once the server has
/// counted all of it.
async fn counted(db: &mut PgConnection, schema: &str, expected: u64) -> (u64, u64) {
    let statement = format!(
        "SELECT sum(n_tup_ins) FILTER (WHERE relname = 'commands')::bigint,
                sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint
         FROM pg_stat_user_tables
         WHERE schemaname = '{schema}' AND relname = ANY (string_to_array('{TABLES}', ', '))"
    );
    for _ in 0..100 {
        let row = db.fetch_one(AssertSqlSafe(statement.clone())).await.unwrap();
        let [written, read] = [0, 1].map(|at| u64::try_from(row.get::<i64, _>(at)).unwrap());
        if written >= expected {
            return (written, read);
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("the server has not counted {expected} commands");
}
