//! Streams that are removed go with everything made of them; the feed goes on.

use logistics_core::eventsourcing::{
    Cursor, EventStore, IndexEntry, IndexQuery, Position, ReadModels, StreamIndex, load_all,
};
use logistics_sqlx::{Forget, SqliteConfig, SqliteStore};

use crate::fixtures::{at, block_on, commit, cursor, row, stream, whole_feed};

#[test]
fn idle_streams_go_and_positions_count_on() {
    let dir = tempfile::tempdir().unwrap();
    block_on(async {
        let store =
            SqliteStore::open(SqliteConfig::new(dir.path().join("store.db"))).await.unwrap();
        for id in ["old", "young", "newest"] {
            let mut made = commit(id, 0);
            made.index = Some(vec![IndexEntry::new("i", "p", id)]);
            store.commit(made).await.unwrap();
        }
        // Recorded a millisecond later than the others.
        store.commit(commit("young", 1)).await.unwrap();
        let rows = vec![row("old"), row("young")];
        assert!(store.advance("m", Cursor::START, cursor(4), rows).await.unwrap());

        let forget = |idle_since| Forget {
            category: "TST".to_owned(),
            idle_since,
            models: vec!["m".to_owned()],
            limit: 10,
        };
        assert_eq!(store.forget_streams(forget(at(0))).await.unwrap(), 0, "nothing is idle");
        assert_eq!(store.forget_streams(forget(at(1))).await.unwrap(), 2);
        assert_eq!(load_all(&store, &stream("old")).await.unwrap(), []);
        assert_eq!(load_all(&store, &stream("young")).await.unwrap().len(), 2);
        let keys = ["old".to_owned(), "young".to_owned()];
        let left = store.rows("m", &keys).await.unwrap();
        assert_eq!(left, [row("young")]);
        let query = IndexQuery {
            index: "i".to_owned(),
            partition: "p".to_owned(),
            limit: 9,
            ..IndexQuery::default()
        };
        let found = store.find(&query).await.unwrap();
        let found: Vec<&str> = found.iter().map(|found| found.stream.id()).collect();
        assert_eq!(found, ["young"]);

        // The stream with the newest event stays, however idle.
        assert_eq!(store.forget_streams(forget(at(9))).await.unwrap(), 0);
        let again = store.commit(commit("old", 0)).await.unwrap();
        assert_eq!(again.events[0].position, Position::new(5), "no position is given twice");
        assert_eq!(whole_feed(&store).await.len(), 3);
    });
}
